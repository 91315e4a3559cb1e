/// The part of udev's rule language that our rules file uses, so that a test can run the file without udev.
struct UdevRules {
    /// A device as rules see it: its own values first, then those of its parents.
    struct Device {
        var subsystem: String
        var properties: [String: String] = [:]
        /// Attributes of the device and its parents, nearest first.
        var attributes: [[String: String]]
    }

    struct Failure: Error, CustomStringConvertible {
        let line: Int
        let what: String
        var description: String { "line \(line): \(what)" }
    }

    /// One `KEY{name}op"value"`.
    struct Item: Equatable {
        let key: String
        let name: String?
        let operation: String
        let value: String
    }

    private struct Rule {
        let line: Int
        let items: [Item]
    }

    private let rules: [Rule]

    init(_ text: String) throws {
        var rules: [Rule] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let line = line.drop { $0 == " " }
            if line.isEmpty || line.first == "#" { continue }
            let items = try line.split(separator: ", ").map { try Self.item($0, line: index + 1) }
            rules.append(Rule(line: index + 1, items: items))
        }
        self.rules = rules
    }

    private static func item(_ text: Substring, line: Int) throws -> Item {
        guard let match = text.wholeMatch(of: /([A-Z]+)(?:\{([A-Za-z0-9_.\/]+)\})?(==|!=|\+=|=)"([^"]*)"/) else {
            throw Failure(line: line, what: "not a rule: \(text)")
        }
        return Item(
            key: String(match.1),
            name: match.2.map(String.init),
            operation: String(match.3),
            value: String(match.4)
        )
    }

    // MARK: Running

    /// What the rules make of a device: its properties, and what is assigned besides (`MODE`, `ATTR{power/control}`).
    func run(action: String, on device: Device) throws -> (properties: [String: String], assigned: [String: String]) {
        var properties = device.properties
        var assigned: [String: String] = [:]
        var place = 0
        while place < rules.count {
            let rule = rules[place]
            place += 1
            var target: String?
            guard try matches(rule, action: action, device: device, properties: properties) else { continue }
            for item in rule.items where item.operation == "=" {
                switch (item.key, item.name) {
                case ("ENV", let name?): properties[name] = substitute(item.value, device)
                case ("GOTO", nil): target = item.value
                case ("LABEL", nil): break
                case ("GROUP", nil), ("MODE", nil): assigned[item.key] = item.value
                case ("ATTR", let name?): assigned["ATTR{\(name)}"] = item.value
                default: throw Failure(line: rule.line, what: "can't assign \(item.key)")
                }
            }
            if let target {
                let label = Item(key: "LABEL", name: nil, operation: "=", value: target)
                guard let next = rules[place...].firstIndex(where: { $0.items.contains(label) }) else {
                    throw Failure(line: rule.line, what: "no label \(target) below")
                }
                place = next
            }
        }
        return (properties, assigned)
    }

    private func matches(
        _ rule: Rule,
        action: String,
        device: Device,
        properties: [String: String]
    ) throws -> Bool {
        var parentItems: [Item] = []
        for item in rule.items where item.operation == "==" || item.operation == "!=" {
            let isWanted = item.operation == "=="
            switch (item.key, item.name) {
            case ("ACTION", nil): guard Self.fits(action, item.value) == isWanted else { return false }
            case ("SUBSYSTEM", nil): guard Self.fits(device.subsystem, item.value) == isWanted else { return false }
            case ("ENV", let name?):
                guard Self.fits(properties[name] ?? "", item.value) == isWanted else { return false }
            case ("TEST", nil): guard (device.attributes.first?[item.value] != nil) == isWanted else { return false }
            case ("ATTRS", _?), ("SUBSYSTEMS", nil): parentItems.append(item)
            default: throw Failure(line: rule.line, what: "can't compare \(item.key)")
            }
            // Across parents, "not equal" is true of the first parent that differs: nearly always, and never meant.
            if !isWanted, !parentItems.isEmpty { throw Failure(line: rule.line, what: "\(item.key) with !=") }
        }
        // All of them have to be true of one and the same parent.
        return parentItems.isEmpty
            || device.attributes.contains { attributes in
                parentItems.allSatisfy { item in
                    Self.fits(attributes[item.name ?? "subsystem"] ?? "", item.value)
                }
            }
    }

    private func substitute(_ value: String, _ device: Device) -> String {
        guard let name = value.wholeMatch(of: /\$attr\{([A-Za-z]+)\}/)?.1 else { return value }
        return device.attributes.lazy.compactMap { $0[String(name)] }.first ?? ""
    }

    /// Whether a value fits one of the patterns between the bars; of the wildcards only `?*` is in use.
    private static func fits(_ value: String, _ patterns: String) -> Bool {
        patterns.split(separator: "|", omittingEmptySubsequences: false)
            .contains { $0 == "?*" ? !value.isEmpty : value == $0 }
    }
}
