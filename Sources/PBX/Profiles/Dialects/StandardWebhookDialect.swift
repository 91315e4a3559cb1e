internal import DialPlan
internal import WebRequests

extension WebhookDialect {
    /// Standard Webhooks with the events of the project's own contract: `call.incoming`, `call.held`, `call.answered`,
    /// `call.dtmf`, `call.bridged`, `call.ended`, `call.expired`.
    static let standardWebhooks = WebhookDialect(
        needs: WebhookNeeds(isStandard: true),
        contentType: "application/json",
        refusal: { request, context in
            let check = StandardWebhook.check(
                id: request.header("webhook-id"),
                timestamp: request.header("webhook-timestamp"),
                signatures: request.header("webhook-signature"),
                body: request.body,
                secrets: context.settings.secrets,
                now: context.now
            )
            switch check {
            case .valid: return nil
            case .wrong: return .signature
            case .untimely: return .timestamp
            }
        },
        read: { request, context in
            guard let root = try? JSONValue(parsing: request.body), let id = request.header("webhook-id"),
                let type = (root["type"] ?? root["event"])?.scalar
            else { return nil }
            let data = root["data"] ?? root
            guard let call = (data["id"] ?? data["held"])?.scalar.flatMap({ CallReference($0) }) else { return nil }
            var reading = Reading(identity: id, events: [], call: call)
            // An event that is not known is taken and ignored, so that a PBX may learn new ones first.
            guard let kind = StandardWebhookBody(data: data, context: context).kind(type) else { return reading }
            reading.events = [PBXEvent(kind, call: call, key: data["call"]?.scalar.flatMap { CallReference($0)?.text })]
            if case .ended = kind { reading.isEnd = true }
            if case .expired = kind { reading.isEnd = true }
            return reading
        },
        answer: { _, _ in .taken }
    )
}

/// What stands in the event of a Standard Webhook.
private struct StandardWebhookBody {
    let data: JSONValue
    let context: WebhookDialect.Context

    func kind(_ type: String) -> PBXEvent.Kind? {
        switch type {
        case "call.incoming": return .incoming(from: from, to: to)
        case "call.held":
            let dial = data["dial"]?.scalar.flatMap { try? DialString(typed: $0) }
            return .held(HeldCaller(from: from, to: to, dial: dial, validFor: validFor))
        case "call.answered": return .answered
        case "call.dtmf": return data["digits"]?.scalar.map { .dtmf(Self.tones($0)) }
        case "call.bridged": return .bridged
        case "call.ended":
            let cause = data["cause"]?.scalar ?? ""
            return .ended(
                PBXEvent.Ending(rawValue: cause) ?? .unknown,
                seconds: data["seconds"]?.scalar.flatMap { Int($0) }
            )
        case "call.expired": return .expired
        default: return nil
        }
    }

    private var from: CallerIdentity { CallerIdentity(data["from"]?.scalar, region: context.account.region) }

    private var to: String? { (data["to"] ?? data["did"])?.scalar.map { Printable.line($0) } }

    private var validFor: Duration? {
        guard let text = data["expiresAt"]?.scalar else { return nil }
        return UnixTime(written: text).map { context.now.duration(to: $0) }
    }

    private static func tones(_ text: String) -> String {
        String(text.filter { "0123456789*#ABCD".contains($0) }.prefix(64))
    }
}
