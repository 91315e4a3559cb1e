package import NetworkSimulator

/// Simulated modems and the telephone network behind them, without clock and I/O.
///
/// Feed it what a program writes with ``receive(_:from:at:)``, let time pass with ``advance(to:)``, which returns what
/// the modems write and what happens at the far side. Equal inputs at equal times give equal outputs. Time never goes
/// backwards: an earlier instant counts as the latest one seen.
package struct SimulatedWorld: Sendable {
    /// The numbers that can be called; may be changed while the world runs.
    package var network: SimulatedNetwork
    /// The PBX that holds callers and places calls; its settings may be changed while the world runs.
    package var pbx: SimulatedPBX
    /// What the program under test did wrong, oldest first; bounded.
    package var violations: [ProtocolViolation] { observed.filter { !$0.isRepeatedProbe } }
    var observed: [ProtocolViolation] = []

    /// The service centre for messages; may be changed while the world runs.
    package var messages = MessageCentre()

    /// What the far side of each call has heard and said, by the call's number.
    var talks: [Int: Talk] = [:]
    var modems: [SimulatedModem] = []
    var agenda = Agenda()
    var table = CallTable()
    var outputs: [WorldOutput] = []
    var clock: ContinuousClock.Instant?
    /// The first instant.
    var began: ContinuousClock.Instant?
    var random: SeededRandom

    static let violationLimit = 1000
    static let logLimit = 4000
    /// How long the network holds up the call of a modem that vanished (the radio link timeout).
    static let radioLinkTimeout = Duration.seconds(2)

    package init(seed: UInt64 = 1, network: SimulatedNetwork = .standard) {
        self.network = network
        self.pbx = SimulatedPBX(seed: seed)
        self.random = SeededRandom(seed: seed)
    }

    /// Adds a modem, switched on and settled, and returns its index.
    package mutating func addModem(_ profile: ModemProfile) -> Int {
        let index = modems.count
        modems.append(SimulatedModem(number: index, profile: profile))
        if let clock { settle(index, clock) }
        return index
    }

    /// The profiles of the modems, by index.
    package var profiles: [ModemProfile] { modems.map(\.profile) }

    /// Takes what a program wrote to a modem.
    package mutating func receive(
        _ bytes: some Sequence<UInt8>,
        from modem: Int,
        at now: ContinuousClock.Instant
    ) {
        let now = run(until: now)
        guard modems.indices.contains(modem) else { return }
        for byte in bytes { accept(byte, modem, now) }
        refreshVoice(modem, now)
    }

    /// Lets time pass and returns everything that was due, in order.
    package mutating func advance(to now: ContinuousClock.Instant) -> [WorldOutput] {
        run(until: now)
        defer { outputs = [] }
        return outputs
    }

    /// When ``advance(to:)`` will next have something to do; nil when nothing is planned.
    package var nextDeadline: ContinuousClock.Instant? {
        outputs.isEmpty ? agenda.next : clock ?? agenda.next
    }

    /// Every call so far, oldest first; of very many only the last are kept.
    package var calls: [SimulatedCall] { table.calls }

    /// How many calls the network still holds up for a modem.
    package func liveCalls(of modem: Int) -> Int { table.calls.count { $0.modem == modem && $0.isLive } }

    /// Whether a modem is on the bus.
    package func isPlugged(_ modem: Int) -> Bool { modems.indices.contains(modem) && modems[modem].isPlugged }

    /// The command lines that a modem has executed, without `AT`'s echo and in capitals; bounded.
    package func commands(of modem: Int) -> [String] { modems.indices.contains(modem) ? modems[modem].log : [] }

    /// How many dial commands a modem has executed since the world began.
    package func dialCommands(of modem: Int) -> Int { modems.indices.contains(modem) ? modems[modem].dialCommands : 0 }

    /// The PINs that were tried on a modem's SIM, in order.
    package func pinAttempts(of modem: Int) -> [String] {
        modems.indices.contains(modem) ? modems[modem].sim.attempts : []
    }

    /// Calls a modem from outside and returns the call's number.
    ///
    /// The caller gives up after `givesUpAfter`. An empty `caller` is a withheld number. A modem that can't be reached,
    /// or is in a call and has no call waiting, ends the call at once.
    @discardableResult
    package mutating func ring(
        modem: Int,
        from caller: String,
        at now: ContinuousClock.Instant,
        givesUpAfter: Duration = .seconds(30)
    ) -> Int? {
        let now = run(until: now)
        guard modems.indices.contains(modem) else { return nil }
        let call = startIncoming(modem, caller: caller, peer: nil, now)
        agenda.add(.network(call, .end(by: .farSide, cause: 16)), at: now + givesUpAfter)
        return call
    }

    /// Hangs up a call at the far side.
    package mutating func hangUpFarSide(call: Int, at now: ContinuousClock.Instant) {
        let now = run(until: now)
        end(call, by: .farSide, cause: 16, now)
    }

    /// Pulls a modem off the bus; it stays away until ``replug(_:at:)``, even if a fault or a reset had planned its
    /// return.
    package mutating func unplug(_ modem: Int, at now: ContinuousClock.Instant) {
        let now = run(until: now)
        agenda.forget(plugging: modem)
        pull(modem, now)
    }

    /// Plugs a modem in again.
    package mutating func replug(_ modem: Int, at now: ContinuousClock.Instant) {
        let now = run(until: now)
        plug(modem, now)
    }

    /// Has a modem hear and say nothing any more, while its ports stay open.
    package mutating func deafen(_ modem: Int) { modems[modem].isDeaf = true }

    /// Changes how a modem is registered, as if it had moved.
    package mutating func setRegistration(
        _ registration: NetworkRegistration,
        of modem: Int,
        at now: ContinuousClock.Instant
    ) {
        let now = run(until: now)
        guard modems.indices.contains(modem) else { return }
        changeRegistration(modem, to: registration, now)
    }

    /// Changes the signal strength of a modem: 0 to 31, 99 for unknown.
    package mutating func setSignal(_ signal: Int, of modem: Int, at now: ContinuousClock.Instant) {
        run(until: now)
        guard modems.indices.contains(modem) else { return }
        modems[modem].signal = (0...31).contains(signal) ? signal : 99
    }

    /// Does what is due and returns the present, which is never earlier than before.
    @discardableResult
    mutating func run(until now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        if clock == nil {
            clock = now
            began = now
            for modem in modems.indices { settle(modem, now) }
        }
        let now = max(now, clock ?? now)
        while let entry = agenda.takeDue(at: now) {
            clock = max(entry.time, clock ?? entry.time)
            perform(entry.event, entry.time)
        }
        clock = now
        return now
    }

    private mutating func perform(_ event: WorldEvent, _ now: ContinuousClock.Instant) {
        switch event {
        case .network(let call, let step): perform(step, call, now)
        case .modem(let modem, let event): perform(event, modem, now)
        case .pbx(let step): perform(step, now)
        case .message(let step): perform(step, now)
        case .unplug(let modem): pull(modem, now)
        case .reboot(let modem, let isQuiet): reboot(modem, isQuiet: isQuiet, now)
        case .plug(let modem): plug(modem, now)
        }
    }
}
