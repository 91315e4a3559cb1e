import DialPlan
import TestSupport
import Testing

/// The grammar, told a second time and byte by byte: `^\+?[0-9]{3,20}$`, at most 15 digits behind a plus.
func keepsGrammar(_ text: String) -> Bool {
    var bytes = Array(text.utf8)[...]
    var limit = 20
    if bytes.first == 0x2B {
        bytes = bytes.dropFirst()
        limit = 15
    }
    return (3...limit).contains(bytes.count) && bytes.allSatisfy { (0x30...0x39).contains($0) }
}

@Suite("What may be dialled")
struct DialStringTests {
    @Test(
        "what people put between digits goes away",
        arguments: [
            ("030 12345678", "03012345678"),
            ("0221/669 669-66", "022166966966"),
            ("(0221) 669669", "0221669669"),
            ("0221.669.669", "0221669669"),
            ("+49 221 669669", "+49221669669"),
            ("+49 (0)221 669669", "+49221669669"),
            ("+49 ( 0 ) 221 669669", "+49221669669"),
            ("+49(0)221669669", "+49221669669"),
            ("0049 (0) 221 669669", "0049221669669"),
            ("+44 (0)20 7946 0018", "+442079460018"),
            ("+39 (0)6 1234567", "+39061234567"),
            ("(0)221 669669", "0221669669"),
            ("0221 669 (0) 12", "0221669012"),
            ("+49 221 669 (0)", "+492216690"),
            ("+49 (00) 221", "+4900221"),
            ("tel:+49-221-669669", "+49221669669"),
            ("TEL:0221669669;phone-context=+49;x=1", "+49221669669"),
            ("tel:123469;phone-context=+4930", "+4930123469"),
            ("tel:123-469;x=;Phone-Context=+49-30", "+4930123469"),
            ("tel:030123469;phone-context=+4930", "+4930123469"),
            ("tel:0043158858;phone-context=+49", "+43158858"),
            ("tel:0612345678;phone-context=+39", "+390612345678"),
            ("tel:12125550123;phone-context=+1", "+12125550123"),
            ("tel:5550123;phone-context=+1212", "+12125550123"),
            ("tel:+49221669669;phone-context=pbx.example", "+49221669669"),
            ("tel:030123456;postd=pp0900", "030123456"),
            ("tel:112;phone-context=+4930", "112"),
            ("tel:112;phone-context=pbx.example", "112"),
            ("tel:110;phone-context=+4930", "+49110"),
            ("tel:000;phone-context=+61", "+61000"),
            ("  tel:+49221669669", "+49221669669"),
            ("0221\u{A0}669\u{202F}669", "0221669669"),
            ("0221\u{2009}669\u{2003}669", "0221669669"),
            ("0221\u{2011}669\u{2013}669", "0221669669"),
            ("0221\t669669", "0221669669"),
            ("\u{202A}+49 221 669669\u{202C}", "+49221669669"),
            (" 112 ", "112"),
            ("116 117", "116117"),
            ("+ 49 221 669669", "+49221669669"),
            ("12345678901234567890", "12345678901234567890"),
            ("+123456789012345", "+123456789012345"),
        ]
    )
    func separators(typed: String, expected: String) throws {
        let dialled = try DialString(typed: typed)
        #expect(dialled.text == expected)
        #expect(dialled.isInternational == expected.hasPrefix("+"))
        #expect(dialled.digits == expected.filter { $0 != "+" })
    }

    @Test(
        "what is no number is refused with its reason and its place",
        arguments: [
            ("", .empty),
            ("   ", .empty),
            ("-/.()", .empty),
            ("tel:", .empty),
            ("tel:;ext=5", .empty),
            ("tel:;phone-context=+49", .empty),
            ("tel:1234;phone-context=pbx.example", .localToNetwork),
            ("tel:030123456;phone-context=49", .localToNetwork),
            ("tel:030123456;phone-context=+49x", .localToNetwork),
            ("tel:030123456;phone-context=+", .localToNetwork),
            ("tel:030123456;phone-context=", .localToNetwork),
            ("tel:123456789;phone-context=+49301234567", .tooLong(digits: 20, limit: 15)),
            ("1", .tooShort(digits: 1, least: 3)),
            ("12", .tooShort(digits: 2, least: 3)),
            ("+49", .tooShort(digits: 2, least: 3)),
            ("123456789012345678901", .tooLong(digits: 21, limit: 20)),
            ("+1234567890123456", .tooLong(digits: 16, limit: 15)),
            ("0800FLOWERS", .letter("F", position: 5)),
            ("030 12a45", .letter("a", position: 7)),
            ("0221A", .letter("A", position: 5)),
            ("0221D669", .letter("D", position: 5)),
            ("sip:0221669669@pbx", .letter("s", position: 1)),
            ("0221\u{E4}", .letter("\u{E4}", position: 5)),
            ("0221\u{0430}", .letter("\u{0430}", position: 5)),
            ("*100#", .serviceCode("*", position: 1)),
            ("**21*0221669669#", .serviceCode("*", position: 1)),
            ("#31#0221669669", .serviceCode("#", position: 1)),
            ("0221669669#", .serviceCode("#", position: 11)),
            ("0221,669", .dialModifier(",", position: 5)),
            ("0221;669", .dialModifier(";", position: 5)),
            ("0221w669", .dialModifier("w", position: 5)),
            ("0221p669", .dialModifier("p", position: 5)),
            ("T0221669", .dialModifier("T", position: 1)),
            ("0221W669", .dialModifier("W", position: 5)),
            ("0221!669", .dialModifier("!", position: 5)),
            ("0221@669", .dialModifier("@", position: 5)),
            ("0221669;\rATD*100#", .dialModifier(";", position: 8)),
            ("0221\r669", .unexpected("\r", position: 5)),
            ("0221\r\n669", .unexpected("\r\n", position: 5)),
            ("0221\n669", .unexpected("\n", position: 5)),
            ("0221\0669", .unexpected("\0", position: 5)),
            ("0221\u{1A}669", .unexpected("\u{1A}", position: 5)),
            ("0221\"669", .unexpected("\"", position: 5)),
            ("0221_669", .unexpected("_", position: 5)),
            ("0221\u{202E}669", .unexpected("\u{202E}", position: 5)),
            ("1\u{301}12", .foreignDigit("1\u{301}", position: 1)),
            ("11\u{2003}\u{301}2", .unexpected("\u{2003}\u{301}", position: 3)),
            ("\u{FF11}12", .foreignDigit("\u{FF11}", position: 1)),
            ("022\u{0661}", .foreignDigit("\u{0661}", position: 4)),
            ("022\u{06F1}", .foreignDigit("\u{06F1}", position: 4)),
            ("022\u{0967}", .foreignDigit("\u{0967}", position: 4)),
            ("022\u{B2}", .foreignDigit("\u{B2}", position: 4)),
            ("+", .plusAlone),
            (" + ", .plusAlone),
            ("++49221669669", .secondPlus(position: 2)),
            ("+49+221669669", .secondPlus(position: 4)),
            ("49+221669669", .plusInside(position: 3)),
            ("+0221669669", .zeroCountryCode),
            ("+ (0)49221", .zeroCountryCode),
        ] as [(String, NumberError)]
    )
    func refusals(typed: String, expected: NumberError) {
        #expect(throws: expected) { try DialString(typed: typed) }
    }

    @Test(
        "a refusal says which character, where, and what to do",
        arguments: [
            ("*100#", ["'*'", "position 1", "service codes are not calls"]),
            ("022\u{FF11}", ["U+FF11", "FULLWIDTH DIGIT ONE", "position 4"]),
            ("022\u{0661}", ["U+0661", "ARABIC-INDIC DIGIT ONE", "position 4"]),
            ("0221w1", ["'w'", "position 5", "leave it out"]),
            ("0221A1", ["'A'", "position 5", "tone", "digits"]),
            ("12", ["2 digits", "at least 3"]),
            ("1", ["1 digit ", "at least 3"]),
            ("+1234567890123456", ["16 digits", "at most 15"]),
            ("123456789012345678901", ["21 digits", "at most 20"]),
            ("0221\u{1B}[2J", ["U+001B", "position 5"]),
            ("49+2211", ["position 3", "in front"]),
            ("+0221", ["country code", "+49"]),
        ]
    )
    func descriptions(typed: String, parts: [String]) {
        #expect {
            try DialString(typed: typed)
        } throws: { error in
            let text = String(describing: error)
            return parts.allSatisfy { text.contains($0) } && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        }
    }

    @Test("random text never crashes and passes only what keeps the grammar", arguments: [1, 2, 3, 4] as [UInt64])
    func randomText(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let likely: [Unicode.Scalar] = Array("0123456789+ -/.()*#,;wpABD@!\r\n\ttel:".unicodeScalars)
        let region = Region.all[Int(seed) % Region.all.count]
        var passed = 0
        for _ in 0..<5_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...24, using: &random) {
                let dice = Int.random(in: 0..<100, using: &random)
                if dice < 55 {
                    text.append(likely[Int.random(in: 0..<10, using: &random)])
                } else if dice < 96 {
                    text.append(likely[Int.random(in: 0..<likely.count, using: &random)])
                } else if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x10FFFF, using: &random)) {
                    text.append(scalar)
                }
            }
            let typed = String(text)
            _ = EmergencyNumbers.contains(typed, region: region)
            guard let dialled = try? DialString(typed: typed) else { continue }
            passed += 1
            #expect(keepsGrammar(dialled.text), "\(typed.debugDescription)")
            // Nothing is invented and nothing is swapped: what is left are the typed digits, less a "(0)".
            let typedDigits = typed.utf8.filter { (0x30...0x39).contains($0) }
            let kept = Array(dialled.digits.utf8)
            #expect(
                kept == typedDigits || (typed.contains("(") && kept.count + 1 == typedDigits.count)
                    || typed.contains(";")
            )
            if let number = try? PhoneNumber(typed: typed, region: region) {
                for format in NumberFormat.allCases {
                    #expect(
                        keepsGrammar(number.formatted(format).text) || number.formatted(format).isInternational == false
                    )
                    #expect(keepsGrammar(number.formatted(format).text), "\(typed.debugDescription) as \(format)")
                }
            }
        }
        #expect(passed > 100, "the generator must make numbers as well")
    }

    @Test("text of any scalars is refused or keeps the grammar", arguments: [5, 6] as [UInt64])
    func arbitraryUnicode(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var refused = 0
        for _ in 0..<5_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 1...12, using: &random) {
                if let scalar = Unicode.Scalar(UInt32.random(in: 0...0x2FFFF, using: &random)) {
                    text.append(scalar)
                }
            }
            do throws(NumberError) {
                let dialled = try DialString(typed: String(text))
                #expect(keepsGrammar(dialled.text))
            } catch {
                refused += 1
                #expect(error.description.utf8.allSatisfy { (0x20...0x7E).contains($0) || $0 >= 0x80 })
            }
        }
        #expect(refused > 4_900)
    }
}
