internal import ATProtocol
internal import CallModel
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
    package func dial(
        _ number: String,
        blocksFor: Duration,
        updates: @escaping @Sendable (CallUpdate) -> Void
    ) async throws(ModemError) {
        var isDialled = false
        // What is not dialled after all keeps no ring from being followed.
        defer { if !isDialled { followsNoRings = false } }
        guard callIsOver else { throw .occupied("a call that is just being made") }
        let hangUpsBefore = hangUps
        await rest()
        for command in driver.beforeDial { _ = await ask(command, urgently: followsNoRings) }
        try checkAlive(doing: "getting ready to dial")
        // Somebody may have begun to ring in the meantime.
        guard callIsOver else { throw .occupied("incoming, ringing") }
        guard hangUps == hangUpsBefore else { return updates(.released(CallRelease(kind: .unknown))) }
        isDialled = true
        callUpdates = updates
        beginCall()
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
            // What comes over a slow dial command may abort it (V.250 §5.6.1): not when help is called.
            case .immediate where !dialMayBlock: followsNoRings ? .seconds(30) : Self.acceptedWithin
            case .immediate: max(.seconds(30), blocksFor + .seconds(5))
            case .onAnswer, .onConnectWord: max(.seconds(30), blocksFor + .seconds(5))
            }
        updates(.dialled)
        // A call for help waits for nothing.
        dialID = send(.dial(number, within: limit), urgently: followsNoRings) { self.dialed($0) }
    }

    /// How long `OK` to a dial command may take before the list is asked instead, where it does not mean the answer.
    ///
    /// One that was lost on the line must not hide the answer; sticks were seen to need 5 s.
    private static let acceptedWithin: Duration = .seconds(8)

    /// Forgets what was known of the call before.
    func beginCall() {
        callIsOver = false
        pendingRelease = nil
        endIsInferred = false
        endIsConcluded = false
        unansweredLists = 0
        refusedLists = 0
        restartedInCall = false
        restartIsSuspected = false
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
        if release.mayComeUp { secondLookAt = loop.now + Self.comesUpWithin }
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

    /// Tells the end, once the modem was told to hang up too where it is not certain.
    private func tellRelease(_ release: CallRelease) {
        let isCertain = !endIsInferred && !release.mayComeUp
        guard !callIsOver, !isCertain, !endIsConcluded, !isClosed, !exchange.isUnresponsive else {
            return concludeRelease(release)
        }
        loop.start { await self.makeTrue(release) }
    }

    private func makeTrue(_ release: CallRelease) async {
        if endIsInferred {
            log.warning("the modem lists the call no more and reports no end: hanging up to be sure")
            if await !endCalls() { log.warning("the call may still be up") }
        } else {
            _ = await ask(.hangUp, urgently: true)
        }
        concludeRelease(pendingRelease ?? release)
    }

    func concludeRelease(_ release: CallRelease) {
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

    /// How many refusals of the list in a row say that there is none: in a call's set-up it may be refused in passing.
    private static let refusalsToBelieve = 10

    /// Asks for the call list now, or once more when an answer is under way that may be older than the question.
    func poll() {
        pollTimer?.cancel()
        guard !callIsOver, reducer?.mayPoll == true else { return }
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
            refusedLists = 0
            callListIsSupported = true
            let calls = reply.lines.compactMap { CallListEntry(clcc: $0) }
            learn(from: calls)
            apply(reducer?.callList(calls, at: loop.now) ?? [])
            if reducer?.listFlickers == true { listFlickers = true }
        case .success:
            refusedLists += 1
            if refusedLists >= Self.refusalsToBelieve { callListIsSupported = false }
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
