internal import ATProtocol
internal import Modem

// AT commands that people type.
extension GatewayService {
    /// See ``GatewayControl/command(_:modem:)``.
    public func command(_ command: String, modem: String) async throws(ControlError) -> CommandAnswer {
        if let problem = RawCommand.problem(with: command) {
            throw .invalid("\(RawCommand.shown(command)): \(problem)")
        }
        guard let found = await fleet.modem(modem) else {
            throw .notFound("the service has no modem \(modem)")
        }
        guard found.status.state != .inCall else { throw Self.isTaken }
        guard let session = found.session else {
            throw .unavailable("the modem is not open: \(found.status.reason ?? found.status.state.rawValue)")
        }
        var lease: ModemLease?
        // One that is not ready gets no calls, and its own work waits behind the command.
        if found.status.state == .ready {
            do throws(FleetError) {
                let wish = ModemWish(modem: modem, isForMaintenance: true)
                lease = try await fleet.lease(wish, within: .zero) { [weak session] in
                    Task { await session?.breakOffTyped() }
                }
            } catch { throw Self.isTaken }
        }
        let answer = await Self.answer(to: command, of: lease?.session ?? session)
        await lease?.giveBack(clean: true)
        return try answer.get()
    }

    private static let isTaken = ControlError.conflict(
        "the modem has a call, or another command; a command now could disturb it"
    )

    private static func answer(
        to command: String,
        of session: ModemSession
    ) async -> Result<CommandAnswer, ControlError> {
        let started = ContinuousClock.now
        do throws(CommandExchange.Failure) {
            let reply = try await session.execute(RawCommand.command(command, within: .seconds(180)))
            return .success(
                CommandAnswer(
                    lines: reply.lines.map(\.text),
                    result: reply.result.words,
                    milliseconds: (ContinuousClock.now - started) / .milliseconds(1)
                )
            )
        } catch {
            return .failure(.failed(RawCommand.words(for: error)))
        }
    }
}
