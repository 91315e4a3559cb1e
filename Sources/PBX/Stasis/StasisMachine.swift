internal import DialPlan

/// Holds callers at Asterisk and joins each with the call of ours that comes for them, without clock and I/O.
///
/// The dialplan hands callers over by `Stasis(NAME,held)`, and calls to the access number by `Stasis(NAME,dialin)`; where
/// it says neither, a call from a SIM of ours is the latter and every other one the former. A caller waits with music until they are claimed, and then for our call: known by the number of the SIM, or by a token
/// where that is not known. Nobody waits for ever, whoever is left alone is hung up, and a call that nobody waits for is
/// refused before it costs anything.
struct StasisMachine: Sendable {
    /// How long things may take.
    struct Settings: Sendable {
        /// A caller, until somebody claims them.
        var hold = Duration.seconds(45)
        /// A claim, until our call is there.
        var claim = Duration.seconds(45)
        /// A caller, claimed or not.
        var longest = Duration.seconds(120)
        /// Our call, until its token has been heard.
        var token = Duration.seconds(20)
        /// How many callers may wait at once.
        var most = 32
    }

    /// What is to be done.
    enum Output: Sendable, Equatable {
        /// At Asterisk.
        case send(StasisCommand)
        /// Here: somebody is to be told.
        case tell(PBXEvent)
    }

    private struct Claim: Sendable {
        let call: CallKey
        /// The number of the SIM that will call, with its country code; nil where a token says who calls.
        let caller: String?
        let token: PBXSecret?
        let until: ContinuousClock.Instant
        let bridge: String
    }

    private struct Waiting: Sendable {
        let channel: CallReference
        let since: ContinuousClock.Instant
        var until: ContinuousClock.Instant
        var claim: Claim?
    }

    /// A call of ours of which only a token will say for whom it came.
    private struct Listening: Sendable {
        let channel: CallReference
        let until: ContinuousClock.Instant
        var digits = ""
    }

    private struct Join: Sendable {
        let held: CallReference
        let dialIn: CallReference
        let bridge: String
        let key: CallKey?
        let since: ContinuousClock.Instant
    }

    private let settings: Settings
    private let region: Region
    private let application: String
    private var waiting: [Waiting] = []
    private var listening: [Listening] = []
    private var joins: [Join] = []
    /// The numbers of our SIMs, as far as they are known.
    private var own: Set<String>
    /// The channels that were known when a connection began, until it is known which of them are still there.
    private var stale: Set<CallReference> = []
    /// Whether events come.
    private(set) var isOpen = false

    /// Makes a machine that knows of nobody.
    ///
    /// - Parameters:
    ///   - application: its name.
    ///   - region: the region of national numbers.
    ///   - own: the number of a SIM of ours, if it is known.
    ///   - settings: how long things may take.
    init(application: String, region: Region, own: PhoneNumber? = nil, settings: Settings = Settings()) {
        self.own = own?.e164.map { [$0] } ?? []
        self.application = application
        self.region = region
        self.settings = settings
    }

    /// Whether nobody waits or talks.
    var isIdle: Bool { waiting.isEmpty && listening.isEmpty && joins.isEmpty }

    /// Whether a caller waits.
    func holds(_ held: CallReference) -> Bool { waiting.contains { $0.channel == held } }

    /// When ``due(at:)`` is to be called next.
    var deadline: ContinuousClock.Instant? { (waiting.map(\.until) + listening.map(\.until)).min() }

    // MARK: Events

    /// Takes what Asterisk tells.
    mutating func take(_ event: StasisEvent, at now: ContinuousClock.Instant) -> [Output] {
        switch event {
        case .entered(let channel, let arguments):
            guard !knows(channel.id) else { return [] }
            switch arguments.first {
            case "held": return hold(channel, now)
            case "dialin": return arrive(channel, now)
            case nil: return own.isDisjoint(with: numbers(channel.caller)) ? hold(channel, now) : arrive(channel, now)
            // Not meant for us: whatever the dialplan has behind it is better than silence.
            default: return [.send(.goOn(channel.id))]
            }
        case .left(let channel): return left(channel, now)
        case .digit(let channel, let digit): return heard(digit, in: channel, now)
        case .replaced: return []
        }
    }

    private func knows(_ channel: CallReference) -> Bool {
        waiting.contains { $0.channel == channel } || listening.contains { $0.channel == channel }
            || joins.contains { $0.held == channel || $0.dialIn == channel }
    }

    private mutating func hold(_ channel: StasisEvent.Channel, _ now: ContinuousClock.Instant) -> [Output] {
        guard waiting.count < settings.most else { return [.send(.goOn(channel.id))] }
        waiting.append(Waiting(channel: channel.id, since: now, until: now + settings.hold))
        let caller = HeldCaller(
            from: CallerIdentity(channel.caller, region: region),
            to: channel.dialled,
            validFor: settings.hold
        )
        return [
            .send(.hold(channel.id, answers: !channel.isUp)), .tell(PBXEvent(.held(caller), call: channel.id)),
        ]
    }

    private mutating func arrive(_ channel: StasisEvent.Channel, _ now: ContinuousClock.Instant) -> [Output] {
        let numbers = numbers(channel.caller)
        let place = waiting.firstIndex { caller in
            guard let claim = caller.claim, claim.until > now, let number = claim.caller else { return false }
            return numbers.contains(number)
        }
        if let place { return join(place, channel.id, answers: !channel.isUp, now) }
        let isTokenExpected = waiting.contains { $0.claim?.token != nil && ($0.claim?.until ?? now) > now }
        guard isTokenExpected, listening.count < settings.most else { return [.send(.turnAway(channel.id))] }
        listening.append(Listening(channel: channel.id, until: now + settings.token))
        return [.send(.listen(channel.id, answers: !channel.isUp))]
    }

    /// What a trunk's text may mean, with country code and without `+`.
    private func numbers(_ text: String) -> Set<String> {
        var numbers: Set<String> = []
        for isE164 in [false, true] {
            if case .number(let number) = CallerIdentity(text, isE164: isE164, region: region), let full = number.e164 {
                numbers.insert(full)
            }
        }
        return numbers
    }

    private mutating func heard(
        _ digit: Character,
        in channel: CallReference,
        _ now: ContinuousClock.Instant
    ) -> [Output] {
        guard let place = listening.firstIndex(where: { $0.channel == channel }) else { return [] }
        guard digit == "#" || listening[place].digits.utf8.count >= 16 else {
            listening[place].digits.append(digit)
            return []
        }
        // One try: a token that can be guessed is none.
        let said = PBXSecret(listening.remove(at: place).digits)
        let caller = waiting.firstIndex { caller in
            guard let claim = caller.claim, claim.until > now, let token = claim.token else { return false }
            return token == said
        }
        guard let caller else { return [.send(.hangUp(channel))] }
        return join(caller, channel, answers: false, now)
    }

    private mutating func join(
        _ place: Int,
        _ dialIn: CallReference,
        answers: Bool,
        _ now: ContinuousClock.Instant
    ) -> [Output] {
        let caller = waiting.remove(at: place)
        guard let claim = caller.claim else { return [.send(.turnAway(dialIn))] }
        joins.append(
            Join(held: caller.channel, dialIn: dialIn, bridge: claim.bridge, key: claim.call, since: now)
        )
        return [
            .send(.join(held: caller.channel, dialIn: dialIn, answers: answers, bridge: claim.bridge))
        ]
    }

    private mutating func left(_ channel: CallReference, _ now: ContinuousClock.Instant) -> [Output] {
        stale.remove(channel)
        listening.removeAll { $0.channel == channel }
        if let place = waiting.firstIndex(where: { $0.channel == channel }) {
            let caller = waiting.remove(at: place)
            let ended = PBXEvent(.ended(.cancelled, seconds: nil), call: channel, key: caller.claim?.call.text)
            return [.tell(ended)] + (caller.claim.map { [.send(.removeBridge($0.bridge))] } ?? [])
        }
        guard let place = joins.firstIndex(where: { $0.held == channel || $0.dialIn == channel }) else { return [] }
        let join = joins.remove(at: place)
        let seconds = Int(join.since.duration(to: now).components.seconds)
        return [
            // Asterisk leaves whoever is alone in a bridge there.
            .send(.hangUp(join.held == channel ? join.dialIn : join.held)),
            .tell(PBXEvent(.ended(.normal, seconds: seconds), call: join.held, key: join.key?.text)),
            .send(.removeBridge(join.bridge)),
        ]
    }

    // MARK: Claims

    /// Gives a held caller to a call of ours.
    ///
    /// - Parameters:
    ///   - request: who claims whom.
    ///   - own: the number of the SIM that will call; a token is given out where it is not known.
    ///   - dial: where it will call.
    ///   - now: the present.
    mutating func claim(
        _ request: ClaimRequest,
        own: PhoneNumber?,
        dial: DialString,
        at now: ContinuousClock.Instant
    ) throws(PBXError) -> (ticket: CallTicket, outputs: [Output]) {
        guard isOpen else {
            throw PBXError(
                .unreachable(.connection),
                "there is no connection for its events",
                remedy: "see that it runs, and that its ari.conf has this user; 'gsmbridge status' tells more"
            )
        }
        if joins.contains(where: { $0.held == request.held }) {
            throw PBXError(.lost, "somebody else took the held caller", remedy: "nothing is left to do")
        }
        guard let place = waiting.firstIndex(where: { $0.channel == request.held }), waiting[place].until > now else {
            throw PBXError(.expired, "the held caller is gone", remedy: "nothing is left to do")
        }
        if let earlier = waiting[place].claim {
            guard earlier.call == request.call else {
                throw PBXError(.lost, "somebody else took the held caller", remedy: "nothing is left to do")
            }
            return (ticket(earlier, dial, now), [])
        }
        let until = min(now + settings.claim, waiting[place].since + settings.longest)
        let caller = own?.e164
        if let caller { self.own.insert(caller) }
        let claim = Claim(
            call: request.call,
            caller: caller,
            token: caller == nil ? PBXSecret(String(Int.random(in: 10_000_000...99_999_999))) : nil,
            until: until,
            bridge: application + "-join-" + request.call.text
        )
        waiting[place].claim = claim
        waiting[place].until = max(waiting[place].until, until)
        return (ticket(claim, dial, now), [.send(.makeBridge(claim.bridge))])
    }

    private func ticket(_ claim: Claim, _ dial: DialString, _ now: ContinuousClock.Instant) -> CallTicket {
        CallTicket(dial: dial, token: claim.token, validFor: now.duration(to: claim.until))
    }

    // MARK: Time and failures

    /// Lets time pass: who has waited too long goes on in the dialplan.
    mutating func due(at now: ContinuousClock.Instant) -> [Output] {
        var outputs: [Output] = []
        for caller in waiting where caller.until <= now {
            outputs.append(.send(.goOn(caller.channel)))
            outputs.append(.tell(PBXEvent(.expired, call: caller.channel, key: caller.claim?.call.text)))
            if let claim = caller.claim { outputs.append(.send(.removeBridge(claim.bridge))) }
        }
        waiting.removeAll { $0.until <= now }
        for call in listening where call.until <= now { outputs.append(.send(.hangUp(call.channel))) }
        listening.removeAll { $0.until <= now }
        return outputs
    }

    /// Takes what came of a command.
    mutating func finished(_ command: StasisCommand, succeeded: Bool, at now: ContinuousClock.Instant) -> [Output] {
        switch command {
        case .hold(let channel, _):
            guard !succeeded, let place = waiting.firstIndex(where: { $0.channel == channel }) else { return [] }
            let caller = waiting.remove(at: place)
            let ended = PBXEvent(.ended(.failed, seconds: nil), call: channel, key: caller.claim?.call.text)
            return [.send(.goOn(channel)), .tell(ended)]
        case .join(let held, let dialIn, _, _):
            guard let place = joins.firstIndex(where: { $0.held == held && $0.dialIn == dialIn }) else { return [] }
            if succeeded {
                return [.tell(PBXEvent(.bridged, call: held, key: joins[place].key?.text))]
            }
            let join = joins.remove(at: place)
            return [
                .send(.hangUp(dialIn)), .send(.goOn(held)),
                .tell(PBXEvent(.ended(.failed, seconds: nil), call: held, key: join.key?.text)),
                .send(.removeBridge(join.bridge)),
            ]
        case .listen(let channel, _):
            guard !succeeded, listening.contains(where: { $0.channel == channel }) else { return [] }
            listening.removeAll { $0.channel == channel }
            // Nobody else would end it before its own time is over.
            return [.send(.hangUp(channel))]
        case .makeBridge, .goOn, .hangUp, .turnAway, .removeBridge: return []
        }
    }

    // MARK: Connections

    /// A connection for events has begun; what is there is told by ``opened(_:at:)``.
    mutating func opening() {
        stale = Set(waiting.map(\.channel) + listening.map(\.channel) + joins.flatMap { [$0.held, $0.dialIn] })
    }

    /// Takes what there was behind the beginning of a connection; what happened meanwhile may be told twice.
    ///
    /// - Parameters:
    ///   - snapshot: what there was; nil where the PBX does not tell, so that everybody counts as still there.
    ///   - now: the present.
    mutating func opened(_ snapshot: StasisSnapshot?, at now: ContinuousClock.Instant) -> [Output] {
        isOpen = true
        guard let snapshot else {
            stale = []
            return []
        }
        var outputs: [Output] = []
        for channel in stale.subtracting(snapshot.channels) { outputs += left(channel, now) }
        stale = []
        var known = Set(joins.map(\.bridge) + waiting.compactMap { $0.claim?.bridge })
        // What an earlier run of this program has joined goes on talking.
        for bridge in snapshot.bridges where known.insert(bridge.id).inserted {
            let members = bridge.members.filter { !knows($0) && snapshot.channels.contains($0) }
            if members.count == 2 {
                joins.append(
                    Join(held: members[0], dialIn: members[1], bridge: bridge.id, key: nil, since: now)
                )
            } else {
                outputs += members.map { .send(.hangUp($0)) } + [.send(.removeBridge(bridge.id))]
            }
        }
        let gone = Set(
            outputs.compactMap { output in
                if case .send(.hangUp(let channel)) = output { channel } else { nil }
            }
        )
        // Whose story is not known goes on in the dialplan, which has an end for them.
        for channel in snapshot.channels.subtracting(gone) where !knows(channel) {
            outputs.append(.send(.goOn(channel)))
        }
        return outputs
    }

    /// The connection is lost; who talks goes on, and who waits is looked for when there is a new one.
    mutating func closed() { isOpen = false }

    /// Lets go of everybody, because nobody will be here to see how it goes on.
    mutating func leave() -> [Output] {
        isOpen = false
        var outputs: [Output] = []
        for caller in waiting {
            outputs.append(.send(.goOn(caller.channel)))
            if let claim = caller.claim { outputs.append(.send(.removeBridge(claim.bridge))) }
        }
        for call in listening { outputs.append(.send(.hangUp(call.channel))) }
        for join in joins {
            outputs += [.send(.hangUp(join.dialIn)), .send(.hangUp(join.held)), .send(.removeBridge(join.bridge))]
        }
        waiting = []
        listening = []
        joins = []
        return outputs
    }
}
