/// An amount of money in millionths of a currency's unit; sums stop at the largest amount instead of overflowing.
package struct Money: Sendable, Hashable, Comparable, Codable {
    /// Nothing.
    package static let zero = Money(micros: 0)

    /// Millionths of the unit: 90 000 are nine cents.
    package var micros: Int64

    /// Creates an amount from millionths of the unit.
    package init(micros: Int64) {
        self.micros = micros
    }

    /// Reads a decimal number such as `0.09`, `12` or `1.234567`: digits, at most one dot, at most six places behind it.
    ///
    /// Returns nil for anything else, signs included, and for a million and more.
    package init?(text: String) {
        let bytes = Array(text.utf8)
        guard !bytes.isEmpty, bytes.count <= 14 else { return nil }
        var whole: Int64 = 0
        var fraction: Int64 = 0
        var places: Int?
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                let digit = Int64(byte - UInt8(ascii: "0"))
                if let known = places {
                    guard known < 6 else { return nil }
                    fraction = fraction * 10 + digit
                    places = known + 1
                } else {
                    whole = whole * 10 + digit
                    guard whole < 1_000_000 else { return nil }
                }
            case UInt8(ascii: "."):
                guard places == nil else { return nil }
                places = 0
            default: return nil
            }
        }
        guard bytes.first != UInt8(ascii: "."), bytes.last != UInt8(ascii: ".") else { return nil }
        for _ in (places ?? 0)..<6 { fraction *= 10 }
        micros = whole * 1_000_000 + fraction
    }

    /// Which of two amounts is less.
    package static func < (left: Money, right: Money) -> Bool { left.micros < right.micros }

    /// The sum.
    package static func + (left: Money, right: Money) -> Money {
        let (sum, overflow) = left.micros.addingReportingOverflow(right.micros)
        return Money(micros: overflow ? (left.micros < 0 ? .min : .max) : sum)
    }

    /// Adds an amount.
    package static func += (left: inout Money, right: Money) { left = left + right }

    /// What is left of the first amount; nothing where the second one is more.
    package func left(after used: Money) -> Money {
        guard used.micros > 0 else { return self }
        return micros > used.micros ? Money(micros: micros - used.micros) : .zero
    }
}

extension Money: CustomStringConvertible {
    /// The amount as a decimal number with two places or as many as it needs: `0.09`, `12.00`, `0.0015`.
    package var description: String {
        let magnitude = micros.magnitude
        var places = String(magnitude % 1_000_000)
        places = String(repeating: "0", count: 6 - places.utf8.count) + places
        while places.utf8.count > 2, places.hasSuffix("0") { places.removeLast() }
        return (micros < 0 ? "-" : "") + "\(magnitude / 1_000_000).\(places)"
    }
}
