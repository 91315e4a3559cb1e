/// What is counted of a stream that comes (RFC 3550 §A.1, §A.3, §A.8).
package struct RTPStatistics: Sendable {
    /// A jump of more packets than this is a new beginning, not a loss.
    private static let longestGap: UInt16 = 3000

    /// The stream; nil before anything has come.
    package private(set) var source: UInt32?
    private var base: UInt32 = 0
    private var highest: UInt32 = 0
    private var received: UInt32 = 0
    private var before: (expected: UInt32, received: UInt32) = (0, 0)
    private var transit: UInt32?
    /// How unevenly packets come, by the clock of the stream: the present one, and the greatest that was told.
    package private(set) var jitter = 0.0
    package private(set) var greatestJitter = 0.0
    /// Of the streams before this one.
    private var earlier: (expected: Int, received: Int) = (0, 0)

    /// By how many timestamps count a second.
    private let clock: UInt32

    /// Nothing has come yet.
    package init(clock: UInt32 = 8000) { self.clock = clock }

    /// How many packets should have come, and how many never did.
    package var expected: Int { earlier.expected + Int(own) }
    package var lost: Int { max(0, expected - earlier.received - Int(received)) }

    private var own: UInt32 { source == nil ? 0 : highest &- base &+ 1 }

    /// Takes a packet.
    ///
    /// - Parameters:
    ///   - arrival: when it came, by the clock of the stream.
    ///   - isTimed: whether its timestamp is that of its own sound; those of digits are of their begin.
    package mutating func take(_ header: RTPHeader, at arrival: UInt32, isTimed: Bool) {
        let ahead = header.sequence &- UInt16(truncatingIfNeeded: highest)
        let isJump = ahead >= Self.longestGap && 0 &- ahead >= Self.longestGap
        if source != header.source || isJump {
            earlier = (earlier.expected + Int(own), earlier.received + Int(min(received, own)))
            source = header.source
            base = UInt32(header.sequence)
            (highest, received, before, transit, jitter) = (base, 0, (0, 0), nil, 0)
        } else if ahead < Self.longestGap {
            highest &+= UInt32(ahead)
        }
        received += 1
        guard isTimed else { return }
        let now = arrival &- header.timestamp
        defer { transit = now }
        guard let transit else { return }
        let step = Int32(bitPattern: now &- transit)
        // A clock that was set, or a pause, is no jitter.
        guard abs(Int(step)) < Int(clock) else { return }
        jitter += (Double(abs(Int(step))) - jitter) / 16
        if received > 64 { greatestJitter = max(greatestJitter, jitter) }
    }

    /// What is told to the other end; nil where nothing has come.
    package mutating func report() -> RTCP.Report? {
        guard let source else { return nil }
        var report = RTCP.Report(source: source)
        let (expected, came) = (own &- before.expected, received &- before.received)
        before = (own, received)
        if expected > 0, expected > came {
            report.fraction = UInt8(min(255, UInt64(expected - came) * 256 / UInt64(expected)))
        }
        let missing = Int64(own) - Int64(received)
        report.lost = Int32(max(-0x80_0000, min(0x7F_FFFF, missing)))
        report.highest = highest
        report.jitter = UInt32(min(jitter, 1e9))
        return report
    }
}
