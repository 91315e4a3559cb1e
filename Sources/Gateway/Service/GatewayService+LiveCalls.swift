internal import CallEndpoints
internal import CallModel
internal import Calls
package import FoundationEssentials
package import GatewayAPI

// Acting on a live call.
extension GatewayService {
    /// See ``GatewayControl/hangUp(_:)``.
    package func hangUp(_ call: UUID) async throws(ControlError) {
        let call = try find(call)
        if call.isTalking { call.finish("hung up here") } else { call.hangUp() }
    }

    /// See ``GatewayControl/interrupt(_:)``.
    package func interrupt(_ call: UUID) async throws(ControlError) { try find(call).hangUp() }

    /// See ``GatewayControl/answer(_:)``.
    package func answer(_ call: UUID) async throws(ControlError) { try await find(call).answer() }

    /// See ``LocalControl/answerAtPage(_:)``.
    package func answerAtPage(_ call: UUID) async throws(ControlError) {
        let found = try find(call)
        guard sounds.keepSeat(in: call) else { throw .conflict("somebody at the page takes the call already") }
        guard found.seat(CallEndpoint(.browser)) else {
            sounds.giveUpSeat(in: call)
            throw .conflict("the call does not wait for a decision")
        }
        do throws(ControlError) { try await found.answer() } catch {
            sounds.giveUpSeat(in: call)
            throw error
        }
    }

    /// See ``LocalControl/seat(in:isWide:)``.
    package func seat(in call: UUID, isWide: Bool) async throws(ControlError) -> Int32 {
        _ = try find(call)
        guard let seat = sounds.takeSeat(in: call, isWide: isWide) else {
            throw .conflict("nobody can speak in this call from the page, or somebody does already")
        }
        return seat
    }

    /// See ``GatewayControl/sendTones(_:in:)``.
    package func sendTones(_ tones: String, in call: UUID) async throws(ControlError) {
        if let problem = Tones.problem(with: tones) { throw .invalid(problem) }
        try await find(call).sendTones(tones)
    }

    private func find(_ call: UUID) throws(ControlError) -> Call {
        if let entry = live.entry(call) { return entry.call }
        throw live.wasEnded(call) ? .conflict("the call has ended") : .notFound("there is no call \(Self.name(call))")
    }
}
