internal import Gateway
internal import Glibc
internal import NIOCore
internal import Synchronization

/// Lets in whoever brings the token, and turns away for a while whoever keeps guessing.
final class TokenGate: Sendable {
    /// The fewest bytes of a token: 128 bits, if they are random.
    static let shortest = 16

    /// What becomes of a request.
    enum Verdict: Sendable, Equatable {
        case admitted
        /// There is no token, or a wrong one.
        case refused
        /// This address guessed too often.
        case turnedAway(seconds: Int)
    }

    private struct Guesses {
        var count: Int
        var until: ContinuousClock.Instant
    }

    /// Addresses beyond this many are not told apart.
    private static let mostAddresses = 1024

    private let token: [UInt8]
    private let most: Int
    private let window: Duration
    private let guesses = Mutex<[String: Guesses]>([:])

    init(token: Secret, limits: ControlLimits) throws(ControlServerError) {
        self.token = Array(token.reveal().utf8)
        most = limits.wrongTokens
        window = limits.tokenWindow
        guard self.token.count >= Self.shortest else { throw .shortToken }
    }

    /// Judges a request.
    ///
    /// - Parameters:
    ///   - authorization: the header field, as RFC 6750 writes it: `Bearer TOKEN`.
    ///   - address: who asks; IPv6 addresses of one network count as one.
    ///   - now: the time.
    func judge(_ authorization: String?, from address: String, at now: ContinuousClock.Instant) -> Verdict {
        guesses.withLock { guesses in
            if guesses[address] == nil, guesses.count >= Self.mostAddresses {
                guesses = guesses.filter { $0.value.until > now }
            }
            let isOwn = guesses[address] != nil || guesses.count < Self.mostAddresses
            let source = isOwn ? address : "others"
            var known = guesses[source] ?? Guesses(count: 0, until: now + window)
            if known.until <= now { known = Guesses(count: 0, until: now + window) }
            guard known.count < most else {
                return .turnedAway(seconds: Int(max(.zero, known.until - now).components.seconds) + 1)
            }
            if let authorization, isToken(authorization) { return .admitted }
            // A request without a token is no guess.
            guard authorization != nil else { return .refused }
            known.count += 1
            if known.count >= most { known.until = now + window }
            guesses[source] = known
            return .refused
        }
    }

    /// Whether a header field holds the token; how long that takes does not depend on where they differ.
    private func isToken(_ authorization: String) -> Bool {
        let parts = authorization.split(separator: " ", maxSplits: 1)
        guard parts.count == 2, parts[0].lowercased() == "bearer" else { return false }
        let given = Array(parts[1].utf8)
        var difference = UInt8(given.count == token.count ? 0 : 1)
        for (index, byte) in token.enumerated() {
            difference |= byte ^ (index < given.count ? given[index] : 0)
        }
        return difference == 0
    }

    /// Who a connection comes from, as far as guesses are counted: an IPv4 address, or the first half of an IPv6 one.
    static func source(of address: SocketAddress?) -> String {
        let text = address?.ipAddress ?? ""
        var bytes = [UInt8](repeating: 0, count: 16)
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return text }
        // Who comes by IPv4 to a socket for both (RFC 4291, 2.5.5.2); else all of them would count as one.
        if let mapped = mapped(bytes) { return mapped.map { "\($0)" }.joined(separator: ".") }
        return bytes.prefix(8).map { String($0, radix: 16) }.joined(separator: ":")
    }

    /// Whether a connection comes from this machine.
    static func isLoopback(_ address: SocketAddress?) -> Bool {
        let text = address?.ipAddress ?? ""
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return bytes[0] == 127 }
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return false }
        if let mapped = mapped(bytes) { return mapped.first == 127 }
        return bytes.dropLast().allSatisfy { $0 == 0 } && bytes.last == 1
    }

    /// The IPv4 address that an IPv6 one stands for.
    private static func mapped(_ bytes: [UInt8]) -> ArraySlice<UInt8>? {
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xFF && bytes[11] == 0xFF
        return isMapped ? bytes.suffix(4) : nil
    }
}
