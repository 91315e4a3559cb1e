package import CallModel
package import FoundationEssentials

/// One event of a call, as the contract's JSON lines, event stream and webhooks show it.
///
/// Times are RFC 3339 in UTC with milliseconds; phone numbers are in international format; secret digits are `•`.
package struct CallEvent: GatewayEvent {
    /// What happened.
    package enum Kind: Sendable {
        /// A call was asked for.
        case requested(Request)
        /// The call's machine reports progress.
        case progress(CallProgress)
        /// Something became of its sound.
        case audio(SoundReport)
        /// The other side pressed a key; who heard it.
        case dtmf(Character, from: DigitSource)
        /// Another leg was joined to it; with whom.
        case joined(with: String)
        /// How good the sound of a leg was; told before the end.
        case quality(SoundQuality)
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
        /// The line: that modem, or the account at a PBX.
        package var line: String?
        /// Who asked for it: `cli`, `api`, `phone:NAME`, `rule`; nil where that is not told.
        package var origin: String?

        /// Creates the fields of a request, for an outgoing call unless told otherwise.
        package init(
            method: CallMethod,
            direction: CallDirection = .outgoing,
            target: String,
            pbx: String? = nil,
            modem: String? = nil,
            line: String? = nil,
            origin: String? = nil
        ) {
            self.method = method
            self.direction = direction
            self.target = target
            self.pbx = pbx
            self.modem = modem
            self.line = line ?? modem
            self.origin = origin
        }
    }

    /// What happened.
    package var kind: Kind
    /// When.
    package var at: Date
    package var call: UUID
    /// Who rings, where the number of `call.ringing` is a contact's.
    package var callerName: String?
    /// Whom the call of `call.ringing` was for, and from which number it was sent on here, where a PBX tells it.
    package var called: String?
    package var divertedFrom: String?
    /// The modem that dials or rings, where the service chose it.
    package var modem: String?
    /// The line that it is on: that modem, or the account at a PBX.
    package var line: String?

    package init(_ kind: Kind, call: UUID, at: Date = Date()) {
        self.kind = kind
        self.call = call
        self.at = at
    }

    /// The event's name in the contract.
    package var name: String { word.rawValue }

    /// See ``GatewayEvent/subject``.
    package var subject: UUID? { call }

    private var word: Word {
        switch kind {
        case .requested: .requested
        case .progress(.dialing): .dialing
        case .progress(.alerting): .alerting
        case .progress(.ringing): .ringing
        case .progress(.connected): .connected
        case .progress(.handover): .handover
        case .progress(.inProgress): .inProgress
        case .progress(.ended): .ended
        case .audio: .audio
        case .dtmf: .dtmf
        case .joined: .joined
        case .quality: .quality
        }
    }
}

// MARK: As JSON

extension CallEvent: Codable {
    private enum Word: String, Codable {
        case requested = "call.requested"
        case dialing = "call.dialing"
        case alerting = "call.alerting"
        case ringing = "call.ringing"
        case connected = "call.connected"
        case handover = "call.handover"
        case inProgress = "call.in_progress"
        case ended = "call.ended"
        case audio = "call.audio"
        case dtmf = "call.dtmf"
        case joined = "call.joined"
        case quality = "call.quality"
    }

    /// The contract's fields, read and written alike; which of them are there depends on the event.
    private struct Fields: Codable {
        var event: Word
        var at: Date
        @Name var call: UUID
        var method: CallMethod?
        var direction: CallDirection?
        var target: String?
        var pbx: OrNull<String>?
        var modem: OrNull<String>?
        var line: String?
        var origin: String?
        var number: String?
        var callerName: String?
        var called: String?
        var divertedFrom: String?
        var setup: Int?
        var digits: String?
        var sent: Int?
        var total: Int?
        var outcome: CallOutcome?
        var cause: Int?
        var by: EndedBy?
        var seconds: Double?
        var exit: Int32?
        var detail: String?
        var idle: Bool?
        var state: SoundReport.State?
        var endpoint: String?
        var digit: String?
        var from: DigitSource?
        var reason: String?
        var with: String?
        var leg: String?
        var frames: Int?
        var underruns: Int?
        var overruns: Int?
        var slips: Int?
        var drift: Double?
        var delayMedian: Int?
        var delayWorst: Int?
        var levelIn: Double?
        var levelOut: Double?
        var network: NetworkQuality?

        enum CodingKeys: String, CodingKey {
            case event, at, call, method, direction, target, pbx, modem, line, origin, number, called, digits, sent,
                total
            case outcome, cause, by, seconds, exit, detail, idle
            case digit, from, state, endpoint, reason, with, network, leg, frames, underruns, overruns, slips
            case drift = "drift_ppm"
            case delayMedian = "delay_ms_p50"
            case delayWorst = "delay_ms_p99"
            case levelIn = "level_in_dbfs"
            case levelOut = "level_out_dbfs"
            case callerName = "name"
            case divertedFrom = "diverted_from"
            case setup = "setup_ms"
        }

        mutating func take(_ quality: SoundQuality) {
            (leg, frames, underruns) = (quality.leg, quality.frames, quality.underruns)
            (overruns, slips, drift) = (quality.overruns, quality.slips, quality.drift)
            (delayMedian, delayWorst) = (quality.delayMedian, quality.delayWorst)
            (levelIn, levelOut, network) = (quality.levelIn, quality.levelOut, quality.network)
        }

        var quality: SoundQuality {
            get throws {
                SoundQuality(
                    leg: try wanted(\.leg, .leg),
                    frames: try wanted(\.frames, .frames),
                    underruns: try wanted(\.underruns, .underruns),
                    overruns: try wanted(\.overruns, .overruns),
                    slips: try wanted(\.slips, .slips),
                    drift: try wanted(\.drift, .drift),
                    delayMedian: try wanted(\.delayMedian, .delayMedian),
                    delayWorst: try wanted(\.delayWorst, .delayWorst),
                    levelIn: try wanted(\.levelIn, .levelIn),
                    levelOut: try wanted(\.levelOut, .levelOut),
                    network: network
                )
            }
        }

        /// A field that has to be there.
        func wanted<Value>(_ field: KeyPath<Fields, Value?>, _ key: CodingKeys) throws -> Value {
            guard let value = self[keyPath: field] else {
                throw DecodingError.keyNotFound(
                    key,
                    .init(codingPath: [], debugDescription: "not in \(event.rawValue)")
                )
            }
            return value
        }
    }

    /// Encodes the event with the contract's field names.
    package func encode(to encoder: any Encoder) throws {
        var fields = Fields(event: word, at: at, call: call)
        switch kind {
        case .requested(let request):
            fields.method = request.method
            fields.direction = request.direction
            fields.target = request.target
            fields.pbx = OrNull(wrappedValue: request.pbx)
            fields.modem = OrNull(wrappedValue: request.modem)
            fields.line = request.line
            fields.origin = request.origin
        case .progress(.dialing(let number)):
            fields.number = number
            fields.modem = modem.map { OrNull(wrappedValue: $0) }
            fields.line = line
        case .progress(.ringing(let number)):
            fields.number = number
            fields.modem = modem.map { OrNull(wrappedValue: $0) }
            fields.line = line
            fields.callerName = callerName
            (fields.called, fields.divertedFrom) = (called, divertedFrom)
        case .progress(.connected(let setup)): fields.setup = setup.inMilliseconds
        case .progress(.handover(let digits, let sent, let total)):
            (fields.digits, fields.sent, fields.total) = (digits, sent, total)
        case .progress(.ended(let end)):
            fields.outcome = end.outcome
            fields.cause = end.cause
            fields.by = end.by
            fields.seconds = Double(end.seconds.inMilliseconds) / 1000
            fields.exit = end.outcome.exitStatus
            fields.detail = end.detail
            fields.idle = end.hangUpVerified ? nil : false
        case .progress(.alerting), .progress(.inProgress): break
        case .audio(let report):
            (fields.state, fields.endpoint, fields.reason) = (report.state, report.endpoint, report.reason)
        case .dtmf(let digit, let source): (fields.digit, fields.from) = (String(digit), source)
        case .joined(let other): fields.with = other
        case .quality(let quality): fields.take(quality)
        }
        try fields.encode(to: encoder)
    }

    /// Reads an event; throws where it is none of a call, or one of a later version.
    package init(from decoder: any Decoder) throws {
        let fields = try Fields(from: decoder)
        self.init(.progress(.alerting), call: fields.call, at: fields.at)
        switch fields.event {
        case .requested:
            kind = .requested(
                Request(
                    method: try fields.wanted(\.method, .method),
                    direction: fields.direction ?? .outgoing,
                    target: try fields.wanted(\.target, .target),
                    pbx: fields.pbx?.wrappedValue,
                    modem: fields.modem?.wrappedValue,
                    line: fields.line,
                    origin: fields.origin
                )
            )
        case .dialing:
            kind = .progress(.dialing(number: try fields.wanted(\.number, .number)))
            modem = fields.modem?.wrappedValue
            line = fields.line
        case .ringing:
            kind = .progress(.ringing(number: fields.number))
            modem = fields.modem?.wrappedValue
            line = fields.line
            callerName = fields.callerName
            (called, divertedFrom) = (fields.called, fields.divertedFrom)
        case .alerting: break
        case .connected: kind = .progress(.connected(setup: .milliseconds(try fields.wanted(\.setup, .setup))))
        case .handover:
            kind = .progress(
                .handover(
                    digits: try fields.wanted(\.digits, .digits),
                    sent: try fields.wanted(\.sent, .sent),
                    total: try fields.wanted(\.total, .total)
                )
            )
        case .inProgress: kind = .progress(.inProgress)
        case .audio:
            let state = try fields.wanted(\.state, .state)
            kind = .audio(
                SoundReport(state, endpoint: try fields.wanted(\.endpoint, .endpoint), reason: fields.reason)
            )
        case .dtmf:
            let digit = try fields.wanted(\.digit, .digit)
            kind = .dtmf(digit.first ?? "?", from: try fields.wanted(\.from, .from))
        case .joined: kind = .joined(with: try fields.wanted(\.with, .with))
        case .quality: kind = .quality(try fields.quality)
        case .ended:
            kind = .progress(
                .ended(
                    CallEnd(
                        outcome: try fields.wanted(\.outcome, .outcome),
                        cause: fields.cause,
                        by: try fields.wanted(\.by, .by),
                        seconds: .milliseconds(Int64(((fields.seconds ?? 0) * 1000).rounded())),
                        detail: fields.detail,
                        hangUpVerified: fields.idle ?? true
                    )
                )
            )
        }
    }

    /// Reads an event as the service tells it; nil when it is not an event of a call, or one of a later version.
    package init?(json: [UInt8]) {
        guard let event = try? WireFormat.decode(CallEvent.self, from: json) else { return nil }
        self = event
    }
}
