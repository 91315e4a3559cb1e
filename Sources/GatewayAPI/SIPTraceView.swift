package import FoundationEssentials

/// Messages of SIP, for those who look on.
package struct SIPTraceView: Sendable, Hashable, Codable {
    /// A message as it went over the wire, without secrets.
    package struct Message: Sendable, Hashable, Codable {
        /// Counts messages, from 1 on.
        package var number: UInt64
        package var at: Date
        package var direction: Direction
        /// The other side: `udp/[192.0.2.7]:5060`.
        package var peer: String
        package var text: String

        package init(number: UInt64, at: Date, direction: Direction, peer: String, text: String) {
            (self.number, self.at, self.direction, self.peer, self.text) = (number, at, direction, peer, text)
        }
    }

    /// Which way a message went.
    package enum Direction: String, Sendable, Hashable, Codable {
        case received
        case sent
    }

    /// The number of the last message, behind which to look on.
    package var last: UInt64
    package var messages: [Message]

    /// Creates a view.
    package init(last: UInt64 = 0, messages: [Message] = []) { (self.last, self.messages) = (last, messages) }
}
