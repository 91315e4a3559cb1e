internal import DialPlan
internal import WebRequests

extension PBXProfile {
    /// Asterisk by its REST interface (ARI; rest-api/api-docs of the Asterisk sources), 20 and later.
    ///
    /// A callback rings our SIM over `endpoint` and lets the dialplan call the target in `context`. Where `app` names
    /// an application, it is we who hold and join callers and lead announced calls on (``StasisFeed``). Without it no
    /// connection for events is kept: the dialplan holds and joins by the SIM's number, and reads announcements from a
    /// global variable (docs/pbx/asterisk.md).
    package static let asteriskARI = PBXProfile(
        name: "asterisk_ari",
        interface: .configured,
        keys: [
            PBXProfileKey(
                "endpoint",
                .word,
                words: "such as `PJSIP/{number}@trunk`",
                standard: "`Local/{number}@from-internal`",
                example: "\"PJSIP/{number}@trunk\"",
                "how the SIM is called for a callback",
                check: { text in
                    let parts = text.split(separator: "{number}", omittingEmptySubsequences: false)
                    return text.contains("/") && parts.count == 2
                        ? nil : ("this is not an endpoint with a number in it", "write it as \"PJSIP/{number}@trunk\"")
                }
            ),
            PBXProfileKey(
                "context",
                .word,
                standard: "none; for a callback `from-internal`",
                example: "from-gsmbridge",
                "the context of the dialplan that calls targets; without it no callthrough is announced"
            ),
            PBXProfileKey(
                "app",
                .line(longest: 40),
                words: "letters, digits, `-`, `_`",
                standard: "`gsmbridge` where there are credentials, a callthrough and `mode: dial_back`; else none",
                example: "cabin",
                "the application under which this box holds and joins callers; `none` keeps no connection for it",
                check: { text in
                    let isName = text.utf8.allSatisfy { byte in
                        (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
                    }
                    return isName
                        ? nil : ("a name has letters, digits, - and _", "write it as in Stasis(gsmbridge,held)")
                }
            ),
        ],
        complete: { options, ways in options.completeApplication(ways) },
        capabilities: { account in
            let (isApplication, isOpen) = (account.options.application != nil, account.stasis.connection == .open)
            let hasAccess = account.accessNumber != nil
            return PBXCapabilities(
                reverse: hasAccess && isApplication ? .native : account.ringsUs ? .ringOnly : .none,
                announcesCallthrough: hasAccess && account.options.context != nil && (isOpen || !isApplication),
                callsBack: true,
                idempotentOriginate: true,
                returnsReference: true,
                pushesEvents: isOpen,
                tellsJoins: isApplication,
                tellsState: true
            )
        },
        begin: { action, account throws(PBXError) in try ARIExchange(action: action, account: account).begin() }
    )
}

extension PBXAccount.Options {
    /// `asterisk_ari`: how a number becomes an endpoint, such as `PJSIP/{number}@trunk`.
    package var endpoint: String? {
        get { values["endpoint"] }
        set { values["endpoint"] = newValue }
    }

    /// `asterisk_ari`: the dialplan context in which targets are called.
    package var context: String? {
        get { values["context"] }
        set { values["context"] = newValue }
    }

    /// `asterisk_ari`: the application under which held callers are handed to us; nil to keep no connection for events.
    package var application: String? {
        get { values["app"] }
        set { values["app"] = newValue }
    }

    /// An application needs a connection, and callers to fetch or calls to lead on; where they are, it is there by itself.
    fileprivate mutating func completeApplication(_ ways: PBXProfile.Ways) -> [PBXProfileKey.Problem] {
        let fetches = ways.fetchesCallers && ways.hasCallthrough
        guard let name = application else {
            if ways.hasCredentials, fetches { application = "gsmbridge" }
            return []
        }
        guard name != "none" else {
            application = nil
            return []
        }
        var problems: [PBXProfileKey.Problem] = []
        if !ways.hasCredentials {
            problems.append(
                PBXProfileKey.Problem(
                    key: "app",
                    message: "the connection for events needs url, user and password",
                    remedy: "add what is missing to the PBX's section"
                )
            )
        }
        if !fetches, context == nil || !ways.hasCallthrough {
            problems.append(
                PBXProfileKey.Problem(
                    key: "app",
                    message: "an application has callers to be fetched by a call, or calls to be led on to a context",
                    remedy:
                        "add 'reverse: { mode: dial_back, ... }' or a context, and a callthrough.access_number, or remove app"
                )
            )
        }
        return problems
    }
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
    /// How many digits of our number name the variable of an announcement.
    static let known = 9

    let action: PBXAction
    let account: PBXAccount

    func begin() throws(PBXError) -> PBXStep {
        switch action {
        case .prepareCallthrough(let request):
            return try announce(request)
        case .withdrawCallthrough(let request):
            account.stasis.withdraw(request.call)
            guard account.options.application == nil else { return .finish(.done) }
            return try variable("", for: request.caller).finishing()
        case .claimHeld(let request): return try claim(request)
        case .releaseHeld(let request):
            // A caller held in Stasis() goes on behind it. One held by the dialplan itself (409) goes on when the
            // dialplan's own time is over.
            let url = try base("channels", request.held.text, "continue")
            return try ending(WebRequest(.post, url, effect: .harmless), 404, 409)
        case .requestCallback(let request): return try callback(request)
        case .hangUp(let call):
            let url = try base("channels", call.text).with([("reason", "normal")])
            return try ending(WebRequest(.delete, url, effect: .harmless), 404)
        case .status(let call): return try status(call)
        case .health:
            let request = try signed(WebRequest(.get, try base("asterisk", "info"), effect: .harmless))
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
            switch reply.status {
            // Either an earlier request for this call arrived after all, or what Asterisk remembers of an earlier
            // failure (`ast_channel_errno`) stands for this one: the channel itself says which.
            case 409: return try placed(CallReference(id), sent, reply)
            // Only what could not be placed is answered so (`ast_dial_prerun` in res/ari/resource_channels.c).
            case 500:
                throw PBXError(
                    .refused(status: 500),
                    "it could not place the call (500 Allocation failed)",
                    remedy: "check endpoint: the trunk has to exist and to be registered"
                )
            default:
                try reply.check(sent)
                return .finish(.accepted(CallReference(id)))
            }
        }
    }

    /// Looks whether a call is there that Asterisk did not want to place.
    private func placed(
        _ call: CallReference?,
        _ sent: WebRequest,
        _ refusal: HTTPReply
    ) throws(PBXError) -> PBXStep {
        guard let call else { throw .garbled(sent, "its channel has no id") }
        let look = try signed(WebRequest(.get, try base("channels", call.text), effect: .harmless))
        return .send(look) { reply throws(PBXError) in
            if reply.status == 404 { try refusal.check(sent) }
            try reply.check(look)
            return .finish(.accepted(call))
        }
    }

    /// Sees that the held caller is still there, then has the application join our call with them.
    private func claim(_ request: ClaimRequest) throws(PBXError) -> PBXStep {
        guard account.options.application != nil else {
            throw .unsupported(action, "without app the dialplan joins by the SIM's number")
        }
        guard let dial = account.accessNumber else { throw .missing("callthrough.access_number", for: action) }
        let look = try signed(WebRequest(.get, try base("channels", request.held.text), effect: .harmless))
        return .send(look) { reply throws(PBXError) in
            try reply.check(look, isClaim: true)
            let own = request.caller ?? account.ownNumber
            let isTokenWanted = account.options.wantsToken
            return .finish(
                .ticket(try account.stasis.claim(request, own: own, isTokenWanted: isTokenWanted, dial: dial))
            )
        }
    }

    /// Has our call led on to its target: by the application, or by the dialplan that reads a variable.
    private func announce(_ request: CallthroughRequest) throws(PBXError) -> PBXStep {
        guard let context = account.options.context else { throw .missing("context", for: action) }
        guard let dial = account.accessNumber else { throw .missing("callthrough.access_number", for: action) }
        let target = account.write(request.target, .plusE164)
        if account.options.application != nil {
            let own = request.caller ?? account.ownNumber
            let ticket = try account.stasis.announce(request, own: own, target: target, context: context, dial: dial)
            return .finish(.ticket(ticket))
        }
        let until = (UnixTime.now + Self.patience).seconds
        let ticket = CallTicket(dial: dial, validFor: Self.patience)
        return try variable("\(target)|\(until)", for: request.caller).finishing(.ticket(ticket))
    }

    /// Sets the global variable that the dialplan of the access number reads: the target and until when it holds.
    ///
    /// Its name ends with the last digits of our number, in which all forms that trunks show agree.
    private func variable(_ value: String, for caller: PhoneNumber?) throws(PBXError) -> WebRequest {
        let own = try account.caller(caller, for: action)
        guard let digits = own.e164 else { throw .missing("own_number in international form", for: action) }
        let url = try base("asterisk", "variable")
            .with([("variable", "GSMBRIDGE_DIAL_\(digits.suffix(Self.known))"), ("value", value)])
        return try signed(WebRequest(.post, url, effect: .harmless))
    }

    private func status(_ call: CallReference) throws(PBXError) -> PBXStep {
        let request = try signed(WebRequest(.get, try base("channels", call.text), effect: .harmless))
        return .send(request) { reply throws(PBXError) in
            if reply.status == 404 { return .finish(.state(.ended)) }
            try reply.check(request)
            guard let text = reply.json?["state"]?.scalar else { throw .garbled(request, "there is no state in it") }
            let state = PBXCallState(foreign: text)
            return state == .answered ? try company(of: call) : .finish(.state(state))
        }
    }

    /// Looks whether another channel is in a bridge with an answered call; Dial() makes such a bridge too.
    private func company(of call: CallReference) throws(PBXError) -> PBXStep {
        let request = try signed(WebRequest(.get, try base("bridges"), effect: .harmless))
        return request.step { reply throws(PBXError) in
            guard case .array(let bridges)? = reply.json else { throw .garbled(request, "it is no list") }
            let isJoined = bridges.contains { bridge in
                guard case .array(let members)? = bridge["channels"], members.count > 1 else { return false }
                return members.contains { $0.scalar == call.text }
            }
            return .finish(.state(isJoined ? .bridged : .answered))
        }
    }

    /// Sends what ends something; some statuses say that nothing is left to end.
    private func ending(_ request: WebRequest, _ isOver: Int...) throws(PBXError) -> PBXStep {
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
    private func signed(_ request: WebRequest) throws(PBXError) -> WebRequest {
        let (user, password) = try account.credentials(for: action)
        return request.basic(user, password)
    }
}
