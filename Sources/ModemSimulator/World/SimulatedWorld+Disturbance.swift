// What a test or a tool does to a modem while the world runs.
extension SimulatedWorld {
    /// Replaces what goes wrong on a modem from now on; each fault may strike anew.
    ///
    /// What a modem is at power-on (`numeric-results`) changes with its next start.
    package mutating func setFaults(_ faults: [SimulatedFault], of modem: Int) {
        guard modems.indices.contains(modem) else { return }
        modems[modem].faults = FaultState(faults)
    }

    /// Has a modem write unsolicited bytes, again and again; a restart of the modem ends it.
    ///
    /// - Parameters:
    ///   - bytes: what it writes each time; line ends are the caller's business.
    ///   - pause: between two times; at least 1 ms.
    ///   - length: how long it goes on.
    package mutating func chatter(
        _ bytes: [UInt8],
        every pause: Duration,
        for length: Duration,
        on modem: Int,
        at now: ContinuousClock.Instant
    ) {
        let now = run(until: now)
        guard modems.indices.contains(modem), modems[modem].isPlugged else { return }
        let pause = max(.milliseconds(1), pause)
        agenda.add(.modem(modem, .chatter(bytes, every: pause, until: now + length)), at: now)
    }

    /// Restarts a modem that stays on the bus: its calls are lost, its settings are those after power-on, and it is
    /// deaf for as long as its profile says (`replugDelay`).
    package mutating func restart(_ modem: Int, at now: ContinuousClock.Instant) {
        let now = run(until: now)
        guard modems.indices.contains(modem) else { return }
        reboot(modem, isQuiet: false, now)
    }

    /// What a program has set on a modem, as a line for people; equal lines are equal settings.
    package func settings(of modem: Int) -> String {
        guard modems.indices.contains(modem) else { return "" }
        let settings = modems[modem].settings
        let reports = settings.registrationReports.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let flags = settings.flags.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        let plain = [
            "E\(settings.echo ? 1 : 0)", "V\(settings.verbose ? 1 : 0)", "Q\(settings.quiet ? 1 : 0)",
            "X\(settings.resultSelection)", "S0=\(settings.autoAnswerRings)", "+CMEE=\(settings.errorReports)",
            "+CLIP=\(settings.callerID)", "+CRC=\(settings.extendedRing)", "+CVHU=\(settings.voiceHangUp)",
            "+CFUN=\(settings.functionality)", "+CSCS=\(settings.characters)",
        ]
        return (plain + reports + flags).joined(separator: " ")
    }

    mutating func chatter(_ bytes: [UInt8], every pause: Duration, until end: Instant, _ modem: Int, _ now: Instant) {
        write(bytes, modem, now)
        guard now + pause <= end else { return }
        agenda.add(.modem(modem, .chatter(bytes, every: pause, until: end)), at: now + pause)
    }
}
