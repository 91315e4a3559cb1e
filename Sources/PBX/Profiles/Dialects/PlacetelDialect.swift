internal import DialPlan
internal import WebRequests

extension WebhookDialect {
    /// Placetel's notifications: forms signed with HMAC-SHA256; numbers are national or internal.
    static let placetel = WebhookDialect(
        contentType: "application/x-www-form-urlencoded",
        refusal: { request, context in
            guard let signature = request.header("X-PLACETEL-SIGNATURE") else { return .signature }
            let isValid = context.settings.secrets.contains {
                WebhookSignature.isPlacetel(signature, body: request.body, secret: $0)
            }
            return isValid ? nil : .signature
        },
        read: { request, context in
            guard let form = FormFields(body: request.body), let event = form["event"],
                let call = form["call_id"].flatMap({ CallReference($0) })
            else { return nil }
            var reading = Reading(identity: "\(event) \(call)", events: [], call: call)
            switch event {
            case "IncomingCall":
                let from = CallerIdentity(form["from"], region: context.account.region)
                reading.events = [
                    PBXEvent(.incoming(from: from, to: form["to"].map { Printable.line($0) }), call: call)
                ]
            case "CallAccepted": reading.events = [PBXEvent(.answered, call: call)]
            case "HungUp":
                let seconds = form["duration"].flatMap { Int($0) }
                reading.events = [PBXEvent(.ended(placetelEnding(form["type"] ?? ""), seconds: seconds), call: call)]
                reading.isEnd = true
            // OutgoingCall, and what may come to be: taken, and nothing to do.
            default: break
            }
            return reading
        },
        answer: { reading, context in
            guard let event = reading.events.first, case .incoming = event.kind else { return .taken }
            switch context.settings.incoming {
            // Nothing said, and the number's own routing holds.
            case .pass, .hold: return .taken
            case .reject: return .xml(XMLElement("Response", [:], [XMLElement("Reject", ["reason": "busy"])]))
            case .forward(let numbers):
                let targets = numbers.map { XMLElement("Target", ["ringtime": "60"], [XMLElement("Number", text: $0)]) }
                return .xml(XMLElement("Response", [:], [XMLElement("Forward", ["music_on_hold": "true"], targets)]))
            }
        }
    )

    private static func placetelEnding(_ type: String) -> PBXEvent.Ending {
        switch type {
        case "accepted": .normal
        case "missed": .noAnswer
        case "busy": .busy
        case "canceled": .cancelled
        case "blocked": .rejected
        case "voicemail": .diverted
        case "unavailable", "congestion": .failed
        default: .unknown
        }
    }
}
