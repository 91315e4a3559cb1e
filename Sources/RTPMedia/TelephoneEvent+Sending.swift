extension TelephoneEvent {
    /// Sends digits, one after the other: what goes out in the place of the sound in each 20 ms.
    package struct Sender: Sendable {
        /// Digits that may wait.
        private static let mostWaiting = 64
        /// Packets of a digit: 100 ms, and its end three times (RFC 4733 §2.5.1.4).
        private static let packets = 5
        private static let ends = 3
        /// Packets of sound between two digits: 100 ms.
        private static let gap = 5

        /// A packet to be sent.
        package struct Packet: Sendable, Equatable {
            /// The four bytes of its payload.
            package var payload: (UInt8, UInt8, UInt8, UInt8)
            /// Whether it is the first of its digit, which is marked.
            package var isFirst: Bool
            /// Whether the time of the digit goes on with it; the ends come at once.
            package var isTimed: Bool

            package static func == (one: Self, other: Self) -> Bool {
                one.payload == other.payload && one.isFirst == other.isFirst && one.isTimed == other.isTimed
            }
        }

        private var waiting: [UInt8] = []
        private var current: (code: UInt8, sent: Int)?
        private var pause = 0

        /// Nothing waits.
        package init() { waiting.reserveCapacity(Self.mostWaiting) }

        /// Whether a digit is being sent: its packets bear the time of its begin.
        package var isSending: Bool { current != nil }

        /// Takes a digit; false for what is none, and where too many wait.
        package mutating func append(_ digit: Character) -> Bool {
            guard let code = TelephoneEvent.digits.firstIndex(of: digit), waiting.count < Self.mostWaiting else {
                return false
            }
            waiting.append(UInt8(code))
            return true
        }

        /// The packet of these 20 ms; nil where sound goes out.
        package mutating func next() -> Packet? {
            if current == nil {
                if pause > 0 {
                    pause -= 1
                    return nil
                }
                guard !waiting.isEmpty else { return nil }
                current = (waiting.removeFirst(), 0)
            }
            guard let (code, sent) = current else { return nil }
            let isEnd = sent >= Self.packets - 1
            let length = min(sent + 1, Self.packets) * 160
            if sent + 1 == Self.packets + Self.ends - 1 {
                current = nil
                pause = Self.gap
            } else {
                current = (code, sent + 1)
            }
            return Packet(
                payload: (code, (isEnd ? 0x80 : 0) | 10, UInt8(length >> 8), UInt8(length & 0xFF)),
                isFirst: sent == 0,
                isTimed: sent < Self.packets
            )
        }
    }
}
