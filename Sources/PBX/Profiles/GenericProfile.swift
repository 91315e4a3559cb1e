internal import DialPlan
internal import TextCoding
internal import WebRequests

extension PBXProfile {
    /// Any PBX with an HTTP interface: the requests are templates, the replies are read by pointers.
    ///
    /// Without `requests` it speaks the project's own contract (docs/pbx/generic.md).
    package static let generic = PBXProfile(
        name: "generic",
        interface: .configured,
        keys: [.device],
        webhooks: .standardWebhooks,
        capabilities: { account in
            let requests = account.options.requests ?? .standard
            return PBXCapabilities(
                reverse: requests.claim != nil ? .native : account.ringsUs ? .ringOnly : .none,
                announcesCallthrough: requests.callthrough != nil,
                callsBack: requests.callback != nil,
                idempotentOriginate: requests.callback?.isIdempotent == true,
                returnsReference: requests.callback?.reply.reference != nil,
                pushesEvents: account.webhook != nil
            )
        },
        begin: { action, account throws(PBXError) in
            let requests = account.options.requests ?? .standard
            let exchange = GenericExchange(action: action, account: account, requests: requests)
            return try exchange.begin()
        }
    )
}

/// One action of the profile `generic`.
private struct GenericExchange: Sendable {
    let action: PBXAction
    let account: PBXAccount
    let requests: GenericRequests

    func begin() throws(PBXError) -> PBXStep {
        if case .withdrawCallthrough(let request) = action {
            // One without a name of its own ends by its time.
            guard let reference = request.reference, requests.hangUp != nil else { return .finish(.done) }
            return try GenericExchange(action: .hangUp(reference), account: account, requests: requests).begin()
        }
        guard let template else {
            throw .unsupported(action, "add it to requests, if the PBX can do it")
        }
        let request = try request(template)
        return .send(request) { reply throws(PBXError) in
            if case .hangUp = action, reply.status == 404 || reply.status == 410 { return .finish(.done) }
            if case .status = action, reply.status == 404 || reply.status == 410 { return .finish(.state(.ended)) }
            try reply.check(request, isClaim: action.isAboutHeld)
            return .finish(try result(reply, template.reply, request))
        }
    }

    private var template: GenericRequests.Request? {
        switch action {
        case .prepareCallthrough: requests.callthrough
        case .withdrawCallthrough: nil
        case .requestCallback: requests.callback
        case .claimHeld: requests.claim
        case .releaseHeld: requests.release
        case .hangUp: requests.hangUp
        case .status: requests.status
        case .health: requests.health
        }
    }

    private func request(_ template: GenericRequests.Request) throws(PBXError) -> WebRequest {
        let path = try template.path.fill(value)
        var request = WebRequest(
            template.method,
            try account.base(for: action).appending(encoded: path),
            effect: effect(template)
        )
        for header in template.headers { request = request.with(header.name, try header.value.fill(value)) }
        if let body = template.body {
            request.body = Array(try body.fill(value).utf8)
            let type =
                switch body.place {
                case .json: "application/json"
                case .form: "application/x-www-form-urlencoded"
                case .path, .header, .plain: "text/plain; charset=utf-8"
                }
            if request.header("Content-Type") == nil { request = request.with("Content-Type", type) }
        }
        if request.header("Accept") == nil { request = request.with("Accept", "application/json") }
        if let key, template.method != .get { request = request.with("Idempotency-Key", key) }
        return authorized(request)
    }

    private var key: String? {
        switch action {
        case .prepareCallthrough(let request): request.call.text
        case .requestCallback(let request): request.call.text
        case .claimHeld(let request): request.call.text
        case .releaseHeld, .hangUp, .status, .health, .withdrawCallthrough: nil
        }
    }

    private func effect(_ template: GenericRequests.Request) -> WebRequest.Effect {
        switch action {
        case .status, .health, .hangUp, .releaseHeld, .withdrawCallthrough: .harmless
        case .prepareCallthrough, .requestCallback, .claimHeld: template.isIdempotent ? .keyed : .once
        }
    }

    private func authorized(_ request: WebRequest) -> WebRequest {
        guard let password = account.password, request.header("Authorization") == nil else { return request }
        switch requests.authorization {
        case .none: return request
        case .bearer: return request.bearer(password)
        case .basic: return request.basic(account.user ?? "", password)
        case .automatic: return account.user.map { request.basic($0, password) } ?? request.bearer(password)
        }
    }

    private func value(_ placeholder: RequestTemplate.Placeholder) throws(PBXError) -> String? {
        switch placeholder {
        case .user:
            guard let user = account.user else { throw .missing("user", for: action) }
            return user
        case .password:
            guard let password = account.password else { throw .missing("password", for: action) }
            return password.reveal()
        case .device:
            guard let device = account.options.device else { throw .missing("device", for: action) }
            return device
        case .callerID: return account.options.callerID?.text ?? ""
        case .session: return ""
        case .target, .caller, .call, .held, .reason, .reference: return try ofAction(placeholder)
        }
    }

    private func ofAction(_ placeholder: RequestTemplate.Placeholder) throws(PBXError) -> String? {
        switch (action, placeholder) {
        case (.prepareCallthrough(let request), .target): return account.write(request.target, .plusE164)
        case (.requestCallback(let request), .target): return account.write(request.target, .plusE164)
        case (.prepareCallthrough(let request), .caller): return write(request.caller)
        case (.requestCallback(let request), .caller): return write(request.caller)
        case (.claimHeld(let request), .caller): return write(request.caller)
        case (_, .call): return key ?? ""
        case (.claimHeld(let request), .held): return request.held.text
        case (.releaseHeld(let request), .held): return request.held.text
        case (.releaseHeld(let request), .reason): return request.reason.rawValue
        case (.hangUp(let reference), .reference), (.status(let reference), .reference): return reference.text
        default:
            throw PBXError(
                .misconfigured,
                "{\(placeholder.rawValue)} has no value in \(action.name)",
                remedy: "take it out of that request"
            )
        }
    }

    /// The number of our SIM; nil where it is not known here, since the PBX may know it.
    private func write(_ caller: PhoneNumber?) -> String? {
        (caller ?? account.ownNumber).map { account.write($0, .plusE164) }
    }

    // MARK: Replies

    private func result(
        _ reply: HTTPReply,
        _ fields: GenericRequests.ReplyFields,
        _ request: WebRequest
    ) throws(PBXError) -> PBXResult {
        switch action {
        case .prepareCallthrough, .claimHeld: return .ticket(try ticket(reply, fields, request))
        case .requestCallback:
            // The status says that it was taken; without a reference it can't be taken back, and that is all.
            let text = fields.reference.flatMap { pointer in reply.json.flatMap(pointer.value) }?.scalar
            return .accepted(text.flatMap { CallReference($0) })
        case .releaseHeld, .hangUp, .withdrawCallthrough: return .done
        case .status:
            guard let text = fields.state.flatMap({ pointer in reply.json.flatMap(pointer.value) })?.scalar else {
                throw .garbled(request, "there is no state in it")
            }
            return .state(PBXCallState(foreign: text))
        case .health:
            let version = fields.version.flatMap { pointer in reply.json.flatMap(pointer.value) }?.scalar
            return .health(version: version.map { Printable.text($0, limit: 60) })
        }
    }

    private func ticket(
        _ reply: HTTPReply,
        _ fields: GenericRequests.ReplyFields,
        _ request: WebRequest
    ) throws(PBXError) -> CallTicket {
        var ticket = CallTicket()
        let json = reply.json
        // A claim that was granted in words that mean nothing is granted: its call goes to the access number.
        let isGranted = action.isAboutHeld && account.accessNumber != nil
        guard json != nil || isGranted || fields == GenericRequests.ReplyFields() else {
            throw .garbled(request, "it is not JSON")
        }
        func text(_ pointer: JSONPointer?) -> String? {
            guard let pointer, let json else { return nil }
            return pointer.value(in: json)?.scalar
        }
        if let dial = text(fields.dial) {
            do throws(NumberError) { ticket.dial = try DialString(typed: dial) } catch {
                throw .garbled(request, "what it gives to dial is no number")
            }
        } else if fields.dial != nil, account.accessNumber == nil {
            throw .garbled(request, "it gives nothing to dial, and there is no access_number")
        }
        if let token = text(fields.token) {
            let isTones = token.utf8.allSatisfy { (0x30...0x39).contains($0) || $0 == 0x23 || $0 == 0x2A }
            guard isTones, (1...32).contains(token.utf8.count) else {
                throw .garbled(request, "its token can't be sent as tones")
            }
            ticket.token = Secret(token)
        }
        if case .prepareCallthrough = action, fields.dial != nil, ticket.dial == nil, ticket.token == nil {
            // A PBX that answers 200 to everything has understood nothing: the target is still to be sent.
            ticket.needsTarget = true
        }
        ticket.reference = text(fields.reference).flatMap { CallReference($0) }
        ticket.validFor = validity(at: text(fields.expiresAt), in: text(fields.expiresIn), from: reply.receivedAt)
        return ticket
    }

    private func validity(at end: String?, in seconds: String?, from now: UnixTime) -> Duration? {
        if let seconds = seconds.flatMap({ Double($0) }), (0...86400).contains(seconds) { return .seconds(seconds) }
        return end.flatMap { UnixTime(written: $0) }.map { now.duration(to: $0) }
    }
}

extension PBXAction {
    /// Whether it is about a held caller, so that 409 and 404 have a meaning of their own.
    var isAboutHeld: Bool {
        switch self {
        case .claimHeld, .releaseHeld: true
        case .prepareCallthrough, .withdrawCallthrough, .requestCallback, .hangUp, .status, .health: false
        }
    }
}

extension PBXCallState {
    /// Reads the words that PBXs use for the states of a call.
    init(foreign text: String) {
        let word = text.lowercased().filter { $0 != "-" && $0 != "_" && $0 != " " }
        switch word {
        case "pending", "queued", "initiated", "down", "rsrvd", "dialing", "dialling", "new": self = .pending
        case "ringing", "ring", "alerting", "early": self = .ringing
        case "held", "hold", "onhold", "waiting", "parked": self = .held
        case "answered", "up", "inprogress", "active", "connected": self = .answered
        case "bridged", "joined", "talking": self = .bridged
        case "ended", "completed", "hangup", "hungup", "busy", "noanswer", "failed", "canceled", "cancelled",
            "expired", "terminated":
            self = .ended
        default: self = .unknown
        }
    }
}
