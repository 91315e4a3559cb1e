internal import DialPlan
internal import Synchronization

/// How the connection for events of a PBX stands.
package enum EventConnection: Sendable, Equatable {
    /// Events come.
    case open
    /// It is being made.
    case connecting
    /// It is down and will be made again; why, in one line.
    case down(String)
}

/// The callers that an application holds, shared by the connection for events and the requests of calls.
final class StasisBoard: Sendable {
    /// Work for the task that keeps the connection.
    enum Input: Sendable {
        /// A connection begins.
        case opening
        /// A message of the connection.
        case message([UInt8])
        /// What there was when it began; nil where the PBX does not tell.
        case opened(StasisSnapshot?)
        /// The connection is lost.
        case closed
        /// A call of ours was promised something; this is to be done for it.
        case claimed([StasisMachine.Output])
        /// A command was carried out, or could not be.
        case finished(StasisCommand, Bool)
        /// Time has passed.
        case due
    }

    private struct State {
        var machine: StasisMachine?
        var connection: EventConnection?
        var feed: AsyncStream<Input>.Continuation?
    }

    private let state = Mutex(State())

    /// How the connection stands; nil where there is none.
    var connection: EventConnection? { state.withLock { $0.connection } }

    func note(_ connection: EventConnection) {
        // There is none any more.
        state.withLock { if $0.machine != nil { $0.connection = connection } }
    }

    /// Begins anew, with a task that keeps a connection.
    func attach(_ machine: StasisMachine, _ feed: AsyncStream<Input>.Continuation) {
        state.withLock { state in
            state.machine = machine
            state.connection = .connecting
            state.feed = feed
        }
    }

    /// Ends it; what is left to do is returned.
    func detach() -> [StasisMachine.Output] {
        state.withLock { state in
            let outputs = state.machine?.leave() ?? []
            state = State()
            return outputs
        }
    }

    /// Lets the machine do something; nothing where there is no connection.
    func with(
        _ body: (inout StasisMachine, ContinuousClock.Instant) -> [StasisMachine.Output]
    ) -> (outputs: [StasisMachine.Output], deadline: ContinuousClock.Instant?) {
        state.withLock { state in
            guard state.machine != nil else { return ([], nil) }
            let outputs = state.machine.map { machine in
                var copy = machine
                defer { state.machine = copy }
                return body(&copy, .now)
            }
            return (outputs ?? [], state.machine?.deadline)
        }
    }

    /// Gives a held caller to a call of ours.
    func claim(
        _ request: ClaimRequest,
        own: PhoneNumber?,
        isTokenWanted: Bool,
        dial: DialString
    ) throws(PBXError) -> CallTicket {
        try issue { machine, now throws(PBXError) in
            try machine.claim(request, own: own, isTokenWanted: isTokenWanted, dial: dial, at: now)
        }
    }

    /// Has a call of ours led on to a target when it comes.
    func announce(
        _ request: CallthroughRequest,
        own: PhoneNumber?,
        target: String,
        context: String,
        dial: DialString
    ) throws(PBXError) -> CallTicket {
        try issue { machine, now throws(PBXError) in
            let call = request.call
            return (
                try machine.announce(call, own: own, target: target, context: context, dial: dial, at: now), []
            )
        }
    }

    /// Leads a call of ours on no more.
    func withdraw(_ call: CallKey) { state.withLock { $0.machine?.withdraw(call) } }

    private func issue(
        _ body: (inout StasisMachine, ContinuousClock.Instant) throws(PBXError) -> (CallTicket, [StasisMachine.Output])
    ) throws(PBXError) -> CallTicket {
        let result = state.withLock { state -> Result<CallTicket, PBXError> in
            guard var machine = state.machine else {
                let problem = PBXError(
                    .unsupported,
                    "calls to it are led by the service, which keeps a connection for its events",
                    remedy: "start the service"
                )
                return .failure(problem)
            }
            do throws(PBXError) {
                let (ticket, outputs) = try body(&machine, .now)
                state.machine = machine
                state.feed?.yield(.claimed(outputs))
                return .success(ticket)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}
