internal import CallModel
internal import Logging
internal import Modem
internal import TextCoding

// Waiting for a modem, and why there is none.
extension ModemFleet {
    /// One that waits for a modem.
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

    /// The most that may wait for a modem.
    static let queueLimit = 32

    /// How many wait for a modem.
    package var queued: Int { waiters.count }

    func wait(
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
                // A higher class goes first, and in a class the one that has waited longest.
                let place = waiters.firstIndex { $0.wish.leaseClass < wish.leaseClass }
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
        // Where no modem has a call, what is in the way is the modems' own trouble.
        let isBusy = fitting(waiter.wish).contains { leases[$0.id] != nil }
        waiter.resume(.failure(isBusy ? .timedOut(waitingReason(waiter.wish)) : obstacle(to: waiter.wish)))
    }

    /// Lends modems that have come free to the waiters.
    func serve() {
        guard !servesNobody else { return }
        var place = 0
        while place < waiters.count {
            let waiter = waiters[place]
            guard let lease = lend(for: waiter.wish, waiter.preempt) else {
                place += 1
                continue
            }
            // Serving changes states, which may have served others in the meantime.
            guard let at = waiters.firstIndex(where: { $0.id == waiter.id }) else { continue }
            waiters.remove(at: at).resume(.success(lease))
            place = 0
        }
    }

    /// The time for the first modems to show up is over: a waiter for which there is none at all is told.
    func endStart() {
        serve()
        dismissHopeless()
    }

    /// Tells each waiter that waits in vain.
    func dismissHopeless() {
        for waiter in waiters where !mayComeFree(waiter.wish) {
            waiters.removeAll { $0.id == waiter.id }
            waiter.resume(.failure(obstacle(to: waiter.wish)))
        }
    }

    var isStarting: Bool {
        if purpose != .service { return !hasLooked }
        return startedAt.map { loop.now - $0 < Self.startWithin } ?? true
    }

    /// Whether waiting makes sense.
    func mayComeFree(_ wish: ModemWish) -> Bool {
        if isStarting { return true }
        if purpose != .service { return isBeingPrepared(for: wish) }
        return fitting(wish)
            .contains { modem in
                // What takes a modem without a card waits for another that has taken it so.
                if wish.leaseClass.takesUnready, leases[modem.id] != nil { return true }
                return modem.assumeIsolated { $0.mayBeAble(for: wish.leaseClass) }
            }
    }

    // MARK: Reasons

    /// How near a modem is to being usable; larger is nearer.
    func rank(_ modem: SupervisedModem) -> Int {
        let (obstacle, voice) = modem.assumeIsolated { ($0.obstacle, $0.voice) }
        if voice == .no { return 0 }
        return obstacle?.nearness ?? 5
    }

    func obstacle(to wish: ModemWish) -> FleetError {
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

    func waitingReason(_ wish: ModemWish) -> String {
        let isBusy = fitting(wish).contains { leases[$0.id] != nil }
        return isBusy ? "every modem that fits has a call" : obstacle(to: wish).reason
    }
}
