package import CallModel
package import FoundationEssentials

/// What is known of one call, from the request to its end; what is not known, or has not happened, is nil.
///
/// Methods, outcomes and the like are the words of the events (`callthrough`, `no_answer`), so that the log outlives
/// changes of the program. Numbers are in international format with `+`, or as they are where they have none.
package struct CallRecord: Sendable, Hashable, Codable {
    /// The outcome of a call that was up, or may have been, when the program that made it died.
    package static let lostAtRestart = "lost_at_restart"

    @Name package var call: UUID
    /// `callthrough`, `callback`, `reverse` or `direct`.
    package var method: String
    /// `outgoing` or `incoming`.
    package var direction: String
    /// Whom the call shall reach; for an incoming one the caller.
    package var target: String?
    /// What the modem dials, or who rings it.
    package var number: String?
    /// The PBX's name.
    package var pbx: String?
    /// The modem's name.
    package var modem: String?
    /// The modem's own number.
    package var imei: String?
    /// The subscriber of the SIM.
    package var imsi: String?
    /// When it was asked for, or rang first.
    package var requestedAt: Date
    /// When the dial command went to the modem.
    package var dialingAt: Date?
    /// When the called side began to ring.
    package var alertingAt: Date?
    /// When it was answered.
    package var connectedAt: Date?
    /// When the target had been handed over in full.
    package var handedOverAt: Date?
    /// When it ended; nil for a live call.
    package var endedAt: Date?
    /// How long it was answered, in seconds; nil where that is not known.
    package var seconds: Double?
    /// How it came out: a word of the contract, or ``lostAtRestart``.
    package var outcome: String?
    /// The cause of 3GPP TS 24.008 §10.5.4.11, where one was named.
    package var cause: Int?
    /// Who ended it: `local`, `remote` or `network`.
    package var by: String?
    /// Who pays: `sim`, `pbx`, `sim+pbx`, or `none`.
    package var payer: String?
    /// How many tones were sent; never which.
    package var tones = 0
    package var pbxReference: String?
    /// One clause about the end.
    package var detail: String?
    /// Whether it was a call for help.
    package var isEmergency = false
    /// Whether its numbers have been masked.
    package var isMasked = false
    /// Its parts: this box to the PBX, the PBX to the target, and so on.
    package var legs: [Leg] = []

    /// One connection of a call; the first one is a line's of this box.
    package struct Leg: Sendable, Hashable, Codable {
        /// What carries a leg; stored by its word.
        package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
            /// A modem of this box.
            case modem
            /// A SIP account, phone or trunk of this box.
            case sip
            /// The PBX: no line of this box.
            case pbx
        }

        /// What carries it; nil in a record from before that was written down.
        package var kind: Kind?
        /// The other end's number.
        @OrNull package var number: String?
        /// `outgoing` or `incoming`, as its payer's side sees it.
        package var direction: String
        /// The modem, for a leg over the air.
        @OrNull package var modem: String?
        /// The modem's own number, for a leg over the air.
        package var imei: String?
        /// The SIM's subscriber, for a leg over the air.
        @OrNull package var imsi: String?
        /// The account's name, for a leg over SIP.
        package var account: String?
        /// Who we are there: `user@host`.
        package var address: String?
        /// When it was begun.
        @OrNull package var startedAt: Date?
        /// When it began to ring.
        @OrNull package var alertingAt: Date?
        /// When it was answered.
        @OrNull package var answeredAt: Date?
        /// When it ended.
        @OrNull package var endedAt: Date?
        /// The network's cause.
        @OrNull package var cause: Int?
        /// Who ended it.
        @OrNull package var by: String?
        /// Who pays for it: `sim`, `pbx` or `none`.
        @OrNull package var payer: String?
        /// How good its sound was; nil where it had none.
        package var quality: SoundQuality?

        /// Creates a leg that has not begun.
        package init(kind: Kind? = .modem, number: String?, direction: String, payer: String?) {
            self.kind = kind
            self.number = number
            self.direction = direction
            self.payer = payer
        }

        private enum CodingKeys: String, CodingKey {
            case kind
            case number
            case direction
            case modem
            case imei
            case imsi
            case account
            case address
            case startedAt = "started_at"
            case alertingAt = "alerting_at"
            case answeredAt = "answered_at"
            case endedAt = "ended_at"
            case cause
            case by
            case payer
            case quality
        }
    }

    /// Creates the record of a call that has just been asked for.
    package init(call: UUID, method: String, direction: String, requestedAt: Date) {
        self.call = call
        self.method = method
        self.direction = direction
        self.requestedAt = requestedAt
    }
}

// MARK: As JSON

extension CallRecord {
    private typealias CodingKeys = Field

    /// The contract's fields, in its order, and behind them those of the log.
    package enum Field: String, CodingKey, CaseIterable, Sendable {
        case call
        case method
        case direction
        case target
        case number
        case pbx
        case modem
        case imsi
        case requestedAt = "requested_at"
        case dialingAt = "dialing_at"
        case alertingAt = "alerting_at"
        case connectedAt = "connected_at"
        case handedOverAt = "handed_over_at"
        case endedAt = "ended_at"
        case seconds
        case outcome
        case cause
        case by
        case payer
        case imei
        case tones
        case pbxReference = "pbx_reference"
        case detail
        case isEmergency = "emergency"
        case isMasked = "masked"
        case legs

        /// What a list shows of each call.
        package static var contract: [Field] { Array(allCases.prefix { $0 != .imei }) }
    }

    /// Encodes every field; what is not known is `null`.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Field.self)
        for field in Field.allCases where field != .legs { try encode(field, to: &fields) }
        try fields.encode(legs, forKey: .legs)
    }

    /// The same without legs and what else only one call's own page shows: the contract's `calls list`.
    package var summary: Summary { Summary(record: self) }

    /// A record as `calls list` shows it.
    package struct Summary: Sendable, Encodable {
        let record: CallRecord

        /// Encodes the contract's fields; what is not known is `null`.
        package func encode(to encoder: any Encoder) throws {
            var fields = encoder.container(keyedBy: Field.self)
            for field in Field.contract { try record.encode(field, to: &fields) }
        }
    }

    private func encode(_ field: Field, to fields: inout KeyedEncodingContainer<Field>) throws {
        switch field {
        case .seconds: try fields.encode(seconds, forKey: field)
        case .cause: try fields.encode(cause, forKey: field)
        case .tones: try fields.encode(tones, forKey: field)
        case .isEmergency: try fields.encode(isEmergency, forKey: field)
        case .isMasked: try fields.encode(isMasked, forKey: field)
        case .legs: try fields.encode(legs, forKey: field)
        default: try fields.encode(text(of: field), forKey: field)
        }
    }

    /// A field as text, times in RFC 3339 UTC with milliseconds; nil where it is not known, and for the legs.
    package func text(of field: Field) -> String? {
        switch field {
        case .call: call.name
        case .method: method
        case .direction: direction
        case .target: target
        case .number: number
        case .pbx: pbx
        case .modem: modem
        case .imei: imei
        case .imsi: imsi
        case .requestedAt: requestedAt.stamp
        case .dialingAt: dialingAt?.stamp
        case .alertingAt: alertingAt?.stamp
        case .connectedAt: connectedAt?.stamp
        case .handedOverAt: handedOverAt?.stamp
        case .endedAt: endedAt?.stamp
        case .seconds: seconds.map { "\($0)" }
        case .outcome: outcome
        case .cause: cause.map { "\($0)" }
        case .by: by
        case .payer: payer
        case .tones: "\(tones)"
        case .pbxReference: pbxReference
        case .detail: detail
        case .isEmergency: "\(isEmergency)"
        case .isMasked: "\(isMasked)"
        case .legs: nil
        }
    }
}
