internal import ATProtocol
package import CallModel
internal import Logging

/// A call that a modem has and that is not followed.
package struct LeftBehindCall: Sendable, Hashable {
    let entry: CallListEntry

    /// Which side began it.
    package var direction: CallDirection { entry.direction }
    /// The other side, where the modem tells.
    package var number: String? { entry.number }
}

// A modem that is to have no call: before one is dialled, and while none is followed.
extension ModemSession {
    /// Makes sure that the modem can dial: ends a call that an earlier, crashed owner left behind, learns whether the
    /// modem lists its calls at all, and keeps the family's rest after a call.
    ///
    /// - Parameters:
    ///   - isForEmergency: whether every call has to make way, also one that came in, and nothing is waited for.
    ///   - mayBeDeaf: whether help is dialled also where the modem has left a question unanswered; where another one may take
    ///     the call, that is found out first.
    /// - Throws: ``ModemError/occupied(_:)`` when a call rings or is talked on, or does not end.
    package func prepareToDial(isForEmergency: Bool = false, mayBeDeaf: Bool = true) async throws(ModemError) {
        if isForEmergency { follower.followsNoRings = true }
        breakOffTyped()
        guard isForEmergency || !identity.isDataOnly else {
            throw .noService("this modem makes no calls: its hardware is for data only")
        }
        do throws(ModemError) {
            try await makeIdle(isForEmergency: isForEmergency, mayBeDeaf: mayBeDeaf)
        } catch {
            follower.followsNoRings = false
            throw error
        }
        if isForEmergency {
            follower.endedAt = nil
            // The call before is not waited for, even if its cause is still asked for.
            if !follower.isOver {
                follow { $0.conclude($0.release ?? CallRelease(kind: .unknown), at: $1) }
            }
            // The end of a ring lets rings be followed again; help comes first still.
            follower.followsNoRings = true
        }
        await rest()
        try checkAlive(doing: "getting ready to dial")
    }

    /// The call that the modem has without anybody following it, as a program leaves one that was killed; nil where
    /// there is none, where there are several, and where it is not answered.
    package func leftBehindCall() async -> LeftBehindCall? {
        guard let calls = await listCalls() else { return nil }
        let live = calls.filter { $0.mayBeCall && $0.state != .disconnected }
        guard live.count == 1, let call = live.first, call.state == .active, follower.isOver else { return nil }
        return LeftBehindCall(entry: call)
    }

    /// Follows a call that is up already; see ``leftBehindCall()``.
    ///
    /// - Parameter updates: called on the modem's loop, in order; the last one is `released` or `failed`.
    /// - Returns: whether it is followed; false where another call is, or the modem is lost.
    package func adopt(_ call: LeftBehindCall, updates: @escaping @Sendable (CallUpdate) -> Void) -> Bool {
        guard follower.isOver, !isClosed else { return false }
        callUpdates = updates
        follow { $0.adopt(call.entry, at: $1) }
        return true
    }

    /// Ends every call that the modem has without anybody following it, as a program leaves one that was killed; one
    /// that just rings is left alone.
    ///
    /// - Parameter isSuspected: whether there is reason to think that it has one, so that a modem that lists no calls is
    ///   told to hang up all the same.
    /// - Returns: whether the modem is known to have no such call any more.
    package func endLeftBehindCalls(isSuspected: Bool = false) async -> Bool {
        guard let calls = await listCalls() else {
            // A deaf modem is the concern of the health watch.
            guard isSuspected, follower.isOver, !isClosed, !exchange.isUnresponsive else { return true }
            log.warning("the modem lists no calls, and one may have been left behind: hanging up")
            follower.listIsSupported = false
            // Nothing can show that it is idle: as many commands as after an end that was only concluded.
            follower.endIsInferred = true
            return await endCalls()
        }
        let ringing: Set<CallListEntry.State> = [.incoming, .waiting]
        let left = calls.filter { $0.mayBeCall && $0.state != .disconnected && !ringing.contains($0.state) }
        // The one that cancels this has taken the modem, and looks then.
        guard let call = left.first, follower.isOver, !Task.isCancelled else { return true }
        log.warning("ending a call that was left behind (index \(call.index), \(call.state))")
        return await endCalls()
    }

    /// Begins to look at the call list for a dial that is about to be prepared, and returns at once.
    ///
    /// A modem takes 5 ms and more for its answer; meanwhile limits and journal can be dealt with.
    package func glance() {
        guard follower.isOver, !glanceIsUnderWay else { return }
        glanceIsUnderWay = true
        send(.callList) { self.glanced($0) }
    }

    private func glanced(_ result: Result<ATReply, CommandExchange.Failure>) {
        glanceIsUnderWay = false
        if case .success(let reply) = result, reply.isOK, follower.isOver {
            let isIdle = reply.lines.compactMap { CallListEntry(clcc: $0) }
                .allSatisfy { !$0.mayBeCall || $0.state == .disconnected }
            idleSeenAt = isIdle ? loop.now : nil
            follower.listIsSupported = true
        }
        for waiter in waitingForGlance { waiter.resume() }
        waitingForGlance = []
    }

    private func makeIdle(isForEmergency: Bool, mayBeDeaf: Bool) async throws(ModemError) {
        // A hang-up that is under way would strike the next call.
        if isEndingCalls { _ = await endCalls() }
        // One that failed before anything rang may yet come up; help does not wait for that.
        if !isForEmergency, follower.secondLookAt != nil, follower.isOver { _ = await ensureIdle() }
        if glanceIsUnderWay { await withCheckedContinuation { waitingForGlance.append($0) } }
        // A ring that has begun since is a call that is followed.
        if let seen = idleSeenAt, loop.now - seen < .seconds(1), follower.isOver { return }
        var reply: ATReply?
        for attempt in 0..<3 where reply?.isOK != true {
            if attempt > 0 { await pause(.milliseconds(300)) }
            do throws(CommandExchange.Failure) {
                reply = try await execute(.callList, urgently: isForEmergency)
            } catch {
                log.info("the call list was not answered: \(error)")
                try checkAlive(doing: "listing its calls")
                if isForEmergency, !mayBeDeaf { throw .stoppedAnswering(doing: "listing its calls") }
                if attempt == 1 { break }
            }
        }
        guard let reply else {
            follower.listIsSupported = false
            return log.warning("the modem does not answer AT+CLCC; only its own reports tell what becomes of a call")
        }
        follower.listIsSupported = reply.isOK
        guard reply.isOK else {
            return log.warning("the modem does not list its calls; only its own reports tell what becomes of one")
        }
        let calls = reply.lines.compactMap { CallListEntry(clcc: $0) }
            .filter { $0.mayBeCall && $0.state != .disconnected }
        guard let call = calls.first else { return }
        // One that is talked on and not followed is left behind like any other.
        let theirs = calls.first {
            $0.direction == .incoming && (!follower.isOver || $0.state == .incoming || $0.state == .waiting)
        }
        if let theirs {
            guard isForEmergency else {
                throw .occupied("incoming, \(theirs.state == .incoming ? "ringing" : "\(theirs.state)")")
            }
            _ = await ask(.hangUp)
            follower.endedAt = loop.now
        }
        log.warning("ending a call that was left behind (index \(call.index), \(call.state))")
        let isIdle = await endCalls()
        // Help is called for all the same: the network may let the new call through.
        guard isIdle || isForEmergency else {
            throw .occupied("left behind by an earlier run, and it does not end: unplug the modem")
        }
    }

    /// Waits until the modem may dial again after its last call.
    func rest() async {
        guard let endedAt = follower.endedAt, loop.now - endedAt < driver.restAfterCall else { return }
        await pause(driver.restAfterCall - (loop.now - endedAt))
    }
}
