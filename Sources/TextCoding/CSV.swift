/// Comma-separated values by RFC 4180.
package enum CSV {
    /// One line with its line break: quoted where a value needs it, empty for nil.
    ///
    /// A value that a spreadsheet would take for a formula gets an apostrophe in front; a telephone number with its plus
    /// stays as it is, being a mere number there.
    package static func line(_ values: [String?]) -> String {
        values.map { $0.map(cell) ?? "" }.joined(separator: ",") + "\r\n"
    }

    private static func cell(_ value: String) -> String {
        let safe = isFormula(value) ? "'" + value : value
        let needsQuotes = safe.utf8.contains {
            $0 == UInt8(ascii: ",") || $0 == UInt8(ascii: "\"") || $0 == 0x0A || $0 == 0x0D
        }
        guard needsQuotes else { return safe }
        var quoted = "\""
        for scalar in safe.unicodeScalars {
            if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }

    /// Whether a spreadsheet would compute the value instead of showing it (OWASP, *CSV Injection*).
    private static func isFormula(_ value: String) -> Bool {
        guard let first = value.unicodeScalars.first else { return false }
        switch first {
        case "+":
            return !value.unicodeScalars.dropFirst().allSatisfy { ("0"..."9").contains($0) || $0 == "•" }
        case "=", "-", "@", "\t", "\r", "\n": return true
        // Their wide forms count as well in some programs.
        case "\u{FF1D}", "\u{FF0B}", "\u{FF0D}", "\u{FF20}": return true
        default: return false
        }
    }
}
