internal import ATProtocol
internal import CallModel
internal import Logging

// A call that comes in while another is followed.
extension ModemSession {
    /// The call that waits behind the one that is followed.
    struct WaitingCall {
        var call: IncomingCall
        var seenAt: ContinuousClock.Instant

        /// Whether an entry of the call list is this call.
        func matches(_ entry: CallListEntry) -> Bool {
            entry.direction == .incoming && (call.index ?? entry.index) == entry.index
                && (entry.state == .incoming || entry.state == .waiting)
        }
    }

    /// How long a waiting call that nobody lists is taken to be there.
    static let waitingIsSilentAfter: Duration = .seconds(15)

    /// Takes a message about a call that comes in during another.
    func noticeWaiting(_ news: RingNews) {
        guard let watcher = ringWatcher, !followsNoRings else { return }
        if waitingCall == nil {
            let caller = news.caller ?? .notYet
            let call = IncomingCall(id: nextRingID, index: news.index, caller: caller, isWaiting: true)
            nextRingID += 1
            waitingCall = WaitingCall(call: call, seenAt: loop.now)
            decideWaiting(call)
            watcher.updates(.ringing(call))
            expectWaitingCall(call.id)
            return
        }
        waitingCall?.seenAt = loop.now
        if waitingCall?.call.index == nil { waitingCall?.call.index = news.index }
        guard let caller = news.caller, waitingCall?.call.number == nil, waitingCall?.call.caller != caller else {
            return
        }
        waitingCall?.call.caller = caller
        guard let call = waitingCall?.call else { return }
        decideWaiting(call)
        watcher.updates(.identified(call))
    }

    private func decideWaiting(_ call: IncomingCall) {
        switch ringWatcher?.decide(call) {
        case .refuse:
            // No other command leaves the call that is followed alone.
            send(.refuseWaiting) { [log] in log.debug("refused the call that waited: \($0)") }
        case .answer, .ignore, .later, nil: break
        }
    }

    private func expectWaitingCall(_ id: Int) {
        _ = loop.schedule(at: loop.now + Self.waitingIsSilentAfter) { [weak self] in
            self?
                .assumeIsolated { session in
                    guard let waiting = session.waitingCall, waiting.call.id == id else { return }
                    let isSilent = session.loop.now - waiting.seenAt >= Self.waitingIsSilentAfter
                    if isSilent, !session.tellsCalls { return session.waitingCallEnded() }
                    session.expectWaitingCall(id)
                }
        }
    }

    /// Takes what a call list says; one that may be older than the call says nothing about it.
    func lookForWaitingCall(in calls: [CallListEntry]) {
        guard let waiting = waitingCall else { return }
        if let entry = calls.first(where: { waiting.matches($0) }) {
            waitingCall?.call.index = entry.index
            waitingCall?.seenAt = loop.now
        } else if loop.now - waiting.seenAt >= .seconds(1) {
            waitingCallEnded()
        }
    }

    /// The call that waited is there no more.
    private func waitingCallEnded() {
        guard let waiting = waitingCall else { return }
        waitingCall = nil
        ringWatcher?.updates(.released(waiting.call, .missed, CallRelease(kind: .unknown)))
    }

    /// The call in front of it is over: what waited rings now, if it is still there.
    func takeUpWaitingCall() {
        guard let waiting = waitingCall, callIsOver else { return }
        waitingCall = nil
        var call = waiting.call
        call.isWaiting = false
        begin(call)
        consider(isNew: true)
    }

    /// The modem is lost, and the waiting call with it.
    func forgetWaitingCall(_ error: ModemError) {
        guard let waiting = waitingCall else { return }
        waitingCall = nil
        ringWatcher?.updates(.failed(waiting.call, error))
    }
}
