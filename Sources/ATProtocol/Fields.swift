/// One value of a result code's parameter list.
struct Field {
    /// The value without quotes and without spaces at its ends.
    let bytes: Bytes
    /// Whether the value began with a quote.
    let isQuoted: Bool

    static var missing: Field { Field(bytes: Bytes(start: nil, count: 0), isQuoted: false) }

    var isEmpty: Bool { bytes.isEmpty }
    var string: String { bytes.string }

    /// The value as a decimal number; nil when it is not one, or too large to matter.
    var int: Int? {
        var digits = bytes
        let isNegative = digits.first == UInt8(ascii: "-")
        if isNegative { digits = digits.from(1) }
        guard !digits.isEmpty, digits.count <= 15 else { return nil }
        var value = 0
        for byte in digits {
            guard byte.isDigit else { return nil }
            value = value * 10 + Int(byte & 0x0F)
        }
        return isNegative ? -value : value
    }

    /// The value as text; nil when there is none.
    var text: String? { isEmpty ? nil : string }

    /// Whether the value is made of digits alone, and not empty.
    var isDigits: Bool { !isEmpty && bytes.allSatisfy(\.isDigit) }
}

/// The parameter list of a result code, cut at its commas.
///
/// Commas inside quotes do not cut. A quote that is never closed ends at the next comma (`"TELE2,0` and `"0B,"0100701",7`
/// were seen), a closing quote that was never opened is dropped. Nothing is allocated: only the first sixteen values are
/// kept, which is more than any line we read has.
struct Fields {
    /// How many values the list has, the ones that were not kept included.
    private(set) var count = 0
    private var kept: InlineArray<16, Field> = .init(repeating: .missing)

    init(_ list: Bytes) {
        var rest = list.trimmed
        guard !rest.isEmpty else { return }
        while true {
            let (field, length) = Self.first(of: rest)
            if count < kept.count { kept[count] = field }
            count += 1
            guard length < rest.count else { return }
            rest = rest.from(length + 1)
        }
    }

    /// The value at `index`, or an empty one when the list is shorter.
    subscript(_ index: Int) -> Field {
        index >= 0 && index < min(count, kept.count) ? kept[index] : .missing
    }

    /// The first value that was quoted, and its place.
    func firstQuoted(from start: Int = 0) -> Int? {
        var index = start
        while index < min(count, kept.count) {
            if kept[index].isQuoted { return index }
            index += 1
        }
        return nil
    }

    /// Returns the first value, and the index of the comma behind it (or the count when it is the last).
    private static func first(of list: Bytes) -> (Field, Int) {
        var start = 0
        while start < list.count, list[start] == .space { start += 1 }
        if start < list.count, list[start] == .quote {
            if let close = closingQuote(in: list, after: start) {
                let value = Bytes(rebasing: list[(start + 1)..<close])
                let comma = list.from(close).firstIndex(of: .comma).map { $0 + close } ?? list.count
                return (Field(bytes: value.trimmed, isQuoted: true), comma)
            }
            let comma = comma(in: list, from: start)
            return (Field(bytes: Bytes(rebasing: list[(start + 1)..<comma]).trimmed, isQuoted: true), comma)
        }
        let comma = comma(in: list, from: start)
        var value = Bytes(rebasing: list[start..<comma]).trimmed
        while value.last == .quote { value = value.upTo(value.count - 1) }
        return (Field(bytes: value, isQuoted: false), comma)
    }

    private static func comma(in list: Bytes, from start: Int) -> Int {
        list.from(start).firstIndex(of: .comma).map { $0 + start } ?? list.count
    }

    /// Finds the quote that closes the one at `start`: the next one that only spaces and a comma, or the end, follow.
    ///
    /// A quote that stands right behind a comma and does not close anything opens the next value: then ours is unclosed.
    private static func closingQuote(in list: Bytes, after start: Int) -> Int? {
        var index = start + 1
        var last: UInt8 = 0
        while index < list.count {
            let byte = list[index]
            if byte == .quote {
                var next = index + 1
                while next < list.count, list[next] == .space { next += 1 }
                if next == list.count || list[next] == .comma { return index }
                if last == .comma { return nil }
            }
            if byte != .space { last = byte }
            index += 1
        }
        return nil
    }
}
