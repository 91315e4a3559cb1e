internal import DeviceDiscovery
internal import Logging

// What a person wants done with a modem that has no call.
extension ModemFleet {
    private static let talkEndsWithin = Duration.seconds(20)

    /// Takes a modem out of service, until ``switchOn(_:)`` or the end of the service.
    ///
    /// - Returns: how it stands then.
    package func switchOff(_ reference: String) async throws(FleetError) -> LineStatus {
        await untilTalkEnds(reference)
        return try takeOut(reference)
    }

    private func takeOut(_ reference: String) throws(FleetError) -> LineStatus {
        let modem = try idle(reference)
        let isSettling = modem.assumeIsolated { modem in
            if case .settling = modem.machine.state { true } else { false }
        }
        guard !isSettling else {
            throw .conflict("it is being seen to that the last call is over; try again in some seconds")
        }
        switchedOff.insert(modem.assumeIsolated { $0.place.name })
        modem.assumeIsolated { $0.switchOff(true) }
        log.notice("switched off by hand", metadata: ["modem": "\(view(modem).name ?? reference)"])
        return view(modem)
    }

    /// Takes a modem into service again.
    ///
    /// - Returns: how it stands then.
    package func switchOn(_ reference: String) async throws(FleetError) -> LineStatus {
        await untilTalkEnds(reference)
        return try takeIn(reference)
    }

    private func takeIn(_ reference: String) throws(FleetError) -> LineStatus {
        let modem = try idle(reference)
        switchedOff.remove(modem.assumeIsolated { $0.place.name })
        modem.assumeIsolated { modem in
            modem.switchOff(false)
            modem.handle(.retry)
        }
        log.notice("switched on by hand", metadata: ["modem": "\(view(modem).name ?? reference)"])
        return view(modem)
    }

    /// Has a modem start anew.
    ///
    /// - Returns: how it stands then.
    package func restart(_ reference: String) async throws(FleetError) -> LineStatus {
        await untilTalkEnds(reference)
        return try startAnew(reference)
    }

    private func startAnew(_ reference: String) throws(FleetError) -> LineStatus {
        let modem = try idle(reference)
        guard !modem.assumeIsolated({ $0.isSwitchedOff }) else {
            throw .conflict("the modem is switched off; switch it on")
        }
        let isRestarting = modem.assumeIsolated { modem in
            modem.handle(.restart)
            if case .recovering = modem.machine.state { return true }
            return false
        }
        guard isRestarting else {
            throw .conflict("the modem can't be restarted now: \(view(modem).reason ?? "it is not ready for that")")
        }
        return view(modem)
    }

    /// Waits for a look at messages or phone book, which has the modem for some seconds.
    private func untilTalkEnds(_ reference: String) async {
        guard let modem = fitting(ModemWish(modem: reference)).first else { return }
        switch leases[modem.id]?.leaseClass {
        case nil, .call?, .help?: return
        case .maintenance?, .message?: break
        }
        let wish = ModemWish(modem: reference, for: .maintenance)
        if let lease = try? await lease(wish, within: Self.talkEndsWithin) { await lease.giveBack(clean: true) }
    }

    /// The modem behind a name, which must not be lent.
    private func idle(_ reference: String) throws(FleetError) -> SupervisedModem {
        guard let modem = fitting(ModemWish(modem: reference)).first else { throw .unknownModem(reference) }
        switch leases[modem.id]?.leaseClass {
        case nil: return modem
        case .call, .help: throw .conflict("the modem has a call; hang that up first")
        case .maintenance, .message: throw .conflict("the modem is being talked to; try again in some seconds")
        }
    }
}

extension ModemPlace {
    /// What a place is called: its USB path, or its tty.
    var name: String { stick?.path ?? tty ?? "" }
}
