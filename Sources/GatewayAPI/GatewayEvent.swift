package import FoundationEssentials

/// What the service tells: an event of a call, of a modem, of a limit.
///
/// It goes round as a value, and becomes JSON where a reader wants JSON, not where it happened.
package protocol GatewayEvent: Sendable {
    /// Its name in the contract, such as `call.ended`.
    var name: String { get }
    /// The call that it is about; nil for none.
    var subject: UUID? { get }
    /// The event as one JSON object, without a line feed.
    func json() throws -> [UInt8]
}

extension GatewayEvent where Self: Encodable {
    /// The event as the contract writes it.
    package func json() throws -> [UInt8] { try WireFormat.encode(self) }
}

extension GatewayEvent {
    /// The event of a call; nil for any other, and for one of a later version.
    package var callEvent: CallEvent? {
        self as? CallEvent ?? (self as? EventText).flatMap { CallEvent(json: $0.bytes) }
    }
}

/// An event as it came over a connection, fields that are not known here included.
package struct EventText: GatewayEvent, Hashable {
    package var name: String
    package var subject: UUID?
    /// The JSON object.
    package var bytes: [UInt8]

    package init(name: String, subject: UUID? = nil, bytes: [UInt8]) {
        self.name = name
        self.subject = subject
        self.bytes = bytes
    }

    /// The bytes as they came.
    package func json() throws -> [UInt8] { bytes }
}
