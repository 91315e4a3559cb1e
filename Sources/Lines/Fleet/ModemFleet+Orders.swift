internal import DeviceDiscovery
internal import Logging

// What a person wants done with a modem that has no call.
extension ModemFleet {
    private static let talkEndsWithin = Duration.seconds(20)

    /// Takes a modem out of service, until ``switchOn(_:)`` or the end of the service.
    ///
    /// - Returns: how it stands then.
    package func switchOff(_ reference: String) async throws(FleetError) -> LineStatus {
        try await afterTalk(with: reference) { fleet throws(FleetError) in try fleet.takeOut(reference) }
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
        try await afterTalk(with: reference) { fleet throws(FleetError) in try fleet.takeIn(reference) }
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
        try await afterTalk(with: reference) { fleet throws(FleetError) in try fleet.startAnew(reference) }
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

    /// Carries out an order once nobody talks to the modem.
    private func afterTalk(
        with reference: String,
        _ order: (isolated ModemFleet) throws(FleetError) -> LineStatus
    ) async throws(FleetError) -> LineStatus {
        let lease = await untilTalkEnds(reference)
        // In one turn with the order: else who waits behind it would have the modem again.
        servesNobody = true
        if let lease { takeBack(lease.id, isClean: true) }
        defer {
            servesNobody = false
            // What the order itself has freed waits for this as well.
            serve()
        }
        return try order(self)
    }

    /// Waits for a look at messages or phone book, which has the modem for some seconds, and takes it then.
    private func untilTalkEnds(_ reference: String) async -> ModemLease? {
        guard let modem = fitting(ModemWish(modem: reference)).first else { return nil }
        switch leases[modem.id]?.leaseClass {
        case nil, .call?, .help?: return nil
        case .maintenance?, .message?: break
        }
        let wish = ModemWish(modem: reference, for: .maintenance)
        // Where it does not end, what has the modem is said behind it.
        return try? await lease(wish, within: Self.talkEndsWithin)
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
