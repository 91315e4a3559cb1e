internal import DialPlan
internal import TextCoding
internal import WebRequests

extension PBXProfile {
    /// fonial's API 2.0 (fonial.de/hilfe/api), which its support has to unlock.
    ///
    /// With `callback_body`: a session, then `/call/initiate` with that body, whose fields fonial publishes nowhere. Without it:
    /// Click2Dial, with `user` as the customer's number, `password` as the GUID from the support, and `device` as the internal
    /// extension that is rung first.
    package static let fonial = PBXProfile(
        name: "fonial",
        keys: [
            .device,
            PBXProfileKey(
                "callback_body",
                .text,
                words: "JSON with placeholders",
                example: "'{\"sid\": \"{session}\", \"device\": \"{device}\", \"number\": \"{target}\"}'",
                "the body of `/call/initiate`, as fonial's support tells it",
                check: { text in
                    do throws(RequestTemplate.Problem) { _ = try RequestTemplate(text, in: .json) } catch {
                        return (error.message, error.remedy)
                    }
                    return nil
                }
            ),
        ],
        capabilities: { account in
            PBXCapabilities(reverse: account.ringsUs ? .ringOnly : .none, callsBack: account.options.device != nil)
        },
        begin: { action, account throws(PBXError) in try FonialExchange(action: action, account: account).begin() }
    )
}

extension PBXAccount.Options {
    /// `fonial`: the body of `/call/initiate`, which its maker does not publish.
    package var callbackBody: RequestTemplate? {
        get { values["callback_body"].flatMap { try? RequestTemplate($0, in: .json) } }
        set { values["callback_body"] = newValue?.description }
    }
}

/// One action at fonial.
private struct FonialExchange: Sendable {
    static let standard = "https://kundenkonto.fonial.de/api/2.0"

    let action: PBXAction
    let account: PBXAccount

    func begin() throws(PBXError) -> PBXStep {
        switch action {
        case .requestCallback(let request):
            guard let device = account.options.device else { throw .missing("device", for: action) }
            guard let body = account.options.callbackBody else { return try clickToDial(request, device) }
            return try session { session throws(PBXError) in try initiate(request, device, body, session) }
        case .health:
            guard account.options.callbackBody != nil else { return try reachable() }
            return try session { session throws(PBXError) in
                let sent = WebRequest.json(
                    .post,
                    try base("devices", "get"),
                    .object(["sid": .string(session)]),
                    effect: .harmless
                )
                return sent.step { reply throws(PBXError) in
                    try Self.checkStatus(reply, sent)
                    return .finish(.health(version: nil))
                }
            }
        case .prepareCallthrough, .withdrawCallthrough, .claimHeld, .releaseHeld, .hangUp, .status:
            throw .unsupported(action, "fonial's API has nothing for it; docs/pbx/fonial.md says what works instead")
        }
    }

    /// One request that needs the secret in its query; it is never shown (``RequestURL``).
    private func clickToDial(_ request: CallbackRequest, _ device: String) throws(PBXError) -> PBXStep {
        let (user, guid) = try account.credentials(for: action)
        let target = account.write(request.target, .plusE164)
        let url = try base("call", "initiate").appending("direct")
            .with([
                ("id", user), ("guid", guid.reveal()), ("ip-target", device), ("number", target),
            ])
        let sent = WebRequest(.get, url, effect: .once)
        return sent.step { reply throws(PBXError) in
            try Self.checkStatus(reply, sent, mayBeText: true)
            return .finish(.accepted(nil))
        }
    }

    private func session(
        _ then: @escaping @Sendable (String) throws(PBXError) -> PBXStep
    ) throws(PBXError) -> PBXStep {
        let (user, password) = try account.credentials(for: action)
        let authenticate = try base("session", "authenticate")
        let opening = WebRequest.json(.post, try base("session"), .object([]), effect: .harmless)
        return opening.step { reply throws(PBXError) in
            guard let session = reply.json?["sid"]?.scalar, !session.isEmpty else {
                throw .garbled(opening, "there is no sid in it")
            }
            let body = JSONValue.object([
                "sid": .string(session), "username": .string(user), "password": .string(password.reveal()),
            ])
            let sent = WebRequest.json(.post, authenticate, body, effect: .harmless)
            return sent.step { reply throws(PBXError) in
                try Self.checkStatus(reply, sent)
                // Its own examples show true; clients in the field compare with "1".
                guard let flag = reply.json?["authenticated"]?.scalar, flag == "true" || flag == "1" else {
                    throw PBXError(
                        .refused(status: reply.status),
                        "it did not accept who we are",
                        remedy: "check user and password, and that fonial's support unlocked the API"
                    )
                }
                return try then(session)
            }
        }
    }

    private func initiate(
        _ request: CallbackRequest,
        _ device: String,
        _ body: RequestTemplate,
        _ session: String
    ) throws(PBXError) -> PBXStep {
        let text = try body.fill { placeholder throws(PBXError) in
            switch placeholder {
            case .target: return account.write(request.target, .plusE164)
            case .caller: return (request.caller ?? account.ownNumber).map { account.write($0, .plusE164) } ?? ""
            case .call: return request.call.text
            case .device: return device
            case .session: return session
            case .user: return account.user ?? ""
            case .callerID: return account.options.callerID?.text ?? ""
            case .held, .reason, .reference, .password:
                throw PBXError(
                    .misconfigured,
                    "{\(placeholder.rawValue)} has no value in callback_body",
                    remedy: "take it out"
                )
            }
        }
        var sent = WebRequest(.post, try base("call", "initiate"), effect: .once)
        sent.body = Array(text.utf8)
        sent = sent.with("Content-Type", "application/json")
        return sent.step { [sent] reply throws(PBXError) in
            try Self.checkStatus(reply, sent)
            return .finish(.accepted(nil))
        }
    }

    private func reachable() throws(PBXError) -> PBXStep {
        let opening = WebRequest.json(.post, try base("session"), .object([]), effect: .harmless)
        return opening.step { reply throws(PBXError) in
            guard reply.json?["sid"]?.scalar != nil else { throw .garbled(opening, "there is no sid in it") }
            return .finish(.health(version: nil))
        }
    }

    /// Its errors come with 200 and `"status":"error"`.
    private static func checkStatus(
        _ reply: HTTPReply,
        _ request: WebRequest,
        mayBeText: Bool = false
    ) throws(PBXError) {
        guard let json = reply.json else {
            if mayBeText { return }
            throw .garbled(request, "it is not JSON")
        }
        guard json["status"]?.scalar == "error" else { return }
        let reason =
            (json["reason"] ?? json["message"])?.scalar.map { Printable.text($0, limit: 80) } ?? "no reason given"
        throw PBXError(
            .refused(status: reply.status),
            "it refused \(request) ('\(reason)')",
            remedy: "check user, password and device; fonial's support has to unlock the API"
        )
    }

    private func base(_ first: String, _ second: String? = nil) throws(PBXError) -> RequestURL {
        let url = try account.base(Self.standard, for: action).appending(first)
        return second.map { url.appending($0) } ?? url
    }
}
