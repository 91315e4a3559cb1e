internal import DialPlan
internal import WebRequests

extension PBXProfile {
    /// Placetel's REST API v2 (api.placetel.de/v2) and its notifications (github.com/Placetel/call-control-notify-api).
    ///
    /// `device` is the SIP user that is rung first (`7771234567@fpbx.de`); lead that user's calls on to the SIM at Placetel.
    package static let placetel = PBXProfile(
        name: "placetel",
        keys: [.device],
        webhooks: .placetel,
        capabilities: { account in
            PBXCapabilities(
                reverse: account.ringsUs ? .ringOnly : .none,
                callsBack: account.options.device != nil,
                returnsReference: false,
                pushesEvents: account.webhook != nil
            )
        },
        begin: { action, account throws(PBXError) in
            guard let token = account.password else { throw .missing("password", for: action) }
            let base = try account.base("https://api.placetel.de/v2", for: action)
            switch action {
            case .requestCallback(let request):
                guard let device = account.options.device else { throw .missing("device", for: action) }
                let body = JSONValue.object([
                    "sipuid": .string(device), "target": .string(account.write(request.target, .plusE164)),
                    "from_name": .string("gsmbridge"),
                ])
                // 201 with an empty body: the call can only be recognised by the notifications that follow.
                return WebRequest.json(.post, base.appending("calls"), body, effect: .once).bearer(token)
                    .finishing(.accepted(nil))
            case .health:
                return WebRequest(.get, base.appending("numbers"), effect: .harmless).bearer(token)
                    .finishing(.health(version: nil))
            case .prepareCallthrough, .withdrawCallthrough, .claimHeld, .releaseHeld, .hangUp, .status:
                throw .unsupported(
                    action,
                    "Placetel's API has nothing for it; docs/pbx/placetel.md says what works instead"
                )
            }
        }
    )
}
