/// Who may use the box as a telephone: digests, and locks for those who guess.
///
/// Without I/O; the time is handed in. /// What an unknown name gets is what a wrong password gets, so that names can't be found out.
struct PhoneGate {
    /// What a request proves itself with.
    struct Claim {
        var method: String
        /// The user and the host of the request's URI.
        var user: String?
        var host: String?
        var credentials: DigestCredentials?
        /// The address that it came from, or the network where one side has many.
        var source: String
    }

    /// What is thought of it.
    enum Verdict: Equatable {
        /// It is this phone.
        case phone(String)
        /// It shall prove itself with this nonce; `isStale` where only the last one was too old.
        case challenge(nonce: String, isStale: Bool)
        /// It is not believed. What is told is told once.
        case refused(News?)
    }

    /// What people should know.
    enum News: Equatable {
        /// An address is not listened to any more for a phone, or for names that nobody has (nil).
        case locked(phone: String?, source: String)
    }

    /// So many wrong passwords lock an address out, for a phone.
    static let mostFailures = 5
    /// How long that holds, and how long failures count.
    static let lockTime = Duration.seconds(900)
    /// Addresses that are remembered; beyond them the oldest is forgotten.
    static let mostRemembered = 1024
    /// Nonces whose counts are remembered, of all phones.
    static let mostNonces = 256

    /// The realm of the challenges.
    static let realm = "gsmbridge"

    /// The passwords by phone.
    var passwords: [String: String] = [:]
    private var nonces: NonceMaker
    private var failures: [Key: Failures] = [:]
    /// The last count of each nonce that was used, oldest first.
    private var counts: [(nonce: String, count: UInt32)] = []

    private struct Key: Hashable {
        var phone: String?
        var source: String
    }

    private struct Failures {
        var count: Int
        var last: ContinuousClock.Instant
    }

    init(at now: ContinuousClock.Instant) { nonces = NonceMaker(at: now) }

    mutating func judge(_ claim: Claim, at now: ContinuousClock.Instant) -> Verdict {
        guard let credentials = claim.credentials else {
            return .challenge(nonce: nonces.make(for: claim.source, at: now), isStale: false)
        }
        let password = passwords[credentials.user]
        let key = Key(phone: password == nil ? nil : credentials.user, source: claim.source)
        switch nonces.judge(credentials.nonce, of: claim.source, at: now) {
        case .good: break
        // A phone that comes back uses the last nonce that it had.
        case .old, .foreign: return .challenge(nonce: nonces.make(for: claim.source, at: now), isStale: true)
        }
        if let known = failures[key] {
            if now - known.last > Self.lockTime {
                failures[key] = nil
            } else if known.count >= Self.mostFailures {
                return .refused(nil)
            }
        }
        // A proof for one thing is none for another (RFC 2617 §3.2.2.5).
        guard credentials.isFor(user: claim.user, host: claim.host) else { return .refused(nil) }
        guard credentials.realm == Self.realm, let password, credentials.proves(password, method: claim.method) else {
            return .refused(fail(key, at: now))
        }
        guard isFresh(credentials) else {
            return .challenge(nonce: nonces.make(for: claim.source, at: now), isStale: true)
        }
        failures[key] = nil
        return .phone(credentials.user)
    }

    private mutating func fail(_ key: Key, at now: ContinuousClock.Instant) -> News? {
        if failures[key] == nil, failures.count >= Self.mostRemembered,
            let oldest = failures.min(by: { $0.value.last < $1.value.last })
        {
            failures[oldest.key] = nil
        }
        let count = (failures[key]?.count ?? 0) + 1
        failures[key] = Failures(count: count, last: now)
        return count == Self.mostFailures ? .locked(phone: key.phone, source: key.source) : nil
    }

    /// Whether a count was not used before with its nonce: what was overheard is no proof.
    private mutating func isFresh(_ credentials: DigestCredentials) -> Bool {
        let count = credentials.protection?.count ?? 1
        guard let place = counts.firstIndex(where: { $0.nonce == credentials.nonce }) else {
            if counts.count >= Self.mostNonces { counts.removeFirst() }
            counts.append((credentials.nonce, count))
            return true
        }
        guard count > counts[place].count else { return false }
        counts[place].count = count
        return true
    }
}
