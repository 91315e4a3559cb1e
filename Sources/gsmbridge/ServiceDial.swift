import CallFlows
import CallModel
import FoundationEssentials
internal import GatewayAPI
import Glibc
import HTTP
import Synchronization

/// A call that the running service makes for `gsmbridge dial`.
struct ServiceDial: Sendable {
    /// What is asked for.
    let wish: DialRequest
    /// How to report.
    let format: OutputFormat
    /// Whether to return as soon as the call is accepted.
    let detach: Bool

    /// How long the service may take for its first word of a call for help, before that is made without it.
    private static let helpPatience = Duration.seconds(5)

    /// Asks the service and follows the call.
    ///
    /// - Returns: the exit status; nil when the service can't or shall not make this call, so that it has to be made
    ///   without: it does not run, or the modem is none of its own, or it is a call for help that it did not dial.
    func run(_ client: any GatewayControl, isEmergency: Bool) async throws -> Int32? {
        let id = UUID()
        let course = Course()
        do throws(ControlError) {
            let patience = isEmergency ? Self.helpPatience : .seconds(30)
            let status =
                detach ? try await accept(client, id) : try await follow(client, id, within: patience, course)
            guard isEmergency, !detach, !course.isDialled, status != CallOutcome.interrupted.exitStatus else {
                return status
            }
            Terminal.standardError("gsmbridge: the service did not dial; calling for help without it")
            return nil
        } catch {
            switch error {
            case .notRunning: return nil
            case .notFound where wish.modem?.contains("/") == true: return nil
            case .callMayGoOn where !isEmergency || course.isDialled: throw ServiceRequest.failure(error)
            case .invalid, .notFound, .conflict, .policy, .configuration, .unavailable, .failed, .notPermitted,
                .foreign,
                .lost, .callMayGoOn:
                if isEmergency {
                    Terminal.standardError("gsmbridge: \(error); calling for help without the service")
                    return nil
                }
                throw ServiceRequest.failure(error)
            }
        }
    }

    private func accept(_ client: any GatewayControl, _ id: UUID) async throws(ControlError) -> Int32 {
        let call = try await client.dial(wish, id: id, origin: .local)
        guard call.call == id else { throw .lost("it answered for another call") }
        switch format {
        case .json: JSONOutput.line(call)
        case .text: Terminal.standardOutput(call.call.uuidString.lowercased())
        }
        return 0
    }

    private func follow(
        _ client: any GatewayControl,
        _ id: UUID,
        within patience: Duration,
        _ course: Course
    ) async throws(ControlError) -> Int32 {
        let isInterrupted = Mutex(false)
        let signals = StopSignals {
            isInterrupted.withLock { $0 = true }
            Task { await Self.hangUp(id, client) }
        } farewell: {
            Terminal.standardError("gsmbridge: the service goes on ending the call; 'gsmbridge status' shows it")
        }
        defer { withExtendedLifetime(signals) {} }
        let presenter = CallPresenter(format: format)
        try await client.follow(wish, id: id, within: patience) { told in
            let event = told.callEvent
            if case .progress(.dialing) = event?.kind, event?.call == id { course.isDialled = true }
            // The signal may have come before the service knew of the call.
            if case .requested = event?.kind, isInterrupted.withLock({ $0 }) { await Self.hangUp(id, client) }
            if case .progress(.ended(let end)) = event?.kind { course.status = end.outcome.exitStatus }
            switch format {
            case .json: presenter.write(told)
            case .text: if let event { presenter.show(event) }
            }
        }
        return course.status
    }

    /// What the events said; only the task that follows the call touches it.
    private final class Course {
        /// Whether the service has begun to dial.
        var isDialled = false
        var status = CallExit.internalFailure
    }

    private static func hangUp(_ call: UUID, _ client: any GatewayControl) async {
        do throws(ControlError) {
            try await client.hangUp(call)
        } catch {
            // A call that has just ended by itself needs nothing any more; one that the service does not know yet is hung up
            // when it tells of it.
            switch error {
            case .conflict, .notFound: return
            // Then the call is made without it, and told of the signal there.
            case .notRunning: return
            default: break
            }
            Terminal.standardError("gsmbridge: the call could not be hung up: \(error)")
        }
    }
}
