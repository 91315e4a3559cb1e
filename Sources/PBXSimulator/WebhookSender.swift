internal import Crypto
internal import FoundationEssentials
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// Posts webhooks, signed by the rules of Standard Webhooks (github.com/standard-webhooks/standard-webhooks).
struct WebhookSender: Sendable {
    /// How long a receiver may take.
    private static let patience = TimeAmount.seconds(5)

    let webhook: PBXServer.Configuration.Webhook

    /// Sends a webhook and returns the statuses of the answers, 0 for none.
    func send(_ body: String) async -> [Int] {
        let id = "msg_" + UUID().uuidString.lowercased()
        var statuses: [Int] = []
        for _ in 0..<(webhook.fault == .twice ? 2 : 1) {
            do { statuses.append(try await post(body, id: id)) } catch { statuses.append(0) }
        }
        return statuses
    }

    /// The header fields that prove who sent it.
    func headers(id: String, body: String, seconds: Int) -> HTTPHeaders {
        let time = webhook.fault == .stale ? seconds - 3600 : seconds
        let secret = webhook.fault == .wrongSignature ? webhook.secret + "x" : webhook.secret
        let encoded = secret.hasPrefix("whsec_") ? Data(base64Encoded: String(secret.dropFirst(6))) : nil
        let key = SymmetricKey(data: encoded ?? Data(secret.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: Data("\(id).\(time).\(body)".utf8), using: key)
        return [
            "webhook-id": id, "webhook-timestamp": String(time),
            "webhook-signature": "v1," + Data(code).base64EncodedString(),
        ]
    }

    private func post(_ body: String, id: String) async throws -> Int {
        guard let parts = URLComponents(string: webhook.url), parts.scheme == "http", let host = parts.host else {
            throw Failure()
        }
        typealias Connection = NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
        let connection: Connection = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connectTimeout(Self.patience)
            .connect(host: host, port: parts.port ?? 80) { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHTTPClientHandlers()
                    return try Connection(wrappingChannelSynchronously: channel)
                }
            }
        let limit = connection.channel.eventLoop.scheduleTask(in: Self.patience) { [channel = connection.channel] in
            channel.close(promise: nil)
        }
        defer { limit.cancel() }
        var headers = headers(id: id, body: body, seconds: Int(Date().timeIntervalSince1970))
        headers.add(name: "Host", value: parts.port.map { "\(host):\($0)" } ?? host)
        headers.add(name: "Content-Type", value: "application/json")
        headers.add(name: "Content-Length", value: String(body.utf8.count))
        headers.add(name: "Connection", value: "close")
        let path = parts.path.isEmpty ? "/" : parts.path
        let head = HTTPRequestHead(version: .http1_1, method: .POST, uri: path, headers: headers)
        return try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(.head(head))
            try await outbound.write(.body(.byteBuffer(ByteBuffer(string: body))))
            try await outbound.write(.end(nil))
            for try await part in inbound {
                if case .head(let head) = part { return Int(head.status.code) }
            }
            throw Failure()
        }
    }

    /// The receiver gave no answer.
    private struct Failure: Error {}
}
