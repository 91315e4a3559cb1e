import NetworkSimulator

// Command lines: executed one after the other, answered after the family's latency.
extension SimulatedWorld {
    mutating func execute(_ body: [UInt8], _ modem: Int, _ now: ContinuousClock.Instant) {
        let line = "AT" + Self.capitals(body.filter { $0 != UInt8(ascii: " ") })
        log(line, modem)
        if line == "AT", modems[modem].faults.contains(.silentAttention) { return }
        let fault = modems[modem].faults.reply(to: line)
        if fault == .stuck {
            modems[modem].isStuck = true
            return
        }
        modems[modem].inFlight = SimulatedModem.InFlight(line: String(line.dropFirst(2)), since: now)
        modems[modem].inFlight?.isExcused = fault != nil
        modems[modem].typeAhead = []

        var lines: [String] = []
        var afterwards: [String] = []
        var result = ResultCode.ok
        var delay = modems[modem].dialect.latency + .milliseconds(Int.random(in: 0...3, using: &random))
        for command in CommandLineSplitter.split(body) {
            let outcome = modems[modem].execute(command, now)
            lines += outcome.lines
            afterwards += outcome.afterwards
            delay += outcome.duration
            result = outcome.result
            // A search for networks may be broken off (3GPP TS 27.007 clause 7.3).
            if command.name == "+COPS", command.form == .test { modems[modem].inFlight?.isAbortable = true }
            for effect in outcome.effects { apply(effect, modem, now) }
            if case .prompt(let length)? = outcome.effects.first {
                modems[modem].messages.entry = MessageState.Entry(length: length, fault: fault)
                agenda.add(.modem(modem, .prompt), at: now + delay)
                return
            }
            if outcome.result == .never { return }
            if outcome.result != .ok { break }
        }
        if result == .pending { return }
        if modems[modem].faults.contains(.strayLists), line == "AT+CLCC", Int.random(in: 0..<4, using: &random) == 0 {
            lines = []
        }
        if let noise = interleavedNoise(modem) {
            lines.insert(noise, at: Int.random(in: 0...lines.count, using: &random))
        }
        switch fault {
        case .late(let extra):
            delay += extra
            let dialled = modems[modem].calls.last?.call
            if line.hasPrefix("ATD") { modems[modem].inFlight?.acceptedCall = dialled }
        case .lost:
            agenda.add(.modem(modem, .finish), at: now + delay)
            return
        case .stuck, nil: break
        }
        for line in lines { agenda.add(.modem(modem, .say(line, .information)), at: now + delay) }
        conclude(modem, result, after: delay, now)
        for line in afterwards { announce(line, modem, after: delay + .milliseconds(5), now) }
    }

    /// Says a final result and takes the command out of flight.
    mutating func conclude(_ modem: Int, _ result: ResultCode, after delay: Duration, _ now: Instant) {
        if !modems[modem].settings.quiet {
            agenda.add(.modem(modem, .say(modems[modem].words(result), .final)), at: now + delay)
        }
        agenda.add(.modem(modem, .finish), at: now + delay)
    }

    mutating func finishCommand(_ modem: Int, _ now: ContinuousClock.Instant) {
        modems[modem].inFlight = nil
        let waiting = modems[modem].typeAhead
        modems[modem].typeAhead = []
        for byte in waiting { accept(byte, modem, isReplay: true, now) }
    }

    private mutating func interleavedNoise(_ modem: Int) -> String? {
        guard !modems[modem].dialect.noise.isEmpty, !modems[modem].faults.contains(.noIndications) else { return nil }
        return Int.random(in: 0..<4, using: &random) == 0 ? noiseLine(modem) : nil
    }

    private mutating func apply(_ effect: CommandEffect, _ modem: Int, _ now: ContinuousClock.Instant) {
        switch effect {
        case .dial(let number, let completion, let isHidden):
            startOutgoing(modem, number, completion, isHidden: isHidden, now)
        case .answer(let call): pickUp(call, modem, now)
        case .hangUp(let calls, let cause):
            for call in calls {
                release(call, modem, byModem: true, cause: cause, now)
                end(call, by: .modem, cause: cause, now)
            }
        case .tone(let call, let digit, let length): playTone(call, digit, length, modem, now)
        case .serviceCode(let code):
            outputs.append(.farSide(.serviceCode(modem: modem, code: code)))
            announce("+CUSD: 0,\"This is a simulation.\",15", modem, after: .milliseconds(800), now)
        case .serviceText(let text): serviceText(text, modem, now)
        case .prompt: break
        case .storeHasRoom: agenda.add(.modem(modem, .messagesWait), at: now + .milliseconds(500))
        case .dataCall(let number):
            recordViolation(.dataCall, modem, command: "ATD" + number, written: "", now)
        case .simUnlocked:
            let settling = modems[modem].dialect.settlingAfterPIN
            guard settling > .zero else { return searchNetwork(modem, now) }
            modems[modem].sim.becomeBusy()
            agenda.add(.modem(modem, .simReady(isAnnounced: true)), at: now + settling)
        case .radioOff:
            for call in modems[modem].calls {
                release(call.call, modem, byModem: true, cause: 16, now)
                end(call.call, by: .modem, cause: 16, now)
            }
            changeRegistration(modem, to: modems[modem].registration, now)
        case .radioOn: searchNetwork(modem, now)
        case .reset(let leavesBus): reset(modem, leavesBus: leavesBus, now)
        case .powerOff: agenda.add(.unplug(modem), at: now + .milliseconds(500))
        case .wedge: modems[modem].isStuck = true
        }
    }
}
