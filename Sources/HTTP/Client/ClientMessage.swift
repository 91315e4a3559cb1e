internal import GatewayAPI
internal import NIOCore
internal import NIOHTTP1

extension ControlClient {
    /// A request to the service.
    struct Message: Sendable {
        var method: HTTPMethod
        var path: String
        var body: [UInt8]?
        /// The id of the call that it is about, so that it is made once only.
        var key: String?
        var wantsEvents = false

        init(method: HTTPMethod, path: String) {
            self.method = method
            self.path = path
        }

        init(post path: String, body: some Encodable) throws(ControlError) {
            self.init(method: .POST, path: path)
            do {
                self.body = try WireFormat.encode(body)
            } catch {
                throw .invalid("the request can't be written as JSON: \(error)")
            }
        }

        /// Sends the whole request.
        func write(to channel: any Channel) {
            var headers: HTTPHeaders = ["host": "gsmbridge", "connection": "close"]
            if let key { headers.add(name: "idempotency-key", value: key) }
            if wantsEvents { headers.add(name: "accept", value: "text/event-stream") }
            if method == .POST { headers.add(name: "content-length", value: "\(body?.count ?? 0)") }
            if body != nil { headers.add(name: "content-type", value: "application/json") }
            let head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            if let body {
                channel.write(HTTPClientRequestPart.body(.byteBuffer(ByteBuffer(bytes: body))), promise: nil)
            }
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        }
    }

    /// What the system says when the socket can't be reached.
    enum Failure {
        static func of(_ error: IOError, socket: String) -> ControlError {
            switch error.errnoCode {
            case SystemError.noEntry, SystemError.refused, SystemError.notDirectory: .notRunning(socket: socket)
            case SystemError.notPermitted, SystemError.notAllowed: .notPermitted(socket: socket)
            default: .lost(SystemError.words(error.errnoCode))
            }
        }
    }
}
