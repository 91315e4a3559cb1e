internal import Crypto
internal import Dispatch
package import Settings
internal import Synchronization

/// A person with a password.
package struct WebUser: Sendable {
    package var name: String
    package var role: WebRole
    package var password: PasswordHash

    package init(name: String, role: WebRole, password: PasswordHash) {
        (self.name, self.role, self.password) = (name, role, password)
    }
}

/// Who may log in with a password, and whether one is right.
///
/// Working a password through takes a good part of a second of one core, and 16 MiB: one is at work at a time, on a thread of
/// its own, and ``mostWaiting`` wait. A flood of logins so costs nobody a call.
package final class WebPasswords: Sendable {
    /// What becomes of an attempt.
    package enum Verdict: Sendable, Equatable {
        case good(name: String, role: WebRole, proof: [UInt8])
        case wrong
        /// Too many were wrong; it was not looked at.
        case locked(seconds: Int)
        /// Too many are being looked at.
        case busy
    }

    private struct State {
        var users: [WebUser] = []
        var counts = LoginCounts()
        var waiting = 0
    }

    /// Beside the one at work.
    package static let mostWaiting = 4

    private let state = Mutex(State())
    let queue = DispatchQueue(label: "gsmbridge.passwords", qos: .utility)

    /// Whether there is anybody who has one.
    package var areThere: Bool { state.withLock { !$0.users.isEmpty } }

    /// Takes over who there is.
    package func replace(_ users: [WebUser]) { state.withLock { $0.users = users } }

    /// Whether a session that was begun by a password still may be: the person is there, with this password and this role.
    package func stand(behind session: WebSessions.Session) -> Bool {
        guard let name = session.user else { return true }
        return state.withLock { state in
            state.users.contains {
                $0.name == name && $0.role == session.role && Self.proof(of: $0.password) == session.proof
            }
        }
    }

    /// Looks at a password.
    ///
    /// The work is the same whether there is such a person or not, and so is the answer.
    package func check(_ name: String, _ password: String, from source: RequestSource) async throws -> Verdict {
        enum Next {
            case look(PasswordHash, user: WebUser?)
            case said(Verdict)
        }
        let next = state.withLock { state -> Next in
            guard !state.users.isEmpty else { return .said(.wrong) }
            let user = state.users.first { $0.name == name }
            if let seconds = state.counts.begin(name, isKnown: user != nil, from: source, at: .now) {
                return .said(.locked(seconds: seconds))
            }
            guard state.waiting <= Self.mostWaiting else {
                state.counts.takeBack(name, isKnown: user != nil, from: source)
                return .said(.busy)
            }
            state.waiting += 1
            // Who is nobody is looked at as one of the others, always the same one.
            let sum = SHA256.hash(data: Array(name.utf8)).withUnsafeBytes { $0.load(as: UInt32.self) }
            return .look((user ?? state.users[Int(sum) % state.users.count]).password, user: user)
        }
        guard case .look(let hash, let user) = next else {
            if case .said(let verdict) = next { return verdict }
            return .wrong
        }
        defer { state.withLock { $0.waiting -= 1 } }
        let fits = try await withCheckedThrowingContinuation { continuation in
            queue.async { continuation.resume(with: Result { try hash.fits(password) }) }
        }
        guard fits, let user else { return .wrong }
        state.withLock { $0.counts.succeed(name, from: source) }
        return .good(name: user.name, role: user.role, proof: Self.proof(of: hash))
    }

    /// What a session keeps of the password that began it: no help to guess it by, and another where the password is.
    private static func proof(of hash: PasswordHash) -> [UInt8] {
        Array(SHA256.hash(data: Array(hash.text.utf8)))
    }
}
