import DialPlan
import FoundationEssentials
import Messages
import Testing
import TextCoding

@testable import Gateway
@testable import Settings

/// What rings and messages of listed numbers come to, by a clock of the test's own.
@Suite("Rules on what arrives")
struct ArrivalRulesTests {
    private static func number(_ text: String) throws -> PhoneNumber {
        try PhoneNumber(typed: text, region: try Region(code: "DE"))
    }

    private static func rules() throws -> ArrivalRules {
        var ring = Configuration.Arrival(number: try number("+493012345678"))
        ring.pbx = "office"
        var message = Configuration.Arrival(number: try number("+491711234567"))
        message.trigger = .message
        var status = message
        status.action = .status
        var unreadable = Configuration.Arrival(number: try number("+491721234567"))
        unreadable.trigger = .message
        return ArrivalRules([
            ArrivalRules.Rule(ring), ArrivalRules.Rule(message, code: Secret("abcdef1")),
            ArrivalRules.Rule(status, code: Secret("abcdef2")), ArrivalRules.Rule(unreadable),
        ])
    }

    private static let date = Date(timeIntervalSince1970: 1_795_961_523)

    private static func order(
        _ action: Configuration.Arrival.Action,
        _ code: String,
        from sender: String? = nil,
        age: Double? = 5
    ) throws -> MessageOrder {
        MessageOrder(
            number: try sender ?? number("+491711234567").description,
            action: action,
            code: Secret(code),
            sentAt: age.map { date.addingTimeInterval(-$0) }
        )
    }

    @Test("a ring in any form has the listed number called, once in two minutes; another comes to nothing")
    func rings() throws {
        var rules = try Self.rules()
        let start = ContinuousClock.now
        let listed = try Self.number("+493012345678")
        #expect(rules.ring(from: "030 12345678", at: start) == .callback(listed, pbx: "office"))
        #expect(rules.ring(from: "+493012345678", at: start + .seconds(119)) == .tooSoon)
        #expect(rules.ring(from: "+493012345678", at: start + .seconds(120)) == .callback(listed, pbx: "office"))
        #expect(rules.ring(from: "+491711234567", at: start) == .unlisted)
        #expect(rules.ring(from: "", at: start) == .unlisted)
    }

    @Test("a code opens its own deed and no other; both share the pause")
    func codes() throws {
        var rules = try Self.rules()
        let start = ContinuousClock.now
        let own = try Self.number("+491711234567")
        #expect(rules.message(try Self.order(.callback, "abcdef2"), at: start, date: Self.date) == .wrongCode)
        #expect(rules.message(try Self.order(.status, "abcdef2"), at: start, date: Self.date) == .status(own))
        #expect(
            rules.message(try Self.order(.callback, "abcdef1"), at: start + .seconds(9), date: Self.date) == .tooSoon
        )
        let later = start + .seconds(121)
        #expect(
            rules.message(try Self.order(.callback, "abcdef1"), at: later, date: Self.date) == .callback(own, pbx: nil)
        )
        let unlisted = try Self.order(.status, "abcdef2", from: "+49 30 12345678")
        #expect(rules.message(unlisted, at: later, date: Self.date) == .unlisted)
    }

    @Test("three wrong codes lock a number for an hour, the right one is of no use meanwhile, and others go on")
    func locked() throws {
        var rules = try Self.rules()
        let start = ContinuousClock.now
        let own = try Self.number("+491711234567")
        func tries(_ code: String, _ seconds: Int) throws -> ArrivalRules.Verdict {
            rules.message(try Self.order(.callback, code), at: start + .seconds(seconds), date: Self.date)
        }
        // Two an hour never lock.
        #expect(try tries("x", 0) == .wrongCode)
        #expect(try tries("x", 1) == .wrongCode)
        #expect(try tries("x", 3601) == .wrongCode)
        #expect(try tries("x", 3602) == .wrongCode)
        #expect(try tries("", 3603) == .nowLocked)
        #expect(try tries("abcdef1", 3604) == .locked)
        #expect(rules.ring(from: "+493012345678", at: start + .seconds(3605)) != .locked)
        #expect(try tries("abcdef1", 3603 + 3599) == .locked)
        #expect(try tries("abcdef1", 3603 + 3600) == .callback(own, pbx: nil))
        // A code that can't be read opens nothing.
        let other = try Self.number("+491721234567").description
        #expect(rules.message(try Self.order(.callback, "", from: other), at: start, date: Self.date) == .wrongCode)
    }

    @Test("a restart forgets no wrong code, no lock and no pause, and no lock outlives a clock that was wrong")
    func restarted() throws {
        let start = ContinuousClock.now
        let own = try Self.number("+491711234567")
        func later(_ rules: ArrivalRules, _ seconds: Int, from date: Date = Self.date) throws -> ArrivalRules {
            var next = try Self.rules()
            // Another run's clock may begin anywhere.
            let lines = rules.record(at: start + .seconds(10), date: date.addingTimeInterval(10))
            next.recall(
                lines + ["", "locked", "wrong x y", "new +4930 1"],
                at: start,
                date: Self.date.addingTimeInterval(Double(seconds))
            )
            return next
        }
        func message(_ rules: inout ArrivalRules, _ code: String) throws -> ArrivalRules.Verdict {
            rules.message(try Self.order(.callback, code), at: start, date: Self.date)
        }
        var rules = try Self.rules()
        #expect(rules.record(at: start, date: Self.date).isEmpty)
        #expect(try message(&rules, "x") == .wrongCode)
        #expect(try message(&rules, "y") == .wrongCode)
        var second = try later(rules, 60)
        #expect(try message(&second, "z") == .nowLocked)
        var forgotten = try later(rules, 3601)
        #expect(try message(&forgotten, "z") == .wrongCode)
        var third = try later(second, 3500)
        #expect(try message(&third, "abcdef1") == .locked)
        var fourth = try later(second, 3601)
        #expect(try message(&fourth, "abcdef1") == .callback(own, pbx: nil))
        var fifth = try later(fourth, 60)
        #expect(try message(&fifth, "abcdef1") == .tooSoon)
        // Written a year ahead: it holds an hour from the start on, not a year.
        var ahead = try later(second, 0, from: Self.date.addingTimeInterval(31_536_000))
        #expect(try message(&ahead, "abcdef1") == .locked)
        let verdict = ahead.message(try Self.order(.callback, "abcdef1"), at: start + .seconds(3600), date: Self.date)
        #expect(verdict == .callback(own, pbx: nil))
    }

    @Test(
        "what was under way for long, or has no time, comes to nothing and is not counted",
        arguments: [601, -601, nil]
    )
    func stale(_ age: Double?) throws {
        var rules = try Self.rules()
        for _ in 0..<5 {
            let verdict = rules.message(try Self.order(.callback, "abcdef1", age: age), at: .now, date: Self.date)
            #expect(verdict == .stale)
        }
    }
}
