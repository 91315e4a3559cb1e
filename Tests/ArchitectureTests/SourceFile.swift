/// A Swift file of this package, read as far as the tests of the architecture need it.
///
/// A simple reading and no parser: comments are passed over, literals are taken whole, the rest is words and marks.
struct SourceFile: Sendable {
    /// The folder of the target that the file is in; `.` for the target's own.
    let folder: String
    /// The modules that it imports.
    let imports: Set<String>
    /// The types that it declares at file scope.
    private(set) var declared: Set<String> = []
    /// The words that begin with a capital letter and follow no dot, without the types that it declares inside others.
    private(set) var named: Set<String> = []
    /// The literals on one line.
    private(set) var literals: Set<String> = []

    /// Reads a file.
    ///
    /// - Parameters:
    ///   - path: its path below the target's folder.
    ///   - text: what is in it.
    init(path: String, text: String) {
        let parts = path.split(separator: "/")
        folder = parts.count > 1 ? String(parts[0]) : "."
        imports = Set(text.split(separator: "\n").compactMap(Self.module(importedBy:)))
        var depth = 0
        var declares = false
        var followsDot = false
        var nested: Set<String> = []
        var words = SwiftWords(text: text)
        while let word = words.next() {
            switch word {
            case .mark(let mark):
                if mark == UInt8(ascii: "{") { depth += 1 } else if mark == UInt8(ascii: "}") { depth -= 1 }
                followsDot = mark == UInt8(ascii: ".")
                declares = false
            case .literal(let text):
                literals.insert(text)
            case .name(let name):
                if declares { if depth == 0 { declared.insert(name) } else { nested.insert(name) } }
                declares = Self.declarations.contains(name)
                if !followsDot, name.first?.isUppercase == true { named.insert(name) }
                followsDot = false
            }
        }
        named.subtract(nested)
    }

    private static let declarations: Set = ["struct", "class", "enum", "actor", "protocol", "typealias"]

    /// The module that a line imports, if it is an import.
    private static func module(importedBy line: Substring) -> String? {
        var words = line.split(separator: " ").drop { $0.hasPrefix("@") && !$0.contains("\"") || accesses.contains($0) }
        guard words.popFirst() == "import" else { return nil }
        if let first = words.first, kinds.contains(first) { words = words.dropFirst() }
        return words.first.map { String($0.prefix { $0 != "." }) }
    }

    private static let accesses: Set<Substring> = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set<Substring> = [
        "struct", "class", "enum", "protocol", "typealias", "func", "var", "let",
    ]
}

/// Cuts Swift into names, literals and marks.
private struct SwiftWords {
    enum Word {
        case name(String)
        case literal(String)
        case mark(UInt8)
    }

    private let bytes: [UInt8]
    private var index = 0

    init(text: String) { bytes = Array(text.utf8) }

    mutating func next() -> Word? {
        while index < bytes.count {
            let byte = bytes[index]
            if isAt("//") {
                while index < bytes.count, bytes[index] != UInt8(ascii: "\n") { index += 1 }
            } else if isAt(Self.longQuote) {
                return .literal(literal(within: Self.longQuote))
            } else if byte == UInt8(ascii: "\"") {
                return .literal(literal(within: "\""))
            } else if Self.isOfName(byte) {
                let start = index
                while index < bytes.count, Self.isOfName(bytes[index]) { index += 1 }
                return .name(String(decoding: bytes[start..<index], as: UTF8.self))
            } else {
                index += 1
                if byte > UInt8(ascii: " ") { return .mark(byte) }
            }
        }
        return nil
    }

    private static let longQuote: StaticString = "\"\"\""

    private func isAt(_ text: StaticString) -> Bool {
        guard index + text.utf8CodeUnitCount <= bytes.count else { return false }
        return (0..<text.utf8CodeUnitCount).allSatisfy { bytes[index + $0] == text.utf8Start[$0] }
    }

    private mutating func literal(within quote: StaticString) -> String {
        index += quote.utf8CodeUnitCount
        let start = index
        while index < bytes.count, !isAt(quote) { index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1 }
        let end = min(index, bytes.count)
        index = end + quote.utf8CodeUnitCount
        return String(decoding: bytes[start..<end], as: UTF8.self)
    }

    private static func isOfName(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), 0x80...:
            true
        default: false
        }
    }
}
