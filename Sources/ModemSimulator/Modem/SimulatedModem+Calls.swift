import NetworkSimulator

extension SimulatedModem {
    /// Voice call commands of 3GPP TS 27.007.
    mutating func callControl(_ command: ATCommand, _ now: ContinuousClock.Instant) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("+CLCC", .execute):
            var lines = calls.filter { isListed($0, now) }.map(callListLine)
            // Seen when a module changes from one radio to another in a call: a bare OK, and the call again later.
            if calls.contains(where: { $0.status == .active }), faults.emptiesList() { lines = [] }
            if profile.listsDataCall { lines.insert("+CLCC: 1,0,0,1,0,\"\",128", at: 0) }
            return CommandOutcome(lines: lines)
        case ("+CLCC", .test), ("+CHUP", .test), ("+CHLD", .test):
            return command.name == "+CHLD" ? .text("+CHLD: (0,1,1x,2,2x,3)") : .ok
        case ("+CHUP", .execute):
            return hangUpAll(cause: 16)
        case ("+CHLD", .set):
            return hold(command)
        case ("+CPAS", .execute):
            return .text("+CPAS: \(activity)")
        case ("+CEER", .execute):
            return .text(dialect.extendedError(lastCause))
        case ("+CVHU", .set):
            guard let value = command.value, (0...2).contains(value) else { return .failure(50) }
            settings.voiceHangUp = value
        case ("+CVHU", .read):
            return .text("+CVHU: \(settings.voiceHangUp)")
        case ("+CVHU", .test):
            return .text("+CVHU: (0-2)")
        case ("+CCWA", .set):
            return callWaiting(command)
        case ("+CCWA", .read):
            return .text("+CCWA: \(settings.callWaiting)")
        case ("+CLIP", .set), ("+CRC", .set), ("+COLP", .set):
            guard let value = command.value, (0...1).contains(value) else { return .failure(50) }
            switch command.name {
            case "+CLIP": settings.callerID = value
            case "+CRC": settings.extendedRing = value
            default: settings.connectedLine = value
            }
        case ("+CLIP", .read):
            return .text("+CLIP: \(settings.callerID),1")
        case ("+CRC", .read):
            return .text("+CRC: \(settings.extendedRing)")
        case ("+COLP", .read):
            return .text("+COLP: \(settings.connectedLine),1")
        default:
            return nil
        }
        return .ok
    }

    private func isListed(_ call: ModemCall, _ now: ContinuousClock.Instant) -> Bool {
        if call.isForgotten || (!call.isOutgoing && faults.contains(.unlistedIncoming)) { return false }
        guard let gap = faults.listGap, let answeredAt = call.connectedAt else { return true }
        return answeredAt.duration(to: now) >= gap
    }

    private func callListLine(_ call: ModemCall) -> String {
        var call = call
        if faults.contains(.listDialling), call.isOutgoing { call.status = .dialling }
        let line = dialect.callListLine(call)
        guard let mode = faults.listMode else { return line }
        var fields = line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
        if fields.count > 3 { fields[3] = "\(mode)" }
        return fields.joined(separator: ",")
    }

    /// `+CPAS`: 0 ready, 3 ringing, 4 call in progress.
    private var activity: Int {
        if calls.contains(where: { $0.status == .incoming }) { return 3 }
        return calls.isEmpty ? 0 : 4
    }

    /// ATD with everything behind the letter.
    mutating func dial(_ text: String, _ now: ContinuousClock.Instant) -> CommandOutcome {
        var number = text.filter { $0 != " " && $0 != "-" && $0 != "(" && $0 != ")" }
        let isVoice = number.hasSuffix(";")
        if isVoice { number.removeLast() }
        var isHidden = false
        while let last = number.last, "iIgG".contains(last) {
            // 3GPP TS 27.007 clause 6.2: `I` invokes the restriction for this call, `i` suppresses it.
            if last == "I" { isHidden = true }
            number.removeLast()
        }
        if let first = number.first, "TtPp".contains(first) { number.removeFirst() }
        guard isVoice else {
            return CommandOutcome(
                result: .noCarrier,
                effects: [.dataCall(number)],
                duration: .seconds(1)
            )
        }
        if faults.contains(.noVoice) { return .failure(4) }
        let digits = number.hasPrefix("+") ? number.dropFirst() : Substring(number)
        guard !digits.isEmpty, digits.count <= 80, digits.allSatisfy({ "0123456789*#ABCDabcd".contains($0) }) else {
            return .error
        }
        if number.hasSuffix("#"), number.hasPrefix("*") || number.hasPrefix("#") {
            return .effect(.serviceCode(number))
        }
        if !SimulatedNetwork.emergencyNumbers.contains(number) {
            if let failure = sim.failure { return .failure(failure) }
            guard effectiveRegistration.carriesCalls else { return CommandOutcome(result: dialect.withoutService) }
        }
        guard settings.functionality == 1 else { return CommandOutcome(result: dialect.withoutService) }
        guard calls.isEmpty else { return .failure(3) }
        let completion = dialect.dialCompletion(self)
        return CommandOutcome(
            result: completion == .immediate ? .ok : .pending,
            effects: [.dial(number, completion, isHidden: isHidden && profile.callerRestriction != 0)]
        )
    }

    /// ATA.
    mutating func answerCall() -> CommandOutcome {
        guard let call = calls.first(where: { $0.status == .incoming }) else {
            return CommandOutcome(result: .noCarrier)
        }
        return CommandOutcome(effects: [.answer(call)], duration: .milliseconds(150))
    }

    /// ATH obeys `+CVHU`: with 1 it says OK and does nothing to a voice call.
    func hangUpByH() -> CommandOutcome {
        settings.voiceHangUp == 1 ? .ok : hangUpAll(cause: 16)
    }

    /// Ends every call, and rejects one that rings.
    func hangUpAll(cause: Int) -> CommandOutcome {
        let calls = calls.filter { !$0.isForgotten }
        guard !calls.isEmpty else { return .ok }
        let ringing = calls.allSatisfy { $0.status == .incoming || $0.status == .waiting }
        return CommandOutcome(
            effects: [.hangUp(calls.map(\.call), cause: ringing ? 17 : cause)],
            duration: .milliseconds(20)
        )
    }

    /// `+CHLD` (3GPP TS 22.030 clause 6.5.5.1).
    mutating func hold(_ command: ATCommand) -> CommandOutcome {
        let text = command.argument
        let calls = calls.filter { !$0.isForgotten }
        func ending(_ chosen: [ModemCall], cause: Int = 16) -> CommandOutcome {
            chosen.isEmpty ? .failure(3) : .effect(.hangUp(chosen.map(\.call), cause: cause))
        }
        switch text {
        case "0":
            let waiting = calls.filter { $0.status == .waiting || $0.status == .incoming }
            return waiting.isEmpty
                ? ending(calls.filter { $0.status == .held }) : ending(waiting, cause: 17)
        case "1":
            var outcome = ending(calls.filter { $0.status == .active })
            if let waiting = calls.first(where: { $0.status == .waiting || $0.status == .held }) {
                outcome.result = .ok
                outcome.effects.append(.answer(waiting))
            }
            return outcome
        case "2":
            return swap()
        case "3":
            return calls.count > 1 ? .ok : .failure(3)
        default:
            guard text.hasPrefix("1"), let index = Int(text.dropFirst()) else { return .failure(4) }
            return ending(calls.filter { $0.index == index })
        }
    }

    private mutating func swap() -> CommandOutcome {
        guard !calls.isEmpty else { return .failure(3) }
        var outcome = CommandOutcome.ok
        for position in calls.indices {
            switch calls[position].status {
            case .active: calls[position].status = .held
            case .held: calls[position].status = .active
            case .waiting: outcome.effects.append(.answer(calls[position]))
            case .dialling, .alerting, .incoming: continue
            }
        }
        return outcome
    }

    /// `+CCWA` asks the network, which takes its time.
    private mutating func callWaiting(_ command: ATCommand) -> CommandOutcome {
        guard let failure = effectiveRegistration.carriesCalls ? nil : 30 else {
            var outcome = CommandOutcome.ok
            switch command.number(1) {
            case 0, 1:
                settings.callWaiting = command.number(1) ?? 0
                outcome.duration = .milliseconds(1500)
            case 2:
                outcome.lines = ["+CCWA: \(settings.callWaiting),1"]
                outcome.duration = .milliseconds(1500)
            default:
                break
            }
            return outcome
        }
        return .failure(failure)
    }
}
