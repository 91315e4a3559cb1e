public import CallFlows
internal import DialPlan
public import FoundationEssentials
public import Logging
public import Modem
internal import NIOCore
public import SerialPort
internal import Synchronization

/// One call on one modem, without the service: opens the tty, readies the modem, makes the call, leaves the modem idle.
///
/// Every way out ends with exactly one `call.ended` event.
public final class StandaloneCall: Sendable {
    /// What the call needs to know.
    public struct Request: Sendable {
        /// The call's id in events and the log.
        public var id = UUID()
        /// How the call is made.
        public var route: Route
        /// How long it may last once answered.
        public var maxDuration: Duration
        /// The path of the modem's tty.
        public var tty: String
        /// The modem as the user named it.
        public var modem: String
        /// How the tty is opened.
        public var serial = SerialSettings()
        /// What the bring-up may use.
        public var bringUp = ModemSession.BringUp()

        /// Creates a request with the defaults of a bare `--modem TTY`.
        public init(route: Route, maxDuration: Duration, tty: String, modem: String) {
            self.route = route
            self.maxDuration = maxDuration
            self.tty = tty
            self.modem = modem
        }
    }

    private enum Stage: Sendable {
        case preparing
        case calling(OutgoingCallRun)
        case over
    }

    private struct State: Sendable {
        var stage = Stage.preparing
        var isInterrupted = false
        /// Ends the preparation, whatever it is waiting for.
        var giveUp: (@Sendable () -> Void)?
    }

    private let request: Request
    private let log: Logger
    private let emit: @Sendable (CallEvent) -> Void
    private let state = Mutex(State())

    /// Creates the call; ``run()`` makes it.
    ///
    /// - Parameters:
    ///   - request: what to do.
    ///   - log: where the modem's side of it is logged.
    ///   - emit: takes every event, in order.
    public init(_ request: Request, log: Logger, emit: @escaping @Sendable (CallEvent) -> Void) {
        self.request = request
        self.log = log
        self.emit = emit
    }

    /// Asks the call to end: hangs up if there is something to hang up.
    ///
    /// ``run()`` returns when that is done.
    public func interrupt() {
        let (stage, giveUp) = state.withLock { state in
            state.isInterrupted = true
            return (state.stage, state.giveUp)
        }
        switch stage {
        case .preparing: giveUp?()
        case .calling(let run): Task { await run.interrupt() }
        case .over: break
        }
    }

    /// Makes the call and returns how it ended.
    public func run() async -> CallEnd {
        let route = request.route
        let modem = request.modem
        let details = CallEvent.Request(
            method: route.method,
            target: route.target.description,
            pbx: route.pbx,
            modem: modem
        )
        emit(CallEvent(.requested(details), call: request.id))
        guard route.verdict.isAllowed else {
            return ended(CallEnd(outcome: .policy, by: .local, detail: route.verdict.reason))
        }
        let port: ModemPort
        do {
            port = try await ModemPort.open(request.tty, settings: request.serial, log: log)
        } catch {
            return ended(CallEnd(outcome: .noModem, by: .local, detail: error.description))
        }
        let end = await call(on: port)
        await port.close()
        return end
    }

    private func call(on port: ModemPort) async -> CallEnd {
        let mayGoOn = state.withLock { state in
            state.giveUp = { port.giveUp() }
            return !state.isInterrupted
        }
        guard mayGoOn else { return ended(interrupted) }
        do throws(ModemError) {
            var bringUp = request.bringUp
            bringUp.isForEmergency = request.route.isEmergency
            try await port.session.bringUp(bringUp)
            try await port.session.prepareToDial(isForEmergency: request.route.isEmergency)
        } catch {
            if state.withLock({ $0.isInterrupted }) {
                // Nothing was dialled by this run; a call that an earlier one left behind is ended all the same.
                _ = await port.session.ensureIdle()
                return ended(interrupted)
            }
            return ended(CallEnd(outcome: outcome(of: error), by: .local, detail: error.description))
        }
        let run = OutgoingCallRun(
            plan: request.route.plan(maxDuration: request.maxDuration),
            tone: request.route.tone,
            session: port.session,
            loop: port.loop
        ) { [emit, id = request.id] progress in
            if case .ended = progress { return }
            emit(CallEvent(.progress(progress), call: id))
        }
        let goesOn = state.withLock { state in
            if state.isInterrupted { return false }
            state.stage = .calling(run)
            return true
        }
        guard goesOn else { return ended(interrupted) }
        var end = await run.run()
        // However it ended: look once more, because a call that is left up costs money.
        if await port.session.ensureIdle() {
            end.hangUpVerified = true
        } else if end.outcome != .modemFailed {
            end.hangUpVerified = false
        }
        return ended(end)
    }

    private var interrupted: CallEnd {
        CallEnd(outcome: .interrupted, by: .local, detail: "before anything was dialled")
    }

    private func ended(_ end: CallEnd) -> CallEnd {
        state.withLock { $0.stage = .over }
        emit(CallEvent(.progress(.ended(end)), call: request.id))
        return end
    }

    private func outcome(of error: ModemError) -> CallOutcome {
        switch error.category {
        case .unusable: .noModem
        case .failed: .modemFailed
        case .noService: .noService
        case .sim: .sim
        }
    }
}
