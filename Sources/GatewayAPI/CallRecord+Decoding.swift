internal import FoundationEssentials

extension CallRecord: Decodable {
    /// Reads a record as its JSON has it.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: Field.self)
        let text = { (field: Field) in try fields.decodeIfPresent(String.self, forKey: field) }
        guard let id = UUID(uuidString: try fields.decode(String.self, forKey: .call)) else {
            throw DecodingError.dataCorruptedError(forKey: .call, in: fields, debugDescription: "not a UUID")
        }
        guard let requestedAt = try fields.time(.requestedAt) else {
            throw DecodingError.dataCorruptedError(forKey: .requestedAt, in: fields, debugDescription: "no time")
        }
        self.init(
            call: id,
            method: try fields.decode(String.self, forKey: .method),
            direction: try fields.decode(String.self, forKey: .direction),
            requestedAt: requestedAt
        )
        target = try text(.target)
        number = try text(.number)
        pbx = try text(.pbx)
        modem = try text(.modem)
        imei = try text(.imei)
        imsi = try text(.imsi)
        dialingAt = try fields.time(.dialingAt)
        alertingAt = try fields.time(.alertingAt)
        connectedAt = try fields.time(.connectedAt)
        handedOverAt = try fields.time(.handedOverAt)
        endedAt = try fields.time(.endedAt)
        seconds = try fields.decodeIfPresent(Double.self, forKey: .seconds)
        outcome = try text(.outcome)
        cause = try fields.decodeIfPresent(Int.self, forKey: .cause)
        by = try text(.by)
        payer = try text(.payer)
        tones = try fields.decodeIfPresent(Int.self, forKey: .tones) ?? 0
        pbxReference = try text(.pbxReference)
        detail = try text(.detail)
        isEmergency = try fields.decodeIfPresent(Bool.self, forKey: .emergency) ?? false
        isMasked = try fields.decodeIfPresent(Bool.self, forKey: .masked) ?? false
        legs = try fields.decodeIfPresent([Leg].self, forKey: .legs) ?? []
    }
}

extension CallRecord.Leg: Decodable {
    /// Reads a leg as its JSON has it.
    package init(from decoder: any Decoder) throws {
        let fields = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            number: try fields.decodeIfPresent(String.self, forKey: .number),
            direction: try fields.decode(String.self, forKey: .direction),
            payer: try fields.decodeIfPresent(String.self, forKey: .payer)
        )
        modem = try fields.decodeIfPresent(String.self, forKey: .modem)
        imsi = try fields.decodeIfPresent(String.self, forKey: .imsi)
        startedAt = try fields.time(.startedAt)
        alertingAt = try fields.time(.alertingAt)
        answeredAt = try fields.time(.answeredAt)
        endedAt = try fields.time(.endedAt)
        cause = try fields.decodeIfPresent(Int.self, forKey: .cause)
        by = try fields.decodeIfPresent(String.self, forKey: .by)
    }
}

extension KeyedDecodingContainer {
    /// A time in RFC 3339 with milliseconds; nil where there is none.
    fileprivate func time(_ key: Key) throws -> Date? {
        guard let text = try decodeIfPresent(String.self, forKey: key) else { return nil }
        guard let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) else {
            throw DecodingError.dataCorruptedError(forKey: key, in: self, debugDescription: "not a time in RFC 3339")
        }
        return date
    }
}
