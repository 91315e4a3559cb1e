/// Text that a terminal only shows, and does nothing else with.
///
/// Names, numbers and reasons come from modems, PBXs and clients of the service. In them could stand sequences that
/// rewrite the screen, the title or the clipboard, line feeds that forge further lines, and marks that turn the
/// direction of writing around (Unicode, UAX #9). They are shown as what they are.
package enum TerminalText {
    /// The text with each active scalar written in another way.
    package static func safe(_ text: String, _ write: (Unicode.Scalar) -> String) -> String {
        guard text.unicodeScalars.contains(where: isActive) else { return text }
        return text.unicodeScalars.map { isActive($0) ? write($0) : String($0) }.joined()
    }

    /// The text with active scalars as escapes of a string literal, so that it stays on one line.
    package static func escaped(_ text: String) -> String {
        safe(text) { scalar in
            switch scalar {
            case "\n": "\\n"
            case "\r": "\\r"
            case "\t": "\\t"
            default: "\\u{\(String(scalar.value, radix: 16))}"
            }
        }
    }

    /// Whether a terminal may do something at a scalar instead of showing it.
    private static func isActive(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        // C0, DEL and C1 (ISO 6429); line and paragraph separators; marks of direction.
        case 0..<0x20, 0x7F..<0xA0, 0x2028...0x2029, 0x061C, 0x200E...0x200F, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }
}
