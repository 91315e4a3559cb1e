internal import FoundationEssentials
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import ServiceFigures
internal import Settings
internal import Synchronization
internal import TextCoding
internal import WebAccess
internal import WebRequests

/// Answers browsers: the page's files, its views, the way in, and the interface for those who are in.
struct WebResponder: Sendable {
    /// What answers below `/v1`; its role is that of the session.
    let interface: ControlResponder
    let door: WebDoor
    let isSecure: Bool
    let guesses: WrongLinks

    /// Wrong links, counted by where they come from.
    final class WrongLinks: Sendable {
        private let table: Mutex<RefusalTable>

        init(_ limits: ControlLimits) {
            table = Mutex(RefusalTable(most: limits.wrongTokens, window: limits.tokenWindow))
        }

        /// Takes note of one; returns the seconds to wait when there were too many already.
        func refused(_ source: RequestSource) -> Int? { table.withLock { $0.refused(source, at: .now) } }
    }

    func respond(to request: Request, over channel: any Channel) async -> Response {
        var response = await Response.made { try await answer(request, channel) }
        WebGuard.close(&response, isTrusted: WebGuard.isTrusted(request, isSecure: isSecure))
        interface.metrics.answered(.page, status: response.status.code)
        return response
    }

    private func answer(_ request: Request, _ channel: any Channel) async throws -> Response {
        guard interface.hosts().include(request.head.authority) else {
            throw Problem(.misdirected, "this is no host of that name; a name of this box belongs into web.names")
        }
        guard request.uri.string.utf8.count <= interface.limits.address else {
            throw Problem(.tooLong, "the address has more than \(interface.limits.address) bytes")
        }
        let path = request.uri.path
        if path == "/v1" || path.hasPrefix("/v1/") { return try await interface(request, channel) }
        if path == "/login", request.method == .post {
            return Self.isForm(request)
                ? try await enterByForm(request, channel) : try await enter(request, channel)
        }
        if path == "/logout", request.method == .post { return try await leave(request) }
        if path == "/logout" { return Self.wrongMethod(path, "POST") }
        guard request.method == .get || request.method == .head else {
            return Self.wrongMethod(path, path == "/login" ? "GET, HEAD, POST" : "GET, HEAD")
        }
        let response = try await look(at: path, request)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private func look(at path: String, _ request: Request) async throws -> Response {
        let isTemplate = path.hasSuffix(".html")
        if !isTemplate, let file = WebFile.all[String(path.dropFirst())] { return Self.file(file, for: request) }
        let texts = Self.texts(for: request)
        if path == "/login" { return Self.entrance(texts, door) }
        guard let view = WebShell.View(path: path) else {
            // Programs are told as they like it, people as they do.
            guard request.headers[.accept]?.contains("text/html") == true else {
                throw Problem(.notFound, "there is nothing at \(path)")
            }
            var response = Self.html(WebShell(texts: texts, role: .see).nothing())
            response.status = .notFound
            return response
        }
        guard let session = session(of: request) else { return Self.seeOther("/login") }
        let shell = WebShell(texts: texts, role: session.role)
        // Nil where it can't be read, which the view says.
        let log = view == .calls ? try? await interface.control.loggedCalls(CallLogQuery()) : nil
        return Self.html(shell.page(view, of: try await interface.control.status(), log: log))
    }

    // MARK: The way in and out

    /// What a browser brings: the token of a link, or name and password.
    private struct Entry: RequestBodyFormat {
        static let fields = ["token", "user", "password"]

        let token: String?
        let user: String?
        let password: String?
    }

    /// The most bytes of what a browser brings: a password, each byte of it percent-encoded.
    private static let longestEntry = 1024

    /// What the page's script keeps, and sends with each request that changes something.
    private struct Welcome: Encodable {
        let key: String
    }

    private func enter(_ request: Request, _ channel: any Channel) async throws -> Response {
        // No session is at stake here yet, but nobody else is to log this browser in (login CSRF).
        guard WebGuard.isOwn(request, isSecure: isSecure) else { throw Self.foreign }
        let question = ControlQuestion(
            responder: interface,
            request: request,
            parameter: "",
            channel: channel,
            right: .everything
        )
        let entry = try await question.content(Entry.self, upTo: Self.longestEntry)
        let source = RequestSource(channel.remoteAddress)
        let pass: WebDoor.Pass
        switch (entry.token, entry.user, entry.password) {
        case (let token?, nil, nil): pass = try await redeem(token, request, source)
        case (nil, let user?, let password?): pass = try await match(user, password, request, source)
        default: throw Problem(.invalid, "bring a token, or user and password")
        }
        var response = try Response.json(Welcome(key: pass.key))
        response.headers[.setCookie] = WebCookie.setting(pass.cookie, isSecure: isEncrypted(request))
        return response
    }

    /// The form of the way in as browsers without scripts send it: they look, and change nothing, as the key stays here.
    private func enterByForm(_ request: Request, _ channel: any Channel) async throws -> Response {
        do {
            guard WebGuard.isOwn(request, isSecure: isSecure) else { throw Self.foreign }
            channel.triggerUserOutboundEvent(MessageGuard.WantsContent(), promise: nil)
            let body = try await request.body.collect(upTo: Self.longestEntry)
            guard let fields = FormFields(body: Array(body.readableBytesView)), let user = fields["user"],
                let password = fields["password"]
            else { throw Problem(.invalid, "bring user and password") }
            let pass = try await match(user, password, request, RequestSource(channel.remoteAddress))
            var response = Self.seeOther("/")
            response.headers[.setCookie] = WebCookie.setting(pass.cookie, isSecure: isEncrypted(request))
            return response
        } catch {
            let problem = error as? Problem
            let text =
                switch problem?.kind {
                case .forbidden?: "login.wrong"
                case .tooMany?: "login.locked"
                default: "login.failed"
                }
            var response = Self.entrance(Self.texts(for: request), door, trouble: text)
            response.status = .init(code: problem?.status ?? 400)
            if let problem { response.headers[.retryAfter] = problem.response.headers[.retryAfter] }
            return response
        }
    }

    private static func isForm(_ request: Request) -> Bool {
        request.headers[.contentType]?.split(separator: ";").first?.trimmed.lowercased()
            == "application/x-www-form-urlencoded"
    }

    /// What a right password is good for.
    private func match(
        _ user: String,
        _ password: String,
        _ request: Request,
        _ source: RequestSource
    ) async throws -> WebDoor.Pass {
        guard (1...64).contains(user.utf8.count), (1...PasswordHash.longest).contains(password.utf8.count) else {
            throw Problem(.forbidden, "name or password is wrong")
        }
        let browser = request.headers[.userAgent] ?? ""
        let (pass, verdict) = try await door.enter(user, password: password, browser: browser, from: source)
        if let pass { return pass }
        switch verdict {
        case .locked(let seconds):
            throw Problem(.tooMany, "too many wrong passwords; try again in \(seconds) seconds", retryAfter: seconds)
        case .busy: throw Problem(.unavailable, "other passwords are being looked at; try again", retryAfter: 5)
        case .wrong, .good: throw Problem(.forbidden, "name or password is wrong")
        }
    }

    /// What a link's token is good for.
    private func redeem(
        _ token: String,
        _ request: Request,
        _ source: RequestSource
    ) async throws -> WebDoor.Pass {
        let (pass, redemption) = door.enter(
            token,
            browser: request.headers[.userAgent] ?? "",
            from: source.address
        )
        if let pass { return pass }
        do {
            if let seconds = guesses.refused(source) {
                throw Problem(.tooMany, "too many wrong links; try again in \(seconds) seconds", retryAfter: seconds)
            }
            door.tell(refused: redemption, from: source.address)
            try await Task.sleep(for: interface.limits.tokenDelay)
            let why = redemption == .used ? "this link was used already" : "this link is no longer good"
            throw Problem(.forbidden, "\(why); make a new one with: gsmbridge web login")
        }
    }

    private func leave(_ request: Request) async throws -> Response {
        guard let session = session(of: request) else { throw Self.outside }
        try check(request, session)
        try door.end(session.id)
        // Its streams see at once that they are not wanted any more.
        interface.streams.sign()
        var response = Response(status: .noContent)
        response.headers[.setCookie] = WebCookie.setting(nil, isSecure: isEncrypted(request))
        return response
    }

    // MARK: The interface

    private func interface(_ request: Request, _ channel: any Channel) async throws -> Response {
        guard !WebGuard.isForeign(request) else { throw Self.foreign }
        guard let session = session(of: request) else { throw Self.outside }
        if request.method != .get, request.method != .head { try check(request, session) }
        var responder = interface
        responder.session = WebCaller(id: session.id, role: session.role, browser: session.browser)
        return await responder.respond(to: request, over: channel)
    }

    /// Whether the browser's connection is, to us or to a reverse proxy before us.
    private func isEncrypted(_ request: Request) -> Bool {
        isSecure || request.headers[named: "Origin"]?.hasPrefix("https://") == true
    }

    private func session(of request: Request) -> WebSessions.Session? {
        WebCookie.session(isSecure: isSecure) { WebCookie.value($0, of: request) }.flatMap(door.session)
    }

    /// Refuses what could have been begun by a page of a stranger.
    private func check(_ request: Request, _ session: WebSessions.Session) throws(Problem) {
        let key = request.headers[named: WebGuard.header]
        guard WebGuard.isOwn(request, isSecure: isSecure), let key else { throw Self.foreign }
        guard WebDoor.opens(session, with: key) else {
            throw Problem(.unauthorized, "this browser has lost the key of its session; log in again")
        }
    }

    private static let outside = Problem(
        .unauthorized,
        "there is no session; log in with a link of: gsmbridge web login"
    )
    private static let foreign = Problem(.forbidden, "this request does not come from the page itself")

    // MARK: Answers

    private static func file(_ file: WebFile, for request: Request) -> Response {
        // Asked for again each time, and sent only where it has changed: a new program has a new page at once.
        let isPacked = file.packed != nil && WebFile.isPackedTaken(request.headers[.acceptEncoding])
        let (bytes, tag) = isPacked ? file.packed ?? (file.bytes, file.tag) : (file.bytes, file.tag)
        var headers: HTTPFields = [.eTag: tag, .cacheControl: "no-cache"]
        if file.packed != nil { headers[.vary] = "Accept-Encoding" }
        let known = request.headers[.ifNoneMatch]?.split(separator: ",").map(\.trimmed) ?? []
        if known.contains(tag[...]) || known == ["*"] { return Response(status: .notModified, headers: headers) }
        if isPacked { headers[.contentEncoding] = "gzip" }
        headers[.contentType] = file.type
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)))
    }

    /// The way in; only there a form is sent, and with the usual policy its `Origin` would be null (Fetch, 3.2).
    private static func entrance(_ texts: WebTexts, _ door: WebDoor, trouble: String? = nil) -> Response {
        let shell = WebShell(texts: texts, role: .see)
        var response = html(shell.login(hasPasswords: door.passwords.areThere, trouble: trouble))
        response.headers[named: "Referrer-Policy"] = "same-origin"
        return response
    }

    private static func texts(for request: Request) -> WebTexts {
        WebTexts(
            WebCookie.value(WebCookie.language, of: request)
                ?? WebTexts.preferred(request.headers[named: "Accept-Language"])
        )
    }

    private static func html(_ text: String) -> Response { .text(text, type: "text/html; charset=utf-8") }

    private static func wrongMethod(_ path: String, _ allowed: String) -> Response {
        var response = Problem(.methodNotAllowed, "\(path) takes \(allowed)").response
        response.headers[.allow] = allowed
        return response
    }

    private static func seeOther(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path])
    }
}

/// Who asks by the page.
struct WebCaller: Sendable {
    let id: String
    let role: WebRole
    /// What the browser calls itself.
    let browser: String
}
