/// Why the last call ended: the answer to `AT+CEER` (27.007 §6.10), which each vendor words as it likes.
package struct ReleaseCause: Sendable, Hashable {
    /// The cause of 3GPP TS 24.008 §10.5.4.11 (16 normal, 17 busy, …), where the text has or clearly means one.
    package var code: Int?
    /// What the modem said, without the name in front.
    package var text: String

    /// Creates a cause from its parts.
    package init(code: Int?, text: String) {
        self.code = code
        self.text = text
    }

    /// Finds the cause in the answer to `AT+CEER`; nil when no line of it is a `+CEER:`.
    package init?(reply lines: [ATLine]) {
        guard let cause = lines.lazy.compactMap({ ReleaseCause(ceer: $0) }).first else { return nil }
        self = cause
    }

    /// Reads one `+CEER:` line; nil for other lines.
    package init?(ceer line: ATLine) {
        let cause = line.withBytes { bytes -> ReleaseCause? in
            guard let body = bytes.body(of: "+CEER") else { return nil }
            let fields = Fields(body)
            let text = fields.count == 1 ? fields[0].string : body.string
            return ReleaseCause(code: Self.number(in: body) ?? Self.meaning(of: body), text: text)
        }
        guard let cause else { return nil }
        self = cause
    }

    /// Finds a cause that is given as a number.
    ///
    /// Numbers alone are Siemens' and Cinterion's `<location>,<reason>,<release>`, where location 8 says that the reason is
    /// the network's call control cause (MC55 AT commands, §3.4.1). Among words, a number that stands for itself between
    /// commas or behind a colon is the cause.
    private static func number(in body: Bytes) -> Int? {
        var numbers: [Int] = []
        var hasWords = false
        var rest = body
        while !rest.isEmpty {
            let end = rest.firstIndex { $0 == .comma || $0 == .colon } ?? rest.count
            var part = rest.upTo(end).trimmed
            while part.first == .quote { part = part.from(1).trimmed }
            while part.last == .quote { part = part.upTo(part.count - 1).trimmed }
            if let number = Field(bytes: part, isQuoted: false).int {
                numbers.append(number)
            } else if !part.isEmpty {
                hasWords = true
            }
            rest = rest.from(end + 1)
        }
        let cause: Int? =
            if hasWords || numbers.count == 1 {
                numbers.first
            } else if numbers.count == 3, numbers[0] == 8 {
                numbers[1]
            } else {
                nil
            }
        return cause.flatMap { (1...127).contains($0) ? $0 : nil }
    }

    /// Finds a cause that is given in words, by their letters alone.
    private static func meaning(of body: Bytes) -> Int? {
        let letters = String(decoding: body.lazy.filter(\.isLetter).map { $0 | 0x20 }, as: UTF8.self)
        if letters == "rejected" { return 21 }
        return meanings.first { letters.contains($0.words) }?.code
    }

    /// The names of 24.008 annex H that mean one thing only, as vendors write them; the first that fits counts.
    private static let meanings: [(words: String, code: Int)] = [
        ("userbusy", 17), ("nouserresponding", 18), ("noanswer", 19), ("normalcallclearing", 16),
        ("unassigned", 1), ("unallocated", 1), ("noroutetodestination", 3), ("operatordeterminedbarring", 8),
        ("callrejected", 21), ("rejectedbyuser", 21), ("userrejected", 21), ("subscriberabsent", 20),
        ("numberchanged", 22),
        ("destinationoutoforder", 27), ("invalidnumberformat", 28), ("facilityrejected", 29), ("normalunspecified", 31),
        ("nocircuit", 34), ("networkoutoforder", 38), ("temporaryfailure", 41), ("congestion", 42),
        ("resourcesunavailable", 47),
    ]
}
