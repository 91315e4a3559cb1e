internal import SmallFiles

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
        if let main = directories.lazy.compactMap({ SmallFile.text("\($0)/\(unit)") }).first {
            files.exists = true
            files.read(main)
        }
        for directory in directories {
            for name in (SmallFile.names(in: "\(directory)/\(unit).d") ?? []).sorted() where name.hasSuffix(".conf") {
                if let text = SmallFile.text("\(directory)/\(unit).d/\(name)") { files.read(text) }
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
}
