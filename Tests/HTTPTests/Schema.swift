import FoundationEssentials

@testable import HTTP

/// Checks values against the part of JSON Schema that our description of the interface uses.
struct Schema {
    /// The keywords that are checked; one that is not is an error, so that nothing is only said to be checked.
    private static let keywords: Set<String> = [
        "$ref", "type", "enum", "properties", "required", "additionalProperties", "items", "format", "pattern",
        "minimum", "maximum", "minProperties", "maxProperties", "description",
    ]

    let document: Value

    /// What is wrong with a value; empty when nothing is.
    func problems(of value: Value, against schema: Value, at path: String = "$") -> [String] {
        if let reference = schema["$ref"]?.text {
            guard let target = resolve(reference) else { return ["\(path): \(reference) leads nowhere"] }
            return problems(of: value, against: target, at: path)
        }
        let unknown = schema.object.keys.filter { !Self.keywords.contains($0) }
        guard unknown.isEmpty else { return ["\(path): keywords \(unknown) are not checked"] }
        return typeProblems(value, schema, path) + valueProblems(value, schema, path)
            + memberProblems(value, schema, path)
    }

    /// What a reference inside the document names.
    func resolve(_ reference: String) -> Value? {
        guard reference.hasPrefix("#/") else { return nil }
        return reference.dropFirst(2).split(separator: "/").reduce(document) { $0?[String($1)] }
    }

    private func typeProblems(_ value: Value, _ schema: Value, _ path: String) -> [String] {
        guard let type = schema["type"] else { return [] }
        let names = type.text.map { [$0] } ?? type.list.compactMap(\.text)
        return names.contains { fits(value, $0) } ? [] : ["\(path): is not \(names)"]
    }

    private func fits(_ value: Value, _ type: String) -> Bool {
        switch (value, type) {
        case (.null, "null"), (.flag, "boolean"), (.number, "number"), (.text, "string"), (.list, "array"),
            (.object, "object"):
            true
        case (.number(let number), "integer"): number == number.rounded()
        default: false
        }
    }

    private func valueProblems(_ value: Value, _ schema: Value, _ path: String) -> [String] {
        var problems: [String] = []
        if let choices = schema["enum"]?.list, !choices.contains(value) { problems.append("\(path): not in the enum") }
        if let minimum = schema["minimum"]?.number, let number = value.number, number < minimum {
            problems.append("\(path): below \(minimum)")
        }
        if let maximum = schema["maximum"]?.number, let number = value.number, number > maximum {
            problems.append("\(path): above \(maximum)")
        }
        if let format = schema["format"]?.text, let text = value.text, !fits(text, format: format) {
            problems.append("\(path): is no \(format)")
        }
        if let pattern = schema["pattern"]?.text, let text = value.text,
            (try? Regex(pattern).wholeMatch(in: text)) == nil
        {
            problems.append("\(path): does not match \(pattern)")
        }
        return problems
    }

    private func fits(_ text: String, format: String) -> Bool {
        switch format {
        case "uuid": UUID(uuidString: text) != nil && text == text.lowercased()
        case "date-time":
            text.hasSuffix("Z")
                && (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)) != nil
        default: false
        }
    }

    private func memberProblems(_ value: Value, _ schema: Value, _ path: String) -> [String] {
        var problems: [String] = []
        if case .object(let object) = value {
            let properties = schema["properties"]?.object ?? [:]
            let (least, most) = (schema["minProperties"]?.number ?? 0, schema["maxProperties"]?.number ?? .infinity)
            if !(least...most).contains(Double(object.count)) { problems.append("\(path): \(object.count) properties") }
            for name in schema["required"]?.list.compactMap(\.text) ?? [] where object[name] == nil {
                problems.append("\(path): \(name) is missing")
            }
            for (name, member) in object {
                if let property = properties[name] {
                    problems += self.problems(of: member, against: property, at: "\(path).\(name)")
                } else if let others = schema["additionalProperties"], !others.object.isEmpty {
                    problems += self.problems(of: member, against: others, at: "\(path).\(name)")
                } else {
                    // Also where more fields are allowed: what the service says is to be described.
                    problems.append("\(path): \(name) is not described")
                }
            }
        }
        if case .list(let list) = value, let items = schema["items"] {
            for (index, member) in list.enumerated() {
                problems += self.problems(of: member, against: items, at: "\(path)[\(index)]")
            }
        }
        return problems
    }
}
