package import CallModel
internal import RTPMedia

/// A call that a phone makes, as the agent keeps it.
///
/// | phase | ring | answer | end | CANCEL | BYE | over |
/// |---|---|---|---|---|---|---|
/// | asking | 180, ringing | 200, answered | a status, ending | ending, told | – | gone, told |
/// | ringing | – | 200, answered | a status, ending | ending, told | – | gone, told |
/// | answered | – | – | BYE, ending | – | ending, told | gone, told |
/// | ending | – | – | – | – | – | gone |
struct HouseCall {
    enum Phase: Hashable { case asking, ringing, answered, ending }

    let call: PhoneCall
    /// The address at which it came.
    let door: Int
    /// Where the phone wants its sound; nil until it says so in ACK, where it leaves the offer to us.
    var offer: SDPDescription?
    /// Who waits for that.
    var waiting: [CheckedContinuation<Void, Never>] = []
    let socket: RTPSocket
    /// How sound may be coded; empty for the ordinary codecs.
    var codecs: [RTPCodec] = []
    /// The name of the call at both ends.
    var callID = ""
    var isHeld = false
    var phase = Phase.asking
    /// How often our side of the sound was said.
    var version: UInt64 = 1

    /// What the phone is told of our side of the sound.
    var answer: String { described(offer, version: 1) }

    /// The same in answer to an offer, or as an offer of ours (RFC 3261 §13.2.1).
    func described(_ offer: SDPDescription?, version: UInt64) -> String {
        let own =
            offer?.answer(address: socket.address, port: offer?.port == 0 ? 0 : socket.port, key: socket.key)
            ?? SDPDescription(
                address: socket.address,
                port: socket.port,
                codecs: (codecs.isEmpty ? RTPCodec.ordinary : codecs).map { SDPDescription.Codec($0) },
                eventType: 101
            )
        return own.text(session: call.id & 0xFFFF_FFFF, version: version)
    }
}

/// A phone's end of a call.
package enum PhoneLeg: Sendable, Hashable {
    /// The phone has made it.
    case call(UInt64)
    /// It has taken the call of a ring.
    case ring(UInt64)
}

/// A transfer that a phone wants.
package struct TransferWish: Sendable, Hashable {
    /// To whom.
    package enum Target: Sendable, Hashable {
        /// Another phone.
        case phone(String)
        /// What was dialled.
        case number(String)
        /// The far end of another call of the phone.
        case leg(PhoneLeg)
    }

    /// The dialog in which it is told how that goes.
    package var dialog: UInt64
    package var leg: PhoneLeg
    /// The phone, by its name.
    package var phone: String
    package var target: Target
}

/// A call that a phone or a trunk makes.
package struct PhoneCall: Sendable, Hashable {
    /// Names it among all calls of SIP.
    package var id: UInt64
    package var caller: HouseCaller
    /// What was dialled there, without a code that chooses a method.
    package var number: String
    /// The method that was chosen with it; nil for what the box chooses.
    package var via: Via?
    /// Whether nobody is called: the phone wants to hear how the box is.
    package var asksStatus = false
}

/// Who makes a call, by its name.
package enum HouseCaller: Sendable, Hashable, CustomStringConvertible {
    case phone(String)
    case trunk(String)

    /// As the contract names it.
    package var description: String {
        switch self {
        case .phone(let name): "phone:\(name)"
        case .trunk(let name): "trunk:\(name)"
        }
    }
}

/// Why a phone's call is not made, as SIP says it.
package struct CallRefusal: Sendable, Hashable {
    package var status: Int
    package var phrase: String?
    /// When to come again, in seconds.
    package var retryAfter: Int?
    /// The cause of the network (Q.850), where it gave one.
    package var cause: Int?

    package init(status: Int, phrase: String? = nil, retryAfter: Int? = nil, cause: Int? = nil) {
        self.status = status
        self.phrase = phrase
        self.retryAfter = retryAfter
        self.cause = cause
    }
}
