internal import ConfigurationText
internal import Yams

/// One key of a block: what people are told of it, and how it is read into the value of the block.
struct SettingRow<Owner> {
    /// Reads the key; without an owner, because something that it needs is missing, it is only checked.
    typealias Reading = (inout ConfigurationReader, ConfigurationSection, inout Owner?) -> Void

    var description: SettingDescription
    /// What the block's value says where the key is not written, in Markdown; nil for nothing.
    var standard: (Owner) -> String? = { _ in nil }
    var read: Reading

    init(_ name: String, _ type: String, read: @escaping Reading) {
        description = SettingDescription(name: name, type: type)
        self.read = read
    }
}

// MARK: Values

extension SettingRow {
    /// A value that always holds; its default is what the owner has.
    ///
    /// - Parameter isShown: whether the default is one of the effective values that people are shown.
    static func value<Value>(
        _ name: String,
        _ path: WritableKeyPath<Owner, Value>,
        _ form: ConfigurationForm<Value>,
        isShown: Bool = true
    ) -> Self {
        var row = Self(name, form.words) { reader, section, owner in
            if isShown, section[name] == nil, let owner {
                reader.note(section.path(of: name), form.show(owner[keyPath: path]), line: nil)
            }
            if let value = reader.value(name, in: section, as: form) { owner?[keyPath: path] = value }
        }
        row.standard = { "`\(form.show($0[keyPath: path]))`" }
        return row
    }

    /// A value that need not be there.
    static func optional<Value>(
        _ name: String,
        _ path: WritableKeyPath<Owner, Value?>,
        _ form: ConfigurationForm<Value>
    ) -> Self {
        Self(name, form.words) { reader, section, owner in
            if let value = reader.value(name, in: section, as: form) { owner?[keyPath: path] = value }
        }
    }

    /// Where a secret is found.
    static func secret(
        _ name: String,
        _ path: WritableKeyPath<Owner, SecretReference?>,
        _ purpose: SecretReference.Purpose
    ) -> Self {
        Self(name, "secret") { reader, section, owner in
            if let secret = reader.secret(name, in: section, for: purpose) { owner?[keyPath: path] = secret }
        }
    }

    /// A list of values that always holds, and may be empty; its default is what the owner has.
    static func list<Value: Equatable>(
        _ name: String,
        _ path: WritableKeyPath<Owner, [Value]>,
        _ form: ConfigurationForm<Value>
    ) -> Self {
        let shown = { (values: [Value]) in Configuration.Setting.Value.list(values.map { "\(form.show($0))" }) }
        var row = Self(name, "list of \(form.plural)") { reader, section, owner in
            if section[name] == nil, let owner {
                reader.note(section.path(of: name), shown(owner[keyPath: path]), line: nil)
            }
            if let list = reader.list(name, in: section, mayBeEmpty: true, as: form) { owner?[keyPath: path] = list }
        }
        row.standard = { $0[keyPath: path].isEmpty ? nil : "`\(shown($0[keyPath: path]))`" }
        return row
    }

    /// A list of values that need not be there, and is never empty.
    static func optionalList<Value: Equatable>(
        _ name: String,
        _ path: WritableKeyPath<Owner, [Value]>,
        _ form: ConfigurationForm<Value>
    ) -> Self {
        Self(name, "list of \(form.plural)") { reader, section, owner in
            if let list = reader.list(name, in: section, as: form) { owner?[keyPath: path] = list }
        }
    }

    /// One value, or a list of them that is never empty; its default is what the owner has.
    static func several<Value: Equatable>(
        _ name: String,
        _ path: WritableKeyPath<Owner, [Value]>,
        _ form: ConfigurationForm<Value>
    ) -> Self {
        var row = Self(name, "\(form.words); or a list of these") { reader, section, owner in
            let isList = if case .sequence? = section[name]?.node { true } else { false }
            let values =
                isList
                ? reader.list(name, in: section, as: form)
                : reader.value(name, in: section, as: form).map { [$0] }
            if let values { owner?[keyPath: path] = values }
        }
        row.standard = { $0[keyPath: path].first.map { "`\(form.show($0))`" } }
        return row
    }
}

// MARK: Blocks

extension SettingRow {
    /// A block that holds with its defaults where it is not written.
    static func section<Block>(
        _ name: String,
        _ path: WritableKeyPath<Owner, Block>,
        _ table: SettingTable<Block>
    ) -> Self {
        Self(name, "block") { reader, section, owner in
            let block = reader.section(name, in: section, keys: table.keys) ?? .absent(section.path(of: name))
            if let value = table.read(block, &reader) { owner?[keyPath: path] = value }
        }
        .keys { table.descriptions }
    }

    /// A block that need not be there.
    ///
    /// - Parameter table: its keys; nil as its argument asks for all that there may be.
    static func block<Block>(
        _ name: String,
        _ path: WritableKeyPath<Owner, Block?>,
        _ table: @escaping (Owner?) -> SettingTable<Block>
    ) -> Self {
        Self(name, "block") { reader, section, owner in
            let table = table(owner)
            guard let block = reader.section(name, in: section, keys: table.keys) else { return }
            if let value = table.read(block, &reader) { owner?[keyPath: path] = value }
        }
        .keys { table(nil).descriptions }
    }

    /// Blocks whose names people choose.
    static func named<Block>(
        _ name: String,
        _ path: WritableKeyPath<Owner, [Block]>,
        _ table: SettingTable<Block>,
        compare: @escaping SettingTable<Block>.Comparison = { _, _, _, _ in }
    ) -> Self {
        Self(name, "block") { reader, section, owner in
            let entries = reader.names(name, in: section)
                .map { (path: section.path(of: name) + "." + $0.name, line: $0.line, node: $0.node) }
            owner?[keyPath: path] = table.read(entries, &reader, compare)
        }
        .keys { table.descriptions }.place("NAME")
    }

    /// A list of blocks.
    ///
    /// - Parameters:
    ///   - most: how many there may be, what they are, and what to do when there are more.
    ///   - form: how one of them is written.
    static func blocks<Block>(
        _ name: String,
        _ path: WritableKeyPath<Owner, [Block]>,
        _ table: SettingTable<Block>,
        most: (count: Int, what: String, remedy: String),
        form: String,
        compare: @escaping SettingTable<Block>.Comparison
    ) -> Self {
        var row = Self(name, "list of blocks, at most \(most.count)") { reader, section, owner in
            guard let entry = section[name], !entry.node.isNull else { return }
            guard case .sequence(let nodes) = entry.node else {
                return reader.report("this is not a list", form, at: name, in: section)
            }
            guard nodes.count <= most.count else {
                return reader.report("more than \(most.count) \(most.what)", most.remedy, at: name, in: section)
            }
            let entries = nodes.enumerated()
                .map { (path: "\(section.path(of: name))[\($0 + 1)]", line: $1.line, node: $1) }
            owner?[keyPath: path] = table.read(entries, &reader, compare)
        }
        row.description.isList = true
        return row.keys { table.descriptions }
    }
}

// MARK: What may be said besides

extension SettingRow {
    /// What the key means, in Markdown: a sentence without its capital letter and its full stop.
    func help(_ text: String) -> Self { with { $0.help = text } }

    /// What holds where the key is not written, in Markdown.
    func standard(_ words: String) -> Self { with { $0.standard = words } }

    /// How the key is written, where the form says too little.
    func written(_ type: String) -> Self { with { $0.type = type } }

    /// What the starting file shows behind the key.
    func example(_ text: String) -> Self { with { $0.example = text } }

    /// The starting file's entries, where people choose the names: a name and its lines, each a key or written out.
    func entries(_ entries: [(name: String, lines: [String])]) -> Self { with { $0.entries = entries } }

    /// The starting file sets the key.
    func set() -> Self { with { $0.isSet = true } }

    /// What stands between the key and those below it.
    func place(_ word: String) -> Self { with { $0.place = word } }

    /// The keys below it.
    func keys(_ keys: @escaping () -> [SettingDescription]) -> Self { with { $0.keys = keys } }

    /// Without this key the block means nothing.
    func needed(_ message: String, _ remedy: String) -> Self {
        let name = description.name
        var row = standard("must be there")
        row.read = { [read] reader, section, owner in
            if section[name] == nil { reader.report(message, remedy, at: name, in: section) }
            read(&reader, section, &owner)
        }
        return row
    }

    /// Something to do before the key is read, such as a default that depends on others.
    func preceded(by prepare: @escaping (ConfigurationSection, inout Owner?) -> Void) -> Self {
        var row = self
        row.read = { [read] reader, section, owner in
            prepare(section, &owner)
            read(&reader, section, &owner)
        }
        return row
    }

    /// Something that others are read by.
    func followed(by pass: @escaping (inout ConfigurationReader, Owner) -> Void) -> Self {
        var row = self
        row.read = { [read] reader, section, owner in
            read(&reader, section, &owner)
            if let owner { pass(&reader, owner) }
        }
        return row
    }

    /// The same key of a value that has this one inside.
    func inside<Outer>(_ path: WritableKeyPath<Outer, Owner>) -> SettingRow<Outer> {
        var row = SettingRow<Outer>(description.name, description.type) { [read] reader, section, outer in
            var owner = outer?[keyPath: path]
            read(&reader, section, &owner)
            if let owner { outer?[keyPath: path] = owner }
        }
        row.description = description
        row.standard = { [standard] in standard($0[keyPath: path]) }
        return row
    }

    private func with(_ change: (inout SettingDescription) -> Void) -> Self {
        var row = self
        change(&row.description)
        return row
    }
}
