internal import DialPlan
internal import WebRequests

extension WebhookDialect {
    /// Twilio's requests for documents (`/voice`), status callbacks (`/status`) and the ends of queues (`/queue`), each
    /// a form signed over the public URL.
    static let twilio = WebhookDialect(
        needs: WebhookNeeds(publicURL: true, canHold: true),
        contentType: "application/x-www-form-urlencoded",
        refusal: { request, context in
            guard let url = context.settings.publicURL, let signature = request.header("X-Twilio-Signature") else {
                return .signature
            }
            // Twilio signs a URL with a port now with it and now without, says its own library (twilio-python,
            // request_validator.py), which takes both.
            let isValid = url.origins.contains { origin in
                context.settings.secrets.contains {
                    let full = origin + url.path + context.rest
                    return WebhookSignature.isTwilio(signature, url: full, body: request.body, secret: $0)
                }
            }
            guard isValid else { return .signature }
            return context.rest.prefix { $0 != "?" }.hasSuffix("/") ? .slash : nil
        },
        read: { request, context in
            guard let form = FormFields(body: request.body), let text = form["CallSid"],
                TwilioWebhook.isCall(text, at: context.account), let call = CallReference(text)
            else { return nil }
            var reading = TwilioWebhook(form: form, call: call, context: context).reading
            // Names and values are signed without anything between them: the ends of a field can be moved under the
            // same signature, and make a new call of an old one.
            reading?.signature = request.header("X-Twilio-Signature").flatMap { Base64Text.decode($0) }
            return reading
        },
        answer: { reading, context in
            guard context.rest.hasPrefix("/voice") else { return .xml(XMLElement("Response")) }
            return .xml(TwilioWebhook.document(for: &reading, context))
        }
    )
}

/// What one of Twilio's webhooks says.
private struct TwilioWebhook {
    let form: FormFields
    let call: CallReference
    let context: WebhookDialect.Context

    var reading: WebhookDialect.Reading? {
        let place = String(context.rest.prefix { $0 != "?" })
        let turn = form["SequenceNumber"] ?? ""
        let state = form["CallStatus"] ?? ""
        var reading = WebhookDialect.Reading(identity: "\(place) \(call) \(state) \(turn)", events: [], call: call)
        switch place {
        case "/voice":
            let from = CallerIdentity(form["From"], region: context.account.region)
            reading.events = [PBXEvent(.incoming(from: from, to: form["To"].map { Printable.line($0) }), call: call)]
            if let digits = form["Digits"] {
                reading.identity += " " + digits
                reading.events = [
                    PBXEvent(.dtmf(String(digits.filter { "0123456789*#".contains($0) }.prefix(64))), call: call)
                ]
            }
        case "/queue":
            guard let result = form["QueueResult"] else { return nil }
            reading.events = [PBXEvent(kind(ofQueue: result), call: call)]
        case "/status":
            switch state {
            case "initiated", "queued", "ringing": break
            case "in-progress", "answered": reading.events = [PBXEvent(.answered, call: call)]
            default:
                let seconds = form["CallDuration"].flatMap { Int($0) }
                reading.events = [PBXEvent(.ended(ending(state), seconds: seconds), call: call)]
                reading.isEnd = true
            }
        default: return nil
        }
        return reading
    }

    /// Whether a text names a call.
    ///
    /// At Twilio that is `CA` and 32 hexadecimal digits (twilio.com/docs/glossary/what-is-a-sid). Other clouds
    /// with this interface name theirs in their own ways.
    static func isCall(_ text: String, at account: PBXAccount) -> Bool {
        let host = account.address?.host ?? "api.twilio.com"
        guard host == "twilio.com" || host.hasSuffix(".twilio.com") else { return true }
        return text.utf8.count == 34 && text.hasPrefix("CA")
            && text.utf8.dropFirst(2).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
    }

    private func kind(ofQueue result: String) -> PBXEvent.Kind {
        switch result {
        case "bridging-in-process", "bridged", "redirected-from-bridged": .bridged
        case "hangup", "leave": .ended(.cancelled, seconds: nil)
        case "queue-full", "error", "system-error": .ended(.failed, seconds: nil)
        default: .ended(.unknown, seconds: nil)
        }
    }

    private func ending(_ state: String) -> PBXEvent.Ending {
        switch state {
        case "completed": .normal
        case "busy": .busy
        case "no-answer": .noAnswer
        case "canceled": .cancelled
        case "failed": .failed
        default: .unknown
        }
    }

    /// What Twilio shall do with a call: ours goes where it was announced to, others wait, are led on or are turned
    /// down.
    static func document(for reading: inout WebhookDialect.Reading, _ context: WebhookDialect.Context) -> XMLElement {
        guard let event = reading.events.first, case .incoming(let from, let to) = event.kind else {
            return XMLElement("Response")
        }
        let shown = context.account.options.callerID?.text
        switch context.account.expected.take(from, now: context.now) {
        case .dial(let target, _):
            let number = XMLElement("Number", text: context.account.write(target, .plusE164))
            return XMLElement("Response", [:], [XMLElement("Dial", ["callerId": shown], [number])])
        case .join(let held, _):
            return XMLElement("Response", [:], [XMLElement("Dial", [:], [XMLElement("Queue", text: queue(of: held))])])
        case nil: break
        }
        // A call of our own that was not announced must not find an open way out.
        if case .number(let number) = from, number.e164 != nil, number.e164 == context.account.ownNumber?.e164 {
            return XMLElement("Response", [:], [XMLElement("Reject")])
        }
        switch context.settings.incoming {
        case .pass, .reject: return XMLElement("Response", [:], [XMLElement("Reject", ["reason": "busy"])])
        case .hold:
            let held = HeldCaller(from: from, to: to, dial: context.account.accessNumber)
            reading.events.append(PBXEvent(.held(held), call: event.call))
            let action = context.settings.publicURL.map { $0.origin + $0.path + "/queue" }
            return XMLElement("Response", [:], [XMLElement("Enqueue", ["action": action], text: queue(of: event.call))])
        case .forward(let numbers):
            let list = numbers.map { XMLElement("Number", text: $0) }
            return XMLElement("Response", [:], [XMLElement("Dial", ["callerId": shown], list)])
        }
    }

    /// One queue per held caller, named after the call; at most 64 signs (twilio.com/docs/voice/twiml/enqueue).
    private static func queue(of call: CallReference) -> String { String(("gsmbridge-" + call.text).prefix(64)) }
}
