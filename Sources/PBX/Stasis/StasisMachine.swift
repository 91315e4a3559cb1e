internal import DialPlan
internal import TextCoding

/// Holds callers at Asterisk and joins each with the call of ours that comes for them, without clock and I/O.
///
/// The dialplan hands callers over by `Stasis(NAME,held)`, and calls to the access number by `Stasis(NAME,dialin)`;
/// where it says neither, a call from a SIM of ours is the latter and every other one the former. A caller waits with
/// music until they are claimed, and then for our call: known by a token beside the number of the SIM, by the number
/// alone, or by the token alone. A call of ours that was announced goes on in the dialplan to its target. No caller
/// waits for ever, one that is left alone is hung up, and a call that is not expected is refused before it costs
/// anything.
///
/// | state of a channel \ what happens | claimed | our call comes | left | time is up | command failed |
/// |---|---|---|---|---|---|
/// | waiting (held) | waits for our call | – | told: ended | goes on in the dialplan; told: expired | goes on; told: ended, failed |
/// | waiting, claimed | the same again, or too late | by number: joined; by token: listened to | told: ended | goes on; told: expired | as above |
/// | listening (our call, or not) | – | token right: joined or led on; wrong: hung up | forgotten | hung up | hung up |
/// | joined | too late | – | the other one is hung up; told: ended | – | ours is hung up, the caller goes on; told: ended, failed |
struct StasisMachine: Sendable {
    /// How long things may take.
    struct Settings: Sendable {
        /// A caller, until it is claimed.
        var hold = Duration.seconds(45)
        /// A claim, until our call is there.
        var claim = Duration.seconds(45)
        /// A caller, claimed or not.
        var longest = Duration.seconds(120)
        /// Our call, until its token has been heard.
        var token = Duration.seconds(20)
        /// An announcement, until its call is there.
        var announcement = Duration.seconds(60)
        /// How many callers may wait at once.
        var most = 32
    }

    /// What is to be done.
    enum Output: Sendable, Equatable {
        /// At Asterisk.
        case send(StasisCommand)
        /// Here: there is something to tell.
        case tell(PBXEvent)
    }

    struct Waiting: Sendable {
        let channel: CallReference
        let since: ContinuousClock.Instant
        var until: ContinuousClock.Instant
        var claim: Claim?
    }

    /// A call of ours of which only a token will say for whom it came.
    struct Listening: Sendable {
        let channel: CallReference
        /// The number that the trunk shows for it.
        let caller: String
        let until: ContinuousClock.Instant
        var digits = ""
    }

    struct Join: Sendable {
        let held: CallReference
        let dialIn: CallReference
        let bridge: String
        let key: CallKey?
        let since: ContinuousClock.Instant
    }

    let settings: Settings
    private let region: Region
    let application: String
    var waiting: [Waiting] = []
    var listening: [Listening] = []
    var joins: [Join] = []
    /// The calls of ours that are to be led on; at most ``Settings/most``.
    var announcements: [Announcement] = []
    /// Callers who could not be held and went on in the dialplan, the last ones; at most ``Settings/most``.
    var unheld: [CallReference] = []
    /// The numbers of our SIMs, as far as they are known.
    var own: Set<String>
    /// The channels that were known when a connection began, until it is known which of them are still there.
    var stale: Set<CallReference> = []
    /// Whether events come.
    var isOpen = false

    /// Makes a machine that knows of no call.
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

    /// Whether no call waits or talks.
    var isIdle: Bool {
        waiting.isEmpty && listening.isEmpty && joins.isEmpty && announcements.isEmpty
    }

    /// When ``due(at:)`` is to be called next.
    var deadline: ContinuousClock.Instant? {
        (waiting.map(\.until) + listening.map(\.until) + announcements.map(\.until)).min()
    }

    // MARK: Events

    /// Takes what Asterisk tells.
    mutating func take(_ event: StasisEvent, at now: ContinuousClock.Instant) -> [Output] {
        switch event {
        case .entered(let channel, let arguments):
            guard !knows(channel.id) else { return [] }
            switch arguments.first {
            case "held": return hold(channel, now)
            case "dialin": return arrive(channel, now)
            case nil:
                let isOurs = own.contains { Sign.isSame(channel.caller, $0) }
                return isOurs ? arrive(channel, now) : hold(channel, now)
            // Not meant for us: what the dialplan has behind it is better than silence.
            default: return [.send(.goOn(channel.id))]
            }
        case .left(let channel): return left(channel, now)
        case .digit(let channel, let digit): return heard(digit, in: channel, now)
        case .replaced: return []
        }
    }

    func knows(_ channel: CallReference) -> Bool {
        waiting.contains { $0.channel == channel } || listening.contains { $0.channel == channel }
            || joins.contains { $0.held == channel || $0.dialIn == channel }
    }

    private mutating func hold(_ channel: StasisEvent.Channel, _ now: ContinuousClock.Instant) -> [Output] {
        guard waiting.count < settings.most else { return [.send(.goOn(channel.id))] }
        unheld.removeAll { $0 == channel.id }
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
        let claimed = waiting.firstIndex { $0.isFor(now) { $0.admits(channel.caller) } }
        if let claimed { return join(claimed, channel.id, answers: !channel.isUp, now) }
        if let place = announcements.firstIndex(where: { $0.until > now && $0.sign.admits(channel.caller) }) {
            return lead(place, channel.id)
        }
        let isTokenExpected =
            waiting.contains { $0.isFor(now) { $0.mayAdmit(channel.caller) } }
            || announcements.contains { $0.until > now && $0.sign.mayAdmit(channel.caller) }
        guard isTokenExpected, listening.count < settings.most else { return [.send(.turnAway(channel.id))] }
        listening.append(Listening(channel: channel.id, caller: channel.caller, until: now + settings.token))
        return [.send(.listen(channel.id, answers: !channel.isUp))]
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
        let call = listening.remove(at: place)
        let said = Secret(call.digits)
        let isRight = { (sign: Sign) in sign.token == said && sign.mayAdmit(call.caller) }
        if let caller = waiting.firstIndex(where: { $0.isFor(now, isRight) }) {
            return join(caller, channel, answers: false, now)
        }
        if let place = announcements.firstIndex(where: { $0.until > now && isRight($0.sign) }) {
            return lead(place, channel)
        }
        return [.send(.hangUp(channel))]
    }

    /// Has the dialplan call the target of an announced call, once.
    private mutating func lead(_ place: Int, _ channel: CallReference) -> [Output] {
        let announcement = announcements.remove(at: place)
        return [.send(.lead(channel, context: announcement.context, target: announcement.target))]
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

    mutating func left(_ channel: CallReference, _ now: ContinuousClock.Instant) -> [Output] {
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
            // Asterisk leaves a channel that is alone in a bridge there.
            .send(.hangUp(join.held == channel ? join.dialIn : join.held)),
            .tell(PBXEvent(.ended(.normal, seconds: seconds), call: join.held, key: join.key?.text)),
            .send(.removeBridge(join.bridge)),
        ]
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
        announcements.removeAll { $0.until <= now }
        return outputs
    }

    /// Takes what came of a command.
    mutating func finished(_ command: StasisCommand, succeeded: Bool, at now: ContinuousClock.Instant) -> [Output] {
        switch command {
        case .hold(let channel, _):
            guard !succeeded, let place = waiting.firstIndex(where: { $0.channel == channel }) else { return [] }
            let caller = waiting.remove(at: place)
            unheld = unheld.suffix(settings.most - 1) + [channel]
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
            // Nothing else would end it before its own time is over.
            return [.send(.hangUp(channel))]
        // The target would no longer be called.
        case .lead(let channel, _, _): return succeeded ? [] : [.send(.turnAway(channel))]
        case .makeBridge, .goOn, .hangUp, .turnAway, .removeBridge: return []
        }
    }
}

extension StasisMachine.Waiting {
    /// Whether the caller waits for a call of ours with such signs.
    fileprivate func isFor(_ now: ContinuousClock.Instant, _ matches: (StasisMachine.Sign) -> Bool) -> Bool {
        claim.map { $0.until > now && matches($0.sign) } ?? false
    }
}
