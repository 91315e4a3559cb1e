internal import CallModel
internal import Modem

// Which modem fits a wish, and what each has done.
extension ModemFleet {
    /// What a modem has done so far.
    struct Record {
        var calls = 0
        /// The number of its last call, counted over all modems.
        var lastCall = 0
    }

    /// The most modems whose calls are counted.
    private static let recordLimit = 256

    func fitting(_ wish: ModemWish) -> [SupervisedModem] {
        guard let reference = wish.modem else {
            guard !wish.without.isEmpty else { return modems }
            return modems.filter { modem in modem.assumeIsolated { !wish.without.contains($0.name ?? "") } }
        }
        let entry = settings.modem(reference)
        let named = modems.filter { modem in modem.assumeIsolated { $0.name == (entry?.name ?? reference) } }
        if !named.isEmpty { return named }
        return modems.filter { marks(of: $0).fit(reference) }
    }

    func candidate(_ modem: SupervisedModem) -> ModemCandidate {
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

    func count(_ modem: SupervisedModem) {
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
}
