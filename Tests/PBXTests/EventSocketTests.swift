import NIOCore
import NIOEmbedded
import NIOWebSocket
import Testing

@testable import PBX

@Suite("the WebSocket of events, at a peer that does not read") struct EventSocketTests {
    private static func ping(_ number: Int) -> WebSocketFrame {
        WebSocketFrame(fin: true, opcode: .ping, data: ByteBuffer(string: "\(number)"))
    }

    private static func setWritable(_ channel: EmbeddedChannel, _ isWritable: Bool) {
        channel.isWritable = isWritable
        channel.pipeline.fireChannelWritabilityChanged()
    }

    private static func channel() throws -> EmbeddedChannel {
        let channel = EmbeddedChannel(handler: EventSocketHandler { _ in true })
        try channel.connect(to: SocketAddress(ipAddress: "192.0.2.1", port: 80)).wait()
        return channel
    }

    @Test("pings that come faster than they are read are answered by one pong, to the last of them")
    func coalesced() throws {
        let channel = try Self.channel()
        try channel.writeInbound(Self.ping(0))
        var pong = try #require(try channel.readOutbound(as: WebSocketFrame.self))
        #expect(pong.opcode == .pong && String(buffer: pong.data) == "0")
        Self.setWritable(channel, false)
        for number in 1...100_000 { try channel.writeInbound(Self.ping(number)) }
        #expect(try channel.readOutbound(as: WebSocketFrame.self) == nil)
        Self.setWritable(channel, true)
        pong = try #require(try channel.readOutbound(as: WebSocketFrame.self))
        #expect(pong.opcode == .pong && String(buffer: pong.data) == "100000")
        #expect(try channel.readOutbound(as: WebSocketFrame.self) == nil)
        _ = try channel.finish()
    }

    @Test("whoever still does not read when the next ping is due is hung up on, however much it sends")
    func hungUp() throws {
        let channel = try Self.channel()
        channel.embeddedEventLoop.advanceTime(by: EventSocket.pings)
        #expect(try channel.readOutbound(as: WebSocketFrame.self)?.opcode == .ping)
        #expect(channel.isActive)
        Self.setWritable(channel, false)
        try channel.writeInbound(Self.ping(1))
        channel.embeddedEventLoop.advanceTime(by: EventSocket.pings)
        #expect(!channel.isActive)
        #expect(try channel.readOutbound(as: WebSocketFrame.self) == nil)
    }

    @Test("messages that wait are bounded by their bytes")
    func waiting() {
        let line = StasisFeed.Line()
        let most = StasisFeed.mostBytes / EventSocket.longest
        for _ in 0..<most { #expect(line.admit(EventSocket.longest)) }
        #expect(!line.admit(1))
        line.dealtWith(EventSocket.longest)
        #expect(line.admit(EventSocket.longest))
    }
}
