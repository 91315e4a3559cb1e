internal import CallAudio
internal import CallEndpoints
internal import CallFlows
internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import Modem
internal import PBX
internal import PBXLinks
internal import Settings
internal import Synchronization
internal import TextCoding

/// Holds callers at accounts of this box, in place of a PBX that can't: they are answered, hear music, and are joined with our own call when
/// that has come to the same account.
///
/// To the call that fetches a caller it is a PBX like every other: it tells of who is held and gone, and is asked for them.
final class HoldAgent: Sendable {
    /// How long our own call may take to key its token.
    private static let tokenWithin: Duration = .seconds(20)

    /// A caller who is held, or our own call that has come for one.
    private struct Guest: Sendable {
        weak var call: Call?
        var leg: (any AccountLeg)?
        var pbx: Configuration.PBX
        var account: String
        var number: String?
        /// What becomes of the caller when nobody comes.
        var rule: Configuration.IncomingRule?
        var timer: Task<Void, Never>?
        /// What becomes of joining it with the other: whether the PBX does; nil while none is there.
        var asked: Task<Bool?, Never>?
        /// Whether the PBX was asked to join it: once is enough.
        var wasAsked = false
        /// Whether it was joined with the other, and whether by the PBX, where the two go on without this box.
        var isJoined = false
        var isGivenAway = false
        /// The file of a message that is being left.
        var message: CallEndpoint?
    }

    private struct State: Sendable {
        var board = HoldBoard<UUID>()
        var guests: [UUID: Guest] = [:]
    }

    private let state = Mutex(State())

    // MARK: What comes in

    /// Says what a call is that comes in at an account whose callers are held; nil where the account has none of those.
    func place(
        _ id: UUID,
        at account: String,
        from number: String?,
        to called: String?,
        _ tools: CallTools
    ) -> HoldBoard<UUID>.Part? {
        guard let pbx = tools.configuration.holder(at: account) else { return nil }
        let own = CallerMatch(tools.configuration.ownNumbers.map(\.description))
        let access = CallerMatch([pbx.callthrough?.accessNumber.text ?? ""])
        return state.withLock { state in
            let part = state.board.place(id, at: pbx.name, from: number, to: called, access: access, own: own)
            if case .refused = part { return part }
            state.guests[id] = Guest(pbx: pbx, account: account, number: number, rule: nil)
            return part
        }
    }

    /// Takes that a call is answered: who is held hears music, and is told of; our own call is joined, or asked for its token.
    func answered(
        _ call: Call,
        on leg: any AccountLeg,
        as part: HoldBoard<UUID>.Part,
        rule: Configuration.IncomingRule?,
        _ caller: String?
    ) {
        let guest = state.withLock { state -> Guest? in
            state.guests[call.id]?.call = call
            state.guests[call.id]?.leg = leg
            state.guests[call.id]?.rule = rule
            return state.guests[call.id]
        }
        guard let guest else { return }
        let sound = call.sound as? CallSound
        switch part {
        case .refused: break
        case .caller:
            sound?.hold(with: guest.pbx.reverse?.music)
            tell(of: call, guest, caller)
        case .arrival(let held, let keysToken):
            guard keysToken else { return join(held, with: call) }
            // It hears that it is here, and keys beside that.
            sound?.hold(with: nil)
            time(call, Self.tokenWithin) { [weak call] _ in
                call?.finish("it has not keyed the token within \(Self.tokenWithin.spoken)")
            }
        }
    }

    /// Has a caller who is held fetched, and the hold be over in time.
    private func tell(of call: Call, _ guest: Guest, _ caller: String?) {
        guard let reverse = guest.pbx.reverse, var rule = IncomingDesk.Rule(guest.pbx),
            let reference = CallReference(call.id.name)
        else { return }
        let tools = call.tools
        rule.people = guest.rule
        limit(call, reverse.holdsFor, at: guest.pbx.name)
        let held = HeldCaller(
            from: CallerIdentity(caller, region: tools.configuration.gateway.region),
            validFor: reverse.holdsFor
        )
        guard !tools.desk.isStopping else { return giveBack(call.id, "the service is stopping") }
        ReverseScript.begin(held, reference, rule: rule, tools: tools)
    }

    /// Gives a caller back once the limit is over.
    private func limit(_ call: Call, _ limit: Duration, at pbx: String) {
        time(call, limit) { [weak call] agent in
            guard let call, let reference = CallReference(call.id.name) else { return }
            call.tools.desk.take(PBXEvent(.expired, call: reference), from: pbx)
            agent.giveBack(call.id, "nobody took the caller within \(limit.spoken)")
        }
    }

    /// Has something be done once a call has been held so long; the call awaits that, and its end cancels it.
    private func time(_ call: Call, _ limit: Duration, _ body: @escaping @Sendable (HoldAgent) -> Void) {
        let id = call.id
        let timer = call.errand { [weak self] in
            // Cancelled, it is decided.
            guard (try? await Task.sleep(for: limit)) != nil, let self else { return }
            body(self)
        }
        let isOver = state.withLock { state in
            state.guests[id]?.timer?.cancel()
            state.guests[id]?.timer = timer
            return state.guests[id] == nil
        }
        if isOver { timer.cancel() }
    }

    /// Takes a key of our own call.
    func heard(_ digit: Character, in call: Call) {
        switch state.withLock({ $0.board.key(digit, in: call.id) }) {
        case .nothing: break
        case .joins(let held): join(held, with: call)
        case .wrong: call.finish("it has keyed three wrong tokens")
        }
    }

    // MARK: Joining

    private func join(_ held: UUID, with arrival: Call) {
        enum Next {
            case ask(Call, Guest, Task<Bool?, Never>)
            case finish(String)
            case nothing
        }
        let next = state.withLock { state -> Next in
            guard let guest = state.guests[held], let caller = guest.call else { return .finish("the caller is gone") }
            // Being joined already, it keys on.
            if state.guests[arrival.id]?.asked != nil { return .nothing }
            guard guest.asked == nil else { return .finish("another call for the caller is being joined") }
            let asked = Task { await self.joinAtPBX(caller, with: arrival, guest) }
            for id in [held, arrival.id] {
                // It has an end of its own: the PBX's answer, or 10 s.
                state.guests[id]?.timer?.cancel()
                state.guests[id]?.asked = asked
            }
            state.guests[held]?.wasAsked = true
            return .ask(caller, guest, asked)
        }
        if case .finish(let reason) = next { arrival.finish(reason) }
        guard case .ask(let caller, let guest, let asked) = next else { return }
        // The caller's, for our own call may be over before the PBX says that it has joined the two.
        caller.errand { [self] in
            let isGivenAway = await asked.value
            // The caller may have been given back meanwhile.
            let isAwaited = isGivenAway == false && state.withLock { $0.board.awaits(arrival.id, for: held) }
            guard let isGivenAway, isGivenAway || isAwaited else {
                arrival.finish("one of the two is gone")
                return wait(on: caller, guest)
            }
            let isJoined = isGivenAway ? true : await connect(caller, with: arrival, guest)
            guard isJoined else {
                arrival.finish("the caller could not be joined")
                return giveBack(held, "our call could not be joined with the caller")
            }
            let strangers = state.withLock { state -> [Call]? in
                let others = state.board.join(held, with: arrival.id)
                guard isGivenAway || others != nil else { return nil }
                for id in [held, arrival.id] { state.guests[id]?.isJoined = true }
                return (others ?? []).compactMap { state.guests[$0]?.call }
            }
            guard let strangers else { return arrival.finish("the caller is gone") }
            for stranger in strangers { stranger.finish("a caller is held already") }
            guard isGivenAway else { return tellJoined(caller, arrival, guest) }
            for call in [caller, arrival] { call.finish("the PBX has joined the caller with our call") }
        }
    }

    /// The call that had come for a caller has left: another may come for so long as one may hold.
    private func wait(on caller: Call, _ guest: Guest) {
        let isHeld = state.withLock { state in
            state.guests[caller.id]?.asked = nil
            return state.guests[caller.id] != nil && state.board.isHeld(caller.id)
        }
        if isHeld, let reverse = guest.pbx.reverse { limit(caller, reverse.holdsFor, at: guest.pbx.name) }
    }

    /// Has the PBX join the two, so that their sound crosses this box no more; both hear music until it has said what becomes of that.
    ///
    /// - Returns: whether it has; nil where one of the two is over.
    private func joinAtPBX(_ caller: Call, with arrival: Call, _ guest: Guest) async -> Bool? {
        guard !guest.wasAsked, let here = guest.leg, let there = state.withLock({ $0.guests[arrival.id]?.leg }) else {
            return false
        }
        let answer = await here.join(there)
        guard answer == true else { return answer }
        state.withLock { state in
            for id in [caller.id, arrival.id] {
                state.guests[id]?.isJoined = true
                state.guests[id]?.isGivenAway = true
            }
        }
        tellJoined(caller, arrival, guest)
        return true
    }

    private func tellJoined(_ caller: Call, _ arrival: Call, _ guest: Guest) {
        for (call, other) in [(caller, arrival), (arrival, caller)] {
            call.take(.inProgress)
            call.tell(.joined(with: other.id.name))
        }
        guard let reference = CallReference(caller.id.name) else { return }
        caller.tools.desk.take(PBXEvent(.bridged, call: reference), from: guest.pbx.name)
    }

    /// Waits until it is known whether a call that is over was joined at its PBX, which takes 10 s at most.
    func settle(_ call: UUID) async { _ = await state.withLock { $0.guests[call]?.asked }?.value }

    /// Lets both hear each other inside this box.
    private func connect(_ caller: Call, with arrival: Call, _ guest: Guest) async -> Bool {
        guard let one = caller.sound as? CallSound, let other = arrival.sound as? CallSound else { return false }
        other.tell(.wanted)
        guard await one.isOpen(), await other.isOpen(), let (here, there) = caller.tools.sounds.pair() else {
            return false
        }
        let number = state.withLock { $0.guests[arrival.id]?.number }
        // One that can't be seated is closed, which the other hears as the end.
        let isOne = one.welcome(here, as: .account(guest.account, number: number ?? "-"))
        let isOther = other.welcome(there, as: .account(guest.account, number: guest.number ?? "-"))
        one.hold(false)
        other.hold(false)
        return isOne && isOther
    }

    // MARK: Nobody comes

    /// Tells a caller that nobody comes, or has a message be left, and hangs up.
    func giveBack(_ held: UUID, _ reason: String) {
        let (waiting, guest) = state.withLock { state in
            (state.board.giveBack(held)?.compactMap { state.guests[$0]?.call }, state.guests[held])
        }
        guard let waiting, let guest, let call = guest.call else { return }
        guest.timer?.cancel()
        for arrival in waiting { arrival.finish("nobody waits for it any more") }
        if guest.rule?.otherwise == .voicemail { return takeMessage(call) }
        let words: [Playback] = [.phrase(.nobody), .signal(.congestion)]
        call.perform(.announce(words, repeats: false)) { [weak call] event in
            switch event {
            case .heard(.announced), .heard(.unavailable): call?.finish(reason)
            default: break
            }
        }
    }

    private func takeMessage(_ call: Call) {
        guard let sound = call.sound as? CallSound else { return call.finish("the call has no sound") }
        let path = "\(call.tools.configuration.voicemailDirectory)/\(call.id.name).wav"
        let endpoint = CallEndpoint(.record(path))
        state.withLock { $0.guests[call.id]?.message = endpoint }
        time(call, CallSound.messageLimit) { [weak call] _ in call?.finish("the message may be no longer") }
        call.errand {
            do throws(AudioPortError) {
                let port = try await endpoint.wavePort(call.tools.sounds.name())
                guard sound.welcome(port, as: .record(path)) else { return }
                sound.hold(false)
                sound.perform(.announce([.phrase(.message), .phrase(.beep)], repeats: false)) { _ in }
            } catch { call.finish("no message can be left: \(error)") }
        }
    }

    // MARK: The end

    /// How a call came out that was answered and is over: one that was never joined was in vain.
    func outcome(of call: UUID) -> CallOutcome? {
        state.withLock { state in
            guard let guest = state.guests[call], guest.message == nil, !guest.isJoined else { return nil }
            return .noAnswer
        }
    }

    /// Takes the end of a call.
    func ended(_ call: Call) {
        let (guest, ending, waiting) = state.withLock { state in
            let ending = state.board.ended(call.id)
            var waiting: [Call] = []
            if case .callerGone(let ids) = ending { waiting = ids.compactMap { state.guests[$0]?.call } }
            return (state.guests.removeValue(forKey: call.id), ending, waiting)
        }
        guest?.timer?.cancel()
        if let message = guest?.message { call.errand { await message.finish() } }
        for arrival in waiting { arrival.finish("the caller has hung up") }
        // Joined at the PBX, the other ends with the caller by itself.
        guard case .callerGone = ending, let guest, !guest.isGivenAway, let reference = CallReference(call.id.name)
        else { return }
        call.tools.desk.take(PBXEvent(.ended(.normal, seconds: nil), call: reference), from: guest.pbx.name)
    }

    // MARK: As a PBX

    /// Has a caller be fetched by a SIM; throws where it is not there any more.
    func claim(_ held: UUID, by sim: PhoneNumber?) throws(PBXError) -> CallTicket {
        let remedy = "nothing needs doing: the caller is gone, or was fetched"
        let ticket = try state.withLock { state throws(PBXError) -> CallTicket in
            guard let guest = state.guests[held] else {
                throw PBXError(.expired, "the caller is held no more", remedy: remedy)
            }
            let token = guest.pbx.reverse?.wantsToken == true ? Self.makeToken() : nil
            if sim == nil, token == nil {
                let remedy = "set own_number at the PBX, or the modem's number, or write 'token: true'"
                throw PBXError(
                    .misconfigured,
                    "the SIM's number is not known, by which its call is recognised",
                    remedy: remedy
                )
            }
            guard state.board.claim(held, by: CallerMatch(sim.map { [$0.description] } ?? []), token: token) else {
                throw PBXError(.expired, "the caller is held no more", remedy: remedy)
            }
            return CallTicket(token: token.map { Secret($0) })
        }
        return ticket
    }

    /// Eight digits from the system's own source of randomness.
    private static func makeToken() -> String { String((0..<8).map { _ in Character("\(Int.random(in: 0...9))") }) }

    /// Call control as the call that fetches a caller wants it.
    func link(_ pbx: String) -> PBXLink { PBXLink(control: HoldControl(name: pbx, agent: self)) }
}

/// This box as the PBX of the callers whom it holds.
private struct HoldControl: CallControl {
    let name: String
    let agent: HoldAgent

    var capabilities: PBXCapabilities { .holding }

    func claimHeld(_ request: ClaimRequest) async throws(PBXError) -> CallTicket {
        guard let held = UUID(uuidString: request.held.text) else { throw unsupported }
        return try agent.claim(held, by: request.caller)
    }

    func releaseHeld(_ request: ReleaseRequest) async throws(PBXError) {
        guard let held = UUID(uuidString: request.held.text) else { throw unsupported }
        let reason =
            switch request.reason {
            case .declined: "nobody wanted the caller"
            case .busy: "no modem was free for the caller"
            case .failed: "our call for the caller failed"
            case .expired: "nobody took the caller in time"
            }
        agent.giveBack(held, reason)
    }

    private var unsupported: PBXError {
        PBXError(.unsupported, "callers are held here, and nothing else", remedy: "ask the PBX itself", pbx: name)
    }

    func prepareCallthrough(_ request: CallthroughRequest) async throws(PBXError) -> CallTicket { throw unsupported }
    func withdrawCallthrough(_ request: WithdrawRequest) async throws(PBXError) {}
    func requestCallback(_ request: CallbackRequest) async throws(PBXError) -> CallReference? { throw unsupported }
    func hangUp(_ call: CallReference) async throws(PBXError) { throw unsupported }
    func status(of call: CallReference) async throws(PBXError) -> PBXCallState { throw unsupported }
    func health() async throws(PBXError) -> PBXHealth { throw unsupported }
}
