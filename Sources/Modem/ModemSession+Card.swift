internal import ATProtocol
internal import Logging

extension ModemSession {
    /// Brings the card to `READY`, by the PIN if that is safe.
    ///
    /// - Returns: whether the card was unlocked just now, so that the modem has yet to register.
    func prepareCard(_ options: BringUp) async throws(ModemError) -> Bool {
        let started = loop.now
        var refusals = 0
        while true {
            switch try await cardState() {
            case .ready: return false
            case .pin:
                if options.isForEmergency { return false }
                let tries = await askPINTries()
                try await unlock(options, tries: tries)
                return true
            case let state where options.isForEmergency:
                log.warning("emergency call without a usable card: \(state)")
                return false
            case .puk: throw .puk
            case .deviceLock(let lock): throw .deviceLocked(lock)
            case .absent: throw .simAbsent
            case .failed: throw .simFailed("SIM failure")
            case .busy:
                if loop.now - started >= options.cardReadyWithin { throw .simFailed("busy for too long") }
            case .other(let words):
                refusals += 1
                if refusals >= 3 {
                    // A modem that refuses the question without a reason: the subscriber's number shows a card that works.
                    let lines = await ask(ATCommand("AT+CIMI", reply: .text))
                    if lines.flatMap({ IMSI(reply: $0) }) != nil { return false }
                    if words.isEmpty { throw .simAbsent }
                    throw .simFailed(words)
                }
            }
            await pause(.seconds(1))
        }
    }

    func cardState() async throws(ModemError) -> SIMState {
        reportedSIM = nil
        do throws(CommandExchange.Failure) {
            let reply = try await execute(.simState)
            return SIMState(reply: reply.lines, result: reply.result)
        } catch {
            try checkAlive(doing: "reading the SIM card")
            // Some modems show the state and never say OK.
            if case .state(let state) = reportedSIM { return state }
            return .other("no answer to AT+CPIN?")
        }
    }

    /// One attempt, only when the card is known to have tries to spare, and never again after a refusal.
    private func unlock(_ options: BringUp, tries: Int?) async throws(ModemError) {
        identity.iccid = await cardNumber()
        guard let source = options.pin ?? options.pinFor?(identity) else { throw .pinMissing }
        guard let ledger = options.ledger else { throw .pinNotTried("attempts can't be remembered here") }
        guard let card = identity.iccid ?? identity.imei else {
            throw .pinNotTried("neither the card nor the modem tells its number")
        }
        let hasFailed: Bool
        do { hasFailed = try await ledger.hasFailedAttempt(card: card) } catch {
            throw .pinNotTried("the record of attempts can't be read: \(error)")
        }
        if hasFailed { throw .pinNotTried("an earlier attempt on this card was not accepted; \(ledger.remedy)") }
        guard let tries else { throw .pinNotTried("the number of tries left is unknown") }
        guard tries >= 2 else { throw .pinNotTried("only \(tries) tries are left; enter it once in a phone") }
        let pin: String
        do { pin = try source() } catch { throw .pinNotTried("the PIN can't be read: \(error)") }
        guard (4...8).contains(pin.utf8.count), pin.utf8.allSatisfy({ (48...57).contains($0) }) else {
            throw .pinNotTried("the configured PIN is not 4 to 8 digits")
        }
        do { try await ledger.recordAttempt(card: card) } catch {
            throw .pinNotTried("the attempt can't be written down: \(error)")
        }
        do throws(CommandExchange.Failure) {
            let reply = try await execute(.enterPIN(pin))
            guard reply.isOK else { throw CommandExchange.Failure.abandoned }
        } catch {
            try checkAlive(doing: "unlocking the SIM card")
            // Refused, or never answered: the card's state tells which.
            guard case .ready = try await cardState() else {
                await askPINTries()
                throw .pinWrong
            }
        }
        do { try await ledger.clearAttempt(card: card) } catch {
            log.warning("the accepted PIN stays on record as tried: \(error); \(ledger.remedy)")
        }
        try await waitUntilReady(options)
        // A PIN that was right gives all tries back (TS 31.101 §11.1.9); how many those are, the card knows.
        await askPINTries()
    }

    private func waitUntilReady(_ options: BringUp) async throws(ModemError) {
        let started = loop.now
        while true {
            switch try await cardState() {
            case .ready: return
            case .pin: throw .pinWrong
            case .puk: throw .puk
            case .busy, .other, .failed, .absent, .deviceLock:
                if loop.now - started >= options.cardReadyWithin { throw .simFailed("not ready after its PIN") }
            }
            await pause(.seconds(1))
        }
    }

    /// The tries left for the PIN: by the family's command, else from the card itself (TS 31.101 §11.1.9, VERIFY PIN
    /// without a PIN: status word 63Cx).
    @discardableResult
    func askPINTries() async -> Int? {
        if let command = driver.pinTries, let lines = await ask(command),
            let tries = PINRetries(reply: lines)?.remaining(for: .pin)
        {
            pinTries = tries
            return tries
        }
        let lines = await ask(.query("AT+CSIM=10,\"0020000100\""))
        pinTries = lines.flatMap { PINRetries(reply: $0) }?.remaining(for: .pin)
        return pinTries
    }
}
