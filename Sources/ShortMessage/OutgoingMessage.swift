/// A text to be sent, cut into parts (3GPP TS 23.040 §9.2.2.2, §9.2.3.24.1).
package struct OutgoingMessage: Sendable, Hashable {
    /// One part, as it is given to a modem.
    package struct Part: Sendable, Hashable {
        /// The line for the prompt of `AT+CMGS`, in hexadecimal digits; the service centre is the card's own.
        package var line: String
        /// The length that `AT+CMGS` is told: octets without the service centre's (27.005 §4.3).
        package var length: Int
    }

    /// Why a text can't be sent, in one line.
    package enum Failure: Error, Sendable, Hashable, CustomStringConvertible {
        case empty
        case tooLong(parts: Int)
        case number

        /// One line for a person.
        package var description: String {
            switch self {
            case .empty: "a message needs a text"
            case .tooLong(let parts): "the text would take \(parts) messages; the most are \(OutgoingMessage.mostParts)"
            case .number: "a message goes to a number of 1 to 20 digits"
            }
        }
    }

    /// The most parts: enough for 1600 characters, and for 4000 of the seven-bit alphabet.
    package static let mostParts = 27

    /// Its parts, in order.
    package var parts: [Part]

    /// Cuts a text into parts: seven-bit where its alphabet has every character, else UTF-16.
    ///
    /// - Parameters:
    ///   - text: what is to be sent; line ends become line feeds, tabulators spaces, and letters with accents one character.
    ///   - number: where to, as it goes on the wire.
    ///   - reference: what the parts of this message shall have in common.
    ///   - wantsReport: whether the service centre shall report what becomes of it.
    ///   - language: a language whose tables may be used where the default alphabet does not do; phones from before 2010 don't
    ///     know them.
    package init(
        _ text: String,
        to number: String,
        reference: UInt8,
        wantsReport: Bool,
        language: Alphabet.Language? = nil
    ) throws(Failure) {
        let scalars = Self.scalars(text)
        guard !scalars.isEmpty else { throw .empty }
        guard let address = Address.octets(of: number) else { throw .number }
        let bodies = Self.bodies(scalars, reference: reference, language: language)
        guard bodies.count <= Self.mostParts else { throw .tooLong(parts: bodies.count) }
        parts = bodies.map { $0.part(to: address, wantsReport: wantsReport) }
    }

    /// How many messages a text takes; 0 for an empty one.
    package static func count(_ text: String, language: Alphabet.Language? = nil) -> Int {
        let scalars = scalars(text)
        return scalars.isEmpty ? 0 : bodies(scalars, reference: 0, language: language).count
    }

    /// The characters that are written: line ends are line feeds, tabulators spaces, and a letter with its accents is one
    /// character where there is one (NFC), as some programs write two, and each would be outside the seven-bit alphabet.
    private static func scalars(_ text: String) -> [Unicode.Scalar] {
        text.flatMap { character -> [Unicode.Scalar] in
            switch character {
            case "\r\n": ["\n"]
            case "\t": [" "]
            case _ where character.isASCII: Array(character.unicodeScalars)
            default: composed[character].map { [$0] } ?? Array(character.unicodeScalars)
            }
        }
    }

    /// Letters by the character that they are: Swift takes canonically equivalent ones for the same.
    ///
    /// Latin, Greek and Cyrillic letters, with the extensions of Latin and Greek; the first of several is the one of NFC.
    private static let composed: [Character: Unicode.Scalar] = {
        let blocks: [ClosedRange<UInt32>] = [0xC0...0x24F, 0x370...0x52F, 0x1E00...0x1FFF]
        let letters = blocks.joined().compactMap { Unicode.Scalar($0) }.filter { $0.properties.isAlphabetic }
        return Dictionary(letters.map { (Character($0), $0) }) { first, _ in first }
    }()

    /// The content of one part.
    private struct Body {
        var coding: UInt8
        var header: UserDataHeader
        /// Septets, or octets.
        var units: [UInt8]

        var isSeptets: Bool { coding == 0 }

        func part(to address: [UInt8], wantsReport: Bool) -> Part {
            let head = header.octets
            // SUBMIT, validity relative, report wanted, header there.
            let first: UInt8 = 0x11 | (wantsReport ? 0x20 : 0) | (head.isEmpty ? 0 : 0x40)
            var octets: [UInt8] = [first, 0x00] + address + [0x00, coding, OutgoingMessage.validity]
            if isSeptets {
                let headSeptets = (head.count * 8 + 6) / 7
                octets.append(UInt8(headSeptets + units.count))
                octets += head + Septets.pack(units, fillBits: headSeptets * 7 - head.count * 8)
            } else {
                octets.append(UInt8(head.count + units.count))
                octets += head + units
            }
            return Part(line: "00" + octets.hex, length: octets.count)
        }
    }

    /// A day (23.040 §9.2.3.12.1): longer than that a text is old news.
    private static let validity: UInt8 = 0xA7

    /// The most octets of a part's text (23.040 §9.2.3.16).
    private static let octetsInPart = 140

    private static func bodies(
        _ scalars: [Unicode.Scalar],
        reference: UInt8,
        language: Alphabet.Language?
    ) -> [Body] {
        let alphabets =
            [Alphabet()] + (language.map { [Alphabet(single: $0), Alphabet(locking: $0, single: $0)] } ?? [])
        for alphabet in alphabets {
            let characters = scalars.compactMap { alphabet.septets(of: $0) }
            guard characters.count == scalars.count else { continue }
            return cut(characters, coding: 0x00, alphabet: alphabet, reference: reference) { header in
                (octetsInPart - header) * 8 / 7
            }
        }
        let characters = scalars.map { scalar in
            UTF16.encode(scalar).map { $0.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] } } ?? []
        }
        return cut(characters, coding: 0x08, alphabet: Alphabet(), reference: reference) { header in
            (octetsInPart - header) / 2 * 2
        }
    }

    /// Cuts between characters, so that neither an escape nor a surrogate pair is torn apart.
    ///
    /// - Parameter room: how many units a part has, by the length of its header in octets.
    private static func cut(
        _ characters: [[UInt8]],
        coding: UInt8,
        alphabet: Alphabet,
        reference: UInt8,
        room: (Int) -> Int
    ) -> [Body] {
        var header = UserDataHeader()
        header.alphabet = alphabet
        let units = characters.reduce(0) { $0 + $1.count }
        if units <= room(header.octets.count) {
            return [Body(coding: coding, header: header, units: characters.flatMap { $0 })]
        }
        header.part = UserDataHeader.Part(reference: UInt16(reference), count: 1, place: 1)
        let most = room(header.octets.count)
        var parts: [[UInt8]] = [[]]
        for character in characters {
            if parts[parts.count - 1].count + character.count > most { parts.append([]) }
            parts[parts.count - 1] += character
        }
        return parts.enumerated()
            .map { index, units in
                var header = header
                // More than 255 can't be counted; that many are refused.
                header.part = UserDataHeader.Part(
                    reference: UInt16(reference),
                    count: UInt8(clamping: parts.count),
                    place: UInt8(clamping: index + 1)
                )
                return Body(coding: coding, header: header, units: units)
            }
    }
}
