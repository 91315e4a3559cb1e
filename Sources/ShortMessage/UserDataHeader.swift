/// What stands before the text of a message (3GPP TS 23.040 §9.2.3.24); elements that are not known here are passed over.
package struct UserDataHeader: Sendable, Hashable {
    /// The place of a part in its message.
    package struct Part: Sendable, Hashable {
        /// What the parts of one message have in common.
        package var reference: UInt16
        /// Whether the reference has 16 bits.
        package var isWide: Bool
        /// How many parts there are, 1 to 255.
        package var count: UInt8
        /// Which one this is, 1 to ``count``.
        package var place: UInt8

        /// Creates a place; nil where there is no such place (§9.2.3.24.1: then the element is ignored).
        package init?(reference: UInt16, isWide: Bool = false, count: UInt8, place: UInt8) {
            guard count > 0, (1...count).contains(place), isWide || reference <= 0xFF else { return nil }
            self.reference = reference
            self.isWide = isWide
            self.count = count
            self.place = place
        }
    }

    /// The ports of an application.
    package struct Ports: Sendable, Hashable {
        /// Where it goes.
        package var destination: UInt16
        /// Where it comes from.
        package var source: UInt16
    }

    /// The place of this part; nil for a message of one part.
    package var part: Part?
    /// The ports; nil for a message for people.
    package var ports: Ports?
    /// The tables of the seven-bit text.
    package var alphabet = Alphabet()

    /// Creates an empty header.
    package init() {}

    /// Reads the elements, the length of the header not included; the last of its kind holds (§9.2.3.24).
    init(elements: ArraySlice<UInt8>) {
        var rest = elements
        while rest.count >= 2, let element = rest.popFirst(), let length = rest.popFirst() {
            guard rest.count >= Int(length) else { return }
            take(element, Array(rest.prefix(Int(length))))
            rest = rest.dropFirst(Int(length))
        }
    }

    private mutating func take(_ element: UInt8, _ data: [UInt8]) {
        switch (element, data.count) {
        // §9.2.3.24.1: concatenated, reference of 8 bits.
        case (0x00, 3): part = Part(reference: UInt16(data[0]), count: data[1], place: data[2]) ?? part
        // §9.2.3.24.8: concatenated, reference of 16 bits.
        case (0x08, 4):
            let reference = UInt16(data[0]) << 8 | UInt16(data[1])
            part = Part(reference: reference, isWide: true, count: data[2], place: data[3]) ?? part
        // §9.2.3.24.3 and .4: application ports of 8 and 16 bits.
        case (0x04, 2): ports = Ports(destination: UInt16(data[0]), source: UInt16(data[1]))
        case (0x05, 4):
            ports = Ports(
                destination: UInt16(data[0]) << 8 | UInt16(data[1]),
                source: UInt16(data[2]) << 8 | UInt16(data[3])
            )
        // §9.2.3.24.15 and .16: national language single and locking shift.
        case (0x24, 1): alphabet = Alphabet(locking: alphabet.locking, single: Alphabet.Language(rawValue: data[0]))
        case (0x25, 1): alphabet = Alphabet(locking: Alphabet.Language(rawValue: data[0]), single: alphabet.single)
        default: break
        }
    }

    /// The header with its length in front; empty where there is nothing in it.
    var octets: [UInt8] {
        var elements: [UInt8] = []
        if let part {
            elements +=
                part.isWide
                ? [0x08, 4, UInt8(part.reference >> 8), UInt8(part.reference & 0xFF), part.count, part.place]
                : [0x00, 3, UInt8(part.reference), part.count, part.place]
        }
        if let language = alphabet.single { elements += [0x24, 1, language.rawValue] }
        if let language = alphabet.locking { elements += [0x25, 1, language.rawValue] }
        return elements.isEmpty ? [] : [UInt8(elements.count)] + elements
    }
}
