import ArgumentParser
internal import Console
import Glibc

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

    @Option(help: ArgumentHelp("Where it goes.", valueName: "path"))
    var directory = "/etc/gsmbridge/credentials"

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
        let path = directory + "/" + name
        if !force, access(path, F_OK) == 0 {
            throw ValidationError("\(path) exists already; give another --name, or replace it with --force")
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

    private static func failure(_ path: String, _ reason: Int32) -> ExitCode {
        let directory = path[..<(path.lastIndex(of: "/") ?? path.startIndex)]
        let remedy =
            switch reason {
            case ENOENT: "; make its directory: sudo install -d -m 700 \(directory)"
            case EACCES, EPERM: "; do it as root, or name a --directory of your own"
            default: ""
            }
        Terminal.standardError("gsmbridge: \(path) can't be written: \(String(cString: strerror(reason)))\(remedy)")
        return ExitCode(CallExit.internalFailure)
    }
}
