import AsyncHTTPClient
import Foundation
import ModemSimulator
import NIOCore
import NIOHTTP1
import NetworkSimulator
import PBX
import PBXSimulator
import SimulatedTerminals
import Synchronization
import Testing

/// A PBX with its HTTP interface, a modem, and clients of both.
final class ServerRig: Sendable {
    static let modemNumber = "+491713920000"

    let host: PseudoTerminalHost
    let server: PBXServer
    let url: String
    private let seen = Mutex<[SimulatedPBX.Event]>([])
    private let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation

    private init(_ configuration: PBXServer.Configuration, _ settings: SimulatedPBX.Settings) async throws {
        var world = SimulatedWorld()
        _ = world.addModem(ModemProfile(.generic))
        world.pbx.settings = settings
        host = try PseudoTerminalHost(world: world)
        server = PBXServer(host: host, configuration: configuration)
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        try host.start()
        url = try await server.start()
    }

    /// Settings whose timing does not keep tests waiting, with changes.
    static func with(_ change: (inout SimulatedPBX.Settings) -> Void) -> SimulatedPBX.Settings {
        var settings = SimulatedPBX.Settings()
        settings.ringDelay = .milliseconds(20)
        // A busy machine takes its time between two steps of a test.
        (settings.ringTime, settings.holdTime, settings.ticketTime) = (.seconds(600), .seconds(600), .seconds(600))
        change(&settings)
        return settings
    }

    /// Runs a body with a PBX whose timing does not keep tests waiting.
    static func run(
        _ configuration: PBXServer.Configuration = PBXServer.Configuration(),
        _ settings: SimulatedPBX.Settings = with { _ in },
        _ body: (ServerRig) async throws -> Void
    ) async throws {
        let rig = try await ServerRig(configuration, settings)
        let events = rig.host.farSideEvents()
        let watching = Task {
            for await event in events {
                guard case .pbx(let news) = event else { continue }
                rig.seen.withLock { $0.append(news) }
                rig.change.yield()
            }
            rig.change.finish()
        }
        do {
            try await body(rig)
        } catch {
            await rig.end(watching)
            throw error
        }
        await rig.end(watching)
    }

    private func end(_ watching: Task<Void, Never>) async {
        await server.stop()
        host.stop()
        await watching.value
    }

    var events: [SimulatedPBX.Event] { seen.withLock { $0 } }

    var counts: SimulatedPBX.Counts { host.withWorld { world, _ in world.pbx.counts } }

    /// Waits until something of this name has happened at the PBX.
    func event(_ name: String) async -> SimulatedPBX.Event? {
        var iterator = changes.makeAsyncIterator()
        while true {
            if let event = events.first(where: { $0.name == name }) { return event }
            guard await iterator.next() != nil else { return nil }
        }
    }

    /// Writes a command to the modem.
    func modem(_ command: String) {
        host.withWorld { world, now in world.receive(Array((command + "\r").utf8), from: 0, at: now) }
    }

    struct Reply: Sendable {
        let status: Int
        let headers: [String: String]
        let text: String

        func field(_ name: String) -> String? {
            let value = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any]
            return value?[name] as? String
        }
    }

    /// Sends a request by hand.
    func send(
        _ method: String,
        _ path: String,
        _ body: String = "",
        headers: [String: String] = [:]
    ) async throws -> Reply {
        var request = HTTPClientRequest(url: url + path)
        request.method = .init(rawValue: method)
        for (name, value) in headers { request.headers.add(name: name, value: value) }
        if !body.isEmpty { request.body = .bytes(ByteBuffer(string: body)) }
        let reply = try await HTTPClient.shared.execute(request, timeout: .seconds(10))
        let bytes = try await reply.body.collect(upTo: 1 << 20)
        return Reply(
            status: Int(reply.status.code),
            headers: Dictionary(reply.headers.map { ($0.name.lowercased(), $0.value) }) { $1 },
            text: String(buffer: bytes)
        )
    }
}
