internal import ATProtocol
internal import Logging

extension ModemSession {
    /// Who decides about calls that come in, and who is told of them.
    struct RingWatcher: Sendable {
        var decide: @Sendable (IncomingCall) -> IncomingDecision
        var updates: @Sendable (IncomingUpdate) -> Void
    }

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
        follower.isWatching = true
    }

    /// The call that comes in or was answered; nil when there is none.
    package var incomingCall: IncomingCall? { follower.incomingCall }

    /// Answers the call that rings: `ATA` goes out before every other command that waits.
    ///
    /// `OK` to it proves nothing; `answered`, `answerFailed` or `released` follows.
    ///
    /// - Returns: whether there was a call to answer.
    @discardableResult
    package func answer() -> Bool {
        guard follower.canAnswer, !isClosed else { return false }
        follow { follower, _ in follower.answer() }
        return true
    }

    /// Refuses the call that rings, as busy, and verifies that it stops.
    ///
    /// A call that is being answered or has been is hung up instead.
    ///
    /// - Returns: whether the modem is known to have the call no more.
    @discardableResult
    package func refuse() async -> Bool {
        guard let id = incomingCall?.id else { return !isClosed }
        guard follower.isRinging else { return await hangUp() }
        if follower.isRefusing { return await ringEnds(id, within: .seconds(30)) }
        follower.refusalBegun()
        for (number, step) in driver.refuse.enumerated() {
            if isClosed || exchange.isUnresponsive { return false }
            _ = await refuse(step, urgently: number == 0)
            if await ringStops(id) { return true }
            log.warning("the call rings on after \(step)")
        }
        // Where nothing tells of a call's end, silence does.
        guard !follower.tellsCalls, await ringEnds(id, within: CallReducer.longestSilence + .seconds(2)) else {
            return false
        }
        return true
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
        while incomingCall?.id == id, !isClosed, !exchange.isUnresponsive {
            if follower.tellsCalls, let calls = await listCalls() {
                follow { $0.identify(from: calls, at: $1) + $0.saw(calls, at: $1) }
            }
            if incomingCall?.id != id || loop.now >= due { break }
            await pause(.milliseconds(250))
        }
        return incomingCall?.id != id && !isClosed
    }

    private func ringEnds(_ id: Int, within limit: Duration) async -> Bool {
        let due = loop.now + limit
        while incomingCall?.id == id, !isClosed, loop.now < due { await pause(.milliseconds(250)) }
        return incomingCall?.id != id && !isClosed
    }
}
