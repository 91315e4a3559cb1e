import DialPlan
import TestSupport
import Testing

@Suite("Callers as networks and exchanges report them")
struct ReportedCallerTests {
    @Test(
        "a number is found in what is reported",
        arguments: [
            // Modems: the digits and the type of address.
            ("DE", "+4915112345678", 145, nil, "4915112345678"),
            ("DE", "4915112345678", 145, nil, "4915112345678"),
            ("DE", "004915112345678", 145, nil, "4915112345678"),
            ("DE", "15112345678", 161, nil, "4915112345678"),
            ("DE", "015112345678", 161, nil, "4915112345678"),
            ("DE", "030123456", 129, nil, "4930123456"),
            ("DE", "00431 58858", 129, nil, "43158858"),
            ("IT", "066982123", 161, nil, "39066982123"),
            // Exchanges.
            ("DE", "030123456", nil, nil, "4930123456"),
            ("DE", "4930123456", nil, nil, "4930123456"),
            ("DE", "30123456", nil, nil, "4930123456"),
            ("DE", "43158858", nil, NumberFormat.e164, "43158858"),
            ("DE", "+43158858", nil, nil, "43158858"),
            ("DE", "\"Anna Beispiel\" <+4930123456>", nil, nil, "4930123456"),
            ("DE", "Anna <sip:+4930123456@pbx.example;user=phone>", nil, nil, "4930123456"),
            ("DE", "sip:%2B4930123456@pbx.example", nil, nil, "4930123456"),
            ("DE", "sips:030123456;phone-context=+49@pbx.example", nil, nil, "4930123456"),
            ("DE", "tel:+49-30-123456", nil, nil, "4930123456"),
            ("DE", "+49 (0)30 123456", nil, nil, "4930123456"),
            ("DE", "<tel:+4930123456>", nil, nil, "4930123456"),
            ("GB", "447912345678", nil, nil, "447912345678"),
            ("US", "2125550123", nil, nil, "12125550123"),
            ("US", "12125550123", nil, nil, "12125550123"),
            ("IN", "919812345678", nil, nil, "919812345678"),
        ] as [(String, String, Int?, NumberFormat?, String)]
    )
    func numbers(region: String, text: String, type: Int?, format: NumberFormat?, e164: String) throws {
        let caller = try ReportedCaller(text, typeOfAddress: type, format: format, region: Region(code: region))
        guard case .number(let number) = caller.identity else {
            Issue.record("\(caller.identity)")
            return
        }
        #expect(number.e164 == e164)
    }

    @Test(
        "what is no number of the world stays what it is",
        arguments: [
            ("anonymous", .withheld), ("Anonymous", .withheld), ("<sip:anonymous@anonymous.invalid>", .withheld),
            ("\"Anonymous\" <anonymous>", .withheld), ("restricted", .withheld), ("266696687", .withheld),
            ("", .unavailable), ("unknown", .unavailable), ("\"\" <unknown>", .unavailable), ("  ", .unavailable),
            ("20", .local("20")), ("**610", .local("**610")), ("116117", .local("116117")), ("112", .local("112")),
            ("sip:reception@pbx.example", .local("reception")), ("O2 Service", .local("O2 Service")),
            ("\u{1B}[2Jroot", .local("[2Jroot")), ("+999 1234567", .local("+999 1234567")),
            ("\u{202E}123", .local("123")),
        ] as [(String, ReportedCaller.Identity)]
    )
    func others(text: String, expected: ReportedCaller.Identity) throws {
        #expect(try ReportedCaller(text, region: Region(code: "DE")).identity == expected)
    }

    @Test("the name comes along, and nothing that moves a cursor")
    func names() throws {
        let germany = try Region(code: "DE")
        let caller = ReportedCaller("\"Anna \u{1B}[31m Beispiel\r\n\" <+4930123456>", region: germany)
        #expect(caller.name == "Anna [31m Beispiel")
        #expect(ReportedCaller("+4930123456", region: germany).name == nil)
        #expect(ReportedCaller("<+4930123456>", region: germany).name == nil)
        let long = ReportedCaller(String(repeating: "a", count: 500) + " <20>", region: germany)
        #expect(long.name?.count == 80)
    }

    @Test("any text is read without a crash", arguments: [11, 12, 13] as [UInt64])
    func anything(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let signs = Array("\"<>@;:+0123456789 sip:tel:%2Banonymous*#\u{202E}\u{0}é".unicodeScalars)
        let digits = Array("0123456789".unicodeScalars)
        let germany = try Region(code: "DE")
        var numbers = 0
        for _ in 0..<3_000 {
            var text = String.UnicodeScalarView()
            for _ in 0..<Int.random(in: 0...20, using: &random) {
                let isDigit = Int.random(in: 0..<10, using: &random) < 9
                text.append(
                    isDigit
                        ? digits[Int.random(in: 0..<10, using: &random)]
                        : signs[Int.random(in: 0..<signs.count, using: &random)]
                )
            }
            let type = Int.random(in: -1...300, using: &random)
            let caller = ReportedCaller(String(text), typeOfAddress: type, region: germany)
            switch caller.identity {
            case .number(let number):
                numbers += 1
                #expect(keepsGrammar(number.formatted(.plusE164).text))
            case .local(let words):
                #expect(words.unicodeScalars.count <= 32 && !words.unicodeScalars.contains { $0.value < 0x20 })
            case .withheld, .unavailable: break
            }
        }
        #expect(numbers > 10, "the generator must make numbers as well")
    }

    @Test("two ways to write a number are the same line")
    func same() throws {
        let germany = try Region(code: "DE")
        let typed = try PhoneNumber(typed: "0151 12345678", region: germany)
        #expect(try typed.isSameNumber(as: PhoneNumber(typed: "+49 (0)151 12345678", region: germany)))
        #expect(try !typed.isSameNumber(as: PhoneNumber(typed: "0151 12345679", region: germany)))
        #expect(try !PhoneNumber(typed: "115", region: germany).isSameNumber(as: typed))
    }
}
