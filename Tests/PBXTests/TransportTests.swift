import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import Synchronization
import Testing
import WebRequests

@testable import PBX

/// An HTTP server that behaves as badly as it is told.
final class BadServer: Sendable {
    enum Manner: Sendable {
        case reply(Int, [(String, String)], String)
        case huge
        case garbage
        case half
        case reset
        case silent
        case drip
    }

    private final class State: Sendable {
        let requests = Mutex<[(head: HTTPRequestHead, body: [UInt8])]>([])
        let manners: Mutex<[Manner]>

        init(_ manners: [Manner]) { self.manners = Mutex(manners) }
    }

    private final class Handler: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        private let state: State
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(_ state: State) { self.state = state }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let part): body += part.readableBytesView
            case .end:
                guard let head else { return }
                state.requests.withLock { $0.append((head, body)) }
                let manner = state.manners.withLock { $0.count > 1 ? $0.removeFirst() : $0.first }
                answer(manner ?? .silent, context)
            }
        }

        private func answer(_ manner: Manner, _ context: ChannelHandlerContext) {
            let channel = context.channel
            func raw(_ text: String) {
                channel.pipeline.context(handlerType: ByteWriter.self)
                    .whenSuccess { $0.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil) }
            }
            switch manner {
            case .reply(let status, let headers, let text):
                let lines = headers.map { "\($0.0): \($0.1)\r\n" }.joined()
                raw("HTTP/1.1 \(status) X\r\nContent-Length: \(text.utf8.count)\r\n\(lines)\r\n\(text)")
            case .huge:
                raw("HTTP/1.1 200 OK\r\nContent-Length: 70000\r\n\r\n" + String(repeating: "x", count: 70_000))
            case .garbage: raw("SSH-2.0-OpenSSH_9.2p1\r\n\r\n")
            case .half:
                raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"id\":")
                channel.close(promise: nil)
            case .reset:
                (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    .whenComplete { _ in channel.close(promise: nil) }
            case .silent: break
            case .drip: raw("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
            }
        }
    }

    /// Marks the place in the pipeline from which bytes are written as they are.
    private final class ByteWriter: ChannelOutboundHandler, Sendable {
        typealias OutboundIn = ByteBuffer
    }

    private let state: State
    private let channel: any Channel

    init(_ manners: Manner..., certificate: (chain: String, key: String)? = nil) async throws {
        let state = State(manners)
        self.state = state
        var security: NIOSSLContext?
        if let certificate {
            let chain = try NIOSSLCertificate.fromPEMFile(certificate.chain)
                .map { NIOSSLCertificateSource.certificate($0) }
            let key = NIOSSLPrivateKeySource.privateKey(try NIOSSLPrivateKey(file: certificate.key, format: .pem))
            security = try NIOSSLContext(
                configuration: .makeServerConfiguration(certificateChain: chain, privateKey: key)
            )
        }
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { [security] channel in
                channel.eventLoop.makeCompletedFuture {
                    if let security {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: security))
                    }
                    try channel.pipeline.syncOperations.addHandler(ByteWriter())
                    try channel.pipeline.syncOperations.addHandler(ByteToMessageHandler(HTTPRequestDecoder()))
                    try channel.pipeline.syncOperations.addHandler(Handler(state))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }

    var port: Int { channel.localAddress?.port ?? 0 }
    var requests: [(head: HTTPRequestHead, body: [UInt8])] { state.requests.withLock { $0 } }

    func close() async throws { try await channel.close() }
}

@Suite("Transport over the network", .timeLimit(.minutes(10)))
struct TransportTests {
    private static func request(
        _ port: Int,
        scheme: String = "http",
        host: String = "127.0.0.1",
        effect: WebRequest.Effect = .once
    ) throws -> WebRequest {
        let base = RequestURL(try #require(WebAddress("\(scheme)://\(host):\(port)")))
        return .json(.post, base.appending("call"), .object(["to": .string("1")]), effect: effect)
    }

    private static func send(
        _ request: WebRequest,
        within limit: Duration = .seconds(60),
        authority: String? = nil
    ) async throws -> Result<HTTPReply, TransportFailure> {
        let transport = AsyncHTTPTransport(certificateAuthority: authority, connectLimit: .seconds(60))
        let result: Result<HTTPReply, TransportFailure>
        do throws(TransportFailure) {
            result = .success(try await transport.send(request, within: limit))
        } catch {
            result = .failure(error)
        }
        try await transport.close()
        return result
    }

    private static func against(
        _ manner: BadServer.Manner,
        within limit: Duration = .seconds(30)
    ) async throws -> (Result<HTTPReply, TransportFailure>, BadServer) {
        let server = try await BadServer(manner)
        let result = try await send(try request(server.port), within: limit)
        try await server.close()
        return (result, server)
    }

    @Test("a request arrives as it was made, once, on a connection of its own")
    func arrives() async throws {
        let (result, server) = try await Self.against(.reply(201, [("X-A", "b")], "{\"id\":1}"))
        let reply = try result.get()
        #expect(reply.status == 201)
        #expect(reply.header("x-a") == "b")
        #expect(reply.json?["id"]?.scalar == "1")
        #expect(server.requests.count == 1)
        #expect(server.requests.first?.head.uri == "/call")
        #expect(server.requests.first?.head.headers["connection"] == ["close"])
        #expect(server.requests.first.map { String(decoding: $0.body, as: UTF8.self) } == #"{"to":"1"}"#)
    }

    @Test("a redirect is not followed")
    func redirect() async throws {
        let (result, server) = try await Self.against(.reply(302, [("Location", "http://127.0.0.1:1/")], ""))
        #expect(try result.get().status == 302)
        #expect(server.requests.count == 1)
    }

    @Test(
        "whatever a server does after it got the request, the request counts as arrived, and went out once",
        arguments: [
            (BadServer.Manner.half, TransportFailure.Reason.closed), (.reset, .closed), (.garbage, .malformed),
            (.huge, .tooLong),
        ]
    )
    func faults(_ manner: BadServer.Manner, _ reason: TransportFailure.Reason) async throws {
        let (result, server) = try await Self.against(manner)
        guard case .failure(let failure) = result else {
            Issue.record("\(manner) is no answer")
            return
        }
        #expect(failure.mayHaveArrived)
        // On a machine that is busy enough, the limit may be noticed before the end of the connection.
        #expect(failure.reason == reason || failure.reason == .late)
        #expect(server.requests.count == 1)
    }

    @Test(
        "a server that says nothing, or never comes to an end, is given up in time",
        arguments: [BadServer.Manner.silent, .drip]
    )
    func slow(_ manner: BadServer.Manner) async throws {
        let (result, server) = try await Self.against(manner, within: .seconds(3))
        guard case .failure(let failure) = result else {
            Issue.record("no answer is no answer")
            return
        }
        #expect(failure.reason == .late)
        // On a machine that is busy enough, the time is up before anything was sent; what was sent counts as arrived.
        #expect(server.requests.count <= 1)
        #expect(failure.mayHaveArrived || server.requests.isEmpty)
    }

    @Test("a port where nobody listens is known to have got nothing")
    func refused() async throws {
        // Port 1 (tcpmux) is never handed out, unlike one that was free a moment ago.
        let result = try await Self.send(try Self.request(1))
        #expect(result.failure == TransportFailure(.obstacle(.connection), mayHaveArrived: false))
    }

    @Test("a name that nobody has is told as such")
    func name() async throws {
        let result = try await Self.send(try Self.request(1, scheme: "https", host: "pbx.invalid"))
        #expect(result.failure == TransportFailure(.obstacle(.name), mayHaveArrived: false))
    }

    @Test("plain HTTP leaves the own network only when that was decided")
    func plain() async throws {
        let result = try await Self.send(try Self.request(1, host: "pbx.invalid"))
        #expect(result.failure == TransportFailure(.forbidden, mayHaveArrived: false))
    }

    @Test("a certificate is checked against the system, or the CA file, and against the host's name")
    func certificates() async throws {
        let folder = try Certificates.make()
        defer { Certificates.remove(folder) }
        let server = try await BadServer(
            .reply(200, [], "{}"),
            certificate: (folder + "/server.pem", folder + "/server.key")
        )
        func outcome(_ host: String, _ authority: String?) async throws -> Result<HTTPReply, TransportFailure> {
            try await Self.send(try Self.request(server.port, scheme: "https", host: host), authority: authority)
        }
        let untrusted = TransportFailure(.obstacle(.certificate), mayHaveArrived: false)
        #expect(try await outcome("localhost", nil).failure == untrusted)
        #expect(try await outcome("127.0.0.1", folder + "/ca.pem").failure == untrusted)
        #expect(try await outcome("localhost", folder + "/missing.pem").failure == untrusted, "missing CA file")
        #expect(server.requests.isEmpty)
        #expect(try await outcome("localhost", folder + "/ca.pem").get().status == 200)
        try await server.close()
    }

    @Test("a reply that is lost after the PBX acted makes no second call")
    func lostReply() async throws {
        let server = try await BadServer(.reset, .reply(200, [], "{}"))
        let account = try Rig.account(.placetel, "http://127.0.0.1:\(server.port)") { $0.options.device = "x" }
        let transport = PatientTransport()
        let connection = PBXConnection(account: account, transport: transport, now: transport.now)
        do {
            _ = try await connection.requestCallback(try Rig.callback())
            Issue.record("a lost reply is no success")
        } catch let error as PBXError {
            #expect(error.kind == .ambiguous)
        }
        #expect(server.requests.count == 1)
        try await transport.network.close()
        try await server.close()
    }

    @Test("a transport that is let go of unclosed ends nothing but itself, used or not")
    func unclosed() async throws {
        _ = AsyncHTTPTransport()
        let server = try await BadServer(.reply(200, [], "{}"))
        let transport = AsyncHTTPTransport()
        #expect(try await transport.send(Self.request(server.port), within: .seconds(60)).status == 200)
        try await server.close()
    }

    @Test("503 with Retry-After is asked again over the network")
    func retryAfter() async throws {
        let server = try await BadServer(.reply(503, [("Retry-After", "0")], ""), .reply(201, [], ""))
        let account = try Rig.account(.placetel, "http://127.0.0.1:\(server.port)") { $0.options.device = "x" }
        let transport = PatientTransport()
        let connection = PBXConnection(account: account, transport: transport, now: transport.now)
        #expect(try await connection.requestCallback(try Rig.callback()) == nil)
        #expect(server.requests.count == 2)
        try await transport.network.close()
        try await server.close()
    }
}

/// The network for a machine that is busy with something else: limits of time don't strike, and no time passes.
private struct PatientTransport: HTTPTransport {
    let network = AsyncHTTPTransport()
    let now: @Sendable () -> ContinuousClock.Instant = { [start = ContinuousClock.now] in start }

    func send(_ request: WebRequest, within limit: Duration) async throws(TransportFailure) -> HTTPReply {
        try await network.send(request, within: .seconds(600))
    }
}

extension Result {
    fileprivate var failure: Failure? {
        if case .failure(let failure) = self { return failure }
        return nil
    }
}

/// A CA and a certificate for `localhost`, made with the tool of OpenSSL.
private enum Certificates {
    struct Failed: Error {}

    static func make() throws -> String {
        var template = Array("/tmp/gsmbridge-pbx-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failed() }
        let folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let script = """
            cd \(folder) && exec 2>/dev/null >/dev/null &&
            openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=Test-CA \
              -keyout ca.key -out ca.pem &&
            openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost -keyout server.key -out server.csr &&
            printf 'subjectAltName=DNS:localhost' > ext &&
            openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile ext -out server.pem
            """
        guard run(script) else { throw Failed() }
        return folder
    }

    static func remove(_ folder: String) { _ = run("rm -r \(folder)") }

    private static func run(_ script: String) -> Bool {
        var child: pid_t = 0
        let words: [String] = ["sh", "-c", script]
        var arguments: [UnsafeMutablePointer<CChar>?] = words.map { strdup($0) }
        arguments.append(nil)
        defer { for argument in arguments { free(argument) } }
        guard posix_spawn(&child, "/bin/sh", nil, nil, &arguments, environ) == 0 else { return false }
        var status: Int32 = 0
        return waitpid(child, &status, 0) == child && status == 0
    }
}
