import DialPlan
import Testing

@Suite("Emergency numbers")
struct EmergencyNumbersTests {
    @Test(
        "they are matched exactly",
        arguments: [
            ("DE", "112", true), ("DE", "110", true), ("DE", " 1 1 2 ", true), ("DE", "tel:112", true),
            ("DE", "911", true), ("DE", "+49112", true), ("DE", "+49 110", true), ("DE", "0049112", true),
            ("DE", "0049110", true), ("DE", "1120", false), ("DE", "0112", false), ("DE", "11", false),
            ("DE", "08", false), ("DE", "999", false), ("DE", "133", false), ("DE", "+49911", false),
            ("DE", "0911", false), ("DE", "112#", false), ("DE", "112,", false), ("DE", "\u{FF11}12", false),
            ("DE", "+43112", false), ("DE", "+112", false), ("DE", "", false), ("DE", "++112", false),
            ("AT", "133", true), ("AT", "+43144", true), ("AT", "110", false), ("CH", "117", true),
            ("GB", "999", true), ("GB", "112", true), ("GB", "911", true), ("GB", "9999", false),
            ("US", "911", true), ("US", "+1911", true), ("US", "0111911", true), ("US", "1911", false),
            ("US", "112", true), ("FR", "15", true), ("FR", "17", true), ("FR", "+3318", true),
            ("ES", "061", true), ("SE", "90000", true), ("PL", "999", true), ("NO", "113", true),
        ]
    )
    func exactly(region: String, typed: String, expected: Bool) throws {
        #expect(try EmergencyNumbers.contains(typed, region: Region(code: region)) == expected)
    }

    @Test("112 and 911 count in every region", arguments: Region.all)
    func everywhere(region: Region) throws {
        for number in ["112", "911"] {
            #expect(EmergencyNumbers.contains(number, region: region))
            let parsed = try PhoneNumber(typed: number, region: region)
            #expect(parsed.isEmergency)
            #expect(DialPolicy(allow: [], deny: Set(NumberClass.allCases)).verdict(on: parsed).isAllowed)
            for format in NumberFormat.allCases {
                #expect(parsed.formatted(format).text == number)
            }
        }
    }
}

@Suite("Classes and policy")
struct DialPolicyTests {
    @Test(
        "a number has the class that its beginning tells",
        arguments: [
            ("DE", "112", .emergency), ("DE", "+49110", .emergency),
            ("DE", "0221 669669", .home), ("DE", "030 12345678", .home), ("DE", "0151 2345678", .home),
            ("DE", "0160 2345678", .home), ("DE", "0176 2345678", .home), ("DE", "032 2123456", .home),
            ("DE", "+49 911 123456", .home), ("DE", "115", .home), ("DE", "6696696", .home),
            ("DE", "0900 1234567", .premium), ("DE", "+49 900 1234567", .premium), ("DE", "0049 900 1234567", .premium),
            ("DE", "+49 (0)900 1234567", .premium), ("DE", "+49 0900 1234567", .premium),
            ("DE", "0190 123456", .premium),
            ("DE", "0137 7123456", .premium), ("DE", "0137 1123456", .sharedCost), ("DE", "0138 123456", .sharedCost),
            ("DE", "0180 5123456", .sharedCost), ("DE", "01801 123456", .sharedCost),
            ("DE", "0181 123456", .sharedCost),
            ("DE", "0188 123456", .sharedCost), ("DE", "0700 12345678", .sharedCost),
            ("DE", "11833", .premium), ("DE", "118000", .premium), ("DE", "1183399", .premium),
            ("DE", "+49 11833", .premium), ("DE", "0118 33", .premium), ("DE", "0118 3399", .premium),
            ("DE", "012 1234567", .premium),
            ("DE", "0800 1234567", .tollFree), ("DE", "116117", .tollFree), ("DE", "116 000", .tollFree),
            ("DE", "3311", .short), ("DE", "1120", .short), ("DE", "22922", .short), ("DE", "0140 123456", .short),
            ("DE", "01013 0221 669669", .callByCall), ("DE", "010088 0900 123456", .callByCall),
            ("DE", "+43 1 58800", .international), ("DE", "00 1 212 555 0123", .international),
            ("DE", "+44 900 1234567", .premium), ("DE", "+44 870 1234567", .sharedCost),
            ("DE", "+43 800 123456", .international), ("DE", "+1 876 555 0123", .international),
            ("DE", "+1 900 555 0123", .premium), ("DE", "+881 6 12345678", .satellite),
            ("DE", "00870 773123456", .satellite),
            ("DE", "+882 16 1234567", .satellite), ("DE", "+883 5100 12345", .satellite),
            ("DE", "+979 1 2345678", .satellite),
            ("DE", "+808 12345678", .satellite), ("DE", "+878 10 1234567", .satellite),
            ("AT", "0900 123456", .premium), ("AT", "0930 123456", .premium), ("AT", "0820 123456", .sharedCost),
            ("AT", "0720 123456", .home), ("AT", "0800 123456", .tollFree), ("AT", "+49 221 669669", .international),
            ("CH", "0900 123456", .premium), ("CH", "0848 123456", .sharedCost), ("CH", "1811", .premium),
            ("NL", "0900 1234", .premium), ("NL", "0182 123456", .home), ("NL", "1850", .premium),
            ("BE", "0900 12345", .premium), ("BE", "070 123456", .premium), ("BE", "078 123456", .sharedCost),
            ("FR", "0899 123456", .premium), ("FR", "0820 123456", .sharedCost), ("FR", "0800 123456", .tollFree),
            ("FR", "3949", .short), ("FR", "118218", .premium), ("FR", "09 12 34 56 78", .home),
            ("GB", "0906 1234567", .premium), ("GB", "0845 1234567", .sharedCost), ("GB", "0118 4960000", .home),
            ("GB", "118500", .premium), ("GB", "1185001", .premium), ("GB", "0300 1234567", .home),
            ("IE", "1550 123456", .premium), ("IE", "01 550 1234", .home), ("IE", "1800 123456", .tollFree),
            ("IE", "1890 123456", .sharedCost),
            ("IT", "899 123456", .premium), ("IT", "199 123456", .sharedCost), ("IT", "06 698 1234", .home),
            ("IT", "48123", .premium), ("IT", "800 123456", .tollFree),
            ("ES", "803 123456", .premium), ("ES", "902 123456", .sharedCost), ("ES", "900 123456", .tollFree),
            ("PT", "760 123456", .premium), ("PT", "707 123456", .sharedCost), ("PL", "701 123456", .premium),
            ("PL", "022 1234567", .short), ("CZ", "900 123456", .premium), ("DK", "90 12 34 56", .premium),
            ("SE", "0900 123456", .premium), ("SE", "077 1234567", .sharedCost), ("NO", "829 12345", .premium),
            ("NO", "1881", .premium), ("FI", "0600 12345", .premium), ("LU", "900 12345", .premium),
            ("LI", "900 1234", .premium),
            ("US", "900 555 0123", .premium), ("US", "1 900 555 0123", .premium), ("US", "976 0123", .premium),
            ("FR", "0809 123456", .home), ("US", "800 555 0123", .tollFree), ("US", "876 555 0123", .international),
            ("US", "411", .premium), ("US", "212 555 0123", .home), ("CA", "416 555 0123", .home),
            ("US", "0049 221 669669", .international), ("US", "011 49 221 669669", .international),
        ] as [(String, String, NumberClass)]
    )
    func classes(region: String, typed: String, expected: NumberClass) throws {
        #expect(try PhoneNumber(typed: typed, region: Region(code: region)).numberClass == expected)
    }

    @Test("the names of the classes are those of the configuration file")
    func names() {
        let wanted = [
            "home", "premium", "shared_cost", "satellite", "international", "toll_free", "call_by_call", "short",
        ]
        #expect(wanted.allSatisfy { NumberClass(rawValue: $0) != nil })
        #expect(NumberFormat.allCases.map(\.rawValue) == ["e164", "plus_e164", "00", "national"])
    }

    @Test(
        "the contract's policy lets home numbers and help through, and nothing that costs extra",
        arguments: [
            ("0221 669669", true), ("0151 2345678", true), ("032 2123456", true), ("0800 1234567", true),
            ("115", true), ("116117", true), ("112", true), ("110", true), ("+49112", true),
            ("0900 1234567", false), ("0137 1123456", false), ("0138 123456", false), ("0180 5123456", false),
            ("0190 123456", false), ("11833", false), ("012 123456", false), ("0181 123456", false),
            ("0700 12345678", false), ("01013 0221 669669", false), ("010 13 112", false), ("+43 1 58800", false),
            ("0043 1 58800", false), ("+881 6 12345678", false), ("3311", false), ("1120", false),
            ("+49 (0)900-1 23 45 67", false), ("00 49 0 900 1234567", false),
        ]
    )
    func contractPolicy(typed: String, allowed: Bool) throws {
        let number = try PhoneNumber(typed: typed, region: Region(code: "DE"))
        for format in NumberFormat.allCases {
            let verdict = DialPolicy().verdict(on: number, as: format)
            #expect(verdict.isAllowed == allowed, "\(verdict)")
            #expect(!verdict.reason.contains(number.typed.digits) || number.typed.digits.count <= 6)
        }
    }

    @Test("deny wins over allow")
    func denyWins() throws {
        let number = try PhoneNumber(typed: "+43 1 58800", region: Region(code: "DE"))
        #expect(DialPolicy(allow: [.international], deny: []).verdict(on: number).isAllowed)
        let both = DialPolicy(allow: [.international], deny: [.international]).verdict(on: number)
        #expect(!both.isAllowed)
        #expect(both.numberClass == .international)
        #expect(both.reason.contains("denies international"))
    }

    @Test("opening the world does not open its premium numbers")
    func premiumAbroad() throws {
        let policy = DialPolicy(allow: [.home, .international], deny: [.premium, .sharedCost, .satellite])
        let region = try Region(code: "DE")
        #expect(try policy.verdict(on: PhoneNumber(typed: "+1 212 555 0123", region: region)).isAllowed)
        #expect(try policy.verdict(on: PhoneNumber(typed: "+1 900 555 0123", region: region)).numberClass == .premium)
        #expect(try !policy.verdict(on: PhoneNumber(typed: "+1 900 555 0123", region: region)).isAllowed)
        #expect(try !policy.verdict(on: PhoneNumber(typed: "+881 6 12345678", region: region)).isAllowed)
    }

    @Test("what hides behind another carrier's prefix is judged as well")
    func hidden() throws {
        let policy = DialPolicy(allow: [.home, .callByCall], deny: [.premium])
        let region = try Region(code: "DE")
        #expect(try policy.verdict(on: PhoneNumber(typed: "01013 0221 669669", region: region)).isAllowed)
        let hidden = try policy.verdict(on: PhoneNumber(typed: "01013 0900 123456", region: region))
        #expect(!hidden.isAllowed)
        #expect(hidden.numberClass == .premium)
        let nested = try policy.verdict(on: PhoneNumber(typed: "01013 01013 0900 12345", region: region))
        #expect(nested.numberClass == .premium)
        let help = try DialPolicy(allow: [.home], deny: []).verdict(on: PhoneNumber(typed: "01013 112", region: region))
        #expect(help.numberClass == .callByCall && !help.isAllowed)
    }

    @Test("toll-free numbers pass along with home, unless they are denied")
    func tollFree() throws {
        let number = try PhoneNumber(typed: "0800 1234567", region: Region(code: "DE"))
        #expect(DialPolicy().verdict(on: number).isAllowed)
        #expect(!DialPolicy(allow: [.home], deny: [.tollFree]).verdict(on: number).isAllowed)
        #expect(!DialPolicy(allow: [], deny: []).verdict(on: number).isAllowed)
    }

    @Test("a refusal says why and what to change")
    func reasons() throws {
        let region = try Region(code: "DE")
        let premium = try DialPolicy().verdict(on: PhoneNumber(typed: "0900 1234567", region: region))
        #expect(
            premium.reason == "this is a premium-rate number (0900…), and the policy denies premium; "
                + "take it out of policy.deny and add it to policy.allow to change that"
        )
        let short = try DialPolicy().verdict(on: PhoneNumber(typed: "3311", region: region))
        #expect(short.reason.contains("add it to policy.allow"))
        let home = try DialPolicy().verdict(on: PhoneNumber(typed: "0221 669669", region: region))
        #expect(home == .allowed(.home, reason: "this is a fixed or mobile number of DE, and the policy allows it"))
        let emergency = try DialPolicy().verdict(on: PhoneNumber(typed: "112", region: region))
        #expect(emergency == .allowed(.emergency, reason: "an emergency number always passes"))
    }
}

@Suite("Prefixes of the policy")
struct PolicyPrefixTests {
    private static func verdict(
        _ typed: String,
        _ policy: DialPolicy,
        _ format: NumberFormat = .plusE164
    ) throws -> PolicyVerdict {
        policy.verdict(on: try PhoneNumber(typed: typed, region: try Region(code: "DE")), as: format)
    }

    @Test(
        "an allowed prefix opens one country without opening the world or what costs extra there",
        arguments: [
            ("+43 1 58800", true), ("0043 1 58800", true), ("+44 20 79460000", false), ("+43 900 123456", false),
            ("0900 1234567", false), ("030 12345678", true), ("+881 6 12345678", false), ("01013 0043 1 58800", false),
            ("+4 3", false),
        ]
    )
    func opened(typed: String, allowed: Bool) throws {
        let policy = DialPolicy(deny: [.premium, .sharedCost, .satellite], allowPrefixes: ["43", "4"].dropLast())
        guard let number = try? PhoneNumber(typed: typed, region: try Region(code: "DE")) else {
            #expect(!allowed)
            return
        }
        for format in NumberFormat.allCases { #expect(policy.verdict(on: number, as: format).isAllowed == allowed) }
    }

    @Test("a class that is denied stays denied behind an allowed prefix")
    func denyWins() throws {
        let policy = DialPolicy(allowPrefixes: ["43"])
        #expect(try !Self.verdict("+43 1 58800", policy).isAllowed)
    }

    @Test(
        "a denied prefix refuses every spelling, and numbers that hide their area code",
        arguments: [
            ("0176 12345678", false), ("+49 176 12345678", false), ("0049 (0)176 12345678", false),
            ("tel:+49-176-12345678;phone-context=x", false), ("+49 0176 12345678", false), ("6696696", false),
            ("030 12345678", true), ("112", true), ("115", false),
        ]
    )
    func denied(typed: String, allowed: Bool) throws {
        let policy = DialPolicy(allow: [.home], deny: [], allowPrefixes: ["4917612345678"], denyPrefixes: ["49176"])
        for format in NumberFormat.allCases {
            let verdict = try Self.verdict(typed, policy, format)
            #expect(verdict.isAllowed == allowed, "\(verdict)")
        }
    }
}
