internal import DialPlan
internal import WebRequests

extension PBXProfile {
    /// Twilio's Voice API of 2010-04-01, and the clouds that speak the same (SignalWire, Telnyx TeXML, Somleng) under
    /// their own `url` (twilio.com/docs/voice/api/call-resource).
    ///
    /// A held caller waits in a queue of its own, whose name is made of the caller's call; our call joins by taking that
    /// queue. Announced calls and claims are kept in the account's ``PBXAccount/expected`` until Twilio asks for a document.
    package static let twilio = PBXProfile(
        name: "twilio",
        keys: [
            PBXProfileKey(
                "account",
                .word,
                standard: "`user`",
                example: "AC00000000000000000000000000000001",
                "the account, when `user` is a key of it"
            )
        ],
        webhooks: .twilio,
        capabilities: { account in
            let isAsked = account.webhook?.publicURL != nil
            return PBXCapabilities(
                reverse: isAsked && account.webhook?.incoming == .hold ? .native : account.ringsUs ? .ringOnly : .none,
                announcesCallthrough: isAsked && account.accessNumber != nil,
                callsBack: account.options.callerID != nil,
                idempotentOriginate: false,
                returnsReference: true,
                pushesEvents: isAsked
            )
        },
        begin: { action, account throws(PBXError) in try TwilioExchange(action: action, account: account).begin() }
    )
}

extension PBXAccount.Options {
    /// `twilio`: the account's identity, when it is not the user.
    package var account: String? {
        get { values["account"] }
        set { values["account"] = newValue }
    }
}

/// One action at Twilio.
private struct TwilioExchange: Sendable {
    /// The API's own address.
    static let standard = "https://api.twilio.com"
    /// How long a call of ours is expected after it was announced.
    static let patience = Duration.seconds(60)

    let action: PBXAction
    let account: PBXAccount

    func begin() throws(PBXError) -> PBXStep {
        switch action {
        case .prepareCallthrough(let request):
            let purpose = ExpectedCalls.Purpose.dial(request.target, key: request.call)
            return try expect(purpose, from: request.caller)
        case .withdrawCallthrough(let request):
            account.expected.forget(call: request.call)
            return .finish(.done)
        case .claimHeld(let request):
            return try expect(.join(request.held, key: request.call), from: request.caller)
        case .requestCallback(let request): return try callback(request)
        case .releaseHeld(let request):
            account.expected.forget(held: request.held)
            let document = XMLElement("Response", [:], [XMLElement("Hangup")])
            return try update(request.held, FormFields([("Twiml", document.document)]))
        case .hangUp(let call): return try update(call, FormFields([("Status", "completed")]))
        case .status(let call):
            let request = try signed(WebRequest(.get, try calls(call), effect: .harmless))
            return .send(request) { reply throws(PBXError) in
                if reply.status == 404 { return .finish(.state(.ended)) }
                try reply.check(request)
                guard let text = reply.json?["status"]?.scalar else {
                    throw .garbled(request, "there is no status in it")
                }
                return .finish(.state(PBXCallState(foreign: text)))
            }
        case .health:
            let request = try signed(WebRequest(.get, try resource(), effect: .harmless))
            return request.step { reply throws(PBXError) in
                guard let name = reply.json?["status"]?.scalar else { throw .garbled(request, "it is no account") }
                return .finish(.health(version: "account \(Printable.text(name, limit: 20))"))
            }
        }
    }

    /// Notes a call of ours, for when Twilio asks what to do with it.
    private func expect(_ purpose: ExpectedCalls.Purpose, from caller: PhoneNumber?) throws(PBXError) -> PBXStep {
        guard account.webhook?.publicURL != nil else { throw .missing("webhook.public_url", for: action) }
        guard let number = account.accessNumber else { throw .missing("callthrough.access_number", for: action) }
        account.expected.expect(purpose, from: try account.caller(caller, for: action), within: Self.patience)
        return .finish(.ticket(CallTicket(dial: number, validFor: Self.patience)))
    }

    private func callback(_ request: CallbackRequest) throws(PBXError) -> PBXStep {
        guard let shown = account.options.callerID else { throw .missing("caller_id", for: action) }
        let caller = try account.caller(request.caller, for: action)
        let target = account.write(request.target, .plusE164)
        let document = XMLElement(
            "Response",
            [:],
            [XMLElement("Dial", ["callerId": shown.text], [XMLElement("Number", text: target)])]
        )
        var fields = FormFields([
            ("To", account.write(caller, .plusE164)), ("From", shown.text), ("Twiml", document.document),
            ("Timeout", "30"),
        ])
        if let url = account.webhook?.publicURL {
            fields.fields.append(("StatusCallback", url.origin + url.path + "/status"))
            for event in ["ringing", "answered", "completed"] { fields.fields.append(("StatusCallbackEvent", event)) }
        }
        let sent = try signed(.form(.post, try resource("Calls.json"), fields, effect: .once))
        return sent.step { reply throws(PBXError) in
            guard let id = reply.json?["sid"]?.scalar.flatMap({ CallReference($0) }) else {
                throw .garbled(sent, "there is no sid in it")
            }
            return .finish(.accepted(id))
        }
    }

    /// Changes a call; one that is over already is changed enough.
    private func update(_ call: CallReference, _ fields: FormFields) throws(PBXError) -> PBXStep {
        let request = try signed(.form(.post, try calls(call), fields, effect: .harmless))
        return .send(request) { reply throws(PBXError) in
            // 21220: the call is not in progress; 404: it is forgotten already.
            let isOver = reply.status == 404 || reply.json?["code"]?.scalar == "21220"
            if !isOver { try reply.check(request) }
            return .finish(.done)
        }
    }

    private func resource(_ name: String? = nil) throws(PBXError) -> RequestURL {
        let identity = account.options.account ?? account.user
        guard let identity else { throw .missing("user", for: action) }
        let base = try account.base(Self.standard, for: action)
        let path = base.base.path.isEmpty ? base.appending("2010-04-01") : base
        return name.map { path.appending("Accounts", identity, $0) } ?? path.appending("Accounts", identity + ".json")
    }

    private func calls(_ call: CallReference) throws(PBXError) -> RequestURL {
        let identity = account.options.account ?? account.user ?? ""
        let base = try account.base(Self.standard, for: action)
        let path = base.base.path.isEmpty ? base.appending("2010-04-01") : base
        return path.appending("Accounts", identity, "Calls", call.text + ".json")
    }

    private func signed(_ request: WebRequest) throws(PBXError) -> WebRequest {
        let (user, password) = try account.credentials(for: action)
        return request.basic(user, password)
    }
}
