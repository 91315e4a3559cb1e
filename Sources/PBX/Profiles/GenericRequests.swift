package import WebRequests

/// The requests of the profile `generic`; an action without one can't be done.
package struct GenericRequests: Sendable {
    /// One request and how its reply is understood.
    package struct Request: Sendable {
        package var method: WebRequest.Method
        /// The path below the PBX's url, with a query if it needs one.
        package var path: RequestTemplate
        /// Header fields: name and value.
        package var headers: [(name: String, value: RequestTemplate)]
        /// The body; its place decides the content type.
        package var body: RequestTemplate?
        /// Whether the PBX takes two requests with one `Idempotency-Key` for one.
        package var isIdempotent: Bool
        /// Where the reply says what.
        package var reply: ReplyFields

        package init(
            _ method: WebRequest.Method,
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
    package struct ReplyFields: Sendable, Equatable {
        /// The number to call.
        package var dial: JSONPointer?
        /// The tones to be recognised by.
        package var token: JSONPointer?
        /// Until when: RFC 3339, or seconds since 1970.
        package var expiresAt: JSONPointer?
        /// How many seconds from now.
        package var expiresIn: JSONPointer?
        /// The PBX's reference of the call.
        package var reference: JSONPointer?
        /// How the call stands.
        package var state: JSONPointer?
        /// What the PBX says that it is.
        package var version: JSONPointer?

        /// Makes a set without any place.
        package init() {}
    }

    /// How the PBX learns who we are, besides what stands in templates.
    package enum Authorization: String, Sendable, CaseIterable {
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
    package var callthrough: Request?
    /// Asks for a callback.
    package var callback: Request?
    /// Claims a held caller.
    package var claim: Request?
    /// Gives a held caller back.
    package var release: Request?
    /// Ends a call.
    package var hangUp: Request?
    /// Asks how a call stands.
    package var status: Request?
    /// Asks whether the PBX is there.
    package var health: Request?
    /// How the PBX learns who we are.
    package var authorization = Authorization.automatic

    /// Makes a set without any request.
    package init() {}

    /// The requests of the project's own contract, for a PBX or a helper that was written for it.
    ///
    /// `POST /callthrough`, `POST /callback`, `POST /held/{held}/claim`, `POST /held/{held}/release`, `GET
    /// /calls/{reference}`, `DELETE /calls/{reference}`, `GET /health`; all that place a call have an `Idempotency-Key`.
    package static let standard: GenericRequests = {
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
