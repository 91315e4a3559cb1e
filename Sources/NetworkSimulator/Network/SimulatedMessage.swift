/// A message for a modem, as a person outside sends it.
package struct SimulatedMessage: Sendable, Equatable {
    /// Who sends it: a number, or a name.
    package var from: String
    /// Its text.
    package var text: String
    /// Whether the parts of a long one are counted by 16 bits.
    package var hasWideReference = false
    /// The order in which the parts arrive, counted from 0; nil for the natural one.
    package var order: [Int]?

    /// Makes a message.
    package init(from: String, text: String) {
        self.from = from
        self.text = text
    }

    /// SMS-DELIVER, each part (3GPP TS 23.040 clause 9.2.2.1), without the number of the service centre.
    package func deliveries(reference: Int, seconds: Int64) -> [[UInt8]] {
        let codes = ShortMessageText.codes(text)
        // Clause 9.2.3.24: the header's length, then its elements.
        let headerLength = hasWideReference ? 7 : 6
        let isLong: Bool
        var bodies: [(units: Int, octets: [UInt8])] = []
        if let codes {
            isLong = codes.reduce(0) { $0 + $1.count } > 160
            // So that the text begins at a septet's edge.
            let fill = (7 - headerLength * 8 % 7) % 7
            let room = isLong ? (140 - headerLength) * 8 / 7 : 160
            bodies = Self.pieces(codes, room: room)
                .map { piece in
                    let septets = (headerLength * 8 + fill) / 7
                    return (
                        units: piece.count + (isLong ? septets : 0),
                        octets: ShortMessageText.octets(codes: piece, behind: isLong ? fill : 0)
                    )
                }
        } else {
            let characters = text.unicodeScalars.map { Array(String($0).utf16) }
            isLong = text.utf16.count > 70
            bodies = Self.pieces(characters, room: isLong ? (140 - headerLength) / 2 : 70)
                .map { piece in
                    (
                        units: piece.count * 2 + (isLong ? headerLength : 0),
                        octets: piece.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
                    )
                }
        }
        let parts = bodies.enumerated()
            .map { index, body -> [UInt8] in
                var header: [UInt8] = []
                if isLong {
                    header =
                        hasWideReference
                        ? [6, 8, 4, UInt8(reference >> 8 & 0xFF), UInt8(reference & 0xFF)]
                        : [5, 0, 3, UInt8(reference & 0xFF)]
                    header += [UInt8(bodies.count), UInt8(index + 1)]
                }
                return [isLong ? 0x44 : 0x04] + Self.address(from) + [0x00, codes == nil ? 0x08 : 0x00]
                    + Self.time(seconds) + [UInt8(body.units)] + header + body.octets
            }
        return order.map { $0.compactMap { parts.indices.contains($0) ? parts[$0] : nil } } ?? parts
    }

    /// Whole characters, as many as there is room for.
    private static func pieces<Unit>(_ characters: [[Unit]], room: Int) -> [[Unit]] {
        var pieces: [[Unit]] = [[]]
        for character in characters {
            if pieces[pieces.count - 1].count + character.count > room { pieces.append([]) }
            pieces[pieces.count - 1] += character
        }
        return pieces
    }

    /// Clause 9.1.2.5: length in semi-octets, type, digits with the halves of each octet swapped.
    package static func address(_ text: String) -> [UInt8] {
        let digits = text.filter { $0.isASCII && $0.isNumber }
        guard digits.count == text.count || text == "+" + digits else {
            let codes = (ShortMessageText.codes(text) ?? []).flatMap { $0 }
            let octets = ShortMessageText.octets(codes: codes, behind: 0)
            return [UInt8((codes.count * 7 + 3) / 4), 0xD0] + octets
        }
        var swapped: [UInt8] = []
        var rest = Array(digits)
        if rest.count % 2 != 0 { rest.append("f") }
        for start in stride(from: 0, to: rest.count, by: 2) {
            swapped.append(UInt8(String([rest[start + 1], rest[start]]), radix: 16) ?? 0)
        }
        return [UInt8(digits.count), text.hasPrefix("+") ? 0x91 : 0x81] + swapped
    }

    /// Clause 9.2.3.11: year to second and the zone, halves swapped; here always UTC and an hour (four quarters).
    package static func time(_ seconds: Int64) -> [UInt8] {
        let local = seconds + 3600
        var days = local / 86_400
        var year = 1970
        func length(_ year: Int) -> Int64 { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 366 : 365 }
        while days >= length(year) {
            days -= length(year)
            year += 1
        }
        var month = 1
        let months: [Int64] = [31, length(year) - 337, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        for count in months where days >= count && month < 12 {
            days -= count
            month += 1
        }
        let clock = Int(local % 86_400)
        let values = [year % 100, month, Int(days) + 1, clock / 3600, clock / 60 % 60, clock % 60, 4]
        return values.map { UInt8($0 % 10 * 16 + $0 / 10) }
    }
}

/// SMS-SUBMIT as a service centre reads it (3GPP TS 23.040 clause 9.2.2.2).
package struct SubmittedPart: Sendable, Equatable {
    package var number: String
    package var text: String
    package var wantsReport: Bool
    /// What the parts of one message have in common; nil for a message of one part.
    package var reference: Int?
    package var place = 1
    package var count = 1
    /// The address as it came, for the report.
    package var address: [UInt8]

    /// Reads the octets behind the number of the service centre; nil where they are no such message.
    package init?(_ octets: [UInt8]) {
        // Clause 9.2.3.1: type 01 in the two lowest bits.
        guard octets.count > 7, octets[0] & 3 == 1 else { return nil }
        wantsReport = octets[0] & 0x20 != 0
        let length = Int(octets[2])
        let end = 4 + (length + 1) / 2
        guard octets.count > end + 2 else { return nil }
        address = Array(octets[2..<end])
        let swapped = octets[4..<end].flatMap { [$0 & 15, $0 >> 4] }.prefix(length)
        number = (octets[3] & 0x70 == 0x10 ? "+" : "") + swapped.map { String($0, radix: 16) }.joined()
        let coding = octets[end + 1]
        // Clause 9.2.3.3: no validity, a relative one of one octet, else seven.
        let validity = octets[0] >> 3 & 3
        let textAt = end + 2 + (validity == 0 ? 0 : validity == 2 ? 1 : 7)
        guard octets.count > textAt else { return nil }
        let units = Int(octets[textAt])
        var body = Array(octets[(textAt + 1)...])
        var headerOctets = 0
        if octets[0] & 0x40 != 0, let first = body.first {
            headerOctets = Int(first) + 1
            guard body.count >= headerOctets else { return nil }
            let header = Array(body[1..<headerOctets])
            if header.count >= 5, header[0] == 0, header[1] == 3 {
                (reference, count, place) = (Int(header[2]), Int(header[3]), Int(header[4]))
            } else if header.count >= 6, header[0] == 8, header[1] == 4 {
                (reference, count, place) = (Int(header[2]) << 8 | Int(header[3]), Int(header[4]), Int(header[5]))
            }
            body.removeFirst(headerOctets)
        }
        if coding & 0x0C == 0x08 {
            guard units == headerOctets + body.count, body.count % 2 == 0 else { return nil }
            let pairs = stride(from: 0, to: body.count, by: 2).map { UInt16(body[$0]) << 8 | UInt16(body[$0 + 1]) }
            text = String(decoding: pairs, as: UTF16.self)
        } else {
            let septets = (headerOctets * 8 + 6) / 7
            guard (units * 7 + 7) / 8 == headerOctets + body.count else { return nil }
            let codes = ShortMessageText.codes(
                octets: body,
                count: units - septets,
                behind: septets * 7 - headerOctets * 8
            )
            text = ShortMessageText.text(codes: codes)
        }
    }
}
