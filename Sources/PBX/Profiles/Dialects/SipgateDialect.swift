internal import DialPlan
internal import WebRequests

extension WebhookDialect {
    /// sipgate.io: forms with `event` of `newCall`, `answer`, `dtmf`, `hangup`, signed with RSA; numbers are E.164 without `+`.
    static let sipgate = WebhookDialect(
        needs: WebhookNeeds(secret: false, publicURL: true),
        contentType: "application/x-www-form-urlencoded",
        refusal: { request, context in
            guard let signature = request.header("X-Sipgate-Signature") else { return .signature }
            let key = context.settings.publicKey ?? WebhookSignature.sipgatePublicKey
            return WebhookSignature.isSipgate(signature, body: request.body, publicKey: key) ? nil : .signature
        },
        read: { request, context in
            guard let form = FormFields(body: request.body), let event = form["event"],
                let call = form["callId"].flatMap({ CallReference($0) })
            else { return nil }
            var reading = Reading(identity: "\(event) \(call)", events: [], call: call)
            switch event {
            case "newCall":
                guard form["direction"] != "out" else { return reading }
                let from = CallerIdentity(form["from"], isE164: true, region: context.account.region)
                reading.events = [
                    PBXEvent(.incoming(from: from, to: form["to"].map { Printable.line($0) }), call: call)
                ]
            case "answer": reading.events = [PBXEvent(.answered, call: call)]
            case "dtmf":
                let digits = form["dtmf"] ?? ""
                reading.identity += " " + digits
                reading.events = [
                    PBXEvent(.dtmf(String(digits.filter { "0123456789*#".contains($0) }.prefix(64))), call: call)
                ]
            case "hangup":
                reading.events = [PBXEvent(.ended(sipgateEnding(form["cause"] ?? ""), seconds: nil), call: call)]
                reading.isEnd = true
            default: break
            }
            return reading
        },
        answer: { reading, context in
            guard let event = reading.events.first, case .incoming(let from, _) = event.kind else {
                return .xml(XMLElement("Response"))
            }
            return .xml(sipgateDocument(from, context))
        }
    )

    private static func sipgateEnding(_ cause: String) -> PBXEvent.Ending {
        switch cause {
        case "normalClearing": .normal
        case "busy": .busy
        case "cancel": .cancelled
        case "noAnswer": .noAnswer
        case "congestion", "notFound": .failed
        case "forwarded": .diverted
        default: .unknown
        }
    }

    /// An announced call of ours goes to its target; what follows is told to the same address.
    private static func sipgateDocument(_ from: CallerIdentity, _ context: Context) -> XMLElement {
        let url = context.settings.publicURL.map { $0.origin + $0.path }
        var steps: [XMLElement] = []
        switch (context.account.expected.take(from, now: context.now), context.settings.incoming) {
        case (.dial(let target, _), _):
            let number = XMLElement("Number", text: context.account.write(target, .e164))
            steps = [XMLElement("Dial", ["callerId": context.account.options.callerID?.digits], [number])]
        case (.join, _), (nil, .reject), (nil, .hold): steps = [XMLElement("Reject", ["reason": "busy"])]
        case (nil, .pass): break
        case (nil, .forward(let numbers)):
            steps = [XMLElement("Dial", [:], numbers.prefix(5).map { XMLElement("Number", text: $0) })]
        }
        return XMLElement("Response", ["onAnswer": url, "onHangup": url], steps)
    }
}
