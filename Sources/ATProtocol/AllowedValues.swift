/// The values that a command takes for its first parameter, as its test form tells: `+CLCC: (0-1)`, `+CVHU: (0,2)`.
package struct AllowedValues: Sendable, Hashable {
    /// The ranges in the order of the answer.
    package var ranges: [ClosedRange<Int>]

    /// Creates a set of values from ranges.
    package init(_ ranges: [ClosedRange<Int>]) {
        self.ranges = ranges
    }

    /// Reads the first bracket of the answer to `AT+NAME=?`; nil when it has none or not only numbers in it.
    package init?(test line: ATLine) {
        let ranges = line.withBytes { bytes -> [ClosedRange<Int>] in
            let list = bytes.afterColon
            guard list.first == UInt8(ascii: "("), let end = list.firstIndex(of: UInt8(ascii: ")")) else { return [] }
            var rest = list.upTo(end).from(1)
            var ranges: [ClosedRange<Int>] = []
            while !rest.isEmpty {
                let end = rest.firstIndex(of: .comma) ?? rest.count
                guard let range = Self.range(rest.upTo(end).trimmed) else { return [] }
                ranges.append(range)
                rest = rest.from(end + 1)
            }
            return ranges
        }
        guard !ranges.isEmpty else { return nil }
        self.ranges = ranges
    }

    /// Tells whether the command takes `value`.
    package func contains(_ value: Int) -> Bool {
        ranges.contains { $0.contains(value) }
    }

    private static func range(_ text: Bytes) -> ClosedRange<Int>? {
        if let value = Field(bytes: text, isQuoted: false).int { return value...value }
        guard let dash = text.firstIndex(of: UInt8(ascii: "-")),
            let low = Field(bytes: text.upTo(dash).trimmed, isQuoted: false).int,
            let high = Field(bytes: text.from(dash + 1).trimmed, isQuoted: false).int, low <= high
        else { return nil }
        return low...high
    }
}
