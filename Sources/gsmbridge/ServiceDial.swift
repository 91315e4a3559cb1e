internal import ArgumentParser
import CallFlows
import CallModel
internal import Console
import FoundationEssentials
internal import GatewayAPI
import Glibc
import HTTP
internal import Presenters
import Synchronization

/// A call that the running service makes for `gsmbridge dial`.
struct ServiceDial: Sendable {
    /// What is asked for.
    let wish: DialRequest
    /// How to report.
    let format: OutputFormat
    /// Whether to return as soon as the call is accepted.
    let detach: Bool
    /// Whether it is a call for help, which has to be made without the service where that does not make it.
    let isForHelp: Bool

    /// What came of it.
    enum Outcome: Sendable {
        /// The service made the call, or refused it; the exit status.
        case over(Int32)
        /// There is no service, or the modem is none of its own.
        case notRunning
        /// The service is there, and has not dialled for help.
        case didNotDial
    }

    /// How long the service may take for its first word of a call for help, before that is made without it.
    private static let helpPatience = Duration.seconds(5)
    /// How long it may take to dial for help.
    ///
    /// A call that has to make way gets 4 s, and a modem that is being set up as long again.
    private static let dialsWithin = Duration.seconds(15)
    /// How long it may take to let go of a call that it did not dial.
    private static let letsGoWithin = Duration.seconds(3)

    /// Asks the service and follows the call.
    func run(_ client: any GatewayControl) async throws -> Outcome {
        let id = UUID()
        let course = Course()
        do throws(ControlError) {
            if detach { return .over(try await accept(client, id)) }
            let status = try await (isForHelp ? followForHelp(client, id, course) : follow(client, id, course))
            guard isForHelp, !course.isDialled, status != CallOutcome.interrupted.exitStatus || course.isGivenUp else {
                return .over(status)
            }
            Terminal.standardError("gsmbridge: the service did not dial; calling for help without it")
            return .didNotDial
        } catch {
            switch error {
            case .notRunning: return .notRunning
            case .notFound where wish.modem?.contains("/") == true: return .notRunning
            // A name that is none is wrong use, as without a service.
            case .notFound(let text) where !isForHelp: throw ValidationError(text)
            case .callMayGoOn where !isForHelp || course.isDialled: throw ServiceRequest.failure(error)
            case .invalid, .notFound, .conflict, .policy, .configuration, .unavailable, .failed, .notPermitted,
                .foreign,
                .lost, .callMayGoOn:
                guard isForHelp else { throw ServiceRequest.failure(error) }
                Terminal.standardError("gsmbridge: \(error); calling for help without the service")
                await Self.takeBack(id, client)
                return .didNotDial
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
        _ course: Course
    ) async throws(ControlError) -> Int32 {
        let signals = StopSignals {
            course.interrupt()
            Task {
                await Self.hangUp(id, client)
                course.order.note()
            }
        } farewell: {
            course.order.wait()
            Terminal.standardError("gsmbridge: the service goes on ending the call; 'gsmbridge status' shows it")
        }
        defer { withExtendedLifetime(signals) {} }
        let presenter = CallPresenter(format: format)
        let patience = isForHelp ? Self.helpPatience : .seconds(30)
        try await client.follow(wish, id: id, within: patience) { told in
            let event = told.callEvent
            guard course.take(event, of: id) else { return }
            // The signal may have come before the service knew of the call.
            if case .requested = event?.kind, course.isInterrupted { await Self.hangUp(id, client) }
            presenter.show(told)
        }
        return course.status
    }

    /// Follows a call for help for as long as the service dials it; the service is told to let go of one that it does not dial,
    /// before it is made elsewhere.
    private func followForHelp(
        _ client: any GatewayControl,
        _ id: UUID,
        _ course: Course
    ) async throws(ControlError) -> Int32 {
        let following = Task { () -> Result<Int32, ControlError> in
            do throws(ControlError) { return .success(try await follow(client, id, course)) } catch {
                return .failure(error)
            }
        }
        let watchdog = Task {
            // Cancelled, the call is over, or it will be made elsewhere.
            guard (try? await Task.sleep(for: Self.dialsWithin)) != nil, course.giveUp() else { return }
            // What it does not take back now is not waited for: help goes first.
            Task { await Self.hangUp(id, client) }
            guard (try? await Task.sleep(for: Self.letsGoWithin)) != nil else { return }
            following.cancel()
        }
        defer { watchdog.cancel() }
        let result = await following.value
        guard course.isGivenUp else { return try result.get() }
        return CallOutcome.interrupted.exitStatus
    }

    /// What the events said.
    private final class Course: Sendable {
        private struct State {
            var isDialled = false
            var isGivenUp = false
            var isInterrupted = false
            var status = CallExit.internalFailure
        }

        private let state = Mutex(State())

        /// Whether the service has begun to dial.
        var isDialled: Bool { state.withLock { $0.isDialled } }
        /// Whether it is not waited for any more.
        var isGivenUp: Bool { state.withLock { $0.isGivenUp } }
        var isInterrupted: Bool { state.withLock { $0.isInterrupted } }
        var status: Int32 { state.withLock { $0.status } }

        /// The order to hang up.
        let order = HangUpOrder()

        func interrupt() { state.withLock { $0.isInterrupted = true } }

        /// Waits for the service no more, unless it has begun to dial; returns whether that is so.
        func giveUp() -> Bool {
            state.withLock { state in
                state.isGivenUp = !state.isDialled && !state.isInterrupted
                return state.isGivenUp
            }
        }

        /// Takes what an event says; false where nobody is to be told of it any more.
        func take(_ event: CallEvent?, of call: UUID) -> Bool {
            state.withLock { state in
                guard !state.isGivenUp else { return false }
                if case .progress(.dialing) = event?.kind, event?.call == call { state.isDialled = true }
                if case .progress(.ended(let end)) = event?.kind { state.status = end.outcome.exitStatus }
                return true
            }
        }
    }

    /// Has the service let go of a call for help that is made without it now; two programs must not both call.
    ///
    /// What it does not take back in time is not waited for.
    private static func takeBack(_ call: UUID, _ client: any GatewayControl) async {
        let (answers, answer) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingOldest(1))
        let asking = Task {
            await hangUp(call, client)
            answer.finish()
        }
        let watchdog = Task {
            // Cancelled, the service has answered.
            try? await Task.sleep(for: letsGoWithin)
            answer.finish()
        }
        for await _ in answers {}
        watchdog.cancel()
        asking.cancel()
    }

    private static func hangUp(_ call: UUID, _ client: any GatewayControl) async {
        do throws(ControlError) {
            try await client.interrupt(call)
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

/// The order to hang up, which the service has to have before the program leaves: without it the call would go on for as long as
/// the far end likes.
final class HangUpOrder: Sendable {
    private let isGiven = Mutex(false)

    /// Notes that the service has answered it.
    func note() { isGiven.withLock { $0 = true } }

    /// Waits until it has, 2.5 s at most.
    func wait() {
        for _ in 0..<500 where !isGiven.withLock({ $0 }) { usleep(5000) }
    }
}
