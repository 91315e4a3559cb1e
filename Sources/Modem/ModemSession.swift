package import ATProtocol
package import CallModel
package import Logging

/// One modem on one AT port: the only thing that talks to it.
///
/// An actor on the event loop of its tty: lines come in without a thread hop, and commands go out one at a time through
/// a ``CommandExchange``. Procedures (bring-up, dialling, digits, hanging up) are in extensions of their own.
package actor ModemSession {
    /// What becomes of a call, in the order in which it happens.
    package enum CallUpdate: Sendable, Hashable {
        /// The dial command goes out: from here on the call may cost something.
        case dialled
        /// The far end is ringing.
        case alerting
        /// The far end has answered.
        case answered
        /// The call is over.
        case released(CallRelease)
        /// The modem is gone or answers nothing any more; whether the call still runs is unknown.
        case failed(ModemError)
    }

    nonisolated let loop: any ModemLoop
    nonisolated let executor: any SerialExecutor
    nonisolated let log: Logger

    /// The executor of the modem's event loop.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The driver of the modem's family; the generic one until the bring-up knows better.
    package internal(set) var driver: ModemDriver = .generic { didSet { follower.rules = driver.rules } }
    /// The name of that family.
    package var family: String { driver.family }
    /// What the modem said of itself.
    package internal(set) var identity = ModemIdentity()
    /// Tries left for the PIN, as they were told last; nil for a card that was not asked: one that wants no PIN.
    package internal(set) var pinTries: Int?
    /// The registrations as last reported.
    package internal(set) var registration = RegistrationStatus()
    /// Whether the port is gone.
    package private(set) var isClosed = false
    /// How often each unknown message was seen, by its name.
    package private(set) var unknownMessages: [String: Int] = [:]

    var link: (any ModemLink)?
    var exchange = CommandExchange()
    var shortestTone: Duration = .milliseconds(100)
    var reportedSIM: SIMEvent?
    var healthWatch: (@Sendable (HealthReport) -> Void)?
    /// What is known of the modem's calls.
    var follower = CallFollower()
    /// When the follower is to be told of the time, and what does that.
    var followTimer: (due: ContinuousClock.Instant, timer: any ModemTimer)?
    /// Who is told what becomes of the call that was dialled or adopted.
    var callUpdates: (@Sendable (CallUpdate) -> Void)?
    /// Told of a key that the other side of a call has pressed, where the modem reports it.
    var heardDigit: (@Sendable (Character) -> Void)?
    var isReviving = false
    var isEndingCalls = false
    /// The preparation is to end; nothing further is asked for it.
    var isInterrupted = false
    /// Whether a dial command was broken off before its result.
    var dialWasAbandoned = false
    /// The indexes of the calls that the last look for calls has shown, for releasing them one by one.
    var liveIndexes: [Int] = []
    /// Whether a dial command may stay silent until the answer, although the family's does not.
    var dialMayBlock = false
    /// Whether the firmware did not confirm that it has voice calls.
    var voiceIsDoubtful = false
    var sound = Sound()
    var waitingForIdle: [CheckedContinuation<Bool, Never>] = []
    /// How many harmless commands were never answered, and how many answers came late.
    private var silences = 0
    private var lateAnswers = 0
    var digitCommand = 0
    var digitCommandIsProven = false
    /// What is remembered of the set-up.
    var setUpMemory = SetUpMemory()
    /// Whether the modem was told to stop its echo, and obeyed.
    var isEchoOff = false
    /// The network that was asked for its code, by its name.
    var knownNetwork: (name: String, code: String)?
    /// Whether what the modem writes in quotes is UCS2, and it can't do otherwise.
    var writesUCS2 = false
    /// Whether it writes texts in the codes of the seven-bit alphabet (`+CSCS="GSM"`).
    var writesSevenBit = false
    /// The command by which a sign of life is asked for; some modems pass over a bare `AT`.
    var greeting = ATCommand.attention
    var repeatedLines = RepeatedLines()
    var hasAskedForWords = false
    /// Who decides about calls that come in; without one they are not followed.
    var ringWatcher: RingWatcher?
    /// A look at the call list that is taken while something else is prepared; see ``glance()``.
    var glanceIsUnderWay = false
    var waitingForGlance: [CheckedContinuation<Void, Never>] = []
    /// When such a look last found no call.
    var idleSeenAt: ContinuousClock.Instant?

    /// What was said unasked since a listener began, by its number.
    var listeners: [Int: [String]] = [:]
    var nextListener = 1

    /// Who is told what the modem says of messages.
    var messageWatch: (@Sendable (MessageNews) -> Void)?
    /// The reference of a message whose send was broken off, told late.
    var lateReference: Int?
    private var joiner = LineJoiner()
    private var textTimer: (any ModemTimer)?
    private var framer = LineFramer()
    /// Who wants the answer of a command; no more than the exchange lets wait.
    ///
    /// Called in the order of the lines: an answer is dealt with before the unsolicited line behind it.
    private var waiting: [Int: (Result<ATReply, CommandExchange.Failure>) -> Void] = [:]
    private var exchangeTimer: (any ModemTimer)?
    private var steps: [CommandExchange.Step] = []
    private var isPerforming = false

    /// Creates a session for the loop of a port.
    ///
    /// Feed it by ``received(_:)`` and ``linkClosed()``.
    package init(loop: any ModemLoop, log: Logger) {
        self.loop = loop
        self.log = log
        executor = loop.serialExecutor
    }

    // MARK: The port's side

    /// Gives the session the way to its modem; nothing can be sent before.
    package func attach(_ link: any ModemLink) {
        self.link = link
    }

    /// Takes bytes from the port; call it on the loop, through `assumeIsolated`.
    package func received(_ bytes: UnsafeBufferPointer<UInt8>) {
        guard !isClosed else { return }
        perform(exchange.activity(at: loop.now))
        var lines: [ATLine] = []
        framer.receive(bytes) { lines.append(ATLine(bytes: $0)) }
        if framer.hasPartialLine == false, lines.isEmpty { return }
        for line in lines { received(line) }
    }

    /// Asks the preparation to end: it throws ``ModemError/interrupted`` as soon as the command on the wire is
    /// answered.
    package func interruptPreparation() {
        isInterrupted = true
        breakOffTyped()
    }

    /// The port is gone: everything that waits for it fails.
    package func linkClosed() {
        guard !isClosed else { return }
        isClosed = true
        log.debug("port closed")
        perform(exchange.portClosed())
        follow { $0.fail(.vanished, at: $1) }
        healthWatch?(.closed)
        healthWatch = nil
    }

    private func received(_ line: ATLine) {
        if log.logLevel <= .debug { log.debug("< \(Self.shown(line))") }
        take(joiner.take(line))
        textTimer?.cancel()
        textTimer = nil
        guard joiner.isAmidText else { return }
        textTimer = loop.schedule(at: loop.now + LineJoiner.textsPause) { [weak self] in
            self?.assumeIsolated { $0.take($0.joiner.flush()) }
        }
    }

    private func take(_ outputs: [LineJoiner.Output]) {
        for output in outputs {
            switch output {
            case .line(let line):
                perform(exchange.received(writesUCS2 ? line.decodedFromUCS2 : line, at: loop.now))
            case .message(let octets, let isReport):
                note(isReport ? "+CDS" : "+CMT")
                messageWatch?(.direct(octets))
            }
        }
    }

    // MARK: Commands

    /// Sends a command and waits for its final result.
    ///
    /// - Throws: ``CommandExchange/Failure`` when there is none; the modem may have acted on the command all the same,
    ///   except for `unresponsive`, `portClosed` and `queueFull`.
    package func execute(_ command: ATCommand) async throws(CommandExchange.Failure) -> ATReply {
        try await execute(command, urgently: false)
    }

    func execute(_ command: ATCommand, urgently: Bool) async throws(CommandExchange.Failure) -> ATReply {
        // What a person typed may come just behind the answer to a ring, and would keep the call from being followed.
        if command.kind == .typed, ringWatcher != nil, !follower.isOver { throw .abandoned }
        let result = await withCheckedContinuation { continuation in
            send(command, urgently: urgently) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// Sends a command and has its outcome dealt with at once, before any line that follows it.
    ///
    /// - Parameter urgently: whether it goes before everything that waits.
    @discardableResult
    func send(
        _ command: ATCommand,
        urgently: Bool = false,
        then: @escaping (Result<ATReply, CommandExchange.Failure>) -> Void
    ) -> Int {
        let (id, steps) = exchange.submit(command, isUrgent: urgently, at: loop.now)
        waiting[id] = then
        perform(steps)
        return id
    }

    /// Sends a command whose failure does no harm.
    ///
    /// - Returns: the answer's lines when the modem said `OK`, else nil.
    ///
    /// - Parameter urgently: whether it goes before everything that waits.
    func ask(_ command: ATCommand, urgently: Bool = false) async -> [ATLine]? {
        if isInterrupted, !isEndingCalls { return nil }
        var command = command
        // A modem that is silent to what it does not know, and quick otherwise, must not cost minutes.
        if silences > 0, lateAnswers == 0 {
            command.timeLimit = min(command.timeLimit, silences < 3 ? .milliseconds(1500) : .milliseconds(500))
        }
        do throws(CommandExchange.Failure) {
            let reply = try await execute(command, urgently: urgently)
            return reply.isOK ? reply.lines : nil
        } catch {
            if case .timedOut = error { silences += 1 }
            log.debug("\(Redaction.redact(command: command.text)): \(error)")
            return nil
        }
    }

    /// Gives up what a person typed, because the modem is needed for a call.
    package func breakOffTyped() {
        perform(exchange.breakOffTyped(at: loop.now))
    }

    /// Waits on the session's loop; in short steps, so that a closed port or an interruption ends it.
    func pause(_ duration: Duration) async {
        let end = loop.now + duration
        while loop.now < end, !isClosed, !isInterrupted || isEndingCalls {
            let step = min(end, loop.now + .milliseconds(250))
            await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
                _ = loop.schedule(at: step) { continuation.resume() }
            }
        }
    }

    // MARK: The exchange's steps

    /// Performs the exchange's steps in their order.
    ///
    /// The one that is told of a result may send the next command at once, and with it come further steps: they wait
    /// until the earlier ones are done.
    func perform(_ steps: [CommandExchange.Step]) {
        var steps = steps[...]
        // Asked for in the middle of the last step: what is to be written leaves now, and not only after everybody has
        // been told what that step is about. Between a caller's number and the answer that is the difference.
        if isPerforming, self.steps.isEmpty {
            while let step = steps.first, step.tellsNobody {
                steps.removeFirst()
                perform(step)
            }
        }
        self.steps.append(contentsOf: steps)
        guard !isPerforming else { return }
        isPerforming = true
        while !self.steps.isEmpty { perform(self.steps.removeFirst()) }
        isPerforming = false
    }

    private func perform(_ step: CommandExchange.Step) {
        switch step {
        case .write(let bytes):
            if log.logLevel <= .debug { trace(bytes) }
            link?.write(bytes)
        case .arm(let instant):
            exchangeTimer?.cancel()
            exchangeTimer = loop.schedule(at: instant) { [weak self] in
                self?.assumeIsolated { $0.exchangeTimerFired() }
            }
        case .disarm:
            exchangeTimer?.cancel()
            exchangeTimer = nil
        case .finish(let id, let result):
            waiting.removeValue(forKey: id)?(result)
        case .indication(let line):
            note(line.text)
            guard let indication = Indication(line) else { break }
            if indication == .ussd { takeService(line) }
            take(indication)
        case .note(let note):
            take(note)
        }
    }

    /// A line as it may be logged: an echo carries the secrets of its command.
    private static func shown(_ line: ATLine) -> String {
        let text = line.text
        let isEcho = text.prefix(2).uppercased() == "AT"
        // Text and numbers of people are in them.
        if line.isOctets { return "(\(text.utf8.count / 2) octets)" }
        if line.hasPrefix("+CUSD:") { return "+CUSD: \(text.dropFirst(6).prefix(3))…" }
        return Redaction.mask(line: isEcho ? Redaction.redact(command: text, secretDigits: true) : text)
    }

    private func exchangeTimerFired() {
        perform(exchange.timerFired(at: loop.now))
    }

    private func trace(_ bytes: [UInt8]) {
        let text = String(decoding: bytes.filter { $0 >= 0x20 }, as: UTF8.self)
        if ATLine(text).isOctets { return log.debug("> (\(text.utf8.count / 2) octets)") }
        log.debug("> \(Redaction.mask(line: Redaction.redact(command: text, secretDigits: true)))")
    }

    private func take(_ note: CommandExchange.Note) {
        switch note {
        case .echo: notice(.echo)
        case .lateAnswer(let result):
            lateAnswers += 1
            tell(.lateAnswer, "late answer dropped: \(result)")
        case .strayResult(let result): tell(.strayResult, "result without a command: \(result)")
        case .numericResults:
            notice(.numericResults)
            // Once: a modem that can't do otherwise would answer this with a number too, and so on for ever.
            guard !hasAskedForWords else { return }
            hasAskedForWords = true
            tell(.numericResults, "results come as numbers; switching to words")
            let (_, steps) = exchange.submit(ATCommand("ATV1", within: .seconds(2)), at: loop.now)
            perform(steps)
        case .resynchronised: tell(.resynchronised, "commands and answers are in step again")
        case .unresponsive:
            log.warning("the modem answers nothing any more")
            modemIsDeaf()
        case .unexpected(let line): log.debug("not understood: \(Self.shown(line))")
        case .promptEscaped: tell(.promptEscaped, "left a prompt that nobody asked for")
        }
    }

    /// Logs what may repeat for as long as the modem likes.
    func tell(_ kind: RepeatedLines.Kind, _ text: @autoclosure () -> String) {
        guard let more = repeatedLines.tell(kind, at: loop.now) else { return }
        log.info("\(text())\(more)")
    }

    private func take(_ indication: Indication) {
        switch indication {
        case .registration(let report): registration.update(report)
        case .sim(let event): reportedSIM = event
        case .started(let stage):
            log.debug("the modem reports: \(stage)")
            exchange.modemRestarted()
            guard ["RDY", "^SYSSTART", "+READY"].contains(stage) || stage.hasPrefix("*ATREADY") else { break }
            notice(.message(stage))
            follow { $0.modemStarted(at: $1) }
        case .unknown(let name):
            let seen = unknownMessages[name, default: 0]
            if seen == 0, unknownMessages.count < 64 { log.info("unknown message \(name), ignored from here on") }
            if seen > 0 || unknownMessages.count < 64 { unknownMessages[name] = seen + 1 }
        case .message: messageWatch?(.stored)
        case .messageSent(let reference): lateReference = reference
        case .soundPaused(let isPaused): uplink(isPaused: isPaused)
        case .ring, .callerLine, .callWaiting, .listed, .result, .report, .signal, .digitHeard, .ussd: break
        }
        tellHealth(of: indication)
        switch indication {
        case .ring, .callerLine, .callWaiting: follow { $0.noticeRing(indication, at: $1) }
        case .result: follow { $0.report(indication, at: $1) }
        // A list, or a family's report, may be about either.
        case .listed, .report:
            follow { $0.noticeRing(indication, at: $1) }
            follow { $0.report(indication, at: $1) }
        case .digitHeard(let digit): if follower.isTalking { heardDigit?(digit) }
        case .registration, .sim, .signal, .soundPaused, .started, .message, .messageSent, .ussd, .unknown: break
        }
    }
}

extension CommandExchange.Step {
    /// Whether the step tells nothing to the outside.
    fileprivate var tellsNobody: Bool {
        switch self {
        case .write, .arm, .disarm: true
        case .finish, .indication, .note: false
        }
    }
}
