package import CallModel
package import FoundationEssentials

/// One event of a call, as the contract's JSON lines, event stream and webhooks show it.
///
/// Times are RFC 3339 in UTC with milliseconds; phone numbers are in international format; secret digits are `•`.
package struct CallEvent: Sendable {
    /// What happened.
    package enum Kind: Sendable {
        /// Somebody wants a call.
        case requested(Request)
        /// The call's machine reports progress.
        case progress(CallProgress)
    }

    /// The fields of `call.requested`.
    package struct Request: Sendable, Hashable {
        /// How the call is made.
        package var method: CallMethod
        /// Which side began the call.
        package var direction: CallDirection
        /// The number that shall be reached, in international format where it has one; of a call that comes in, the
        /// caller's, empty when it is withheld.
        package var target: String
        /// The PBX's name in the configuration; nil when the access number was given directly.
        package var pbx: String?
        /// The modem as the user named it; nil when the choice was left open.
        package var modem: String?

        /// Creates the fields of a request, for an outgoing call unless told otherwise.
        package init(
            method: CallMethod,
            direction: CallDirection = .outgoing,
            target: String,
            pbx: String? = nil,
            modem: String? = nil
        ) {
            self.method = method
            self.direction = direction
            self.target = target
            self.pbx = pbx
            self.modem = modem
        }
    }

    /// What happened.
    package var kind: Kind
    /// When.
    package var at: Date
    /// The call.
    package var call: UUID
    /// Who rings, where the number of `call.ringing` is a contact's.
    package var callerName: String?
    /// The modem that dials or rings, where the service chose it.
    package var modem: String?

    /// Creates an event.
    package init(_ kind: Kind, call: UUID, at: Date = Date()) {
        self.kind = kind
        self.call = call
        self.at = at
    }

    /// The event's name in the contract.
    package var name: String {
        switch kind {
        case .requested: "call.requested"
        case .progress(.dialing): "call.dialing"
        case .progress(.alerting): "call.alerting"
        case .progress(.ringing): "call.ringing"
        case .progress(.connected): "call.connected"
        case .progress(.handover): "call.handover"
        case .progress(.inProgress): "call.in_progress"
        case .progress(.ended): "call.ended"
        }
    }
}

extension CallEvent: Encodable {
    private enum Key: String, CodingKey {
        case event
        case at
        case call
        case method
        case direction
        case target
        case pbx
        case modem
        case number
        case callerName = "name"
        case setup = "setup_ms"
        case digits
        case sent
        case total
        case outcome
        case cause
        case by
        case seconds
        case exit
        case detail
        case idle
    }

    /// Encodes the event with the contract's field names.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode(name, forKey: .event)
        try fields.encode(at.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)), forKey: .at)
        try fields.encode(call.uuidString.lowercased(), forKey: .call)
        switch kind {
        case .requested(let request):
            try fields.encode(request.method.rawValue, forKey: .method)
            try fields.encode(request.direction.rawValue, forKey: .direction)
            try fields.encode(request.target, forKey: .target)
            try fields.encode(request.pbx, forKey: .pbx)
            try fields.encode(request.modem, forKey: .modem)
        case .progress(.dialing(let number)):
            try fields.encode(number, forKey: .number)
            try fields.encodeIfPresent(modem, forKey: .modem)
        case .progress(.ringing(let number)):
            try fields.encodeIfPresent(number, forKey: .number)
            try fields.encodeIfPresent(modem, forKey: .modem)
            try fields.encodeIfPresent(callerName, forKey: .callerName)
        case .progress(.connected(let setup)):
            try fields.encode(setup.inMilliseconds, forKey: .setup)
        case .progress(.handover(let digits, let sent, let total)):
            try fields.encode(digits, forKey: .digits)
            try fields.encode(sent, forKey: .sent)
            try fields.encode(total, forKey: .total)
        case .progress(.ended(let end)):
            try fields.encode(end.outcome.rawValue, forKey: .outcome)
            try fields.encodeIfPresent(end.cause, forKey: .cause)
            try fields.encode(end.by.rawValue, forKey: .by)
            try fields.encode(Double(end.seconds.inMilliseconds) / 1000, forKey: .seconds)
            try fields.encode(end.outcome.exitStatus, forKey: .exit)
            try fields.encodeIfPresent(end.detail, forKey: .detail)
            if !end.hangUpVerified { try fields.encode(false, forKey: .idle) }
        case .progress(.alerting), .progress(.inProgress):
            break
        }
    }
}
