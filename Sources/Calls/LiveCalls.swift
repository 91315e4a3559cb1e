internal import CallFlows
internal import CallLog
internal import CallModel
package import FoundationEssentials
package import GatewayAPI
package import Logging
internal import Synchronization

/// The live calls of the service and how far each is, kept by the calls' own events.
///
/// Takes an event from any thread, in the order of the call, and publishes it in the same turn: a client that asks for the
/// calls after an event finds them at least as far.
package final class LiveCalls: Sendable {
    /// What keeps a call: the part of it that can be asked to do something.
    package struct Entry: Sendable {
        var status: CallStatus
        package var call: Call
    }

    private struct State {
        /// Oldest first.
        var live: [Entry] = []
        /// The latest calls that were made and have ended, oldest first; of earlier ones the log knows.
        var recent: [UUID] = []
        /// The latest calls that were refused, on their own: many of them must not push out the others.
        var refused: [UUID] = []

        func hasEnded(_ id: UUID) -> Bool { recent.contains(id) || refused.contains(id) }

        mutating func remember(_ id: UUID, refused isRefused: Bool) {
            let list = isRefused ? \State.refused : \State.recent
            self[keyPath: list].append(id)
            if self[keyPath: list].count > LiveCalls.remembered { self[keyPath: list].removeFirst() }
        }
    }

    /// How many ended calls are kept in mind, and as many refused ones.
    private static let remembered = 1024

    private let state = Mutex(State())
    private let events: EventHub
    private let log: Logger

    package init(events: EventHub, log: Logger) {
        self.events = events
        self.log = log
    }

    /// The live calls, oldest first.
    package var statuses: [CallStatus] { state.withLock { $0.live.map(\.status) } }

    /// The same, with how their sound stands.
    package func standings() async -> [CallStatus] {
        var statuses: [CallStatus] = []
        for entry in state.withLock({ $0.live }) {
            var status = entry.status
            status.audio = await entry.call.sound?.standing()
            statuses.append(status)
        }
        return statuses
    }

    var isEmpty: Bool { state.withLock { $0.live.isEmpty } }

    package var all: [Call] { state.withLock { $0.live.map(\.call) } }

    package func entry(_ id: UUID) -> Entry? { state.withLock { state in state.live.first { $0.status.call == id } } }

    /// Enters a call.
    ///
    /// - Returns: whether its id is new.
    package func insert(_ status: CallStatus, _ call: Call) -> Bool {
        state.withLock { state in
            guard !state.hasEnded(status.call), !state.live.contains(where: { $0.status.call == status.call })
            else { return false }
            state.live.append(Entry(status: status, call: call))
            return true
        }
    }

    /// Takes a call back that was never told of.
    package func withdraw(_ id: UUID) { state.withLock { $0.live.removeAll { $0.status.call == id } } }

    package func wasEnded(_ id: UUID) -> Bool { state.withLock { $0.hasEnded(id) } }

    /// Notes that a call is being hung up; its own events tell the rest.
    func markEnding(_ id: UUID) {
        change(id) { $0.state = .ending }
    }

    /// Notes which modem a call has got.
    func took(_ modem: String?, for id: UUID) {
        change(id) { status in
            (status.modem, status.line) = (modem, modem)
            if status.state == .queued { status.state = .dialing }
        }
    }

    /// Notes the account that a call goes over.
    func took(line: String, for id: UUID) {
        change(id) { status in
            status.line = line
            if status.state == .queued { status.state = .dialing }
        }
    }

    /// Notes that a call goes on by another way.
    func turn(_ id: UUID, to method: CallMethod, pbx: String?) {
        change(id) { status in
            (status.method, status.pbx, status.line, status.state) = (method, pbx, nil, .queued)
        }
    }

    private func change(_ id: UUID, _ body: (inout CallStatus) -> Void) {
        state.withLock { state in
            guard let place = state.live.firstIndex(where: { $0.status.call == id }) else { return }
            body(&state.live[place].status)
        }
    }

    /// Takes an event of a call: keeps its status up to date and publishes it.
    func take(_ event: CallEvent) {
        note(event)
        // Under the lock, so that the order of publication is the order of the states.
        state.withLock { state in
            if let place = state.live.firstIndex(where: { $0.status.call == event.call }) {
                if case .progress(.ended(let end)) = event.kind {
                    state.live.remove(at: place)
                    state.remember(event.call, refused: end.outcome == .policy)
                } else {
                    state.live[place].status.take(event)
                }
            }
            events.publish(event)
        }
    }
}

extension LiveCalls {
    /// Writes a line when a call is dialled or rings, and one when it is over, numbers masked; so it is told of calls that
    /// were refused as well.
    private func note(_ event: CallEvent) {
        guard case .progress(let progress) = event.kind else { return }
        let status = entry(event.call)?.status
        var facts: Logger.Metadata = ["call": "\(event.call.uuidString.lowercased())"]
        if let method = status?.method { facts["method"] = "\(method.rawValue)" }
        if let modem = status?.modem { facts["modem"] = "\(modem)" }
        if let pbx = status?.pbx { facts["pbx"] = "\(pbx)" }
        switch progress {
        case .dialing(let number): log.info("call: dialling \(CallLog.masked(number))", metadata: facts)
        case .ringing(let number):
            // Every ring of the same call says it again, until the caller is known.
            guard status?.state != .ringing || status?.number == nil else { return }
            log.info("call: rung by \(number.map(CallLog.masked) ?? "a withheld number")", metadata: facts)
        case .ended(let end):
            let cause = end.cause.map { ", cause \($0)" } ?? ""
            let whom = status?.target.map { " with \(CallLog.masked($0))" } ?? ""
            let length = end.seconds > .zero ? " after \(end.seconds.spoken)" : ""
            log.info("call: \(end.outcome.rawValue)\(whom)\(length)\(cause), by \(end.by.rawValue)", metadata: facts)
        case .alerting, .connected, .handover, .inProgress: break
        }
    }
}

extension CallStatus {
    /// Takes note of an event of this call, the end left out.
    mutating func take(_ event: CallEvent) {
        let reached: State?
        switch event.kind {
        case .requested: reached = nil
        case .progress(.dialing(let number)):
            self.number = number
            reached = .dialing
        case .progress(.alerting): reached = .alerting
        case .progress(.ringing(let number)):
            self.number = number
            name = event.callerName
            reached = .ringing
        case .progress(.connected):
            connectedAt = event.at
            reached = .connected
        case .progress(.handover): reached = .connected
        case .progress(.inProgress): reached = .inProgress
        case .progress(.ended), .audio, .dtmf, .joined, .quality: reached = nil
        }
        // A call that is being hung up still tells what its modem says; it is going all the same.
        if let reached, state != .ending { state = reached }
    }
}

extension LiveCalls {
    /// Waits until no call is left, for so long at most.
    package func becomesEmpty(within limit: Duration) async {
        let end = ContinuousClock.now + limit
        while !isEmpty, ContinuousClock.now < end, !Task.isCancelled {
            // Cancelled means that the wait was given up.
            do { try await Task.sleep(for: .milliseconds(50)) } catch { return }
        }
    }
}
