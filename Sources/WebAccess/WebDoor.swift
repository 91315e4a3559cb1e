internal import Crypto
package import FoundationEssentials
package import GatewayAPI
package import Logging
package import Settings
internal import SmallFiles
internal import Synchronization

/// The door of the page: makes links, lets browsers in, knows its sessions, which outlive a restart of the service.
package final class WebDoor: Sendable {
    /// A link, as those who asked for it get it.
    package struct Link: Sendable, Codable {
        /// Where a browser is to go.
        package var link: String
        package var role: WebRole
        /// Until when it is good, for one use.
        package var expiresAt: Date

        private enum CodingKeys: String, CodingKey {
            case link
            case role
            case expiresAt = "expires_at"
        }
    }

    /// A session as people see it.
    package struct SessionStatus: Sendable, Codable {
        package var session: String
        package var role: WebRole
        /// Who logged in by a password; nil for a link.
        package var user: String?
        package var browser: String
        package var begunAt: Date
        package var seenAt: Date
        /// Whether it is that of the one who asks.
        package var own: Bool

        private enum CodingKeys: String, CodingKey {
            case session
            case role
            case user
            case browser
            case begunAt = "begun_at"
            case seenAt = "seen_at"
            case own
        }
    }

    /// What a browser holds of its session.
    ///
    /// The cookie goes to every port of its host, and so may be read by another program there; the key stays in the
    /// page's own storage, which belongs to one port. Nothing is changed without it.
    package struct Pass: Sendable {
        package let cookie: String
        package let key: String
    }

    private struct State {
        var sessions: WebSessions
        /// Where the page is; nil while it is not open.
        var place: String?
        /// Why it is not open.
        var trouble: String?
        /// When the sessions were last written down.
        var keptAt = Date.distantPast
    }

    /// How old what is written down of a session's last request may be.
    private static let keepsEvery: TimeInterval = 600
    /// The most bytes of the file.
    private static let largest = 256 * 1024

    /// The calls whose sound is kept for a session, the oldest first: twice as many as may have sound at once.
    private static let mostSeats = 128

    package let passwords = WebPasswords()
    private let state: Mutex<State>
    private let seats = Mutex<[(call: UUID, session: String)]>([])
    /// Held by who writes.
    private let writing = Mutex(())
    private let file: String?
    private let logger: Logger
    private let clock: @Sendable () -> Date

    /// Creates the door, with the sessions that are written down.
    ///
    /// - Parameters:
    ///   - file: where sessions are kept; nil for nowhere.
    ///   - logger: who is told who comes and goes; no secret is.
    ///   - clock: tells the time.
    package init(file: String?, logger: Logger, clock: @escaping @Sendable () -> Date = { Date() }) {
        self.file = file
        self.logger = logger
        self.clock = clock
        let kept = file.flatMap { try? SmallFile.read($0, limit: Self.largest) }
            .flatMap { try? WireFormat.decode([WebSessions.Session].self, from: $0) }
        state = Mutex(State(sessions: WebSessions(kept ?? [])))
    }

    /// Takes over who may log in with a password; sessions of those who may not any more, or not so, are over.
    package func take(_ users: [WebUser]) {
        passwords.replace(users)
        let ended = state.withLock { $0.sessions.end { !passwords.stand(behind: $0) } }
        if ended { keep() }
    }

    // MARK: Where it is

    /// The page can be reached from here on.
    package func open(at place: String) { state.withLock { ($0.place, $0.trouble) = (place, nil) } }

    /// The page can't be reached.
    package func shut(because reason: String) { state.withLock { ($0.place, $0.trouble) = (nil, reason) } }

    // MARK: Seats in calls

    /// What became of a wish for a call's sound.
    package enum Seating: Sendable {
        case new
        /// It was this session's already.
        case own
        case others
    }

    /// Keeps a call's sound for the session that asked for it.
    package func keepSeat(in call: UUID, for session: String) -> Seating {
        seats.withLock { seats in
            if let owner = seats.first(where: { $0.call == call }) { return owner.session == session ? .own : .others }
            // More than may live at once: what is here longest is over.
            if seats.count >= Self.mostSeats { seats.removeFirst() }
            seats.append((call, session))
            return .new
        }
    }

    /// It was not had, or the call is over.
    package func giveUpSeat(in call: UUID) { seats.withLock { $0.removeAll { $0.call == call } } }

    /// Whether a session may hear and speak in a call: it asked for that, or nobody at the page did.
    package func maySit(in call: UUID, _ session: String) -> Bool {
        seats.withLock { $0.first { $0.call == call } }.map { $0.session == session } ?? true
    }

    // MARK: Links and sessions

    /// Makes a link that is good once.
    package func link(for role: WebRole) throws(ControlError) -> Link {
        let token = Self.random()
        let now = clock()
        let (place, until, trouble) = state.withLock { state -> (String?, Date, String?) in
            guard let place = state.place else { return (nil, now, state.trouble) }
            return (place, state.sessions.add(link: Self.hash(token), role: role, at: now), nil)
        }
        guard let place else { throw .unavailable(trouble ?? "the page is not open") }
        logger.info("a link to the page was made", metadata: ["role": "\(role.rawValue)"])
        return Link(link: "\(place)/login#\(token)", role: role, expiresAt: until)
    }

    /// Lets a browser in that brings a link's token.
    ///
    /// - Returns: what the browser is to hold, or why it is not let in.
    package func enter(
        _ token: String,
        browser: String,
        from source: String
    ) -> (pass: Pass?, redemption: WebSessions.Redemption) {
        let now = clock()
        let redemption = state.withLock { $0.sessions.redeem(link: Self.hash(token), at: now) }
        guard case .good(let role) = redemption else { return (nil, redemption) }
        return (begin(role, browser: browser, from: source), redemption)
    }

    /// Lets a browser in that brings the password of a person.
    ///
    /// - Returns: what the browser is to hold, or why it is not let in.
    package func enter(
        _ name: String,
        password: String,
        browser: String,
        from source: RequestSource
    ) async throws -> (pass: Pass?, verdict: WebPasswords.Verdict) {
        let verdict = try await passwords.check(name, password, from: source)
        guard case .good(let name, let role, let proof) = verdict else {
            // Five in ten minutes from each address: the log has room for that.
            if verdict == .wrong {
                logger.notice("a password for the page was refused", metadata: ["from": "\(source.address)"])
            }
            return (nil, verdict)
        }
        let pass = begin(role, user: name, proof, browser: browser, from: source.address)
        // Who was taken out of the configuration meanwhile is out.
        let isOver = state.withLock { $0.sessions.end { !passwords.stand(behind: $0) } }
        if isOver { keep() }
        return (pass, verdict)
    }

    /// Begins a session.
    private func begin(
        _ role: WebRole,
        user: String? = nil,
        _ proof: [UInt8]? = nil,
        browser: String,
        from source: String
    ) -> Pass {
        let (now, pass, id) = (clock(), Pass(cookie: Self.random(), key: Self.random()), String(UUID().name.prefix(8)))
        let session = WebSessions.Session(
            id: id,
            hash: Self.hash(pass.cookie),
            key: Self.hash(pass.key),
            role: role,
            begunAt: now,
            seenAt: now,
            browser: String(
                browser.unicodeScalars.prefix(160).filter { $0.value >= 0x20 && $0.value != 0x7F }.map(Character.init)
            ),
            user: user,
            proof: proof
        )
        state.withLock { state in
            state.sessions.begin(session)
            state.keptAt = now
        }
        var metadata: Logger.Metadata = ["session": "\(id)", "role": "\(role.rawValue)", "from": "\(source)"]
        if let user { metadata["user"] = "\(user)" }
        logger.info("a browser logged in at the page", metadata: metadata)
        keep()
        return pass
    }

    /// Tells of a link that was refused; who calls sees to it that this has a bound.
    package func tell(refused redemption: WebSessions.Redemption, from source: String) {
        let reason = redemption == .used ? "used already" : "unknown, or over"
        logger.notice("a link to the page was refused", metadata: ["reason": "\(reason)", "from": "\(source)"])
    }

    /// The session that a cookie stands for; nil where it is none, or over.
    package func session(_ cookie: String) -> WebSessions.Session? {
        let now = clock()
        let (session, isToBeKept) = state.withLock { state -> (WebSessions.Session?, Bool) in
            guard let session = state.sessions.session(Self.hash(cookie), at: now) else { return (nil, false) }
            guard now.timeIntervalSince(state.keptAt) >= Self.keepsEvery else { return (session, false) }
            state.keptAt = now
            return (session, true)
        }
        if isToBeKept { keep() }
        return session
    }

    /// Whether a browser that has a session's cookie has its key as well.
    package static func opens(_ session: WebSessions.Session, with key: String) -> Bool { session.key == hash(key) }

    /// Whether a session still lives.
    package func lives(_ id: String) -> Bool {
        let now = clock()
        return state.withLock { $0.sessions.lives(id, at: now) }
    }

    /// Ends a session.
    package func end(_ id: String) throws(ControlError) {
        guard state.withLock({ $0.sessions.end(id) }) else {
            throw .notFound("there is no session \(id.prefix(40))")
        }
        logger.info("a session of the page was ended", metadata: ["session": "\(id)"])
        guard keep() else {
            throw .failed("the session is over, but that can't be written down: it would live again after a restart")
        }
    }

    /// The sessions that live, the latest first.
    ///
    /// - Parameter own: the session of the one who asks.
    package func list(own: String?) -> [SessionStatus] {
        let now = clock()
        return state.withLock { $0.sessions.list(at: now) }
            .map {
                SessionStatus(
                    session: $0.id,
                    role: $0.role,
                    user: $0.user,
                    browser: $0.browser,
                    begunAt: $0.begunAt,
                    seenAt: $0.seenAt,
                    own: $0.id == own
                )
            }
    }

    // MARK: Inside

    /// Writes the sessions down as they are now, one writer at a time; returns whether that was done, or is not wanted.
    ///
    /// A new one that can't be written down is lost with the service, which costs a login and nothing else.
    @discardableResult private func keep() -> Bool {
        guard let file else { return true }
        return writing.withLock { _ in
            let sessions = state.withLock { $0.sessions.sessions }
            do {
                try SmallFile.makeDirectory(SmallFile.parent(of: file))
                try SmallFile.replace(file, with: try WireFormat.encode(sessions))
                return true
            } catch {
                logger.error("the sessions of the page can't be written down: \(error)")
                return false
            }
        }
    }

    private static func hash(_ text: String) -> [UInt8] { Array(SHA256.hash(data: Array(text.utf8))) }

    /// 32 random bytes as text that stands in links and cookies as it is (base64url without padding, RFC 4648, 5).
    private static func random() -> String {
        var generator = SystemRandomNumberGenerator()
        let bytes = (0..<32).map { _ in UInt8.random(in: 0...255, using: &generator) }
        return Data(bytes).base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
