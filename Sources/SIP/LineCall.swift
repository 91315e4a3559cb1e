internal import CallModel
internal import RTPMedia

/// A call over an account, in either direction, as the agent keeps it.
///
/// | phase | provisional | 2xx | refused | far end gone | hang up | over |
/// |---|---|---|---|---|---|---|
/// | asking, out | alerting, early | answered → up | released → done | released → done | CANCEL → ending | released → done |
/// | asking, in | – | – | – | released → done | refused → ending | released → done |
/// | up | – | – | – | released → done | BYE → ending | released → done |
/// | ending | – | BYE (it crossed the CANCEL) | known to be over | known to be over | – | hung up |
/// | done | – | BYE | – | – | – | – |
struct LineCall {
    enum Phase: Hashable { case asking, up, ending, done }

    /// The account, by its number at the agent.
    let account: Int
    let isIncoming: Bool
    let socket: RTPSocket
    /// What the other side says of its sound, once it has.
    var other: SDPDescription?
    let tell: @Sendable (LineNews) -> Void
    var phase = Phase.asking
    /// How often the password was sent.
    var tries = 0
    /// Whether anything was heard of the far end.
    var wasHeard = false
    var hasRung = false
    var isEarly = false
    /// Whether it is certain that the far end has no call any more.
    var isKnownOver = false
    /// How often our side of the sound was said.
    var version: UInt64 = 1
    /// The key that our last offer had; nil for none.
    var offered: SDPDescription.Crypto?
    /// Where the far end of a call that came in is reached; nil where it may not be given to another call of its PBX.
    var place: String?
    /// Whether it is being asked whether the far end still has the call: other requests in its dialog wait for that.
    var isProbed = false
    /// How often in a row it was not answered whether the far end still has the call.
    var unanswered = 0
}

/// What becomes of a call over an account.
package enum LineNews: Sendable, Equatable {
    /// The far end rings.
    case alerting
    /// Its network can be heard before the answer.
    case early
    /// It is answered.
    case answered
    /// The other side is heard elsewhere now.
    case moved
    /// It is over, by the far end, or never came about.
    case released(LineEnd)
    /// Our hang-up is done; whether the far end is known to have no call left.
    case hungUp(isKnown: Bool)
}

/// Why a call over an account ended.
package struct LineEnd: Sendable, Hashable {
    /// The status; nil for a call that was up.
    package var status: Int?
    /// What the far end said to it.
    package var phrase = ""
    /// The cause of the network (Q.850), where it told one.
    package var cause: Int?
    /// Whether the far end said so; else the stack gave up.
    package var isReal = true
    /// Whether it is certain that the far end has no call.
    package var isKnownOver = true

    /// An end of which only the status is known.
    package init(status: Int? = nil, phrase: String = "", cause: Int? = nil) {
        (self.status, self.phrase, self.cause) = (status, phrase, cause)
    }
}

/// A call that comes in over an account.
package struct AccountCall: Sendable, Hashable {
    /// Names it among all calls of SIP.
    package var id: UInt64
    /// The account, by its name.
    package var account: String
    /// Who calls: what stands on a dial pad; nil where that is withheld.
    package var number: String?
    /// Whom the far end has called: the user of To, where that is a number.
    package var called: String?
    /// The name that the far end shows.
    package var name: String?
    /// The number from which the call was sent on here; nil where that is not told.
    package var divertedFrom: String?
}
