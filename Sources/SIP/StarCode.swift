package import CallModel

/// What a telephone dials that begins with `*`, where that is a code of this box.
///
/// Codes of the network (`*100#`, `**21*…#`) are none: a number behind a code has neither `*` nor `#`.
package enum StarCode: Sendable, Hashable {
    /// Calls a number, as it was dialled behind the code, by a method.
    case number(String, Via)
    /// Calls what this phone has called last.
    case redial
    /// Says how the box is.
    case status

    private enum Meaning {
        case method(Via)
        case redial
        case status
    }

    /// All codes; none begins with another (docs/sip.md).
    private static let table: [(code: String, meaning: Meaning)] = [
        ("*00", .status), ("*1", .method(.callthrough)), ("*2", .method(.callback)), ("*3", .method(.direct)),
        ("*4", .method(.internet)), ("*66", .redial),
    ]

    /// The codes, for people who have dialled another one.
    package static let words: String =
        table.map { entry -> String in
            if case .method = entry.meaning { return "\(entry.code)NUMBER" }
            return entry.code
        }
        .joined(separator: " ")

    /// Reads what was dialled; nil where it is none of the codes, or no number stands where one has to.
    package init?(_ dialled: String) {
        guard let entry = Self.table.first(where: { dialled.hasPrefix($0.code) }) else { return nil }
        let rest = String(dialled.dropFirst(entry.code.count))
        switch entry.meaning {
        case .method(let via):
            guard Self.isNumber(rest) else { return nil }
            self = .number(rest, via)
        case .redial:
            guard rest.isEmpty else { return nil }
            self = .redial
        case .status:
            guard rest.isEmpty else { return nil }
            self = .status
        }
    }

    /// Whether a text has digits, and beside them nothing but what people put between.
    private static func isNumber(_ text: String) -> Bool {
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        return text.utf8.contains(where: isDigit) && text.utf8.allSatisfy { isDigit($0) || "+-.() ".utf8.contains($0) }
    }
}
