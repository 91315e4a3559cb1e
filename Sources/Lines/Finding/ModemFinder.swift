internal import CallModel
internal import DeviceDiscovery
package import Logging
internal import Modem
internal import TextCoding

/// Finds a modem for one call without the service.
package enum ModemFinder {
    /// A modem that was found.
    package struct Found: Sendable {
        /// The tty that answers.
        package var tty: String
        /// What it is called: its configured name, or its IMEI.
        package var name: String
        /// What is configured for it.
        package var entry: ModemSettings?
    }

    /// Asks every stick on the bus and chooses the one that is meant, or the best.
    ///
    /// - Parameters:
    ///   - reference: a configured name, an IMEI or a USB path; nil for the best that can call.
    ///   - isForEmergency: whether one without card or network will do.
    /// - Throws: why there is none.
    package static func find(
        _ reference: String?,
        with settings: FleetSettings,
        isForEmergency: Bool = false,
        log: Logger
    ) async throws(FleetError) -> Found {
        let sticks: [USBModem]
        do throws(DiscoveryError) {
            sticks = try DeviceDiscovery.enumerate().filter { $0.condition != .serialAdapter }
        } catch {
            throw .noModem(error.description)
        }
        // Ttys that are configured need not be known to udev.
        let ttys = settings.modems.compactMap(\.tty)
        async let named = ModemInspection.inspect(ttys: reference == nil ? ttys : [], log: log)
        let inspections = await ModemInspection.inspect(sticks, log: log) + named
        return try choose(reference, among: inspections, settings, isForEmergency: isForEmergency)
    }

    static func choose(
        _ reference: String?,
        among inspections: [ModemInspection],
        _ settings: FleetSettings,
        isForEmergency: Bool
    ) throws(FleetError) -> Found {
        let entry = reference.flatMap { settings.modem($0) }
        let fitting = inspections.filter { inspection in
            guard let reference else { return true }
            return entry.map { inspection.marks.fit($0) } ?? inspection.marks.fit(reference)
        }
        if fitting.isEmpty {
            guard let reference else { throw .noModem("no modem was found: plug one in, or name its tty with --modem") }
            if entry == nil { throw .unknownModem(reference) }
            throw .noModem("the modem \(reference.quoted) is not there")
        }
        // A card whose PIN is configured is unlocked when the modem is set up.
        let able = fitting.map { inspection in
            var inspection = inspection
            let entry = settings.modems.first { inspection.marks.fit($0) }
            if inspection.obstacle == .pinMissing, entry?.pin != nil { inspection.state = .ready }
            return inspection
        }
        let best = ModemInspection.best(of: able) ?? (isForEmergency ? fitting.first { $0.survey != nil } : nil)
        guard let best, let tty = best.tty else {
            let errors = fitting.map { inspection -> FleetError in
                let reason = inspection.reason ?? "not usable"
                switch inspection.obstacle?.category {
                case .noService: return .noService(reason)
                case .sim: return .sim(reason)
                case .failed, .unusable, nil: return .noModem(reason)
                }
            }
            throw errors.max { $0.nearness < $1.nearness } ?? .noModem("no modem is usable")
        }
        let own = settings.modems.first { best.marks.fit($0) }
        return Found(tty: tty, name: own?.name ?? best.survey?.identity.imei ?? tty, entry: own)
    }
}

extension ModemInspection {
    var marks: ModemMarks {
        ModemMarks(imei: survey?.identity.imei, iccid: survey?.identity.iccid, usbPath: usb?.path, tty: tty)
    }
}
