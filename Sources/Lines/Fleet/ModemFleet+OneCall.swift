internal import Logging
internal import Modem

// The modems of one call: opened when it wants one, asked once, and never mended.
extension ModemFleet {
    /// What the modems are for.
    package enum Purpose: Sendable, Hashable {
        /// Every call of a service: each modem is kept usable for as long as it runs.
        case service
        /// One call: a modem that can't be set up is told of at once, and nothing is restarted for it.
        case oneCall
        /// One call for help, for which a modem without card or network will do.
        case help
    }

    /// How long the best of several modems is waited for.
    private static let choosesWithin: Duration = .seconds(5)

    /// Every stick has been seen; returns when the call is over.
    func waitForTheEnd() async {
        hasLooked = true
        endStart()
        _ = loop.schedule(at: loop.now + Self.choosesWithin) { [weak self] in
            self?.assumeIsolated { $0.endStart() }
        }
        // Cancelled means that the call is over.
        while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }

    /// Whether a modem that may be the one is still being set up.
    ///
    /// One that was named may be any that has not said yet who it is.
    func isBeingPrepared(for wish: ModemWish) -> Bool {
        let unknown = wish.modem == nil ? [] : modems.filter { marks(of: $0).imei == nil }
        return (fitting(wish) + unknown).contains { leases[$0.id] != nil || isBeingPrepared($0) }
    }

    private func isBeingPrepared(_ modem: SupervisedModem) -> Bool {
        modem.assumeIsolated { modem in
            switch modem.machine.state {
            case .opening, .bringingUp, .settling: true
            // Gone for a moment, or about to be looked at.
            case .ready: modem.lack == nil
            case .absent, .leased, .blocked, .recovering, .awaitingReturn, .resting, .unusable, .stopped: false
            }
        }
    }

    /// Whether a call that named no modem waits for others than those that are ready: the first one may not be the best.
    func waitsForOthers(_ wish: ModemWish) -> Bool {
        guard purpose == .oneCall, wish.modem == nil, modems.count > 1, let startedAt else { return false }
        guard loop.now - startedAt < Self.choosesWithin else { return false }
        return !hasLooked
            || modems.contains { modem in
                modem.assumeIsolated { modem in
                    switch modem.machine.state {
                    case .opening, .bringingUp: true
                    case .absent, .ready, .leased, .settling, .blocked, .recovering, .awaitingReturn, .resting,
                        .unusable, .stopped:
                        false
                    }
                }
            }
    }

    /// Whether a call for help breaks off what is being done to a modem.
    ///
    /// Where all of it is done for that call, the modem is set up first: what is not known of it could be dialled wrongly.
    func mayInterrupt(_ modem: SupervisedModem) -> Bool {
        purpose == .service || modem.assumeIsolated { $0.machine.state } != .bringingUp
    }
}

extension ModemFleet {
    /// Returns when no modem has anything left of a call: one that may yet come up has been looked for, and what rings when
    /// nobody wants it any more is refused.
    package func comeToRest(refusing: Bool) async {
        for session in sessions {
            let hasRefused = refusing ? await session.refuse() : false
            if await session.mayComeUp || hasRefused { _ = await session.ensureIdle() }
        }
    }

    private var sessions: [ModemSession] {
        modems.compactMap { modem in modem.assumeIsolated { $0.connection?.session } }
    }
}
