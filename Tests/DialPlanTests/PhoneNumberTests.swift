import DialPlan
import Testing

/// One typed number with all the ways to write it.
struct NumberRow: Sendable, CustomTestStringConvertible {
    var region: String
    var typed: String
    var e164: String?
    var national: String

    init(_ region: String, _ typed: String, _ e164: String?, _ national: String) {
        self.region = region
        self.typed = typed
        self.e164 = e164
        self.national = national
    }

    var testDescription: String { "\(region) \(typed)" }
}

@Suite("Numbers as typed in a region")
struct PhoneNumberTests {
    static let rows: [NumberRow] = [
        // Germany
        NumberRow("DE", "0221 669 669 66", "4922166966966", "022166966966"),
        NumberRow("DE", "030/12345678", "493012345678", "03012345678"),
        NumberRow("DE", "+49 221 66966966", "4922166966966", "022166966966"),
        NumberRow("DE", "+49 (0)221 66966966", "4922166966966", "022166966966"),
        NumberRow("DE", "+49 0221 66966966", "4922166966966", "022166966966"),
        NumberRow("DE", "+49 (0221) 66966966", "4922166966966", "022166966966"),
        NumberRow("DE", "0049 221 66966966", "4922166966966", "022166966966"),
        NumberRow("DE", "0049 (0)221 66966966", "4922166966966", "022166966966"),
        NumberRow("DE", "0049 0221 66966966", "4922166966966", "022166966966"),
        NumberRow("DE", "tel:+49-221-66966966;ext=1", "4922166966966", "022166966966"),
        NumberRow("DE", "0151 23456789", "4915123456789", "015123456789"),
        NumberRow("DE", "0911 123456", "49911123456", "0911123456"),
        NumberRow("DE", "0261 123456", "49261123456", "0261123456"),
        NumberRow("DE", "00 261 20 1234567", "261201234567", "00261201234567"),
        NumberRow("DE", "+43 1 5880", "4315880", "004315880"),
        NumberRow("DE", "+44 (0)20 7946 0018", "442079460018", "00442079460018"),
        NumberRow("DE", "+44 020 7946 0018", "442079460018", "00442079460018"),
        NumberRow("DE", "+39 06 698 1234", "39066981234", "0039066981234"),
        NumberRow("DE", "+39 (0)6 698 1234", "39066981234", "0039066981234"),
        NumberRow("DE", "+1 212 555 0123", "12125550123", "0012125550123"),
        NumberRow("DE", "0900 1 234567", "499001234567", "09001234567"),
        NumberRow("DE", "115", nil, "115"),
        NumberRow("DE", "+49 115", nil, "115"),
        NumberRow("DE", "116117", nil, "116117"),
        NumberRow("DE", "116 117", nil, "116117"),
        NumberRow("DE", "+49 116117", nil, "116117"),
        NumberRow("DE", "11833", nil, "11833"),
        NumberRow("DE", "004911833", nil, "11833"),
        NumberRow("DE", "3311", nil, "3311"),
        NumberRow("DE", "669669", nil, "669669"),
        NumberRow("DE", "6696696", nil, "6696696"),
        NumberRow("DE", "0115", nil, "0115"),
        NumberRow("DE", "0110", nil, "0110"),
        NumberRow("DE", "0112", nil, "0112"),
        NumberRow("DE", "112", nil, "112"),
        NumberRow("DE", "+49112", nil, "112"),
        NumberRow("DE", "0049110", nil, "110"),
        NumberRow("DE", "1120", nil, "1120"),
        NumberRow("DE", "01013 0221 669669", nil, "010130221669669"),
        NumberRow("DE", "010088 0221 669669", nil, "0100880221669669"),
        NumberRow("DE", "0800 1234567", "498001234567", "08001234567"),
        NumberRow("DE", "032 21234567", "493221234567", "03221234567"),
        NumberRow("DE", "+881 6 12345678", "881612345678", "00881612345678"),
        // Austria, Switzerland, Liechtenstein
        NumberRow("AT", "01 5880", "4315880", "015880"),
        NumberRow("AT", "01 58800", "43158800", "0158800"),
        NumberRow("AT", "0664 1234567", "436641234567", "06641234567"),
        NumberRow("AT", "+49 221 669669", "49221669669", "0049221669669"),
        NumberRow("AT", "+43 (0)664 1234567", "436641234567", "06641234567"),
        NumberRow("AT", "133", nil, "133"),
        NumberRow("AT", "+43133", nil, "133"),
        NumberRow("CH", "044 668 18 00", "41446681800", "0446681800"),
        NumberRow("CH", "+41 (0)79 123 45 67", "41791234567", "0791234567"),
        NumberRow("CH", "1811", nil, "1811"),
        NumberRow("LI", "236 61 11", "4232366111", "2366111"),
        NumberRow("LI", "00423 236 61 11", "4232366111", "2366111"),
        // The Netherlands, Belgium, Luxembourg
        NumberRow("NL", "020 555 1111", "31205551111", "0205551111"),
        NumberRow("NL", "+31 (0)6 12345678", "31612345678", "0612345678"),
        NumberRow("NL", "0182 123456", "31182123456", "0182123456"),
        NumberRow("BE", "02 501 21 11", "3225012111", "025012111"),
        NumberRow("BE", "+32 470 12 34 56", "32470123456", "0470123456"),
        NumberRow("LU", "621 123 456", "352621123456", "621123456"),
        NumberRow("LU", "45 12 34", "352451234", "451234"),
        NumberRow("LU", "12345", nil, "12345"),
        NumberRow("LU", "+352 45 12 34", "352451234", "451234"),
        // France, Britain, Ireland
        NumberRow("FR", "01 42 68 53 00", "33142685300", "0142685300"),
        NumberRow("FR", "+33 (0)6 12 34 56 78", "33612345678", "0612345678"),
        NumberRow("FR", "3949", nil, "3949"),
        NumberRow("FR", "118218", nil, "118218"),
        NumberRow("GB", "020 7946 0018", "442079460018", "02079460018"),
        NumberRow("GB", "+44 118 496 0000", "441184960000", "01184960000"),
        NumberRow("GB", "999", nil, "999"),
        NumberRow("GB", "0044999", nil, "999"),
        NumberRow("GB", "118500", nil, "118500"),
        NumberRow("GB", "00 353 1 234 5678", "35312345678", "0035312345678"),
        NumberRow("IE", "01 550 1234", "35315501234", "015501234"),
        NumberRow("IE", "+353 1 800 1234", "35318001234", "018001234"),
        NumberRow("IE", "1550 123 456", nil, "1550123456"),
        NumberRow("IE", "+353 1800 123456", nil, "1800123456"),
        // Italy, Spain, Portugal
        NumberRow("IT", "06 698 1234", "39066981234", "066981234"),
        NumberRow("IT", "+39 06 698 1234", "39066981234", "066981234"),
        NumberRow("IT", "+39 (0)6 698 1234", "39066981234", "066981234"),
        NumberRow("IT", "0039 02 12345678", "390212345678", "0212345678"),
        NumberRow("IT", "347 1234567", "393471234567", "3471234567"),
        NumberRow("IT", "1254", nil, "1254"),
        NumberRow("ES", "91 123 45 67", "34911234567", "911234567"),
        NumberRow("ES", "061", nil, "061"),
        NumberRow("ES", "0034 612 345 678", "34612345678", "612345678"),
        NumberRow("PT", "21 123 4567", "351211234567", "211234567"),
        NumberRow("PT", "+351 912 345 678", "351912345678", "912345678"),
        // Poland, Czechia
        NumberRow("PL", "22 123 45 67", "48221234567", "221234567"),
        NumberRow("PL", "022 123 45 67", nil, "0221234567"),
        NumberRow("PL", "998", nil, "998"),
        NumberRow("CZ", "224 123 456", "420224123456", "224123456"),
        NumberRow("CZ", "158", nil, "158"),
        // The North
        NumberRow("DK", "33 12 34 56", "4533123456", "33123456"),
        NumberRow("DK", "+45 33 12 34 56", "4533123456", "33123456"),
        NumberRow("SE", "08-123 456 78", "46812345678", "0812345678"),
        NumberRow("SE", "+46 (0)70 123 45 67", "46701234567", "0701234567"),
        NumberRow("SE", "90000", nil, "90000"),
        NumberRow("NO", "22 12 34 56", "4722123456", "22123456"),
        NumberRow("NO", "1881", nil, "1881"),
        NumberRow("FI", "09 1234567", "35891234567", "091234567"),
        NumberRow("FI", "+358 40 1234567", "358401234567", "0401234567"),
        // North America
        NumberRow("US", "(212) 555-0123", "12125550123", "12125550123"),
        NumberRow("US", "1-212-555-0123", "12125550123", "12125550123"),
        NumberRow("US", "+1 212 555 0123", "12125550123", "12125550123"),
        NumberRow("US", "011 49 (0)221 669669", "49221669669", "01149221669669"),
        NumberRow("US", "+49 221 669669", "49221669669", "01149221669669"),
        NumberRow("US", "900 555 0123", "19005550123", "19005550123"),
        NumberRow("US", "555-0123", nil, "5550123"),
        NumberRow("US", "911", nil, "911"),
        NumberRow("US", "+1911", nil, "911"),
        NumberRow("US", "10288 0123", nil, "102880123"),
        NumberRow("US", "0049 221 669669", nil, "0049221669669"),
        NumberRow("CA", "416 555 0123", "14165550123", "14165550123"),
        // South America: a mobile's 15 behind the area code, with the trunk zero and without
        NumberRow("AR", "(380) 15 412-3456", "5493804123456", "0380154123456"),
        NumberRow("AR", "0380 15 412-3456", "5493804123456", "0380154123456"),
        NumberRow("AR", "11 15-1234-5678", "5491112345678", "0111512345678"),
        NumberRow("AR", "223 15 412-3456", "5492234123456", "0223154123456"),
        NumberRow("AR", "11 1234-5678", "541112345678", "01112345678"),
        NumberRow("BR", "11 98765-4321", "5511987654321", "11987654321"),
        NumberRow("BR", "015 11 98765-4321", nil, "01511987654321"),
        NumberRow("CL", "9 8765 4321", "56987654321", "987654321"),
        NumberRow("CO", "321 1234567", "573211234567", "3211234567"),
        NumberRow("CO", "601 456 7890", "576014567890", "6014567890"),
        // An address with its context
        NumberRow("DE", "tel:123469;phone-context=+4930", "4930123469", "030123469"),
        NumberRow("DE", "tel:0158858;phone-context=+43", "43158858", "0043158858"),
        NumberRow("DE", "tel:110;phone-context=+49", nil, "110"),
        NumberRow("US", "tel:911;phone-context=+1", nil, "911"),
    ]

    @Test("a number is understood and written in every format", arguments: rows)
    func formats(row: NumberRow) throws {
        let number = try PhoneNumber(typed: row.typed, region: Region(code: row.region))
        #expect(number.e164 == row.e164)
        #expect(number.formatted(.national).text == row.national)
        #expect(number.formatted(.e164).text == row.e164 ?? row.national)
        #expect(number.formatted(.plusE164).text == row.e164.map { "+" + $0 } ?? row.national)
        #expect(number.formatted(.international00).text == row.e164.map { "00" + $0 } ?? row.national)
        #expect(number.description == number.formatted(.plusE164).text)
        for format in NumberFormat.allCases {
            #expect(keepsGrammar(number.formatted(format).text))
        }
    }

    @Test("writing a number and reading it again changes nothing", arguments: rows)
    func roundTrip(row: NumberRow) throws {
        let region = try Region(code: row.region)
        let number = try PhoneNumber(typed: row.typed, region: region)
        for format in [NumberFormat.national, .plusE164] {
            let again = try PhoneNumber(typed: number.formatted(format).text, region: region)
            #expect(again.e164 == number.e164)
            #expect(again.formatted(.national) == number.formatted(.national))
        }
    }

    @Test(
        "what can't be a number in a region is refused",
        arguments: [
            ("DE", "+0221669669", .zeroCountryCode),
            ("DE", "000 123456", .zeroCountryCode),
            ("DE", "0049", .tooShort(digits: 2, least: 6)),
            ("DE", "+49 22", .tooShort(digits: 4, least: 6)),
            ("DE", "00 1234567890123456", .tooLong(digits: 16, limit: 15)),
            ("DE", "0 12345678901234567", .tooLong(digits: 19, limit: 15)),
            ("DE", "15", .tooShort(digits: 2, least: 3)),
            ("US", "011 0123456", .zeroCountryCode),
            ("DE", "*100#", .serviceCode("*", position: 1)),
        ] as [(String, String, NumberError)]
    )
    func refusals(region: String, typed: String, expected: NumberError) throws {
        let region = try Region(code: region)
        #expect(throws: expected) { try PhoneNumber(typed: typed, region: region) }
    }

    @Test(
        "a number abroad is told from one at home",
        arguments: [("+49 221 669669", false), ("+43 1 58800", true), ("115", false)]
    )
    func foreign(typed: String, expected: Bool) throws {
        let number = try PhoneNumber(typed: typed, region: Region(code: "DE"))
        #expect(number.isForeign == expected)
    }

    @Test(
        "digits that mean another number with a plus are told",
        arguments: [
            ("IT", "3906123456", "+3906123456"), ("IT", "3391234567", nil), ("IT", "+3906123456", nil),
            ("IT", "0612345678", nil), ("DE", "4930123456", nil), ("US", "12125550123", nil), ("IT", "112", nil),
        ]
    )
    func readingWithPlus(region: String, typed: String, other: String?) throws {
        #expect(try PhoneNumber(typed: typed, region: Region(code: region)).readingWithPlus == other)
    }

    @Test("a region is found by its code in either case")
    func regionByCode() throws {
        #expect(try Region(code: "de").countryCode == "49")
        #expect(try Region(code: "It").trunkPrefix == "")
        #expect(Set(Region.all.map(\.code)).count == Region.all.count)
        let wanted = "DE AT CH NL BE FR GB IE IT ES PT PL CZ DK SE NO FI US CA LU LI".split(separator: " ")
            .map(String.init)
        #expect(Set(wanted).isSubset(of: Set(Region.all.map(\.code))))
    }

    @Test(
        "an unknown region is answered with what to write instead",
        arguments: [
            ("XX", "such as AT, CH, DE"), ("", "such as AT, CH, DE"), ("de ", "such as AT, CH, DE"),
            ("D\u{1B}", "such as AT, CH, DE"), ("Germany", "did you mean DE?"), ("uk", "did you mean GB?"),
        ]
    )
    func unknownRegion(code: String, remedy: String) {
        #expect {
            try Region(code: code)
        } throws: { error in
            let text = String(describing: error)
            return text.contains(remedy) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
        }
    }
}
