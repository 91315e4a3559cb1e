/// Callers whom this box holds at its accounts, one for each PBX, without any I/O: which call that comes in there is a caller, which is our own
/// that fetches one.
///
/// | state \ input | comes in: our SIM | comes in: another | claimed | token keyed | caller gone | time over | given back |
/// |---|---|---|---|---|---|---|---|
/// | nobody | refused | → held | lost | – | – | – | – |
/// | held | refused | refused | → claimed | – | → nobody, told | → leaving, told | → leaving |
/// | claimed | arrives, → joined without a token | refused | lost | → joined, wrong: three times | → nobody, told | → leaving, told | → leaving |
/// | joined | refused | refused | lost | – | → nobody, told | – | – |
/// | leaving | refused | refused | lost | – | → nobody | – | – |
///
/// With nobody held, a call without a number over the access number counts as our SIM's, which came too late.
/// A call that arrives may end before it is joined, and a second try finds its caller. One whose number is withheld may be ours
/// where it comes over the access number, or where a token will tell: then some may arrive at once, and the one that keys it is ours.
package struct HoldBoard<Call: Hashable & Sendable>: Sendable {
    /// What a call that comes in is.
    package enum Part: Sendable, Equatable {
        /// A caller, who is to be held.
        case caller
        /// Our own call, which fetches the caller of this call; whether it has to key a token first.
        case arrival(of: Call, keysToken: Bool)
        /// Neither; why.
        case refused(String)
    }

    /// What a key of our own call leads to.
    package enum Keyed: Sendable, Equatable {
        case nothing
        /// It is the caller's.
        case joins(Call)
        /// The third wrong token.
        case wrong
    }

    private enum State: Sendable {
        case held
        case claimed
        case joined
        case leaving
    }

    /// A call that may be ours, and what it has keyed.
    private struct Arrival: Sendable {
        var call: Call
        var keys = ""
        var wrong = 0
    }

    /// So many calls without a number may arrive for one caller at once; one more where it shows our number.
    private static var mostHidden: Int { 3 }

    private struct Hold: Sendable {
        var pbx: String
        var caller: Call
        var state = State.held
        /// Our SIM that comes for the caller, and what it keys.
        var sim = CallerMatch([])
        var token: String?
        var arrivals: [Arrival] = []

        /// The calls that have arrived, and are not joined.
        var waiting: [Call] { arrivals.map(\.call) }
    }

    private var holds: [Hold] = []
    /// The SIM that came last to each PBX: it may say its number only then.
    private var lastSIM: [String: CallerMatch] = [:]

    /// Creates a board with nobody on it.
    package init() {}

    /// Says what a call is that comes in at an account of a PBX; a caller is held from then on.
    ///
    /// - Parameters:
    ///   - number: who calls; nil where that is withheld.
    ///   - called: the number that was called, where the PBX tells it.
    ///   - access: the number that our own calls call.
    ///   - own: the numbers of this box's SIMs.
    package mutating func place(
        _ call: Call,
        at pbx: String,
        from number: String?,
        to called: String?,
        access: CallerMatch,
        own: CallerMatch
    ) -> Part {
        guard let place = holds.firstIndex(where: { $0.pbx == pbx }) else {
            let isOurs = own.matches(number) || lastSIM[pbx]?.matches(number) == true
            // The access number is for this box's SIMs alone.
            if isOurs || number == nil && access.matches(called) {
                return .refused("a call of this box's own SIM came, and nobody is held for it")
            }
            holds.append(Hold(pbx: pbx, caller: call))
            return .caller
        }
        let hold = holds[place]
        guard case .claimed = hold.state else { return .refused("a caller is held already") }
        let mayBeOurs = number == nil && (access.matches(called) || hold.token != nil)
        let isOurs = hold.sim.matches(number)
        // Without a token the first is joined.
        let most = hold.token == nil ? 1 : isOurs ? Self.mostHidden + 1 : Self.mostHidden
        guard isOurs || mayBeOurs, hold.arrivals.count < most else { return .refused("a caller is held already") }
        holds[place].arrivals.append(Arrival(call: call))
        return .arrival(of: hold.caller, keysToken: hold.token != nil)
    }

    /// Has a caller fetched by a SIM, which keys the token behind the answer.
    ///
    /// - Returns: false where the caller is not held, or was claimed before.
    package mutating func claim(_ caller: Call, by sim: CallerMatch, token: String?) -> Bool {
        guard let place = place(of: caller), case .held = holds[place].state else { return false }
        (holds[place].state, holds[place].sim, holds[place].token) = (.claimed, sim, token)
        lastSIM[holds[place].pbx] = sim
        return true
    }

    /// Takes a key of a call that has arrived.
    package mutating func key(_ digit: Character, in call: Call) -> Keyed {
        guard let place = holds.firstIndex(where: { $0.waiting.contains(call) }), let token = holds[place].token,
            case .claimed = holds[place].state,
            let index = holds[place].arrivals.firstIndex(where: { $0.call == call })
        else { return .nothing }
        let keys = holds[place].arrivals[index].keys
        guard digit == "#" else {
            holds[place].arrivals[index].keys = String((keys + String(digit)).suffix(token.count))
            return .nothing
        }
        // A second # behind the token finds no token, and joins nothing twice.
        holds[place].arrivals[index].keys = ""
        if keys == token { return .joins(holds[place].caller) }
        holds[place].arrivals[index].wrong += 1
        return holds[place].arrivals[index].wrong < 3 ? .nothing : .wrong
    }

    /// Notes that a caller and the call that came for it are joined.
    ///
    /// - Returns: the other calls that had arrived, which are none of ours; nil where one of the two is gone meanwhile.
    package mutating func join(_ caller: Call, with call: Call) -> [Call]? {
        guard let place = place(of: caller), case .claimed = holds[place].state, holds[place].waiting.contains(call)
        else { return nil }
        let others = holds[place].waiting.filter { $0 != call }
        (holds[place].state, holds[place].arrivals) = (.joined, [])
        return others
    }

    /// Has a caller be told that nobody comes.
    ///
    /// - Returns: the calls that had come meanwhile; nil where it is not due: the caller is joined, gone, or was told.
    package mutating func giveBack(_ caller: Call) -> [Call]? {
        guard let place = place(of: caller) else { return nil }
        switch holds[place].state {
        case .held, .claimed:
            defer { (holds[place].state, holds[place].arrivals) = (.leaving, []) }
            return holds[place].waiting
        case .joined, .leaving: return nil
        }
    }

    /// Whether a call has arrived that waits to be joined with a caller.
    package func awaits(_ call: Call, for caller: Call) -> Bool {
        place(of: caller).map { holds[$0].state == .claimed && holds[$0].waiting.contains(call) } ?? false
    }

    /// Whether a caller is held who is not joined yet.
    package func isHeld(_ caller: Call) -> Bool {
        place(of: caller).map { holds[$0].state == .held || holds[$0].state == .claimed } ?? false
    }

    /// What the end of a call means.
    package enum Ending: Sendable, Equatable {
        /// Nothing for anybody.
        case nothing
        /// The caller has gone who was held; with the calls that had come and were not joined.
        case callerGone(waiting: [Call])
        /// The caller had been told that nobody comes.
        case hadLeft
    }

    /// Takes the end of a call; who was held is forgotten with it.
    package mutating func ended(_ call: Call) -> Ending {
        if let place = place(of: call) {
            let hold = holds.remove(at: place)
            switch hold.state {
            case .held, .claimed, .joined: return .callerGone(waiting: hold.waiting)
            case .leaving: return .hadLeft
            }
        }
        for place in holds.indices { holds[place].arrivals.removeAll { $0.call == call } }
        return .nothing
    }

    private func place(of caller: Call) -> Int? { holds.firstIndex { $0.caller == caller } }
}
