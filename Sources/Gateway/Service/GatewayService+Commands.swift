internal import CallFlows
internal import CallModel
package import GatewayAPI
internal import LineStatuses
internal import Lines
internal import Modem

// AT commands that people type.
extension GatewayService {
    /// See ``GatewayControl/command(_:modem:wait:)``.
    package func command(
        _ command: String,
        modem: String,
        within limit: Duration = CommandAnswer.longestAnswer,
        wait: Duration = .zero
    ) async throws(ControlError) -> CommandAnswer {
        guard (.zero...CommandAnswer.longestWait).contains(wait) else {
            throw .invalid("wait_seconds: give at most \(CommandAnswer.longestWait.spoken)")
        }
        if let problem = RawCommand.problem(with: command) {
            throw .invalid("\(RawCommand.shown(command)): \(problem)")
        }
        guard let found = await fleet.modem(modem) else { throw Self.unknown(modem) }
        guard found.session != nil else {
            throw .unavailable(
                "the modem is not open: \(found.status.reason ?? ModemStatus.State(found.status.state).rawValue)"
            )
        }
        let lease: ModemLease
        do throws(FleetError) {
            // Messages are fetched in a moment; a call lasts.
            lease = try await fleet.lease(ModemWish(modem: modem, for: .maintenance), within: .seconds(5))
        } catch {
            throw .conflict("the modem has a call, or another command; a command now could disturb it")
        }
        let session = lease.session
        let listener = wait > .zero ? await session.beginListening() : nil
        guard wait == .zero || listener != nil else {
            await lease.giveBack(clean: true)
            throw .unavailable("too many listen to this modem already")
        }
        let answer = await Self.answer(to: command, of: session, within: limit)
        await lease.giveBack(clean: true)
        guard let listener else { return try answer.get() }
        // Calls may be made meanwhile. A refused command has nothing to wait for.
        let isDone = if case .success(let done) = answer { done.result == "OK" } else { false }
        let later = await session.endListening(listener, after: isDone ? wait : .zero)
        var whole = try answer.get()
        whole.later = later
        return whole
    }

    private static func answer(
        to command: String,
        of session: ModemSession,
        within limit: Duration
    ) async -> Result<CommandAnswer, ControlError> {
        let started = ContinuousClock.now
        do throws(NoAnswer) {
            let answer = try await session.typed(command, within: min(limit, CommandAnswer.longestAnswer))
            return .success(
                CommandAnswer(
                    lines: answer.lines,
                    result: answer.result,
                    milliseconds: (ContinuousClock.now - started) / .milliseconds(1)
                )
            )
        } catch {
            return .failure(.failed(error.description))
        }
    }

    /// See ``GatewayControl/perform(_:modem:)``.
    package func perform(_ order: ModemOrder, modem: String) async throws(ControlError) -> ModemStatus {
        do throws(FleetError) {
            switch order {
            case .restart: return ModemStatus(try await fleet.restart(modem))
            case .off: return ModemStatus(try await fleet.switchOff(modem))
            case .on: return ModemStatus(try await fleet.switchOn(modem))
            }
        } catch {
            if case .unknownModem = error { throw Self.unknown(modem) }
            throw .conflict(error.reason)
        }
    }
}
