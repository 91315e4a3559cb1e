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
/// | waiting | finishes the command | kept | indication | fails it; draining |
/// | draining | late: probing | dropped | indication | probing |
/// | probing (`AT`, or what broke a command off, sent) | settling | dropped | indication | `AT` again, at last unresponsive |
/// | settling | dropped, waits on | dropped | indication | idle, next command |
/// | guarding | dropped, an owed answer came | indication | indication | idle, next command |
/// | unresponsive | noted as stray | indication | indication | – |
/// | closed | ignored | ignored | ignored | – |
public struct CommandExchange: Sendable, Equatable {
    private struct Pending: Sendable, Equatable {
        var id: Int
        var command: ATCommand
        var isUrgent = false
    }

    private struct InFlight: Sendable, Equatable {
        var id: Int
        var command: ATCommand
        var lines: [ATLine] = []
    }

    private enum State: Sendable, Equatable {
        case idle
        case waiting(InFlight)
        case draining(of: ATCommand, hardLimit: ContinuousClock.Instant)
        case probing(of: ATCommand, attempt: Int)
        case settling(of: ATCommand)
        case guarding
        case unresponsive
        case closed
    }

    private let limits: Limits
    private var state: State = .idle
    private var queue: [Pending] = []
    private var nextID = 0
    /// Answers that never came, and until when one of them may still turn up.
    private var owed = 0
    private var owedUntil: ContinuousClock.Instant?
    /// The last commands, to know an echo when it comes late.
    private var recent: [String] = []
    private var deadline: ContinuousClock.Instant?
    /// Whether results come as words: from then on a bare digit is noise, not a result.
    private var speaksWords = false

    /// Creates an idle exchange.
    public init(limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Whether a command is being answered, or the exchange is being put right.
    public var isBusy: Bool {
        switch state {
        case .idle, .unresponsive, .closed: !queue.isEmpty
        case .waiting, .draining, .probing, .settling, .guarding: true
        }
    }

    /// Whether the command in flight is one that ends with the call's fate (`ATD`, `ATA`).
    public var isWaitingForCall: Bool {
        guard case .waiting(let flight) = state else { return false }
        return flight.command.kind == .call
    }

    /// Whether the modem has stopped answering.
    public var isUnresponsive: Bool { state == .unresponsive }

    // MARK: Commands

    /// Takes a command: writes it when nothing is in flight, else queues it.
    ///
    /// - Parameter isUrgent: whether it goes before everything that waits, as the answer to a ring does; it is taken however
    ///   many commands wait.
    /// - Returns: the id under which ``Step/finish(id:_:)`` will report, and the steps.
    public mutating func submit(
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
            if isUrgent {
                queue.insert(pending, at: queue.firstIndex { !$0.isUrgent } ?? queue.endIndex)
            } else {
                guard queue.count < limits.queue else { return (id, [.finish(id: id, .failure(.queueFull))]) }
                queue.append(pending)
            }
            return (id, state == .idle ? sendNext(at: now) : [])
        }
    }

    /// Gives up the dial command in flight, if there is one: writes another over it, then puts the exchange right.
    ///
    /// For a dial command that is silent until the answer. The first character that arrives makes most modems drop the
    /// attempt (V.250 §5.6.1), and sticks that go on reading obey a hang-up command; so that is what is written.
    public mutating func abandon(by command: ATCommand, at now: ContinuousClock.Instant) -> [Step] {
        guard case .waiting(let flight) = state, flight.command.kind == .call else { return [] }
        owe(1, at: now)
        remember(command.text)
        state = .probing(of: flight.command, attempt: 0)
        return [.finish(id: flight.id, .failure(.abandoned)), .write(command.bytes)] + arm(now + limits.probes[0])
    }

    /// Takes back a command that still waits in the queue; one that is on the wire is left alone.
    public mutating func withdraw(_ id: Int) -> [Step] {
        guard let place = queue.firstIndex(where: { $0.id == id }) else { return [] }
        queue.remove(at: place)
        return [.finish(id: id, .failure(.abandoned))]
    }

    /// Ends the wait for one command's answer before its time, as if its limit had passed.
    public mutating func expire(_ id: Int, at now: ContinuousClock.Instant) -> [Step] {
        guard case .waiting(let flight) = state, flight.id == id else { return [] }
        deadline = now
        return timerFired(at: now)
    }

    /// The modem has restarted: how it writes its results is open again.
    public mutating func modemRestarted() {
        speaksWords = false
    }

    /// Tries to wake a modem that was given up: probes again.
    public mutating func revive(at now: ContinuousClock.Instant) -> [Step] {
        guard state == .unresponsive else { return [] }
        return probe(of: .attention, attempt: 0, at: now)
    }

    /// The port is gone: everything fails, once.
    public mutating func portClosed() -> [Step] {
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
    public mutating func activity(at now: ContinuousClock.Instant) -> [Step] {
        switch state {
        case .draining(_, let hardLimit): arm(min(now + limits.quiet, hardLimit))
        case .settling, .guarding: arm(now + limits.settle)
        case .idle, .waiting, .probing, .unresponsive, .closed: []
        }
    }

    /// The armed time has come.
    public mutating func timerFired(at now: ContinuousClock.Instant) -> [Step] {
        guard let deadline, now >= deadline else { return [] }
        self.deadline = nil
        switch state {
        case .waiting(let flight):
            owe(1, at: now)
            state = .draining(of: flight.command, hardLimit: now + limits.drain)
            let failure = Failure.timedOut(after: flight.command.timeLimit)
            // What did arrive is still news: some modems never close the answer to AT+CPIN? with OK.
            let orphans = flight.lines.filter { Indication($0) != nil }.map { Step.indication($0) }
            return [.finish(id: flight.id, .failure(failure))] + orphans + arm(now + limits.quiet)
        case .draining(let command, _):
            return probe(of: command, attempt: 0, at: now)
        case .probing(let command, let attempt):
            owe(1, at: now)
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

    // MARK: Lines

    /// A line has arrived.
    public mutating func received(_ line: ATLine, at now: ContinuousClock.Instant) -> [Step] {
        if line.isPrompt { return prompt() }
        if recent.contains(line.text) { return [.note(.echo)] }
        switch state {
        case .waiting(let flight): return received(line, for: flight, at: now)
        case .draining(let command, _), .probing(let command, _), .settling(let command):
            return receivedLate(line, of: command, at: now)
        case .guarding, .idle, .unresponsive:
            return receivedUnasked(line, at: now)
        case .closed: return []
        }
    }

    private mutating func received(_ line: ATLine, for flight: InFlight, at now: ContinuousClock.Instant) -> [Step] {
        var flight = flight
        if let result = FinalResult(line), !result.isAboutACall || flight.command.kind == .call {
            speaksWords = true
            return finish(flight, result, at: now)
        }
        if FinalResult(line) == nil, flight.command.reply.claims(line) {
            if flight.lines.count < limits.lines { flight.lines.append(line) }
            state = .waiting(flight)
            return []
        }
        if !speaksWords, let numeric = NumericResult(line)?.finalResult,
            !numeric.isAboutACall || flight.command.kind == .call
        {
            return [.note(.numericResults)] + finish(flight, numeric, at: now)
        }
        return unsolicited(line)
    }

    private mutating func finish(
        _ flight: InFlight,
        _ result: FinalResult,
        at now: ContinuousClock.Instant
    ) -> [Step] {
        let reply = ATReply(lines: flight.lines, result: result)
        let finished = Step.finish(id: flight.id, .success(reply))
        if mayStillBeOwed(at: now) {
            state = .guarding
            return [finished] + arm(now + limits.settle)
        }
        state = .idle
        let next = sendNext(at: now)
        return next.isEmpty ? disarm() + [finished] : [finished] + next
    }

    private mutating func receivedLate(
        _ line: ATLine,
        of command: ATCommand,
        at now: ContinuousClock.Instant
    ) -> [Step] {
        guard let result = FinalResult(line) ?? (speaksWords ? nil : NumericResult(line)?.finalResult) else {
            return command.reply.claims(line) ? activity(at: now) : unsolicited(line) + activity(at: now)
        }
        // A word about a call is news even when it is also the late answer of a dial command.
        let news: [Step] = result.isAboutACall ? [.indication(line)] : []
        if result.isAboutACall, command.kind != .call { return news + activity(at: now) }
        let late = news + [.note(.lateAnswer(result))]
        switch state {
        case .draining:
            settle(1)
            return late + probe(of: command, attempt: 0, at: now)
        case .probing:
            // The probe's own answer or a late one before it: whatever else comes in the quiet time settles the debt.
            state = .settling(of: command)
            return (result == .ok ? news : late) + arm(now + limits.settle)
        case .settling:
            settle(1)
            return late + arm(now + limits.settle)
        case .idle, .waiting, .guarding, .unresponsive, .closed:
            return late
        }
    }

    private mutating func receivedUnasked(_ line: ATLine, at now: ContinuousClock.Instant) -> [Step] {
        guard let result = FinalResult(line), !result.isAboutACall else { return unsolicited(line) + activity(at: now) }
        settle(1)
        return [.note(.strayResult(result))] + activity(at: now)
    }

    private func unsolicited(_ line: ATLine) -> [Step] {
        if let result = FinalResult(line) {
            return result.isAboutACall ? [.indication(line)] : [.note(.strayResult(result))]
        }
        return Indication(line) != nil ? [.indication(line)] : [.note(.unexpected(line))]
    }

    private mutating func prompt() -> [Step] {
        guard case .waiting(let flight) = state, let payload = flight.command.payload else {
            // Any character would break a dial command off.
            return isWaitingForCall ? [] : [.write([0x1B]), .note(.promptEscaped)]
        }
        var answered = flight
        answered.command.payload = nil
        state = .waiting(answered)
        return [.write(payload + [0x1A])]
    }

    // MARK: Parts

    private mutating func sendNext(at now: ContinuousClock.Instant) -> [Step] {
        guard !queue.isEmpty else { return [] }
        let next = queue.removeFirst()
        remember(next.command.text)
        state = .waiting(InFlight(id: next.id, command: next.command))
        return [.write(next.command.bytes)] + arm(now + next.command.timeLimit)
    }

    private mutating func probe(of command: ATCommand, attempt: Int, at now: ContinuousClock.Instant) -> [Step] {
        state = .probing(of: command, attempt: attempt)
        remember(ATCommand.attention.text)
        // ESC first, from the second probe on: a stick that sits at a message prompt takes everything else for text.
        let bytes = (attempt > 0 ? [0x1B] : []) + ATCommand.attention.bytes
        return [.write(bytes)] + arm(now + limits.probes[attempt])
    }

    private mutating func remember(_ text: String) {
        if recent.last == text { return }
        recent.append(text)
        if recent.count > 4 { recent.removeFirst() }
    }

    private mutating func owe(_ count: Int, at now: ContinuousClock.Instant) {
        owed += count
        owedUntil = now + limits.owedFor
    }

    private mutating func settle(_ count: Int) {
        owed = max(0, owed - count)
    }

    private mutating func mayStillBeOwed(at now: ContinuousClock.Instant) -> Bool {
        guard owed > 0 else { return false }
        if let owedUntil, now < owedUntil { return true }
        owed = 0
        return false
    }

    private mutating func arm(_ instant: ContinuousClock.Instant) -> [Step] {
        deadline = instant
        return [.arm(instant)]
    }

    private mutating func disarm() -> [Step] {
        guard deadline != nil else { return [] }
        deadline = nil
        return [.disarm]
    }
}
