extension Duration {
    /// Reads a duration as people write it on the command line and in the configuration: `1500ms`, `1.5s`, `2m`, `1h`.
    ///
    /// - Returns: nil unless the text is a number, at most 9 digits long, directly followed by one of these units.
    public init?(text: String) {
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

    /// The duration as people say it: `850 ms`, `12 s`, `3 min 20 s`, `1 h 5 min`.
    public var spoken: String {
        if self < .seconds(1) { return "\(inMilliseconds) ms" }
        let seconds = Int(components.seconds)
        if seconds < 60 {
            let tenths = inMilliseconds / 100
            return seconds < 10 && tenths % 10 != 0 ? "\(tenths / 10).\(tenths % 10) s" : "\(seconds) s"
        }
        if seconds < 3600 { return seconds % 60 == 0 ? "\(seconds / 60) min" : "\(seconds / 60) min \(seconds % 60) s" }
        let minutes = seconds % 3600 / 60
        return minutes == 0 ? "\(seconds / 3600) h" : "\(seconds / 3600) h \(minutes) min"
    }
}
