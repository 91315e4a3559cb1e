/// Why a call ended, as far as the modem and the network told.
package struct CallRelease: Sendable, Hashable {
    /// The kind of end that the modem's words gave away.
    package enum Kind: Sendable, Hashable, CaseIterable {
        /// The far end is busy.
        case busy
        /// There was no answer.
        case noAnswer
        /// The network refused for want of service.
        case noService
        /// There is no card, or it is locked.
        case noCard
        /// The far end, or the network for it, rejected the call.
        case rejected
        /// The modem itself refused to dial.
        case refusedByModem
        /// The modem never answered the dial command and has no call.
        case modemSilent
        /// Ended, nothing more known; the normal end of an answered call on most modems.
        case unknown
        /// The PBX can't be reached, or can't make calls just now.
        case unreachable
        /// The PBX does not make the call for us.
        case refusedByPBX
        /// Gone without a word of the modem's: it was not there any more when it was to be answered.
        case vanished
    }
    /// What kind of end it was.
    package var kind: Kind
    /// The cause value of 3GPP TS 24.008 §10.5.4.11 (1 to 127), where one was told.
    package var cause: Int?
    /// The modem's own words, where they add something.
    package var text: String?
    /// Whether the end is only concluded from what the modem did not say; the call may be up all the same.
    package var isInferred: Bool
    /// Whether the call may still come up: nothing had rung, and no cause was told.
    ///
    /// Some LTE modems report an end when they
    /// leave for a network that has circuit-switched calls, and set the call up there seconds later (seen on A7672SA).
    package var mayComeUp = false

    /// Creates a release from its parts.
    package init(kind: Kind, cause: Int? = nil, text: String? = nil, isInferred: Bool = false) {
        self.kind = kind
        self.cause = cause
        self.text = text
        self.isInferred = isInferred
    }

    /// Creates a release from a cause value; values above 127 are the modem's own and no cause of the network's.
    package init(cause: Int?) {
        self.init(kind: .unknown, cause: cause.flatMap { (1...127).contains($0) ? $0 : nil })
    }
}
