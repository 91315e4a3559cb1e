internal import CallFlows
internal import CallLog
package import CallModel
package import Calls
package import DialPlan
package import FoundationEssentials
package import GatewayAPI
package import Lines
package import Logging
package import Modem
internal import NIOCore
package import SerialPort
internal import Settings
internal import Synchronization

/// One call on one modem, without the service: opens the tty, readies the modem, makes the call, leaves the modem idle.
///
/// Every way out ends with exactly one `call.ended` event.
package final class StandaloneCall: Sendable {
    /// What the call needs to know.
    package struct Request: Sendable {
        /// The call's id in events and the log.
        package var id = UUID()
        /// How the call is made.
        package var route: Route
        /// How long it may last once answered.
        package var maxDuration: Duration
        /// The path of the modem's tty.
        package var tty: String
        /// The modem as the user named it, or the only one that is configured; nil when the choice was left open.
        package var modem: String?
        /// How the tty is opened.
        package var serial = SerialSettings()
        /// What the bring-up may use.
        package var bringUp = ModemSession.BringUp()
        /// Who decides on limits and keeps count; nil where nothing is limited or counted.
        package var authority: DialAuthority?
        /// Finds the modem where its tty is not known.
        package var find: (@Sendable (Logger) async throws(FleetError) -> ModemFinder.Found)?

        /// Creates a request with the defaults of a bare `--modem TTY`.
        package init(route: Route, maxDuration: Duration, tty: String, modem: String?) {
            self.route = route
            self.maxDuration = maxDuration
            self.tty = tty
            self.modem = modem
        }
    }

    private struct State: Sendable {
        var isInterrupted = false
        /// Ends the preparation, whatever it is waiting for.
        var giveUp: (@Sendable () -> Void)?
        /// The call itself, once the modem is open.
        var call: ModemCall?
        var isOver = false
    }

    private let request: Request
    private let log: Logger
    private let recorder: CallRecorder?
    private let emit: @Sendable (CallEvent) -> Void
    private let state = Mutex(State())

    /// Creates the call; ``run()`` makes it.
    ///
    /// - Parameters:
    ///   - request: what to do.
    ///   - log: where the modem's side of it is logged.
    ///   - recorder: keeps the call's journal and record; nil for a call that nobody keeps account of.
    ///   - emit: takes every event, in order.
    package init(
        _ request: Request,
        log: Logger,
        recorder: CallRecorder? = nil,
        emit: @escaping @Sendable (CallEvent) -> Void
    ) {
        self.request = request
        self.log = log
        self.recorder = recorder
        self.emit = { event in
            recorder?.take(event)
            emit(event)
        }
    }

    /// Asks the call to end: hangs up if there is something to hang up.
    ///
    /// ``run()`` returns when that is done.
    package func interrupt() {
        let (call, giveUp) = state.withLock { state in
            state.isInterrupted = true
            return state.isOver ? (nil, nil) : (state.call, state.giveUp)
        }
        // Once it dials, an interruption is the call's own affair: it hangs up and looks.
        if call?.interrupt() != false { giveUp?() }
    }

    /// Makes the call and returns how it ended, once that is in the log as well.
    package func run() async -> CallEnd {
        recorder?.begin(request.id, CallRecorder.Details(route: request.route, modem: request.modem))
        let end = await make()
        if let recorder, await !recorder.drain(), let failure = recorder.refusal, end.outcome != .policy {
            log.warning("the call is missing in the log or incomplete there: \(failure)")
        }
        return end
    }

    private func make() async -> CallEnd {
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
            await endLeftBehind(self.request)
            return ended(CallEnd(outcome: .policy, by: .local, detail: route.verdict.reason))
        }
        let request: Request
        switch await located() {
        case .success(let found): request = found
        case .failure(let error):
            return ended(CallEnd(outcome: error.outcome, by: .local, detail: error.reason))
        }
        // What is refused even at home needs no modem. The modem is asked where it is before the call is authorised.
        let decision = await request.authority?.preview(Self.question(request, isRoaming: false))
        if let decision, !decision.verdict.isAllowed {
            await endLeftBehind(request)
            return ended(CallEnd(outcome: .policy, by: .local, detail: decision.verdict.reason))
        }
        let hasDialled = Atomic<Bool>(false)
        let end = await call(request) { event in
            if case .progress(.dialing) = event.kind { hasDialled.store(true, ordering: .relaxed) }
        }
        await request.authority?
            .settle(request.id, DialAuthority.Settlement(of: end, dialled: hasDialled.load(ordering: .relaxed)))
        return ended(end)
    }

    private static func question(_ request: Request, isRoaming: Bool?) -> DialAuthority.Request {
        DialAuthority.Request(
            call: request.id,
            route: request.route,
            modem: request.modem ?? "-",
            isRoaming: isRoaming,
            maxDuration: request.maxDuration
        )
    }

    /// Opens the modem, makes the call and closes the modem.
    private func call(_ request: Request, watch: @escaping @Sendable (CallEvent) -> Void) async -> CallEnd {
        let port: ModemPort
        do {
            port = try await ModemPort.open(request.tty, settings: request.serial, log: log)
        } catch {
            return CallEnd(outcome: .noModem, by: .local, detail: error.description)
        }
        let end = await call(on: port, request, watch: watch)
        await port.close()
        return end
    }

    /// Ends what a killed program left up on the modem, where the journal says that there may be something: a call that is
    /// refused now is no reason to let that one cost on.
    private func endLeftBehind(_ request: Request) async {
        guard !request.tty.isEmpty, let recorder, await recorder.hasLeftBehind(tty: request.tty) else { return }
        do {
            let port = try await ModemPort.open(request.tty, settings: request.serial, log: log)
            state.withLock { $0.giveUp = { port.giveUp() } }
            do { try await port.session.bringUp(request.bringUp) } catch {
                // A modem that can't be set up may still have a call.
                log.info("\(error)")
            }
            if await port.session.endLeftBehindCalls(isSuspected: true) {
                recorder.modemIsIdle(imei: await port.session.identity.imei, tty: request.tty)
            } else {
                log.warning("a call that was left up on \(request.tty) does not end: unplug the modem")
            }
            await port.close()
        } catch {
            log.warning("a call may have been left up on \(request.tty): \(error)")
        }
    }

    /// The request, with the modem found where its tty is not known.
    private func located() async -> Result<Request, FleetError> {
        guard let find = request.find else { return .success(request) }
        let search = Task { [log] () -> Result<ModemFinder.Found, FleetError> in
            do throws(FleetError) { return .success(try await find(log)) } catch { return .failure(error) }
        }
        let mayGoOn = state.withLock { state in
            state.giveUp = { search.cancel() }
            return !state.isInterrupted
        }
        if !mayGoOn { search.cancel() }
        let found = await search.value
        // What a search finds that was given up means nothing.
        if state.withLock({ $0.isInterrupted }) { return .failure(.cancelled) }
        return found.map { found in
            var request = request
            request.tty = found.tty
            request.modem = found.name
            if let entry = found.entry {
                request.serial = entry.serial
                request.bringUp.pin = entry.pin
            }
            return request
        }
    }

    private func call(
        on port: ModemPort,
        _ request: Request,
        watch: @escaping @Sendable (CallEvent) -> Void
    ) async -> CallEnd {
        let mayGoOn = state.withLock { state in
            state.giveUp = { port.giveUp() }
            return !state.isInterrupted
        }
        guard mayGoOn else { return ModemCall.interruptedEarly }
        if !request.route.isEmergency, let failure = recorder?.refusal {
            // Before the card is touched.
            return CallEnd(unrecorded: failure)
        }
        do throws(ModemError) {
            var bringUp = request.bringUp
            bringUp.isForEmergency = request.route.isEmergency
            try await port.session.bringUp(bringUp)
        } catch {
            return await notPrepared(error, on: port)
        }
        var lasts = request.maxDuration
        if let authority = request.authority {
            let isRoaming = await port.session.registration.verdict.isRoaming
            let decision = await authority.authorise(Self.question(request, isRoaming: isRoaming))
            guard decision.verdict.isAllowed else {
                // It is open already; whatever an earlier program left up on it is ended all the same.
                _ = await port.session.ensureIdle()
                return CallEnd(outcome: .policy, by: .local, detail: decision.verdict.reason)
            }
            lasts = decision.seconds.map { .seconds($0) } ?? lasts
        }
        let call = ModemCall(
            id: request.id,
            route: request.route,
            maxDuration: lasts,
            session: port.session,
            loop: port.loop,
            tty: request.tty,
            recorder: recorder
        ) { [emit] event in
            watch(event)
            emit(event)
        }
        let goesOn = state.withLock { state in
            state.call = call
            return !state.isInterrupted
        }
        return goesOn ? await call.run() : ModemCall.interruptedEarly
    }

    /// The end of a call for which the modem could not be made ready.
    private func notPrepared(_ error: ModemError, on port: ModemPort) async -> CallEnd {
        guard state.withLock({ $0.isInterrupted }) else {
            return CallEnd(outcome: error.callOutcome, by: .local, detail: error.description)
        }
        // Nothing was dialled by this call; one that an earlier run left behind is ended all the same.
        _ = await port.session.ensureIdle()
        return ModemCall.interruptedEarly
    }

    private func ended(_ end: CallEnd) -> CallEnd {
        state.withLock { $0.isOver = true }
        emit(CallEvent(.progress(.ended(end)), call: request.id))
        return end
    }
}
