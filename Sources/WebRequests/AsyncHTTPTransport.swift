internal import AsyncHTTPClient
internal import Glibc
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Synchronization

/// Carries requests over the network: HTTP/1.1, TLS 1.2 or later, checked against the system's trust store or a CA
/// file.
///
/// Every request has a connection of its own: requests are rare, and only so is it certain, when something fails,
/// whether the request was sent. Redirects, compression, cookies and proxies (also those of the environment) are not
/// used. There is no way to switch the checking of certificates off.
///
/// Call ``close()`` before letting go of it: only then has everything ended when that returns.
package final class AsyncHTTPTransport: HTTPTransport {
    /// How long a connection may take, TLS included.
    package static let connectLimit = Duration.seconds(5)

    private let client: HTTPClient
    private let certificateAuthority: String?
    private let allowsPlainHTTP: Bool

    /// Makes a transport.
    ///
    /// - Parameters:
    ///   - certificateAuthority: the path of a PEM file; then only its certificates are trusted, not the system's.
    ///   - allowsPlainHTTP: whether `http://` may be used outside the own network (``WebAddress/isPrivate``).
    ///   - connectLimit: how long a connection may take; ``connectLimit`` but in tests.
    package init(
        certificateAuthority: String? = nil,
        allowsPlainHTTP: Bool = false,
        connectLimit: Duration = AsyncHTTPTransport.connectLimit
    ) {
        var security = TLSConfiguration.makeClientConfiguration()
        security.minimumTLSVersion = .tlsv12
        security.certificateVerification = .fullVerification
        security.trustRoots = certificateAuthority.map(NIOSSLTrustRoots.file) ?? .default
        var configuration = HTTPClient.Configuration(tlsConfiguration: security)
        configuration.redirectConfiguration = .disallow
        configuration.timeout.connect = .nanoseconds(connectLimit.nanoseconds)
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        self.certificateAuthority = certificateAuthority
        self.allowsPlainHTTP = allowsPlainHTTP
    }

    // A client that is let go of while it is open ends a debug build; closing one twice does no harm.
    deinit { client.shutdown { _ in } }

    /// Ends what is under way and closes all connections.
    package func close() async throws { try await client.shutdown() }

    /// Sends one request.
    package func send(
        _ request: WebRequest,
        within limit: Duration
    ) async throws(TransportFailure) -> HTTPReply {
        let base = request.url.base
        guard base.isEncrypted || base.isPrivate || allowsPlainHTTP else {
            throw TransportFailure(.forbidden, mayHaveArrived: false)
        }
        // The library would only say that something failed.
        if base.isEncrypted, let certificateAuthority, access(certificateAuthority, R_OK) != 0 {
            throw TransportFailure(.obstacle(.certificate), mayHaveArrived: false)
        }
        let mark = SentMark()
        // The client's own deadline ends with the head of the answer; this one holds for the body too.
        let result = await withTaskGroup(of: Result<HTTPReply, TransportFailure>?.self) { group in
            group.addTask { await self.exchange(request, within: limit, mark: mark) }
            group.addTask {
                do { try await Task.sleep(for: limit) } catch { return nil }
                return nil
            }
            let first = await group.next() ?? nil
            group.cancelAll()
            return first
        }
        if let result { return try result.get() }
        let reason: TransportFailure.Reason = Task.isCancelled ? .cancelled : .late
        throw TransportFailure(reason, mayHaveArrived: request.body.isEmpty || mark.isSet)
    }

    private func exchange(
        _ request: WebRequest,
        within limit: Duration,
        mark: SentMark
    ) async -> Result<HTTPReply, TransportFailure> {
        var outgoing = HTTPClientRequest(url: request.url.wire)
        outgoing.method = HTTPMethod(rawValue: request.method.rawValue)
        for header in request.headers { outgoing.headers.add(name: header.name, value: header.value) }
        outgoing.headers.add(name: "User-Agent", value: "gsmbridge")
        outgoing.headers.add(name: "Connection", value: "close")
        if !request.body.isEmpty {
            outgoing.body = .stream(
                MarkedBody(bytes: request.body, mark: mark),
                length: .known(Int64(request.body.count))
            )
        } else if request.method != .get {
            outgoing.headers.add(name: "Content-Length", value: "0")
        }
        do {
            let reply = try await client.execute(outgoing, timeout: .nanoseconds(limit.nanoseconds))
            let body = try await reply.body.collect(upTo: HTTPReply.longestBody)
            return .success(
                HTTPReply(
                    status: Int(reply.status.code),
                    headers: reply.headers.map { ($0.name, $0.value) },
                    body: Array(body.readableBytesView)
                )
            )
        } catch {
            return .failure(Self.failure(error, mayHaveArrived: request.body.isEmpty || mark.isSet))
        }
    }

    /// Sorts the client's errors; what is not known for certain to come before the request counts as after it.
    private static func failure(_ error: any Error, mayHaveArrived: Bool) -> TransportFailure {
        switch error {
        case let error as NIOConnectionError:
            let isName = error.connectionErrors.isEmpty && (error.dnsAError != nil || error.dnsAAAAError != nil)
            let isLate = error.connectionErrors.contains { ($0.error as? ChannelError).isTimeout }
            let obstacle: TransportFailure.Obstacle = isName ? .name : isLate ? .timeout : .connection
            return TransportFailure(.obstacle(obstacle), mayHaveArrived: false)
        case let error as ChannelError where Optional(error).isTimeout:
            return TransportFailure(.obstacle(.timeout), mayHaveArrived: false)
        case let error as HTTPClientError:
            return failure(of: error, mayHaveArrived: mayHaveArrived)
        case let error as IOError where error.errnoCode == ECONNREFUSED:
            return TransportFailure(.obstacle(.connection), mayHaveArrived: false)
        case let error as NIOSSLExtraError
        where error == .failedToValidateHostname || error == .serverHostnameImpossibleToMatch
            || error == .cannotUseIPAddressInSNI || error == .invalidSNIHostname:
            return TransportFailure(.obstacle(.certificate), mayHaveArrived: false)
        case NIOSSLError.handshakeFailed, NIOSSLError.unableToValidateCertificate,
            NIOSSLError.noCertificateToValidate, NIOSSLError.failedToLoadCertificate,
            NIOSSLError.noSuchFilesystemObject:
            return TransportFailure(.obstacle(.certificate), mayHaveArrived: false)
        case is NIOTooManyBytesError: return TransportFailure(.tooLong, mayHaveArrived: true)
        case HTTPParserError.invalidEOFState: return TransportFailure(.closed, mayHaveArrived: true)
        case is HTTPParserError: return TransportFailure(.malformed, mayHaveArrived: true)
        // Before anything was sent TLS fails over certificates, the file of ``certificateAuthority`` among them.
        case is NIOSSLError where !mayHaveArrived, is BoringSSLError where !mayHaveArrived:
            return TransportFailure(.obstacle(.certificate), mayHaveArrived: false)
        case is CancellationError: return TransportFailure(.cancelled, mayHaveArrived: mayHaveArrived)
        default:
            return mayHaveArrived
                ? TransportFailure(.closed, mayHaveArrived: true)
                : TransportFailure(.obstacle(.connection), mayHaveArrived: false)
        }
    }

    private static func failure(of error: HTTPClientError, mayHaveArrived: Bool) -> TransportFailure {
        switch error {
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            TransportFailure(.obstacle(.timeout), mayHaveArrived: false)
        case .deadlineExceeded, .readTimeout, .writeTimeout: TransportFailure(.late, mayHaveArrived: mayHaveArrived)
        case .cancelled: TransportFailure(.cancelled, mayHaveArrived: mayHaveArrived)
        case .invalidURL, .emptyHost, .emptyScheme: TransportFailure(.obstacle(.name), mayHaveArrived: false)
        default:
            mayHaveArrived
                ? TransportFailure(.closed, mayHaveArrived: true)
                : TransportFailure(.obstacle(.connection), mayHaveArrived: false)
        }
    }
}

/// Remembers whether the connection asked for the body, before which no complete request has left.
private final class SentMark: Sendable {
    private let flag = Mutex(false)

    var isSet: Bool { flag.withLock { $0 } }

    func set() { flag.withLock { $0 = true } }
}

/// A body in one piece that sets a mark when it is taken.
private struct MarkedBody: AsyncSequence, Sendable {
    let bytes: [UInt8]
    let mark: SentMark

    struct AsyncIterator: AsyncIteratorProtocol {
        package var bytes: [UInt8]?
        package let mark: SentMark

        package mutating func next() async -> ByteBuffer? {
            guard let bytes else { return nil }
            self.bytes = nil
            mark.set()
            return ByteBuffer(bytes: bytes)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(bytes: bytes, mark: mark) }
}

extension ChannelError? {
    fileprivate var isTimeout: Bool {
        if case .connectTimeout = self { return true }
        return false
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        return min(seconds, 86_400) * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
