internal import Settings
internal import Synchronization
internal import TextCoding
internal import WebAccess

/// Lets in clients with a token, and holds up those that keep guessing.
///
/// A right token is always let in: the owner may share an address, a proxy or a network with those who guess, and must
/// not be locked out by them. A guess of 16 random bytes does not succeed at any rate.
final class TokenGate: Sendable {
    /// The fewest bytes of a token: 128 bits, if they are random.
    static let shortest = 16

    /// What a token is good for.
    enum Right: Sendable, Equatable {
        /// Everything that is done over TCP.
        case everything
        /// Looking at status and metrics.
        case looking
    }

    /// What becomes of a request.
    enum Verdict: Sendable, Equatable {
        case admitted(Right)
        /// There is no token, or a wrong one.
        case refused
        /// This address guessed too often.
        case turnedAway(seconds: Int)
    }

    private let tokens: [(bytes: [UInt8], right: Right)]
    private let guesses: Mutex<RefusalTable>

    init(token: Secret, reader: Secret? = nil, limits: ControlLimits) throws(ControlServerError) {
        var tokens = [(Array(token.reveal().utf8), Right.everything)]
        if let reader { tokens.append((Array(reader.reveal().utf8), .looking)) }
        guard tokens.allSatisfy({ $0.0.count >= Self.shortest }) else { throw .shortToken }
        if let reader, reader.reveal() == token.reveal() { throw .sameTokens }
        self.tokens = tokens
        guesses = Mutex(RefusalTable(most: limits.wrongTokens, window: limits.tokenWindow))
    }

    /// Judges a request.
    ///
    /// - Parameters:
    ///   - authorization: the header field, as RFC 6750 writes it: `Bearer TOKEN`.
    ///   - source: who asks.
    ///   - now: the time.
    func judge(_ authorization: String?, from source: RequestSource, at now: ContinuousClock.Instant) -> Verdict {
        // A request without a token is no guess.
        guard let authorization else { return .refused }
        if let right = right(of: authorization) { return .admitted(right) }
        guard let seconds = guesses.withLock({ $0.refused(source, at: now) }) else { return .refused }
        return .turnedAway(seconds: seconds)
    }

    /// What a header field is good for; how long that takes does not depend on where it differs from a token.
    private func right(of authorization: String) -> Right? {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return nil }
        let given = Array(parts[1].utf8)
        var right: Right?
        for token in tokens where Self.isSame(given, token.bytes) { right = token.right }
        return right
    }

    private static func isSame(_ given: [UInt8], _ token: [UInt8]) -> Bool {
        var difference = UInt8(given.count == token.count ? 0 : 1)
        for (index, byte) in token.enumerated() {
            difference |= byte ^ (index < given.count ? given[index] : 0)
        }
        return difference == 0
    }
}
