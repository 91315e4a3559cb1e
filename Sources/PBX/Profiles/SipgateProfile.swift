internal import DialPlan
internal import WebRequests

extension PBXProfile {
    /// sipgate's REST API v2 with a personal access token (github.com/sipgate-io/sipgateio-node), and the webhooks of
    /// sipgate.io (github.com/sipgate/docs).
    ///
    /// `device` is sipgate's identity of what is rung first (`e0`, `x0`, `y0`); without it `own_number` is rung.
    package static let sipgate = PBXProfile(
        name: "sipgate",
        keys: [.device],
        webhooks: .sipgate,
        capabilities: { account in
            let isAsked = account.webhook?.publicURL != nil
            return PBXCapabilities(
                reverse: account.ringsUs ? .ringOnly : .none,
                announcesCallthrough: isAsked && account.accessNumber != nil,
                callsBack: account.options.device != nil,
                returnsReference: true,
                pushesEvents: isAsked
            )
        },
        begin: { action, account throws(PBXError) in try SipgateExchange(action: action, account: account).begin() }
    )
}

/// One action at sipgate.
private struct SipgateExchange: Sendable {
    static let standard = "https://api.sipgate.com/v2"
    static let patience = Duration.seconds(60)

    let action: PBXAction
    let account: PBXAccount

    func begin() throws(PBXError) -> PBXStep {
        switch action {
        case .prepareCallthrough(let request):
            guard account.webhook?.publicURL != nil else { throw .missing("webhook.public_url", for: action) }
            guard let number = account.accessNumber else { throw .missing("callthrough.access_number", for: action) }
            let caller = try account.caller(request.caller, for: action)
            account.expected.expect(.dial(request.target, key: request.call), from: caller, within: Self.patience)
            return .finish(.ticket(CallTicket(dial: number, validFor: Self.patience)))
        case .withdrawCallthrough(let request):
            account.expected.forget(call: request.call)
            return .finish(.done)
        case .requestCallback(let request): return try callback(request)
        case .claimHeld, .releaseHeld:
            throw .unsupported(
                action,
                "sipgate can't hold a caller by its API; let it ring the SIM, with reverse.mode: answer"
            )
        case .hangUp(let call):
            let request = try signed(WebRequest(.delete, try call.resource(self), effect: .harmless))
            return .send(request) { reply throws(PBXError) in
                if reply.status != 404 { try reply.check(request) }
                return .finish(.done)
            }
        case .status(let call): return try status(call)
        case .health:
            return try signed(WebRequest(.get, try base("calls"), effect: .harmless))
                .finishing(.health(version: nil))
        }
    }

    private func callback(_ request: CallbackRequest) throws(PBXError) -> PBXStep {
        guard let device = account.options.device else { throw .missing("device", for: action) }
        // A device of the kinds x and y is an outside phone: the SIM. A number needs the device that pays for it.
        let isOutside = device.hasPrefix("x") || device.hasPrefix("y")
        let caller: String
        if isOutside {
            caller = device
        } else {
            caller = account.write(try account.caller(request.caller, for: action), .plusE164)
        }
        let body = JSONValue.object([
            "caller": .string(caller), "callee": .string(account.write(request.target, .plusE164)),
            "callerId": .text(account.options.callerID?.text), "deviceId": isOutside ? nil : .string(device),
        ])
        let sent = try signed(.json(.post, try base("sessions", "calls"), body, effect: .once))
        return sent.step { reply throws(PBXError) in
            guard let id = reply.json?["sessionId"]?.scalar.flatMap({ CallReference($0) }) else {
                throw .garbled(sent, "there is no sessionId in it")
            }
            return .finish(.accepted(id))
        }
    }

    /// There is no resource for one call, so the list of the live ones is looked through.
    private func status(_ call: CallReference) throws(PBXError) -> PBXStep {
        let request = try signed(WebRequest(.get, try base("calls"), effect: .harmless))
        return request.step { reply throws(PBXError) in
            guard let json = reply.json else { throw .garbled(request, "it is not JSON") }
            let list: [JSONValue]
            switch json["data"] ?? json["items"] ?? json {
            case .array(let items): list = items
            default: throw .garbled(request, "it holds no list of calls")
            }
            let found = list.contains { item in
                ["callId", "id", "sessionId"].contains { item[$0]?.scalar == call.text }
            }
            return .finish(.state(found ? .answered : .ended))
        }
    }

    func base(_ first: String, _ second: String? = nil) throws(PBXError) -> RequestURL {
        let url = try account.base(Self.standard, for: action).appending(first)
        return second.map { url.appending($0) } ?? url
    }

    private func signed(_ request: WebRequest) throws(PBXError) -> WebRequest {
        let (user, password) = try account.credentials(for: action)
        return request.with("Accept", "application/json").basic(user, password)
    }
}

extension CallReference {
    fileprivate func resource(_ exchange: SipgateExchange) throws(PBXError) -> RequestURL {
        try exchange.base("calls", text)
    }
}
