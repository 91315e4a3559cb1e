import ShortMessage
import Testing

/// Messages that the tests of other projects have, each with its repository and path, and what that says is in it.
///
/// A line with `@` names the place. Then each has two: what is expected, and the octets. `D` is a DELIVER with a text, `S` a
/// SUBMIT, `B` either with octets that are no text, `R` a report; behind it are the number (`?` where the place does not say it),
/// the part (a report's reference), the time in seconds since 1970, and the text (a report's outcome). Signs of U+2400 stand for
/// the controls and the blanks at an end. A second decoder, in another language, has read all of them the same.
///
/// Where others and the standard differ the standard is here: the `b` of a damaged report's number (python-gsmmodem) is `#`
/// (24.008 table 10.5.118), and 0x09 is `Ç` (23.038 §6.2.1), which smspdu has as `ç`.
@Suite struct PublicTableTests {
    struct Vector: Sendable, CustomTestStringConvertible {
        var source: String
        var kind: Character
        var number: String?
        var part: String?
        var at: Int64?
        var text: String?
        var line: String

        var testDescription: String { "\(source) \(kind): \(text ?? line)" }
    }

    static let vectors = read(delivered) + read(submitted)

    private static func read(_ table: String) -> [Vector] {
        var vectors: [Vector] = []
        var source = ""
        var head: [Substring] = []
        for line in table.split(separator: "\n") {
            if line.hasPrefix("@ ") {
                source = String(line.dropFirst(2))
            } else if head.isEmpty {
                head = line.split(separator: " ", maxSplits: 4)
            } else {
                vectors.append(
                    Vector(
                        source: source,
                        kind: head[0].first ?? "?",
                        number: head[1] == "?" ? nil : String(head[1]),
                        part: head[2] == "-" ? nil : String(head[2]),
                        at: Int64(head[3]),
                        text: head[4] == "?" ? nil : plain(head[4]),
                        line: String(line)
                    )
                )
                head = []
            }
        }
        return vectors
    }

    /// The text, with the controls and blanks that its signs stand for.
    private static func plain(_ text: Substring) -> String {
        let scalars = text.unicodeScalars.map { scalar in
            (0x2400...0x2420).contains(scalar.value) ? Unicode.Scalar(UInt8(scalar.value - 0x2400)) : scalar
        }
        return String(String.UnicodeScalarView(scalars))
    }

    @Test("what the tests of others expect is read here", arguments: vectors)
    func expected(_ vector: Vector) throws {
        switch try ReceivedTPDU(line: Self.deliver(of: vector.line)) {
        case .statusReport(let report):
            #expect(vector.kind == "R")
            if let number = vector.number { #expect(report.recipient.text == number) }
            #expect("\(report.reference)" == vector.part)
            if let at = vector.at { #expect(report.at?.seconds == at) }
            #expect("\(report.outcome)" == vector.text)
        case .deliver(let message):
            if let number = vector.number { #expect(message.sender.text == number) }
            #expect(message.userData.header.part.map { "\($0.place)/\($0.count)" } == vector.part)
            if let at = vector.at { #expect(message.at?.seconds == at) }
            switch message.userData.content {
            case .text(let units):
                #expect(vector.kind == "D" || vector.kind == "S")
                if let text = vector.text { #expect(String(decoding: units, as: UTF16.self) == text) }
            case .data(let data):
                #expect(vector.kind == "B")
                if let text = vector.text {
                    #expect(data == text.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) })
                }
            }
        }
    }

    @Test("what is written of their texts has their octets", arguments: vectors.filter { $0.kind == "S" })
    func written(_ vector: Vector) throws {
        let theirs = try Self.content(of: vector.line)
        guard let text = vector.text, let number = vector.number, vector.part == nil, !theirs.hasHeader,
            theirs.coding & ~0x13 == 0 || theirs.coding == 8, number.allSatisfy({ $0.isNumber || $0 == "+" })
        else { return }
        let message = try OutgoingMessage(text, to: number, reference: 1, wantsReport: false)
        let ours = try Self.content(of: message.parts[0].line)
        #expect(message.parts.count == 1)
        // Some write UCS-2 where seven bits would do.
        if ours.coding & 0x0C == theirs.coding & 0x0C { #expect(ours.userData == theirs.userData) }
    }

    @Test("a text is cut where python-messaging cuts it")
    func cut() throws {
        let parts = Self.vectors.filter {
            $0.source.hasPrefix("pmarti/python-messaging") && $0.kind == "S" && $0.part != nil
        }
        let text = parts.compactMap(\.text).joined()
        let message = try OutgoingMessage(text, to: "655345678", reference: 0x88, wantsReport: false)
        let written = try message.parts.map { try Self.content(of: $0.line).userData }
        #expect(written.count == 3)
        #expect(try parts.map { try Self.content(of: $0.line).userData } == written)
    }

    @Test("there are two hundred messages of others, each once")
    func count() {
        var lines = PublicVectorTests.rows.map(\.line) + PublicLineTests.lines.map(\.octets)
        lines += PublicLineTests.notes.map(\.octets) + Self.vectors.map(\.line)
        #expect(Set(lines.map { $0.uppercased() }).count == lines.count)
        #expect(lines.count >= 200)
    }

    // MARK: The service centre, as 23.040 §9.2.2.1 and §9.2.2.2 have it

    /// What stands in a SUBMIT behind the number.
    private struct Content {
        var hasHeader: Bool
        var coding: UInt8
        /// TP-UDL and TP-UD.
        var userData: [UInt8]
        /// The number, with its length and type.
        var address: [UInt8]
        /// The service centre, with its length.
        var centre: [UInt8]
    }

    private static func content(of line: String) throws -> Content {
        let octets = try #require([UInt8](hex: line))
        let centre = Array(octets.prefix(1 + Int(try #require(octets.first))))
        let tpdu = Array(octets.dropFirst(centre.count))
        try #require(tpdu.count > 3)
        let address = Array(tpdu.dropFirst(2).prefix(2 + (Int(tpdu[2]) + 1) / 2))
        let rest = Array(tpdu.dropFirst(2 + address.count))
        // TP-VP is absent, enhanced, relative or absolute (§9.2.3.3).
        let validity = [0, 7, 1, 7][Int(tpdu[0] >> 3 & 3)]
        try #require(rest.count > 2 + validity)
        return Content(
            hasHeader: tpdu[0] & 0x40 != 0,
            coding: rest[1],
            userData: Array(rest.dropFirst(2 + validity)),
            address: address,
            centre: centre
        )
    }

    /// What a service centre makes of a SUBMIT; another TPDU is left as it is.
    static func deliver(of line: String) throws -> String {
        let octets = try #require([UInt8](hex: line))
        let place = 1 + Int(try #require(octets.first))
        try #require(octets.count > place)
        guard octets[place] & 3 == 1 else { return line }
        let content = try content(of: line)
        let head = content.centre + [content.hasHeader ? 0x40 : 0x00] + content.address + [0x00, content.coding]
        return (head + [0x62, 0x11, 0x92, 0x41, 0x00, 0x00, 0x40] + content.userData).hex
    }
}
