import ArgumentParser
internal import Console
import Glibc
import Settings

/// `gsmbridge config init`: writes a commented starting file.
struct ConfigInitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a commented starting file.",
        discussion: """
            EXAMPLES
              gsmbridge config init --output gsmbridge.yaml
              gsmbridge config init | sudo tee /etc/gsmbridge/gsmbridge.yaml

            EXIT STATUS
              0 written; 1 it could not be written; 64 the file exists already
            """
    )

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Where to write it; standard output unless given.", valueName: "file")
    )
    var output: String?

    @Flag(help: "Overwrite a file that exists.")
    var force = false

    func run() async throws {
        guard let output else {
            Terminal.standardOutput(text: String(ConfigurationTemplate.text.dropLast()))
            return
        }
        guard !output.isEmpty else { throw ValidationError("--output: name a file") }
        if force {
            try replace(output)
        } else {
            try write(to: output, flags: O_EXCL)
        }
        Terminal.standardError("written: \(output)")
    }

    /// Writes beside the old file and moves the new one over it, so that there is a whole file at any time.
    private func replace(_ path: String) throws {
        let target = Self.resolved(path)
        let new = "\(target).new.\(getpid())"
        try write(to: new, flags: O_EXCL)
        guard rename(new, target) == 0 else {
            let reason = errno
            unlink(new)
            throw Self.failure(path, reason)
        }
    }

    private func write(to path: String, flags: Int32) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOCTTY | flags, 0o644)
        guard descriptor >= 0 else {
            if errno == EEXIST, !force {
                throw ValidationError("\(path) exists already; name another file, or overwrite it with --force")
            }
            throw Self.failure(path, errno)
        }
        let bytes = Array(ConfigurationTemplate.text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
            }
            if count > 0 {
                sent += count
            } else if errno != EINTR {
                let reason = errno
                close(descriptor)
                unlink(path)
                throw Self.failure(path, reason)
            }
        }
        // Some file systems tell only now that there was no room.
        guard close(descriptor) == 0 else {
            let reason = errno
            unlink(path)
            throw Self.failure(path, reason)
        }
    }

    /// What a symbolic link points at, so that the link itself stays.
    private static func resolved(_ path: String) -> String {
        guard let real = realpath(path, nil) else { return path }
        defer { free(real) }
        return String(cString: real)
    }

    private static func failure(_ path: String, _ reason: Int32) -> ExitCode {
        Terminal.standardError("gsmbridge: \(path) can't be written: \(String(cString: strerror(reason)))")
        return ExitCode(CallExit.internalFailure)
    }
}
