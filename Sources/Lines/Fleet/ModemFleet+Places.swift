internal import DeviceDiscovery
internal import Logging
internal import Modem

extension ModemFleet {
    // MARK: Sticks

    func followBus(_ event: DiscoveryEvent) {
        switch event {
        case .found(let stick), .changed(let stick): admit(stick)
        case .lost(let stick):
            modem(at: stick.path)?.assumeIsolated { $0.handle(.vanished) }
        }
    }

    private func admit(_ stick: USBModem) {
        // Boards and cables are modems only where the configuration names their tty.
        if stick.condition == .serialAdapter || stick.condition == .excluded { return }
        if let owner = modems.first(where: { owns($0, stick) }) {
            return log.debug("\(stick.path): one of its ports is configured as \(view(owner).name ?? "a modem")")
        }
        let modem = modem(at: stick.path) ?? add(.stick(stick))
        unconfirmed.remove(modem.id)
        modem.assumeIsolated { $0.appear(at: .stick(stick)) }
    }

    private func modem(at path: String) -> SupervisedModem? {
        modems.first { modem in modem.assumeIsolated { $0.place.stick?.path == path } }
    }

    func isStick(_ modem: SupervisedModem) -> Bool { modem.assumeIsolated { $0.place.stick != nil } }

    /// Whether a modem with a named tty sits on one of a stick's ports.
    private func owns(_ modem: SupervisedModem, _ stick: USBModem) -> Bool {
        guard let tty = modem.assumeIsolated({ $0.place.tty }) else { return false }
        let device = source.resolved(tty)
        return stick.ports.contains { $0.path == tty || $0.path == device }
    }

    func dropUnconfirmed() {
        for modem in modems where unconfirmed.contains(modem.id) {
            modem.assumeIsolated { $0.handle(.vanished) }
        }
        unconfirmed = []
    }

    /// A stick that is gone, and not expected back, leaves the list; what is configured for it stays there as absent.
    func forgetIfGone(_ modem: SupervisedModem) {
        guard isStick(modem), modem.assumeIsolated({ $0.machine.state }) == .absent else { return }
        remove(modem)
    }

    func remove(_ modem: SupervisedModem) {
        modems.removeAll { $0 === modem }
        leases = leases.filter { $0.value.modem !== modem }
        Task(executorPreference: loop.taskExecutor) { await modem.stop() }
        rename()
        serve()
    }

    private func add(_ place: ModemPlace) -> SupervisedModem {
        let tools = SupervisedModem.Tools(
            source: source,
            loop: loop,
            log: log,
            limits: limits,
            isForOneCall: purpose != .service,
            adopt: hooks.adopt,
            mayHaveCall: hooks.mayHaveCall
        )
        let modem = SupervisedModem(id: nextID, place: place, tools: tools) { [weak self] modem, change in
            self?.assumeIsolated { $0.follow(change, of: modem) }
        }
        nextID += 1
        if switchedOff.contains(place.name) { modem.assumeIsolated { $0.switchOff(true) } }
        modems.append(modem)
        rename()
        return modem
    }

    // MARK: Ttys that are configured

    /// Makes the modems with a tty those of the configuration; one in a call stays until the call is over.
    func matchTTYs() {
        let wanted = settings.modems.compactMap(\.tty)
        for modem in modems {
            guard let tty = modem.assumeIsolated({ $0.place.tty }), !wanted.contains(tty), leases[modem.id] == nil
            else {
                continue
            }
            modem.assumeIsolated { $0.handle(.vanished) }
            remove(modem)
        }
        let present = modems.compactMap { modem in modem.assumeIsolated { $0.place.tty } }
        for tty in wanted where !present.contains(tty) { _ = add(.tty(tty)) }
    }

    /// Notices ttys that came or went.
    ///
    /// - Returns: whether one is missing.
    func lookForTTYs() -> Bool {
        var isAwaited = false
        for modem in modems {
            guard let tty = modem.assumeIsolated({ $0.place.tty }) else { continue }
            // One that is named for one call is opened: that says best what is wrong with it.
            let isThere = purpose != .service || source.isThere(tty)
            modem.assumeIsolated { modem in
                let isOpen = modem.connection != nil
                if !isThere, !isOpen { modem.handle(.vanished) }
                // Also one that a restart took away: it is back when its tty is.
                if isThere, modem.machine.state == .absent || modem.machine.isAway { modem.appear(at: .tty(tty)) }
                isAwaited = isAwaited || !isOpen
            }
            if isThere { freePorts(behind: tty, for: modem) }
        }
        return isAwaited
    }

    /// A tty that is named belongs to that name, also where its stick was found first.
    private func freePorts(behind tty: String, for owner: SupervisedModem) {
        let other = modems.first { modem in
            guard modem !== owner, leases[modem.id] == nil, let stick = modem.assumeIsolated({ $0.place.stick }) else {
                return false
            }
            return owns(owner, stick)
        }
        guard let other else { return }
        other.assumeIsolated { $0.handle(.vanished) }
        remove(other)
    }
}
