package import FoundationEssentials

/// How values stand in JSON, on both sides: keys sorted, times in RFC 3339, UTC, with milliseconds.
package enum WireFormat {
    /// A value as one line of JSON, without a line feed.
    package static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.stamp)
        }
        return Array(try encoder.encode(value))
    }

    /// Reads a value.
    package static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            guard let date = Date(stamp: try container.decode(String.self)) else {
                throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a time in RFC 3339")
            }
            return date
        }
        return try decoder.decode(type, from: Data(bytes))
    }
}

extension Date {
    /// RFC 3339 in UTC with milliseconds.
    package var stamp: String {
        // The formatter cuts what is behind the milliseconds, and few of them are whole as binary fractions.
        Date(timeIntervalSince1970: (Double(milliseconds) + 0.5) / 1000)
            .formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    }

    /// Reads a time in RFC 3339, with a fraction of a second or without; nil for anything else.
    package init?(stamp: String) {
        for hasFraction in [true, false] {
            if let date = try? Date.ISO8601FormatStyle(includingFractionalSeconds: hasFraction).parse(stamp) {
                self = date
                return
            }
        }
        return nil
    }

    /// Whole milliseconds since 1970, as they are stored and as events show them; a time that no clock shows is cut.
    package var milliseconds: Int64 {
        // A microsecond more, so that a time that was read from the log stays what it is.
        let value = (timeIntervalSince1970 * 1000 + 0.001).rounded(.down)
        return Int64(Swift.min(Swift.max(value, -1e15), 1e15))
    }

    /// A time that was stored.
    package init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}

extension UUID {
    /// The id as it is written everywhere, in lower case (RFC 9562, 4).
    package var name: String { uuidString.lowercased() }
}

/// A field with an id.
@propertyWrapper package struct Name: Sendable, Hashable, Codable {
    package var wrappedValue: UUID

    package init(wrappedValue: UUID) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws { wrappedValue = try UUID(from: decoder) }

    package func encode(to encoder: any Encoder) throws { try wrappedValue.name.encode(to: encoder) }
}

/// A field that is `null` where it is not known; any other optional one is left out then.
@propertyWrapper package struct OrNull<Value: Codable & Sendable & Hashable>: Sendable, Hashable, Codable {
    package var wrappedValue: Value?

    package init() {}

    package init(wrappedValue: Value?) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        let field = try decoder.singleValueContainer()
        wrappedValue = field.decodeNil() ? nil : try field.decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var field = encoder.singleValueContainer()
        try field.encode(wrappedValue)
    }
}

extension KeyedDecodingContainer {
    /// A field that is missing is not known either.
    func decode<Value>(_ type: OrNull<Value>.Type, forKey key: Key) throws -> OrNull<Value> {
        try decodeIfPresent(type, forKey: key) ?? OrNull(wrappedValue: nil)
    }
}
