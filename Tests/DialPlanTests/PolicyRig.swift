import DialPlan
import Testing

/// What the tests of the limits share: a day, a tariff, and a box that keeps its usage in memory.
struct PolicyRig {
    /// 2026-07-29 12:00 in a zone two hours east.
    static let noon: Int64 = 1_785_319_200

    var rules: DialRules
    var usage = Usage()
    private var calls = 0

    init(_ limits: DialLimits = DialLimits(), policy: DialPolicy = DialPolicy()) {
        rules = DialRules(policy: policy, limits: limits)
    }

    static func time(_ offset: Int64 = 0, day: Int = 20_260_729, minute: Int = 720) throws -> PolicyTime {
        PolicyTime(seconds: noon + offset, day: try #require(LocalDate(packed: day)), minute: minute)
    }

    static func money(_ text: String) throws -> Money { try #require(Money(text: text)) }

    static func tariff(
        _ price: String = "0.10",
        first: Int = 60,
        step: Int = 60,
        setup: String = "0",
        buckets: [FreeMinutes] = []
    ) throws -> Tariff {
        Tariff(
            name: "basic",
            prices: [
                .home: CallPrice(perMinute: try money(price), setup: try money(setup), first: first, step: step)
            ],
            buckets: buckets
        )
    }

    mutating func request(
        _ number: String = "030 12345678",
        seconds: Int = 600,
        modem: String = "o2",
        tariff: Tariff? = nil,
        origin: PolicyRequest.Origin = .local
    ) throws -> PolicyRequest {
        calls += 1
        let number = try PhoneNumber(typed: number, region: try Region(code: "DE"))
        return PolicyRequest(
            call: "call-\(calls)",
            number: number,
            origin: origin,
            modem: modem,
            legs: [CostLeg(payer: .sim, account: modem, tariff: tariff, numberClass: number.numberClass)],
            seconds: seconds
        )
    }

    /// Asks, and writes the reservation down as a ledger would.
    mutating func authorise(_ request: PolicyRequest, at now: PolicyTime) -> PolicyDecision {
        let decision = rules.decide(request, usage: usage, at: now)
        if let entry = decision.reservation { usage.entries.append(entry) }
        return decision
    }

    mutating func settle(_ call: String, answered: Int) throws {
        let index = try #require(usage.entries.firstIndex { $0.call == call })
        usage.entries[index] = usage.entries[index].settled(answered: answered)
    }
}
