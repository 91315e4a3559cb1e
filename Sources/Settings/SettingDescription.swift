/// What people are told of one key: on the reference page, in the starting file, and where it stands in a wrong block.
struct SettingDescription {
    let name: String
    /// How it is written: `duration, 0s to 10m`.
    var type: String
    /// What it means, in Markdown: a sentence without its capital letter and its full stop.
    var help = ""
    /// What holds where it is not written, in Markdown; nil for what the type that holds it says.
    var standard: String?
    /// What the starting file shows behind the key; nil for the default.
    var example: String?
    /// Whether the starting file sets it; others are shown behind `#`.
    var isSet = false
    /// What stands between this key and the keys of its block: `NAME`, or nothing.
    var place: String?
    /// Whether its block is a list of blocks.
    var isList = false
    /// The entries that the starting file shows where people choose the names: the name, and its lines.
    ///
    /// A line is a key alone, which is shown with its remark and its example, or the line itself.
    var entries: [(name: String, lines: [String])] = []
    /// The keys of its block.
    var keys: () -> [SettingDescription] = { [] }
}

extension SettingDescription {
    /// Where each key belongs, for people who put it into another block; the outermost block that knows it.
    static let homes: [String: String] = {
        var homes: [String: String] = [:]
        var level = SettingTable<Configuration>.root.descriptions.map { (path: $0.path, keys: $0.keys()) }
        while !level.isEmpty {
            for block in level {
                for key in block.keys where homes[key.name] == nil { homes[key.name] = block.path }
            }
            level = level.flatMap { block in block.keys.map { (block.path + "." + $0.path, $0.keys()) } }
        }
        return homes
    }()

    private var path: String { place.map { "\(name).\($0)" } ?? name }
}
