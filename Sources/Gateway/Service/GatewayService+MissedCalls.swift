internal import CallFlows
internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Messages
internal import Settings

// What is sent to callers whom nobody answered.
extension GatewayService {
    /// Answers missed calls by a message, where that is set, and refused ones by their rule, until the service stops.
    func replyToRings() async {
        let (course, feed) = AsyncStream.makeStream(of: CallEvent.self, bufferingPolicy: .bufferingOldest(256))
        let admission = events.listen(from: nil, beyond: EventHub.mostFollowers) { entry in
            switch entry.event.callEvent?.kind {
            // Nothing else may fill the places of these.
            case .requested, .progress(.ended): entry.event.callEvent.map { _ = feed.yield($0) }
            default: break
            }
            return true
        } ended: {
            feed.finish()
        }
        guard let admission else { return log.error("missed calls are not answered: too many listen to the events") }
        defer { events.dismiss(admission.listener) }
        var missed = MissedCalls()
        for await event in course {
            let call: MissedCalls.Call
            switch missed.take(event) {
            case .missed(let missed): call = missed
            case .refused(let refused):
                await followRing(of: refused)
                continue
            case nil: continue
            }
            guard arrivalsAreKnown, replied.admits(call.number, at: .now, date: Date()) else { continue }
            guard await reply(to: call) else { continue }
            replied.note(call.number, at: .now)
            await recordArrivals()
        }
    }

    /// Sends the message, if this caller gets one; the number that is shown may be forged, so no other than a mobile one of the
    /// region is believed, and none twice a day.
    ///
    /// - Returns: whether it was sent, or may have been.
    private func reply(to call: MissedCalls.Call) async -> Bool {
        guard let text = configuration.messages.missedCall,
            let number = try? PhoneNumber(typed: call.number, region: configuration.gateway.region),
            MissedCalls.getsReply(number)
        else { return false }
        // A self-test, or one modem that calls another.
        guard await !isOwn(call.number) else { return false }
        do throws(ControlError) {
            var query = MessageQuery()
            query.limit = MessageQuery.longestPage
            query.number = call.number
            let day = Double(RepliedCallers.pause.components.seconds)
            // What is dated further ahead is of a clock that was wrong, and would count for years.
            (query.since, query.until) = (Date(timeIntervalSinceNow: -day), Date(timeIntervalSinceNow: day))
            guard try await messages(query).messages.allSatisfy({ $0.direction == "incoming" }) else { return false }
            var request = MessageRequest(number: call.number, text: text)
            request.modem = call.modem
            _ = try await sendMessage(request, id: UUID(), origin: .remote)
            return true
        } catch {
            log.notice("a missed call is not answered by a message: \(error)")
            return false
        }
    }

    /// Whether a number is that of a modem here, as it is configured or as its card tells.
    private func isOwn(_ number: String) async -> Bool {
        for modem in await fleet.statuses() {
            guard let name = modem.name ?? modem.tty, let own = try? await modemNow(name).number else { continue }
            if CallerMatch([own]).matches(number) { return true }
        }
        return CallerMatch(configuration.modems.compactMap { $0.number?.description }).matches(number)
    }
}
