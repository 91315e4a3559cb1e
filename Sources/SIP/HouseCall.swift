package import RTPMedia

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
    /// Where the phone wants its sound.
    let offer: SDPDescription
    let socket: RTPSocket
    var phase = Phase.asking
    /// How often our side of the sound was said.
    var version: UInt64 = 1

    /// What the phone is told of our side of the sound.
    var answer: String {
        offer.answer(address: socket.address, port: socket.port).text(session: call.id & 0xFFFF_FFFF, version: 1)
    }
}

/// A call that a phone or a trunk makes.
package struct PhoneCall: Sendable, Hashable {
    /// Names it among all calls of SIP.
    package var id: UInt64
    package var caller: HouseCaller
    /// What was dialled there.
    package var number: String
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

/// Where the sound of a phone goes, and how.
package struct PhoneSound: Sendable {
    /// The socket, whose owner is who asked for it.
    package var descriptor: Int32
    /// Where the phone wants to hear: a numeric address and a port.
    package var address: String
    package var port: Int
    package var codec: SDPDescription.Codec
    package var eventType: UInt8?

    /// Gives a socket away for what a phone has said of its sound; nil where that can't be, or was done before.
    init?(_ socket: RTPSocket, _ phone: SDPDescription) {
        guard let codec = phone.codecs.first, socket.descriptor >= 0 else { return nil }
        descriptor = socket.giveAway()
        (address, port, self.codec, eventType) = (phone.address, phone.port, codec, phone.eventType)
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
