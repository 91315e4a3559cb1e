internal import ATProtocol
internal import Logging

extension ModemSession {
    /// Finds out whether anything answers commands on this port, by a bare `AT`.
    ///
    /// When nothing does, the session is closed: it can't be used any more, nor does anything wait on it.
    ///
    /// - Parameter limit: how long a first answer may take; modems that have just started need up to 2 s.
    package func answers(within limit: Duration = .milliseconds(2500)) async -> Bool {
        let deadline = expire(after: limit)
        defer { deadline.cancel() }
        do throws(CommandExchange.Failure) {
            // With any answer to AT, the modem speaks; the echo is switched off with it, where there is one.
            _ = try await execute(ATCommand("AT", within: .milliseconds(800)))
            return true
        } catch {
            // The exchange asks again by itself; this waits for how that ends.
            guard await ask(.wakeUp) != nil else { return false }
            greeting.text = ATCommand.wakeUp.text
            return true
        }
    }

    /// Finds out what the modem is, and so its family, without setting anything up.
    ///
    /// - Returns: whether it still answers then.
    package func recognise() async -> Bool {
        guard await ask(ATCommand("ATE0")) != nil || isTalking else { return false }
        _ = await ask(ATCommand("AT+CMEE=1"))
        do throws(ModemError) {
            try await identify()
            return true
        } catch {
            log.debug("identification: \(error)")
            return false
        }
    }

    /// Asks a modem what it is and how it stands, without setting it up: no PIN is tried, no call touched, nothing
    /// stored.
    ///
    /// - Parameter limit: after which time what is known so far is returned and the session closed; some sticks take
    ///   5 s for their signal strength alone.
    /// - Throws: ``ModemError/deaf`` when nothing answers, or ``ModemError/vanished``.
    package func survey(within limit: Duration = .seconds(8)) async throws(ModemError) -> ModemSurvey {
        let deadline = expire(after: limit)
        defer { deadline.cancel() }
        guard await ask(ATCommand("ATE0")) != nil || isTalking else { throw isClosed ? .vanished : .deaf }
        // Without it a missing card is a bare ERROR.
        _ = await ask(ATCommand("AT+CMEE=1"))
        var sim: CardState?
        do throws(ModemError) {
            try await identify()
            sim = CardState(try await cardState())
        } catch {
            // Too slow, or gone: what is known so far is worth telling, and the rest is skipped.
            log.debug("survey: \(error)")
        }
        if sim == .ready { identity.iccid = await cardNumber() }
        await refreshRegistration()
        let network = await network()
        // A survey sets nothing: where the network goes by a name, the card's number tells the one at home.
        if sim == .ready, let lines = await ask(ATCommand("AT+CIMI", reply: .text)) {
            identity.imsi = IMSI(reply: lines)?.digits
        }
        let code = network?.isNumeric == true ? network?.name : nil
        let signal = await self.signal()
        let voice = await voice()
        var survey = ModemSurvey(
            identity: identity,
            family: driver.family,
            sim: sim,
            registration: registration,
            operatorName: network?.name,
            technology: network?.technology ?? registration.technology,
            signal: signal,
            voice: voice,
            sound: soundOffer,
            isComplete: !isClosed
        )
        survey.networkCode = code
        survey.radios = driver.radios
        return survey
    }

    /// Asks the SIM for its own number (`AT+CNUM`); nil where it has none stored, which is common, or the modem can't
    /// tell.
    ///
    /// In international form where the card says that it is, else as it stands there.
    package func subscriberNumber() async -> String? {
        let command = ATCommand("AT+CNUM", reply: .prefixes(["+CNUM:"]), within: .seconds(2))
        return await ask(command)?.lazy.compactMap { SubscriberNumber(cnum: $0)?.number }.first
    }

    // MARK: Parts

    private var isTalking: Bool { !isClosed && !exchange.isUnresponsive }

    /// Ends the session after a time, so that everything that waits on it fails at once.
    private func expire(after limit: Duration) -> any ModemTimer {
        loop.schedule(at: loop.now + limit) { [weak self] in
            self?.assumeIsolated { $0.linkClosed() }
        }
    }

    /// The network, by name where the modem has one for it.
    func network() async -> Operator? {
        guard let network = await askOperator() else { return nil }
        guard network.isNumeric else { return network }
        guard await ask(ATCommand("AT+COPS=3,0")) != nil else { return network }
        return await askOperator() ?? network
    }

    /// The country and network code of the network that the modem is in, asked for once as long as that has the same name.
    func networkCode(_ network: Operator) async -> String? {
        guard let name = network.name else { return nil }
        if let known = knownNetwork, known.name == name { return known.code }
        var code = network.isNumeric ? name : nil
        if code == nil, await ask(ATCommand("AT+COPS=3,2")) != nil {
            if let numbered = await askOperator(), numbered.isNumeric { code = numbered.name }
            _ = await ask(ATCommand("AT+COPS=3,0"))
        }
        guard let code, (5...6).contains(code.utf8.count), code.allSatisfy(\.isNumber) else { return nil }
        knownNetwork = (name, code)
        return code
    }

    private func askOperator() async -> Operator? {
        await ask(.query("AT+COPS?"))?.lazy.compactMap { Operator(cops: $0) }.first
    }

    func voice() async -> ModemSurvey.Voice {
        if identity.isDataOnly { return .no }
        if let probe = driver.voiceProbe {
            do throws(CommandExchange.Failure) {
                let reply = try await execute(probe)
                // Some make calls all the same (GTM900); what is refused is the sound over USB, which a callthrough can
                // do without.
                guard reply.isOK else { return .unknown }
                if let stream = reply.lines.lazy.compactMap({ VoiceStream(cvoice: $0) }).first {
                    return stream.isEnabled ? .yes : .no
                }
            } catch {
                log.debug("\(probe.text): \(error)")
            }
        }
        return identity.isKnownForVoice ? .yes : .unknown
    }
}
