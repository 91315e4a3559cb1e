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
        let list = list.trimmed
        guard !list.isEmpty else { return }
        var start = 0
        while start <= list.count {
            let (field, comma) = Self.value(in: list, from: start)
            if count < kept.count { kept[count] = field }
            count += 1
            start = comma + 1
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

    /// Returns the value that begins at `start`, and the index of the comma behind it (or the count when it is the last).
    private static func value(in list: Bytes, from start: Int) -> (Field, comma: Int) {
        var start = start
        while start < list.count, list[start] == .space { start += 1 }
        guard start < list.count, list[start] == .quote else {
            let comma = comma(in: list, from: start)
            var value = Bytes(rebasing: list[start..<comma]).trimmed
            while value.last == .quote { value = value.upTo(value.count - 1) }
            return (Field(bytes: value, isQuoted: false), comma)
        }
        let close = closingQuote(in: list, after: start)
        let comma = comma(in: list, from: close ?? start)
        let value = Bytes(rebasing: list[(start + 1)..<(close ?? comma)])
        return (Field(bytes: value.trimmed, isQuoted: true), comma)
    }

    /// Returns the index of the first comma at or behind `start`, or the count when there is none.
    private static func comma(in list: Bytes, from start: Int) -> Int {
        var index = start
        while index < list.count, list[index] != .comma { index += 1 }
        return index
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
