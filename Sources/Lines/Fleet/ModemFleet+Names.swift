internal import CallModel
internal import DeviceDiscovery
internal import Glibc
internal import Logging
internal import Modem

extension ModemFleet {
    // MARK: Names and settings

    /// Takes other settings: names, PINs and ttys; a live call is not touched.
    package func configure(_ settings: FleetSettings) {
        self.settings = settings
        guard startedAt != nil, !isStopping else { return }
        matchTTYs()
        rename()
        for modem in modems {
            modem.assumeIsolated { modem in
                if case .card(.pin, _) = modem.machine.trouble { modem.handle(.retry) }
            }
        }
        _ = lookForTTYs()
        serve()
    }

    /// Gives each modem its name and what is set for it; each entry of the configuration fits one modem.
    func rename() {
        var used: Set<String> = []
        for modem in modems {
            let marks = marks(of: modem)
            let entry = settings.modems.first { !used.contains($0.name) && marks.fit($0) }
            let names = [entry?.name, marks.imei, marks.usbPath, marks.tty].compactMap(\.self)
            let name = names.first { !used.contains($0) }
            if let name { used.insert(name) }
            let own = settings(of: entry, marks)
            modem.assumeIsolated { modem in
                modem.name = name
                modem.settings = own
            }
        }
    }

    private func settings(of entry: ModemSettings?, _ marks: ModemMarks) -> SupervisedModem.Settings {
        var own = SupervisedModem.Settings()
        own.serial = entry?.tty != nil ? entry?.serial : nil
        own.sound = entry?.sound ?? ModemSound()
        own.bringUp.ledger = ledger
        own.bringUp.isForEmergency = purpose == .help
        // Who it is turns out only when the card is asked, so the entry is looked up then.
        own.bringUp.pinFor = { [modems = settings.modems] identity in
            var marks = marks
            marks.imei = identity.imei
            marks.iccid = identity.iccid
            return modems.first { marks.fit($0) }?.pin
        }
        return own
    }

    func marks(of modem: SupervisedModem) -> ModemMarks {
        modem.assumeIsolated { modem in
            ModemMarks(
                imei: modem.identity.imei,
                iccid: modem.identity.iccid,
                usbPath: modem.place.stick?.path,
                tty: modem.place.tty ?? modem.connection?.tty
            )
        }
    }

    /// Gives a modem that said who it is its name, and tells it from others.
    func recognise(_ modem: SupervisedModem) {
        let imei = marks(of: modem).imei
        if let imei, let twin = modems.first(where: { $0 !== modem && marks(of: $0).imei == imei }) {
            let state = view(twin).state
            if state == .absent, isStick(twin) {
                // It was moved to another socket.
                remove(twin)
            } else {
                let places = [modem, twin].compactMap { marks(of: $0).usbPath ?? marks(of: $0).tty }
                log.warning("two modems have the IMEI \(imei) (\(places.joined(separator: ", "))); both are kept")
            }
        }
        rename()
    }
}
