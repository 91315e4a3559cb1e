import ArgumentParser
internal import Console
import FoundationEssentials
import Glibc
import HTTP
import Settings
import SmallFiles
internal import WebAccess

/// `gsmbridge web cert`: a certificate for the page, and the authority that signs it.
struct WebCertCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cert",
        abstract: "Make a certificate for the page, signed by an authority of this box.",
        discussion: """
            Makes ca.pem and ca.key where they are not there yet, and box.pem and box.key anew, for web.names, this machine's \
            names and addresses of its own. Put ca.pem into the devices that are to use the page, and keep ca.key: with it \
            anybody could be this box to those devices; for other names and public addresses they do not believe it. The \
            certificate is good for 820 days; run it again before, and reload the service (SIGHUP).

            EXAMPLES
              gsmbridge web cert
              gsmbridge web cert --directory ~/.config/gsmbridge --name box.example.net --name 192.0.2.7
            """
    )

    @Option(help: ArgumentHelp("Where the files go.", valueName: "path"))
    var directory = "/etc/gsmbridge/tls"

    @Option(name: .customLong("name"), help: ArgumentHelp("A further name or IP address.", valueName: "name"))
    var names: [String] = []

    @OptionGroup var configuration: ConfigOptions

    func run() throws {
        let loaded = try configuration.load()
        let names = all(loaded)
        if let odd = names.first(where: { !Self.isName($0) }) {
            throw ValidationError("'\(odd)' is no name of a host and no IP address")
        }
        do {
            let authority = try authority(for: names)
            let made = try authority.certificate(for: names, now: Date())
            try write("box.key", made.privateKey)
            try write("box.pem", made.certificate)
        } catch let error as FileError {
            Terminal.standardError(
                "gsmbridge: \(directory): \(error.words); name another --directory, or do it as root"
            )
            throw ExitCode(CallExit.internalFailure)
        }
        for name in ["ca.pem", "box.pem", "box.key"] { Terminal.standardOutput("\(directory)/\(name)") }
        Terminal.standardError("for \(names.joined(separator: ", "))")
        Terminal.standardError("in the configuration, below web:")
        // The configuration takes paths from the root.
        let place = URL(filePath: directory).path
        Terminal.standardError("  tls: { certificate: \(place)/box.pem, key: \(place)/box.key }")
        Terminal.standardError(
            "(the service's user must be able to read both; with systemd the key is best a credential)"
        )
        Terminal.standardError("in each device that is to use the page: install ca.pem as an authority for websites")
    }

    /// The names and addresses under which browsers may ask, each once.
    private func all(_ configuration: Configuration) -> [String] {
        let name = ConfigurationEnvironment.current.hostName
        let own = name.isEmpty ? [] : [name, name + ".local"]
        let listen = configuration.web.listen.host
        var list: [String] = []
        for name in configuration.web.names + names + own + ["localhost", "127.0.0.1", "::1", listen]
        where !list.contains(name) && name != "0.0.0.0" && name != "::" { list.append(name) }
        return list
    }

    /// Whether a text may stand in a certificate: an address, or labels of letters, digits and hyphens (RFC 5890, 2.3.1), with the
    /// underscore that some machines have in their names.
    private static func isName(_ text: String) -> Bool {
        var address = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &address) == 1 || inet_pton(AF_INET6, text, &address) == 1 { return true }
        guard text.utf8.count <= 253 else { return false }
        return text.split(separator: ".", omittingEmptySubsequences: false)
            .allSatisfy { label in
                !label.hasPrefix("-") && !label.hasSuffix("-") && (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy { byte in
                        switch byte {
                        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"): true
                        default: false
                        }
                    }
            }
    }

    /// The authority that is there, or a new one.
    private func authority(for names: [String]) throws -> BoxAuthority {
        let (certificate, key) = ("\(directory)/ca.pem", "\(directory)/ca.key")
        if access(key, F_OK) == 0 || access(certificate, F_OK) == 0 {
            let pem = String(decoding: try SmallFile.read(certificate, limit: 65_536), as: UTF8.self)
            let secret = String(decoding: try SmallFile.read(key, limit: 65_536), as: UTF8.self)
            guard let old = try? BoxAuthority(box: "box", certificate: pem, privateKey: secret) else {
                Terminal.standardError("gsmbridge: \(key) holds no key; move ca.pem and ca.key away for new ones")
                throw ExitCode(CallExit.internalFailure)
            }
            if let odd = names.first(where: { !old.permits($0) }) {
                Terminal.standardError(
                    "gsmbridge: \(certificate) may not sign for \(odd); move ca.pem and ca.key away for new ones"
                )
                throw ExitCode(CallExit.internalFailure)
            }
            return old
        }
        try SmallFile.makeDirectory(directory)
        let new = try BoxAuthority(box: "box", names: names, now: Date())
        try write("ca.key", new.privateKey)
        try write("ca.pem", new.certificate)
        return new
    }

    private func write(_ name: String, _ text: String) throws(FileError) {
        try SmallFile.replace("\(directory)/\(name)", with: Array(text.utf8))
    }
}
