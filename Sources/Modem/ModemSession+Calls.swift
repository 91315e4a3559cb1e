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
    ///   - blocksFor: how long the dial command may stay unanswered on a modem that is silent until the far end
    /// answers.
    ///   - isHidden: whether our number is kept from the one who is called; see ``obstacleToHiding()``.
    ///   - updates: called on the modem's loop, in order; the last one is `released` or `failed`.
    /// - Throws: what a lost modem throws, and ``ModemError/occupied(_:)`` while an earlier call is being followed.
    package func dial(
        _ number: String,
        blocksFor: Duration,
        isHidden: Bool = false,
        updates: @escaping @Sendable (CallUpdate) -> Void
    ) async throws(ModemError) {
        var isDialled = false
        // What is not dialled after all keeps no ring from being followed.
        defer { if !isDialled { follower.followsNoRings = false } }
        if follower.isRinging, !follower.followsNoRings { await outlastRing() }
        guard follower.isOver else {
            throw .occupied(follower.isRinging ? "incoming, ringing" : "a call that is just being made")
        }
        let hangUpsBefore = follower.hangUps
        await rest()
        for command in driver.beforeDial { _ = await ask(command, urgently: follower.followsNoRings) }
        try checkAlive(doing: "getting ready to dial")
        // A ring may have begun in the meantime.
        guard follower.isOver else { throw .occupied("incoming, ringing") }
        guard follower.hangUps == hangUpsBefore else { return updates(.released(CallRelease(kind: .unknown))) }
        isDialled = true
        callUpdates = updates
        follower.dialling(number, at: loop.now)
        updates(.dialled)
        let accepts = driver.rules.dialCompletion == .immediate && !dialMayBlock
        let limit = accepts ? driver.rules.acceptsWithin : max(.seconds(30), blocksFor + .seconds(5))
        // A call for help waits for nothing.
        let command = ATCommand.dial(number, isHidden: isHidden, within: limit)
        follower.callCommand = send(command, urgently: follower.followsNoRings) { self.dialed($0) }
    }

    /// Waits until a ring is over whose caller has gone: one who rang during the call before, and is not listed any more.
    private func outlastRing() async {
        let end = loop.now + Self.ringsOutWithin
        while follower.isRinging, !isClosed, loop.now < end {
            follow { follower, _ in follower.look() }
            await pause(.milliseconds(500))
        }
    }

    /// Longer than any family's count of empty lists takes.
    private static let ringsOutWithin: Duration = .seconds(4)

    private func dialed(_ result: Result<ATReply, CommandExchange.Failure>) {
        switch result {
        case .success(let reply):
            // Firmware that would not speak of voice calls before has none.
            let hasVoice = !voiceIsDoubtful
            follow { $0.dialReturned(reply.result, hasVoice: hasVoice, at: $1) }
        case .failure(.timedOut): follow { $0.dialUnanswered(at: $1) }
        case .failure(let failure): callCommandFailed(failure, doing: "getting ready to dial")
        }
    }

    private func answerReturned(_ result: Result<ATReply, CommandExchange.Failure>) {
        switch result {
        case .success(let reply): follow { $0.answerReturned(reply.result, at: $1) }
        case .failure(.timedOut): follow { $0.answerUnanswered(at: $1) }
        case .failure(let failure): callCommandFailed(failure, doing: "answering a call")
        }
    }

    private func callCommandFailed(_ failure: CommandExchange.Failure, doing what: String) {
        follow { $0.callAbandoned(at: $1) }
        switch failure {
        case .abandoned, .timedOut: break  // Hanging up goes on from here.
        case .unresponsive, .queueFull: follow { $0.fail(.stoppedAnswering(doing: what), at: $1) }
        case .portClosed: follow { $0.fail(.vanished, at: $1) }
        }
    }

    // MARK: Following the call

    /// Hands the follower an event and the time, and performs what it wants.
    func follow(_ event: (inout CallFollower, ContinuousClock.Instant) -> [CallFollower.Step]) {
        follower.isReachable = !isClosed && !exchange.isUnresponsive
        for step in event(&follower, loop.now) { perform(step) }
        expectFollower()
    }

    private func perform(_ step: CallFollower.Step) {
        switch step {
        case .askForCallList: send(.callList) { self.listed($0) }
        case .askForCause: send(.releaseCause) { self.explained($0) }
        case .lookForRestart: lookForRestart()
        case .answer: follower.callCommand = send(.answer, urgently: true) { self.answerReturned($0) }
        case .refuse: loop.start { await self.refuse() }
        case .refuseWaiting: send(.refuseWaiting) { [log] in log.debug("refused the call that waited: \($0)") }
        case .hangUpForSure(let release): loop.start { await self.hangUpForSure(release) }
        case .expire(let command): perform(exchange.expire(command, at: loop.now))
        case .decide(let call):
            guard let decision = ringWatcher?.decide(call) else { return }
            follow { follower, _ in follower.decided(decision, of: call.id) }
        case .tell(let update):
            soundFollows(update)
            callUpdates?(update)
        case .tellRing(let update):
            if case .answerFailed(_, let reason) = update { log.warning("the call was not answered: \(reason)") }
            soundFollows(update)
            ringWatcher?.updates(update)
        }
    }

    private func expectFollower() {
        let due = follower.nextDue
        guard due != followTimer?.due else { return }
        followTimer?.timer.cancel()
        followTimer = due.map { due in
            let timer = loop.schedule(at: due) { [weak self] in
                self?
                    .assumeIsolated { session in
                        session.followTimer = nil
                        session.follow { $0.timePassed(at: $1) }
                    }
            }
            return (due, timer)
        }
    }

    private func listed(_ result: Result<ATReply, CommandExchange.Failure>) {
        switch result {
        case .success(let reply) where reply.isOK:
            let calls = reply.lines.compactMap { CallListEntry(clcc: $0) }
            follow { $0.listed(calls, at: $1) }
        case .success: follow { $0.listRefused(at: $1) }
        case .failure(let failure):
            tell(.unansweredList, "the call list was not answered: \(failure)")
            // One that had to make way for something urgent says nothing about the modem.
            var isSilence = false
            if case .timedOut = failure { isSilence = true }
            follow { [isSilence] in $0.listUnanswered(isSilence: isSilence, at: $1) }
        }
    }

    private func explained(_ result: Result<ATReply, CommandExchange.Failure>) {
        var cause: ReleaseCause?
        if case .success(let reply) = result, reply.isOK { cause = ReleaseCause(reply: reply.lines) }
        follow { [cause] in $0.explained(by: cause, at: $1) }
    }

    private func hangUpForSure(_ release: CallRelease) async {
        if follower.endIsInferred {
            log.warning("the modem lists the call no more and reports no end: hanging up to be sure")
            if await !endCalls() { log.warning("the call may still be up") }
        } else {
            _ = await ask(.hangUp, urgently: true)
        }
        follow { $0.hungUpForSure(release, at: $1) }
    }

    /// The calls that the modem has.
    ///
    /// - Returns: nil when it does not tell.
    func listCalls() async -> [CallListEntry]? {
        do throws(CommandExchange.Failure) {
            let reply = try await execute(.callList)
            return reply.isOK ? reply.lines.compactMap { CallListEntry(clcc: $0) } : nil
        } catch {
            return nil
        }
    }

    // MARK: A modem that falls silent

    /// The exchange has given the modem up.
    ///
    /// In a call it is asked again for a while before the call is given up too.
    func modemIsDeaf() {
        guard !follower.isOver, !isReviving else { return }
        isReviving = true
        loop.start { await self.revive() }
    }

    private func revive() async {
        for _ in 0..<2 {
            await pause(.seconds(1))
            guard !follower.isOver, !isClosed else { break }
            perform(exchange.revive(at: loop.now))
            if await ask(greeting) != nil {
                isReviving = false
                log.info("the modem answers again")
                follow { follower, _ in follower.look() }
                return
            }
        }
        isReviving = false
        // Ended in the meantime: what is written now could only strike something else.
        guard !follower.isOver, !isClosed else { return }
        // It may still obey, although nothing comes back: the last things that can end the call. One that only rings is
        // the caller's to end.
        if follower.reducer?.phase != .ringing { await hangUpUnheard() }
        follow { $0.fail(.stoppedAnswering(doing: "in a call"), at: $1) }
    }
}
