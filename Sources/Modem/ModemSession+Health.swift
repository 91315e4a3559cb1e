internal import ATProtocol
package import CallModel
internal import Logging

/// How a modem stands that has been brought up, as far as it told.
package struct ModemHealth: Sendable, Hashable {
    /// The card's state; nil when it did not say.
    package var sim: CardState?
    /// Where it is registered.
    package var registration = RegistrationStatus()
    /// The network's name, or its number; nil when on none.
    package var operatorName: String?
    /// The network's country and network code, five or six digits; nil where it is not told.
    package var networkCode: String?
    /// Calls over LTE, asked for where the modem is in LTE; nil where nothing is told.
    package var ims: VoiceOverLTE?
    /// The access technology `<AcT>` (27.007 §7.3).
    package var technology: Int?
    /// The signal strength in dBm.
    package var signal: Int?

    /// The generation of the radio network; nil where it is not told.
    package var radio: RadioTechnology? { technology.flatMap { RadioTechnology(accessTechnology: $0) } }

    /// Creates a health of which nothing is known.
    package init() {}
}

/// What a modem says by itself about its health, or what becomes of its line.
package enum HealthReport: Sendable, Hashable {
    /// A registration was reported; what they add up to now.
    case registration(RegistrationStatus)
    /// The card came, went, or changed its state.
    case sim
    /// The signal strength in dBm.
    case signal(dBm: Int)
    /// It has restarted, or lost what was set; it has to be brought up anew.
    case restarted
    /// The line is gone; the last report.
    case closed
}

extension ModemSession {
    /// Has what the modem reports about its health told, in order and on the session's loop.
    ///
    /// One listener; a line that is gone already is told at once.
    package func watchHealth(_ take: @escaping @Sendable (HealthReport) -> Void) {
        if isClosed { return take(.closed) }
        healthWatch = take
    }

    func tellHealth(of indication: Indication) {
        switch indication {
        case .registration: healthWatch?(.registration(registration))
        case .sim: healthWatch?(.sim)
        case .signal(let dBm?): healthWatch?(.signal(dBm: dBm))
        default: break
        }
    }

    /// Whether the modem still answers; when it does not at once, commands and answers are put in step first.
    package func isAlive() async -> Bool {
        for _ in 0..<2 {
            do throws(CommandExchange.Failure) {
                _ = try await execute(greeting)
                return true
            } catch {
                // A modem that passes over a bare AT may know others.
                greeting.text = ATCommand.wakeUp.text
                if isClosed { return false }
                // The exchange probes by itself now; the next command waits for how that ends.
                if exchange.isUnresponsive { perform(exchange.revive(at: loop.now)) }
            }
        }
        return false
    }

    /// Asks for card, registration, network and signal; stops between two commands when the task is cancelled.
    ///
    /// - Throws: what a lost modem throws.
    package func health() async throws(ModemError) -> ModemHealth {
        var health = ModemHealth()
        health.sim = CardState(try await cardState())
        if !Task.isCancelled { await refreshRegistration() }
        health.registration = registration
        health.technology = registration.technology
        if !Task.isCancelled, let network = await network() {
            health.operatorName = network.name
            health.technology = network.technology ?? health.technology
            if !Task.isCancelled { health.networkCode = await networkCode(network) }
        }
        if !Task.isCancelled, health.radio?.switchesCircuits == false { health.ims = await voiceOverLTE() }
        if !Task.isCancelled { health.signal = await signal() }
        if !Task.isCancelled { await lookAtSettings() }
        if !Task.isCancelled { try checkAlive(doing: "being checked") }
        return health
    }

    /// Whether the modem can make calls, as far as it or its model tells.
    package func voiceAbility() async -> ModemSurvey.Voice { await voice() }

    /// Lets a preparation that was interrupted begin anew.
    package func allowPreparation() {
        isInterrupted = false
    }

    // MARK: Recovery

    /// Switches the radio off and on, which ends any call (27.007 §8.2).
    ///
    /// - Returns: whether the modem obeyed.
    package func cycleRadio() async -> Bool {
        var isOff = await ask(ATCommand("AT+CFUN=0", within: .seconds(15))) != nil
        if !isOff { isOff = await ask(ATCommand("AT+CFUN=4", within: .seconds(15))) != nil }
        guard isOff, !isClosed else { return false }
        // The radio needs a moment to let go of the network; peers wait 4 s.
        await pause(.seconds(4))
        return await ask(ATCommand("AT+CFUN=1", within: .seconds(15))) != nil
    }

    /// Whether the modem's family has a command of its own for a restart.
    package var hasOwnRestart: Bool { driver.reset != nil }

    /// Tells the modem to restart; most leave the bus for it, so close the port behind this.
    ///
    /// - Parameter isByOwnCommand: whether by the family's own command, where it has one, as against `AT+CFUN=1,1` (27.007 §8.2).
    /// - Returns: whether it was told; the answer, which often never comes, does not count, only a refusal.
    package func restart(byOwnCommand isByOwnCommand: Bool = false) async -> Bool {
        guard !isClosed else { return false }
        let command = isByOwnCommand ? driver.reset ?? .restart : .restart
        if exchange.isUnresponsive {
            // A prompt that waits for text would swallow the command.
            link?.write([0x1B] + command.bytes)
            await pause(.milliseconds(500))
            return true
        }
        do throws(CommandExchange.Failure) {
            return try await execute(command).isOK
        } catch {
            return true
        }
    }

    /// Writes a restart to a modem that answers nothing, without waiting for anything.
    package func restartUnheard() async {
        link?.write([0x1B] + ATCommand.restart.bytes)
        await pause(.milliseconds(500))
    }
}

extension ATCommand {
    /// `AT+CFUN=1,1`: restarts the modem (27.007 §8.2); the answer may never come.
    static let restart = ATCommand("AT+CFUN=1,1", within: .seconds(3))
}
