internal import ConfigurationText
internal import Yams

/// The keys of one block, and how its value is made of them.
///
/// A key is one row. The table reads it, checks it, notes it for `config show`, and tells of it in the starting file and on the
/// reference page.
struct SettingTable<Owner> {
    /// Makes the value, with the default of everything; nil where what it needs is missing.
    private let begin: (inout ConfigurationReader, ConfigurationSection) -> Owner?
    /// The keys without which there is no value.
    private let needed: [SettingDescription]
    private let rows: [SettingRow<Owner>]
    private let check: Check

    /// Looks at what only makes sense together.
    typealias Check = (inout ConfigurationReader, ConfigurationSection, inout Owner?) -> Void
    /// Reports what can't stand beside those that were read before.
    typealias Comparison = (inout ConfigurationReader, ConfigurationSection, Owner, [Owner]) -> Void

    /// A block that needs no key.
    init(
        _ begin: @escaping (ConfigurationReader, ConfigurationSection) -> Owner?,
        _ rows: [SettingRow<Owner>],
        check: @escaping Check = { _, _, _ in }
    ) {
        self.begin = { begin($0, $1) }
        self.rows = rows
        self.check = check
        needed = []
    }

    /// A block that needs one key.
    init<First>(
        needs first: SettingRow<First?>,
        _ make: @escaping (First, ConfigurationSection) -> Owner?,
        _ rows: [SettingRow<Owner>] = [],
        check: @escaping Check = { _, _, _ in }
    ) {
        begin = { reader, section in first.value(section, &reader).flatMap { make($0, section) } }
        self.rows = rows
        self.check = check
        needed = [first.description]
    }

    /// A block that needs two keys.
    init<First, Second>(
        needs first: SettingRow<First?>,
        _ second: SettingRow<Second?>,
        _ make: @escaping (First, Second) -> Owner?,
        _ rows: [SettingRow<Owner>] = []
    ) {
        begin = { reader, section in
            let values = (first.value(section, &reader), second.value(section, &reader))
            guard case (let first?, let second?) = values else { return nil }
            return make(first, second)
        }
        self.rows = rows
        check = { _, _, _ in }
        needed = [first.description, second.description]
    }

    /// The names of all keys.
    var keys: [String] { needed.map(\.name) + rows.map(\.description.name) }

    /// Reads a block; nil where something is missing without which it means nothing.
    func read(_ section: ConfigurationSection, _ reader: inout ConfigurationReader) -> Owner? {
        var owner = begin(&reader, section)
        for row in rows { row.read(&reader, section, &owner) }
        check(&reader, section, &owner)
        return owner
    }

    /// Reads blocks one after the other, and compares each with those before it.
    func read(
        _ entries: [(path: String, line: Int, node: Node)],
        _ reader: inout ConfigurationReader,
        _ compare: Comparison
    ) -> [Owner] {
        var list: [Owner] = []
        for entry in entries {
            guard let block = reader.section(entry.node, path: entry.path, line: entry.line, keys: keys),
                let value = read(block, &reader)
            else { continue }
            compare(&reader, block, value, list)
            list.append(value)
        }
        return list
    }

    /// What people are told of the keys.
    var descriptions: [SettingDescription] {
        let sample = sample
        return needed
            + rows.map { row in
                var description = row.description
                description.standard = description.standard ?? sample.flatMap(row.standard)
                return description
            }
    }

    /// A value with the default of everything, and with the examples of what it needs.
    private var sample: Owner? {
        let text = needed.map { "\($0.name): \($0.example ?? "")\n" }.joined()
        guard let document = try? ConfigurationDocument(Array((text.isEmpty ? "{}" : text).utf8), file: nil),
            let node = document.root,
            var reader = try? ConfigurationReader(file: nil, document: document, environment: .current),
            let section = reader.section(node, path: "", line: nil, keys: needed.map(\.name))
        else { return nil }
        return begin(&reader, section)
    }
}

extension SettingRow {
    /// The value of a key that is read for itself.
    fileprivate func value<Value>(_ section: ConfigurationSection, _ reader: inout ConfigurationReader) -> Value?
    where Owner == Value? {
        var value: Value?? = .some(nil)
        read(&reader, section, &value)
        return value ?? nil
    }
}
