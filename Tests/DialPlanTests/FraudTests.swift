import DialPlan
import Testing

/// Something that somebody may try, and what must come of it.
struct Attempt: Sendable, CustomTestStringConvertible {
    enum Outcome: Sendable {
        /// It is no number.
        case unreadable
        /// The policy refuses it, for its class.
        case refused(NumberClass)
        /// The policy lets it pass, as what.
        case allowed(NumberClass)
    }

    var region: String
    var typed: String
    var outcome: Outcome
    /// What the reason must say.
    var reason: String

    init(_ typed: String, _ outcome: Outcome, _ reason: String, in region: String = "DE") {
        self.region = region
        self.typed = typed
        self.outcome = outcome
        self.reason = reason
    }

    var testDescription: String { "\(region) \(typed.debugDescription)" }
}

@Suite("Attempts at fraud and at help")
struct FraudTests {
    static let money: [Attempt] = [
        // Premium numbers in every disguise that separators and prefixes allow.
        Attempt("0900 1 123456", .refused(.premium), "premium-rate number (0900…)"),
        Attempt("0900-11-23-456", .refused(.premium), "premium-rate number"),
        Attempt("0 9 0 0 1 1 2 3 4 5 6", .refused(.premium), "premium-rate number"),
        Attempt("(0)900 1123456", .refused(.premium), "premium-rate number"),
        Attempt("+49 900 1123456", .refused(.premium), "premium-rate number"),
        Attempt("+49(0)900 1123456", .refused(.premium), "premium-rate number"),
        Attempt("+49 0900 1123456", .refused(.premium), "premium-rate number"),
        Attempt("0049(0)900 1123456", .refused(.premium), "premium-rate number"),
        Attempt("00490900 1123456", .refused(.premium), "premium-rate number"),
        Attempt("tel:+499001123456;phone-context=+49", .refused(.premium), "premium-rate number"),
        Attempt("0900\u{A0}1\u{2011}123456", .refused(.premium), "premium-rate number"),
        Attempt("\u{202A}09001123456\u{202C}", .refused(.premium), "premium-rate number"),
        Attempt("9001123456", .refused(.premium), "premium-rate number"),
        Attempt("0900 1", .refused(.premium), "premium-rate number"),
        Attempt("0137 7 123456", .refused(.premium), "mass-traffic"),
        Attempt("0180 5 123456", .refused(.sharedCost), "shared-cost service"),
        Attempt("11833", .refused(.premium), "directory enquiry"),
        Attempt("+4911833", .refused(.premium), "directory enquiry"),
        Attempt("0118 33", .refused(.premium), "directory enquiry"),
        Attempt("012 1234567", .refused(.premium), "innovative service"),
        Attempt("0700 12345678", .refused(.sharedCost), "personal number"),
        // The prefix of another carrier, alone, doubled, and before something dearer.
        Attempt("01013 030 123456", .refused(.callByCall), "another carrier"),
        Attempt("010033 0900 1123456", .refused(.premium), "premium-rate number"),
        Attempt("01013 01013 0900 11234", .refused(.premium), "premium-rate number"),
        Attempt("01013 00 882 13 123456", .refused(.satellite), "satellite"),
        Attempt("01013 112", .refused(.callByCall), "another carrier"),
        Attempt("01013", .refused(.callByCall), "another carrier"),
        Attempt("+49 1013 0900 123", .refused(.premium), "premium-rate number"),
        Attempt("1010288 900 234 5678", .refused(.premium), "premium-rate number", in: "US"),
        Attempt("015 11 98765-4321", .refused(.callByCall), "another carrier", in: "BR"),
        Attempt("0 21 11 91234 5678", .refused(.callByCall), "another carrier", in: "BR"),
        Attempt("141 0906 123 4567", .refused(.short), "code of a carrier", in: "GB"),
        // Satellites and other codes without a country.
        Attempt("+88213 123456", .refused(.satellite), "satellite phone (+88213…)"),
        Attempt("0088213123456", .refused(.satellite), "satellite phone"),
        Attempt("+8816 1234 5678", .refused(.satellite), "satellite phone"),
        Attempt("+883 5100 1234 5678", .refused(.satellite), "global network"),
        Attempt("+878 10 1234567890", .refused(.satellite), "without a country"),
        Attempt("+979 1 2345 6789", .refused(.satellite), "premium-rate number without a country"),
        Attempt("+871 123456789", .refused(.satellite), "satellite"),
        // Areas that look like home and are billed as abroad.
        Attempt("876 926 1234", .refused(.international), "outside the mainland", in: "US"),
        Attempt("1 809 682 1234", .refused(.international), "outside the mainland", in: "US"),
        Attempt("07797 712345", .refused(.international), "shares the country code", in: "GB"),
        Attempt("8 701 123 45 67", .refused(.international), "shares the country code", in: "RU"),
        // Ranges that nobody uses; who collects for calls to them does not ask.
        Attempt("0200 1234567", .refused(.short), "not known to be in use"),
        Attempt("0500 1234567", .refused(.short), "not known to be in use"),
        Attempt("+999 123456789", .unreadable, "no country has this country code"),
        Attempt("+210 123456789", .unreadable, "no country has this country code"),
        Attempt("+1 212 555 01234", .unreadable, "does not exist in its country"),
        // What steers the network instead of calling anybody.
        Attempt("**21*0900123456#", .unreadable, "service codes are not calls"),
        Attempt("**61*+88213123456**5#", .unreadable, "service codes are not calls"),
        Attempt("*100#", .unreadable, "service codes are not calls"),
        Attempt("##002#", .unreadable, "service codes are not calls"),
        Attempt("#31#030123456", .unreadable, "service codes are not calls"),
        Attempt("030123456;\rATD0900123456", .unreadable, "steers a modem"),
        Attempt("030123456,0900", .unreadable, "steers a modem"),
        Attempt("030123456w0900", .unreadable, "steers a modem"),
        Attempt("tel:030123456;postd=pp0900", .allowed(.home), "fixed or mobile number"),
        Attempt("tel:0900;phone-context=+43", .unreadable, "too short"),
        Attempt("tel:0900123456;phone-context=+43", .refused(.premium), "premium"),
        Attempt("tel:158858;phone-context=+43", .refused(.international), "another country"),
        Attempt("tel:1123456;phone-context=+49900", .refused(.premium), "premium-rate number"),
        Attempt("tel:0900;phone-context=pbx.example", .unreadable, "private network"),
        // Digits and letters that are not what they look like.
        Attempt("\u{FF10}900 1123456", .unreadable, "FULLWIDTH DIGIT ZERO"),
        Attempt("0\u{0669}00 1123456", .unreadable, "ARABIC-INDIC DIGIT NINE"),
        Attempt("O900 1123456", .unreadable, "is a letter"),
        Attempt("030 12345\u{0966}", .unreadable, "is not one of the digits"),
        Attempt("0\u{200B}30 123456", .unreadable, "has no place in a number"),
        Attempt("\u{202E}6543210099 0", .unreadable, "has no place in a number"),
        Attempt("0800FLOWERS", .unreadable, "is a letter"),
    ]

    static let help: [Attempt] = [
        Attempt("112", .allowed(.emergency), "always passes"),
        Attempt("112 ", .allowed(.emergency), "always passes"),
        Attempt("1 1 2", .allowed(.emergency), "always passes"),
        Attempt("tel:112", .allowed(.emergency), "always passes"),
        Attempt("+49112", .allowed(.emergency), "always passes"),
        Attempt("0049110", .allowed(.emergency), "always passes"),
        Attempt("110", .allowed(.emergency), "always passes"),
        Attempt("911", .allowed(.emergency), "always passes"),
        Attempt("15", .allowed(.emergency), "always passes", in: "FR"),
        Attempt("000", .allowed(.emergency), "always passes", in: "AU"),
        Attempt("10111", .allowed(.emergency), "always passes", in: "ZA"),
        // None of these reaches help, so none of them may open the door.
        Attempt("112#", .unreadable, "service codes are not calls"),
        Attempt("*112", .unreadable, "service codes are not calls"),
        Attempt("112,0900123456", .unreadable, "steers a modem"),
        Attempt("\u{FF11}\u{FF11}\u{FF12}", .unreadable, "FULLWIDTH DIGIT ONE"),
        Attempt("0112", .refused(.short), "short or incomplete"),
        Attempt("+112", .unreadable, "too short"),
        Attempt("1120", .refused(.short), "short number"),
        Attempt("1123456", .refused(.short), "short number"),
        Attempt("1120900123456", .refused(.short), "short number"),
        Attempt("0112 4930123", .refused(.short), "special number without a known price"),
        Attempt("011249301234567", .unreadable, "too long"),
        Attempt("011 249 91 123 4567", .refused(.international), "another country", in: "US"),
        Attempt("+49 911 2310", .allowed(.home), "fixed or mobile number"),
        Attempt("+43112", .unreadable, "too short"),
        Attempt("112112", .refused(.short), "short number"),
        Attempt("9110", .refused(.short), "short or incomplete"),
        Attempt("15", .unreadable, "too short"),
    ]

    @Test("each attempt has its verdict and its reason", arguments: money + help)
    func attempt(_ attempt: Attempt) throws {
        let region = try Region(code: attempt.region)
        // Whatever the user has opened besides: what is denied stays denied.
        let policies = [
            DialPolicy(),
            DialPolicy(allow: [.home, .tollFree], deny: Set(NumberClass.allCases).subtracting([.home, .tollFree])),
        ]
        for (policy, format) in policies.flatMap({ policy in NumberFormat.allCases.map { (policy, $0) } }) {
            do throws(NumberError) {
                let number = try PhoneNumber(typed: attempt.typed, region: region)
                let verdict = policy.verdict(on: number, as: format)
                switch attempt.outcome {
                case .unreadable: Issue.record("read as \(number.numberClass)")
                case .refused: #expect(!verdict.isAllowed)
                case .allowed(let expected):
                    #expect(verdict.isAllowed)
                    #expect(verdict.numberClass == expected)
                }
                guard policy == DialPolicy() else { continue }
                #expect(verdict.reason.contains(attempt.reason), "\(verdict.reason)")
                if case .refused(let expected) = attempt.outcome { #expect(verdict.numberClass == expected) }
            } catch {
                guard case .unreadable = attempt.outcome else {
                    Issue.record("not read: \(error)")
                    continue
                }
                #expect(error.description.contains(attempt.reason), "\(error)")
            }
        }
    }

    @Test("opening a class opens nothing that hides behind it")
    func opened() throws {
        let germany = try Region(code: "DE")
        let callByCall = DialPolicy(allow: [.home, .callByCall], deny: [.premium, .satellite])
        let abroad = DialPolicy(allow: [.home, .international], deny: [.premium, .sharedCost, .satellite])
        let hidden = try PhoneNumber(typed: "01013 0900 1123456", region: germany)
        #expect(!callByCall.verdict(on: hidden).isAllowed)
        // Premium numbers of Latvia, and ranges that Britain and North America do not use.
        for typed in ["+371 9012 3456", "+44 7700 900123", "+1 200 555 0123", "+1 212 055 0123"] {
            let number = try PhoneNumber(typed: typed, region: germany)
            #expect(!abroad.verdict(on: number).isAllowed, "\(typed)")
        }
        let vienna = try PhoneNumber(typed: "+43 1 58858", region: germany)
        #expect(abroad.verdict(on: vienna).isAllowed)
    }
}
