public import ATProtocol
internal import Logging

extension ModemSession {
    /// Dials, and reports from then on what becomes of the call.
    ///
    /// Returns as soon as the dial command is on its way; see ``prepareToDial()`` for what belongs before it.
    ///
    /// - Parameters:
    ///   - number: digits with an optional `+`, already checked against the dial plan.
    ///   - blocksFor: how long the dial command may stay unanswered on a modem that is silent until the far end answers.
    ///   - updates: called on the modem's loop, in order; the last one is `released` or `failed`.
    /// - Throws: what a lost modem throws, and ``ModemError/occupied(_:)`` while an earlier call is being followed.
    public func dial(
        _ number: String,
        blocksFor: Duration,
        updates: @escaping @Sendable (CallUpdate) -> Void
    ) async throws(ModemError) {
        guard callIsOver else { throw .occupied("a call that is just being made") }
        let hangUpsBefore = hangUps
        await rest()
        for command in driver.beforeDial { _ = await ask(command, urgently: followsNoRings) }
        try checkAlive(doing: "getting ready to dial")
        // Somebody may have begun to ring in the meantime.
        guard callIsOver else { throw .occupied("incoming, ringing") }
        guard hangUps == hangUpsBefore else { return updates(.released(CallRelease(kind: .unknown))) }
        callUpdates = updates
        callIsOver = false
        pendingRelease = nil
        endIsInferred = false
        unansweredLists = 0
        restartedInCall = false
        restartIsSuspected = false
        // A call for help is followed under whatever number the network gives it; it has no PIN to give away.
        reducer = CallReducer(
            dialling: followsNoRings ? nil : number,
            rules: driver.rules,
            listIsUsable: callListIsSupported,
            at: loop.now
        )
        dialedAt = loop.now
        let limit: Duration =
            switch driver.rules.dialCompletion {
            case .immediate where !dialMayBlock: .seconds(30)
            case .immediate: max(.seconds(30), blocksFor + .seconds(5))
            case .onAnswer, .onConnectWord: max(.seconds(30), blocksFor + .seconds(5))
            }
        // A call for help waits for nothing.
        dialID = send(.dial(number, within: limit), urgently: followsNoRings) { self.dialed($0) }
    }

    private func dialed(_ result: Result<ATReply, CommandExchange.Failure>) {
        dialID = nil
        switch result {
        case .success(let reply) where reply.result == .error && voiceIsDoubtful:
            // The firmware would not speak of voice calls before either.
            apply(reducer?.dialResult(.noDialtone, at: loop.now) ?? [])
        case .success(let reply): apply(reducer?.dialResult(reply.result, at: loop.now) ?? [])
        case .failure(.timedOut): apply(reducer?.dialUnanswered(at: loop.now) ?? [])
        case .failure(.abandoned): break  // Hanging up goes on from here.
        case .failure(.unresponsive), .failure(.queueFull): failCall(.stoppedAnswering(doing: "getting ready to dial"))
        case .failure(.portClosed): failCall(.vanished)
        }
        schedulePoll()
    }

    // MARK: Following the call

    func reportToCall(_ indication: Indication) {
        if let release = pendingRelease { pendingRelease = CallReducer.refine(release, by: indication) }
        // With two calls there, a report of an end may be either's, and only the list can tell.
        if waitingCall != nil, tellsCalls, case .ended = CallReport(indication)?.event { return poll() }
        apply(reducer?.report(indication, at: loop.now) ?? [])
        guard let dialID, reducer?.answerIsReported == true else { return }
        // Answered for all the modem reports, and still no result: one that was lost must not hide the answer.
        _ = loop.schedule(at: loop.now + .seconds(1)) { [weak self] in
            self?.assumeIsolated { $0.perform($0.exchange.expire(dialID, at: $0.loop.now)) }
        }
    }

    func apply(_ effects: [CallReducer.Effect]) {
        for effect in effects {
            switch effect {
            case .askForCallList:
                poll()
                // The list comes behind the digit, whose result the end may have swallowed.
                if reducer?.endIsSuspected == true { expireSoon(digitID) }
            case .alerting: callUpdates?(.alerting)
            case .answered: callUpdates?(.answered)
            case .answerFailed(let reason): ringGoesOn(reason)
            case .ended(let release): callEnded(release)
            }
        }
    }

    private func callEnded(_ release: CallRelease) {
        guard !callIsOver, pendingRelease == nil else { return }
        pendingRelease = release
        endIsInferred = release.isInferred
        pollTimer?.cancel()
        callEndedAt = loop.now
        if restartedInCall { return failCall(.vanished) }
        // The word of the end may stand in for the result of what is under way; that is not waited for much longer, so
        // that the cause can be asked for.
        expireSoon(digitID)
        expireSoon(dialID)
        guard release.cause == nil, !isClosed, !exchange.isUnresponsive else { return tellRelease(release) }
        // Why a caller gave up is of no interest, and the next one may ring at any moment.
        if reducer?.direction == .incoming, reducer?.wasAnswered == false { return tellRelease(release) }
        guard restartIsSuspected else { return askForCause() }
        confirmRestart { self.askForCause() }
    }

    private func askForCause() {
        send(.releaseCause) { self.explain($0) }
    }

    private func expireSoon(_ command: Int?) {
        guard let command else { return }
        _ = loop.schedule(at: loop.now + .milliseconds(500)) { [weak self] in
            self?.assumeIsolated { $0.perform($0.exchange.expire(command, at: $0.loop.now)) }
        }
    }

    private func explain(_ result: Result<ATReply, CommandExchange.Failure>) {
        guard var release = pendingRelease else { return }
        if case .success(let reply) = result, reply.isOK, let cause = ReleaseCause(reply: reply.lines) {
            release.cause = cause.code.flatMap { (1...127).contains($0) ? $0 : nil }
            if release.text == nil { release.text = cause.text }
        }
        pendingRelease = release
        // A call that was not answered and ended without a reason: the word for it may be right behind.
        guard release.kind == .unknown, release.cause == nil, reducer?.wasAnswered == false, !isClosed else {
            return tellRelease(release)
        }
        _ = loop.schedule(at: loop.now + .milliseconds(300)) { [weak self] in
            self?
                .assumeIsolated { session in
                    if let release = session.pendingRelease { session.tellRelease(release) }
                }
        }
    }

    private func tellRelease(_ release: CallRelease) {
        guard !callIsOver else { return }
        callIsOver = true
        followsNoRings = false
        callUpdates?(.released(release))
        takeUpWaitingCall()
    }

    /// The modem is lost: the call's fate is unknown and stays so.
    func failCall(_ error: ModemError) {
        guard !callIsOver else { return }
        callIsOver = true
        followsNoRings = false
        callEndedAt = loop.now
        pollTimer?.cancel()
        callUpdates?(.failed(error))
        forgetWaitingCall(error)
    }

    // MARK: Call lists

    /// Asks for the call list now, or once more when an answer is under way that may be older than the question.
    func poll() {
        pollTimer?.cancel()
        guard !callIsOver, reducer?.mayAskForCallList == true else { return }
        if pollIsUnderWay {
            pollAgain = true
            return
        }
        pollIsUnderWay = true
        pollAgain = false
        send(.callList) { self.polled($0) }
    }

    private func polled(_ result: Result<ATReply, CommandExchange.Failure>) {
        pollIsUnderWay = false
        switch result {
        case .success(let reply) where reply.isOK:
            unansweredLists = 0
            callListIsSupported = true
            let calls = reply.lines.compactMap { CallListEntry(clcc: $0) }
            learn(from: calls)
            apply(reducer?.callList(calls, at: loop.now) ?? [])
        case .success:
            apply(reducer?.callListRefused(isPermanent: !callListIsSupported, at: loop.now) ?? [])
        case .failure(let failure):
            tell(.unansweredList, "the call list was not answered: \(failure)")
            // One that had to make way for something urgent says nothing about the modem.
            guard case .timedOut = failure else { break }
            unansweredLists += 1
            // A list that is never answered is none: from here on the modem's own reports have to do.
            if unansweredLists >= 2 {
                callListIsSupported = false
                apply(reducer?.callListRefused(isPermanent: true, at: loop.now) ?? [])
            }
        }
        if pollAgain {
            poll()
        } else {
            schedulePoll()
        }
    }

    func schedulePoll() {
        guard !callIsOver, pendingRelease == nil, !pollIsUnderWay, let reducer else { return }
        pollTimer?.cancel()
        pollTimer = loop.schedule(at: loop.now + reducer.pollInterval) { [weak self] in
            self?
                .assumeIsolated { session in
                    session.poll()
                    // Nothing to ask for yet (a stick that must not be asked): look again later.
                    if !session.pollIsUnderWay { session.schedulePoll() }
                }
        }
    }

    /// The calls that the modem has.
    ///
    /// - Returns: nil when it does not tell.
    func listCalls() async -> [CallListEntry]? {
        do throws(CommandExchange.Failure) {
            let reply = try await execute(.callList)
            if reply.isOK { return reply.lines.compactMap { CallListEntry(clcc: $0) } }
            return nil
        } catch {
            return nil
        }
    }

    /// Makes sure that the modem can dial: ends a call that an earlier, crashed owner left behind, learns whether the
    /// modem lists its calls at all, and keeps the family's rest after a call.
    ///
    /// - Parameter isForEmergency: whether every call has to make way, also one that came in, and nothing is waited for.
    /// - Throws: ``ModemError/occupied(_:)`` when somebody is calling or being talked to, or a call does not end.
    public func prepareToDial(isForEmergency: Bool = false) async throws(ModemError) {
        if isForEmergency {
            followsNoRings = true
            breakOffTyped()
        }
        do throws(ModemError) {
            try await makeIdle(isForEmergency: isForEmergency)
        } catch {
            followsNoRings = false
            throw error
        }
        if isForEmergency {
            callEndedAt = nil
            // Whatever is still known of a call that came in, it is not waited for.
            if reducer?.direction == .incoming { tellRelease(pendingRelease ?? CallRelease(kind: .unknown)) }
        }
        await rest()
        try checkAlive(doing: "getting ready to dial")
    }

    /// The call that the modem has without anybody following it, as a program leaves one that was killed; nil where there is
    /// none, where there are several, and where it is not answered.
    public func leftBehindCall() async -> CallListEntry? {
        guard let calls = await listCalls() else { return nil }
        let live = calls.filter { $0.isVoice && $0.state != .disconnected }
        guard live.count == 1, let call = live.first, call.state == .active, callIsOver else { return nil }
        return call
    }

    /// Follows a call that is up already; see ``leftBehindCall()``.
    ///
    /// - Parameter updates: called on the modem's loop, in order; the last one is `released` or `failed`.
    /// - Returns: whether it is followed; false where another call is, or the modem is lost.
    public func adopt(_ call: CallListEntry, updates: @escaping @Sendable (CallUpdate) -> Void) -> Bool {
        guard callIsOver, !isClosed else { return false }
        callUpdates = updates
        callIsOver = false
        pendingRelease = nil
        endIsInferred = false
        unansweredLists = 0
        restartedInCall = false
        restartIsSuspected = false
        callListIsSupported = true
        reducer = CallReducer(adopted: call, rules: driver.rules, at: loop.now)
        poll()
        return true
    }

    /// Ends every call that the modem has without anybody following it, as a program leaves one that was killed; one that
    /// just rings is left alone.
    ///
    /// - Parameter isSuspected: whether there is reason to think that it has one, so that a modem that lists no calls is
    ///   told to hang up all the same.
    /// - Returns: whether the modem is known to have no such call any more.
    public func endLeftBehindCalls(isSuspected: Bool = false) async -> Bool {
        guard let calls = await listCalls() else {
            // A deaf one is somebody else's concern.
            guard isSuspected, callIsOver, !isClosed, !exchange.isUnresponsive else { return true }
            log.warning("the modem lists no calls, and one may have been left behind: hanging up")
            callListIsSupported = false
            // Nothing can show that it is idle: as many commands as after an end that was only concluded.
            endIsInferred = true
            return await endCalls()
        }
        let ringing: Set<CallListEntry.State> = [.incoming, .waiting]
        let left = calls.filter { $0.isVoice && $0.state != .disconnected && !ringing.contains($0.state) }
        guard let call = left.first, callIsOver else { return true }
        log.warning("ending a call that was left behind (index \(call.index), \(call.state))")
        return await endCalls()
    }

    /// Begins to look at the call list for a dial that is about to be prepared, and returns at once.
    ///
    /// A modem takes 5 ms and more for its answer; meanwhile limits and journal can be dealt with.
    public func glance() {
        guard callIsOver, !glanceIsUnderWay else { return }
        glanceIsUnderWay = true
        send(.callList) { self.glanced($0) }
    }

    private func glanced(_ result: Result<ATReply, CommandExchange.Failure>) {
        glanceIsUnderWay = false
        if case .success(let reply) = result, reply.isOK, callIsOver {
            let isIdle = reply.lines.compactMap { CallListEntry(clcc: $0) }
                .allSatisfy { !$0.isVoice || $0.state == .disconnected }
            idleSeenAt = isIdle ? loop.now : nil
            callListIsSupported = true
        }
        for waiter in waitingForGlance { waiter.resume() }
        waitingForGlance = []
    }

    private func makeIdle(isForEmergency: Bool) async throws(ModemError) {
        if glanceIsUnderWay { await withCheckedContinuation { waitingForGlance.append($0) } }
        // Whoever has begun to ring since is a call that is followed.
        if let seen = idleSeenAt, loop.now - seen < .seconds(1), callIsOver { return }
        var reply: ATReply?
        for attempt in 0..<3 where reply?.isOK != true {
            if attempt > 0 { await pause(.milliseconds(300)) }
            do throws(CommandExchange.Failure) {
                reply = try await execute(.callList, urgently: isForEmergency)
            } catch {
                log.info("the call list was not answered: \(error)")
                try checkAlive(doing: "listing its calls")
                if attempt == 1 { break }
            }
        }
        guard let reply else {
            callListIsSupported = false
            return log.warning("the modem does not answer AT+CLCC; only its own reports tell what becomes of a call")
        }
        callListIsSupported = reply.isOK
        guard reply.isOK else {
            return log.warning("the modem does not list its calls; only its own reports tell what becomes of one")
        }
        let calls = reply.lines.compactMap { CallListEntry(clcc: $0) }
            .filter { $0.isVoice && $0.state != .disconnected }
        guard let call = calls.first else { return }
        if let theirs = calls.first(where: { $0.direction == .incoming }) {
            guard isForEmergency else {
                throw .occupied("incoming, \(theirs.state == .incoming ? "ringing" : "\(theirs.state)")")
            }
            _ = await ask(.hangUp)
            callEndedAt = loop.now
        }
        log.warning("ending a call that was left behind (index \(call.index), \(call.state))")
        let isIdle = await endCalls()
        // Help is called for all the same: the network may let the new call through.
        guard isIdle || isForEmergency else {
            throw .occupied("left behind by an earlier run, and it does not end: unplug the modem")
        }
    }

    /// Waits until the modem may dial again after its last call.
    private func rest() async {
        guard let callEndedAt, loop.now - callEndedAt < driver.restAfterCall else { return }
        await pause(driver.restAfterCall - (loop.now - callEndedAt))
    }

    // MARK: A modem that falls silent

    /// The exchange has given the modem up.
    ///
    /// In a call it is asked again for a while before the call is given up too.
    func modemIsDeaf() {
        guard !callIsOver, !isReviving else { return }
        isReviving = true
        loop.start { await self.revive() }
    }

    private func revive() async {
        for _ in 0..<2 {
            await pause(.seconds(1))
            guard !callIsOver, !isClosed else { break }
            perform(exchange.revive(at: loop.now))
            if await ask(greeting) != nil {
                isReviving = false
                log.info("the modem answers again")
                poll()
                return
            }
        }
        isReviving = false
        // Ended in the meantime: what is written now could only strike something else.
        guard !callIsOver, !isClosed else { return }
        // It may still obey, although nothing comes back: the last things that can end the call. One that only rings is
        // the caller's to end.
        if reducer?.phase != .ringing { await hangUpUnheard() }
        failCall(.stoppedAnswering(doing: "in a call"))
    }
}
