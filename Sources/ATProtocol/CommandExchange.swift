/// The exchange of commands and answers over one AT port, without any I/O.
///
/// One command is in flight at a time. A command that is not answered in time fails at once, but its answer may still
/// come; taken for the answer of the next command it would shift every following pair by one. So the exchange first
/// *drains* (waits for the late answer or for silence), then sends a bare `AT` until that is answered cleanly, and only
/// then goes on. Unsolicited lines are delivered in every state: a `RING` is never lost to a clean-up.
///
/// | state | OK, ERROR, … | line of the answer | other line | deadline |
/// |---|---|---|---|---|
/// | idle | noted as stray | indication | indication | – |
/// | waiting | finishes the command; `NO CARRIER` to `ATA`: guarding | kept | indication | fails it; draining |
/// | draining | late: probing | dropped | indication | probing |
/// | probing (`AT`, or what broke a command off, sent) | settling | dropped | indication | `AT` again, at last unresponsive |
/// | settling | dropped, waits on, 1 s at most | dropped | indication | idle, next command |
/// | guarding | dropped, an owed answer came | indication | indication | idle, next command |
/// | unresponsive | noted as stray | indication | indication | – |
/// | closed | ignored | ignored | ignored | – |
///
/// An urgent command (a hang-up, an answer to a ring, a call for help) waits for none of this longer than 2 s, no
/// matter what comes in:
///
/// | state | with an urgent command waiting |
/// |---|---|
/// | waiting for a typed command | that is broken off by a character (V.250 §5.6.1); draining |
/// | waiting for another that is not urgent | fails it after 1.5 s; draining |
/// | waiting for a dial command | waits; ``abandon(by:at:)`` is for that |
/// | draining, probing | written after the late answer, or after 0.4 s |
/// | settling, guarding | written at once |
package struct CommandExchange: Sendable, Equatable {
    private struct Pending: Sendable, Equatable {
        var id: Int
        var command: ATCommand
        var isUrgent = false
    }

    struct InFlight: Sendable, Equatable {
        var id: Int
        var command: ATCommand
        var isUrgent: Bool
        var since: ContinuousClock.Instant
        /// Whether it is to be broken off as soon as the modem takes notice of that.
        var isUnwanted = false
        var lines: [ATLine] = []
    }

    enum State: Sendable, Equatable {
        case idle
        case waiting(InFlight)
        case draining(of: ATCommand, hardLimit: ContinuousClock.Instant)
        case probing(of: ATCommand, attempt: Int)
        case settling(of: ATCommand, hardLimit: ContinuousClock.Instant)
        case guarding(hardLimit: ContinuousClock.Instant)
        case unresponsive
        case closed
    }

    let limits: Limits
    var state: State = .idle
    /// At most ``Limits/queue`` commands, and ``Limits/urgent`` urgent ones before them.
    private var queue: [Pending] = []
    private var nextID = 0
    /// Answers that never came, and until when one of them may still turn up.
    private var owed = 0
    private var owedUntil: ContinuousClock.Instant?
    /// The last four commands, to know an echo when it comes late.
    private(set) var recent: [String] = []
    private var deadline: ContinuousClock.Instant?
    /// Whether results come as words: from then on a bare digit is noise, not a result.
    var speaksWords = false
    /// When a prompt was last left.
    var promptLeftAt: ContinuousClock.Instant?
    /// The command whose text was last written behind its prompt: what is known of it if no answer comes.
    package var lastPrompted: Int?

    package init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Whether a command is being answered, or the exchange is being put right.
    package var isBusy: Bool {
        switch state {
        case .idle, .unresponsive, .closed: !queue.isEmpty
        case .waiting, .draining, .probing, .settling, .guarding: true
        }
    }

    /// Whether the command in flight is one that ends with the call's fate (`ATD`, `ATA`).
    package var isWaitingForCall: Bool {
        guard case .waiting(let flight) = state else { return false }
        return flight.command.kind == .call
    }

    /// Whether the modem has stopped answering.
    package var isUnresponsive: Bool { if case .unresponsive = state { true } else { false } }

    // MARK: Commands

    /// Takes a command: writes it when nothing is in flight, else queues it.
    ///
    /// - Parameter isUrgent: whether it goes before everything that waits and waits for nothing for long, as the answer to
    ///   a ring and a hang-up do; it is taken however many others wait.
    /// - Returns: the id under which ``Step/finish(id:_:)`` will report, and the steps.
    package mutating func submit(
        _ command: ATCommand,
        isUrgent: Bool = false,
        at now: ContinuousClock.Instant
    ) -> (id: Int, steps: [Step]) {
        let id = nextID
        nextID += 1
        switch state {
        case .closed: return (id, [.finish(id: id, .failure(.portClosed))])
        case .unresponsive: return (id, [.finish(id: id, .failure(.unresponsive))])
        case .idle, .waiting, .draining, .probing, .settling, .guarding:
            let pending = Pending(id: id, command: command, isUrgent: isUrgent)
            let urgent = queue.prefix { $0.isUrgent }.count
            guard isUrgent ? urgent < limits.urgent : queue.count - urgent < limits.queue else {
                return (id, [.finish(id: id, .failure(.queueFull))])
            }
            queue.insert(pending, at: isUrgent ? urgent : queue.endIndex)
            if state == .idle { return (id, sendNext(at: now)) }
            return (id, isUrgent ? hurry(at: now) : [])
        }
    }

    /// Gives up what a person typed, in flight or waiting: the modem is needed for a call.
    package mutating func breakOffTyped(at now: ContinuousClock.Instant) -> [Step] {
        let typed = queue.filter { $0.command.kind == .typed }
        queue.removeAll { $0.command.kind == .typed }
        let withdrawn = typed.map { Step.finish(id: $0.id, .failure(.abandoned)) }
        guard case .waiting(let flight) = state, flight.command.kind == .typed else { return withdrawn }
        return withdrawn + breakOff(flight, at: now)
    }

    /// Makes way for the urgent command that now waits; see the second table of the type.
    private mutating func hurry(at now: ContinuousClock.Instant) -> [Step] {
        switch state {
        case .idle, .settling, .guarding: return sendNext(at: now)
        case .waiting(let flight):
            switch flight.command.kind {
            case .call: return []
            case .typed: return breakOff(flight, at: now)
            case .ordinary:
                return flight.isUrgent ? [] : armEarlier(now + (flight.command.patience ?? limits.patience))
            }
        case .draining, .probing: return armEarlier(now + limits.late)
        case .unresponsive, .closed: return []
        }
    }

    /// Breaks off a command that a person typed.
    ///
    /// One character is enough, where the modem lets the command be broken off at all; in the first 125 ms it takes no
    /// notice (V.250 §5.6.1). A carriage return can't become part of the next command line.
    private mutating func breakOff(_ flight: InFlight, at now: ContinuousClock.Instant) -> [Step] {
        var flight = flight
        guard now - flight.since >= limits.abortGuard else {
            flight.isUnwanted = true
            state = .waiting(flight)
            return armEarlier(flight.since + limits.abortGuard)
        }
        owe(1, at: now)
        state = .draining(of: flight.command, hardLimit: now + limits.late)
        return [.finish(id: flight.id, .failure(.abandoned)), .write([.carriageReturn])] + arm(now + limits.late)
    }

    /// Gives up the dial command in flight, if there is one: writes another over it, then puts the exchange right.
    ///
    /// For a dial command that is silent until the answer. The first character that arrives makes most modems drop the
    /// attempt (V.250 §5.6.1), and sticks that go on reading obey a hang-up command; so that is what is written.
    package mutating func abandon(by command: ATCommand, at now: ContinuousClock.Instant) -> [Step] {
        guard case .waiting(let flight) = state, flight.command.kind == .call else { return [] }
        owe(1, at: now)
        remember(command.text)
        state = .probing(of: flight.command, attempt: 0)
        return [.finish(id: flight.id, .failure(.abandoned)), .write(command.bytes)] + arm(now + limits.probes[0])
    }

    /// Takes back a command that still waits in the queue; one that is on the wire is left alone.
    package mutating func withdraw(_ id: Int) -> [Step] {
        guard let place = queue.firstIndex(where: { $0.id == id }) else { return [] }
        queue.remove(at: place)
        return [.finish(id: id, .failure(.abandoned))]
    }

    /// Ends the wait for one command's answer before its time, as if its limit had passed.
    package mutating func expire(_ id: Int, at now: ContinuousClock.Instant) -> [Step] {
        guard case .waiting(let flight) = state, flight.id == id else { return [] }
        deadline = now
        return timerFired(at: now)
    }

    /// The modem has restarted: how it writes its results is open again.
    package mutating func modemRestarted() {
        speaksWords = false
    }

    /// Tries to wake a modem that was given up: probes again.
    package mutating func revive(at now: ContinuousClock.Instant) -> [Step] {
        guard state == .unresponsive else { return [] }
        return probe(of: .attention, attempt: 0, at: now)
    }

    /// The port is gone: everything fails, once.
    package mutating func portClosed() -> [Step] {
        var steps: [Step] = []
        if case .waiting(let flight) = state { steps.append(.finish(id: flight.id, .failure(.portClosed))) }
        steps += queue.map { .finish(id: $0.id, .failure(.portClosed)) }
        queue = []
        state = .closed
        if deadline != nil { steps.append(.disarm) }
        deadline = nil
        return steps
    }

    // MARK: Time

    /// Says that bytes are arriving, perhaps not yet a whole line: silence is measured from the last of them.
    package mutating func activity(at now: ContinuousClock.Instant) -> [Step] {
        switch state {
        case .draining(_, let hardLimit): arm(min(now + limits.quiet, hardLimit))
        case .settling(_, let hardLimit), .guarding(let hardLimit): arm(min(now + limits.settle, hardLimit))
        case .idle, .waiting, .probing, .unresponsive, .closed: []
        }
    }

    /// The armed time has come.
    package mutating func timerFired(at now: ContinuousClock.Instant) -> [Step] {
        guard let deadline, now >= deadline else { return [] }
        self.deadline = nil
        switch state {
        case .waiting(let flight): return waitIsOver(flight, at: now)
        case .draining(let command, _):
            return urgentWaits ? sendNext(at: now) : probe(of: command, attempt: 0, at: now)
        case .probing(let command, let attempt):
            owe(1, at: now)
            if urgentWaits { return sendNext(at: now) }
            if attempt + 1 < limits.probes.count { return probe(of: command, attempt: attempt + 1, at: now) }
            state = .unresponsive
            let failed = queue.map { Step.finish(id: $0.id, .failure(.unresponsive)) }
            queue = []
            return [.note(.unresponsive)] + failed
        case .settling:
            state = .idle
            return [.note(.resynchronised)] + sendNext(at: now)
        case .guarding:
            state = .idle
            return sendNext(at: now)
        case .idle, .unresponsive, .closed:
            return []
        }
    }

    private mutating func waitIsOver(_ flight: InFlight, at now: ContinuousClock.Instant) -> [Step] {
        if flight.isUnwanted { return breakOff(flight, at: now) }
        owe(1, at: now)
        let isHurried = urgentWaits && flight.command.kind != .call
        state = .draining(of: flight.command, hardLimit: now + (isHurried ? limits.late : limits.drain))
        // What had to make way before its time says nothing about the modem.
        let isCutShort = isHurried && now - flight.since < flight.command.timeLimit
        let failure: Failure = isCutShort ? .abandoned : .timedOut(after: flight.command.timeLimit)
        // What did arrive is still news: some modems never close the answer to AT+CPIN? with OK.
        let orphans = flight.lines.filter { Indication($0) != nil }.map { Step.indication($0) }
        // A prompt that comes late would take the next command for the text.
        let leave: [Step] = flight.command.payload == nil ? [] : [.write([0x1B])]
        return [.finish(id: flight.id, .failure(failure))] + orphans + leave + arm(now + limits.quiet)
    }

    // MARK: Parts

    /// Whether an urgent command waits.
    var urgentWaits: Bool { queue.first?.isUrgent == true }

    mutating func sendNext(at now: ContinuousClock.Instant) -> [Step] {
        guard !queue.isEmpty else { return [] }
        let next = queue.removeFirst()
        remember(next.command.text)
        state = .waiting(InFlight(id: next.id, command: next.command, isUrgent: next.isUrgent, since: now))
        return [.write(next.command.bytes)] + arm(now + next.command.timeLimit)
    }

    mutating func probe(of command: ATCommand, attempt: Int, at now: ContinuousClock.Instant) -> [Step] {
        state = .probing(of: command, attempt: attempt)
        // From the second probe on, ESC first: a stick that sits at a message prompt takes everything else for text.
        // And not a bare AT again: some modems pass over that one, and one that was told to be quiet answers nothing
        // else.
        let probe: ATCommand = attempt > 0 ? .wakeUp : .attention
        remember(probe.text)
        return [.write((attempt > 0 ? [0x1B] : []) + probe.bytes)] + arm(now + limits.probes[attempt])
    }

    private mutating func remember(_ text: String) {
        if recent.last == text { return }
        recent.append(text)
        if recent.count > 4 { recent.removeFirst() }
    }

    mutating func owe(_ count: Int, at now: ContinuousClock.Instant) {
        owed += count
        owedUntil = now + limits.owedFor
    }

    mutating func settle(_ count: Int) {
        owed = max(0, owed - count)
    }

    mutating func mayStillBeOwed(at now: ContinuousClock.Instant) -> Bool {
        guard owed > 0 else { return false }
        if let owedUntil, now < owedUntil { return true }
        owed = 0
        return false
    }

    mutating func arm(_ instant: ContinuousClock.Instant) -> [Step] {
        deadline = instant
        return [.arm(instant)]
    }

    private mutating func armEarlier(_ instant: ContinuousClock.Instant) -> [Step] {
        deadline.map { $0 <= instant } == true ? [] : arm(instant)
    }

    mutating func disarm() -> [Step] {
        guard deadline != nil else { return [] }
        deadline = nil
        return [.disarm]
    }
}
