internal import ATProtocol
internal import CallModel
internal import Logging

extension ModemSession {
    /// What a bring-up is for, and what it may use.
    package struct BringUp: Sendable {
        /// How long a modem that is still searching may take to register.
        package var registersWithin: Duration = .seconds(15)
        /// How long a card may say that it is busy.
        package var cardReadyWithin: Duration = .seconds(30)
        /// The card's PIN, where one is configured.
        package var pin: (@Sendable () throws -> String)?
        /// Finds the card's PIN once modem and card are known, where ``pin`` is not given; nil for a card without one.
        package var pinFor: (@Sendable (ModemIdentity) -> (@Sendable () throws -> String)?)?
        /// Where attempts are remembered; without one no PIN is tried.
        package var ledger: (any PINLedger)?
        /// Whether neither card nor registration may stop it, as for an emergency call.
        package var isForEmergency = false
        /// Whether a registration for messages alone will do.
        package var takesMessagesOnly = false

        /// Creates the options of a plain bring-up, without a PIN.
        package init() {}
    }

    /// Makes the modem ready for calls: wakes it, learns what it is, unlocks the card, sets the family up, waits for
    /// the network.
    ///
    /// Only a deaf modem, the card and the registration can stop it; every other command may fail.
    package func bringUp(_ options: BringUp = BringUp()) async throws(ModemError) {
        let openedAt = loop.now
        if options.isForEmergency { breakOffTyped() }
        setUpMemory.isComplete = false
        sound.machine.restarted()
        var isJustUnlocked = false
        // A modem that starts in the middle of it has lost what was set before; a second time it is left at that.
        for _ in 0..<2 {
            setUpMemory.wasDisturbed = false
            try await wake()
            try await identify()
            if driver.restsAfterOpening { follower.endedAt = follower.endedAt ?? openedAt }
            isJustUnlocked = try await prepareCard(options) || isJustUnlocked
            try await setUp()
            if setUpMemory.wasDisturbed { continue }
            // A modem that searches for its network draws the most current, and may restart from that.
            try await waitForRegistration(options, justUnlocked: isJustUnlocked)
            if !setUpMemory.wasDisturbed { break }
        }
        if setUpMemory.wasDisturbed { try await waitForRegistration(options, justUnlocked: isJustUnlocked) }
        await rememberSettings()
        setUpMemory.isComplete = true
        setUpMemory.wasQuiet = isEchoOff && !setUpMemory.echoesAnyway
    }

    // MARK: Steps

    private func wake() async throws(ModemError) {
        hasAskedForWords = false
        setUpMemory.echoesAnyway = false
        isEchoOff = false
        do throws(CommandExchange.Failure) {
            let reply = try await execute(greeting)
            if !reply.isOK { log.debug("\(greeting.text) was answered by \(reply.result)") }
        } catch {
            // The exchange probes by itself now; this waits for how that ends. Any answer is a sign of life.
            do throws(CommandExchange.Failure) { _ = try await execute(.wakeUp) } catch { throw lost(.deaf) }
            greeting.text = ATCommand.wakeUp.text
        }
        // A program that was killed may have left a command behind, whose late answer was taken for this one's: the
        // true one follows within moments, and no task may wait then.
        await pause(.milliseconds(120))
        for _ in 0..<2 {
            if await ask(ATCommand("ATE0")) != nil { break }
            if exchange.isUnresponsive || isClosed { throw lost(.deaf) }
        }
        try checkAlive(doing: "waking up")
        isEchoOff = true
        _ = await ask(ATCommand("AT+CMEE=1"))
    }

    func identify() async throws(ModemError) {
        identity.manufacturer = await text("AT+CGMI") ?? ""
        identity.model = await text("AT+CGMM") ?? ""
        identity.revision = await text("AT+CGMR") ?? ""
        if identity.manufacturer.isEmpty || identity.model.isEmpty { identity.information = await text("ATI") ?? "" }
        let serial = await ask(ATCommand("AT+CGSN", reply: .text))
        identity.imei = serial.flatMap { IMEI(reply: $0) }?.digits
        driver = ModemDriver.driver(for: identity.words)
        if driver.takesAny, identity.isUnbranded {
            for candidate in ModemDriver.all {
                guard let mark = candidate.mark, await ask(mark) != nil else { continue }
                driver = candidate
                break
            }
            // Of any make: sticks on these chips are silent from the dial command to the answer.
            if driver.takesAny { dialMayBlock = true }
        }
        log.info(
            "modem: \(identity.manufacturer) \(identity.model) \(identity.revision), family \(driver.family)"
        )
        try checkAlive(doing: "identifying itself")
    }

    private func setUp() async throws(ModemError) {
        if identity.iccid == nil { identity.iccid = await cardNumber() }
        let subscriber = await ask(ATCommand("AT+CIMI", reply: .text))
        identity.imsi = subscriber.flatMap { IMSI(reply: $0) }?.digits
        await chooseCharacters()
        for command in Self.commonSetUp + driver.setUp {
            let isAccepted = await ask(command) != nil
            if !isAccepted, driver.unblocksDialing.contains(command.text) { dialMayBlock = true }
            try checkAlive(doing: "being set up")
        }
        if let lines = await ask(.query("AT+VTD?")),
            let tenths = lines.lazy.compactMap({ ToneDuration(vtd: $0) }).first?.tenths, (1...10).contains(tenths)
        {
            shortestTone = .milliseconds(100 * tenths)
        }
        if let (question, read) = driver.voiceInterface {
            sound.interface = await ask(question)?.lazy.compactMap { read($0) }.first
        }
        if let probe = driver.voiceProbe {
            let lines = await ask(probe)
            sound.stream = lines?.lazy.compactMap { VoiceStream(cvoice: $0) }.first
            if lines == nil {
                voiceIsDoubtful = true
                log.warning("the firmware does not confirm voice calls (\(probe.text) was refused)")
            }
        }
        try checkAlive(doing: "being set up")
    }

    /// Has the modem write numbers and names plainly.
    ///
    /// Another program may have left it in UCS2, where a caller is told as `002B0034…` (27.007 §5.5). One that can't do
    /// otherwise is decoded.
    private func chooseCharacters() async {
        // In UCS2 some modems want the new name in it too.
        for name in ["GSM", "IRA", "00470053004D"] where await ask(ATCommand("AT+CSCS=\"\(name)\"")) != nil { break }
        let current = await ask(.query("AT+CSCS?"))?.first?.text.uppercased() ?? ""
        writesUCS2 = current.contains("\"UCS2\"") || current.contains("\"0055004300530032\"")
        writesSevenBit = current.contains("\"GSM\"")
        if writesUCS2 { log.info("the modem writes texts in UCS2 and can't be told otherwise") }
    }

    /// What makes nearly every modem behave (27.007): numbers shown, dial commands that return at once, no answering by
    /// itself, a hang-up that means voice calls too, registration reported.
    ///
    /// Much of it undoes what other programs leave behind. `AT&F` does not: what it sets is the maker's choice, and
    /// some firmware forgets its ports by it.
    private static let commonSetUp: [ATCommand] = [
        ATCommand("ATS0=0"),
        // Busy is told from other ends (V.250 §6.3.3).
        ATCommand("ATX4"),
        // Our number is shown as the subscription says: who was told to hide it calls PBXs that don't know him (27.007
        // §7.7).
        ATCommand("AT+CLIR=0"),
        // No reports of keys, display and indicators (27.007 §8.10).
        ATCommand("AT+CMER=0"),
        ATCommand("AT+COLP=0"),
        ATCommand("AT+CVHU=0"),
        ATCommand("AT+CLIP=1"),
        ATCommand("AT+CRC=1"),
        // Shows who waits, where the network lets callers wait; whether it does is left as it is.
        ATCommand("AT+CCWA=1"),
        ATCommand("AT+CREG=2"),
        ATCommand("AT+CGREG=2"),
        ATCommand("AT+CEREG=2"),
        // Messages go to their storage: the text of one must not come in the middle of a call's reports.
        ATCommand("AT+CNMI=2,1,0,0,0"),
    ]

    private func waitForRegistration(_ options: BringUp, justUnlocked: Bool) async throws(ModemError) {
        var started = loop.now
        // Just unlocked, or just switched on: the modem has yet to look around.
        var isFresh = justUnlocked
        var hasAskedForRadio = false
        while true {
            await refreshRegistration()
            try checkAlive(doing: "looking for a network")
            if registration.allowsCalls || options.isForEmergency { break }
            if options.takesMessagesOnly, registration.allowsMessages { break }
            if registration.verdict == .none, !hasAskedForRadio {
                hasAskedForRadio = true
                if await switchRadioOn() {
                    started = loop.now
                    isFresh = true
                }
                continue
            }
            let patience = isFresh ? max(options.registersWithin, .seconds(30)) : options.registersWithin
            let limit: Duration
            switch registration.verdict {
            case .registered, .dataOnly: limit = .zero
            case .searching: limit = patience
            // A modem that does not even look gets the time to begin.
            case .none: limit = isFresh ? patience : min(patience, .seconds(5))
            case .denied, .messagesOnly, .emergencyOnly: limit = isFresh ? patience : .zero
            }
            if loop.now - started >= limit { throw .noService(await explainNoService()) }
            await pause(.seconds(1))
        }
        if case .dataOnly = registration.verdict { log.warning("\(registration.explanation)") }
    }

    /// Switches a radio on that is off, as an interrupted hang-up or another program may have left it.
    ///
    /// - Returns: whether it was off.
    private func switchRadioOn() async -> Bool {
        let mode = await ask(.query("AT+CFUN?"))?.first?.text.filter { !$0.isWhitespace } ?? ""
        guard mode == "+CFUN:0" || mode == "+CFUN:4" else { return false }
        log.warning("the radio was off; switching it on")
        return await ask(ATCommand("AT+CFUN=1", within: .seconds(15))) != nil
    }

    /// Asks for the three registrations; a modem without one of them refuses that question.
    package func refreshRegistration() async {
        let questions: [(String, Registration.Domain)] = [
            ("AT+CREG?", .circuit), ("AT+CGREG?", .packet), ("AT+CEREG?", .evolved),
        ]
        for (text, domain) in questions {
            let lines = await ask(ATCommand(text, reply: .registration(domain)))
            if let report = lines?.lazy.compactMap({ Registration(reply: $0, domain: domain) }).first {
                registration.update(report)
            }
        }
    }

    /// The signal strength in dBm; nil where it is unknown.
    package func signal() async -> Int? {
        let lines = await ask(.query("AT+CSQ"))
        return lines?.lazy.compactMap { SignalStrength($0) }.first?.dBm
    }

    private func explainNoService() async -> String {
        guard let strength = await signal() else { return registration.explanation + " (no signal)" }
        return registration.explanation + " (signal \(strength) dBm)"
    }

    // MARK: Parts

    func cardNumber() async -> String? {
        for var command in driver.cardNumber {
            // SIMCom answers AT+CICCID by `+ICCID: …`, others by the bare digits: the digits decide, not the name.
            command.reply = .everything
            let lines = await ask(command)
            if let number = lines.flatMap({ ICCID(reply: $0) }) { return number.digits }
        }
        return nil
    }

    private func text(_ command: String) async -> String? {
        let lines = await ask(ATCommand(command, reply: .text))
        return lines.map { $0.map(\.text).joined(separator: " ") }
    }

    /// Throws when the modem was lost in the meantime.
    func checkAlive(doing what: String) throws(ModemError) {
        if isClosed { throw .vanished }
        if isInterrupted { throw .interrupted }
        if exchange.isUnresponsive { throw .stoppedAnswering(doing: what) }
    }

    private func lost(_ error: ModemError) -> ModemError { isClosed ? .vanished : error }
}
