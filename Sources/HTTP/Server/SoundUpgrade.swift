internal import Crypto
internal import FoundationEssentials
internal import GatewayAPI
internal import NIOCore
internal import NIOWebSocket
internal import Settings
internal import WebAccess

/// Decides who of the page's connections is a browser that speaks in a call: a WebSocket (RFC 6455) in the place of a request.
struct SoundUpgrade: Sendable {
    let control: any LocalControl
    let door: WebDoor
    let hosts: @Sendable () -> HostNames
    let isSecure: Bool

    /// What the page calls its frames (RFC 6455, 1.9); the session's key goes with it, as scripts can set no other field.
    enum Format: String, Sendable {
        /// 16 kHz.
        case wide = "gsmbridge-16k"
        /// 8 kHz, as pages have it that were loaded before there was more.
        case narrow = "gsmbridge"
    }

    /// The request that begins a WebSocket, as far as it counts.
    struct Handshake: Sendable {
        let call: UUID
        let key: String
        let fields: [String: String]

        /// Reads a whole head; nil for every other request.
        init?(_ head: String) {
            let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
            guard let parts = lines.first?.split(separator: " "), parts.count == 3, parts[0] == "GET" else {
                return nil
            }
            let path = parts[1].split(separator: "/")
            guard path.count == 4, path[0] == "v1", path[1] == "calls", path[3] == "sound",
                let call = UUID(uuidString: String(path[2]))
            else { return nil }
            var fields: [String: String] = [:]
            for line in lines.dropFirst() {
                guard let colon = line.firstIndex(of: ":") else { continue }
                let value = line[line.index(after: colon)...].trimmed
                fields[line[..<colon].lowercased(), default: ""] += value
            }
            guard fields["upgrade"]?.lowercased() == "websocket", let key = fields["sec-websocket-key"] else {
                return nil
            }
            (self.call, self.key, self.fields) = (call, key, fields)
        }

        /// The protocol that is wished for, and the one behind it, which is the session's key.
        var wish: (format: Format, key: String)? {
            let wishes = fields["sec-websocket-protocol"]?.split(separator: ",").map { String($0.trimmed) } ?? []
            guard wishes.count == 2, let format = Format(rawValue: wishes[0]) else { return nil }
            return (format, wishes[1])
        }

        /// What says that the key was understood (RFC 6455, 4.2.2).
        var acceptance: String {
            let digest = Insecure.SHA1.hash(data: Array((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").utf8))
            return Data(digest).base64EncodedString()
        }
    }

    /// The seat in the call, for a browser that may have it.
    func seat(for handshake: Handshake) async throws -> SoundBridge.Seat {
        let host = handshake.fields["host"]
        guard let host, hosts().include(host) else { throw Problem(.misdirected, "this is no host of that name") }
        let origin = handshake.fields["origin"]
        guard origin == "https://\(host)" || !isSecure && origin == "http://\(host)" else {
            throw Problem(.forbidden, "this request does not come from the page itself")
        }
        let cookies = handshake.fields["cookie"] ?? ""
        guard let cookie = WebCookie.session(isSecure: isSecure, { WebCookie.value($0, in: cookies) }),
            let session = door.session(cookie)
        else { throw Problem(.unauthorized, "there is no session") }
        guard let wish = handshake.wish, WebDoor.opens(session, with: wish.key) else {
            throw Problem(.forbidden, "this request does not come from the page itself")
        }
        guard session.role >= .call else { throw Problem(.forbidden, "this session may not call") }
        guard door.maySit(in: handshake.call, session.id) else {
            throw Problem(.forbidden, "another browser has asked to speak in this call")
        }
        let socket = try await control.seat(in: handshake.call, isWide: wish.format == .wide)
        return SoundBridge.Seat(socket: socket, format: wish.format)
    }
}

/// Looks at the beginning of a connection: a WebSocket for sound is taken, everything else goes on as it came.
final class SoundDoorkeeper: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private enum State {
        case looking
        /// It is being asked whether there is a seat.
        case asking
        case sitting
    }

    /// The most bytes of a head that may begin a WebSocket.
    private static let longest = 8192
    private static let beginning = Array("GET /v1/calls/".utf8)

    private let upgrade: SoundUpgrade
    /// What watches over requests, and has nothing to do here.
    private let guards: [any RemovableChannelHandler]
    private var state = State.looking
    private var head = ByteBuffer()

    init(_ upgrade: SoundUpgrade, guards: [any RemovableChannelHandler]) {
        self.upgrade = upgrade
        self.guards = guards
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var bytes = unwrapInboundIn(data)
        switch state {
        case .sitting: context.fireChannelRead(data)
        // A browser sends nothing before the answer.
        case .asking: context.close(promise: nil)
        case .looking:
            head.writeBuffer(&bytes)
            look(context)
        }
    }

    private func look(_ context: ChannelHandlerContext) {
        let view = head.readableBytesView
        let start = Self.beginning.prefix(view.count)
        guard view.starts(with: start), head.readableBytes <= Self.longest else { return pass(context) }
        let text = String(decoding: view, as: UTF8.self)
        guard let end = text.firstRange(of: "\r\n\r\n") else { return }
        guard end.upperBound == text.endIndex,
            let handshake = SoundUpgrade.Handshake(String(text[..<end.lowerBound]))
        else { return pass(context) }
        state = .asking
        for handler in guards { context.pipeline.syncOperations.removeHandler(handler, promise: nil) }
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        let (upgrade, loop) = (upgrade, context.eventLoop)
        Task {
            let outcome: Result<SoundBridge.Seat, any Error>
            do { outcome = .success(try await upgrade.seat(for: handshake)) } catch { outcome = .failure(error) }
            loop.execute {
                let (keeper, context) = bound.value
                keeper.answer(handshake, outcome, context)
            }
        }
    }

    /// Everything else is a request like any other.
    private func pass(_ context: ChannelHandlerContext) {
        let bytes = head
        context.fireChannelRead(wrapInboundOut(bytes))
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func answer(
        _ handshake: SoundUpgrade.Handshake,
        _ outcome: Result<SoundBridge.Seat, any Error>,
        _ context: ChannelHandlerContext
    ) {
        let seat: SoundBridge.Seat
        do { seat = try outcome.get() } catch {
            let problem =
                error as? Problem ?? (error as? ControlError).map { Problem($0) } ?? Problem(.internal, "\(error)")
            let text = "HTTP/1.1 \(problem.status) \(problem.title)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
            return context.close(promise: nil)
        }
        let text =
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            + "Sec-WebSocket-Accept: \(handshake.acceptance)\r\n"
            + "Sec-WebSocket-Protocol: \(seat.format.rawValue)\r\n\r\n"
        context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        state = .sitting
        do {
            try context.pipeline.syncOperations.addHandlers(
                [
                    WebSocketFrameEncoder(),
                    ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: SoundBridge.longestFrame)),
                    SoundBridge(seat: seat),
                ],
                position: .after(self)
            )
        } catch {
            SoundBridge.close(seat.socket)
            context.close(promise: nil)
        }
    }
}
