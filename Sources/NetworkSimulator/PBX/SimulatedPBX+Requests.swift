extension SimulatedPBX {
    /// Something that the PBX is asked for over its interface.
    package enum Request: Sendable, Equatable {
        /// Expect a call of `caller` and lead it on to `target`.
        case announce(target: String, caller: String?)
        /// Call `party` (the modem of the settings when nil), and when it answers call `target` and join both.
        ///
        /// `id` is the reference that it shall have.
        case originate(party: String?, target: String?, id: String?)
        /// Give a held caller to `caller`, who will call to fetch it.
        case claim(held: String, caller: String?)
        /// Send a held caller elsewhere.
        case release(held: String, reason: String)
        /// End a held, originated or expected call.
        case hangUp(String)
        /// Say how such a call stands.
        case status(String)
        /// Join two calls that have been answered.
        case connect(String, String)
        /// Call `target` for a modem's call that was handed to an application, and join both.
        case lead(String, target: String)
    }

    /// What the PBX answers.
    package enum Reply: Sendable, Equatable {
        /// Call like this.
        case ticket(Ticket)
        /// It will be done; the reference.
        case accepted(String)
        case done
        /// How the call stands: `pending`, `ringing`, `held`, `answered`, `bridged` or `ended`.
        case state(String)
        /// Another party has the held caller.
        case taken
        /// The reference that was asked for is in use.
        case exists
        /// The held caller is gone.
        case gone
        /// There is no such call.
        case unknown
        /// It can't be done, and why.
        case refused(String)
    }

    /// Something that happened at the PBX.
    package enum Event: Sendable, Equatable, CustomStringConvertible {
        /// A call from outside came in.
        case incoming(id: String, from: String, to: String)
        /// Its caller is held with music, at most this long.
        case held(id: String, from: String, to: String, atMost: Duration)
        /// A modem, or another party, is rung for a held caller or a call that was asked for.
        case ringing(id: String, call: Int, number: String, from: String)
        /// A ring ended without an answer: cause 17 when it was refused.
        case unanswered(id: String, cause: Int)
        /// A modem's call was handed to an application.
        case parked(id: String, call: Int, number: String, from: String)
        /// A held caller was claimed.
        case claimed(id: String, ticket: String)
        /// The first party of a call that was asked for has answered.
        case answered(id: String)
        /// Two people can talk: the one at the PBX's side, and the one that `call` leads to.
        case joined(id: String, call: Int, caller: String, target: String)
        /// A held caller hung up before anybody came.
        case gaveUp(id: String)
        /// A held caller was not claimed in time and sent away.
        case expired(id: String)
        /// A held caller was given back and sent elsewhere.
        case released(id: String, reason: String)
        /// A caller who was not expected was turned away.
        case turnedAway(call: Int, number: String)
        /// A call that was held or asked for is over; how long people could talk.
        case ended(id: String, talked: Duration?)

        /// The event as a line for people.
        package var description: String {
            switch self {
            case .incoming(let id, let from, let to): "PBX: \(id): \(Self.name(from)) calls \(to)"
            case .held(let id, let from, _, let time): "PBX: \(id): holds \(Self.name(from)) for \(time)"
            case .ringing(let id, _, let number, let from): "PBX: \(id): rings \(number) from \(from)"
            case .unanswered(let id, let cause): "PBX: \(id): the ring was not answered, cause \(cause)"
            case .parked(let id, _, let number, let from):
                "PBX: \(id): \(Self.name(from)) calls \(number), which the application answers"
            case .claimed(let id, let ticket): "PBX: \(id): claimed by \(ticket)"
            case .answered(let id): "PBX: \(id): the first party answers"
            case .joined(let id, _, let caller, let target):
                "PBX: \(id): \(Self.name(caller)) and \(Self.name(target)) are joined"
            case .gaveUp(let id): "PBX: \(id): the held caller hangs up"
            case .expired(let id): "PBX: \(id): nobody came for the held caller"
            case .released(let id, let reason): "PBX: \(id): given back: \(reason)"
            case .turnedAway(_, let number): "PBX: nobody waits for the call to \(number)"
            case .ended(let id, _): "PBX: \(id): over"
            }
        }

        /// What happened in one word, such as `held` or `gave_up`.
        package var name: String {
            switch self {
            case .incoming: "incoming"
            case .held: "held"
            case .ringing: "ringing"
            case .unanswered: "unanswered"
            case .parked: "parked"
            case .claimed: "claimed"
            case .answered: "answered"
            case .joined: "joined"
            case .gaveUp: "gave_up"
            case .expired: "expired"
            case .released: "released"
            case .turnedAway: "turned_away"
            case .ended: "ended"
            }
        }

        private static func name(_ number: String) -> String { number.isEmpty ? "a withheld number" : number }
    }
}
