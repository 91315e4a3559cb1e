/// The content of one part: its header, and text or octets.
package struct UserData: Sendable, Hashable {
    /// What is in it.
    package enum Content: Sendable, Hashable {
        /// UTF-16 units of a text; a surrogate pair may be cut between two parts by others.
        case text([UInt16])
        /// Octets that are no text.
        case data([UInt8])
    }

    /// Its header.
    package var header: UserDataHeader
    /// What is in it.
    package var content: Content

    /// Reads TP-UDL and TP-UD (3GPP TS 23.040 §9.2.3.16, §9.2.3.24), as far as there are octets.
    ///
    /// A length that says more than is there was seen often; what is there counts.
    init(_ reader: inout OctetReader, coding: DataCoding, hasHeader: Bool) throws(TPDUError) {
        let length = Int(try reader.octet("the length of the text"))
        let octets = reader.rest
        var header = UserDataHeader()
        var headerLength = 0
        if hasHeader, let first = octets.first {
            headerLength = min(Int(first) + 1, octets.count)
            header = UserDataHeader(elements: octets.dropFirst().prefix(headerLength - 1))
        }
        self.header = header
        let isPlain = !coding.isCompressed
        switch coding.unit {
        case .septets where isPlain:
            // The text begins at the next septet behind the header.
            let headerSeptets = (headerLength * 8 + 6) / 7
            let septets = Septets.unpack(
                octets.dropFirst(headerLength),
                count: max(0, min(length, 160) - headerSeptets),
                fillBits: headerSeptets * 7 - headerLength * 8
            )
            content = .text(Array(header.alphabet.text(of: septets).utf16))
        case .ucs2 where isPlain:
            let body = octets.prefix(min(length, 140)).dropFirst(headerLength)
            content = .text(Self.units(body))
        case .octets, .septets, .ucs2:
            content = .data(Array(octets.prefix(min(length, 140)).dropFirst(headerLength)))
        }
    }

    /// Two octets make a unit; an odd one at the end is dropped.
    static func units(_ octets: some Collection<UInt8>) -> [UInt16] {
        var units: [UInt16] = []
        var high: UInt8?
        for octet in octets {
            if let upper = high {
                units.append(UInt16(upper) << 8 | UInt16(octet))
                high = nil
            } else {
                high = octet
            }
        }
        return units
    }

    /// The text, where it is one.
    package var text: String? {
        if case .text(let units) = content { String(decoding: units, as: UTF16.self) } else { nil }
    }
}
