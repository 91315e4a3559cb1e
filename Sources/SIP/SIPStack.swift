/// A stack of SIP: sockets, transactions, timers; another one than sofia-sip is a file that conforms to this.
///
/// It is used on the loop of ``SIPAgent`` alone, and tells there what happens; nothing waits.
protocol SIPStack: AnyObject {
    /// Opens an endpoint.
    ///
    /// - Parameter take: is told what happens there, on the loop.
    /// - Returns: nil where its address is taken or is none of this machine.
    func open(_ options: EndpointOptions, _ take: @escaping (SIPInput) -> Void) -> (any SIPEndpoint)?
}

/// Sockets of our own, and what goes and comes over them.
protocol SIPEndpoint: AnyObject {
    /// Sends REGISTER, and again in time, until it is forgotten; the answers come as inputs.
    ///
    /// - Returns: false where an address in it can't be read.
    func register(_ dialog: DialogID, _ order: RegisterOrder) -> Bool
    /// Repeats what was challenged, with these credentials.
    func authenticate(_ dialog: DialogID, realm: String, user: String, password: String)
    /// Forgets a dialog; nothing is heard of it any more.
    func forget(_ dialog: DialogID)
    /// Answers a request. A REGISTER or OPTIONS is answered while it is being told, and is over then.
    func respond(_ dialog: DialogID, _ answer: SIPAnswer)
    /// Keeps the dialog of an INVITE beyond its telling, for an answer that comes later.
    func keep(_ dialog: DialogID)
    /// Sends an INVITE; the answers come as inputs.
    ///
    /// - Returns: false where an address in it can't be read.
    func invite(_ dialog: DialogID, _ order: InviteOrder) -> Bool
    /// Asks for other media in a call that is up; the answers come as inputs.
    func renew(_ dialog: DialogID, sdp: String)
    /// Tells how a transfer goes that the far end asked for, by a line of status such as `SIP/2.0 200 OK`.
    func notify(_ dialog: DialogID, _ status: String, isLast: Bool)
    /// Asks the far end of a call to join it with that of another call, whose contact is `target`; the answers come as inputs.
    ///
    /// - Returns: false where one of the two is none that is up.
    func refer(_ dialog: DialogID, to target: String, replacing other: DialogID) -> Bool
    /// Asks whether the far end still has a call; the answer comes as an input.
    func probe(_ dialog: DialogID)
    /// Takes an INVITE of ours back; `reason` is the value of a Reason header.
    func cancel(_ dialog: DialogID, reason: String?)
    /// Hangs up a call that is up; `reason` is the value of a Reason header.
    func hangUp(_ dialog: DialogID, reason: String?)
    /// Takes nothing from these addresses (IPv4, over UDP), and costs nothing for it; replaces those before.
    func block(_ sources: [UInt32])
    /// Has the messages of the endpoint told to who listens to the loop's pieces, or no more.
    func trace(_ isTraced: Bool)
    /// Closes: what is registered is taken back. An input ``SIPInput/Kind/closed`` follows, and nothing after it.
    func close()
}

/// A dialog of an endpoint; never 0.
typealias DialogID = UInt64

/// How an endpoint is opened.
struct EndpointOptions: Hashable {
    /// What it listens on: `sip:127.0.0.1:5060;transport=udp`, `sip:*:*` for any free port, `sips:…` for TLS.
    var address: String
    /// The directory with the authorities to trust (`cafile.pem`); nil without TLS.
    var certificates: String?
    /// What tells one certificate of our own from another.
    var revision: [UInt8]?
    /// Whether the name in a server's certificate has to be the one asked for, or a known authority is enough.
    var verifiesName = true
    /// Whether phones may register there.
    var isRegistrar = false
}

/// A registration to be sent.
struct RegisterOrder: Hashable {
    /// The registrar's URI.
    var registrar: String
    /// The account: `sip:user@domain`.
    var account: String
    /// The user of the contact, by which calls find the account.
    var user: String
    /// A parameter of the contact that nobody but the registrar learns: `line=…`.
    var token: String
    /// Where requests go first; nil for where the registrar's name leads.
    var route: String?
    /// The name of this program, `urn:uuid:…` (RFC 5626 §4.1).
    var instance: String
    /// How many seconds it is to hold; the registrar may grant less.
    var expires: UInt32
}

/// A call to be made.
struct InviteOrder: Hashable {
    /// Who is called.
    var target: String
    /// Who calls, as the display shows it: `"Name" <sip:number@host>`.
    var caller: String
    /// Where the request goes first; nil for where the target leads.
    var route: String?
    /// The user of the contact; nil for any.
    var user: String?
    /// The value of a Diversion header; nil for none.
    var diversion: String?
    var sdp: String
}

/// An answer to a call of ours; what the stack makes up itself (408, 503) is one too.
struct InviteAnswer: Hashable {
    var status: Int
    var phrase: String
    var sdp: String?
    /// The realm of a challenge that can be answered; nil for none.
    var realm: String?
    /// The cause of the network (Q.850), where one is told.
    var cause: Int?
    /// Whether it came from the far end; else the stack itself says that none will come.
    var isReal = true
    /// The name of the call at both ends.
    var callID: String?
}

/// What happened at an endpoint.
struct SIPInput {
    enum Kind {
        /// A registration was answered, or will never be.
        case registered(RegisterAnswer)
        /// A call of ours was answered, in part or for good.
        case answered(InviteAnswer)
        /// A far end registers.
        case register(SIPRequest)
        /// A far end asks whether we are there.
        case options(SIPRequest)
        /// A far end calls.
        case invite(SIPRequest)
        /// The far end takes its INVITE back, or hangs up; the cause of the network (Q.850) where one is told.
        case gone(cause: Int?)
        /// A hang-up of ours was answered, or never will be.
        case hungUp(status: Int)
        /// Our answer to an INVITE was acknowledged; with what is said of sound, where the offer was ours.
        case acknowledged(String?)
        /// Whether the far end still has a call was answered, or never will be.
        case probed(status: Int)
        /// The far end wants the call transferred; to be answered.
        case refer(SIPReferral)
        /// A transfer that we asked for was taken or refused, or goes on or comes to its end with such a status (RFC 3515 §2.4.4).
        case referred(status: Int, isLast: Bool)
        /// The far end has keyed a digit, and says so in a message.
        case keyed(Character)
        /// Other media are asked for in a call that is up; to be answered.
        case renewed(SIPRequest)
        /// Nothing more comes of a dialog that was kept.
        case over
        /// The endpoint is closed.
        case closed
    }

    var dialog: DialogID
    var kind: Kind
}

/// An answer to REGISTER; what the stack makes up itself (408, 503) is one too.
struct RegisterAnswer: Hashable {
    var status: Int
    var phrase: String
    /// The realm of a challenge that can be answered; nil for none.
    var realm: String?
    /// How many seconds the registration holds.
    var expires: Int?
    /// When to come again, in seconds.
    var retryAfter: Int?
}

/// A request of a far end.
struct SIPRequest {
    var method: String
    /// The user of the request's URI: the number that is called.
    var target: String?
    /// The host of the request's URI.
    var host: String?
    /// The user of To.
    var called: String?
    /// The number from which the call was sent on here; nil where that is not told.
    var divertedFrom: String?
    /// The parameters of the request's URI.
    var parameters: String?
    /// The user of From.
    var caller: String?
    /// The name that From shows.
    var callerName: String?
    /// Nil where the header is not there, or not to be read.
    var credentials: DigestCredentials?
    var source: RequestSource
    /// The URI of the first contact, or `*`.
    var contact: String?
    /// What is said of its time, in seconds.
    var expires: Int?
    /// All contacts, and what is said of the time of each.
    var contacts: [Contact] = []
    var callID: String
    var sequence: UInt32
    var userAgent: String?
    /// Whether the far end says that it takes transfers to the place of another call.
    var takesReferral = false
    /// What the far end says of its sound.
    var sdp: String?

    /// A contact of a REGISTER.
    struct Contact: Hashable {
        var uri: String
        var expires: Int?
    }
}

/// Whom a call is to be transferred to (RFC 3515).
struct SIPReferral: Hashable {
    /// The user of Refer-To.
    var user: String?
    /// The Call-ID of the call whose far end it is (Replaces, RFC 3891); nil for one that is to be called.
    var replaces: String?
    /// The numeric address that it was asked from.
    var source: String

    /// - Parameter headers: what stands behind `?` in Refer-To, percent signs and all.
    init(user: String?, headers: String?, source: String) {
        (self.user, self.source) = (user, source)
        let wanted = (headers ?? "").split(separator: "&").first { $0.lowercased().hasPrefix("replaces=") }
        // `Replaces=CALL-ID;to-tag=…;from-tag=…`, in the forms of RFC 3261 §19.1.1.
        replaces = wanted.flatMap { Percent.undone($0.dropFirst(9)) }
            .map { String($0.prefix { $0 != ";" }) }
    }
}

/// An answer to a request.
struct SIPAnswer: Hashable {
    var status: Int
    /// Nil for the phrase that belongs to the status.
    var phrase: String?
    /// The value of WWW-Authenticate; of Proxy-Authenticate with status 407.
    var challenge: String?
    /// The value of Contact.
    var contact: String?
    /// The value of Retry-After.
    var retryAfter: String?
    /// The value of Reason.
    var reason: String?
    /// What we say of our sound.
    var sdp: String?

    /// To what asks for other sound before the first is agreed: later (RFC 3311 §5.2, RFC 3261 §14.2).
    static let early = SIPAnswer(status: 500, retryAfter: "2")
}
