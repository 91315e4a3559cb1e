import Glibc
import TestSupport
import Testing

/// Debian's baresip as a phone of the house, without a sound card.
struct Baresip {
    static let path = Installed.program("baresip")

    let program: Program
    private let directory: TemporaryDirectory

    /// Starts it; it registers at once, and takes it back when it is ended.
    ///
    /// - Parameters:
    ///   - port: where the box listens.
    ///   - answers: whether it answers whatever rings.
    init(_ name: String, port: Int, transport: String = "udp", answers: Bool = false) throws {
        directory = try TemporaryDirectory()
        let listen = try FreePort.find()
        let mode = answers ? "auto" : "manual"
        let account =
            "<sip:\(name)@127.0.0.1:\(port);transport=\(transport)>;auth_pass=\"correct horse\";regint=120;answermode=\(mode)\n"
        _ = try directory.write("accounts", account.utf8)
        _ = try directory.write(
            "config",
            """
            sip_listen 127.0.0.1:\(listen)
            net_interface 127.0.0.1
            audio_source aubridge,loop
            audio_player aubridge,loop
            audio_alert aubridge,none
            module_path /usr/lib/baresip/modules
            module g711.so
            module aubridge.so
            module_app account.so
            module_app menu.so

            """
            .utf8
        )
        program = try Program(["-f", directory.path], path: try #require(Self.path), limit: .seconds(150))
    }

    /// Ends it.
    func stop() async {
        program.send(SIGTERM)
        _ = await program.end()
    }
}
