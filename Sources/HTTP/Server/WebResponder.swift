internal import FoundationEssentials
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import NIOCore
internal import Synchronization
internal import TextCoding

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
        WebGuard.close(&response)
        return response
    }

    private func answer(_ request: Request, _ channel: any Channel) async throws -> Response {
        guard interface.hosts.include(request.head.authority) else {
            throw Problem(.misdirected, "this is no host of that name; a name of this box belongs into web.names")
        }
        guard request.uri.string.utf8.count <= interface.limits.address else {
            throw Problem(.tooLong, "the address has more than \(interface.limits.address) bytes")
        }
        let path = request.uri.path
        if path == "/v1" || path.hasPrefix("/v1/") { return try await interface(request, channel) }
        if path == "/login", request.method == .post { return try await enter(request, channel) }
        if path == "/logout", request.method == .post { return try await leave(request) }
        guard request.method == .get else { throw Problem(.methodNotAllowed, "\(path) takes GET") }
        let isTemplate = path.hasSuffix(".html")
        if !isTemplate, let file = WebFile.all[String(path.dropFirst())] { return Self.file(file, for: request) }
        let texts = WebTexts(
            WebCookie.value(WebCookie.language, of: request)
                ?? WebTexts.preferred(request.headers[named: "Accept-Language"])
        )
        if path == "/login" { return Self.html(WebShell(texts: texts, role: .see).login()) }
        guard let view = WebShell.View(path: path) else { throw Problem(.notFound, "there is nothing at \(path)") }
        guard let session = session(of: request) else { return Self.seeOther("/login") }
        let shell = WebShell(texts: texts, role: session.role)
        // A log that can't be read is said by the script, which asks for it again.
        let log = view == .calls ? try? await interface.control.loggedCalls(CallLogQuery()) : nil
        return Self.html(shell.page(view, of: try await interface.control.status(), log: log))
    }

    // MARK: The way in and out

    /// What a browser brings that comes by a link.
    private struct Entry: RequestBodyFormat {
        static let fields = ["token"]

        let token: String
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
        let token = try await question.content(Entry.self, upTo: 1024).token
        let (cookie, redemption) = door.enter(token, browser: request.headers[.userAgent] ?? "")
        switch redemption {
        case .good: break
        case .used, .unknown:
            if let seconds = guesses.refused(RequestSource(channel.remoteAddress)) {
                throw Problem(.tooMany, "too many wrong links; try again in \(seconds) seconds", retryAfter: seconds)
            }
            try await Task.sleep(for: interface.limits.tokenDelay)
            let why = redemption == .used ? "this link was used already" : "this link is no longer good"
            throw Problem(.forbidden, "\(why); make a new one with: gsmbridge web login")
        }
        var response = Response(status: .noContent)
        response.headers[.setCookie] = WebCookie.setting(cookie, isSecure: isEncrypted(request))
        return response
    }

    private func leave(_ request: Request) async throws -> Response {
        try check(request)
        guard let session = session(of: request) else { throw Self.outside }
        try door.end(session.id)
        var response = Response(status: .noContent)
        response.headers[.setCookie] = WebCookie.setting(nil, isSecure: isEncrypted(request))
        return response
    }

    // MARK: The interface

    private func interface(_ request: Request, _ channel: any Channel) async throws -> Response {
        guard !WebGuard.isForeign(request) else { throw Self.foreign }
        guard let session = session(of: request) else { throw Self.outside }
        if request.method != .get { try check(request) }
        var responder = interface
        responder.session = WebCaller(id: session.id, role: session.role)
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
    private func check(_ request: Request) throws(Problem) {
        guard WebGuard.isOwn(request, isSecure: isSecure), request.headers[named: WebGuard.header] != nil else {
            throw Self.foreign
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
        var headers: HTTPFields = [.eTag: file.tag, .cacheControl: "no-cache"]
        let known = request.headers[.ifNoneMatch]?.split(separator: ",").map(\.trimmed) ?? []
        if known.contains(file.tag[...]) || known == ["*"] { return Response(status: .notModified, headers: headers) }
        headers[.contentType] = file.type
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }

    private static func html(_ text: String) -> Response { .text(text, type: "text/html; charset=utf-8") }

    private static func seeOther(_ path: String) -> Response {
        Response(status: .seeOther, headers: [.location: path])
    }
}

/// Who asks by the page.
struct WebCaller: Sendable {
    let id: String
    let role: WebRole
}
