internal import ConfigurationText
internal import DialPlan
internal import TextCoding
internal import Yams

/// Walks the tree of a file by the rules of the configuration, and notes every value and everything that is wrong.
///
/// What is wrong does not stop it: a default takes the value's place, so that the rest is checked as well.
struct ConfigurationReader {
    /// Problems beyond this many are only counted.
    static let mostProblems = 200

    let file: String?
    let environment: ConfigurationEnvironment
    let document: ConfigurationDocument?
    private(set) var problems: [ConfigurationProblem] = []
    private(set) var settings: [Configuration.Setting] = []
    /// Every secret that was referred to, in the order of reading.
    private(set) var secrets: [SecretReference] = []
    private var omitted = 0
    /// The block that is the whole file.
    private(set) var root = ConfigurationSection.absent("")
    /// The names of the tariffs, read or not.
    private(set) var tariffs: [String] = []
    /// Whether the file says where PBXs reach this box, so that a PBX need not say it again.
    var hasPublicURL: Bool {
        guard case .mapping(let mapping)? = root["webhooks"]?.node else { return false }
        return mapping.contains { $0.key.string == "public_url" }
    }
    /// The region by which numbers are read.
    var region: Region

    init(
        file: String?,
        document: ConfigurationDocument?,
        environment: ConfigurationEnvironment
    ) throws(ConfigurationError) {
        self.file = file
        self.document = document
        self.environment = environment
        do throws(RegionError) {
            region = try Region(code: "DE")
        } catch {
            let name = file ?? "the program's own table"
            let problem = ConfigurationProblem(
                file: name,
                message: error.description,
                remedy: "name the region of this box"
            )
            throw ConfigurationError(problems: [problem])
        }
    }

    /// Takes the whole file as a block of keys.
    mutating func takeRoot(keys: [String]) {
        guard let document else { return }
        if let node = document.root, !node.isNull {
            root = section(node, path: "", line: nil, keys: keys) ?? root
            if case .mapping(let mapping)? = root["tariffs"]?.node { tariffs = mapping.compactMap { $0.key.string } }
        } else {
            report(
                "the file says nothing",
                "fill it ('gsmbridge config init' writes a beginning), or remove it",
                key: nil,
                line: 1
            )
        }
    }

    // MARK: Notes

    mutating func report(_ message: String, _ remedy: String, key: String?, line: Int?) {
        guard problems.count < Self.mostProblems else {
            omitted += 1
            return
        }
        problems.append(ConfigurationProblem(file: file, line: line ?? 1, key: key, message: message, remedy: remedy))
    }

    mutating func report(_ complaint: Complaint, key: String?, line: Int?) {
        report(complaint.message, complaint.remedy, key: key, line: line)
    }

    /// Reports something about a key of a block; in the block's own line where the key is not there.
    mutating func report(_ message: String, _ remedy: String, at name: String, in section: ConfigurationSection) {
        report(message, remedy, key: section.path(of: name), line: section[name]?.line ?? section.line)
    }

    /// Reports the first of keys that mean nothing in this block as it is.
    mutating func reportStray(_ keys: [String], in section: ConfigurationSection, _ message: String, _ remedy: String) {
        guard let stray = keys.lazy.compactMap({ section[$0] }).first else { return }
        report(message, remedy, at: stray.name, in: section)
    }

    mutating func note(_ key: String, _ value: Configuration.Setting.Value, line: Int?) {
        settings.append(Configuration.Setting(key: key, value: value, origin: origin(line: line)))
    }

    mutating func note(_ secret: SecretReference) { secrets.append(secret) }

    /// The line in which a key was read; nil where it has its default.
    func line(of key: String) -> Int? {
        guard case .file(_, let line)? = settings.first(where: { $0.key == key })?.origin else { return nil }
        return line
    }

    func origin(line: Int?) -> Configuration.Origin {
        guard let line, let file else { return .standard }
        return .file(file, line: line)
    }

    /// Everything that was found, in the order of the file; nil when nothing was.
    func failure() -> ConfigurationError? {
        guard !problems.isEmpty else { return nil }
        let ordered = problems.enumerated()
            .sorted { left, right in
                (left.element.line ?? 0, left.offset) < (right.element.line ?? 0, right.offset)
            }
        var list = ordered.map(\.element)
        if omitted > 0 {
            list.append(
                ConfigurationProblem(
                    file: file,
                    message: "there are \(omitted) more problems",
                    remedy: "correct these first"
                )
            )
        }
        return ConfigurationError(problems: list)
    }

    // MARK: Blocks

    /// Takes a block of keys, and reports those that it does not know.
    ///
    /// - Parameter isSecret: what stands in it may be a secret that was put into the wrong place, so it is not shown.
    mutating func section(
        _ node: Node,
        path: String,
        line: Int?,
        keys: [String],
        isSecret: Bool = false
    ) -> ConfigurationSection? {
        guard let section = block(node, path: path, line: line, isSecret: isSecret) else { return nil }
        for entry in section.entries where !keys.contains(entry.name) {
            reportUnknown(entry, in: section, keys: keys, isSecret: isSecret)
        }
        return section
    }

    /// Takes a block inside another one; nil when it is not there or not a block.
    mutating func section(
        _ name: String,
        in parent: ConfigurationSection,
        keys: [String]
    ) -> ConfigurationSection? {
        guard let entry = parent[name] else { return nil }
        return section(entry.node, path: parent.path(of: name), line: entry.line, keys: keys)
    }

    /// Takes a block whose keys are names that people choose.
    mutating func names(_ name: String, in parent: ConfigurationSection) -> [ConfigurationSection.Entry] {
        guard let entry = parent[name] else { return [] }
        let path = parent.path(of: name)
        guard let section = block(entry.node, path: path, line: entry.line, isSecret: false) else { return [] }
        return section.entries.filter { entry in
            if let complaint = Self.complaint(aboutName: entry.name) {
                report(complaint, key: "\(path).\(Spelling.printable(entry.name, limit: 40))", line: entry.line)
                return false
            }
            return true
        }
    }

    private mutating func block(
        _ node: Node,
        path: String,
        line: Int?,
        isSecret: Bool
    ) -> ConfigurationSection? {
        let key = path.isEmpty ? nil : path
        // A block whose lines are all commented out says nothing, like one that is not there.
        if node.isNull { return ConfigurationSection(path: path, line: line ?? node.line, entries: []) }
        guard case .mapping(let mapping) = node else {
            if isSecret {
                report(
                    "a secret never stands in this file",
                    "write 'credential: NAME' or 'file: PATH' below the key, and put the secret there",
                    key: key,
                    line: node.line
                )
            } else if let strange = document?.strangeCharacter(near: node.line) {
                report(strange.message, strange.remedy, key: key, line: strange.line)
            } else {
                report(
                    "this is not a block of keys",
                    "write 'key: value' lines below it, indented",
                    key: key,
                    line: node.line
                )
            }
            return nil
        }
        var entries: [ConfigurationSection.Entry] = []
        for (name, value) in mapping {
            guard case .scalar(let scalar) = name, !name.isNull else {
                report("a key is not plain text", "write 'key: value'", key: key, line: name.line)
                continue
            }
            let text = document?.original(scalar.string) ?? scalar.string
            entries.append(ConfigurationSection.Entry(name: text, line: name.line, node: value))
        }
        return ConfigurationSection(path: path, line: line, entries: unique(entries, path: path, isSecret: isSecret))
    }

    /// Leaves each name its first entry, and reports the others.
    private mutating func unique(
        _ entries: [ConfigurationSection.Entry],
        path: String,
        isSecret: Bool
    ) -> [ConfigurationSection.Entry] {
        var firstLines: [String: Int] = [:]
        var result: [ConfigurationSection.Entry] = []
        for entry in entries {
            guard let first = firstLines[entry.name] else {
                firstLines[entry.name] = entry.line
                result.append(entry)
                continue
            }
            let name = isSecret ? "" : Spelling.printable(entry.name, limit: 40)
            report(
                "the key is given twice, first in line \(first)",
                "keep one of them",
                key: isSecret ? path : path.isEmpty ? name : "\(path).\(name)",
                line: entry.line
            )
        }
        return result
    }

    private mutating func reportUnknown(
        _ entry: ConfigurationSection.Entry,
        in section: ConfigurationSection,
        keys: [String],
        isSecret: Bool
    ) {
        guard problems.count < Self.mostProblems else {
            omitted += 1
            return
        }
        let likely = Spelling.nearest(to: entry.name, among: keys)
        let known = "known here: " + keys.joined(separator: ", ")
        if isSecret, likely == nil {
            report(
                "a key that is not known here, and is not shown because it may be a secret",
                known,
                key: section.path,
                line: entry.line
            )
            return
        }
        let key = section.path(of: Spelling.printable(entry.name, limit: 40))
        let remedy: String
        if let likely {
            remedy = "did you mean \(likely)?"
        } else if let home = SettingDescription.homes[entry.name] {
            remedy = "it belongs under \(home)"
        } else if entry.name == "<<" {
            remedy = "blocks can't be merged, write the keys out"
        } else {
            remedy = known
        }
        let strange = Spelling.invisible(in: entry.name).map { ", with \($0), in it" } ?? ""
        report("unknown key" + strange, remedy, key: key, line: entry.line)
    }

    private static func complaint(aboutName name: String) -> Complaint? {
        let isWord =
            !name.isEmpty && name.utf8.count <= 32
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
        guard isWord else {
            return Complaint("this can't be a name", "use at most 32 letters a-z, digits, '-' and '_'")
        }
        // On the command line a name and an IMEI stand in the same place.
        guard !name.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return Complaint("a name of digits alone looks like an IMEI", "put a letter into it")
        }
        return nil
    }
}
