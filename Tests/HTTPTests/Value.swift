import Yams

/// A value as JSON and YAML both have it.
indirect enum Value: Equatable, Decodable {
    case null
    case flag(Bool)
    case number(Double)
    case text(String)
    case list([Value])
    case object([String: Value])

    init(from decoder: any Decoder) throws {
        let single = try decoder.singleValueContainer()
        if single.decodeNil() {
            self = .null
        } else if let flag = try? single.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? single.decode(Double.self) {
            self = .number(number)
        } else if let text = try? single.decode(String.self) {
            self = .text(text)
        } else if let list = try? single.decode([Value].self) {
            self = .list(list)
        } else {
            self = .object(try single.decode([String: Value].self))
        }
    }

    init(_ node: Node) {
        switch node {
        case .mapping(let mapping):
            var object: [String: Value] = [:]
            for (key, value) in mapping { object[key.string ?? ""] = Value(value) }
            self = .object(object)
        case .sequence(let sequence): self = .list(sequence.map(Value.init))
        case .alias: self = .null
        case .scalar(let scalar):
            guard scalar.style == .plain else {
                self = .text(scalar.string)
                return
            }
            if node.null != nil {
                self = .null
            } else if let flag = node.bool {
                self = .flag(flag)
            } else if let number = node.float {
                self = .number(number)
            } else {
                self = .text(scalar.string)
            }
        }
    }

    subscript(key: String) -> Value? {
        if case .object(let object) = self { object[key] } else { nil }
    }

    var object: [String: Value] {
        if case .object(let object) = self { object } else { [:] }
    }

    var list: [Value] {
        if case .list(let list) = self { list } else { [] }
    }

    var text: String? {
        if case .text(let text) = self { text } else { nil }
    }

    var number: Double? {
        if case .number(let number) = self { number } else { nil }
    }
}
