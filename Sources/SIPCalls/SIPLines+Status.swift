internal import CallModel
internal import Calls
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import SIP
internal import Synchronization

// How the box is, said to a phone that dials the code for that.
extension SIPLines {
    /// Answers a phone, says how the box is and hangs up: no modem takes part, and nothing costs.
    ///
    /// - Parameter id: names the call, which is none of the service's.
    func sayStatus(to call: PhoneCall, as id: UUID, _ agent: SIPAgent, _ control: any LocalControl) async {
        guard let tools = tools(), let modems = try? await control.modems(), let calls = try? await control.calls()
        else { return await agent.end(call.id, CallRefusal(status: 503, retryAfter: 10)) }
        let words = Self.words(ready: modems.count { $0.state == .ready }, calls: calls.count)
        await agent.answer(call.id)
        let saying = Task { await tools.say(words, to: id) }
        sayings.withLock { $0[id] = saying }
        // The phone may have hung up before there was something to end.
        if await !agent.isWanted(call.id) { saying.cancel() }
        // One that has hung up wants to hear no more.
        if let reason = await saying.value, await agent.isWanted(call.id) {
            log.notice("\(call.caller) does not hear how the box is: \(reason)")
        }
        sayings.withLock { $0[id] = nil }
        made.withLock { $0[call.id] = nil }
        held.withLock { _ = $0.remove(id) }
        await agent.end(call.id, CallRefusal(status: 200))
    }

    /// Says no more to a phone that has hung up.
    func stopSaying(to call: UUID) { sayings.withLock { $0[call] }?.cancel() }

    /// How many modems can call, and behind a pause how many calls live, in digits.
    static func words(ready: Int, calls: Int) -> [Playback] {
        // The phone's own sound may begin a moment behind our answer.
        var words: [Playback] = [.pause(milliseconds: 500)]
        for digit in String(ready) { words.append(.digit(digit)) }
        words.append(.pause(milliseconds: 1000))
        for digit in String(calls) { words.append(.digit(digit)) }
        words.append(.pause(milliseconds: 300))
        return words
    }
}
