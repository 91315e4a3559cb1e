package import NetworkSimulator

// What the PBX is asked for over its interface.
extension SimulatedWorld {
    /// Asks the PBX for something.
    ///
    /// - Parameters:
    ///   - request: what it shall do.
    ///   - key: makes two requests one, where the PBX honours keys.
    ///   - now: the present.
    package mutating func ask(
        _ request: SimulatedPBX.Request,
        key: String? = nil,
        at now: ContinuousClock.Instant
    ) -> SimulatedPBX.Reply {
        let now = run(until: now)
        let place = key.map { "\(request.name) \($0)" }
        if pbx.settings.honoursKeys, let place, let earlier = pbx.answers[place] { return earlier }
        let reply = carryOut(request, now)
        if let place, reply.isLasting {
            // No client repeats so many; a table that never ends would be worse.
            if pbx.answers.count >= 4096 { pbx.answers = [:] }
            pbx.answers[place] = reply
        }
        return reply
    }

    private mutating func carryOut(_ request: SimulatedPBX.Request, _ now: Instant) -> SimulatedPBX.Reply {
        switch request {
        case .announce(let target, let caller): announce(target, caller, now)
        case .originate(let party, let target, let id): originate(party, target, id, now)
        case .claim(let held, let caller): claim(held, caller, now)
        case .release(let held, let reason): release(held, reason, now)
        case .hangUp(let id): hangUp(id, now)
        case .status(let id): status(id)
        case .connect(let one, let other): connect(one, other)
        case .lead(let id, let target): lead(id, target, now)
        }
    }

    private mutating func lead(_ id: String, _ target: String, _ now: ContinuousClock.Instant) -> SimulatedPBX.Reply {
        guard let parked = pbx.parkedCall(id) else { return .unknown }
        guard parked.isLive, parked.joinedWith == nil else { return .gone }
        let number = SimulatedNetwork.international(target)
        guard number.utf8.count >= 3 else { return .refused("the target is no number") }
        pbx.update(parked: id) { $0.isLive = false }
        table[parked.call]?.target = number
        pbx.counts.targetCalls += 1
        dialOn(parked.call, number, caller: parked.number, now)
        return .done
    }

    private mutating func announce(_ target: String, _ caller: String?, _ now: Instant) -> SimulatedPBX.Reply {
        let number = SimulatedNetwork.international(target)
        guard number.utf8.count >= 3 else { return .refused("the target is no number") }
        guard !SimulatedNetwork.emergencyNumbers.contains(number) else { return .refused("not to an emergency number") }
        guard let ticket = ticket(.dial(number), caller, now) else { return .refused("no access number is free") }
        pbx.counts.announcements += 1
        return .ticket(ticket)
    }

    private mutating func claim(_ id: String, _ caller: String?, _ now: Instant) -> SimulatedPBX.Reply {
        guard let held = pbx.heldCaller(id) else { return .unknown }
        switch held.state {
        case .waiting: break
        case .claimed, .joined: return .taken
        case .expired, .released, .gaveUp, .ended: return .gone
        }
        guard let ticket = ticket(.join(id), caller, now) else { return .refused("no access number is free") }
        pbx.counts.claims += 1
        pbx.update(held: id) {
            $0.state = .claimed
            $0.expiresAt = max($0.expiresAt, ticket.expiresAt)
        }
        tell(.claimed(id: id, ticket: ticket.id))
        return .ticket(ticket)
    }

    /// Makes a ticket; nil when every number of the pool is given out.
    private mutating func ticket(
        _ purpose: SimulatedPBX.Ticket.Purpose,
        _ caller: String?,
        _ now: ContinuousClock.Instant
    ) -> SimulatedPBX.Ticket? {
        let settings = pbx.settings
        var dial = settings.accessNumber
        var token: String?
        var expected: String?
        switch settings.recognition {
        case .caller:
            let own = settings.modem.flatMap { modems.indices.contains($0) ? modems[$0].profile.ownNumber : nil }
            expected = caller.map(SimulatedNetwork.international) ?? own
        case .token: token = pbx.newToken()
        case .number:
            let given = Set(pbx.tickets.filter { $0.isOpen(at: now) }.map(\.dial))
            guard let free = settings.pool.first(where: { !given.contains($0) }) else { return nil }
            dial = free
        }
        let ticket = SimulatedPBX.Ticket(
            id: pbx.newID("ticket"),
            purpose: purpose,
            dial: dial,
            caller: expected,
            token: token,
            expiresAt: now + settings.ticketTime
        )
        pbx.add(ticket)
        agenda.add(.pbx(.expireTicket(ticket.id)), at: ticket.expiresAt)
        return ticket
    }

    private mutating func originate(
        _ party: String?,
        _ target: String?,
        _ wanted: String?,
        _ now: ContinuousClock.Instant
    ) -> SimulatedPBX.Reply {
        let own = pbx.settings.modem.flatMap { modems.indices.contains($0) ? modems[$0].profile.ownNumber : nil }
        guard let party = party.map(SimulatedNetwork.international) ?? own, party.utf8.count >= 3 else {
            return .refused("there is nobody to call")
        }
        let target = target.map(SimulatedNetwork.international)
        guard target.map({ $0.utf8.count >= 3 }) ?? true else { return .refused("the target is no number") }
        guard !SimulatedNetwork.emergencyNumbers.contains(target ?? "") else {
            return .refused("not to an emergency number")
        }
        if let wanted, pbx.origination(wanted) != nil || pbx.heldCaller(wanted) != nil { return .exists }
        let id = wanted ?? pbx.newID("call")
        pbx.add(
            SimulatedPBX.Origination(id: id, party: party, target: target, from: pbx.settings.callbackFrom)
        )
        pbx.counts.originations += 1
        planRing(.ringForOrigination(id), now)
        return .accepted(id)
    }

    private mutating func release(_ id: String, _ reason: String, _ now: Instant) -> SimulatedPBX.Reply {
        guard let held = pbx.heldCaller(id) else { return .unknown }
        guard held.isWaiting else { return held.state == .joined ? .taken : .gone }
        pbx.counts.releases += 1
        pbx.update(held: id) { $0.state = .released }
        tell(.released(id: id, reason: reason))
        end(held.call, by: .network, cause: 16, now)
        return .done
    }

    private mutating func hangUp(_ id: String, _ now: ContinuousClock.Instant) -> SimulatedPBX.Reply {
        if let held = pbx.heldCaller(id) {
            guard table[held.call]?.isLive == true else { return .gone }
            pbx.counts.hangUps += 1
            if held.isWaiting {
                pbx.update(held: id) { $0.state = .released }
                tell(.released(id: id, reason: "hung up"))
            }
            end(held.call, by: .network, cause: 16, now)
            return .done
        }
        if let origination = pbx.origination(id) {
            guard origination.state != .ended else { return .gone }
            pbx.counts.hangUps += 1
            if let leg = origination.leg {
                end(leg, by: .farSide, cause: 16, now)
            } else {
                pbx.update(origination: id) { $0.state = .ended }
                tell(.ended(id: id, talked: nil))
            }
            return .done
        }
        if let parked = pbx.parkedCall(id) {
            guard parked.isLive else { return .gone }
            pbx.counts.hangUps += 1
            end(parked.call, by: .farSide, cause: 16, now)
            return .done
        }
        guard let ticket = pbx.tickets.last(where: { $0.id == id }) else { return .unknown }
        guard ticket.state == .open || ticket.call.flatMap({ table[$0]?.isLive }) == true else { return .gone }
        pbx.counts.hangUps += 1
        pbx.update(ticket: id) { if $0.state == .open { $0.state = .cancelled } }
        if let call = ticket.call { end(call, by: .farSide, cause: 16, now) }
        return .done
    }

    private func status(_ id: String) -> SimulatedPBX.Reply {
        if let held = pbx.heldCaller(id) {
            switch held.state {
            case .waiting, .claimed: return .state("held")
            case .joined: return .state("bridged")
            case .expired, .released, .gaveUp, .ended: return .state("ended")
            }
        }
        if let origination = pbx.origination(id) { return .state(origination.state.rawValue) }
        guard let ticket = pbx.tickets.last(where: { $0.id == id }) else { return .unknown }
        guard let call = ticket.call.flatMap({ table[$0] }) else {
            return .state(ticket.state == .open ? "pending" : "ended")
        }
        return .state(!call.isLive ? "ended" : call.isJoined ? "bridged" : "answered")
    }

    /// Joins two calls, of which one is held or both were asked for without a target.
    private mutating func connect(_ one: String, _ other: String) -> SimulatedPBX.Reply {
        for (id, peer) in [(one, other), (other, one)] where pbx.heldCaller(id) != nil {
            if let parked = pbx.parkedCall(peer) {
                guard join(parked.call, held: id, ends: false) else { return .gone }
                pbx.update(parked: peer) { $0.joinedWith = id }
                return .done
            }
            guard let leg = pbx.origination(peer)?.leg else { return .unknown }
            guard join(leg, held: id) else { return .gone }
            pbx.update(origination: peer) { $0.state = .bridged }
            return .done
        }
        guard let first = pbx.origination(one), let second = pbx.origination(other) else { return .unknown }
        guard first.state == .answered, second.state == .answered, let leg = first.leg, let peer = second.leg,
            table[leg]?.peer == nil, table[peer]?.peer == nil, leg != peer
        else { return .refused("both must have answered") }
        pair(leg, peer)
        for id in [one, other] { pbx.update(origination: id) { $0.state = .bridged } }
        pbx.counts.joins += 1
        outputs.append(.farSide(.joined(call: leg, number: first.from, target: second.party)))
        tell(.joined(id: one, call: peer, caller: first.party, target: second.party))
        return .done
    }
}

extension SimulatedPBX.Request {
    /// What a key belongs to.
    fileprivate var name: String {
        switch self {
        case .announce: "announce"
        case .originate: "originate"
        case .claim(let held, _): "claim \(held)"
        case .release(let held, _): "release \(held)"
        case .hangUp(let id): "hang up \(id)"
        case .status(let id): "status \(id)"
        case .connect(let one, let other): "connect \(one) \(other)"
        case .lead(let id, _): "lead \(id)"
        }
    }
}

extension SimulatedPBX.Reply {
    /// Whether a repeated request gets it again.
    fileprivate var isLasting: Bool {
        switch self {
        case .ticket, .accepted, .done: true
        case .state, .taken, .exists, .gone, .unknown, .refused: false
        }
    }
}
