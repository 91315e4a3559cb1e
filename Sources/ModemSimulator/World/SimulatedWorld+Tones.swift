import NetworkSimulator

// Tones, and what the PBX does when it hears them.
extension SimulatedWorld {
    /// From the end of the target's digits until the PBX dials.
    static let dialOnDelay = Duration.milliseconds(300)
    /// How far tones may be queued up in a modem.
    static let toneQueueLimit = Duration.seconds(60)

    mutating func playTone(_ call: Int, _ digit: Character, _ length: Duration, _ modem: Int, _ now: Instant) {
        let start = max(now + .milliseconds(20), modems[modem].tonesUntil ?? now)
        guard now.duration(to: start) < Self.toneQueueLimit else { return }
        modems[modem].tonesUntil = start + length + .milliseconds(50)
        agenda.add(.network(call, .tone(digit)), at: start)
    }

    mutating func heard(_ digit: Character, _ id: Int, _ now: ContinuousClock.Instant) {
        guard let call = table[id], call.tones.count < SimulatedCall.toneLimit else { return }
        let isIgnored = call.state != .answered || table.dialogues[id]?.phase == .answering
        table[id]?.tones.append(SimulatedCall.Tone(digit: digit, at: now, isIgnored: isIgnored))
        guard !isIgnored else {
            outputs.append(.farSide(.ignoredDigit(call: id, number: call.number, digit: digit)))
            return
        }
        let digits = call.digits + String(digit)
        outputs.append(.farSide(.digit(call: id, number: call.number, digit: digit, digits: digits)))
        decide(table.dialogues[id]?.take(digit) ?? .wait, id, now)
        if let dialogue = table.dialogues[id], dialogue.phase == .target {
            agenda.add(.network(id, .silence(after: dialogue.taken)), at: now + dialogue.number.silence)
        }
        if digits.count == 1 { reached(.handover, id, now) }
    }

    mutating func decide(_ decision: AccessDialogue.Decision, _ id: Int, _ now: ContinuousClock.Instant) {
        switch decision {
        case .wait: break
        case .dial(let target):
            if takeToken(target, id, now) { return }
            table[id]?.target = target
            agenda.add(.network(id, .dialOn(target)), at: now + Self.dialOnDelay)
            agenda.add(.network(id, .inProgress), at: now + .milliseconds(500))
        case .hangUp:
            agenda.add(.network(id, .end(by: .farSide, cause: 16)), at: now + .milliseconds(100))
        }
    }

    /// The PBX calls the target of a call and returns the leg.
    @discardableResult
    mutating func dialOn(_ access: Int, _ target: String, caller: String, _ now: ContinuousClock.Instant) -> Int {
        let number = SimulatedNetwork.international(target)
        if let called = modems.firstIndex(where: { $0.profile.ownNumber == number }) {
            let leg = startIncoming(called, caller: caller, peer: access, now)
            if table[leg]?.isLive == true { table[access]?.peer = leg }
            return leg
        }
        return placeLeg(to: number, dialled: target, caller: caller, peer: access, now)
    }

    /// The PBX calls a number, for the call at whose other end `peer` is.
    mutating func placeLeg(to number: String, dialled: String, caller: String, peer: Int?, _ now: Instant) -> Int {
        let leg = table.add {
            SimulatedCall(
                id: $0,
                modem: nil,
                direction: .outgoing,
                dialled: dialled,
                number: number,
                caller: caller,
                dialledAt: now
            )
        }
        table[leg]?.peer = peer
        if let peer { table[peer]?.peer = leg }
        outputs.append(.farSide(.arrived(call: leg, number: number, caller: caller, modem: nil)))
        route(leg, number, caller: caller, now)
        return leg
    }
}
