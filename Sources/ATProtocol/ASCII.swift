/// One line, or part of one, borrowed from the owner of the bytes; never kept beyond the call it was passed to.
typealias Bytes = UnsafeBufferPointer<UInt8>

extension UInt8 {
    static let carriageReturn = UInt8(ascii: "\r")
    static let lineFeed = UInt8(ascii: "\n")
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let comma = UInt8(ascii: ",")
    static let colon = UInt8(ascii: ":")

    var isDigit: Bool { self &- 0x30 < 10 }
    var isLetter: Bool { (self | 0x20) &- 0x61 < 26 }
    var isHexDigit: Bool { isDigit || (self | 0x20) &- 0x61 < 6 }
    /// The characters of a key pad: what a DTMF tone or a dial string is made of.
    var isKey: Bool {
        isDigit || self == UInt8(ascii: "*") || self == UInt8(ascii: "#") || (uppercased &- 0x41 < 4)
    }
    var uppercased: UInt8 { self &- 0x61 < 26 ? self &- 0x20 : self }
    /// The characters in front of an extended or a vendor's own result code (`+CLIP`, `^CONN`, `#ECAM`, `*ECAV`, …).
    var isSigil: Bool {
        switch self {
        case UInt8(ascii: "+"), UInt8(ascii: "^"), UInt8(ascii: "#"), UInt8(ascii: "*"), UInt8(ascii: "%"),
            UInt8(ascii: "$"):
            true
        default: false
        }
    }
}

extension UnsafeBufferPointer where Element == UInt8 {
    /// The bytes from `start` to the end; empty when `start` lies beyond it.
    func from(_ start: Int) -> Bytes {
        start < count ? Bytes(rebasing: self[start...]) : Bytes(start: nil, count: 0)
    }

    /// The first `length` bytes, or all of them when there are fewer.
    func upTo(_ length: Int) -> Bytes {
        length < count ? Bytes(rebasing: self[..<Swift.max(0, length)]) : self
    }

    /// The bytes without spaces at either end.
    var trimmed: Bytes {
        var low = 0
        var high = count
        while low < high, self[low] == .space { low += 1 }
        while high > low, self[high - 1] == .space { high -= 1 }
        return Bytes(rebasing: self[low..<high])
    }

    /// Whether the bytes are `text`, letter case aside.
    func equals(_ text: StaticString) -> Bool {
        count == text.utf8CodeUnitCount && starts(with: text)
    }

    /// Whether the bytes begin with `text`, letter case aside.
    func starts(with text: StaticString) -> Bool {
        guard count >= text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { expected in
            for index in expected.indices where self[index].uppercased != expected[index].uppercased { return false }
            return true
        }
    }

    /// What follows `name` (its sigil included) and a colon, trimmed; nil when the line has another name.
    func body(of name: StaticString) -> Bytes? {
        guard starts(with: name) else { return nil }
        var rest = from(name.utf8CodeUnitCount)
        while let first = rest.first, first == .space { rest = rest.from(1) }
        guard rest.first == .colon else { return nil }
        return rest.from(1).trimmed
    }

    /// Everything after the first colon, trimmed; the whole line, trimmed, when there is none.
    var afterColon: Bytes {
        guard let colon = firstIndex(of: .colon) else { return trimmed }
        return from(colon + 1).trimmed
    }

    /// The bytes as text; what is not UTF-8 becomes U+FFFD.
    var string: String { String(decoding: self, as: UTF8.self) }
}
