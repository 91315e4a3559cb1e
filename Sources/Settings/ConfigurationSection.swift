internal import Yams

/// One block of keys of the file: `gateway`, `pbx.office`, `modems.o2.match` and so on.
struct ConfigurationSection {
    struct Entry {
        let name: String
        /// Where the key stands.
        let line: Int
        let node: Node
    }

    /// The block's own key with its sections; empty for the whole file.
    let path: String
    /// The line of the block's own key; nil where the block is not in the file.
    let line: Int?
    /// What stands in it, in the order of the file, each name once.
    let entries: [Entry]

    /// A block that is not in the file, so that everything in it has its default.
    static func absent(_ path: String) -> ConfigurationSection {
        ConfigurationSection(path: path, line: nil, entries: [])
    }

    /// The block's own key without its sections.
    var name: String { path.split(separator: ".").last.map(String.init) ?? "" }

    func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    subscript(name: String) -> Entry? { entries.first { $0.name == name } }
}
