internal import ATProtocol
internal import CallModel
internal import Logging

extension ModemSession {
    /// Ends every call that the modem has and checks that it is gone; rougher from step to step, because a call that
    /// stays up costs money.
    ///
    /// - Returns: whether the modem is known to have no call any more.
    package func hangUp() async -> Bool {
        follower.hangUpRequested()
        if follower.isRinging, await !refuse() { return false }
        let isIdle = await endCalls()
        // A call that came in must not be followed for ever where nothing tells of its end.
        if !isIdle, !follower.tellsCalls, !isClosed, !exchange.isUnresponsive {
            follow { $0.hangUpConcluded(at: $1) }
        }
        return isIdle
    }

    /// One ladder at a time: a second request waits for the outcome of the first.
    func endCalls() async -> Bool {
        if isEndingCalls { return await withCheckedContinuation { waitingForIdle.append($0) } }
        isEndingCalls = true
        let isIdle = await climbLadder()
        isEndingCalls = false
        for waiter in waitingForIdle { waiter.resume(returning: isIdle) }
        waitingForIdle = []
        return isIdle
    }

    private func climbLadder() async -> Bool {
        if isClosed { return false }
        follower.hangUpBegun()
        await stopDialing()
        if follower.isEnding, !follower.endIsInferred, await isIdle() { return true }
        var ladder = HangUpLadder(
            driver.hangUp,
            isInferred: follower.endIsInferred,
            tellsCalls: follower.tellsCalls
        )
        while !isClosed, let step = ladder.next(tellsCalls: follower.tellsCalls) {
            let isAccepted = await run(step)
            follower.endedAt = loop.now
            if ladder.done(isAccepted: isAccepted, isReported: follower.reportedEnd), await becomesIdle() {
                follower.endIsInferred = false
                return true
            }
            if exchange.isUnresponsive, await !hangUpBlindly() { return false }
            log.warning("not known to be idle after \(step)")
        }
        return false
    }

    /// Whether a second look is due, because a call ended before anything rang; see ``CallRelease/mayComeUp``.
    package var mayComeUp: Bool { follower.secondLookAt != nil && !isClosed }

    /// Makes sure that no call of ours is left; quick when there is none, and 4 s where one may still come up.
    ///
    /// - Parameter waits: whether the second look is waited for that a call needs which ended before anything rang; else it is
    ///   for the caller to look again while ``mayComeUp``.
    /// - Returns: whether the modem is known to have no call.
    package func ensureIdle(waits: Bool = true) async -> Bool {
        let isIdle = await looksIdle()
        guard waits, let instant = follower.secondLookAt, !isClosed else { return isIdle }
        await pause(instant - loop.now)
        // What is followed by now is another call's.
        guard follower.isOver else { return true }
        follower.secondLookAt = nil
        // The list may leave out a call that has just come up: the command goes out in any case.
        _ = await ask(.hangUp)
        return follower.tellsCalls ? await looksIdle() : isIdle
    }

    /// Makes sure that no call is left of one that came in, unless the next one is followed by now.
    ///
    /// - Returns: whether the modem is known to have no such call.
    package func ensureIdle(after call: IncomingCall.ID) async -> Bool {
        if let ringing = follower.incomingCall, ringing.id != call, !follower.isOver { return true }
        return await ensureIdle()
    }

    private func looksIdle() async -> Bool {
        if isClosed { return false }
        if exchange.isUnresponsive {
            if !follower.reportedEnd { await hangUpUnheard() }
            return false
        }
        if !isEndingCalls, !follower.endIsInferred, await isIdle() { return true }
        return await endCalls()
    }

    // MARK: Parts

    /// A dial command that blocks is in the way of everything else: it is given the chance to return where it is due
    /// to, then broken off.
    private func stopDialing() async {
        if let command = follower.callCommand { perform(exchange.withdraw(command)) }
        guard exchange.isWaitingForCall else { return }
        let isAnswering = follower.reducer?.direction == .incoming
        if isAnswering || (driver.rules.dialCompletion == .immediate && !dialMayBlock) {
            // Sticks were seen to need 5 s for an answer.
            let due = loop.now + (isAnswering ? .seconds(6) : .seconds(2))
            while exchange.isWaitingForCall, loop.now < due, !isClosed { await pause(.milliseconds(50)) }
        }
        // It may have returned in the meantime; what is in flight by now must not be written over.
        guard exchange.isWaitingForCall else { return }
        dialWasAbandoned = true
        perform(exchange.abandon(by: .hangUp, at: loop.now))
    }

    func run(_ step: ModemDriver.HangUpStep) async -> Bool {
        switch step {
        case .command(let command): return await ask(command, urgently: true) != nil
        case .releaseIndexed:
            var isAccepted = false
            // The list knows best; a modem has seven calls at most (27.007 §7.18).
            let indexes = liveIndexes.isEmpty ? [follower.reducer?.index].compactMap(\.self) : liveIndexes
            for index in indexes.prefix(7) {
                isAccepted =
                    await ask(ATCommand("AT+CHLD=1\(index)", within: .seconds(10)), urgently: true) != nil || isAccepted
            }
            return isAccepted
        case .hook:
            _ = await ask(ATCommand("AT+CVHU=0", within: .seconds(2)), urgently: true)
            return await ask(.hook, urgently: true) != nil
        case .radioCycle:
            log.error("no command ends the call: switching the radio off and on")
            var isOff = await ask(ATCommand("AT+CFUN=4", within: .seconds(15))) != nil
            if !isOff { isOff = await ask(ATCommand("AT+CFUN=0", within: .seconds(15))) != nil }
            await pause(.seconds(1))
            _ = await ask(ATCommand("AT+CFUN=1", within: .seconds(15)))
            return isOff
        }
    }

    private func becomesIdle() async -> Bool {
        let begun = loop.now
        while !isClosed, !exchange.isUnresponsive {
            if await isIdle(lists: follower.emptyListsNeeded(afterHangUp: true, at: begun)) { return true }
            if loop.now >= begun + .seconds(2) { break }
            await pause(.milliseconds(250))
        }
        return false
    }

    private func isIdle(lists: Int? = nil) async -> Bool {
        guard follower.tellsCalls else { return follower.reportedEnd }
        for round in 0..<(lists ?? follower.emptyListsNeeded(afterHangUp: false, at: loop.now)) {
            if round > 0 { await pause(.milliseconds(300)) }
            guard let calls = await listCalls() else { return false }
            liveIndexes = follower.toBeEnded(in: calls).map(\.index)
            guard liveIndexes.isEmpty else { return false }
            // What the list says, the call's own record should say too.
            follow { $0.saw(calls, at: $1) }
        }
        return true
    }

    /// Nothing is answered any more: the commands go out all the same, then the lines drop.
    ///
    /// - Returns: whether the modem came back.
    private func hangUpBlindly() async -> Bool {
        // A stick that is deaf while it dials comes back with the answer; until then its call can't be ended.
        let rounds = dialWasAbandoned && driver.rules.dialCompletion != .immediate ? 4 : 1
        for _ in 0..<rounds {
            await hangUpUnheard()
            perform(exchange.revive(at: loop.now))
            if await ask(greeting) != nil { return true }
            if isClosed { break }
        }
        follow { $0.fail(.stoppedAnswering(doing: "hanging up"), at: $1) }
        return false
    }

    /// Writes the commands that end a call without waiting for an answer, and drops DTR and RTS.
    func hangUpUnheard() async {
        link?.write([0x1B] + ATCommand.hangUp.bytes)
        await pause(.milliseconds(300))
        link?.write(ATCommand.hook.bytes)
        await pause(.milliseconds(300))
        link?.dropLines()
    }
}
