import NetworkSimulator

// Calls: set up, answered, joined and ended, on both sides of the network.
extension SimulatedWorld {
    /// From ATD until the network has the request.
    static let originationDelay = Duration.milliseconds(25)
    /// From ATD until a modem that changes to another network says that there is no carrier.
    static let fallbackBegins = Duration.milliseconds(500)
    /// How long the PBX lets the caller hear that the target failed.
    static let failureTone = Duration.milliseconds(1500)

    // MARK: Set-up

    mutating func startOutgoing(
        _ modem: Int,
        _ dialled: String,
        _ completion: DialCompletion,
        isHidden: Bool,
        _ now: Instant
    ) {
        let number = SimulatedNetwork.international(dialled)
        let caller = isHidden ? "" : modems[modem].profile.ownNumber
        let id = table.add {
            SimulatedCall(
                id: $0,
                modem: modem,
                direction: .outgoing,
                dialled: dialled,
                number: number,
                caller: caller,
                dialledAt: now
            )
        }
        modems[modem].calls
            .append(
                ModemCall(
                    index: modems[modem].freeIndex,
                    call: id,
                    isOutgoing: true,
                    number: dialled,
                    status: .dialling,
                    since: now
                )
            )
        modems[modem].toneCount = 0
        if completion != .immediate {
            modems[modem].inFlight?.dialledCall = id
            modems[modem].inFlight?.completion = completion
        }
        if modems[modem].faults.contains(.echoReturns) { modems[modem].settings.echo = true }
        let fallback = completion == .immediate ? modems[modem].faults.lateFallback : nil
        if let fallback {
            agenda.add(.modem(modem, .forget(call: id)), at: now + Self.fallbackBegins)
            agenda.add(.modem(modem, .remember(call: id)), at: now + max(fallback, Self.fallbackBegins))
        }
        agenda.add(.modem(modem, .originated(call: id)), at: now + Self.originationDelay)
        outputs.append(.farSide(.arrived(call: id, number: number, caller: caller, modem: modem)))
        route(id, number, caller: caller, now + (fallback ?? .zero))
        reached(.dialling, id, now)
    }

    /// Leads a call to a number: to a modem of this world or to the tables of the network.
    mutating func route(_ id: Int, _ number: String, caller: String, _ now: ContinuousClock.Instant) {
        if let called = modems.firstIndex(where: { $0.profile.ownNumber == number }) {
            let incoming = startIncoming(called, caller: caller, peer: id, now)
            table[id]?.peer = incoming
            if table[incoming]?.isLive == true {
                agenda.add(.network(id, .alert), at: now + .milliseconds(400))
            } else {
                let cause = table[incoming]?.cause ?? 20
                agenda.add(.network(id, .end(by: .network, cause: cause)), at: now + .milliseconds(600))
            }
            return
        }
        if let access = accessNumber(number) { table.dialogues[id] = AccessDialogue(access) }
        for (after, step) in network.behaviour(of: number).steps { agenda.add(.network(id, step), at: now + after) }
    }

    /// A call for a modem; `peer` is the leg at whose other end the caller is.
    mutating func startIncoming(_ modem: Int, caller: String, peer: Int?, _ now: Instant) -> Int {
        let number = modems[modem].profile.ownNumber
        let id = table.add {
            SimulatedCall(
                id: $0,
                modem: modem,
                direction: .incoming,
                dialled: number,
                number: number,
                caller: caller,
                dialledAt: now
            )
        }
        table[id]?.peer = peer
        outputs.append(.farSide(.arrived(call: id, number: number, caller: caller, modem: modem)))
        let isFree = modems[modem].calls.isEmpty
        let isWaitingAllowed = modems[modem].settings.callWaiting == 1 && modems[modem].calls.count == 1
        guard modems[modem].isReachable, isFree || isWaitingAllowed else {
            end(id, by: .network, cause: modems[modem].isReachable ? 17 : 20, now)
            return id
        }
        table[id]?.state = .alerting
        table[id]?.alertingAt = now
        let call = ModemCall(
            index: modems[modem].freeIndex,
            call: id,
            isOutgoing: false,
            number: caller,
            status: isFree ? .incoming : .waiting,
            since: now,
            isOriginated: true,
            isConfirmed: true
        )
        modems[modem].calls.append(call)
        if isFree {
            if modems[modem].faults.contains(.dataRings) {
                announce("+CRING: REL ASYNC", modem, after: .milliseconds(2), now)
                announce("+CLIP: \"+4930999999\",145,,,,0", modem, after: .milliseconds(30), now)
            }
            agenda.add(.modem(modem, .ring(call: id)), at: now + .milliseconds(50))
            tell(.incoming, id, modem, now)
        } else {
            announce("+CCWA: \"\(call.number)\",\(call.type),1", modem, after: .milliseconds(50), now)
        }
        return id
    }

    /// A modem takes a call that rings, waits or is held.
    mutating func pickUp(_ call: ModemCall, _ modem: Int, _ now: ContinuousClock.Instant) {
        guard let call = modems[modem].call(call.call) else { return }
        switch call.status {
        case .held:
            modems[modem].update(call.call) { $0.status = .active }
        case .incoming, .waiting:
            for index in modems[modem].calls.indices where modems[modem].calls[index].status == .active {
                modems[modem].calls[index].status = .held
            }
            answered(call.call, now)
        case .active, .dialling, .alerting:
            break
        }
    }

    // MARK: Progress

    mutating func perform(_ step: NetworkStep, _ id: Int, _ now: ContinuousClock.Instant) {
        guard let call = table[id], call.isLive else { return }
        switch step {
        case .alert:
            guard call.state == .dialling else { return }
            table[id]?.state = .alerting
            table[id]?.alertingAt = now
            if let modem = call.modem {
                modems[modem]
                    .update(id) {
                        $0.status = .alerting
                        $0.isConfirmed = true
                    }
                tell(.alerting, id, modem, now)
            }
            reached(.alerting, id, now)
        case .announce:
            guard let modem = call.modem else { return }
            modems[modem].update(id) { $0.isConfirmed = true }
            tell(.earlyMedia, id, modem, now)
        case .answer: answered(id, now)
        case .prompt: decide(table.dialogues[id]?.start() ?? .wait, id, now)
        case .tone(let digit): heard(digit, id, now)
        case .silence(let count): decide(table.dialogues[id]?.silence(after: count) ?? .wait, id, now)
        case .dialOn(let target):
            guard let access = table[id]?.number else { return }
            dialOn(id, target, caller: access, now)
        case .inProgress: reached(.inProgress, id, now)
        case .end(let party, let cause):
            // A caller who gives up stops waiting once the call is answered.
            if call.direction == .incoming, call.state == .answered, party == .farSide, call.peer == nil { return }
            end(id, by: party, cause: cause, now)
        }
    }

    mutating func answered(_ id: Int, _ now: ContinuousClock.Instant) {
        guard let call = table[id], call.isLive, call.state != .answered else { return }
        table[id]?.state = .answered
        table[id]?.answeredAt = now
        outputs.append(.farSide(.answered(call: id, number: call.number)))
        if let modem = call.modem { connect(id, modem, now) }
        if arrived(id, now) { table.dialogues[id] = nil }
        if let access = table.dialogues[id]?.number {
            agenda.add(.network(id, .prompt), at: now + access.promptDelay)
        } else {
            agenda.add(.network(id, .inProgress), at: now + .seconds(1))
        }
        if let peer = call.peer, let other = table[peer], other.isLive {
            if other.state == .answered { join(peer, with: id) } else { answered(peer, now) }
        }
        answeredAtPBX(id, now)
        reached(.answered, id, now)
    }

    private mutating func connect(_ id: Int, _ modem: Int, _ now: ContinuousClock.Instant) {
        modems[modem]
            .update(id) {
                $0.status = .active
                $0.connectedAt = now
                $0.isOriginated = true
                $0.isConfirmed = true
            }
        tell(.connected, id, modem, now)
        refreshVoice(modem, now)
        guard let flight = modems[modem].inFlight, flight.dialledCall == id else { return }
        modems[modem].inFlight?.dialledCall = nil
        conclude(modem, flight.completion == .connectString ? .connect : .ok, after: .milliseconds(3), now)
    }

    private mutating func join(_ access: Int, with target: Int) {
        guard let number = table[access]?.number, let called = table[target]?.number else { return }
        guard table[access]?.isJoined == false else { return }
        table[access]?.isJoined = true
        table[target]?.isJoined = true
        outputs.append(.farSide(.joined(call: access, number: number, target: called)))
    }

    /// Lets the modem say what its family says about a change.
    mutating func tell(_ change: CallChange, _ id: Int, _ modem: Int, _ now: ContinuousClock.Instant) {
        guard let call = modems[modem].call(id) else { return }
        for report in modems[modem].habits(change, call)
            + modems[modem].dialect.reports(change, call, modems[modem], now)
        {
            announce(report.text, modem, after: report.after, now)
        }
        guard change == .earlyMedia, modems[modem].inFlight?.dialledCall == id,
            modems[modem].dialect.takesAnnouncementForAnswer
        else { return }
        modems[modem].inFlight?.dialledCall = nil
        modems[modem]
            .update(id) {
                $0.status = .active
                $0.connectedAt = now
            }
        conclude(modem, .connect, after: .milliseconds(3), now)
    }

    // MARK: End

    /// Ends a call in the network, and with it what hangs on it.
    mutating func end(_ id: Int, by party: SimulatedCall.Party, cause: Int, _ now: ContinuousClock.Instant) {
        guard let call = table[id], call.isLive else { return }
        table[id]?.state = .ended
        table[id]?.endedAt = now
        table[id]?.endedBy = party
        table[id]?.cause = cause
        table.dialogues[id] = nil
        agenda.forget(call: id)
        outputs.append(.farSide(.ended(call: id, number: call.number, by: party, cause: cause)))
        if party != .modem, let modem = call.modem { release(id, modem, byModem: false, cause: cause, now) }
        endedAtPBX(id, now)
        guard let peer = call.peer, let other = table[peer], other.isLive else { return }
        if other.modem == nil {
            agenda.add(.network(peer, .end(by: .modem, cause: 16)), at: now + .milliseconds(50))
        } else if other.state == .answered, call.state != .answered {
            agenda.add(.network(peer, .end(by: .farSide, cause: 16)), at: now + Self.failureTone)
        } else {
            let passedOn = other.state == .answered ? 16 : cause
            agenda.add(.network(peer, .end(by: .farSide, cause: passedOn)), at: now + .milliseconds(150))
        }
    }

    /// Ends a call inside the modem, which says so in its own way.
    mutating func release(_ id: Int, _ modem: Int, byModem: Bool, cause: Int, _ now: Instant) {
        guard let call = modems[modem].call(id) else { return }
        modems[modem].calls.removeAll { $0.call == id }
        modems[modem].lastCause = cause
        modems[modem].lastCallEndedAt = now
        modems[modem].tonesUntil = nil
        endVoice(modem)
        let isBlocked = modems[modem].inFlight?.dialledCall == id
        let change = CallChange.ended(
            byModem: byModem,
            cause: cause,
            wasConfirmed: call.isConfirmed,
            blocked: isBlocked
        )
        for report in modems[modem].habits(change, call)
            + modems[modem].dialect.reports(change, call, modems[modem], now)
        {
            announce(report.text, modem, after: report.after, now)
        }
        guard isBlocked, !byModem else { return }
        modems[modem].inFlight?.dialledCall = nil
        conclude(modem, modems[modem].dialect.blockedResult(cause: cause), after: .milliseconds(3), now)
    }

    // MARK: Faults

    /// Lets the faults strike that wait for a stage.
    mutating func reached(_ stage: SimulatedFault.Stage, _ id: Int, _ now: ContinuousClock.Instant) {
        guard let modem = table[id]?.modem else { return }
        let moment = now + .milliseconds(100)
        for fault in modems[modem].faults.strike(at: stage) {
            switch fault {
            case .deafAfter: agenda.add(.modem(modem, .goDeaf), at: moment)
            case .unplug:
                agenda.add(.unplug(modem), at: moment)
                if let delay = modems[modem].faults.replugDelay { agenda.add(.plug(modem), at: moment + delay) }
            case .spontaneousReset: agenda.add(.reboot(modem, isQuiet: false), at: moment)
            case .quietReset: agenda.add(.reboot(modem, isQuiet: true), at: moment)
            default: break
            }
        }
    }
}
