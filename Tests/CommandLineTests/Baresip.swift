import Glibc
import TestSupport
import Testing

/// Debian's baresip as a phone of the house, without a sound card.
struct Baresip {
    static let path = Installed.program("baresip")

    let program: Program
    private let directory: TemporaryDirectory

    /// Starts it as somebody who is called at an address of their own, and says back what is said.
    ///
    /// - Parameters:
    ///   - users: by what they are called.
    ///   - own: the address.
    ///   - more: further words of each account.
    init(answersAs users: [String], own: String, more: String = "", modules: [String] = []) throws {
        directory = try TemporaryDirectory()
        let accounts = users.map { "<sip:\($0)@\(own)>;regint=0;answermode=auto\(more)\n" }.joined()
        _ = try directory.write("accounts", accounts.utf8)
        _ = try directory.write("config", Self.config(own, modules).utf8)
        program = try Program(["-f", directory.path], path: try #require(Self.path), limit: .seconds(600))
    }

    private static func config(
        _ own: String,
        _ modules: [String] = [],
        codec: String = "g711",
        says file: String? = nil
    ) -> String {
        """
        sip_listen \(own):5060
        net_interface 127.0.0.1
        audio_source \(file.map { "aufile,\($0)" } ?? "aubridge,loop")
        audio_player aubridge,loop
        audio_alert aubridge,none
        module_path /usr/lib/baresip/modules
        module \(codec).so
        module aubridge.so
        \(file == nil ? "" : "module aufile.so")
        \(modules.map { "module \($0).so\n" }.joined())module_app account.so
        module_app menu.so

        """
    }

    /// Starts it; it registers at once, and takes it back when it is ended.
    ///
    /// - Parameters:
    ///   - host: where the box listens.
    ///   - answers: whether it answers whatever rings.
    ///   - codec: the only codec that it knows.
    ///   - file: what it says; nil for what it hears.
    init(
        _ name: String,
        at host: String,
        transport: String = "udp",
        answers: Bool = false,
        codec: String = "g711",
        says file: String? = nil
    ) throws {
        directory = try TemporaryDirectory()
        let own = Loopback.next()
        let mode = answers ? "auto" : "manual"
        let account =
            "<sip:\(name)@\(host):5060;transport=\(transport)>;auth_pass=\"correct horse\";regint=120;answermode=\(mode)\n"
        _ = try directory.write("accounts", account.utf8)
        _ = try directory.write("config", Self.config(own, codec: codec, says: file).utf8)
        program = try Program(["-f", directory.path], path: try #require(Self.path), limit: .seconds(600))
    }

    /// Ends it.
    func stop() async {
        program.send(SIGTERM)
        _ = await program.end()
    }
}
