internal import CallModel
internal import Logging
package import Modem

extension ModemFleet {
    /// A modem that is lent out.
    struct Lease {
        var id: UInt64
        var modem: SupervisedModem
        var isForEmergency: Bool
        /// Whether somebody only talks to the modem, and makes way for every call that comes in.
        var isForMaintenance = false
        /// Asks whoever has it to end the call, because help is called for.
        var preempt: (@Sendable () -> Void)?
        var isPreempted = false
    }

    /// Somebody who waits for a modem.
    struct Waiter {
        var id: UInt64
        var wish: ModemWish
        var preempt: (@Sendable () -> Void)?
        var timer: (any ModemTimer)?
        var continuation: CheckedContinuation<Result<ModemLease, FleetError>, Never>

        func resume(_ result: Result<ModemLease, FleetError>) {
            timer?.cancel()
            continuation.resume(returning: result)
        }
    }

    /// What a modem has done so far.
    struct Record {
        var calls = 0
        /// The number of its last call, counted over all modems.
        var lastCall = 0
    }

    /// The most calls that may wait for a modem.
    static let queueLimit = 32
    /// The most modems whose calls are counted.
    private static let recordLimit = 256
    /// How long a call that has to make way for one for help may take to end.
    private static let preemptWithin: Duration = .seconds(4)

    /// How many calls wait for a modem.
    package var queued: Int { waiters.count }

    // MARK: Taking

    /// Takes a modem for one call; waits for one when all that fit are busy or about to be ready.
    ///
    /// A call for help takes any modem with an open line, also one without card or network, and goes before every
    /// other; where all are in calls, one of these is asked to make way and is taken over after 4 s.
    ///
    /// - Parameters:
    ///   - wish: which modem.
    ///   - limit: how long to wait at most; zero for not at all.
    ///   - preempt: called when the modem is needed for a call for help; end the call and give the modem back. After
    ///     4 s it is somebody else's without that.
    /// - Throws: why there is none, by the modem that came nearest to being usable.
    package func lease(
        _ wish: ModemWish,
        within limit: Duration,
        preempt: (@Sendable () -> Void)? = nil
    ) async throws(FleetError) -> ModemLease {
        guard !isStopping else { throw .noModem("the service is stopping") }
        if let reference = wish.modem, fitting(wish).isEmpty, settings.modem(reference) == nil, !isStarting {
            throw .unknownModem(reference)
        }
        if let lease = take(wish, preempt) { return await settled(lease) }
        if wish.isForEmergency { makeWay(for: wish) }
        guard mayComeFree(wish) else { throw obstacle(to: wish) }
        guard limit > .zero else { throw .timedOut(waitingReason(wish)) }
        guard waiters.count < Self.queueLimit || wish.isForEmergency else { throw .queueFull }
        return await settled(try await wait(for: wish, within: limit, preempt).get())
    }

    /// Takes the modem of a session for a call that came in; nil when it is taken already, or gone.
    package func leaseForIncoming(
        _ session: ModemSession,
        preempt: (@Sendable () -> Void)? = nil
    ) -> ModemLease? {
        guard let modem = modems.first(where: { isBehind($0, session) }) else { return nil }
        guard let current = leases[modem.id] else { return take(modem, isForEmergency: false, preempt) }
        guard current.isForMaintenance, let connection = modem.assumeIsolated({ $0.connection }) else { return nil }
        current.preempt?()
        return replace(current, by: connection, isForEmergency: false, preempt)
    }

    /// Keeps a modem that is about to be ready from everybody but the call that it still has.
    func reserve(_ modem: SupervisedModem) {
        leases[modem.id] = Lease(id: 0, modem: modem, isForEmergency: false)
    }

    /// Lends a reserved modem to the call that it still has.
    func handOver(_ modem: SupervisedModem, to call: any SurvivingCall) {
        leases[modem.id] = nil
        let makeWay: @Sendable () -> Void = { [weak call] in call?.hangUp() }
        guard let lease = take(modem, isForEmergency: false, makeWay) else { return call.drop() }
        call.begin(on: lease)
    }

    /// The modem behind a name, IMEI, tty or USB path, and its session where one is open.
    package func modem(_ reference: String) -> (status: LineStatus, session: ModemSession?)? {
        guard let modem = fitting(ModemWish(modem: reference)).first else { return nil }
        return (view(modem), modem.assumeIsolated { $0.connection?.session })
    }

    private func isBehind(_ modem: SupervisedModem, _ session: ModemSession) -> Bool {
        modem.assumeIsolated { $0.connection?.session === session }
    }

    private func settled(_ lease: ModemLease) async -> ModemLease {
        let modem = leases.values.first { $0.id == lease.id }?.modem
        await modem?.letGo()
        return lease
    }

    /// Takes a modem if one can be had now.
    private func take(_ wish: ModemWish, _ preempt: (@Sendable () -> Void)?) -> ModemLease? {
        let free = fitting(wish).filter { leases[$0.id] == nil }
        let able = free.filter { modem in modem.assumeIsolated { $0.machine.isReady && $0.voice != .no } }
        let choice = wish.isForEmergency ? .bestSignal : self.choice
        if let best = choice.choose(among: able.map { candidate($0) }),
            let modem = able.first(where: { $0.id == best.id })
        {
            return take(modem, for: wish, preempt)
        }
        guard wish.isForEmergency || wish.isForMaintenance else { return nil }
        // Without card or network the modem may still reach help: the network decides.
        let present = free.filter { modem in modem.assumeIsolated { $0.machine.canHelp } }
            .sorted { one, other in rank(one) > rank(other) }
        for modem in present {
            if let lease = take(modem, for: wish, preempt) { return lease }
        }
        return nil
    }

    private func take(
        _ modem: SupervisedModem,
        for wish: ModemWish,
        _ preempt: (@Sendable () -> Void)?
    ) -> ModemLease? {
        take(modem, isForEmergency: wish.isForEmergency, isForMaintenance: wish.isForMaintenance, preempt)
    }

    private func take(
        _ modem: SupervisedModem,
        isForEmergency: Bool,
        isForMaintenance: Bool = false,
        _ preempt: (@Sendable () -> Void)?
    ) -> ModemLease? {
        // Entered before the modem changes its state, so that nobody who is told of that takes it too.
        let id = nextLease
        nextLease += 1
        leases[modem.id] = Lease(
            id: id,
            modem: modem,
            isForEmergency: isForEmergency,
            isForMaintenance: isForMaintenance,
            preempt: preempt
        )
        guard let connection = modem.assumeIsolated({ $0.take() }) else {
            leases[modem.id] = nil
            return nil
        }
        return lease(id, of: modem, connection)
    }

    /// Gives a modem that is lent out to somebody else, over the head of whoever has it.
    private func replace(
        _ old: Lease,
        by connection: ModemConnection,
        isForEmergency: Bool,
        _ preempt: (@Sendable () -> Void)?
    ) -> ModemLease {
        let id = nextLease
        nextLease += 1
        leases[old.modem.id] = Lease(id: id, modem: old.modem, isForEmergency: isForEmergency, preempt: preempt)
        return lease(id, of: old.modem, connection)
    }

    private func lease(_ id: UInt64, of modem: SupervisedModem, _ connection: ModemConnection) -> ModemLease {
        if leases[modem.id]?.isForMaintenance != true { count(modem) }
        let modemID = modem.id
        return ModemLease(id: id, status: view(modem), connection: connection) { [weak self] isClean in
            await self?.giveBack(id, modemID, isClean: isClean)
        }
    }

    private func giveBack(_ id: UInt64, _ modemID: UInt64, isClean: Bool) {
        guard let lease = leases[modemID], lease.id == id else { return }
        leases[modemID] = nil
        lease.modem.assumeIsolated { $0.handle(.givenBack(isClean: isClean)) }
        // The configuration may have done without it meanwhile.
        if !isStopping { matchTTYs() }
        serve()
    }

    /// A modem that is not in a call any more, because it is gone, is nobody's.
    func dropLostLease(of modem: SupervisedModem) {
        guard leases[modem.id] != nil else { return }
        let isLeased = modem.assumeIsolated { modem in
            if case .leased = modem.machine.state { true } else { false }
        }
        // While it is being taken its state is still the old one, which has a line.
        if !isLeased, modem.assumeIsolated({ $0.connection == nil }) { leases[modem.id] = nil }
    }

    // MARK: Waiting

    private func wait(
        for wish: ModemWish,
        within limit: Duration,
        _ preempt: (@Sendable () -> Void)?
    ) async -> Result<ModemLease, FleetError> {
        let id = nextWaiter
        nextWaiter += 1
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                guard !Task.isCancelled else { return continuation.resume(returning: .failure(.cancelled)) }
                var waiter = Waiter(id: id, wish: wish, preempt: preempt, continuation: continuation)
                waiter.timer = loop.schedule(at: loop.now + limit) { [weak self] in
                    self?.assumeIsolated { $0.timeIsUp(id) }
                }
                // Calls for help come first, otherwise whoever has waited longest.
                let place = wish.isForEmergency ? waiters.firstIndex { !$0.wish.isForEmergency } : nil
                waiters.insert(waiter, at: place ?? waiters.count)
            }
        } onCancel: {
            Task { await self.cancel(id) }
        }
    }

    private func cancel(_ id: UInt64) {
        guard let place = waiters.firstIndex(where: { $0.id == id }) else { return }
        waiters.remove(at: place).resume(.failure(.cancelled))
    }

    private func timeIsUp(_ id: UInt64) {
        guard let place = waiters.firstIndex(where: { $0.id == id }) else { return }
        let waiter = waiters.remove(at: place)
        // Where nobody has a call, what is in the way is the modems' own trouble.
        let isBusy = fitting(waiter.wish).contains { leases[$0.id] != nil }
        waiter.resume(.failure(isBusy ? .timedOut(waitingReason(waiter.wish)) : obstacle(to: waiter.wish)))
    }

    /// Gives modems that have come free to those who wait.
    func serve() {
        var place = 0
        while place < waiters.count {
            let waiter = waiters[place]
            guard let lease = take(waiter.wish, waiter.preempt) else {
                place += 1
                continue
            }
            // Serving changes states, which may have served others in the meantime.
            guard let at = waiters.firstIndex(where: { $0.id == waiter.id }) else { continue }
            waiters.remove(at: at).resume(.success(lease))
            place = 0
        }
    }

    /// The time for the first modems to show up is over: who waits for none at all is told.
    func endStart() {
        for waiter in waiters where !mayComeFree(waiter.wish) {
            waiters.removeAll { $0.id == waiter.id }
            waiter.resume(.failure(obstacle(to: waiter.wish)))
        }
    }

    private var isStarting: Bool { startedAt.map { loop.now - $0 < Self.startWithin } ?? true }

    /// Whether waiting makes sense.
    private func mayComeFree(_ wish: ModemWish) -> Bool {
        if isStarting { return true }
        return fitting(wish)
            .contains { modem in
                leases[modem.id] != nil
                    || modem.assumeIsolated { ($0.machine.isPromising || $0.machine.isReady) && $0.voice != .no }
            }
    }

    // MARK: Calls for help

    /// Every modem gets another try, and where all that could help are in calls, one of these has to make way.
    private func makeWay(for wish: ModemWish) {
        for modem in fitting(wish) {
            modem.assumeIsolated { modem in
                if case .resting = modem.machine.state { modem.handle(.retry) }
            }
        }
        let theirs = fitting(wish).compactMap { leases[$0.id] }.filter { !$0.isForEmergency }
        // Whoever only talks to a modem is disturbed before a call is.
        let talks = theirs.filter(\.isForMaintenance)
        let choice = (talks.isEmpty ? theirs : talks).max { rank($0.modem) < rank($1.modem) }
        guard let lease = choice, !lease.isPreempted else { return }
        leases[lease.modem.id]?.isPreempted = true
        log.warning("a call has to make way for one for help")
        lease.preempt?()
        _ = loop.schedule(at: loop.now + Self.preemptWithin) { [weak self] in
            self?.assumeIsolated { $0.takeOver(lease) }
        }
    }

    private func takeOver(_ old: Lease) {
        guard leases[old.modem.id]?.id == old.id,
            let place = waiters.firstIndex(where: { $0.wish.isForEmergency }),
            let connection = old.modem.assumeIsolated({ $0.connection })
        else { return }
        let waiter = waiters.remove(at: place)
        waiter.resume(.success(replace(old, by: connection, isForEmergency: true, waiter.preempt)))
    }

    // MARK: Which fits

    func fitting(_ wish: ModemWish) -> [SupervisedModem] {
        guard let reference = wish.modem else { return modems }
        let entry = settings.modem(reference)
        let named = modems.filter { modem in modem.assumeIsolated { $0.name == (entry?.name ?? reference) } }
        if !named.isEmpty { return named }
        return modems.filter { marks(of: $0).fit(reference) }
    }

    private func candidate(_ modem: SupervisedModem) -> ModemCandidate {
        let view = view(modem)
        let record = records[key(of: modem)] ?? Record()
        return ModemCandidate(
            id: modem.id,
            signal: view.health?.signal,
            isSureOfVoice: view.voice == .yes,
            calls: record.calls,
            lastCall: record.lastCall
        )
    }

    private func key(of modem: SupervisedModem) -> String {
        let marks = marks(of: modem)
        return marks.imei ?? marks.usbPath ?? marks.tty ?? "\(modem.id)"
    }

    private func count(_ modem: SupervisedModem) {
        callNumber += 1
        let key = key(of: modem)
        if records.count >= Self.recordLimit, records[key] == nil,
            let oldest = records.min(by: { $0.value.lastCall < $1.value.lastCall })
        {
            records[oldest.key] = nil
        }
        records[key, default: Record()].calls += 1
        records[key]?.lastCall = callNumber
    }

    // MARK: Reasons

    /// How near a modem is to being usable; larger is nearer.
    private func rank(_ modem: SupervisedModem) -> Int {
        let (obstacle, voice) = modem.assumeIsolated { ($0.obstacle, $0.voice) }
        if voice == .no { return 0 }
        return obstacle?.nearness ?? 5
    }

    private func obstacle(to wish: ModemWish) -> FleetError {
        let fitting = fitting(wish)
        guard let nearest = fitting.max(by: { rank($0) < rank($1) }) else {
            guard let reference = wish.modem else {
                return .noModem("there is no modem: plug one in, and see what gsmbridge modems says")
            }
            if settings.modem(reference) == nil { return .unknownModem(reference) }
            return .noModem("the modem \(reference.quoted) is not there")
        }
        return nearest.assumeIsolated { $0.obstacle } ?? .timedOut("every modem has a call")
    }

    private func waitingReason(_ wish: ModemWish) -> String {
        let isBusy = fitting(wish).contains { leases[$0.id] != nil }
        return isBusy ? "every modem that fits has a call" : obstacle(to: wish).reason
    }

    private var choice: ModemChoice { settings.choice }
}
