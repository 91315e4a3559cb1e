/// The PBX at the other end of the simulated network, without clock and I/O; a world has one.
///
/// Besides its access numbers (``AccessNumber``) it holds callers from outside, rings modems, dials targets, and joins
/// who belongs together. What it is asked for over its interface goes through ``SimulatedWorld/ask(_:key:at:)``; what
/// it does is told by ``FarSideEvent/pbx(_:)``, and counted in ``counts``.
package struct SimulatedPBX: Sendable {
    /// How it is set up; may be changed while the world runs.
    package var settings: Settings
    /// The callers that it holds or held, oldest first; of very many only the last are kept.
    package var held: [HeldCaller] = []
    /// The calls that it was asked to place, oldest first; bounded like ``held``.
    package var originations: [Origination] = []
    /// The calls that it was told to expect, oldest first; bounded like ``held``.
    package var tickets: [Ticket] = []
    /// The calls that were handed to an application, oldest first; bounded like ``held``.
    package var parked: [ParkedCall] = []
    /// How often it did what.
    package var counts = Counts()

    /// What it answered to a request with a key.
    package var answers: [String: Reply] = [:]
    private var lastNumber = 0
    private var random: SeededRandom

    package static let limit = 256

    /// Makes a PBX; equal seeds give equal tokens.
    package init(settings: Settings = Settings(), seed: UInt64 = 1) {
        self.settings = settings
        random = SeededRandom(seed: seed ^ 0x5042_5853_494D)
    }

    /// Who does what how often; what is repeated with a key that is honoured is done once.
    package struct Counts: Sendable, Equatable {
        /// Targets announced.
        package var announcements = 0
        /// Callbacks and other calls that were asked for and accepted.
        package var originations = 0
        /// Held callers given to the one who asked.
        package var claims = 0
        /// Held callers given back.
        package var releases = 0
        /// Calls ended on request.
        package var hangUps = 0
        /// Calls that rang a modem or were to ring one.
        package var rings = 0
        package var targetCalls = 0
        /// Pairs joined.
        package var joins = 0
        /// Callers held.
        package var held = 0

        /// Starts at nothing.
        package init() {}
    }

    // MARK: Looking up

    /// The held caller with a reference.
    package func heldCaller(_ id: String) -> HeldCaller? { held.last { $0.id == id } }

    /// The call that was handed to an application, with a reference.
    package func parkedCall(_ id: String) -> ParkedCall? { parked.last { $0.id == id } }

    /// The call that was asked for, with a reference.
    package func origination(_ id: String) -> Origination? { originations.last { $0.id == id } }

    /// Whether a number belongs to the PBX and leads to what it expects.
    package func expectsCalls(at number: String) -> Bool {
        number == settings.accessNumber || settings.pool.contains(number)
    }

    package func heldIndex(call: Int) -> Int? { held.lastIndex { $0.call == call } }

    package func heldIndex(ring: Int) -> Int? { held.lastIndex { $0.ring == ring } }

    package func originationIndex(leg: Int) -> Int? { originations.lastIndex { $0.leg == leg } }

    package func originationIndex(targetLeg: Int) -> Int? { originations.lastIndex { $0.targetLeg == targetLeg } }

    // MARK: Changing

    package mutating func update(held id: String, _ change: (inout HeldCaller) -> Void) {
        guard let index = held.lastIndex(where: { $0.id == id }) else { return }
        change(&held[index])
    }

    package mutating func update(origination id: String, _ change: (inout Origination) -> Void) {
        guard let index = originations.lastIndex(where: { $0.id == id }) else { return }
        change(&originations[index])
    }

    package mutating func update(ticket id: String, _ change: (inout Ticket) -> Void) {
        guard let index = tickets.lastIndex(where: { $0.id == id }) else { return }
        change(&tickets[index])
    }

    /// A reference that no other has.
    package mutating func newID(_ prefix: String) -> String {
        lastNumber += 1
        return "\(prefix)-\(lastNumber)"
    }

    /// Eight digits.
    package mutating func newToken() -> String { String(Int.random(in: 10_000_000...99_999_999, using: &random)) }

    package mutating func add(_ caller: HeldCaller) {
        held.append(caller)
        if held.count > Self.limit, let oldest = held.firstIndex(where: { !$0.isWaiting && $0.state != .joined }) {
            held.remove(at: oldest)
        }
    }

    package mutating func add(_ origination: Origination) {
        originations.append(origination)
        if originations.count > Self.limit, let oldest = originations.firstIndex(where: { $0.state == .ended }) {
            originations.remove(at: oldest)
        }
    }

    package mutating func add(_ call: ParkedCall) {
        parked.append(call)
        if parked.count > Self.limit, let oldest = parked.firstIndex(where: { !$0.isLive }) {
            parked.remove(at: oldest)
        }
    }

    package mutating func update(parked id: String, _ change: (inout ParkedCall) -> Void) {
        guard let index = parked.lastIndex(where: { $0.id == id }) else { return }
        change(&parked[index])
    }

    package mutating func add(_ ticket: Ticket) {
        tickets.append(ticket)
        if tickets.count > Self.limit, let oldest = tickets.firstIndex(where: { $0.state != .open }) {
            tickets.remove(at: oldest)
        }
    }
}

/// Something that the PBX has to do at a time.
package enum PBXStep: Sendable, Equatable {
    case ringForHeld(String)
    case ringForOrigination(String)
    case stopRinging(call: Int)
    case expireHeld(String)
    case callerLeaves(held: String)
    case expireTicket(String)
    case meetTicket(call: Int, String)
    /// A modem's call is joined with a caller that was not claimed.
    case meetHeld(call: Int, String)
    case dialTarget(origination: String)
    case hangUp(call: Int)
}
