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
        age: Double? = 5,
        at seconds: Double = 0
    ) throws -> MessageOrder {
        MessageOrder(
            number: try sender ?? number("+491711234567").description,
            action: action,
            code: Secret(code),
            sentAt: age.map { date.addingTimeInterval(seconds - $0) }
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
        func tries(_ code: String, _ seconds: Double) throws -> ArrivalRules.Verdict {
            rules.message(
                try Self.order(.callback, code, at: seconds),
                at: start + .seconds(seconds),
                date: Self.date.addingTimeInterval(seconds)
            )
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

    /// Rules of another run, whose clock begins anywhere, with what was written down before.
    private static func later(_ lines: [String]) throws -> ArrivalRules {
        var next = try rules()
        next.recall(lines + ["", "locked", "wrong x y", "new +4930 1"], at: .now)
        return next
    }

    @Test("a restart forgets no wrong code, no lock and no pause")
    func restarted() throws {
        let own = try Self.number("+491711234567")
        func message(_ rules: inout ArrivalRules, _ code: String, _ seconds: Double) throws -> ArrivalRules.Verdict {
            rules.message(
                try Self.order(.callback, code, at: seconds),
                at: .now,
                date: Self.date.addingTimeInterval(seconds)
            )
        }
        var rules = try Self.rules()
        #expect(rules.record(at: .now).isEmpty)
        #expect(try message(&rules, "x", 0) == .wrongCode)
        #expect(try message(&rules, "y", 0) == .wrongCode)
        var second = try Self.later(rules.record(at: .now))
        #expect(try message(&second, "z", 60) == .nowLocked)
        var forgotten = try Self.later(rules.record(at: .now))
        #expect(try message(&forgotten, "z", 3600) == .wrongCode)
        var third = try Self.later(second.record(at: .now))
        #expect(try message(&third, "abcdef1", 3500) == .locked)
        var fourth = try Self.later(second.record(at: .now))
        #expect(try message(&fourth, "abcdef1", 3660) == .callback(own, pbx: nil))
        var fifth = try Self.later(fourth.record(at: .now))
        #expect(try message(&fifth, "abcdef1", 3661) == .tooSoon)
    }

    /// A box without a battery starts in 1970, or anywhere, until the network has told it the time.
    @Test(
        "while the clock is wrong no message counts; no lock, wrong code or pause is lost by it, and none stays for ever"
    )
    func wrongClock() throws {
        let own = try Self.number("+491711234567")
        func message(_ rules: inout ArrivalRules, _ code: String, _ seconds: Double) throws -> ArrivalRules.Verdict {
            rules.message(
                try Self.order(.callback, code, at: seconds),
                at: .now,
                date: Self.date.addingTimeInterval(seconds)
            )
        }
        let wrongDates = [Date(timeIntervalSince1970: 60), Self.date.addingTimeInterval(315_360_000)]
        var rules = try Self.rules()
        for _ in 0..<2 { #expect(try message(&rules, "x", 0) == .wrongCode) }
        // A start with each wrong clock, at which a number rings, so that all is written down anew.
        for date in wrongDates {
            rules = try Self.later(rules.record(at: .now))
            #expect(rules.message(try Self.order(.callback, "x"), at: .now, date: date) == .stale)
            _ = rules.ring(from: "+493012345678", at: .now)
        }
        #expect(try message(&rules, "x", 30) == .nowLocked)
        for date in wrongDates {
            rules = try Self.later(rules.record(at: .now))
            #expect(rules.message(try Self.order(.callback, "abcdef1"), at: .now, date: date) == .stale)
            // The pause began anew with each start.
            #expect(rules.ring(from: "+493012345678", at: .now) == .tooSoon)
            #expect(rules.ring(from: "+493012345678", at: .now + ArrivalRules.pause) != .tooSoon)
        }
        #expect(try message(&rules, "abcdef1", 3600) == .locked)
        #expect(try message(&rules, "abcdef1", 3630) == .callback(own, pbx: nil))
        // What an earlier program has written down by a clock that ran ahead holds for an hour from now.
        var ahead = try Self.later(["locked \(own) \(Int(Self.date.timeIntervalSince1970) + 315_360_000)"])
        #expect(try message(&ahead, "abcdef1", 0) == .locked)
        #expect(try message(&ahead, "abcdef1", 3599) == .locked)
        #expect(try message(&ahead, "abcdef1", 3600) == .callback(own, pbx: nil))
    }

    @Test("a caller gets one message a day by the run's clock, and 20 do, whatever the box's clock shows")
    func replied() {
        let start = ContinuousClock.now
        var replied = RepliedCallers()
        func admits(_ replied: inout RepliedCallers, _ number: String, _ seconds: Int, _ date: Date = Self.date) -> Bool
        {
            replied.admits(number, at: start + .seconds(seconds), date: date)
        }
        #expect(!admits(&replied, "a", 0, Date(timeIntervalSince1970: 60)))
        #expect(admits(&replied, "a", 0))
        replied.note("a", at: start)
        // Years ahead, and back.
        #expect(!admits(&replied, "a", 60, Self.date.addingTimeInterval(315_360_000)))
        #expect(!admits(&replied, "a", 86_399, Self.date.addingTimeInterval(-86_400)))
        #expect(admits(&replied, "a", 86_400))
        for number in 0..<RepliedCallers.most {
            #expect(admits(&replied, "\(number)", 90_000))
            replied.note("\(number)", at: start + .seconds(90_000))
        }
        #expect(!admits(&replied, "b", 90_001))
        // Over a restart: by the clock, and from the start on where that runs behind what was written down.
        let lines = replied.record(at: start + .seconds(90_060), date: Self.date)
        #expect(lines.count == RepliedCallers.most && !lines.contains { $0.contains("b") })
        for (passed, isFull) in [(3600.0, true), (86_300, true), (86_400, false), (-40_000_000, true)] {
            var next = RepliedCallers()
            next.recall(lines + ["replied - x", "locked +49 1"], at: start, date: Self.date.addingTimeInterval(passed))
            #expect(admits(&next, "b", 0) != isFull, "\(passed)")
            #expect(admits(&next, "b", 86_400))
        }
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
