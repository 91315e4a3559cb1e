import NetworkSimulator

// What the PBX does with calls that arrive, are answered, or end.
extension SimulatedWorld {
    /// How a number collects digits, if it does.
    func accessNumber(_ number: String) -> AccessNumber? {
        network.accessNumbers[number] ?? (pbx.expectsCalls(at: number) ? AccessNumber() : nil)
    }

    /// Takes a modem's call that was just answered, if it is known by its number or its caller's.
    ///
    /// Returns whether there is no need to listen for digits in it.
    mutating func arrived(_ id: Int, _ now: ContinuousClock.Instant) -> Bool {
        guard let call = table[id], call.direction == .outgoing, call.modem != nil,
            accessNumber(call.number) != nil
        else { return false }
        if let ticket = pbx.tickets.last(where: { $0.fits(call, at: now) }) {
            use(ticket, for: id, now)
            return true
        }
        if pbx.settings.joinsUnclaimed, let held = onlyHeldCaller(rang: call.modem) {
            agenda.add(.pbx(.meetHeld(call: id, held)), at: now + Self.joinDelay)
            return true
        }
        if pbx.settings.asksApplication, pbx.expectsCalls(at: call.number) {
            let parked = SimulatedPBX.ParkedCall(
                id: pbx.newID("dialin"),
                call: id,
                number: call.number,
                caller: call.caller
            )
            pbx.add(parked)
            tell(.parked(id: parked.id, call: id, number: call.number, from: call.caller))
            return true
        }
        guard pbx.settings.pool.contains(call.number), pbx.settings.recognition != .token else { return false }
        turnAway(id, now)
        return true
    }

    /// The only waiting caller, if a modem was rung for it.
    private func onlyHeldCaller(rang modem: Int?) -> String? {
        let waiting = pbx.held.filter { $0.state == .waiting }
        guard waiting.count == 1, waiting[0].ring != nil, waiting[0].modem == modem else { return nil }
        return waiting[0].id
    }

    /// Takes digits that an access number collected, if they are a token, or must be one.
    mutating func takeToken(_ digits: String, _ id: Int, _ now: ContinuousClock.Instant) -> Bool {
        guard let call = table[id] else { return false }
        if let ticket = pbx.tickets.last(where: { $0.isOpen(at: now) && $0.token == digits && $0.dial == call.number })
        {
            use(ticket, for: id, now)
            return true
        }
        guard pbx.settings.pool.contains(call.number) else { return false }
        turnAway(id, now)
        return true
    }

    private mutating func use(_ ticket: SimulatedPBX.Ticket, for call: Int, _ now: ContinuousClock.Instant) {
        pbx.update(ticket: ticket.id) {
            $0.state = .used
            $0.call = call
        }
        agenda.add(.pbx(.meetTicket(call: call, ticket.id)), at: now + Self.joinDelay)
    }

    mutating func meet(_ call: Int, ticket id: String, _ now: ContinuousClock.Instant) {
        guard table[call]?.isLive == true, let ticket = pbx.tickets.last(where: { $0.id == id }) else { return }
        switch ticket.purpose {
        case .dial(let target):
            table[call]?.target = target
            pbx.counts.targetCalls += 1
            dialOn(call, target, caller: ticket.dial, now)
        case .join(let held):
            if !join(call, held: held) { turnAway(call, now) }
        }
    }

    // MARK: Calls that were asked for

    mutating func ringFor(origination id: String, _ now: ContinuousClock.Instant) {
        guard let origination = pbx.origination(id), origination.state == .pending else { return }
        var from = origination.from
        if case .elsewhere(let other) = pbx.settings.ringFault { from = other }
        let leg: Int
        if let modem = modems.firstIndex(where: { $0.profile.ownNumber == origination.party }) {
            pbx.counts.rings += 1
            leg = startIncoming(modem, caller: from, peer: nil, now)
        } else {
            leg = placeLeg(to: origination.party, dialled: origination.party, caller: from, peer: nil, now)
        }
        pbx.update(origination: id) {
            $0.leg = leg
            $0.state = .ringing
        }
        tell(.ringing(id: id, call: leg, number: origination.party, from: from))
        if let ring = table[leg], !ring.isLive {
            over(id, unanswered: ring.cause ?? 20, now)
            return
        }
        agenda.add(.pbx(.stopRinging(call: leg)), at: now + pbx.settings.ringTime)
    }

    mutating func dialTarget(of id: String, _ now: ContinuousClock.Instant) {
        guard let origination = pbx.origination(id), origination.state == .answered, let target = origination.target,
            let leg = origination.leg, table[leg]?.isLive == true, origination.targetLeg == nil
        else { return }
        pbx.counts.targetCalls += 1
        table[leg]?.target = target
        let targetLeg = dialOn(leg, target, caller: origination.from, now)
        pbx.update(origination: id) { $0.targetLeg = targetLeg }
    }

    private mutating func over(_ id: String, unanswered cause: Int?, _ now: ContinuousClock.Instant) {
        pbx.update(origination: id) { $0.state = .ended }
        if let cause { tell(.unanswered(id: id, cause: cause)) }
        let leg = pbx.origination(id)?.targetLeg.flatMap { table[$0] }
        tell(.ended(id: id, talked: leg?.answeredAt.map { $0.duration(to: now) }))
    }

    // MARK: What happens to its legs

    /// A leg was answered.
    mutating func answeredAtPBX(_ leg: Int, _ now: ContinuousClock.Instant) {
        if let index = pbx.heldIndex(ring: leg) {
            // A caller who has left meanwhile can't be joined any more.
            if !join(leg, held: pbx.held[index].id) { turnAway(leg, now) }
        } else if let index = pbx.originationIndex(leg: leg) {
            let id = pbx.originations[index].id
            pbx.originations[index].state = .answered
            tell(.answered(id: id))
            guard pbx.originations[index].target != nil else { return }
            agenda.add(.pbx(.dialTarget(origination: id)), at: now + Self.dialOnDelay)
        } else if let index = pbx.originationIndex(targetLeg: leg) {
            let origination = pbx.originations[index]
            pbx.originations[index].state = .bridged
            pbx.counts.joins += 1
            tell(.joined(id: origination.id, call: leg, caller: origination.party, target: table[leg]?.number ?? ""))
        } else if let peer = table[leg]?.peer, let ticket = pbx.tickets.last(where: { $0.call == peer }),
            table[leg]?.isJoined == true
        {
            pbx.counts.joins += 1
            tell(
                .joined(
                    id: ticket.id,
                    call: leg,
                    caller: table[peer]?.caller ?? "",
                    target: table[leg]?.number ?? ""
                )
            )
        }
    }

    /// A leg is over.
    mutating func endedAtPBX(_ leg: Int, _ now: ContinuousClock.Instant) {
        if let index = pbx.heldIndex(call: leg) {
            heldCallerLeft(pbx.held[index], now)
        } else if let parked = pbx.parked.last(where: { $0.call == leg }), parked.isLive {
            pbx.update(parked: parked.id) { $0.isLive = false }
            tell(.ended(id: parked.id, talked: nil))
        } else if let index = pbx.heldIndex(ring: leg), pbx.held[index].joinedWith == nil {
            tell(.unanswered(id: pbx.held[index].id, cause: table[leg]?.cause ?? 16))
        } else if let index = pbx.originationIndex(leg: leg), pbx.originations[index].state != .ended {
            let isUnanswered = table[leg]?.answeredAt == nil
            over(pbx.originations[index].id, unanswered: isUnanswered ? table[leg]?.cause ?? 16 : nil, now)
        }
    }

    private mutating func heldCallerLeft(_ held: SimulatedPBX.HeldCaller, _ now: ContinuousClock.Instant) {
        if let ring = held.ring, held.joinedWith == nil {
            agenda.add(.pbx(.stopRinging(call: ring)), at: now + .milliseconds(150))
        }
        switch held.state {
        case .waiting, .claimed:
            pbx.update(held: held.id) { $0.state = .gaveUp }
            tell(.gaveUp(id: held.id))
        case .joined:
            pbx.update(held: held.id) { $0.state = .ended }
            let since = held.joinedWith.flatMap { table[$0]?.answeredAt }
            tell(.ended(id: held.id, talked: since.map { $0.duration(to: now) }))
        case .expired, .released, .gaveUp, .ended: break
        }
    }
}

extension SimulatedPBX.Ticket {
    func isOpen(at now: ContinuousClock.Instant) -> Bool { state == .open && expiresAt > now }

    /// Whether a call is the expected one, as far as its numbers say.
    func fits(_ call: SimulatedCall, at now: ContinuousClock.Instant) -> Bool {
        guard isOpen(at: now), token == nil, dial == call.number else { return false }
        return caller == nil || caller == call.caller
    }
}
