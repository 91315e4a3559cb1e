package import CallModel
package import FoundationEssentials
package import Modem

/// The lines over the Internet, and the people at telephones, as calls use them.
package protocol AccountLines: Sendable {
    /// A leg over an account that dials; nil where nothing speaks SIP.
    func leg(over account: String) async -> (any AccountLeg)?

    /// Who of the people who are rung for a call has taken it; nil for nobody.
    func taker(of call: UUID) -> AudioSpec?

    /// Has people rung who are to be our end of a call, and waits until one of them has answered.
    ///
    /// - Returns: why none has; nil where one has, whose end is the call's from then on.
    func summon(_ person: AudioSpec, for call: UUID, shows number: String?, within limit: Duration) async -> String?
}

/// A leg of a call over an account.
package protocol AccountLeg: CallLeg {
    /// Where it is commanded, and where its events are told.
    var loop: any ModemLoop { get }

    /// Whether the network was heard before the answer.
    var wasEarly: Bool { get }

    /// Has the PBX join the far ends of this call and of another one, both of which are up; it may take 10 s.
    ///
    /// - Returns: whether it has: then neither is needed any more. Else both are as they were, and nil says that one of them is over.
    func join(_ other: any AccountLeg) async -> Bool?

    /// An end, with whether it is certain that the far end has no call left.
    func verify(_ end: CallEnd) -> CallEnd
}
