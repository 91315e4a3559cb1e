/// What the policy says about one call, and what has to be reserved for it.
package struct PolicyDecision: Sendable {
    /// Whether the call may be made, with a sentence that explains it and does not hold the number.
    package var verdict: PolicyVerdict
    /// The limit that refuses it, if one does.
    package var limit: LimitGauge?
    /// How long it may last from its answer on, in seconds; nil for a refused call, and for one for help, which has no limit.
    package var seconds: Int?
    /// Why that is less than was asked for, if it is.
    package var cut: String?
    /// What to write down before anything is dialled: the call at its worst; nil for a refused call and for one for help.
    package var reservation: UsageEntry?
    /// The limits of which four fifths are used up.
    package var warnings: [LimitGauge]

    init(
        _ verdict: PolicyVerdict,
        limit: LimitGauge? = nil,
        seconds: Int? = nil,
        cut: String? = nil,
        reservation: UsageEntry? = nil,
        warnings: [LimitGauge] = []
    ) {
        self.verdict = verdict
        self.limit = limit
        self.seconds = seconds
        self.cut = cut
        self.reservation = reservation
        self.warnings = warnings
    }

    /// A refusal for a reason that only the caller knows, such as a ledger that can't be read.
    package init(refused numberClass: NumberClass, reason: String) {
        self.init(.refused(numberClass, reason: reason))
    }
}

/// The whole policy: classes and prefixes, limits, and what calls cost.
package struct DialRules: Sendable, Equatable {
    /// Seconds that a reservation adds for the time that hanging up takes.
    package static let hangUpAllowance = 5
    /// Seconds below which a call is refused rather than cut down.
    package static let shortestCall = 10
    /// Seconds that setting up a call and ending it in the roughest way may take, for the deadline of a reservation.
    package static let longestSetup = 900

    /// What may be called.
    package var policy: DialPolicy
    /// How much.
    package var limits: DialLimits

    /// Creates rules.
    package init(policy: DialPolicy = DialPolicy(), limits: DialLimits = DialLimits()) {
        self.policy = policy
        self.limits = limits
    }

    /// Judges a call.
    ///
    /// - Parameters:
    ///   - request: the call.
    ///   - usage: what was used so far, open reservations included.
    ///   - now: the clocks.
    package func decide(_ request: PolicyRequest, usage: Usage, at now: PolicyTime) -> PolicyDecision {
        if request.number.isEmergency { return help(request) }
        let verdict = policy.verdict(on: request.number, as: request.format)
        guard verdict.isAllowed else { return PolicyDecision(verdict) }
        let numberClass = verdict.numberClass
        if let quiet = limits.quietHours.first(where: { $0.contains(now) }) {
            let reason = "no call is begun in the quiet hours \(quiet) (policy.quiet_hours); opens again at "
            return PolicyDecision(.refused(numberClass, reason: reason + WeekHours.shown(quiet.until % 1440)))
        }
        let counted = usage.counted(at: now)
        let gauges = limits.gauges(counted, at: now, modem: request.modem)
        for gauge in gauges where gauge.unit == .calls && gauge.used >= gauge.allowed {
            return refusal(numberClass, gauge, usage, now)
        }
        if let unknown = unknownPrice(request) { return PolicyDecision(.refused(numberClass, reason: unknown)) }
        let bill = Bill(request: request, usage: counted, gauges: gauges, now: now)
        let wanted = max(1, min(request.seconds, limits.secondsPerCall))
        guard let seconds = bill.longest(upTo: wanted) else {
            let shortest = min(Self.shortestCall, wanted)
            return refusal(numberClass, bill.obstacle(to: shortest), usage, now)
        }
        var cut: String?
        if seconds < wanted, let obstacle = bill.obstacle(to: seconds + 1) {
            cut = "cut down to \(Self.words(seconds)) by \(obstacle.key): \(obstacle.amounts) are used or reserved"
        }
        return PolicyDecision(
            .allowed(numberClass, reason: verdict.reason),
            seconds: seconds,
            cut: cut,
            reservation: bill.reservation(seconds),
            warnings: gauges.map(\.withThisCall).filter(\.isNearlyUsedUp)
        )
    }

    /// The limits that a settled call has taken across four fifths.
    package func crossed(by entry: UsageEntry, others usage: Usage, at now: PolicyTime) -> [LimitGauge] {
        let before = limits.gauges(usage.counted(at: now), at: now, modem: entry.modem)
        let after = limits.gauges(Usage(usage.entries + [entry]).counted(at: now), at: now, modem: entry.modem)
        return zip(before, after)
            .compactMap { before, after in
                after.unit != .calls && !before.isNearlyUsedUp && after.isNearlyUsedUp ? after : nil
            }
    }

    private func help(_ request: PolicyRequest) -> PolicyDecision {
        switch request.origin {
        case .local: PolicyDecision(policy.verdict(on: request.number))
        case .remote:
            PolicyDecision(
                .refused(
                    .emergency,
                    reason: "help is called only by people at this box: it would be sent to where the box is; "
                        + "call it from a phone where you are"
                )
            )
        }
    }

    private func refusal(
        _ numberClass: NumberClass,
        _ gauge: LimitGauge?,
        _ usage: Usage,
        _ now: PolicyTime
    ) -> PolicyDecision {
        guard let gauge else { return PolicyDecision(.refused(numberClass, reason: "a limit leaves no time for it")) }
        var reason = "\(gauge) are used or reserved; opens again \(gauge.opening)"
        let ahead = usage.entries.filter { $0.at > now.seconds + 60 || $0.day > now.day.packed }.count
        if ahead > 0 {
            reason += "; \(ahead) \(ahead == 1 ? "call is" : "calls are") dated in the future, so check the clock"
        }
        return PolicyDecision(.refused(numberClass, reason: reason), limit: gauge)
    }

    /// Why a limit of costs can't be kept, if it can't.
    private func unknownPrice(_ request: PolicyRequest) -> String? {
        let own = limits.modems[request.modem]
        guard limits.total.limitsCost || own?.limitsCost == true else { return nil }
        let key = limits.total.limitsCost ? "policy" : "modems.\(request.modem).limits"
        guard let leg = request.legs.first(where: { $0.payer == .sim }) else { return nil }
        guard let tariff = leg.tariff else {
            return "\(key) limits the cost, and the price of this call is not known; "
                + "name a tariff for the modem \(request.modem) (modems.NAME.tariff, and roaming_tariff for abroad)"
        }
        guard leg.price == nil else { return nil }
        let name = leg.numberClass.rawValue
        return "\(key) limits the cost, and the tariff \(tariff.name) has no price for \(name); "
            + "add tariffs.\(tariff.name).prices.\(name)"
    }

    static func words(_ seconds: Int) -> String {
        let (minutes, rest) = seconds.quotientAndRemainder(dividingBy: 60)
        return minutes == 0 ? "\(rest) s" : rest == 0 ? "\(minutes) min" : "\(minutes) min \(rest) s"
    }
}

extension LimitGauge {
    /// The gauge as it is once this call is made; time and money are only known when it has ended.
    fileprivate var withThisCall: LimitGauge {
        guard unit == .calls else { return self }
        var gauge = self
        gauge.used += 1
        return gauge
    }
}

/// What a call of a length would use, against what is left.
private struct Bill {
    let request: PolicyRequest
    let gauges: [LimitGauge]
    let now: PolicyTime
    /// What is left in the buckets of each leg.
    let free: [[ReservedLeg.FreeUse]]

    init(request: PolicyRequest, usage: Usage, gauges: [LimitGauge], now: PolicyTime) {
        self.request = request
        self.gauges = gauges
        self.now = now
        free = request.legs.map { $0.freeSeconds(usage, on: now.day) }
    }

    /// The longest call, in seconds, that every limit has room for; nil when that is too short to be of use.
    ///
    /// Costs never fall with the length of a call, so that the border can be halved in on.
    func longest(upTo wanted: Int) -> Int? {
        if obstacle(to: wanted) == nil { return wanted }
        var fits = min(DialRules.shortestCall, wanted)
        guard obstacle(to: fits) == nil else { return nil }
        var tooLong = wanted
        while tooLong - fits > 1 {
            let middle = fits + (tooLong - fits) / 2
            if obstacle(to: middle) == nil { fits = middle } else { tooLong = middle }
        }
        return fits
    }

    /// The first limit that has no room for a call of so many seconds.
    func obstacle(to seconds: Int) -> LimitGauge? {
        let reservation = reservation(seconds)
        return gauges.first { gauge in
            switch gauge.unit {
            case .calls: false
            case .seconds: Int64(reservation.seconds) > gauge.left
            case .money: reservation.cost.micros > gauge.left
            }
        }
    }

    func reservation(_ granted: Int) -> UsageEntry {
        let seconds = granted + DialRules.hangUpAllowance
        let legs = zip(request.legs, free).map { $0.reserved(seconds, free: $1) }
        return UsageEntry(
            call: request.call,
            at: now.seconds,
            day: now.day.packed,
            modem: request.modem,
            seconds: seconds,
            cost: legs.reduce(.zero) { $0 + $1.cost(seconds) },
            legs: legs,
            isOpen: true,
            deadline: now.seconds + Int64(seconds + DialRules.longestSetup)
        )
    }
}
