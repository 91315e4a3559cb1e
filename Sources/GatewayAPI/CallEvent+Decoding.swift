internal import CallModel
internal import FoundationEssentials

extension CallEvent {
    /// Reads an event as the service tells it; nil when it is not an event of a call, or one of a later version.
    package init?(json: [UInt8]) {
        let decoder = JSONDecoder()
        guard let fields = try? decoder.decode(Fields.self, from: Data(json)),
            let call = UUID(uuidString: fields.call),
            let at = try? Date(fields.at, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)),
            let kind = fields.kind
        else { return nil }
        self.init(kind, call: call, at: at)
        switch kind {
        case .progress(.ringing):
            callerName = fields.name
            modem = fields.modem
        case .progress(.dialing): modem = fields.modem
        default: break
        }
    }

    /// The contract's fields; which of them are there depends on the event.
    private struct Fields: Decodable {
        var event: String
        var at: String
        var call: String
        var method: CallMethod?
        var direction: CallDirection?
        var target: String?
        var pbx: String?
        var modem: String?
        var number: String?
        var name: String?
        var setup: Int64?
        var digits: String?
        var sent: Int?
        var total: Int?
        var outcome: String?
        var cause: Int?
        var by: String?
        var seconds: Double?
        var detail: String?
        var idle: Bool?

        enum CodingKeys: String, CodingKey {
            case event, at, call, method, direction, target, pbx, modem, number, name, digits, sent, total, outcome,
                cause,
                by, seconds
            case detail, idle
            case setup = "setup_ms"
        }

        var kind: Kind? {
            switch event {
            case "call.requested":
                guard let method, let target else { return nil }
                return .requested(
                    Request(method: method, direction: direction ?? .outgoing, target: target, pbx: pbx, modem: modem)
                )
            case "call.dialing": return number.map { .progress(.dialing(number: $0)) }
            case "call.ringing": return .progress(.ringing(number: number))
            case "call.alerting": return .progress(.alerting)
            case "call.connected": return setup.map { .progress(.connected(setup: .milliseconds($0))) }
            case "call.handover":
                guard let digits, let sent, let total else { return nil }
                return .progress(.handover(digits: digits, sent: sent, total: total))
            case "call.in_progress": return .progress(.inProgress)
            case "call.ended": return end.map { .progress(.ended($0)) }
            default: return nil
            }
        }

        private var end: CallEnd? {
            guard let outcome = outcome.flatMap({ CallOutcome(rawValue: $0) }),
                let by = by.flatMap({ EndedBy(rawValue: $0) })
            else { return nil }
            return CallEnd(
                outcome: outcome,
                cause: cause,
                by: by,
                seconds: .milliseconds(Int64(((seconds ?? 0) * 1000).rounded())),
                detail: detail,
                hangUpVerified: idle ?? true
            )
        }
    }
}
