internal import CallModel
internal import Logging
package import Modem

extension ModemFleet {
    /// A modem that is lent out.
    struct Lease {
        var id: UInt64
        var modem: SupervisedModem
        var leaseClass: LeaseClass
        /// Tells the holder that the modem is needed.
        var preempt: (@Sendable () -> Void)?
        /// When it was told so; it has yet to end what it does.
        var preemptedAt: ContinuousClock.Instant?
    }

    // MARK: Taking

    /// Takes a modem; waits for one when all that fit are busy or about to be ready.
    ///
    /// - Parameters:
    ///   - wish: which modem, and what for.
    ///   - limit: how long to wait at most; zero for not at all.
    ///   - preempt: called when the modem is needed for what goes first; end what is done with it and give it back. A call has
    ///     4 s for that, anything else has lost the modem already.
    /// - Throws: why there is none, by the modem that came nearest to being usable.
    package func lease(
        _ wish: ModemWish,
        within limit: Duration,
        preempt: (@Sendable () -> Void)? = nil
    ) async throws(FleetError) -> ModemLease {
        guard !isStopping else { throw .noModem("the service is stopping") }
        want.finish()
        if let reference = wish.modem, fitting(wish).isEmpty, settings.modem(reference) == nil, !isStarting {
            throw .unknownModem(reference)
        }
        if let lease = lend(for: wish, preempt) { return await settled(lease) }
        if wish.leaseClass == .help, let lease = makeRoom(for: wish, preempt) { return await settled(lease) }
        guard mayComeFree(wish) else { throw obstacle(to: wish) }
        // Help waits at least for those who were told to make way for it, and a call for those who only have a message.
        var limit = limit
        if wish.leaseClass == .help { limit = max(limit, LeaseClass.call.endsWithin + .seconds(6)) }
        if wish.leaseClass == .call, askMessagesToEnd(wish) { limit = max(limit, Self.messagesEndWithin) }
        guard limit > .zero else { throw .timedOut(waitingReason(wish)) }
        guard waiters.count < Self.queueLimit || wish.leaseClass == .help else { throw .queueFull }
        return await settled(try await wait(for: wish, within: limit, preempt).get())
    }

    /// Takes the modem of a session for a call that rings there; nil when what has it goes before a call, or it is gone.
    package func leaseForIncoming(
        _ session: ModemSession,
        preempt: (@Sendable () -> Void)? = nil
    ) -> ModemLease? {
        let modem = modems.first { modem in modem.assumeIsolated { $0.connection?.session === session } }
        guard let modem else { return nil }
        guard let current = leases[modem.id] else { return lend(modem, for: .call, preempt) }
        return current.leaseClass < .call ? recall(current, for: .call, preempt) : nil
    }

    /// Keeps a modem that is about to be ready for the call that it still has.
    func reserve(_ modem: SupervisedModem) {
        leases[modem.id] = Lease(id: 0, modem: modem, leaseClass: .call)
    }

    /// Lends a reserved modem to the call that it still has.
    func handOver(_ modem: SupervisedModem, to call: any SurvivingCall) {
        leases[modem.id] = nil
        guard let lease = lend(modem, for: .call, call.makeWay) else { return call.drop() }
        call.begin(on: lease)
    }

    /// The modem behind a name, IMEI, tty or USB path, and its session where one is open.
    package func modem(_ reference: String) -> (status: LineStatus, session: ModemSession?)? {
        guard let modem = fitting(ModemWish(modem: reference)).first else { return nil }
        return (view(modem), modem.assumeIsolated { $0.connection?.session })
    }

    private func settled(_ lease: ModemLease) async -> ModemLease {
        let modem = leases.values.first { $0.id == lease.id }?.modem
        await modem?.letGo()
        return lease
    }

    /// Lends a free modem that fits: the best one that is ready, else, where that will do, one with an open line.
    func lend(for wish: ModemWish, _ preempt: (@Sendable () -> Void)?) -> ModemLease? {
        guard !waitsForOthers(wish) else { return nil }
        let free = fitting(wish).filter { leases[$0.id] == nil }
        let able = free.filter { modem in modem.assumeIsolated { $0.isAble(for: wish.leaseClass) } }
        let choice = wish.leaseClass == .help ? .bestSignal : settings.choice
        if let best = choice.choose(among: able.map { candidate($0) }),
            let modem = able.first(where: { $0.id == best.id })
        {
            return lend(modem, for: wish.leaseClass, preempt)
        }
        guard wish.leaseClass.takesUnready else { return nil }
        // Without card or network the modem may still reach help: the network decides.
        return
            free.filter { modem in
                mayInterrupt(modem) && modem.assumeIsolated { $0.machine.canBeLent(for: wish.leaseClass) }
            }
            .sorted { rank($0) > rank($1) }
            .lazy.compactMap { self.lend($0, for: wish.leaseClass, preempt) }.first
    }

    private func lend(
        _ modem: SupervisedModem,
        for leaseClass: LeaseClass,
        _ preempt: (@Sendable () -> Void)?
    ) -> ModemLease? {
        // Entered before the modem changes its state, so that it is not taken again by what is told of that.
        let id = nextLease
        nextLease += 1
        leases[modem.id] = Lease(id: id, modem: modem, leaseClass: leaseClass, preempt: preempt)
        guard let connection = modem.assumeIsolated({ $0.lend(for: leaseClass) }) else {
            leases[modem.id] = nil
            return nil
        }
        if leaseClass >= .call { count(modem) }
        let modemID = modem.id
        return ModemLease(id: id, status: view(modem), connection: connection) { [weak self] isClean in
            let isWorn = await connection.session.soundIsWorn
            await self?.giveBack(id, modemID, isClean: isClean, isWorn: isWorn)
        }
    }

    private func giveBack(_ id: UInt64, _ modemID: UInt64, isClean: Bool, isWorn: Bool) {
        guard leases[modemID]?.id == id, let modem = takeBack(id, isClean: isClean) else { return }
        // Those who wait for a modem are served first: worn sound is better than none.
        if isWorn, isClean, waiters.isEmpty { modem.assumeIsolated { $0.handle(.soundIsWorn) } }
        // The configuration may have done without it meanwhile.
        if !isStopping { matchTTYs() }
        serve()
    }

    /// Ends a lease, and serves nobody yet.
    ///
    /// - Returns: the modem that was lent; nil where the lease is over already.
    @discardableResult
    func takeBack(_ id: UInt64, isClean: Bool) -> SupervisedModem? {
        guard let (modemID, lease) = leases.first(where: { $0.value.id == id }) else { return nil }
        leases[modemID] = nil
        lease.modem.assumeIsolated { $0.handle(.givenBack(isClean: isClean)) }
        return lease.modem
    }

    /// Puts leases right when a modem has changed its state.
    func followLease(of modem: SupervisedModem) {
        guard let lease = leases[modem.id] else { return }
        let (state, isOpen) = modem.assumeIsolated { ($0.machine.state, $0.connection != nil) }
        if case .leased = state { return }
        // While it is being taken its state is still the old one, which has a line. One that is gone is not lent.
        if !isOpen {
            leases[modem.id] = nil
            return
        }
        // It was being set up when it was taken for a talk: from here on nothing else is done to it.
        if lease.leaseClass == .maintenance { _ = modem.assumeIsolated { $0.lend(for: .maintenance) } }
    }

    // MARK: Making way

    /// Gives every modem another try for a call for help, and has the least of the leases make way.
    ///
    /// - Returns: the modem, where it could be had at once.
    private func makeRoom(for wish: ModemWish, _ preempt: (@Sendable () -> Void)?) -> ModemLease? {
        for modem in fitting(wish) {
            modem.assumeIsolated { modem in
                if case .resting = modem.machine.state { modem.handle(.retry) }
            }
        }
        let least = fitting(wish).compactMap { leases[$0.id] }
            .filter { $0.leaseClass < wish.leaseClass }
            .min { ($0.leaseClass, rank($1.modem)) < ($1.leaseClass, rank($0.modem)) }
        return least.flatMap { recall($0, for: wish.leaseClass, preempt) }
    }

    /// Has a lease make way: at once, or when the holder has ended its call, or had the time for it.
    private func recall(
        _ old: Lease,
        for leaseClass: LeaseClass,
        _ preempt: (@Sendable () -> Void)?
    ) -> ModemLease? {
        guard let connection = old.modem.assumeIsolated({ $0.connection }) else { return nil }
        let time = old.leaseClass.endsWithin
        if let since = old.preemptedAt, time > .zero {
            // The caller for whom it was to make way may be gone since; the time that it had is over all the same.
            return leaseClass == .help && loop.now - since >= time ? lend(old.modem, for: .help, preempt) : nil
        }
        old.preempt?()
        guard time > .zero else {
            // What a person typed may take minutes.
            let session = connection.session
            _ = connection.loop.schedule(at: connection.loop.now) { session.assumeIsolated { $0.breakOffTyped() } }
            return lend(old.modem, for: leaseClass, preempt)
        }
        leases[old.modem.id]?.preemptedAt = loop.now
        log.warning("a call has to make way for one for help")
        _ = loop.schedule(at: loop.now + time) { [weak self] in self?.assumeIsolated { $0.takeOver(old) } }
        return nil
    }

    /// How long a message that is on its way may keep a call from its modem.
    private static let messagesEndWithin: Duration = .seconds(30)

    /// Tells those who have a fitting modem for messages that a call wants it.
    ///
    /// - Returns: whether there is one.
    private func askMessagesToEnd(_ wish: ModemWish) -> Bool {
        let held = fitting(wish).compactMap { leases[$0.id] }.filter { $0.leaseClass == .message }
        for lease in held where lease.preemptedAt == nil {
            leases[lease.modem.id]?.preemptedAt = loop.now
            lease.preempt?()
        }
        return !held.isEmpty
    }

    private func takeOver(_ old: Lease) {
        guard leases[old.modem.id]?.id == old.id,
            let place = waiters.firstIndex(where: { $0.wish.leaseClass == .help }),
            let lease = lend(old.modem, for: .help, waiters[place].preempt)
        else { return }
        waiters.remove(at: place).resume(.success(lease))
    }
}
