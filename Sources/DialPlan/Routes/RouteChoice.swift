package import CallModel

/// The choice between the ways in which a number can be called: what each costs, and why it was taken or left.
///
/// Pure: everything that it knows is in the candidates.
package struct RouteChoice: Sendable, Hashable {
    /// One way, and what is known of it.
    package struct Candidate: Sendable, Hashable {
        package var method: CallMethod
        /// The PBX's name; nil for a direct call, and for an access number that was given by hand.
        package var pbx: String?
        /// The account, of a call over the Internet.
        package var account: String?
        /// What a minute costs the SIM; nil when it is not known.
        package var sim: Money?
        /// What a minute costs the PBX; nil when it is not known, nothing for a direct call.
        package var pbxCost: Money?
        /// Why it can't be taken, if it can't.
        package var obstacle: String?
        /// Why it is left for another one, if there is one.
        package var weakness: String?

        package init(
            method: CallMethod,
            pbx: String? = nil,
            account: String? = nil,
            sim: Money? = nil,
            pbxCost: Money? = nil,
            obstacle: String? = nil
        ) {
            self.method = method
            self.pbx = pbx
            self.account = account
            self.sim = sim
            self.pbxCost = pbxCost
            self.obstacle = obstacle
        }

        /// What a minute costs both together; nil when a part is not known.
        package var total: Money? {
            guard let sim, let pbxCost else { return nil }
            return sim + pbxCost
        }
    }

    /// A candidate with what was decided.
    package struct Option: Sendable, Hashable {
        package var candidate: Candidate
        /// Whether it was taken.
        package var isTaken: Bool
        /// Why it was taken or left.
        package var reason: String
    }

    /// The candidates in the order in which they were given.
    package let options: [Option]

    /// The one that was taken; nil when none can be.
    package var taken: Option? { options.first(where: \.isTaken) }

    /// Chooses.
    ///
    /// A preference decides alone: the first of its methods that can be taken. Without one the cheapest is taken; where a
    /// price is not known, the first candidate, for prices that are half known would lead calls away from the landline
    /// number by accident.
    ///
    /// - Parameters:
    ///   - candidates: what there is, the one to take when nothing else decides first.
    ///   - prefer: the methods in the order of preference; all others are left then. Empty for the cheapest.
    ///   - rule: what prefers them, for people.
    ///   - currency: what prices are counted in, for people.
    package init(
        _ candidates: [Candidate],
        prefer: [CallMethod] = [],
        by rule: String = "policy.prefer",
        currency: String
    ) {
        var usable = candidates.indices.filter { index in
            candidates[index].obstacle == nil && (prefer.isEmpty || prefer.contains(candidates[index].method))
        }
        let strong = usable.filter { candidates[$0].weakness == nil }
        let leavesWeak = !strong.isEmpty && prefer.isEmpty && strong.count < usable.count
        if leavesWeak { usable = strong }
        let priced = usable.compactMap { index in candidates[index].total.map { (index: index, cost: $0) } }
        var best: Int?
        let reason: String
        if !prefer.isEmpty {
            for method in prefer where best == nil { best = usable.first { candidates[$0].method == method } }
            reason = "preferred (\(rule))"
        } else if usable.count == 1 {
            best = usable.first
            reason = leavesWeak ? "nothing better is possible" : "nothing else is possible"
        } else if priced.count == usable.count {
            // Of equals the first: the order of the candidates is that of what people want.
            best = priced.min { ($0.cost, $0.index) < ($1.cost, $1.index) }?.index
            reason = "the cheapest"
        } else {
            best = usable.first
            reason = "not every price is known, so the landline number comes first"
        }
        options = candidates.indices.map { index in
            let candidate = candidates[index]
            if index == best { return Option(candidate: candidate, isTaken: true, reason: reason) }
            let left: String
            if let obstacle = candidate.obstacle {
                left = obstacle
            } else if let weakness = candidate.weakness, prefer.isEmpty {
                left = weakness
            } else if !prefer.isEmpty, !prefer.contains(candidate.method) {
                left = "not in \(rule)"
            } else if !prefer.isEmpty {
                left = "less preferred (\(rule))"
            } else if let own = candidate.total, let cost = best.flatMap({ candidates[$0].total }) {
                left = own > cost ? "dearer than \(cost) \(currency) a minute" : "no cheaper"
            } else {
                left = "its price can't be compared"
            }
            return Option(candidate: candidate, isTaken: false, reason: left)
        }
    }
}

/// What is known of this box when a route is chosen; what is not known counts as it normally is.
package struct RouteFacts: Sendable {
    /// The modem that would be used, by its name in the configuration or as it was given.
    package var modem: String?
    /// Whether that modem is only the one that there is, and nobody has asked for it.
    package var isModemFound = false
    /// Whether that modem's SIM is in a network abroad.
    package var isRoaming: Bool?
    /// Whether it is registered in a network.
    package var isRegistered: Bool?
    /// The PBXs that can't be reached over HTTP, with the reason.
    package var unreachable: [String: String]
    /// Whether a PBX can be asked for a callback.
    package var canCallBack: Bool
    /// Whether our number is to be kept from the one who is called.
    package var hidesNumber = false
    /// The accounts at PBXs, in the order of the configuration; nil where no service looks after them.
    package var accounts: [Account]?
    /// What was used so far, for free minutes.
    package var usage: Usage
    /// The groups of the contacts whose number is called.
    package var groups: Set<String> = []
    /// The time on the wall; nil where it is not known, and no rule with a time holds.
    package var time: PolicyTime?
    /// The day on the wall; nil leaves free minutes out of account.
    package var day: LocalDate?

    /// An account, and whether calls can be made over it.
    package struct Account: Sendable, Hashable {
        package var name: String
        /// Why none can be made; nil where they can.
        package var obstacle: String?
        /// Why people could not talk well over it of late; nil where they could, or nobody has.
        package var weakness: String?

        /// Creates one.
        package init(name: String, obstacle: String?, weakness: String? = nil) {
            (self.name, self.obstacle, self.weakness) = (name, obstacle, weakness)
        }
    }

    /// Whether the Internet is good for calls: an account is registered, over which people could talk of late.
    package var isInternetGood: Bool { accounts?.contains { $0.obstacle == nil && $0.weakness == nil } ?? false }

    /// Creates facts of a box of which nothing is known.
    package init(
        modem: String? = nil,
        isRoaming: Bool? = nil,
        isRegistered: Bool? = nil,
        unreachable: [String: String] = [:],
        canCallBack: Bool = false,
        usage: Usage = Usage(),
        day: LocalDate? = nil
    ) {
        self.modem = modem
        self.isRoaming = isRoaming
        self.isRegistered = isRegistered
        self.unreachable = unreachable
        self.canCallBack = canCallBack
        self.usage = usage
        self.day = day
    }
}
