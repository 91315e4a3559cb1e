internal import ATProtocol
internal import CallModel
internal import Logging

extension ModemSession {
    /// Who decides about calls that come in, and who is told of them.
    struct RingWatcher: Sendable {
        var decide: @Sendable (IncomingCall) -> IncomingDecision
        var updates: @Sendable (IncomingUpdate) -> Void
    }

    /// The call that comes in, while ``reducer`` follows it.
    struct FollowedRing {
        var call: IncomingCall
        var isDecided = false
        var isRefused = false
        var wasAnsweredByUs = false
        /// Whether a `+CLIP` without a number was seen: the next one may have it.
        var hasEmptyCallerLine = false
        var hangUpsBefore: Int
        var callerTimer: (any ModemTimer)?
        var silenceTimer: (any ModemTimer)?
    }

    /// How long after the first ring the list is asked who calls, if no message told: `+CLIP` follows within 0.2 s where it
    /// follows at all.
    static let callerFollowsWithin: Duration = .milliseconds(500)
    /// How long after a bell a caller's line belongs to it; the next bell comes after 3 s at the earliest.
    static let callerLineWithin: Duration = .seconds(2)
    /// How long the number is waited for; by then a second ring has come with its `+CLIP`.
    static let callerKnownWithin: Duration = .milliseconds(6500)

    /// Follows calls that come in from here on.
    ///
    /// Both closures run on the modem's loop, synchronously and in the order of the modem's lines. So the command to
    /// answer leaves in the same turn in which the caller's number arrived, and what it does is reported after it.
    ///
    /// - Parameters:
    ///   - decide: asked when a call begins to ring, and again when the caller is known, until it says something else than
    ///     ``IncomingDecision/later``. Keep it quick.
    ///   - updates: told what becomes of each call; the last update of a call is `released` or `failed`.
    package func watchIncoming(
        decide: @escaping @Sendable (IncomingCall) -> IncomingDecision,
        updates: @escaping @Sendable (IncomingUpdate) -> Void
    ) {
        ringWatcher = RingWatcher(decide: decide, updates: updates)
    }

    /// The call that comes in or was answered; nil when there is none.
    package var incomingCall: IncomingCall? { ring?.call }

    /// Answers the call that rings: `ATA` goes out before every other command that waits.
    ///
    /// `OK` to it proves nothing; `answered`, `answerFailed` or `released` follows.
    ///
    /// - Returns: whether there was a call to answer.
    @discardableResult
    package func answer() -> Bool {
        guard let ring, !ring.isRefused, reducer?.phase == .ringing, isRinging, !isClosed else { return false }
        self.ring?.wasAnsweredByUs = true
        reducer?.answerBegun()
        pollTimer?.cancel()
        dialID = send(.answer, urgently: true) { self.answerReturned($0) }
        return true
    }

    /// Refuses the call that rings, as busy, and verifies that it stops.
    ///
    /// A call that is being answered or has been is hung up instead.
    ///
    /// - Returns: whether the modem is known to have the call no more.
    @discardableResult
    package func refuse() async -> Bool {
        guard let id = ring?.call.id else { return !isClosed }
        guard isRinging else { return await hangUp() }
        if ring?.isRefused == true { return await ringEnds(id, within: .seconds(30)) }
        ring?.isRefused = true
        reducer?.hangUpBegun()
        pollTimer?.cancel()
        for (number, step) in driver.refuse.enumerated() {
            if isClosed || exchange.isUnresponsive { return false }
            _ = await refuse(step, urgently: number == 0)
            if await ringStops(id) { return true }
            log.warning("the call rings on after \(step)")
        }
        // Where nothing tells of a call's end, silence does.
        guard !tellsCalls, await ringEnds(id, within: CallReducer.longestSilence + .seconds(2)) else { return false }
        return true
    }

    // MARK: Noticing

    /// Takes a message of the modem's that may be about a call that comes in.
    func noticeRing(_ indication: Indication) {
        guard let news = RingNews(indication), !isOfOtherBell(news) else { return }
        if ring != nil, reducer?.isUnanswered == true {
            if let index = ring?.call.index, let other = news.index, index != other { return noticeWaiting(news) }
            return update(news)
        }
        if callIsOver { return begin(news) }
        // A ring behind the answer was on its way before it.
        if ring != nil, news.source != .report || news.index == ring?.call.index { return }
        noticeWaiting(news)
    }

    /// Whether a message belongs to a call for data or fax: its bell, or the caller's line that follows that.
    private func isOfOtherBell(_ news: RingNews) -> Bool {
        switch news.source {
        case .otherBell:
            otherBellAt = loop.now
            return true
        case .bell:
            otherBellAt = nil
            return false
        case .callerLine: return otherBellAt.map { loop.now - $0 < Self.callerLineWithin } ?? false
        case .report: return false
        }
    }

    private func begin(_ news: RingNews) {
        guard !followsNoRings else { return }
        let call = IncomingCall(id: nextRingID, index: news.index)
        nextRingID += 1
        begin(call)
        learn(news)
        consider(isNew: true)
    }

    /// Makes a call the one that is followed.
    func begin(_ call: IncomingCall) {
        beginCall()
        reducer = CallReducer(
            incoming: call.index,
            rules: driver.rules,
            listIsUsable: callListIsSupported,
            at: loop.now
        )
        callUpdates = { [weak self] update in self?.assumeIsolated { $0.ringUpdate(update) } }
        ring = FollowedRing(call: call, hangUpsBefore: hangUps)
        ring?.callerTimer = loop.schedule(at: loop.now + Self.callerKnownWithin) { [weak self] in
            self?.assumeIsolated { $0.callerStaysUnknown(call.id) }
        }
        expectBell()
        pollTimer?.cancel()
        pollTimer = loop.schedule(at: loop.now + Self.callerFollowsWithin) { [weak self] in
            self?.assumeIsolated { $0.poll() }
        }
    }

    private func update(_ news: RingNews) {
        expectBell()
        reducer?.rang(index: news.index)
        let before = ring?.call.caller
        learn(news)
        if ring?.call.caller != before { consider(isNew: false) }
    }

    /// The modem rings again and again; when it falls silent the caller is gone.
    private func expectBell() {
        guard let id = ring?.call.id else { return }
        ring?.silenceTimer?.cancel()
        ring?.silenceTimer = loop.schedule(at: loop.now + CallReducer.longestSilence) { [weak self] in
            self?
                .assumeIsolated { session in
                    guard session.ring?.call.id == id else { return }
                    session.apply(session.reducer?.ringIsSilent(at: session.loop.now) ?? [])
                }
        }
    }

    /// Takes what a message says about the caller; a number is forgotten only for a better one.
    private func learn(_ news: RingNews) {
        if let index = news.index, ring?.call.index == nil { ring?.call.index = index }
        guard let caller = news.caller else { return }
        if let known = ring?.call.number {
            // A report that was misread, or cut short, is put right by the line that is made for it.
            guard news.source == .callerLine, case .number(let number) = caller, number.count > known.count else {
                return
            }
            ring?.call.caller = caller
            return
        }
        switch caller {
        case .number, .withheld: ring?.call.caller = caller
        case .unavailable where ring?.hasEmptyCallerLine == true: ring?.call.caller = caller
        case .unavailable: ring?.hasEmptyCallerLine = true
        case .notYet: break
        }
    }

    /// Takes what a call list says about callers.
    func learn(from calls: [CallListEntry]) {
        lookForWaitingCall(in: calls)
        guard let ring, reducer?.isUnanswered == true else { return }
        let entry = calls.first { $0.direction == .incoming && (ring.call.index ?? $0.index) == $0.index }
        guard let entry, entry.mayBeCall else { return }
        self.ring?.call.index = entry.index
        guard let number = entry.number, ring.call.number == nil else { return }
        self.ring?.call.caller = .number(number)
        consider(isNew: false)
    }

    private func callerStaysUnknown(_ id: Int) {
        guard ring?.call.id == id, ring?.call.caller == .notYet, reducer?.isUnanswered == true else { return }
        ring?.call.caller = .unavailable
        consider(isNew: false)
    }

    // MARK: Deciding

    /// Has the call decided, and tells of it: in this order, so that nobody's telling delays the answer.
    func consider(isNew: Bool) {
        guard let watcher = ringWatcher, let call = ring?.call else { return }
        if ring?.isDecided == false, isRinging {
            let decision = watcher.decide(call)
            // The decision may have ended in a command of its own.
            if ring?.call.id == call.id, ring?.isDecided == false, isRinging {
                ring?.isDecided = decision != .later
                switch decision {
                case .answer: answer()
                case .refuse: loop.start { await self.refuse() }
                case .ignore, .later: break
                }
            }
        }
        if call.caller != .notYet { ring?.callerTimer?.cancel() }
        if isNew { watcher.updates(.ringing(call)) }
        if !isNew { watcher.updates(.identified(call)) }
    }

    /// Whether a call rings that nobody has begun to answer.
    var isRinging: Bool { ring != nil && !callIsOver && reducer?.direction == .incoming && reducer?.phase == .ringing }

    private func answerReturned(_ result: Result<ATReply, CommandExchange.Failure>) {
        dialID = nil
        switch result {
        case .success(let reply): apply(reducer?.answerResult(reply.result, at: loop.now) ?? [])
        case .failure(.timedOut): apply(reducer?.answerUnanswered(at: loop.now) ?? [])
        case .failure(.abandoned): break  // Hanging up goes on from here.
        case .failure(.unresponsive), .failure(.queueFull): failCall(.stoppedAnswering(doing: "answering a call"))
        case .failure(.portClosed): failCall(.vanished)
        }
        schedulePoll()
    }

    /// The modem did not answer the call, which rings on.
    func ringGoesOn(_ reason: String) {
        guard let call = ring?.call else { return }
        log.warning("the call was not answered: \(reason)")
        expectBell()
        ringWatcher?.updates(.answerFailed(call, reason: reason))
    }

    private func ringUpdate(_ update: CallUpdate) {
        guard let ring else { return }
        switch update {
        case .dialled, .alerting: break
        case .answered:
            ring.callerTimer?.cancel()
            ring.silenceTimer?.cancel()
            ringWatcher?.updates(.answered(ring.call))
        case .released(let release):
            let end = end(of: ring)
            forgetRing()
            ringWatcher?.updates(.released(ring.call, end, release))
        case .failed(let error):
            forgetRing()
            ringWatcher?.updates(.failed(ring.call, error))
        }
    }

    private func forgetRing() {
        ring?.callerTimer?.cancel()
        ring?.silenceTimer?.cancel()
        ring = nil
    }

    private func end(of ring: FollowedRing) -> IncomingEnd {
        let isByUs = hangUps > ring.hangUpsBefore
        if reducer?.wasAnswered == true { return isByUs ? .local : .remote }
        if ring.isRefused { return .refused }
        if ring.wasAnsweredByUs { return isByUs ? .local : .goneWhileAnswering }
        return .missed
    }

    // MARK: Refusing

    private func refuse(_ step: ModemDriver.HangUpStep, urgently: Bool) async -> Bool {
        guard urgently, case .command(let command) = step else { return await run(step) }
        do throws(CommandExchange.Failure) {
            return try await execute(command, urgently: true).isOK
        } catch {
            log.debug("\(command.text): \(error)")
            return false
        }
    }

    /// Looks for up to 2 s whether the call is gone.
    private func ringStops(_ id: Int) async -> Bool {
        let due = loop.now + .seconds(2)
        while ring?.call.id == id, !isClosed, !exchange.isUnresponsive {
            if tellsCalls, let calls = await listCalls() {
                learn(from: calls)
                apply(reducer?.callList(calls, at: loop.now) ?? [])
            }
            if ring?.call.id != id || loop.now >= due { break }
            await pause(.milliseconds(250))
        }
        return ring?.call.id != id && !isClosed
    }

    private func ringEnds(_ id: Int, within limit: Duration) async -> Bool {
        let due = loop.now + limit
        while ring?.call.id == id, !isClosed, loop.now < due { await pause(.milliseconds(250)) }
        return ring?.call.id != id && !isClosed
    }
}
