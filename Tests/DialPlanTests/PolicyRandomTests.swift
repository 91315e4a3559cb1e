import DialPlan
import TestSupport
import Testing

@Suite("Limits under random calls")
struct PolicyRandomTests {
    @Test("whatever is called and however the clock jumps, no limit is passed", arguments: 0..<200)
    func invariants(seed: Int) throws {
        var dice = SeededGenerator(seed: seed)
        let buckets = [
            FreeMinutes(
                name: "flat",
                seconds: Int.random(in: 0...1800, using: &dice),
                resetDay: Int.random(in: 1...31, using: &dice)
            )
        ]
        let tariff = try PolicyRig.tariff(
            "0.\(Int.random(in: 10...99, using: &dice))",
            first: Int.random(in: 1...60, using: &dice),
            step: Int.random(in: 1...60, using: &dice),
            setup: Bool.random(using: &dice) ? "0.05" : "0",
            buckets: buckets
        )
        let limits = UsageLimits(
            callsPerMinute: Int.random(in: 1...4, using: &dice),
            callsPerHour: Int.random(in: 1...20, using: &dice),
            callsPerDay: Int.random(in: 1...40, using: &dice),
            secondsPerDay: Int.random(in: 60...7200, using: &dice),
            secondsPerMonth: Int.random(in: 60...20_000, using: &dice),
            costPerDay: Money(micros: Int64.random(in: 0...3_000_000, using: &dice)),
            costPerMonth: Money(micros: Int64.random(in: 0...10_000_000, using: &dice))
        )
        var rig = PolicyRig(DialLimits(total: limits))
        var now = try PolicyRig.time()
        var open: [String] = []
        for _ in 0..<120 {
            now = try step(now, &dice)
            let request = try rig.request(seconds: Int.random(in: 1...4000, using: &dice), tariff: tariff)
            let decision = rig.authorise(request, at: now)
            #expect(decision.verdict.isAllowed == (decision.reservation != nil))
            if let reservation = decision.reservation {
                open.append(request.call)
                #expect(try #require(decision.seconds) <= request.seconds)
                #expect(reservation.seconds == (decision.seconds ?? 0) + DialRules.hangUpAllowance)
            } else {
                #expect(!decision.verdict.reason.isEmpty)
            }
            check(rig, limits, now)
            while open.count > Int.random(in: 0...3, using: &dice) {
                let call = open.removeFirst()
                let before = try #require(rig.usage.entries.first { $0.call == call })
                try rig.settle(call, answered: Int.random(in: 0...before.seconds, using: &dice))
                let after = try #require(rig.usage.entries.first { $0.call == call })
                #expect(after.cost <= before.cost)
                #expect(after.seconds <= before.seconds)
                for (before, after) in zip(before.legs, after.legs) {
                    #expect(after.free.reduce(0) { $0 + $1.seconds } <= before.free.reduce(0) { $0 + $1.seconds })
                }
            }
            check(rig, limits, now)
        }
    }

    /// Time goes on, mostly; now and then somebody sets the clock back or a night passes.
    private func step(_ now: PolicyTime, _ dice: inout SeededGenerator) throws -> PolicyTime {
        switch Int.random(in: 0..<10, using: &dice) {
        case 0:
            let day = now.day.latest(resetDay: Int.random(in: 1...31, using: &dice))
            return PolicyTime(seconds: now.seconds - 86_400, day: day, minute: 0)
        case 1: return PolicyTime(seconds: now.seconds + 43_200, day: now.day.next, minute: 0)
        case 2:
            return PolicyTime(seconds: now.seconds - Int64.random(in: 0...4000, using: &dice), day: now.day, minute: 9)
        default:
            return PolicyTime(seconds: now.seconds + Int64.random(in: 0...900, using: &dice), day: now.day, minute: 9)
        }
    }

    private func check(_ rig: PolicyRig, _ limits: UsageLimits, _ now: PolicyTime) {
        let entries = rig.usage.entries
        let inMinute = entries.filter { $0.at > now.seconds - 60 && $0.at <= now.seconds }
        #expect(inMinute.count <= limits.callsPerMinute ?? 0)
        let days = Dictionary(grouping: entries, by: \.day)
        for (_, calls) in days {
            #expect(calls.count <= limits.callsPerDay ?? 0)
            #expect(calls.reduce(0) { $0 + $1.seconds } <= limits.secondsPerDay ?? 0)
            #expect(calls.reduce(Money.zero) { $0 + $1.cost } <= limits.costPerDay ?? .zero)
        }
        for (_, calls) in Dictionary(grouping: entries, by: { $0.day / 100 }) {
            #expect(calls.reduce(0) { $0 + $1.seconds } <= limits.secondsPerMonth ?? 0)
            #expect(calls.reduce(Money.zero) { $0 + $1.cost } <= limits.costPerMonth ?? .zero)
        }
    }
}
