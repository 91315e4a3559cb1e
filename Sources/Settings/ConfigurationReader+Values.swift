internal import ConfigurationText
internal import TextCoding
internal import Yams

extension ConfigurationReader {
    /// Reads one value; nil where the key is not there or wrong.
    mutating func value<Value>(
        _ key: String,
        in section: ConfigurationSection,
        as form: ConfigurationForm<Value>
    ) -> Value? {
        guard let entry = section[key] else { return nil }
        let path = section.path(of: key)
        do throws(Complaint) {
            let value: Value = try read(entry.node, as: form)
            note(path, form.show(value), line: entry.node.line)
            return value
        } catch {
            report(error, key: path, line: entry.node.isNull ? entry.line : entry.node.line)
            return nil
        }
    }

    /// Reads a list of values; nil where the key is not there or no list.
    mutating func list<Value: Equatable>(
        _ key: String,
        in section: ConfigurationSection,
        mayBeEmpty: Bool = false,
        as form: ConfigurationForm<Value>
    ) -> [Value]? {
        guard let entry = section[key] else { return nil }
        let path = section.path(of: key)
        guard case .sequence(let nodes) = entry.node else {
            let remedy = mayBeEmpty ? "write [first, second], or [] for none" : "write [first, second]"
            let message = entry.node.isNull ? "there is no value" : "this is not a list"
            report(message, remedy, key: path, line: entry.node.isNull ? entry.line : entry.node.line)
            return nil
        }
        if nodes.isEmpty, !mayBeEmpty {
            report("the list is empty", "name at least one", key: path, line: entry.node.line)
        }
        var values: [Value] = []
        for (index, node) in nodes.enumerated() {
            do throws(Complaint) {
                let value: Value = try read(node, as: form)
                if values.contains(value) {
                    throw Complaint("\(Spelling.quoted("\(form.show(value))")) stands twice in it", "remove one")
                }
                values.append(value)
            } catch {
                report(error, key: "\(path)[\(index + 1)]", line: node.line)
            }
        }
        note(path, .list(values.map { "\(form.show($0))" }), line: entry.node.line)
        return values
    }

    /// Reads where a secret is found; nil where the key is not there or wrong.
    mutating func secret(
        _ key: String,
        in section: ConfigurationSection,
        for purpose: SecretReference.Purpose
    ) -> SecretReference? {
        let isPath = if purpose == .privateKey, case .scalar? = section[key]?.node { true } else { false }
        let found = (isPath ? path(key, in: section) : place(key, in: section))
            .map {
                let line = section[key]?.line ?? 1
                return SecretReference(
                    source: $0,
                    purpose: purpose,
                    key: section.path(of: key),
                    origin: origin(line: line)
                )
            }
        if let found { note(found) }
        return found
    }

    /// A private key's file where its path stands alone, as people are used to from other programs.
    private mutating func path(_ key: String, in section: ConfigurationSection) -> SecretReference.Source? {
        guard let entry = section[key] else { return nil }
        do throws(Complaint) {
            let path = try read(entry.node, as: .absolutePath(isSecret: true))
            note(section.path(of: key), .hidden(source: "file \(path)"), line: entry.line)
            return .file(path)
        } catch {
            report(error, key: section.path(of: key), line: entry.line)
            return nil
        }
    }

    private mutating func place(_ key: String, in section: ConfigurationSection) -> SecretReference.Source? {
        guard let entry = section[key] else { return nil }
        let path = section.path(of: key)
        guard
            let place = self.section(
                entry.node,
                path: path,
                line: entry.line,
                keys: ["credential", "file"],
                isSecret: true
            )
        else { return nil }
        switch (place["credential"], place["file"]) {
        case (nil, nil):
            if place.entries.isEmpty {
                report(
                    "it says nothing",
                    "write 'credential: NAME' or 'file: PATH' below it",
                    key: path,
                    line: entry.line
                )
            }
            return nil
        case (.some, .some(let second)):
            report("two places for one secret", "keep either credential or file", key: path, line: second.line)
            return nil
        case (.some(let name), nil):
            return secretPlace(name, in: place, as: .credential).map { .credential($0) }
        case (nil, .some(let file)):
            return secretPlace(file, in: place, as: .absolutePath(isSecret: true)).map { .file($0) }
        }
    }

    private mutating func secretPlace(
        _ entry: ConfigurationSection.Entry,
        in place: ConfigurationSection,
        as form: ConfigurationForm<String>
    ) -> String? {
        do throws(Complaint) {
            let text = try read(entry.node, as: form)
            let source: SecretReference.Source = entry.name == "credential" ? .credential(text) : .file(text)
            note(place.path, .hidden(source: source.description), line: place.line)
            return text
        } catch {
            report(error, key: place.path(of: entry.name), line: entry.line)
            return nil
        }
    }

    private func read<Value>(_ node: Node, as form: ConfigurationForm<Value>) throws(Complaint) -> Value {
        switch node {
        case .scalar(let scalar):
            if node.isNull { throw Complaint("there is no value", "write one, or remove the line") }
            return try form.read(
                WrittenValue(text: scalar.string, isPlain: scalar.style == .plain, region: region, tariffs: tariffs)
            )
        case .sequence:
            throw Complaint("this is a list where one value belongs", "write one value without brackets or dashes")
        case .mapping:
            throw Complaint("this is a block of keys where one value belongs", "write one value behind the colon")
        case .alias: throw Complaint("this refers to something else", "write the value out")
        }
    }
}
