import DialPlan
import Testing

@Suite("Limits of calls")
struct DialLimitsTests {
    @Test(
        "a burst ends at each limit, and the refusal says which, how much, and when it opens again",
        arguments: [
            (
                UsageLimits(callsPerMinute: 3), 3, "3 of 3 calls within a minute (policy.max_calls_per_minute)",
                "in 57 s"
            ),
            (UsageLimits(callsPerHour: 5), 5, "5 of 5 calls within an hour (policy.max_calls_per_hour)", "in 60 min"),
            (UsageLimits(callsPerDay: 4), 4, "4 of 4 calls today (policy.max_calls_per_day)", "on 2026-07-30 at 00:00"),
        ]
    )
    func burst(limits: UsageLimits, passes: Int, words: String, opens: String) throws {
        var rig = PolicyRig(DialLimits(total: limits))
        for second in 0..<passes {
            #expect(rig.authorise(try rig.request(), at: try PolicyRig.time(Int64(second))).verdict.isAllowed)
        }
        let refused = rig.authorise(try rig.request(), at: try PolicyRig.time(Int64(passes)))
        #expect(!refused.verdict.isAllowed)
        #expect(refused.reservation == nil)
        #expect(refused.verdict.reason == "\(words) are used or reserved; opens again \(opens)")
    }

    @Test("a window opens second by second, a day at midnight on the wall")
    func opens() throws {
        var rig = PolicyRig(DialLimits(total: UsageLimits(callsPerMinute: 1, callsPerDay: 2)))
        #expect(rig.authorise(try rig.request(), at: try PolicyRig.time()).verdict.isAllowed)
        #expect(
            rig.authorise(try rig.request(), at: try PolicyRig.time(59)).limit?.key == "policy.max_calls_per_minute"
        )
        #expect(rig.authorise(try rig.request(), at: try PolicyRig.time(60)).verdict.isAllowed)
        #expect(
            rig.authorise(try rig.request(), at: try PolicyRig.time(43_000)).limit?.key == "policy.max_calls_per_day"
        )
        let tomorrow = try PolicyRig.time(43_200, day: 20_260_730, minute: 0)
        #expect(rig.authorise(try rig.request(), at: tomorrow).verdict.isAllowed)
    }

    @Test(
        "a clock that is set back opens no limit, and is named",
        arguments: [
            UsageLimits(callsPerMinute: 1), UsageLimits(callsPerHour: 1), UsageLimits(callsPerDay: 1),
            UsageLimits(secondsPerDay: 600), UsageLimits(secondsPerMonth: 600),
            UsageLimits(costPerDay: Money(micros: 1_000_000)),
            UsageLimits(costPerMonth: Money(micros: 1_000_000)),
        ]
    )
    func clockSetBack(limits: UsageLimits) throws {
        let tariff = try PolicyRig.tariff("0.10")
        for (seconds, day) in [(-86_400, 20_260_728), (-40 * 86_400, 20_260_619), (-1_785_000_000, 19_700_105)] {
            var rig = PolicyRig(DialLimits(total: limits))
            #expect(
                rig.authorise(try rig.request(seconds: 595, tariff: tariff), at: try PolicyRig.time()).verdict.isAllowed
            )
            let back = try PolicyRig.time(Int64(seconds), day: day)
            let refused = rig.authorise(try rig.request(tariff: tariff), at: back)
            #expect(!refused.verdict.isAllowed)
            #expect(refused.verdict.reason.contains("1 call is dated in the future, so check the clock"))
        }
    }

    @Test("a month ends on its last day, a day that lasts 23 or 25 hours is one day")
    func calendar() throws {
        var rig = PolicyRig(DialLimits(total: UsageLimits(secondsPerDay: 605, secondsPerMonth: 1210)))
        let last = try PolicyRig.time(0, day: 20_261_025, minute: 150)
        // 02:30 comes twice in this night; the second time is an hour later and the same day.
        #expect(rig.authorise(try rig.request(), at: last).verdict.isAllowed)
        let again = try PolicyRig.time(3600, day: 20_261_025, minute: 150)
        #expect(rig.authorise(try rig.request(), at: again).limit?.key == "policy.max_minutes_per_day")
        let next = try PolicyRig.time(86_400, day: 20_261_026)
        #expect(rig.authorise(try rig.request(), at: next).verdict.isAllowed)
        let end = try PolicyRig.time(600_000, day: 20_261_031, minute: 1439)
        let refused = rig.authorise(try rig.request(), at: end)
        #expect(refused.limit?.key == "policy.max_minutes_per_month")
        #expect(refused.verdict.reason.contains("opens again on 2026-11-01 at 00:00"))
        let november = try PolicyRig.time(600_060, day: 20_261_101, minute: 0)
        #expect(rig.authorise(try rig.request(), at: november).verdict.isAllowed)
    }

    @Test("a call is cut down to what is left, and says so; what is too short to be of use is refused")
    func cut() throws {
        var rig = PolicyRig(DialLimits(total: UsageLimits(secondsPerDay: 305)))
        let first = rig.authorise(try rig.request(seconds: 600), at: try PolicyRig.time())
        #expect(first.seconds == 300)
        #expect(
            first.cut
                == "cut down to 5 min by policy.max_minutes_per_day: 0 of 5 min today are used or reserved"
        )
        try rig.settle("call-1", answered: 291)
        let refused = rig.authorise(try rig.request(seconds: 600), at: try PolicyRig.time(600))
        #expect(!refused.verdict.isAllowed)
        #expect(refused.limit?.unit == .seconds)
    }

    @Test("a limit of one modem leaves the others alone")
    func perModem() throws {
        var rig = PolicyRig(DialLimits(modems: ["o2": UsageLimits(callsPerHour: 1)]))
        #expect(rig.authorise(try rig.request(modem: "o2"), at: try PolicyRig.time()).verdict.isAllowed)
        #expect(rig.authorise(try rig.request(modem: "d1"), at: try PolicyRig.time()).verdict.isAllowed)
        #expect(
            rig.authorise(try rig.request(modem: "o2"), at: try PolicyRig.time(1)).limit?.key
                == "modems.o2.limits.max_calls_per_hour"
        )
        #expect(rig.authorise(try rig.request(modem: "d1"), at: try PolicyRig.time(1)).verdict.isAllowed)
    }

    @Test("four fifths of a limit are told, with this call where calls are counted")
    func warnings() throws {
        var rig = PolicyRig(DialLimits(total: UsageLimits(callsPerHour: 5, secondsPerDay: 10_000)))
        for second in 0..<3 {
            #expect(rig.authorise(try rig.request(seconds: 60), at: try PolicyRig.time(Int64(second))).warnings.isEmpty)
        }
        let fourth = rig.authorise(try rig.request(seconds: 60), at: try PolicyRig.time(4))
        #expect(fourth.warnings.map(\.description) == ["4 of 5 calls within an hour (policy.max_calls_per_hour)"])
        let others = Usage([])
        var entry = try #require(fourth.reservation).settled(answered: 8000)
        let crossed = rig.rules.crossed(by: entry, others: others, at: try PolicyRig.time(9000))
        #expect(crossed.map(\.key) == ["policy.max_minutes_per_day"])
        entry = entry.settled(answered: 7999)
        #expect(rig.rules.crossed(by: entry, others: others, at: try PolicyRig.time(9000)).isEmpty)
    }

    @Test("help passes every limit here, and is refused to whoever reaches this box over a network")
    func emergency() throws {
        let everything = try #require(WeekHours(text: "00:00-24:00"))
        let limits = UsageLimits(
            callsPerMinute: 0,
            callsPerHour: 0,
            callsPerDay: 0,
            secondsPerDay: 0,
            secondsPerMonth: 0,
            costPerDay: .zero
        )
        var rig = PolicyRig(
            DialLimits(total: limits, modems: ["o2": limits], quietHours: [everything]),
            policy: DialPolicy(allow: [], deny: Set(NumberClass.allCases), denyPrefixes: ["4"])
        )
        for number in ["112", "110", "+49112", "0049 110", "911"] {
            let local = rig.authorise(try rig.request(number), at: try PolicyRig.time())
            #expect(local.verdict.isAllowed)
            #expect(local.seconds == nil)
            let remote = rig.authorise(try rig.request(number, origin: .remote), at: try PolicyRig.time())
            #expect(remote.verdict.numberClass == .emergency)
            #expect(!remote.verdict.isAllowed)
            #expect(remote.verdict.reason.contains("people at this box"))
        }
    }

    @Test(
        "quiet hours go by the wall, over midnight and by the day on which they begin",
        arguments: [
            ("22:00-07:00", 20_260_729, 1319, false), ("22:00-07:00", 20_260_729, 1320, true),
            ("22:00-07:00", 20_260_730, 419, true), ("22:00-07:00", 20_260_730, 420, false),
            ("sat,sun 00:00-24:00", 20_260_731, 1439, false), ("sat,sun 00:00-24:00", 20_260_801, 0, true),
            ("sat,sun 00:00-24:00", 20_260_802, 1439, true), ("sat,sun 00:00-24:00", 20_260_803, 0, false),
            ("fri 22:00-06:00", 20_260_801, 359, true), ("fri 22:00-06:00", 20_260_731, 359, false),
            ("sun 22:00-06:00", 20_260_803, 100, true), ("12:00-00:00", 20_260_729, 1439, true),
            ("mon-fri 08:00-18:00", 20_260_731, 479, false), ("mon-fri 08:00-18:00", 20_260_731, 480, true),
            ("mon-fri 08:00-18:00", 20_260_801, 480, false), ("fri-mon 08:00-18:00", 20_260_802, 480, true),
            ("mon,wed-thu 08:00-18:00", 20_260_729, 480, true), ("fri-mon 08:00-18:00", 20_260_804, 480, false),
        ]
    )
    func quiet(text: String, day: Int, minute: Int, isQuiet: Bool) throws {
        let hours = try #require(WeekHours(text: text))
        #expect(hours.contains(try PolicyRig.time(0, day: day, minute: minute)) == isQuiet)
        #expect(WeekHours(text: hours.description) == hours)
        var rig = PolicyRig(DialLimits(quietHours: [hours]))
        let decision = rig.authorise(try rig.request(), at: try PolicyRig.time(0, day: day, minute: minute))
        #expect(decision.verdict.isAllowed != isQuiet)
    }

    @Test(
        "what is no time of the day is no quiet hours",
        arguments: [
            "", "22:00", "22:00-22:00", "25:00-07:00", "22:60-07:00", "2200-0700", "24:00-07:00", "mo 22:00-07:00",
            "sat, 22:00-07:00", "sat sun 22:00-07:00", "\u{FF12}2:00-07:00", "-1:00-07:00", "22:00-07:00-08:00",
            "00:00-00:00", "22:0-07:00", "+2:00-07:00", "mon-fri-sun 08:00-18:00", "mon- 08:00-18:00", "mon-fri",
        ]
    )
    func noHours(text: String) {
        #expect(WeekHours(text: text) == nil)
    }
}
