internal import CallFlows
package import CallModel
internal import Calls
internal import DeviceDiscovery
internal import DialPlan
internal import FoundationEssentials
package import GatewayAPI
internal import Lines
package import Logging
internal import Modem
internal import PBX
internal import Settings
internal import Synchronization

/// One callback on one modem, without a running service: the parts of a service are at work for this call alone.
///
/// Asking, expecting, answering and refusing are the service's own; what is left out is its control interface. Every way
/// out ends with exactly one `call.ended` event.
package final class StandaloneCallback: Sendable {
    /// How long the modem may take to become usable; a card that has to be unlocked and registered takes as long.
    private static let readyWithin: Duration = .seconds(30)

    private struct State: Sendable {
        var isInterrupted = false
        /// Ends what is being done now.
        var giveUp: (@Sendable () -> Void)?
    }

    private let request: StandaloneCall.Request
    private let wish: DialRequest
    private let parts: GatewayService.Parts
    private let log: Logger
    private let emit: @Sendable (CallEvent) -> Void
    private let state = Mutex(State())

    /// Creates the callback; ``run()`` makes it.
    ///
    /// - Parameters:
    ///   - request: the modem, its tty and how it is opened, as for any call without the service.
    ///   - wish: what is asked for.
    ///   - parts: configuration, log and limits; the modems that are configured beside this call's own are left alone.
    ///   - log: where the modem's side of it is logged.
    ///   - emit: takes every event, in order.
    package init(
        _ request: StandaloneCall.Request,
        wish: DialRequest,
        parts: GatewayService.Parts,
        log: Logger,
        emit: @escaping @Sendable (CallEvent) -> Void
    ) {
        self.request = request
        self.wish = wish
        self.parts = parts
        self.log = log
        self.emit = emit
    }

    /// Asks the call to end: what rings is refused, what was answered is hung up.
    ///
    /// ``run()`` returns when that is done.
    package func interrupt() {
        let giveUp = state.withLock { state in
            state.isInterrupted = true
            return state.giveUp
        }
        giveUp?()
    }

    /// Makes the call and returns how it ended, once that is in the log as well.
    ///
    /// - Throws: ``ControlError`` when the request makes no sense or the configuration lacks what it needs; then nothing
    ///   was done and there are no events.
    package func run() async throws(ControlError) -> CallEnd {
        let modem: Configuration.Modem
        switch await located() {
        case .success(let found): modem = found
        case .failure(let error): return await ended(error)
        }
        var parts = parts
        parts.configuration.modems = [modem]
        // Whoever rings that modem meanwhile keeps the PBX's call out, callers whom a PBX holds included.
        parts.configuration.gateway.unknownCallers = .reject
        for index in parts.configuration.pbx.indices {
            parts.configuration.pbx[index].reverse = nil
            // The connection for events is the service's, if one runs.
            parts.configuration.pbx[index].options.application = nil
        }
        parts.configuration.gateway.queuesFor = Self.readyWithin
        // A bus on which nothing happens: whatever else is there is left alone.
        let (bus, silence) = AsyncStream<DiscoveryEvent>.makeStream(bufferingPolicy: .bufferingNewest(1))
        defer { silence.finish() }
        parts.devices = { bus }
        return try await call(on: GatewayService(parts, log: log), as: modem.name)
    }

    private func call(on service: GatewayService, as modem: String) async throws(ControlError) -> CallEnd {
        var wish = wish
        wish.modem = modem
        wish.via = .callback
        // The one that was chosen may not be the first.
        wish.pbx = request.route.pbx
        let id = request.id
        let (ends, end) = AsyncStream<CallEnd>.makeStream(bufferingPolicy: .bufferingOldest(1))
        let admission = service.events.listen(from: nil) { [emit] entry in
            guard let event = entry.event as? CallEvent, event.call == id else { return true }
            emit(event)
            if case .progress(.ended(let outcome)) = event.kind { end.yield(outcome) }
            return true
        } ended: {
            end.finish()
        }
        guard admission != nil else { throw .failed("the call can't be watched") }
        let life = Task { () -> (any Error)? in
            do {
                try await service.run()
                return nil
            } catch {
                return error
            }
        }
        let outcome: Result<CallEnd, ControlError>
        do throws(ControlError) {
            _ = try await service.dial(wish, id: id, origin: .local)
            let isLate = state.withLock { state in
                // A call that is just over has nothing to hang up any more.
                state.giveUp = { Task { try? await service.hangUp(id) } }
                return state.isInterrupted
            }
            if isLate { try? await service.hangUp(id) }
            var iterator = ends.makeAsyncIterator()
            let last = await iterator.next()
            outcome = last.map { .success($0) } ?? .failure(.failed("the call's end was not told"))
        } catch {
            outcome = .failure(error)
        }
        state.withLock { $0.giveUp = nil }
        // A ring that came just when nobody wanted it any more is not left behind.
        if let session = await service.fleet.modem(modem)?.session, await session.refuse() {
            _ = await session.ensureIdle()
        }
        service.stop(grace: .zero)
        if let failure = await life.value { log.error("\(failure)") }
        return try outcome.get()
    }

    /// The modem as an entry of a configuration, which it may be without.
    private func located() async -> Result<Configuration.Modem, FleetError> {
        let configuration = parts.configuration
        guard let find = request.find else {
            let name = request.modem ?? request.tty
            return .success(Self.entry(named: name, tty: request.tty, configuration.modem(name)))
        }
        let search = Task { [log] () -> Result<ModemFinder.Found, FleetError> in
            do throws(FleetError) { return .success(try await find(log)) } catch { return .failure(error) }
        }
        let mayGoOn = state.withLock { state in
            state.giveUp = { search.cancel() }
            return !state.isInterrupted
        }
        if !mayGoOn { search.cancel() }
        let found = await search.value
        if state.withLock({ $0.isInterrupted }) { return .failure(.cancelled) }
        return found.map { Self.entry(named: $0.name, tty: $0.tty, $0.entry.flatMap { configuration.modem($0.name) }) }
    }

    private static func entry(named name: String, tty: String, _ known: Configuration.Modem?) -> Configuration.Modem {
        var modem = known ?? Configuration.Modem(name: name, match: .tty(tty))
        modem.match = .tty(tty)
        return modem
    }

    /// Tells of a call that found no modem, as one that did would have been told.
    private func ended(_ error: FleetError) async -> CallEnd {
        let details = CallEvent.Request(
            method: request.route.method,
            target: request.route.target.description,
            pbx: request.route.pbx,
            modem: wish.modem
        )
        let end = CallEnd(outcome: error.outcome, by: .local, detail: error.reason)
        parts.recorder.begin(request.id, CallRecorder.Details(route: request.route, modem: request.modem))
        for event in [
            CallEvent(.requested(details), call: request.id),
            CallEvent(.progress(.ended(end)), call: request.id),
        ] {
            parts.recorder.take(event)
            emit(event)
        }
        if await !parts.recorder.drain() { log.warning("the call is missing in the log") }
        return end
    }
}
