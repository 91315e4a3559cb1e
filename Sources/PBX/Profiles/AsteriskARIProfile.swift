internal import DialPlan

extension PBXProfile {
    /// Asterisk by its REST interface (ARI; rest-api/api-docs of the Asterisk sources), 20 and later.
    ///
    /// A callback rings our SIM over `endpoint` and lets the dialplan call the target in `context`. Calls of ours are announced
    /// by a global variable that the dialplan of the access number reads (docs/pbx/asterisk.md). Callers are held and joined
    /// by ourselves where `app` names an application (``StasisFeed``); without it they too are claimed by such a variable, so
    /// that no connection for events has to be kept.
    public static let asteriskARI = PBXProfile(
        name: "asterisk_ari",
        capabilities: { account in
            PBXCapabilities(
                reverse: account.accessNumber != nil ? .native : account.ringsUs ? .ringOnly : .none,
                announcesCallthrough: account.accessNumber != nil && account.options.context != nil,
                callsBack: true,
                idempotentOriginate: true,
                returnsReference: true,
                pushesEvents: account.stasis.connection == .open
            )
        },
        begin: { action, account throws(PBXError) in try ARIExchange(action: action, account: account).begin() }
    )
}

/// One action at Asterisk.
private struct ARIExchange: Sendable {
    /// The context that FreePBX gives its own telephones, for lack of a better one.
    static let internalContext = "from-internal"
    /// How Asterisk calls a number by that context's outbound routes.
    static let internalEndpoint = "Local/{number}@from-internal"
    /// How long Asterisk rings our SIM.
    static let ringing = 30
    /// How long an announcement holds.
    static let patience = Duration.seconds(60)

    let action: PBXAction
    let account: PBXAccount

    func begin() throws(PBXError) -> PBXStep {
        switch action {
        case .prepareCallthrough(let request):
            guard account.options.context != nil else { throw .missing("context", for: action) }
            return try announce("DIAL", account.write(request.target, .plusE164), for: request.caller)
        case .claimHeld(let request): return try claim(request)
        case .releaseHeld(let request):
            // A caller held in Stasis() goes on behind it. One held by the dialplan itself (409) goes on when the dialplan's
            // own time is over.
            let url = try base("channels", request.held.text, "continue")
            return try ending(PBXHTTPRequest(.post, url, effect: .harmless), 404, 409)
        case .requestCallback(let request): return try callback(request)
        case .hangUp(let call):
            let url = try base("channels", call.text).with([("reason", "normal")])
            return try ending(PBXHTTPRequest(.delete, url, effect: .harmless), 404)
        case .status(let call): return try status(call)
        case .health:
            let request = try signed(PBXHTTPRequest(.get, try base("asterisk", "info"), effect: .harmless))
            return request.step { reply throws(PBXError) in
                guard let version = reply.json?["system"]?["version"]?.scalar else {
                    throw .garbled(request, "it names no version")
                }
                return .finish(.health(version: "Asterisk " + Printable.text(version, limit: 40)))
            }
        }
    }

    /// Rings our SIM and lets the dialplan call the target; the same channel id twice is one call (409).
    ///
    /// Not repeated all the same: a channel that is over by then is no obstacle to a second one of its id.
    private func callback(_ request: CallbackRequest) throws(PBXError) -> PBXStep {
        let context = account.options.context ?? Self.internalContext
        let id = "gsmbridge-" + request.call.text
        let url = try base("channels")
            .with([
                ("endpoint", try endpoint(request.caller)),
                ("extension", account.write(request.target, .plusE164)), ("context", context), ("priority", "1"),
                ("callerId", account.options.callerID?.text), ("timeout", String(Self.ringing)), ("channelId", id),
            ])
        let variables = JSONValue.object(["variables": .object(["GSMBRIDGE_CALL": .string(request.call.text)])])
        let sent = try signed(.json(.post, url, variables, effect: .once))
        return .send(sent) { reply throws(PBXError) in
            // 409: an earlier request for this call arrived after all.
            if reply.status != 409 { try reply.check(sent) }
            return .finish(.accepted(CallReference(id)))
        }
    }

    /// Sees that the held caller is still there, then tells the application, or the dialplan, to whom our call belongs.
    private func claim(_ request: ClaimRequest) throws(PBXError) -> PBXStep {
        let look = try signed(PBXHTTPRequest(.get, try base("channels", request.held.text), effect: .harmless))
        return .send(look) { reply throws(PBXError) in
            try reply.check(look, isClaim: true)
            if account.stasis.connection == .open || account.stasis.holds(request.held) {
                guard let dial = account.accessNumber else { throw .missing("callthrough.access_number", for: action) }
                let own = request.caller ?? account.ownNumber
                return .finish(.ticket(try account.stasis.claim(request, own: own, dial: dial)))
            }
            // The dialplan's Bridge() knows channels by their names, the interface by their identities.
            guard let name = reply.json?["name"]?.scalar, (1...200).contains(name.utf8.count),
                name.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "|") })
            else { throw .garbled(look, "there is no name in it") }
            return try announce("JOIN", name, for: request.caller)
        }
    }

    /// Sets the global variable `GSMBRIDGE_<what>_<our number>` to the value and until when it holds.
    private func announce(_ what: String, _ value: String, for caller: PhoneNumber?) throws(PBXError) -> PBXStep {
        guard let number = account.accessNumber else { throw .missing("callthrough.access_number", for: action) }
        let own = try account.caller(caller, for: action)
        guard let digits = own.e164 else { throw .missing("own_number in international form", for: action) }
        let until = (UnixTime.now + Self.patience).seconds
        let url = try base("asterisk", "variable")
            .with([
                ("variable", "GSMBRIDGE_\(what)_\(digits)"), ("value", "\(value)|\(until)"),
            ])
        let ticket = CallTicket(dial: number, validFor: Self.patience)
        return try signed(PBXHTTPRequest(.post, url, effect: .harmless)).finishing(.ticket(ticket))
    }

    private func status(_ call: CallReference) throws(PBXError) -> PBXStep {
        let request = try signed(PBXHTTPRequest(.get, try base("channels", call.text), effect: .harmless))
        return .send(request) { reply throws(PBXError) in
            if reply.status == 404 { return .finish(.state(.ended)) }
            try reply.check(request)
            guard let state = reply.json?["state"]?.scalar else { throw .garbled(request, "there is no state in it") }
            return .finish(.state(PBXCallState(foreign: state)))
        }
    }

    /// Sends what ends something; some statuses say that nothing is left to end.
    private func ending(_ request: PBXHTTPRequest, _ isOver: Int...) throws(PBXError) -> PBXStep {
        let request = try signed(request)
        return .send(request) { reply throws(PBXError) in
            if !isOver.contains(reply.status) { try reply.check(request) }
            return .finish(.done)
        }
    }

    /// How our SIM is called; an endpoint that leads to it by itself needs no number.
    private func endpoint(_ caller: PhoneNumber?) throws(PBXError) -> String {
        let template = account.options.endpoint ?? Self.internalEndpoint
        let parts = template.split(separator: "{number}", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2 else { return template }
        return parts[0] + account.write(try account.caller(caller, for: action), .plusE164) + parts[1]
    }

    private func base(_ segments: String...) throws(PBXError) -> RequestURL {
        var url = try account.base(for: action)
        for segment in segments { url = url.appending(segment) }
        return url
    }

    /// Never by `api_key` in the query: that would get into logs.
    private func signed(_ request: PBXHTTPRequest) throws(PBXError) -> PBXHTTPRequest {
        let (user, password) = try account.credentials(for: action)
        return request.basic(user, password)
    }
}
