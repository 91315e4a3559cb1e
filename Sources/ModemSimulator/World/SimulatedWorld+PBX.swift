import NetworkSimulator

// Callers from outside: held, announced by a ring, joined or sent away.
extension SimulatedWorld {
    /// From the arrival of an expected call until it is joined.
    static let joinDelay = Duration.milliseconds(100)
    /// How long a caller who is not expected hears so.
    static let farewell = Duration.milliseconds(1500)

    /// Lets a person outside call the PBX, or a modem; returns the reference of the held caller, if it is one.
    ///
    /// An empty `caller` is a withheld number. The caller hangs up after `givesUpAfter`, unless it is answered before.
    /// A number that is neither a holding number of the PBX nor a modem's leads nowhere: see
    /// ``isReachableFromOutside(_:)``.
    ///
    /// - Parameter modem: the modem that is rung for the caller; that of the settings when nil.
    @discardableResult
    package mutating func callFromOutside(
        from caller: String,
        to number: String,
        modem: Int? = nil,
        givesUpAfter: Duration? = nil,
        at now: ContinuousClock.Instant
    ) -> String? {
        let now = run(until: now)
        let number = SimulatedNetwork.international(number)
        let caller = SimulatedNetwork.international(caller)
        if let called = modems.firstIndex(where: { $0.profile.ownNumber == number }) {
            ring(modem: called, from: caller, at: now, givesUpAfter: givesUpAfter ?? .seconds(30))
            return nil
        }
        guard holds(number) else { return nil }
        return hold(caller, number, modem: modem, givesUpAfter: givesUpAfter, now)
    }

    /// Whether a person outside reaches the PBX or a modem at a number.
    package func isReachableFromOutside(_ number: String) -> Bool {
        let number = SimulatedNetwork.international(number)
        return holds(number) || modems.contains { $0.profile.ownNumber == number }
    }

    /// Lets a held or joined caller hang up.
    package mutating func outsideHangsUp(_ held: String, at now: ContinuousClock.Instant) {
        let now = run(until: now)
        guard let caller = pbx.heldCaller(held) else { return }
        end(caller.call, by: .farSide, cause: 16, now)
    }

    /// Lets another party claim a held caller, so that our claim comes too late.
    package mutating func claimElsewhere(_ held: String, at now: ContinuousClock.Instant) {
        run(until: now)
        guard pbx.heldCaller(held)?.state == .waiting else { return }
        pbx.update(held: held) { $0.state = .claimed }
        tell(.claimed(id: held, ticket: "somebody else"))
    }

    private func holds(_ number: String) -> Bool {
        pbx.settings.holdingNumbers.contains { SimulatedNetwork.international($0) == number }
    }

    mutating func tell(_ event: SimulatedPBX.Event) { outputs.append(.farSide(.pbx(event))) }

    private mutating func hold(
        _ caller: String,
        _ number: String,
        modem: Int?,
        givesUpAfter: Duration?,
        _ now: ContinuousClock.Instant
    ) -> String {
        let settings = pbx.settings
        let call = table.add {
            SimulatedCall(
                id: $0,
                modem: nil,
                direction: .incoming,
                dialled: number,
                number: number,
                caller: caller,
                dialledAt: now
            )
        }
        table[call]?.state = .answered
        table[call]?.answeredAt = now
        let id = pbx.newID("held")
        var held = SimulatedPBX.HeldCaller(
            id: id,
            call: call,
            from: caller,
            to: number,
            since: now,
            expiresAt: now + settings.holdTime
        )
        held.modem = modem ?? settings.modem
        pbx.add(held)
        pbx.counts.held += 1
        tell(.incoming(id: id, from: caller, to: number))
        tell(.held(id: id, from: caller, to: number, atMost: settings.holdTime))
        // An application has its own limits, and rings by itself.
        if !settings.asksApplication {
            agenda.add(.pbx(.expireHeld(id)), at: held.expiresAt)
            if held.modem != nil { planRing(.ringForHeld(id), now) }
        }
        if let givesUpAfter { agenda.add(.pbx(.callerLeaves(held: id)), at: now + givesUpAfter) }
        return id
    }

    /// Plans a ring, with what goes wrong with it.
    mutating func planRing(_ step: PBXStep, _ now: ContinuousClock.Instant) {
        switch pbx.settings.ringFault {
        case .never: break
        case .late(let delay): agenda.add(.pbx(step), at: now + pbx.settings.ringDelay + delay)
        case .elsewhere, nil: agenda.add(.pbx(step), at: now + pbx.settings.ringDelay)
        }
    }

    // MARK: Steps

    mutating func perform(_ step: PBXStep, _ now: ContinuousClock.Instant) {
        switch step {
        case .ringForHeld(let id): ringFor(held: id, now)
        case .ringForOrigination(let id): ringFor(origination: id, now)
        case .stopRinging(let call):
            guard let leg = table[call], leg.state == .alerting || leg.state == .dialling else { return }
            end(call, by: .farSide, cause: 16, now)
        case .expireHeld(let id): expire(held: id, now)
        case .callerLeaves(let id):
            guard let held = pbx.heldCaller(id), held.isWaiting else { return }
            end(held.call, by: .farSide, cause: 16, now)
        case .expireTicket(let id):
            pbx.update(ticket: id) { if $0.state == .open { $0.state = .expired } }
        case .meetTicket(call: let call, let id): meet(call, ticket: id, now)
        case .meetHeld(call: let call, let id):
            if !join(call, held: id) { turnAway(call, now) }
        case .dialTarget(let id): dialTarget(of: id, now)
        case .hangUp(let call): end(call, by: .farSide, cause: 16, now)
        }
    }

    private mutating func ringFor(held id: String, _ now: ContinuousClock.Instant) {
        guard let held = pbx.heldCaller(id), held.isWaiting, let modem = held.modem,
            let number = modems.indices.contains(modem) ? modems[modem].profile.ownNumber : nil
        else { return }
        var from = pbx.settings.ringFrom
        if case .elsewhere(let other) = pbx.settings.ringFault { from = other }
        pbx.counts.rings += 1
        let leg = startIncoming(modem, caller: from, peer: nil, now)
        pbx.update(held: id) { $0.ring = leg }
        tell(.ringing(id: id, call: leg, number: number, from: from))
        if let ring = table[leg], !ring.isLive {
            tell(.unanswered(id: id, cause: ring.cause ?? 20))
            return
        }
        agenda.add(.pbx(.stopRinging(call: leg)), at: now + pbx.settings.ringTime)
    }

    private mutating func expire(held id: String, _ now: ContinuousClock.Instant) {
        guard let held = pbx.heldCaller(id), held.isWaiting else { return }
        guard held.expiresAt <= now else {
            agenda.add(.pbx(.expireHeld(id)), at: held.expiresAt)
            return
        }
        pbx.update(held: id) { $0.state = .expired }
        tell(.expired(id: id))
        end(held.call, by: .network, cause: 16, now)
    }

    // MARK: Joining

    /// Joins a leg with a held caller; returns whether there was one to join with.
    ///
    /// - Parameter ends: whether the end of one is the end of the other; an application sees to that by itself.
    mutating func join(_ leg: Int, held id: String, ends: Bool = true) -> Bool {
        guard let held = pbx.heldCaller(id), held.isWaiting, let call = table[leg], call.state == .answered,
            table[held.call]?.isLive == true
        else { return false }
        pbx.update(held: id) {
            $0.state = .joined
            $0.joinedWith = leg
        }
        if ends {
            pair(leg, held.call)
        } else {
            table[leg]?.isJoined = true
            table[held.call]?.isJoined = true
        }
        pbx.counts.joins += 1
        let atPBX = call.direction == .incoming ? call.caller : call.number
        let other = call.direction == .incoming || call.modem == nil ? call.number : call.caller
        outputs.append(.farSide(.joined(call: leg, number: atPBX, target: held.from)))
        tell(.joined(id: id, call: leg, caller: held.from, target: other))
        return true
    }

    mutating func pair(_ leg: Int, _ other: Int) {
        table[leg]?.peer = other
        table[leg]?.isJoined = true
        table[other]?.peer = leg
        table[other]?.isJoined = true
    }

    mutating func turnAway(_ call: Int, _ now: ContinuousClock.Instant) {
        guard let leg = table[call], leg.isLive else { return }
        tell(.turnedAway(call: call, number: leg.number))
        agenda.add(.pbx(.hangUp(call: call)), at: now + Self.farewell)
    }
}
