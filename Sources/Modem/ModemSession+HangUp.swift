internal import ATProtocol
internal import Logging

extension ModemSession {
    /// Ends whatever call the modem has and checks that it is gone; rougher from step to step, because a call that
    /// stays up costs money.
    ///
    /// - Returns: whether the modem is known to have no call any more.
    public func hangUp() async -> Bool {
        hangUps += 1
        return await endCalls()
    }

    /// One ladder at a time: whoever asks while one is being climbed waits for its outcome.
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
        pollTimer?.cancel()
        reducer?.hangUpBegun()
        await stopDialing()
        if pendingRelease != nil || callIsOver, await isIdle(confirmations: 1) { return true }
        for step in driver.hangUp {
            if isClosed { return false }
            let accepted = await run(step)
            callEndedAt = loop.now
            if await becomesIdle(believing: accepted) { return true }
            log.warning("the call is still up after \(step)")
            if exchange.isUnresponsive, await !hangUpBlindly() { return false }
        }
        return false
    }

    /// Makes sure that no call of ours is left; quick when there is none.
    ///
    /// - Returns: whether the modem is known to have no call.
    public func ensureIdle() async -> Bool {
        if isClosed || exchange.isUnresponsive { return false }
        if await isIdle(confirmations: 1) { return true }
        return await hangUp()
    }

    // MARK: Parts

    /// A dial command that blocks is in the way of everything else: it is given the chance to return where it is due to,
    /// then broken off.
    private func stopDialing() async {
        guard exchange.isWaitingForCall else { return }
        if driver.rules.dialCompletion == .immediate {
            let due = loop.now + .seconds(2)
            while exchange.isWaitingForCall, loop.now < due, !isClosed { await pause(.milliseconds(50)) }
        }
        perform(exchange.abandon(by: .hangUp, at: loop.now))
    }

    private func run(_ step: ModemDriver.HangUpStep) async -> Bool {
        switch step {
        case .command(let command): return await ask(command) != nil
        case .releaseIndexed:
            guard let index = reducer?.index else { return false }
            return await ask(ATCommand("AT+CHLD=1\(index)", within: .seconds(10))) != nil
        case .hook:
            _ = await ask(ATCommand("AT+CVHU=0", within: .seconds(2)))
            return await ask(.hook) != nil
        case .radioCycle:
            log.error("no command ends the call: switching the radio off and on")
            var isOff = await ask(ATCommand("AT+CFUN=4", within: .seconds(15))) != nil
            if !isOff { isOff = await ask(ATCommand("AT+CFUN=0", within: .seconds(15))) != nil }
            await pause(.seconds(1))
            _ = await ask(ATCommand("AT+CFUN=1", within: .seconds(15)))
            return isOff
        }
    }

    private func becomesIdle(believing accepted: Bool) async -> Bool {
        let due = loop.now + .seconds(2)
        // A call whose dialling was broken off may yet appear; look twice then.
        let confirmations = dialedAt.map { loop.now - $0 < .seconds(5) } == true ? 2 : 1
        while !isClosed, !exchange.isUnresponsive {
            if await isIdle(confirmations: confirmations) { return true }
            if loop.now >= due { break }
            await pause(.milliseconds(250))
        }
        // Without a list, and without a report of the end, the modem's OK is all there is.
        return !isClosed && !exchange.isUnresponsive && !tellsCalls && accepted
    }

    private func isIdle(confirmations: Int) async -> Bool {
        guard tellsCalls else { return callIsOver || pendingRelease != nil }
        for round in 0..<confirmations {
            if round > 0 { await pause(.milliseconds(300)) }
            guard let calls = await listCalls() else { return false }
            let live = calls.filter { $0.isVoice && $0.state != .disconnected && !isUnanswered($0) }
            if !live.isEmpty { return false }
            // What the list says, the call's own record should say too.
            apply(reducer?.callList(calls, at: loop.now) ?? [])
        }
        return true
    }

    /// Somebody else's call that rings here is not ours to end.
    private func isUnanswered(_ call: CallListEntry) -> Bool {
        call.direction == .incoming && (call.state == .incoming || call.state == .waiting)
    }

    /// Whether the list of calls means anything on this modem.
    private var tellsCalls: Bool { callListIsSupported && (reducer?.listIsUsable ?? true) }

    /// Nothing is answered any more: the commands go out all the same, then the lines drop.
    ///
    /// - Returns: whether the modem came back.
    private func hangUpBlindly() async -> Bool {
        link?.write([0x1B] + ATCommand.hangUp.bytes)
        await pause(.milliseconds(300))
        link?.write(ATCommand.hook.bytes)
        await pause(.milliseconds(300))
        perform(exchange.revive(at: loop.now))
        if await ask(.attention) != nil { return true }
        link?.dropLines()
        failCall(.stoppedAnswering(doing: "hanging up"))
        return false
    }
}
