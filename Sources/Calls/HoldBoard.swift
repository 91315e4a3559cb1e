internal import CallFlows
import CallModel
internal import FoundationEssentials

/// Callers whom this box holds at its accounts, one for each PBX, without any I/O: which call that comes in there is a caller, which is our own
/// that fetches one.
///
/// | state \ input | comes in: our SIM | comes in: another | claimed | token keyed | caller gone | time over | given back |
/// |---|---|---|---|---|---|---|---|
/// | nobody | refused | → held | lost | – | – | – | – |
/// | held | refused | refused | → claimed | – | → nobody, told | → leaving, told | → leaving |
/// | claimed | → arrived, or → joined without a token | refused | lost | – | → nobody, told | → leaving, told | → leaving |
/// | arrived | refused | refused | lost | → joined, wrong: three times | → nobody, told | → leaving, told | → leaving |
/// | joined | refused | refused | lost | – | → nobody, told | – | – |
/// | leaving | refused | refused | lost | – | → nobody | – | – |
///
/// With nobody held, a call without a number over the access number counts as our SIM's, which came too late.
/// The call that arrives may end before it is joined: → claimed, so that a second try finds its caller. One whose number is withheld may be ours
/// where it comes over the access number, or where a token will tell.
struct HoldBoard: Sendable {
    /// What a call that comes in is.
    enum Part: Sendable, Equatable {
        /// A caller, who is to be held.
        case caller
        /// Our own call, which fetches the caller of this call; whether it has to key a token first.
        case arrival(of: UUID, keysToken: Bool)
        /// Neither; why.
        case refused(String)
    }

    /// What a key of our own call leads to.
    enum Keyed: Sendable, Equatable {
        case nothing
        /// It is the caller's.
        case joins(UUID)
        /// The third wrong token.
        case wrong
    }

    private enum State: Sendable {
        case held
        case claimed
        case arrived(UUID, keys: String, wrong: Int)
        case joined(UUID)
        case leaving
    }

    private struct Hold: Sendable {
        var pbx: String
        var caller: UUID
        var state = State.held
        /// Our SIM that comes for the caller, and what it keys.
        var sim = CallerMatch([])
        var token: String?

        var arrival: UUID? {
            switch state {
            case .arrived(let call, _, _), .joined(let call): call
            case .held, .claimed, .leaving: nil
            }
        }
    }

    private var holds: [Hold] = []
    /// The SIM that came last to each PBX: it may say its number only then.
    private var lastSIM: [String: CallerMatch] = [:]

    /// Creates a board with nobody on it.
    init() {}

    /// Says what a call is that comes in at an account of a PBX; a caller is held from then on.
    ///
    /// - Parameters:
    ///   - number: who calls; nil where that is withheld.
    ///   - called: the number that was called, where the PBX tells it.
    ///   - access: the number that our own calls call.
    ///   - own: the numbers of this box's SIMs.
    mutating func place(
        _ call: UUID,
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
        guard hold.sim.matches(number) || mayBeOurs else { return .refused("a caller is held already") }
        holds[place].state = .arrived(call, keys: "", wrong: 0)
        return .arrival(of: hold.caller, keysToken: hold.token != nil)
    }

    /// Has a caller fetched by a SIM, which keys the token behind the answer.
    ///
    /// - Returns: false where the caller is not held, or was claimed before.
    mutating func claim(_ caller: UUID, by sim: CallerMatch, token: String?) -> Bool {
        guard let place = place(of: caller), case .held = holds[place].state else { return false }
        (holds[place].state, holds[place].sim, holds[place].token) = (.claimed, sim, token)
        lastSIM[holds[place].pbx] = sim
        return true
    }

    /// Takes a key of a call that has arrived.
    mutating func key(_ digit: Character, in call: UUID) -> Keyed {
        guard let place = holds.firstIndex(where: { $0.arrival == call }), let token = holds[place].token,
            case .arrived(_, var keys, var wrong) = holds[place].state
        else { return .nothing }
        guard digit == "#" else {
            keys = String((keys + String(digit)).suffix(token.count))
            holds[place].state = .arrived(call, keys: keys, wrong: wrong)
            return .nothing
        }
        let isRight = keys == token
        if !isRight { wrong += 1 }
        // A second # behind the token finds no token, and joins nothing twice.
        holds[place].state = .arrived(call, keys: "", wrong: wrong)
        if isRight { return .joins(holds[place].caller) }
        return wrong < 3 ? .nothing : .wrong
    }

    /// Notes that a caller and the call that came for it are joined.
    ///
    /// - Returns: false where one of the two is gone meanwhile.
    mutating func join(_ caller: UUID, with call: UUID) -> Bool {
        guard let place = place(of: caller), case .arrived(call, _, _) = holds[place].state else { return false }
        holds[place].state = .joined(call)
        return true
    }

    /// Has a caller be told that nobody comes.
    ///
    /// - Returns: whether it is due: not where the caller is joined, gone, or was told; and the call that had come meanwhile.
    mutating func giveBack(_ caller: UUID) -> (isDue: Bool, arrival: UUID?) {
        guard let place = place(of: caller) else { return (false, nil) }
        switch holds[place].state {
        case .held, .claimed, .arrived:
            let arrival = holds[place].arrival
            holds[place].state = .leaving
            return (true, arrival)
        case .joined, .leaving: return (false, nil)
        }
    }

    /// What the end of a call means.
    enum Ending: Sendable, Equatable {
        /// Nothing for anybody.
        case nothing
        /// The caller has gone who was held, with the call that had come for it, or was joined with it.
        case callerGone(arrival: UUID?, wasJoined: Bool)
        /// The caller had been told that nobody comes.
        case hadLeft
    }

    /// Takes the end of a call; who was held is forgotten with it.
    mutating func ended(_ call: UUID) -> Ending {
        if let place = place(of: call) {
            let hold = holds.remove(at: place)
            switch hold.state {
            case .held, .claimed: return .callerGone(arrival: nil, wasJoined: false)
            case .arrived(let arrival, _, _): return .callerGone(arrival: arrival, wasJoined: false)
            case .joined(let arrival): return .callerGone(arrival: arrival, wasJoined: true)
            case .leaving: return .hadLeft
            }
        }
        if let place = holds.firstIndex(where: { $0.arrival == call }), case .arrived = holds[place].state {
            holds[place].state = .claimed
        }
        return .nothing
    }

    private func place(of caller: UUID) -> Int? { holds.firstIndex { $0.caller == caller } }
}
