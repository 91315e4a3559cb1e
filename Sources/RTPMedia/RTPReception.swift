/// Which packets of a stream are played: a packet that was overtaken or comes twice is dropped, since what it carries was concealed
/// already, or played.
///
/// A new source begins anew, and so does one that jumps, as after a hold (RFC 3550 §A.1).
package struct RTPReception: Sendable {
    /// A jump of more packets than this is a new beginning, not a loss (RFC 3550 §A.1, MAX_DROPOUT).
    private static let longestGap: UInt16 = 3000

    private var source: UInt32?
    private var highest: UInt16 = 0
    /// Packets that never came.
    package private(set) var lost: UInt64 = 0

    /// Nothing has come yet.
    package init() {}

    /// Takes a packet.
    ///
    /// - Returns: whether it is to be played.
    package mutating func take(_ header: RTPHeader) -> Bool {
        let ahead = header.sequence &- highest
        let isJump = ahead >= Self.longestGap && 0 &- ahead >= Self.longestGap
        guard source == header.source, !isJump else {
            (source, highest) = (header.source, header.sequence)
            return true
        }
        // Behind, or the same one again.
        guard ahead != 0, ahead < Self.longestGap else { return false }
        highest = header.sequence
        lost += UInt64(ahead - 1)
        return true
    }
}
