import NetworkSimulator

// What happens inside the modems: power, SIM, registration, and the lines that they say by themselves.
extension SimulatedWorld {
    static let ringBeforeCallerID = Duration.milliseconds(60)

    mutating func perform(_ event: ModemEvent, _ modem: Int, _ now: ContinuousClock.Instant) {
        switch event {
        case .say(let line, let kind): write(modems[modem].bytes(line, kind), modem, now)
        case .flush: flush(modem, now)
        case .prompt: prompt(modem, now)
        case .messagesWait: deliverHeld(modem, now)
        case .finish: finishCommand(modem, now)
        case .ring(let call): ring(modem, call, now)
        case .callerID(let call): showCaller(modem, call, now)
        case .originated(let call):
            modems[modem].update(call) { $0.isOriginated = true }
            tell(.originated, call, modem, now)
        case .forget(let call):
            modems[modem].update(call) { $0.isForgotten = true }
            announce("NO CARRIER", modem, after: .zero, now)
        case .remember(let call): modems[modem].update(call) { $0.isForgotten = false }
        case .voice(let since): moveVoice(modem, since: since, now)
        case .voicePort(let isThere): moveVoicePort(modem, isThere: isThere, now)
        case .goDeaf: modems[modem].isDeaf = true
        case .simReady(let isAnnounced):
            modems[modem].sim.becomeReady()
            if isAnnounced { announce("+CPIN: READY", modem, after: .zero, now) }
            searchNetwork(modem, now)
        case .registered:
            changeRegistration(modem, to: modems[modem].profile.registration, now)
            deliverHeld(modem, now)
        case .noise: makeNoise(modem, now)
        case .chatter(let bytes, let pause, let end): chatter(bytes, every: pause, until: end, modem, now)
        case .registrationAgain: tellRegistrationAgain(modem, now)
        case .booted(let isQuiet):
            modems[modem].isDeaf = false
            boot(modem, isQuiet: isQuiet, now)
        }
    }

    /// Begins the life of a modem that has been running for a while.
    mutating func settle(_ modem: Int, _ now: ContinuousClock.Instant) {
        if case .busy(let duration) = modems[modem].profile.sim {
            agenda.add(.modem(modem, .simReady(isAnnounced: false)), at: now + duration)
        }
        planNoise(modem, now)
        planChatter(modem, now)
    }

    /// Says a line unasked, unless a fault suppresses such lines.
    mutating func announce(_ line: String, _ modem: Int, after delay: Duration, _ now: ContinuousClock.Instant) {
        let isMute =
            modems[modem].faults.contains(.noIndications) || modems[modem].settings.flags["indications off"] == 1
        guard !isMute else { return }
        agenda.add(.modem(modem, .say(line, .unsolicited)), at: now + delay)
    }

    mutating func pull(_ modem: Int, _ now: ContinuousClock.Instant) {
        guard modems.indices.contains(modem), modems[modem].isPlugged else { return }
        losePower(modem, now)
        modems[modem].isPlugged = false
        outputs.append(.unplugged(modem))
    }

    mutating func plug(_ modem: Int, _ now: ContinuousClock.Instant) {
        guard modems.indices.contains(modem), !modems[modem].isPlugged else { return }
        modems[modem].isPlugged = true
        modems[modem].isDeaf = false
        outputs.append(.plugged(modem))
        boot(modem, isQuiet: false, now)
    }

    /// Answers first, then reboots: off the bus and back, or on a line that stays.
    mutating func reset(_ modem: Int, leavesBus: Bool, _ now: ContinuousClock.Instant) {
        let start = now + .milliseconds(300)
        if leavesBus {
            agenda.add(.unplug(modem), at: start)
            agenda.add(.plug(modem), at: start + modems[modem].profile.replugDelay)
        } else {
            agenda.add(.reboot(modem, isQuiet: false), at: start)
        }
    }

    /// Loses everything and is deaf until the firmware is up again.
    mutating func reboot(_ modem: Int, isQuiet: Bool, _ now: ContinuousClock.Instant) {
        guard modems[modem].isPlugged else { return }
        losePower(modem, now)
        modems[modem].isDeaf = true
        agenda.add(.modem(modem, .booted(isQuiet: isQuiet)), at: now + modems[modem].profile.replugDelay)
    }

    /// Everything volatile is lost; the network notices by and by that the calls are dead.
    private mutating func losePower(_ modem: Int, _ now: ContinuousClock.Instant) {
        for call in modems[modem].calls {
            let isRinging = call.status == .incoming || call.status == .waiting
            agenda.add(
                .network(call.call, .end(by: .modem, cause: isRinging ? 20 : 27)),
                at: now + Self.radioLinkTimeout
            )
        }
        agenda.forget(modem: modem)
        modems[modem].restart()
    }

    private mutating func boot(_ modem: Int, isQuiet: Bool, _ now: ContinuousClock.Instant) {
        for report in isQuiet ? [] : modems[modem].dialect.bootLines {
            let line = report.text == "{sim}" ? simLine(modem) : report.text
            announce(line, modem, after: report.after, now)
        }
        if modems[modem].sim.state == .busy {
            var wait = Duration.milliseconds(700)
            if case .busy(let duration) = modems[modem].profile.sim { wait = duration }
            agenda.add(.modem(modem, .simReady(isAnnounced: false)), at: now + wait)
        }
        planNoise(modem, now)
        planChatter(modem, now)
    }

    private mutating func planChatter(_ modem: Int, _ now: ContinuousClock.Instant) {
        guard let pause = modems[modem].faults.chatter else { return }
        agenda.add(.modem(modem, .registrationAgain), at: now + pause)
    }

    private mutating func tellRegistrationAgain(_ modem: Int, _ now: ContinuousClock.Instant) {
        if !modems[modem].isDeaf { announce("+CREG: 1", modem, after: .zero, now) }
        planChatter(modem, now)
    }

    private func simLine(_ modem: Int) -> String {
        switch modems[modem].sim.state {
        case .ready, .busy: "+CPIN: READY"
        case .pinRequired: "+CPIN: SIM PIN"
        case .pukRequired: "+CPIN: SIM PUK"
        case .absent: "+CPIN: NOT INSERTED"
        }
    }

    /// Searches and finds the network of the profile.
    mutating func searchNetwork(_ modem: Int, _ now: ContinuousClock.Instant) {
        let final = modems[modem].profile.registration
        guard final.carriesCalls else { return changeRegistration(modem, to: final, now) }
        changeRegistration(modem, to: .searching, now)
        agenda.add(.modem(modem, .registered), at: now + modems[modem].profile.registrationDelay)
    }

    mutating func changeRegistration(_ modem: Int, to registration: NetworkRegistration, _ now: Instant) {
        modems[modem].registration = registration
        for (name, reports) in modems[modem].settings.registrationReports.sorted(by: { $0.key < $1.key })
        where reports > 0 {
            let fields = modems[modem].registrationFields(name, reports)
            announce("\(name): \(fields)", modem, after: .milliseconds(5), now)
        }
        guard !registration.carriesCalls else { return }
        for call in modems[modem].calls { end(call.call, by: .network, cause: 38, now) }
    }

    private mutating func planNoise(_ modem: Int, _ now: ContinuousClock.Instant) {
        guard !modems[modem].dialect.noise.isEmpty else { return }
        let wait = Int.random(in: 1500...6000, using: &random)
        agenda.add(.modem(modem, .noise), at: now + .milliseconds(wait))
    }

    private mutating func makeNoise(_ modem: Int, _ now: ContinuousClock.Instant) {
        if let line = noiseLine(modem) { announce(line, modem, after: .zero, now) }
        planNoise(modem, now)
    }

    /// A meaningless line; nil when the family has none or the program switched them off.
    mutating func noiseLine(_ modem: Int) -> String? {
        guard modems[modem].settings.flags["^CURC"] != 0 else { return nil }
        return modems[modem].dialect.noise.randomElement(using: &random)
    }

    // MARK: Ringing

    private mutating func ring(_ modem: Int, _ id: Int, _ now: ContinuousClock.Instant) {
        guard let call = modems[modem].call(id), call.status == .incoming else { return }
        modems[modem].update(id) { $0.rings += 1 }
        let settings = modems[modem].settings
        let word = settings.extendedRing == 1 ? "+CRING: VOICE" : settings.verbose ? "RING" : "2"
        announce(word, modem, after: .zero, now)
        if settings.callerID == 1 { agenda.add(.modem(modem, .callerID(call: id)), at: now + Self.ringBeforeCallerID) }
        if settings.autoAnswerRings > 0, call.rings + 1 >= settings.autoAnswerRings {
            pickUp(call, modem, now)
            return
        }
        agenda.add(.modem(modem, .ring(call: id)), at: now + modems[modem].dialect.ringPeriod)
    }

    private mutating func showCaller(_ modem: Int, _ id: Int, _ now: ContinuousClock.Instant) {
        guard let call = modems[modem].call(id), call.status == .incoming else { return }
        announce("+CLIP: \(modems[modem].dialect.callerFields(call))", modem, after: .zero, now)
    }
}
