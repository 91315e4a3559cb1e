/// The requests of the profile `generic`; an action without one can't be done.
public struct GenericRequests: Sendable {
    /// One request and how its reply is understood.
    public struct Request: Sendable {
        /// The method.
        public var method: PBXHTTPRequest.Method
        /// The path below the PBX's url, with a query if it needs one.
        public var path: RequestTemplate
        /// Header fields: name and value.
        public var headers: [(name: String, value: RequestTemplate)]
        /// The body; its place decides the content type.
        public var body: RequestTemplate?
        /// Whether the PBX takes two requests with one `Idempotency-Key` for one.
        public var isIdempotent: Bool
        /// Where the reply says what.
        public var reply: ReplyFields

        /// Makes a request.
        public init(
            _ method: PBXHTTPRequest.Method,
            _ path: RequestTemplate,
            headers: [(name: String, value: RequestTemplate)] = [],
            body: RequestTemplate? = nil,
            isIdempotent: Bool = false,
            reply: ReplyFields = ReplyFields()
        ) {
            self.method = method
            self.path = path
            self.headers = headers
            self.body = body
            self.isIdempotent = isIdempotent
            self.reply = reply
        }
    }

    /// Where in a JSON reply something stands.
    public struct ReplyFields: Sendable, Equatable {
        /// The number to call.
        public var dial: JSONPointer?
        /// The tones to be recognised by.
        public var token: JSONPointer?
        /// Until when: RFC 3339, or seconds since 1970.
        public var expiresAt: JSONPointer?
        /// How many seconds from now.
        public var expiresIn: JSONPointer?
        /// The PBX's reference of the call.
        public var reference: JSONPointer?
        /// How the call stands.
        public var state: JSONPointer?
        /// What the PBX says that it is.
        public var version: JSONPointer?

        /// Makes a set without any place.
        public init() {}
    }

    /// How the PBX learns who we are, besides what stands in templates.
    public enum Authorization: String, Sendable, CaseIterable {
        /// `user` and `password` by HTTP Basic; by a bearer token when there is no `user`.
        case automatic = "auto"
        /// HTTP Basic.
        case basic
        /// `password` as a bearer token.
        case bearer
        /// Not at all, or by the templates.
        case none
    }

    /// Announces a call.
    public var callthrough: Request?
    /// Asks for a callback.
    public var callback: Request?
    /// Claims a held caller.
    public var claim: Request?
    /// Gives a held caller back.
    public var release: Request?
    /// Ends a call.
    public var hangUp: Request?
    /// Asks how a call stands.
    public var status: Request?
    /// Asks whether the PBX is there.
    public var health: Request?
    /// How the PBX learns who we are.
    public var authorization = Authorization.automatic

    /// Makes a set without any request.
    public init() {}

    /// The requests of the project's own contract, for a PBX or a helper that was written for it.
    ///
    /// `POST /callthrough`, `POST /callback`, `POST /held/{held}/claim`, `POST /held/{held}/release`, `GET
    /// /calls/{reference}`, `DELETE /calls/{reference}`, `GET /health`; all that place a call have an `Idempotency-Key`.
    public static let standard: GenericRequests = {
        var requests = GenericRequests()
        do throws(RequestTemplate.Problem) {
            var ticket = ReplyFields()
            ticket.dial = JSONPointer("/dial")
            ticket.token = JSONPointer("/token")
            ticket.expiresAt = JSONPointer("/expiresAt")
            ticket.reference = JSONPointer("/id")
            var call = ReplyFields()
            call.reference = JSONPointer("/id")
            call.state = JSONPointer("/state")
            var version = ReplyFields()
            version.version = JSONPointer("/version")
            let pair = #"{"call":"{call}","target":"{target}","caller":"{caller}"}"#
            requests.callthrough = Request(
                .post,
                try RequestTemplate("/callthrough", in: .path),
                body: try RequestTemplate(pair, in: .json),
                isIdempotent: true,
                reply: ticket
            )
            // The key is sent, and yet nothing rests on it: a PBX that forgets it would call twice.
            requests.callback = Request(
                .post,
                try RequestTemplate("/callback", in: .path),
                body: try RequestTemplate(pair, in: .json),
                reply: call
            )
            requests.claim = Request(
                .post,
                try RequestTemplate("/held/{held}/claim", in: .path),
                body: try RequestTemplate(#"{"call":"{call}","caller":"{caller}"}"#, in: .json),
                isIdempotent: true,
                reply: ticket
            )
            requests.release = Request(
                .post,
                try RequestTemplate("/held/{held}/release", in: .path),
                body: try RequestTemplate(#"{"reason":"{reason}"}"#, in: .json),
                isIdempotent: true
            )
            requests.hangUp = Request(.delete, try RequestTemplate("/calls/{reference}", in: .path))
            requests.status = Request(.get, try RequestTemplate("/calls/{reference}", in: .path), reply: call)
            requests.health = Request(.get, try RequestTemplate("/health", in: .path), reply: version)
        } catch {
            // The templates above are part of the program, and a test reads them; without them the profile does nothing.
            return GenericRequests()
        }
        return requests
    }()
}
