internal import CallFlows
package import CallLog
package import CallModel
package import DialPlan
package import FoundationEssentials
package import GatewayAPI
package import Settings

/// Decides whether a call may be made, writes it down at its worst before it is dialled, and settles it afterwards.
///
/// The one place that the command line and the service ask. Calls for help pass without touching the ledger.
package struct DialAuthority: Sendable {
    /// What is asked.
    package struct Request: Sendable {
        package var call: UUID
        /// How it would be made.
        package var route: Route
        /// The modem, as the configuration or the user names it.
        package var modem: String
        /// Whether that modem's SIM is in a network abroad; nil while that is not known, which counts as abroad once the
        /// call is to be made.
        package var isRoaming: Bool?
        /// How long the call shall last at most.
        package var maxDuration: Duration
        /// Who asks.
        package var origin: RequestOrigin

        /// Creates a request of a person at this box.
        package init(
            call: UUID,
            route: Route,
            modem: String,
            isRoaming: Bool? = nil,
            maxDuration: Duration,
            origin: RequestOrigin = .local
        ) {
            self.call = call
            self.route = route
            self.modem = modem
            self.isRoaming = isRoaming
            self.maxDuration = maxDuration
            self.origin = origin
        }
    }

    /// What came of a call.
    package enum Settlement: Sendable, Hashable {
        /// The modem was never told to dial.
        case notDialled
        /// It was dialled and has ended for certain; how long it was answered.
        case ended(answered: Duration)
        /// Whether it has ended can't be told: it counts at its worst.
        case unknown
    }

    private let configuration: Configuration
    private let rules: DialRules
    private let ledger: (any UsageLedger)?
    private let ledgerTrouble: String?
    private let clock: @Sendable () -> PolicyTime
    private let notify: @Sendable (PolicyNotice) -> Void
    /// What the SIMs have; nil where that decides nothing.
    package var balances: BalanceBook?

    /// Creates an authority.
    ///
    /// - Parameters:
    ///   - configuration: limits and tariffs.
    ///   - ledger: where usage is kept; nil where it can't be opened, which refuses every call that a limit is set for.
    ///   - trouble: why there is no ledger.
    ///   - clock: the clocks of this box.
    ///   - notify: takes what people should know: limits that are nearly used up, calls cut down.
    package init(
        configuration: Configuration,
        ledger: (any UsageLedger)?,
        trouble: String? = nil,
        clock: @escaping @Sendable () -> PolicyTime = PolicyTime.now,
        notify: @escaping @Sendable (PolicyNotice) -> Void = { _ in }
    ) {
        self.configuration = configuration
        rules = configuration.dialRules
        self.ledger = ledger
        ledgerTrouble = trouble
        self.clock = clock
        self.notify = notify
    }

    /// Decides, and reserves what the call may use up; nothing is to be dialled before this has said yes.
    ///
    /// Never throws: where the ledger fails and a limit is set, the answer is no, with the reason.
    package func authorise(_ request: Request) async -> PolicyDecision {
        var asked = request
        // What is not known must not open a limit: abroad is where calls are dear.
        asked.isRoaming = request.isRoaming ?? true
        var decision = await judge(asked, reserving: true)
        if request.isRoaming == nil, !decision.verdict.isAllowed {
            asked.isRoaming = false
            if await judge(asked, reserving: false).verdict.isAllowed {
                let why = "; the modem does not tell whether its SIM is abroad, so it counts as abroad"
                let verdict = decision.verdict
                decision.verdict = .refused(verdict.numberClass, reason: verdict.reason + why)
            }
        }
        if decision.verdict.isAllowed {
            let call = request.call
            if let cut = decision.cut { notify(PolicyNotice(.cut(cut), call: call)) }
            for gauge in decision.warnings { notify(PolicyNotice(.nearlyUsedUp(gauge), call: call)) }
        }
        return decision
    }

    /// Decides without reserving anything, for `--dry-run` and route choice.
    package func preview(_ request: Request) async -> PolicyDecision {
        await judge(request, reserving: false)
    }

    /// The usage so far; nil where it can't be read.
    package func usage() async -> Usage? {
        try? await ledger?.usage(since: Usage.firstDay(for: clock().day))
    }

    /// Replaces a call's reservation by what it came to; does nothing for a call without one.
    ///
    /// A ledger that fails leaves the reservation as it is, which is the call at its worst.
    package func settle(_ call: UUID, _ settlement: Settlement) async {
        for notice in await settling(call.ledgerName, settlement) { notify(PolicyNotice(notice, call: call)) }
    }

    /// Settles what earlier runs left open: from their records, and else at its worst once its time is up.
    ///
    /// - Parameter record: what is known of a call that has ended; nil where nothing is, or while it goes on.
    /// - Returns: how many reservations were settled.
    @discardableResult
    package func recover(_ record: @Sendable (UUID) async -> Settlement?) async -> Int {
        let now = clock()
        let open = await usage()?.entries.filter(\.isOpen) ?? []
        var known: [String: Settlement] = [:]
        for entry in open {
            if let call = UUID(uuidString: entry.call), let settlement = await record(call) {
                known[entry.call] = settlement
            } else if entry.deadline < now.seconds {
                // Until then the process that reserved it may still use it; it counts in full either way.
                known[entry.call] = .unknown
            }
        }
        guard !known.isEmpty else { return 0 }
        let settled = try? await ledger?
            .transaction(since: Usage.firstDay(for: now.day)) { [known] usage in
                let changes = usage.entries.filter(\.isOpen)
                    .compactMap { entry in known[entry.call].map { Self.change(entry, $0) } }
                return (changes.count, changes)
            }
        return settled ?? 0
    }

    // MARK: Parts

    private func judge(_ request: Request, reserving: Bool) async -> PolicyDecision {
        let verdict = request.route.verdict
        // What the route's own numbers refuse, such as its access number, no limit lets pass.
        guard verdict.isAllowed else { return PolicyDecision(refused: verdict.numberClass, reason: verdict.reason) }
        let question = question(request)
        if !request.route.isEmergency, question.costsSIM, let reason = balances?.refusal(of: question.modem) {
            return PolicyDecision(refused: verdict.numberClass, reason: reason)
        }
        let now = clock()
        let isHelp = request.route.isEmergency
        guard let ledger, !isHelp else {
            let decision = rules.decide(question, usage: Usage(), at: now)
            return isHelp ? decision : withoutLedger(decision, request, ledgerTrouble ?? "there is no ledger")
        }
        do {
            let first = Usage.firstDay(for: now.day)
            guard reserving || isCounted(request.modem) else {
                // Nothing is counted or priced: what was used before does not matter.
                return rules.decide(question, usage: Usage(), at: now)
            }
            guard reserving else {
                let usage = try await ledger.usage(since: first)
                return withoutGap(usage, rules.decide(question, usage: usage, at: now), request)
            }
            return try await ledger.transaction(since: first) { [self] usage in
                let decision = withoutGap(usage, rules.decide(question, usage: usage, at: now), request)
                let seen = usage.entries.compactMap { entry in
                    entry.sighting(at: now)
                        .map { sighting in
                            var entry = entry
                            entry.seen = sighting
                            return UsageChange.see(entry)
                        }
                }
                let reserved = decision.reservation.map { [UsageChange.reserve($0)] } ?? []
                return (decision, seen + reserved)
            }
        } catch CallLogError.repeated {
            // With or without limits: one id is one call.
            let reason = "a call of the id \(question.call) was made before; take another id"
            return PolicyDecision(refused: request.route.verdict.numberClass, reason: reason)
        } catch {
            return withoutLedger(rules.decide(question, usage: Usage(), at: now), request, "\(error)")
        }
    }

    private func isCounted(_ modem: String) -> Bool {
        rules.limits.needUsage(modem: modem) || !configuration.tariffs.isEmpty
    }

    private func withoutGap(_ usage: Usage, _ decision: PolicyDecision, _ request: Request) -> PolicyDecision {
        usage.gap.map { withoutLedger(decision, request, $0) } ?? decision
    }

    /// A limit that can't be counted is not passed.
    private func withoutLedger(_ decision: PolicyDecision, _ request: Request, _ trouble: String) -> PolicyDecision {
        guard decision.verdict.isAllowed, rules.limits.needUsage(modem: request.modem) else { return decision }
        let reason = "limits are set, and what was used so far can't be counted: \(trouble)"
        return PolicyDecision(refused: decision.verdict.numberClass, reason: reason)
    }

    private func question(_ request: Request) -> PolicyRequest {
        let route = request.route
        return PolicyRequest(
            call: request.call.ledgerName,
            number: route.target,
            format: route.format,
            origin: request.origin.mayCallHelp ? .local : .remote,
            modem: configuration.modem(request.modem)?.name ?? request.modem,
            legs: CostLeg.legs(of: route, modem: request.modem, isRoaming: request.isRoaming, in: configuration),
            seconds: Int(clamping: request.maxDuration.components.seconds)
        )
    }

    /// How long a call may be answered by what was reserved for it; nil where nothing was, or it can't be read.
    package func granted(to call: UUID) async -> Duration? {
        let now = clock()
        guard let usage = try? await ledger?.usage(since: Usage.firstDay(for: now.day)) else { return nil }
        let entry = usage.entries.first { $0.call == call.ledgerName && $0.isOpen }
        return entry.map { .seconds($0.granted) }
    }

    private func settling(_ call: String, _ settlement: Settlement) async -> [PolicyNotice.Kind] {
        guard let ledger else { return [] }
        let now = clock()
        do {
            return try await ledger.transaction(since: Usage.firstDay(for: now.day)) { [rules] usage in
                guard let entry = usage.entries.first(where: { $0.call == call && $0.isOpen }) else { return ([], []) }
                let change = Self.change(entry, settlement)
                guard case .settle(let settled) = change else { return ([], [change]) }
                let others = Usage(usage.entries.filter { $0.call != call })
                var notices = rules.crossed(by: settled, others: others, at: now).map(PolicyNotice.Kind.nearlyUsedUp)
                if settled.seconds > entry.seconds {
                    notices.append(.outlasted(seconds: settled.seconds - entry.seconds))
                }
                return (notices, [change])
            }
        } catch {
            return [.unsettled("\(error)")]
        }
    }

    private static func change(_ entry: UsageEntry, _ settlement: Settlement) -> UsageChange {
        switch settlement {
        case .notDialled: return .remove(call: entry.call)
        case .ended(let answered):
            let (seconds, rest) = answered.components
            return .settle(entry.settled(answered: Int(clamping: seconds) + (rest > 0 ? 1 : 0)))
        case .unknown:
            var entry = entry
            entry.isOpen = false
            return .settle(entry)
        }
    }
}

extension DialAuthority.Settlement {
    /// Reads what came of a call from its end.
    ///
    /// - Parameter dialled: whether the modem was told to dial.
    package init(of end: CallEnd, dialled: Bool) {
        self = !dialled ? .notDialled : end.hangUpVerified ? .ended(answered: end.seconds) : .unknown
    }
}

extension DialAuthority.Settlement {
    /// Reads what came of a call from its record; nil for one that may still go on.
    package init?(of record: CallRecord) {
        guard let endedAt = record.endedAt else { return nil }
        if record.outcome == CallRecord.lostAtRestart {
            // The answer was not seen; the call can't have talked for longer than from its dialling to its end.
            let length = record.dialingAt.map { endedAt.timeIntervalSince(record.connectedAt ?? $0) }
            self = length.map { .ended(answered: .seconds(max(0, $0))) } ?? .notDialled
            return
        }
        guard let outcome = record.outcome.flatMap(CallOutcome.init) else { return nil }
        guard record.dialingAt != nil else {
            self = .notDialled
            return
        }
        guard record.connectedAt == nil || record.seconds != nil, outcome != .modemFailed else {
            self = .unknown
            return
        }
        self = .ended(answered: .seconds(record.seconds ?? 0))
    }
}

extension PolicyRequest {
    /// Whether the SIM pays for it, or may have to.
    fileprivate var costsSIM: Bool {
        legs.contains { leg in
            guard leg.payer == .sim else { return false }
            // Who is called pays only where a tariff says so, abroad say.
            if leg.isIncoming { return leg.price.map { $0.perMinute > .zero } ?? false }
            return leg.price.map { $0.perMinute > .zero || $0.setup > .zero } ?? true
        }
    }
}

extension UUID {
    /// The call as the ledger names it.
    fileprivate var ledgerName: String { uuidString.lowercased() }
}
