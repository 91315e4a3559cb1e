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
            throw .notFound("the service has no modem \(modem); `gsmbridge modems` lists those it has")
        }
        guard found.status.state != .inCall else {
            throw .conflict("the modem is in a call; a command now could disturb it")
        }
        guard let session = found.session else {
            throw .unavailable("the modem is not open: \(found.status.reason ?? found.status.state.rawValue)")
        }
        let started = ContinuousClock.now
        do throws(CommandExchange.Failure) {
            let reply = try await session.execute(RawCommand.command(command, within: .seconds(180)))
            return CommandAnswer(
                lines: reply.lines.map(\.text),
                result: reply.result.words,
                milliseconds: (ContinuousClock.now - started) / .milliseconds(1)
            )
        } catch {
            throw .failed(RawCommand.words(for: error))
        }
    }
}
