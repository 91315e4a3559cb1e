internal import Calls
package import FoundationEssentials
package import GatewayAPI

// Acting on a live call.
extension GatewayService {
    /// See ``GatewayControl/hangUp(_:)``.
    package func hangUp(_ call: UUID) async throws(ControlError) { try find(call).hangUp() }

    /// See ``GatewayControl/answer(_:)``.
    package func answer(_ call: UUID) async throws(ControlError) { try await find(call).answer() }

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
