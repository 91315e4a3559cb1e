package import DialPlan

/// Something that happened at a PBX.
package struct PBXEvent: Sendable, Equatable {
    /// What happened.
    package enum Kind: Sendable, Equatable {
        /// A call came in; it is not taken yet.
        case incoming(from: CallerIdentity, to: String?)
        /// A caller is held for us.
        case held(HeldCaller)
        /// The call was answered.
        case answered
        /// Keys were pressed.
        case dtmf(String)
        /// Two ends are joined.
        case bridged
        /// It is over.
        case ended(Ending, seconds: Int?)
        /// A held caller or an announced call was not fetched in time.
        case expired
    }

    /// How a call ended.
    package enum Ending: String, Sendable, Equatable, CaseIterable {
        /// One side hung up, after a conversation or before one.
        case normal
        /// The called side was busy.
        case busy
        /// There was no answer.
        case noAnswer = "no_answer"
        /// It was turned down.
        case rejected
        /// The caller gave up.
        case cancelled
        /// The network or the number failed.
        case failed
        /// It went to a mailbox or somewhere else.
        case diverted
        /// The PBX gave no reason that this program knows.
        case unknown
    }

    /// What happened.
    package var kind: Kind
    package var call: CallReference
    /// Our call that the PBX named along with its own; nil when it named none.
    package var key: String?

    package init(_ kind: Kind, call: CallReference, key: String? = nil) {
        self.kind = kind
        self.call = call
        self.key = key
    }
}

extension PBXEvent.Kind {
    /// The event's name; nothing of what it tells is in it.
    package var name: String {
        switch self {
        case .incoming: "incoming"
        case .held: "held"
        case .answered: "answered"
        case .dtmf: "dtmf"
        case .bridged: "bridged"
        case .ended: "ended"
        case .expired: "expired"
        }
    }
}

/// A caller whom a PBX holds for us.
package struct HeldCaller: Sendable, Equatable {
    /// Who it is.
    package var from: CallerIdentity
    /// The number that the caller dialled.
    package var to: String?
    /// Where to call to fetch the caller, if the PBX says so already.
    package var dial: DialString?
    /// How long the PBX holds on; nil when it does not say.
    package var validFor: Duration?

    package init(from: CallerIdentity, to: String? = nil, dial: DialString? = nil, validFor: Duration? = nil) {
        self.from = from
        self.to = to
        self.dial = dial
        self.validFor = validFor
    }
}
