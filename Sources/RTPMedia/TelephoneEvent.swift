/// Digits beside the sound (RFC 4733).
package enum TelephoneEvent {
    /// The digits by their codes.
    package static let digits = Array("0123456789*#ABCD")

    /// Hears digits, each once: a digit is many packets with one timestamp, of which any may be lost or come twice.
    package struct Receiver: Sendable {
        private var last: (source: UInt32, timestamp: UInt32)?

        package init() {}

        /// Takes a packet of the type that was agreed on; the digit where it is a new one.
        package mutating func take(_ header: RTPHeader, _ payload: UnsafeRawBufferPointer) -> Character? {
            guard payload.count >= 4, Int(payload[0]) < TelephoneEvent.digits.count else { return nil }
            if let last, last.source == header.source {
                // A straggler of an event before the last one is old as well.
                guard Int32(bitPattern: header.timestamp &- last.timestamp) > 0 else { return nil }
            }
            last = (header.source, header.timestamp)
            return TelephoneEvent.digits[Int(payload[0])]
        }
    }
}
