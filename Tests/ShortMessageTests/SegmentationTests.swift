import ShortMessage
import TestSupport
import Testing

/// Texts that are cut into parts, sent, and put together again, in any order.
@Suite struct SegmentationTests {
    static let alphabets: [String] = [
        "abcdefghijklmnopqrstuvwxyz ABC0123456789",
        "aé€[]{}~^|\\ÄÖÜß@£",
        "Привет мир",
        "a😀🇩🇪👨‍👩‍👧",
        "ş Ğ ı",
    ]

    /// A text of so many characters, as long as 1600 units of UTF-16 have room for them.
    private static func text(of alphabet: String, _ length: Int, _ random: inout SeededGenerator) -> String {
        let letters = Array(alphabet.unicodeScalars)
        var text = String.UnicodeScalarView()
        var units = 0
        for _ in 0..<length {
            guard let next = letters.randomElement(using: &random) else { break }
            units += UTF16.width(next)
            guard units <= 1600 else { break }
            text.append(next)
        }
        return String(text)
    }

    @Test("texts around every border survive, whatever the order of their parts", arguments: alphabets)
    func survives(_ alphabet: String) throws {
        var random = SeededGenerator(seed: alphabet.utf16.count)
        let lengths = (1...40).map { $0 } + (60...75).map { $0 } + (130...165).map { $0 } + [305, 306, 307, 459, 1600]
        for length in lengths { try survives(Self.text(of: alphabet, length, &random), length, &random) }
    }

    @Test("every text of 1 to 1600 characters survives, whatever the order of its parts")
    func allLengths() throws {
        var random = SeededGenerator(seed: 1600)
        for length in 1...1600 {
            let alphabet = Self.alphabets[length % Self.alphabets.count]
            try survives(Self.text(of: alphabet, length, &random), length, &random)
        }
    }

    private func survives(_ text: String, _ length: Int, _ random: inout SeededGenerator) throws {
        let message = try OutgoingMessage(
            text,
            to: "+491711234567",
            reference: UInt8(length & 0xFF),
            wantsReport: false
        )
        #expect(try Self.joined(message.parts.shuffled(using: &random)) == text)
        #expect(message.parts.count == OutgoingMessage.count(text))
    }

    @Test(
        "national tables are used where they are asked for, and read back",
        arguments: [
            (Alphabet.Language.turkish, "İstanbul'da güneş ışığı, çok şık Ğ"),
            (.spanish, "Él está aquí: ¿qué tal? Ú, ó, ç"),
            (.portuguese, "Não há pão, só coração à mão: Ô, Õ, ê, `"),
        ]
    )
    func national(_ language: Alphabet.Language, _ sentence: String) throws {
        let text = String(repeating: sentence + " ", count: 12)
        let message = try OutgoingMessage(text, to: "10", reference: 7, wantsReport: true, language: language)
        #expect(message.parts.count < OutgoingMessage.count(text))
        #expect(try Self.joined(message.parts.reversed()) == text)
    }

    @Test("a part is never cut within an escape or a surrogate pair")
    func cuts() throws {
        // 159 letters and a sign of two septets: 161 septets.
        let escape = try OutgoingMessage(
            String(repeating: "a", count: 152) + "€" + String(repeating: "b", count: 20),
            to: "1",
            reference: 1,
            wantsReport: false
        )
        #expect(try Self.content(escape.parts[0].line).text == String(repeating: "a", count: 152))
        let pair = try OutgoingMessage(
            String(repeating: "ж", count: 66) + "😀" + String(repeating: "ж", count: 10),
            to: "1",
            reference: 1,
            wantsReport: false
        )
        #expect(try Self.content(pair.parts[0].line).text == String(repeating: "ж", count: 66))
    }

    @Test(
        "what can't be sent is refused",
        arguments: [("", "1"), ("a", ""), ("a", "+"), ("a", "12345678901234567890123"), ("a", "Info")]
    )
    func refused(_ text: String, _ number: String) {
        #expect(throws: OutgoingMessage.Failure.self) {
            try OutgoingMessage(text, to: number, reference: 0, wantsReport: false)
        }
    }

    @Test("letters that are written as two characters take no more room than one, and a tabulator is a space")
    func composed() throws {
        let text = String(repeating: "u\u{308}n\u{303}\ta\u{30A}", count: 20)
        #expect(OutgoingMessage.count(text) == 1)
        let whole = try OutgoingMessage(text, to: "+491711234567", reference: 1, wantsReport: false)
        let plain = try OutgoingMessage(
            String(repeating: "üñ å", count: 20),
            to: "+491711234567",
            reference: 1,
            wantsReport: false
        )
        #expect(whole.parts == plain.parts)
        // 70 of UCS-2: a letter and its breve are one.
        #expect(OutgoingMessage.count(String(repeating: "и\u{306}", count: 70)) == 1)
        #expect(OutgoingMessage.count(String(repeating: "q\u{308}", count: 36)) == 2)
    }

    @Test("a text of too many parts is refused with their number")
    func tooLong() {
        #expect(throws: OutgoingMessage.Failure.tooLong(parts: 28)) {
            try OutgoingMessage(String(repeating: "ж", count: 67 * 27 + 1), to: "1", reference: 0, wantsReport: false)
        }
    }

    @Test("no octets whatever make a reader trap")
    func anything() throws {
        for seed in RandomRounds(20_000) {
            var random = SeededGenerator(seed: seed)
            var octets = (0..<Int.random(in: 0...180, using: &random))
                .map { _ in UInt8.random(in: 0...255, using: &random) }
            // Most would fail at the first octet.
            if Bool.random(using: &random) {
                octets = [0, UInt8.random(in: 0...255, using: &random) & 0xFE, 4, 0x91, 0x21, 0x43] + octets
            }
            guard let message = try? ReceivedTPDU(line: octets.hex), case .deliver(let deliver) = message else {
                continue
            }
            _ = deliver.userData.text
            _ = USSDText.decode(octets.hex, coding: octets.first, isPacked: Bool.random(using: &random))
        }
    }

    // MARK: The service centre, as 23.040 §9.2.2.1 has it

    private static func joined(_ parts: some Sequence<OutgoingMessage.Part>) throws -> String {
        let contents = try parts.map { try content($0.line) }
        let sorted = contents.sorted { ($0.header.part?.place ?? 0) < ($1.header.part?.place ?? 0) }
        #expect(Set(sorted.map { $0.header.part?.reference }).count == 1)
        #expect(sorted.allSatisfy { Int($0.header.part?.count ?? 1) == sorted.count })
        return sorted.compactMap(\.text).joined()
    }

    /// The content of a SUBMIT, by way of the DELIVER that a service centre makes of it.
    private static func content(_ line: String) throws -> UserData {
        let octets = try #require([UInt8](hex: line))
        let digits = Int(octets[3])
        let address = Array(octets[3..<(5 + (digits + 1) / 2)])
        let rest = Array(octets[(3 + address.count)...])
        // PID, DCS, then the validity, for which the time stands in a DELIVER.
        let deliver =
            [0x00, octets[1] & 0x40] + address + rest[0...1] + [0x62, 0x11, 0x92, 0x41, 0x00, 0x00, 0x40] + rest[3...]
        guard case .deliver(let message) = try ReceivedTPDU(line: deliver.hex) else {
            throw TPDUError.malformed("no message")
        }
        return message.userData
    }
}
