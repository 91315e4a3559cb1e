import Glibc

/// What the files of a systemd unit say, read as systemd.unit(5) finds them; systemd itself is not asked.
struct SystemdUnitFiles: Sendable, Hashable {
    /// Whether there is a unit file.
    var exists = false
    /// The files of `LoadCredential=` and `LoadCredentialEncrypted=`, by the credential's name.
    var credentials: [String: String] = [:]

    /// Reads a unit and what is added to it.
    ///
    /// - Parameter root: what stands before the directories, for tests.
    static func find(_ unit: String, root: String = "") -> SystemdUnitFiles {
        var files = SystemdUnitFiles()
        let directories = ["/etc", "/run", "/usr/local/lib", "/usr/lib", "/lib"].map { "\(root)\($0)/systemd/system" }
        if let main = directories.lazy.compactMap({ text(of: "\($0)/\(unit)") }).first {
            files.exists = true
            files.read(main)
        }
        for directory in directories {
            for name in names(in: "\(directory)/\(unit).d").sorted() where name.hasSuffix(".conf") {
                if let text = text(of: "\(directory)/\(unit).d/\(name)") { files.read(text) }
            }
        }
        return files
    }

    private mutating func read(_ text: String) {
        for line in text.split(separator: "\n") {
            let parts = line.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = parts[0].filter { $0 != " " && $0 != "\t" }
            guard parts.count == 2, key == "LoadCredential" || key == "LoadCredentialEncrypted" else { continue }
            let value = parts[1].drop { $0 == " " || $0 == "\t" }
            guard let colon = value.firstIndex(of: ":") else { continue }
            credentials[String(value[..<colon])] = String(value[value.index(after: colon)...])
        }
    }

    /// The names in a directory; none when it can't be read.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names
    }

    /// The first 64 KiB of a file; nil when it can't be read.
    static func text(of path: String) -> String? {
        let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 65_536)
        var count = 0
        while count < bytes.count {
            let got = bytes.withUnsafeMutableBytes {
                Glibc.read(file, $0.baseAddress?.advanced(by: count), $0.count - count)
            }
            guard got > 0 else { break }
            count += got
        }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }
}
