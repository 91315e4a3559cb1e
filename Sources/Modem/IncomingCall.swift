package import CallModel

/// A call that comes in, as far as the modem has told.
package struct IncomingCall: Sendable, Hashable, Identifiable {
    /// Who calls.
    package enum Caller: Sendable, Hashable {
        /// Not told yet; more may come.
        case notYet
        /// The number as the modem reports it, with `+` in front where it is said to be international.
        case number(String)
        /// The caller withheld it (27.007 §7.6, CLI validity 1).
        case withheld
        /// The network or the modem does not tell it.
        case unavailable
    }

    /// A number for this call, unique in its session.
    package let id: Int
    /// The call's index in the modem's list, where it is known.
    package internal(set) var index: Int?
    /// Who calls.
    package internal(set) var caller: Caller
    /// Whether it waits behind another call.
    package internal(set) var isWaiting: Bool

    /// Creates a call from its parts.
    package init(id: Int, index: Int? = nil, caller: Caller = .notYet, isWaiting: Bool = false) {
        self.id = id
        self.index = index
        self.caller = caller
        self.isWaiting = isWaiting
    }

    /// The caller's number, where there is one.
    package var number: String? {
        if case .number(let number) = caller { number } else { nil }
    }
}

/// What is to be done with a call that comes in.
package enum IncomingDecision: Sendable, Hashable {
    /// Answer it at once. A call that waits behind another is not answered but ignored.
    case answer
    /// Refuse it as busy, and verify that it is gone.
    case refuse
    /// Let it ring; it may still be answered or refused by command.
    case ignore
    /// Ask again when more is known of the caller.
    case later
}

/// What becomes of a call that comes in, in the order in which it happens.
package enum IncomingUpdate: Sendable, Hashable {
    /// It rings, or waits behind another call.
    case ringing(IncomingCall)
    /// The caller is known now, or is known to stay unknown.
    case identified(IncomingCall)
    /// It was answered, and the modem confirms it.
    case answered(IncomingCall)
    /// The modem did not answer it, and it rings on; why.
    case answerFailed(IncomingCall, reason: String)
    /// It is over.
    case released(IncomingCall, IncomingEnd, CallRelease)
    /// The modem is gone or answers nothing any more; whether the call still runs is unknown.
    case failed(IncomingCall, ModemError)

    /// The call that it is about.
    package var call: IncomingCall {
        switch self {
        case .ringing(let call), .identified(let call), .answered(let call), .answerFailed(let call, _),
            .released(let call, _, _), .failed(let call, _):
            call
        }
    }

    /// Whether nothing more is told of its call.
    package var isLast: Bool {
        switch self {
        case .ringing, .identified, .answered, .answerFailed: false
        case .released, .failed: true
        }
    }
}

/// How a call that came in ended.
package enum IncomingEnd: Sendable, Hashable {
    /// The caller gave up before the answer.
    case missed
    /// The caller gave up while the modem was answering.
    case goneWhileAnswering
    /// We refused it.
    case refused
    /// It had been answered, and the caller or the network ended it.
    case remote
    /// It was being answered or had been, and we ended it.
    case local
}
