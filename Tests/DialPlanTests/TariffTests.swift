import Testing

@testable import DialPlan

@Suite("Tariffs and caps of cost")
struct TariffTests {
    @Test(
        "a call is billed by its first seconds and its steps",
        arguments: [
            (60, 60, 0, 0), (60, 60, 1, 60), (60, 60, 60, 60), (60, 60, 61, 120), (60, 1, 1, 60), (60, 1, 61, 61),
            (1, 1, 1, 1), (1, 1, 61, 61), (30, 6, 31, 36), (60, 60, 86_400, 86_400),
        ]
    )
    func billed(first: Int, step: Int, seconds: Int, billed: Int) {
        #expect(CallPrice(perMinute: .zero, first: first, step: step).billed(seconds) == billed)
    }

    @Test(
        "an amount is read and written as people write it",
        arguments: [
            ("0.09", 90_000, "0.09"), ("12", 12_000_000, "12.00"), ("0.0015", 1500, "0.0015"),
            ("1.234567", 1_234_567, "1.234567"),
            ("999999.999999", 999_999_999_999, "999999.999999"), ("0", 0, "0.00"),
        ]
    )
    func money(text: String, micros: Int64, shown: String) throws {
        let amount = try #require(Money(text: text))
        #expect(amount.micros == micros)
        #expect(amount.description == shown)
    }

    @Test(
        "what is no amount is none",
        arguments: [
            "", ".", "1.", ".5", "-1", "+1", "1,5", "1.2345678", "1000000", "1e3", "\u{FF11}", "1.2.3", "0x1", " 1",
            "99999999999999999999",
        ]
    )
    func noMoney(text: String) {
        #expect(Money(text: text) == nil)
    }

    @Test("a cap of cost cuts a call down at the border of a billed minute, and refuses what it can't pay at all")
    func cap() throws {
        let tariff = try PolicyRig.tariff("0.10")
        var rig = PolicyRig(DialLimits(total: UsageLimits(costPerDay: try PolicyRig.money("0.35"))))
        let decision = rig.authorise(try rig.request(seconds: 3600, tariff: tariff), at: try PolicyRig.time())
        // Three minutes can be paid; the last five seconds of them are for hanging up.
        #expect(decision.seconds == 175)
        #expect(decision.reservation?.cost == (try PolicyRig.money("0.30")))
        #expect(decision.cut?.contains("policy.max_cost_per_day: 0.00 of 0.35 EUR today") == true)
        try rig.settle("call-1", answered: 61)
        #expect(rig.usage.entries[0].cost == (try PolicyRig.money("0.20")))
        let second = rig.authorise(try rig.request(seconds: 3600, tariff: tariff), at: try PolicyRig.time(200))
        #expect(second.seconds == 55)
        try rig.settle("call-2", answered: 20)
        let third = rig.authorise(try rig.request(seconds: 3600, tariff: tariff), at: try PolicyRig.time(300))
        #expect(!third.verdict.isAllowed)
        #expect(third.verdict.reason.hasPrefix("0.30 of 0.35 EUR today (policy.max_cost_per_day) are used or reserved"))
    }

    @Test("nobody answered: nothing is paid, and the call still counts as one")
    func unanswered() throws {
        let tariff = try PolicyRig.tariff("0.10", setup: "0.15")
        var rig = PolicyRig(DialLimits(total: UsageLimits(callsPerHour: 2, costPerDay: try PolicyRig.money("1"))))
        let first = rig.authorise(try rig.request(seconds: 55, tariff: tariff), at: try PolicyRig.time())
        #expect(first.reservation?.cost == (try PolicyRig.money("0.25")))
        try rig.settle("call-1", answered: 0)
        #expect(rig.usage.entries[0].cost == .zero)
        #expect(rig.authorise(try rig.request(tariff: tariff), at: try PolicyRig.time(1)).verdict.isAllowed)
        #expect(!rig.authorise(try rig.request(tariff: tariff), at: try PolicyRig.time(2)).verdict.isAllowed)
    }

    @Test("a price that is not known is refused where costs are limited, with the key to set")
    func unknown() throws {
        var rig = PolicyRig(
            DialLimits(total: UsageLimits(costPerMonth: try PolicyRig.money("5"))),
            policy: DialPolicy(allow: [.home, .international], deny: [])
        )
        let bare = rig.authorise(try rig.request(), at: try PolicyRig.time())
        #expect(!bare.verdict.isAllowed)
        #expect(bare.verdict.reason.contains("modems.NAME.tariff"))
        let abroad = rig.authorise(
            try rig.request("+43 1 58800", tariff: try PolicyRig.tariff()),
            at: try PolicyRig.time()
        )
        #expect(abroad.verdict.reason.contains("add tariffs.basic.prices.international"))
    }

    @Test("free minutes are used first, given back when they were not needed, and renewed on their day")
    func buckets() throws {
        let bucket = FreeMinutes(name: "flat", seconds: 600, resetDay: 29)
        let tariff = try PolicyRig.tariff("0.10", buckets: [bucket])
        var rig = PolicyRig(DialLimits(total: UsageLimits(costPerMonth: try PolicyRig.money("0.10"))))
        let first = rig.authorise(try rig.request(seconds: 3600, tariff: tariff), at: try PolicyRig.time())
        #expect(first.seconds == 655)
        #expect(first.reservation?.legs.first?.free == [.init(bucket: "flat", seconds: 600)])
        try rig.settle("call-1", answered: 200)
        #expect(rig.usage.entries[0].cost == .zero)
        #expect(rig.usage.entries[0].legs.first?.free == [.init(bucket: "flat", seconds: 240)])
        let second = rig.authorise(try rig.request(seconds: 3600, tariff: tariff), at: try PolicyRig.time(700))
        #expect(second.seconds == 415)
        let gauge = try #require(tariff.gauges(rig.usage, account: "o2", at: try PolicyRig.time(700)).first)
        #expect(gauge.key == "tariffs.\(tariff.name).free_minutes.flat" && gauge.used == 600 && gauge.left == 0)
        #expect("\(gauge.opening)" == "on 2026-08-29 at 00:00")
        try rig.settle("call-2", answered: 415)
        let august = try PolicyRig.time(86_400 * 29, day: 20_260_828)
        #expect(rig.authorise(try rig.request(seconds: 3600, tariff: tariff), at: august).seconds == 55)
        try rig.settle("call-3", answered: 0)
        let renewed = try PolicyRig.time(86_400 * 30, day: 20_260_829)
        #expect(rig.authorise(try rig.request(seconds: 3600, tariff: tariff), at: renewed).seconds == 655)
    }

    @Test(
        "a period of free minutes begins on its day, and on the last day of shorter months",
        arguments: [
            (20_260_729, 29, 20_260_729, 20_260_829), (20_260_728, 29, 20_260_629, 20_260_729),
            (20_260_228, 31, 20_260_228, 20_260_331), (20_260_227, 31, 20_260_131, 20_260_228),
            (20_260_330, 31, 20_260_228, 20_260_331), (20_240_229, 30, 20_240_229, 20_240_330),
            (20_260_115, 20, 20_251_220, 20_260_120), (20_260_101, 1, 20_260_101, 20_260_201),
        ]
    )
    func periods(day: Int, resetDay: Int, start: Int, end: Int) throws {
        let day = try #require(LocalDate(packed: day))
        #expect(day.latest(resetDay: resetDay).packed == start)
        #expect(day.next(resetDay: resetDay).packed == end)
        #expect(Usage.firstDay(for: day) <= day.latest(resetDay: resetDay))
    }

    @Test("days of the week", arguments: [(20_260_729, 3), (20_260_802, 7), (20_000_229, 2), (19_700_101, 4)])
    func weekdays(day: Int, weekday: Int) throws {
        #expect(try #require(LocalDate(packed: day)).weekday == weekday)
    }

    @Test("days that no calendar has are none", arguments: [20_260_229, 20_261_301, 20_260_431, 0, -1, 20_260_700])
    func noDays(packed: Int) {
        #expect(LocalDate(packed: packed) == nil)
    }
}
