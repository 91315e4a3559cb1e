package import FoundationEssentials
package import Settings

/// Who may use the page: links that are good once, and the sessions that came of them; without I/O and without a clock.
///
/// It holds hashes only: what it is given to keep is no good for logging in.
package struct WebSessions: Sendable {
    /// How long a link is good.
    package static let linkLife: TimeInterval = 5 * 60
    /// How long a session lives without a request.
    package static let idle: TimeInterval = 12 * 3600
    /// How long a session lives at most.
    package static let longest: TimeInterval = 30 * 86_400
    /// Links beyond this many push out the oldest.
    package static let mostLinks = 16
    /// Sessions beyond this many push out the one that was quiet for longest.
    package static let mostSessions = 64

    private struct Link: Sendable {
        let hash: [UInt8]
        let role: WebRole
        let until: Date
        var isUsed = false
    }

    /// A session as it is kept.
    package struct Session: Sendable, Hashable, Codable {
        /// What people call it; no good for logging in.
        package let id: String
        package let hash: [UInt8]
        /// Of what the page sends with each request that changes something.
        package let key: [UInt8]
        package let role: WebRole
        package let begunAt: Date
        package var seenAt: Date
        /// What the browser calls itself.
        package let browser: String
        /// Who logged in by a password; nil for a link.
        package var user: String?
        /// Of the password that they had then.
        package var proof: [UInt8]?

        package func isOver(at now: Date) -> Bool {
            now.timeIntervalSince(seenAt) >= WebSessions.idle || now.timeIntervalSince(begunAt) >= WebSessions.longest
        }
    }

    /// What becomes of a link.
    package enum Redemption: Sendable, Equatable {
        case good(WebRole)
        /// It was used before.
        case used
        /// Its time is over, or there never was such a one.
        case unknown
    }

    private var links: [Link] = []
    package private(set) var sessions: [Session] = []

    package init(_ sessions: [Session] = []) { self.sessions = sessions }

    /// Takes a link in; returns until when it is good.
    package mutating func add(link hash: [UInt8], role: WebRole, at now: Date) -> Date {
        links.removeAll { $0.until <= now }
        if links.count >= Self.mostLinks { links.removeFirst() }
        let until = now.addingTimeInterval(Self.linkLife)
        links.append(Link(hash: hash, role: role, until: until))
        return until
    }

    /// Uses a link, which is good no more afterwards.
    package mutating func redeem(link hash: [UInt8], at now: Date) -> Redemption {
        guard let index = links.firstIndex(where: { $0.hash == hash && $0.until > now }) else { return .unknown }
        guard !links[index].isUsed else { return .used }
        links[index].isUsed = true
        return .good(links[index].role)
    }

    package mutating func begin(_ session: Session) {
        sessions.removeAll { $0.isOver(at: session.begunAt) }
        if sessions.count >= Self.mostSessions, let quiet = sessions.min(by: { $0.seenAt < $1.seenAt }) {
            sessions.removeAll { $0.id == quiet.id }
        }
        sessions.append(session)
    }

    /// The session that a cookie stands for; it lives on from here.
    package mutating func session(_ hash: [UInt8], at now: Date) -> Session? {
        guard let index = sessions.firstIndex(where: { $0.hash == hash }) else { return nil }
        guard !sessions[index].isOver(at: now) else {
            sessions.remove(at: index)
            return nil
        }
        sessions[index].seenAt = max(now, sessions[index].seenAt)
        return sessions[index]
    }

    /// Whether a session still lives, which looking does not prolong.
    package func lives(_ id: String, at now: Date) -> Bool { sessions.contains { $0.id == id && !$0.isOver(at: now) } }

    /// Ends a session; returns whether there was one.
    package mutating func end(_ id: String) -> Bool {
        end { $0.id == id }
    }

    /// Ends those that may not be any more; returns whether there was one.
    package mutating func end(where isOver: (Session) -> Bool) -> Bool {
        let count = sessions.count
        sessions.removeAll(where: isOver)
        return sessions.count < count
    }

    /// Those that live, the latest first.
    package func list(at now: Date) -> [Session] {
        sessions.filter { !$0.isOver(at: now) }.sorted { $0.seenAt > $1.seenAt }
    }
}
