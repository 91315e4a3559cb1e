import ArgumentParser
internal import Console
import Glibc
internal import SmallFiles

/// `gsmbridge token`: tokens for the control interface over TCP.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token",
        abstract: "Make tokens for the control interface over TCP.",
        discussion: """
            EXAMPLES
              gsmbridge token new
              gsmbridge token new --name control-read-token
            """,
        subcommands: [TokenNewCommand.self]
    )
}

/// `gsmbridge token new`: a token in a file that only its owner can read.
struct TokenNewCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Make a token in a file that nobody else can read.",
        discussion: """
            Whoever has the token of `control.token` can make calls that cost money; that of `control.read_token` is good \
            for status, modems and metrics alone. The token is never shown. The service takes a new one when it starts.

            EXAMPLES
              gsmbridge token new
              gsmbridge token new --name control-read-token
              gsmbridge token new --directory ~/.config/gsmbridge
            """
    )

    @Option(help: ArgumentHelp("The file's name, and the credential's.", valueName: "name"))
    var name = "control-token"

    @Option(help: ArgumentHelp("Where it goes; made for its owner alone where it is missing.", valueName: "path"))
    var directory = TokenNewCommand.place

    /// Where the service's unit and the pages look for credentials.
    private static let place = "/etc/gsmbridge/credentials"

    @Flag(help: "Replace a token that is there.")
    var force = false

    func validate() throws {
        // systemd.exec(5): a credential's name is a file's name.
        let isName = name.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        guard isName, !name.isEmpty, !name.hasPrefix("."), name.utf8.count <= 200 else {
            throw ValidationError("--name: letters, digits, - and _ make a name, such as control-token")
        }
    }

    func run() throws {
        var directory = directory
        while directory.count > 1, directory.hasSuffix("/") { directory.removeLast() }
        let path = directory + "/" + name
        if !force, access(path, F_OK) == 0 {
            throw ValidationError("\(path) exists already; give another --name, or replace it with --force")
        }
        do throws(FileError) {
            // Above it may lie what other users read, as in /etc/gsmbridge.
            try SmallFile.makeDirectory(directory, below: 0o755)
        } catch {
            throw self.failure(error)
        }
        // Beside the old one and then over it, so that there is a whole one at any time.
        let new = "\(path).new.\(getpid())"
        try write(Array(Self.make().utf8) + [0x0A], to: new, for: path)
        guard rename(new, path) == 0 else {
            let reason = errno
            unlink(new)
            throw Self.failure(path, reason)
        }
        Terminal.standardOutput(path)
        let key = name.contains("read") ? "read_token" : "token"
        Terminal.standardError("in the service's unit (sudo systemctl edit gsmbridge), below [Service]:")
        Terminal.standardError("  LoadCredential=\(name):\(path)")
        Terminal.standardError("in the configuration, below control:")
        Terminal.standardError("  \(key): { credential: \(name) }")
    }

    /// 32 random bytes of the system in hexadecimal digits.
    private static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return (0..<4)
            .map { _ in
                let digits = String(generator.next(), radix: 16)
                return String(repeating: "0", count: 16 - digits.count) + digits
            }
            .joined()
    }

    private func write(_ bytes: [UInt8], to new: String, for path: String) throws {
        let descriptor = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { throw Self.failure(path, errno) }
        // With any mask.
        guard fchmod(descriptor, 0o600) == 0, Glibc.write(descriptor, bytes, bytes.count) == bytes.count,
            fsync(descriptor) == 0
        else {
            let reason = errno
            close(descriptor)
            unlink(new)
            throw Self.failure(path, reason)
        }
        close(descriptor)
    }

    /// Says that there is no directory for it.
    private func failure(_ error: FileError) -> ExitCode {
        let (words, way) =
            switch error {
            case .system(let reason): (String(cString: strerror(reason)), remedy(for: reason))
            default: (error.words, "")
            }
        Terminal.standardError("gsmbridge: \(directory) can't be made: \(words)\(way)")
        return ExitCode(CallExit.internalFailure)
    }

    private func remedy(for reason: Int32) -> String {
        guard reason == EACCES || reason == EPERM else { return "" }
        return directory == Self.place
            ? "; do it as root, or name a --directory of your own"
            : "; make it for yourself: sudo install -d -o \"$USER\" -m 700 \(directory)"
    }

    private static func failure(_ path: String, _ reason: Int32) -> ExitCode {
        let remedy =
            switch reason {
            case EACCES, EPERM: "; do it as root, or name a --directory of your own"
            default: ""
            }
        Terminal.standardError("gsmbridge: \(path) can't be written: \(String(cString: strerror(reason)))\(remedy)")
        return ExitCode(CallExit.internalFailure)
    }
}
