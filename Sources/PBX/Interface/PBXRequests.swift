package import DialPlan

/// One thing that a PBX is asked to do.
package enum PBXAction: Sendable {
    /// Get ready to lead a call of ours on to a target.
    case prepareCallthrough(CallthroughRequest)
    /// Lead a call of ours on no more: it will not come, or comes for something else.
    case withdrawCallthrough(WithdrawRequest)
    /// Call us and the target, and join the two.
    case requestCallback(CallbackRequest)
    /// Give us a caller that the PBX holds.
    case claimHeld(ClaimRequest)
    /// Keep a held caller for another party.
    case releaseHeld(ReleaseRequest)
    /// End a call of the PBX.
    case hangUp(CallReference)
    /// Say how a call of the PBX stands.
    case status(CallReference)
    /// Say that you are there, and that you know us.
    case health

    /// What it is called in messages and metrics: a name of the neutral interface.
    package var name: String {
        switch self {
        case .prepareCallthrough: "prepare_callthrough"
        case .withdrawCallthrough: "withdraw_callthrough"
        case .requestCallback: "request_callback"
        case .claimHeld: "claim_held"
        case .releaseHeld: "release_held"
        case .hangUp: "hangup"
        case .status: "status"
        case .health: "health"
        }
    }

    /// The numbers that the PBX would call for it, or take for ours.
    var numbers: [PhoneNumber] {
        switch self {
        case .prepareCallthrough(let request): [request.target, request.caller].compactMap(\.self)
        case .withdrawCallthrough, .releaseHeld, .hangUp, .status, .health: []
        case .requestCallback(let request): [request.target, request.caller].compactMap(\.self)
        case .claimHeld(let request): [request.caller].compactMap(\.self)
        }
    }

    /// Whether it ends something, so that it is tried even at a PBX that did not answer lately.
    var isEnding: Bool {
        switch self {
        case .releaseHeld, .hangUp, .withdrawCallthrough: true
        case .prepareCallthrough, .requestCallback, .claimHeld, .status, .health: false
        }
    }
}

/// Announces a call of ours to the access number.
package struct CallthroughRequest: Sendable {
    /// Our call.
    package var call: CallKey
    /// Whom the PBX shall call.
    package var target: PhoneNumber
    /// The number of the SIM that will call; nil when it is not known.
    package var caller: PhoneNumber?

    package init(call: CallKey, target: PhoneNumber, caller: PhoneNumber?) {
        self.call = call
        self.target = target
        self.caller = caller
    }
}

/// Takes an announcement back.
package struct WithdrawRequest: Sendable {
    /// Our call.
    package var call: CallKey
    /// The number of the SIM that was to call; nil when it is not known.
    package var caller: PhoneNumber?
    /// What the PBX called the announced call; nil when it did not say.
    package var reference: CallReference?

    package init(call: CallKey, caller: PhoneNumber?, reference: CallReference? = nil) {
        self.call = call
        self.caller = caller
        self.reference = reference
    }
}

/// Asks to be called, and then to be joined with a target.
package struct CallbackRequest: Sendable {
    /// Our call.
    package var call: CallKey
    /// Whom the PBX shall call.
    package var target: PhoneNumber
    /// The number of the SIM to ring; nil when the PBX knows it by itself.
    package var caller: PhoneNumber?

    package init(call: CallKey, target: PhoneNumber, caller: PhoneNumber?) {
        self.call = call
        self.target = target
        self.caller = caller
    }
}

/// Claims a caller that the PBX holds.
package struct ClaimRequest: Sendable {
    /// Our call.
    package var call: CallKey
    /// The held caller.
    package var held: CallReference
    /// The number of the SIM that will call to fetch it; nil when it is not known.
    package var caller: PhoneNumber?

    package init(call: CallKey, held: CallReference, caller: PhoneNumber?) {
        self.call = call
        self.held = held
        self.caller = caller
    }
}

/// Gives a held caller back.
package struct ReleaseRequest: Sendable {
    /// Why; the raw values go on the wire.
    package enum Reason: String, Sendable, CaseIterable {
        /// The user said no.
        case declined
        /// There is no modem to fetch the caller with.
        case busy
        /// Our call to the PBX failed.
        case failed
        /// There was no decision in time.
        case expired
    }

    /// The held caller.
    package var held: CallReference
    /// Why it is given back.
    package var reason: Reason

    package init(held: CallReference, reason: Reason) {
        self.held = held
        self.reason = reason
    }
}
