internal import DeviceDiscovery
internal import GatewayAPI
internal import Logging

extension ModemFleet {
    /// Does what a person wants with a modem that has no call.
    ///
    /// - Returns: how it stands then.
    func perform(_ order: ModemOrder, on reference: String) throws(ControlError) -> ModemStatus {
        guard let modem = fitting(ModemWish(modem: reference)).first else {
            throw .notFound("the service has no modem \(reference); `gsmbridge modems` lists those it has")
        }
        guard leases[modem.id] == nil else { throw .conflict("the modem has a call; hang that up first") }
        let (place, isOff) = modem.assumeIsolated { ($0.place.name, $0.isSwitchedOff) }
        switch order {
        case .off:
            let isSettling = modem.assumeIsolated { modem in
                if case .settling = modem.machine.state { true } else { false }
            }
            guard !isSettling else {
                throw .conflict("it is being seen to that the last call is over; try again in some seconds")
            }
            switchedOff.insert(place)
            modem.assumeIsolated { $0.switchOff(true) }
            log.notice("switched off by hand", metadata: ["modem": "\(view(modem).name ?? reference)"])
        case .on:
            switchedOff.remove(place)
            modem.assumeIsolated { modem in
                modem.switchOff(false)
                modem.handle(.retry)
            }
            log.notice("switched on by hand", metadata: ["modem": "\(view(modem).name ?? reference)"])
        case .restart:
            guard !isOff else { throw .conflict("the modem is switched off; switch it on") }
            let isRestarting = modem.assumeIsolated { modem in
                modem.handle(.restart)
                if case .recovering = modem.machine.state { return true }
                return false
            }
            guard isRestarting else {
                throw .conflict("the modem can't be restarted now: \(view(modem).reason ?? "it is not ready for that")")
            }
        }
        return view(modem)
    }
}

extension ModemPlace {
    /// What a place is called: its USB path, or its tty.
    var name: String { stick?.path ?? tty ?? "" }
}
