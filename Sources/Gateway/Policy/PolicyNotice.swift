package import DialPlan
package import FoundationEssentials

/// Something about limits that people should know; the service's event `policy.notice`, a line on standard error.
package struct PolicyNotice: Sendable, Hashable {
    /// What there is to know.
    package enum Kind: Sendable, Hashable {
        /// Four fifths of a limit are used up.
        case nearlyUsedUp(LimitGauge)
        /// A call may not last as long as it was meant to.
        case cut(String)
        /// A call has outlasted its reservation by so many seconds.
        case outlasted(seconds: Int)
        /// What a call came to could not be written down, so that it counts at its worst.
        case unsettled(String)
    }

    /// What there is to know.
    package var kind: Kind
    /// The call that brought it about.
    package var call: UUID
    /// When.
    package var at: Date

    /// Creates a notice.
    package init(_ kind: Kind, call: UUID, at: Date = Date()) {
        self.kind = kind
        self.call = call
        self.at = at
    }
}

extension PolicyNotice: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch kind {
        case .nearlyUsedUp(let gauge): "four fifths of a limit are used up: \(gauge)"
        case .cut(let words): "the call is \(words)"
        case .outlasted(let seconds): "the call has lasted \(seconds) s longer than was reserved; it counts in full"
        case .unsettled(let reason): "what the call came to can't be written down, so it counts at its worst: \(reason)"
        }
    }
}

extension PolicyNotice: Encodable {
    private enum Key: String, CodingKey {
        case event
        case at
        case call
        case reason
        case limit
        case used
        case allowed
    }

    /// Encodes the notice as the event `policy.notice`: `reason`, and for a limit `limit`, `used` and `allowed` in calls,
    /// seconds or millionths of the currency.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: Key.self)
        try fields.encode("policy.notice", forKey: .event)
        try fields.encode(at.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)), forKey: .at)
        try fields.encode(call.uuidString.lowercased(), forKey: .call)
        try fields.encode(description, forKey: .reason)
        if case .nearlyUsedUp(let gauge) = kind {
            try fields.encode(gauge.key, forKey: .limit)
            try fields.encode(gauge.used, forKey: .used)
            try fields.encode(gauge.allowed, forKey: .allowed)
        }
    }
}
