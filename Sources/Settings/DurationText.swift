extension Duration {
    /// Reads a duration as people write it on the command line and in the configuration: `1500ms`, `1.5s`, `2m`, `1h`.
    ///
    /// - Returns: nil unless the text is a number, at most 9 digits long, directly followed by one of these units.
    package init?(text: String) {
        let bytes = Array(text.utf8)
        let number = bytes.prefix { (48...57).contains($0) || $0 == UInt8(ascii: ".") }
        let digits = number.filter { $0 != UInt8(ascii: ".") }
        guard !digits.isEmpty, digits.count <= 9, number.first != UInt8(ascii: "."), number.last != UInt8(ascii: "."),
            number.count - digits.count <= 1, let value = Double(String(decoding: number, as: UTF8.self))
        else { return nil }
        let milliseconds: Double
        switch String(decoding: bytes.dropFirst(number.count), as: UTF8.self) {
        case "ms": milliseconds = value
        case "s": milliseconds = value * 1000
        case "m": milliseconds = value * 60_000
        case "h": milliseconds = value * 3_600_000
        default: return nil
        }
        // At most 9 digits times 3.6 million: far from the end of 64 bits.
        self = .milliseconds(Int64(milliseconds.rounded()))
    }
}
