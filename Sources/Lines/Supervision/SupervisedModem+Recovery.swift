internal import Logging
internal import Modem

// What is done to a modem that does not work.
extension SupervisedModem {
    /// Takes one rung of the ladder, and feeds back whether it was done.
    func perform(_ rung: SupervisionMachine.Rung, _ number: UInt64) async {
        log.warning("\(rung)")
        var isDone = false
        switch rung {
        case .radio: if let session = connection?.session { isDone = await session.cycleRadio() }
        case .familyReset:
            if let session = connection?.session {
                isDone = await session.restart(byOwnCommand: true)
            }
        case .restart:
            if let session = connection?.session {
                isDone = await session.restart()
            } else if let lastTTY {
                await closing?.value
                if let connection = await tools.source.openUnheard(lastTTY, log: log) {
                    await connection.session.restartUnheard()
                    await connection.close()
                    isDone = true
                }
            }
        case .usb:
            // Every descriptor has to be closed before the stick leaves the bus.
            close()
            await closing?.value
            if let stick = place.stick { isDone = await tools.source.reconnect(stick) }
        }
        guard number == workNumber else { return }
        handle(.rungDone(isDone))
    }

    /// Looks for calls that no program follows, and ends them; what is wrong where one does not end.
    func lookForCalls(
        _ extent: SupervisionMachine.Extent,
        _ session: ModemSession
    ) async -> SupervisionMachine.Trouble? {
        // The one that has taken the modem meanwhile looks then.
        if Task.isCancelled { return nil }
        switch extent {
        case .alive: return nil
        case .full:
            // The modem is not lent, so a call that it has is followed by no program, and costs money for as long as it stays up.
            if await session.endLeftBehindCalls() { return nil }
            log.warning("a call that nobody follows does not end")
            return .deaf("it has a call that nobody follows and no command ends")
        case .afterCall:
            if await session.ensureIdle() { return nil }
            log.warning("a call may still be up")
            return .deaf("a call could not be ended for certain")
        }
    }

    /// Ends the calls that no program follows: nothing would end it once the port is closed.
    func endCalls() async {
        switch machine.state {
        // Where it is lent still, the holder has been asked to end; it answers in all of these.
        case .ready, .leased, .settling, .blocked: break
        // What a killed program has left up on it is not seen yet.
        case .bringingUp:
            guard await tools.mayHaveCall(status()) else { return }
            await connection?.session.interruptPreparation()
        case .absent, .opening, .recovering, .awaitingReturn, .resting, .unusable, .stopped: return
        }
        guard let session = connection?.session else { return }
        // Ended it is although what asks for it was cancelled.
        let look = Task(executorPreference: tools.loop.taskExecutor) {
            // A search that a person began would hold the look up for minutes.
            await session.breakOffTyped()
            return await session.endLeftBehindCalls()
        }
        if await !look.value { log.warning("a call may still be up when the port is closed") }
    }
}
