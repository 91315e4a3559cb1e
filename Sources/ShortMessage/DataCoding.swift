/// How the text of a message is written: TP-DCS (3GPP TS 23.038 §4).
package struct DataCoding: Sendable, Hashable {
    /// The unit of a text.
    package enum Unit: Sendable, Hashable {
        /// Seven-bit characters.
        case septets
        /// Octets that are no text.
        case octets
        /// UTF-16; the standard says UCS-2, phones write surrogate pairs all the same.
        case ucs2
    }

    /// The octet.
    package var octet: UInt8

    /// Reads an octet.
    package init(_ octet: UInt8) { self.octet = octet }

    /// What the text is made of; reserved codings are read as seven-bit (§4).
    package var unit: Unit {
        switch octet >> 4 {
        // General data coding, and the same marked for automatic deletion.
        case 0x0...0x7: unit(bits: octet >> 2 & 3)
        // Message waiting: store in UCS-2.
        case 0xE: .ucs2
        // Data coding with a class.
        case 0xF: octet & 4 == 0 ? .septets : .octets
        // Reserved, and message waiting in seven-bit.
        default: .septets
        }
    }

    /// Whether the text is compressed (23.042), which nobody does.
    package var isCompressed: Bool { octet >> 4 <= 0x7 && octet & 0x20 != 0 }

    private func unit(bits: UInt8) -> Unit {
        switch bits {
        case 1: .octets
        case 2: .ucs2
        default: .septets
        }
    }
}

/// How the text of a USSD or a cell broadcast is written (3GPP TS 23.038 §5).
package struct BroadcastCoding: Sendable, Hashable {
    /// The octet.
    package var octet: UInt8

    /// Reads an octet.
    package init(_ octet: UInt8) { self.octet = octet }

    /// What the text is made of.
    package var unit: DataCoding.Unit {
        switch octet >> 4 {
        case 0x1: octet == 0x11 ? .ucs2 : .septets
        case 0x4...0x7, 0x9:
            switch octet >> 2 & 3 {
            case 1: .octets
            case 2: .ucs2
            default: .septets
            }
        case 0xF: octet & 4 == 0 ? .septets : .octets
        default: .septets
        }
    }

    /// How many characters in front only name the language (§5: coding groups 0x10 and 0x11).
    package var languageMark: Int {
        switch octet {
        case 0x10: 3
        case 0x11: 1
        default: 0
        }
    }
}
