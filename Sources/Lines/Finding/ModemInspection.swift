internal import CallModel
package import DeviceDiscovery
package import Logging
package import Modem
package import SerialPort

/// One modem and what it says of itself, without setting it up: USB devices from libudev, the rest by asking.
package struct ModemInspection: Sendable {
    /// The USB device; nil for a tty that the user named.
    package var usb: USBModem?
    /// The tty that answers, or that the user named.
    package var tty: String?
    /// What it said; nil when it said nothing.
    package var survey: ModemSurvey?
    /// How it stands, as far as a look from outside can tell: `ready`, `starting`, `failed` or `absent`.
    package var state: LineState
    /// Why it is not ready, or what else is to be known.
    package var reason: String?
    /// Why no call can be made with it; nil when one can be tried.
    package var obstacle: ModemError?
    /// Why no tty of it could be opened.
    package var failure: SerialError?

    // MARK: Looking

    /// Looks at several modems at once and returns them in the order given.
    package static func inspect(_ modems: [USBModem], log: Logger) async -> [ModemInspection] {
        await inspect(modems, patience: PortSearch.Patience(), log: log)
    }

    /// The same with a patience of one's own.
    package static func inspect(
        _ modems: [USBModem],
        patience: PortSearch.Patience,
        log: Logger
    ) async -> [ModemInspection] {
        await inOrder(modems) { await inspect($0, patience, log) }
    }

    /// Looks at the modems behind several ttys at once and returns them in the order given.
    package static func inspect(ttys: [String], log: Logger) async -> [ModemInspection] {
        await inspect(ttys: ttys, patience: PortSearch.Patience(), log: log)
    }

    /// The same with a patience of one's own.
    package static func inspect(
        ttys: [String],
        patience: PortSearch.Patience,
        log: Logger
    ) async -> [ModemInspection] {
        await inOrder(ttys) { await inspect(tty: $0, patience, log) }
    }

    private static func inOrder<Subject: Sendable>(
        _ subjects: [Subject],
        _ look: @escaping @Sendable (Subject) async -> ModemInspection
    ) async -> [ModemInspection] {
        await withTaskGroup(of: (Int, ModemInspection).self) { group in
            for (index, subject) in subjects.enumerated() { group.addTask { (index, await look(subject)) } }
            var found: [(Int, ModemInspection)] = []
            for await inspection in group { found.append(inspection) }
            return found.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private static func inspect(tty: String, _ patience: PortSearch.Patience, _ log: Logger) async -> ModemInspection {
        switch await PortSearch.contact(tty, patience: patience, log: log) {
        case .answers(let port): return await survey(port, at: tty, of: nil, within: patience.survey)
        case .fails(let error):
            let state: LineState = if case .notFound = error { .absent } else { .failed }
            return ModemInspection(tty: tty, state: state, reason: error.description, failure: error)
        case .silent, .graceIsOver:
            let reason = ModemError.deaf.description
            return ModemInspection(tty: tty, state: .failed, reason: reason, obstacle: .deaf)
        }
    }

    private static func inspect(
        _ modem: USBModem,
        _ patience: PortSearch.Patience,
        _ log: Logger
    ) async -> ModemInspection {
        guard modem.condition.mayBeProbed else {
            return ModemInspection(usb: modem, state: .failed, reason: modem.obstacle)
        }
        let result = await PortSearch.firstAnswering(of: modem.commandPorts, patience: patience, log: log)
        guard let found = result.found else {
            // A port that can't be opened explains more than one that is silent.
            let reason =
                result.failures.first?.error.description
                ?? "none of its ttys answers AT; unplug it and plug it in again"
            let tty = modem.commandPorts.first?.path
            let failure = result.failures.first?.error
            return ModemInspection(usb: modem, tty: tty, state: .failed, reason: reason, failure: failure)
        }
        return await survey(found.port, at: found.tty.path, of: modem, within: patience.survey)
    }

    private static func survey(
        _ port: ModemPort,
        at tty: String,
        of modem: USBModem?,
        within limit: Duration
    ) async -> ModemInspection {
        var inspection = ModemInspection(usb: modem, tty: tty, state: .failed)
        do throws(ModemError) {
            let survey = try await port.session.survey(within: limit)
            inspection.survey = survey
            inspection.judge(survey)
        } catch {
            inspection.reason = error.description
            inspection.obstacle = error
        }
        await port.close()
        return inspection
    }

    private mutating func judge(_ survey: ModemSurvey) {
        obstacle = survey.obstacle
        if case .dataOnly(let reason) = usb?.condition {
            obstacle = .noService(reason)
            (state, self.reason) = (.failed, reason)
        } else if survey.sim == .busy {
            (state, reason) = (.starting, "the SIM card is not ready yet")
        } else if let obstacle {
            let isSearching = survey.registration.verdict == .searching
            (state, reason) = (isSearching ? .starting : .failed, obstacle.description)
        } else if case .dataOnly = survey.registration.verdict {
            (state, reason) = (.ready, survey.registration.explanation)
        } else {
            (state, reason) = (.ready, survey.isComplete ? nil : "slow to answer: not everything could be asked")
        }
    }
}

// MARK: Choosing

extension ModemInspection {
    /// The sticks to set up for one call: the one that is meant, or the best of all.
    ///
    /// The others are asked who they are and how they stand, which changes nothing and tries no PIN.
    ///
    /// - Parameters:
    ///   - reference: a configured name, an IMEI or a USB path; nil for any.
    ///   - isForHelp: whether one without card or network will do.
    package static func wanted(
        _ reference: String?,
        among sticks: [USBModem],
        with settings: FleetSettings,
        isForHelp: Bool,
        log: Logger
    ) async -> [USBModem] {
        let sticks = sticks.filter { $0.condition != .serialAdapter }
        let isMeant = { (marks: ModemMarks) -> Bool in
            guard let reference else { return true }
            return settings.modem(reference).map { marks.fit($0) } ?? marks.fit(reference)
        }
        if reference == nil, sticks.count < 2 { return sticks }
        // One that is meant by its socket needs no question.
        if reference != nil, let stick = sticks.first(where: { isMeant(ModemMarks(usbPath: $0.path)) }) {
            return [stick]
        }
        let fitting = await inspect(sticks, log: log)
            .filter { inspection in
                let known = inspection.survey?.identity
                return isMeant(
                    ModemMarks(
                        imei: known?.imei,
                        iccid: known?.iccid,
                        usbPath: inspection.usb?.path,
                        tty: inspection.tty
                    )
                )
            }
        let best = fitting.min { $0.preference(isForHelp) < $1.preference(isForHelp) }
        return [best?.usb].compactMap(\.self)
    }

    /// Smaller is better: ready ones, then those that may become so, then those that say anything at all; those sure of voice
    /// first, then the best received.
    private func preference(_ isForHelp: Bool) -> (Int, Int, Int) {
        let state =
            switch (state, obstacle) {
            case (.ready, _): 0
            // Its PIN may be configured.
            case (_, .pinMissing?): 1
            case (.starting, _): 2
            default: survey == nil ? 4 : 3
            }
        let isUsable = isForHelp && survey != nil
        return (isUsable ? min(state, 1) : state, survey?.voice == .yes ? 0 : 1, -(survey?.signal ?? -200))
    }
}

extension USBModem {
    /// Why the stick can't be used as it is, and what to do; nil when its ports may be tried.
    var obstacle: String? {
        guard !condition.mayBeProbed else { return nil }
        let remedy = condition.remedy(for: id).map { "; \($0)" } ?? ""
        return (condition.explanation ?? condition.word) + remedy
    }
}

extension LineStatus {
    /// Creates the status of a modem that was looked at without being set up.
    package init(_ inspection: ModemInspection) {
        let survey = inspection.survey
        self.init(
            name: survey?.identity.imei ?? inspection.usb?.path ?? inspection.tty,
            state: inspection.state,
            reason: inspection.reason
        )
        tty = inspection.tty
        stick = inspection.usb
        usbPath = inspection.usb?.path
        guard let survey else { return }
        identity = survey.identity
        family = survey.family
        radios = survey.radios
        voice = survey.voice
        if let stick = inspection.usb { sound = survey.sound?.words(SoundPlaces(ModemSound(), on: stick)) }
        var health = ModemHealth()
        health.sim = survey.sim
        health.operatorName = survey.operatorName
        health.registration = survey.registration
        health.technology = survey.technology
        health.networkCode = survey.networkCode
        health.signal = survey.signal
        self.health = health
    }
}
