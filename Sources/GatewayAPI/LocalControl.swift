package import FoundationEssentials

/// A gateway in this process, whose events are at hand.
package protocol LocalControl: GatewayControl {
    /// Every event, numbered, with the latest ones kept for listeners that come back.
    var events: EventHub { get }

    /// Answers a call that rings and waits for a decision, for a person at the page who hears and speaks in it.
    func answerAtPage(_ call: UUID) async throws(ControlError)

    /// The seat of a person at the page in a call whose endpoint is `browser`, once.
    ///
    /// - Parameter isWide: whether what is said and heard there is of 16 kHz.
    /// - Returns: a connected stream socket, which is the caller's, with the messages of AudioSocket on it.
    func seat(in call: UUID, isWide: Bool) async throws(ControlError) -> Int32

    /// How the network reached a modem in the last hours, a week at most, in at most 288 spans, oldest first.
    func signals(of modem: String, hours: Int) async throws(ControlError) -> [SignalSpan]

    /// Every limit that is set for calls, and how far it is used up.
    func limits() async throws(ControlError) -> [LimitStatus]
}

extension LocalControl {
    /// See ``GatewayControl/follow(_:id:origin:within:onEvent:)``; nothing is waited for within this process.
    package func follow(
        _ request: DialRequest,
        id: UUID,
        origin: RequestOrigin,
        within patience: Duration,
        onEvent: (any GatewayEvent) async -> Void
    ) async throws(ControlError) {
        let (course, feed) = AsyncStream.makeStream(
            of: (any GatewayEvent).self,
            bufferingPolicy: .bufferingOldest(events.mostBehind)
        )
        let admission = events.listen(from: nil, beyond: EventHub.mostFollowers) { entry in
            guard entry.event.subject == id else { return true }
            guard case .enqueued = feed.yield(entry.event) else { return false }
            return true
        } ended: {
            feed.finish()
        }
        guard let admission else { throw .unavailable("too many listen to the events already; try again later") }
        defer { events.dismiss(admission.listener) }
        _ = try await dial(request, id: id, origin: origin)
        for await event in course {
            await onEvent(event)
            if event.name == "call.ended" { return }
        }
        throw .callMayGoOn(id, reason: Task.isCancelled ? "this command was stopped" : "the service is stopping")
    }
}
