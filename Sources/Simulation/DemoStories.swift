import CallFlows
import CallModel
internal import Console
import DialPlan
import FoundationEssentials
import Gateway
internal import GatewayAPI
import Glibc
import HTTP
import Logging
import ModemSimulator
internal import NetworkSimulator
import PBXSimulator
import Settings
internal import SimulatedTerminals
import Synchronization

/// The calls that the PBX begins: a callback, a held caller who is answered, one who is fetched by dialling in.
///
/// Made by a whole service in this process, on three simulated modems, with a simulated PBX that it asks over HTTP.
/// Each is judged by the PBX alone: were caller and target joined?
final class DemoStories: Sendable {
    /// One story and what the PBX saw of it.
    struct Outcome: Sendable, Encodable {
        /// What the story is called.
        let story: String
        /// The two numbers that the PBX has joined; nil for none.
        let joined: String?
        /// What is not as it must be; empty when all is well.
        let differences: [String]

        var isGood: Bool { differences.isEmpty }
    }

    private static let outsider = "+4930555123"
    private static let target = "+4930123456"
    private static let answered = "+4922166966960"
    private static let fetched = "+4922166966962"
    /// How long each step may take.
    private static let limit = Duration.seconds(12)

    private let directory: String
    private let host: PseudoTerminalHost
    private let verbose: Bool
    private let joined = Mutex<[String]>([])

    /// Puts three modems on their terminals; throws what stands in the way of that.
    init(verbose: Bool) throws {
        self.verbose = verbose
        directory = try TemporaryPlace.make()
        var world = SimulatedWorld()
        // Where the ring does not say which caller is held, the service just calls; the PBX knows the call by its caller.
        world.pbx.settings.joinsUnclaimed = true
        for number in 0..<3 { _ = world.addModem(ModemProfile(.quectel, number: number)) }
        host = try PseudoTerminalHost(world: world)
        try host.start()
    }

    /// Plays the stories and says how each went.
    func run() async -> [Outcome] {
        defer {
            host.stop()
            TemporaryPlace.remove(directory)
        }
        let farSide = host.farSideEvents()
        let listening = Task {
            for await event in farSide {
                if case .pbx(.joined(_, _, let caller, let target)) = event {
                    joined.withLock { $0.append("\(caller) and \(target)") }
                }
            }
        }
        defer { listening.cancel() }
        let server = PBXServer(host: host)
        do {
            let service = try service(url: try await server.start())
            let life = Task { try await service.run() }
            let outcomes = await play(service)
            service.stop(grace: .zero)
            try await life.value
            await server.stop()
            return outcomes
        } catch {
            await server.stop()
            return [Outcome(story: "service", joined: nil, differences: ["it could not be started: \(error)"])]
        }
    }

    // MARK: Stories

    private func play(_ service: GatewayService) async -> [Outcome] {
        guard await waits(until: { await service.modems().count { $0.state == .ready } == 3 }) else {
            return [Outcome(story: "service", joined: nil, differences: ["the modems were not ready in time"])]
        }
        return [
            await callback(service), await held("reverse, answered", from: Self.answered, service),
            await held("reverse, dialled in", from: Self.fetched, service),
        ]
    }

    private func callback(_ service: GatewayService) async -> Outcome {
        let before = joined.withLock { $0.count }
        var request = DialRequest(number: Self.target)
        request.via = .callback
        request.pbx = "answering"
        let id = UUID()
        do throws(ControlError) { _ = try await service.dial(request, id: id, origin: .local) } catch {
            return Outcome(story: "callback", joined: nil, differences: [error.message])
        }
        let pair = await pair(after: before)
        try? await service.hangUp(id)
        return await judged("callback", pair, expects: Self.target, service)
    }

    /// A person calls the PBX, which rings us from a number.
    private func held(_ story: String, from number: String, _ service: GatewayService) async -> Outcome {
        let before = joined.withLock { $0.count }
        let caller = host.withWorld { world, now -> String? in
            world.pbx.settings.ringFrom = number
            let holding = world.pbx.settings.holdingNumbers.first ?? ""
            return world.callFromOutside(from: Self.outsider, to: holding, modem: 1, at: now)
        }
        guard let caller else {
            return Outcome(story: story, joined: nil, differences: ["the PBX did not take the caller"])
        }
        let pair = await pair(after: before)
        host.withWorld { world, now in world.outsideHangsUp(caller, at: now) }
        return await judged(story, pair, expects: Self.outsider, service)
    }

    /// Whom the PBX joins next.
    private func pair(after count: Int) async -> String? {
        _ = await waits { self.joined.withLock { $0.count } > count }
        return joined.withLock { $0.dropFirst(count).first }
    }

    private func judged(
        _ story: String,
        _ pair: String?,
        expects number: String,
        _ service: GatewayService
    ) async -> Outcome {
        var differences: [String] = []
        if pair?.contains(number) != true { differences.append("the PBX joined \(pair ?? "nobody")") }
        let isQuiet = await waits {
            let isOver = await service.calls().isEmpty
            return isOver && self.host.withWorld { world, _ in world.calls.allSatisfy { !$0.isLive } }
        }
        if !isQuiet { differences.append("a call is still up") }
        return Outcome(story: story, joined: pair, differences: differences)
    }

    private func waits(until holds: () async -> Bool) async -> Bool {
        let end = ContinuousClock.now + Self.limit
        while ContinuousClock.now < end {
            if await holds() { return true }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return false }
        }
        return false
    }

    // MARK: The service

    private func service(url: String) throws -> GatewayService {
        let path = directory + "/gsmbridge.yaml"
        let numbers = host.withWorld { world, _ in world.profiles.map(\.ownNumber) }
        let modems = zip(host.paths, numbers).enumerated()
            .map { "  m\($0): { match: { tty: \($1.0) }, number: \"\($1.1)\" }\n" }
            .joined()
        let text = """
            gateway: { state_dir: \(directory)/state, socket: \(directory)/control.sock }
            modems:
            \(modems)
            pbx:
              answering:
                profile: generic
                url: \(url)
                callthrough: { access_number: "\(Demo.accessNumber)" }
                callback: { ring_from: ["+4922166966961"] }
                reverse: { ring_from: ["\(Self.answered)"], mode: answer }
              dialling:
                profile: generic
                url: \(url)
                callthrough: { access_number: "\(Demo.accessNumber)" }
                reverse: { ring_from: ["\(Self.fetched)"], mode: dial_back }
            """
        try Data(text.utf8).write(to: URL(filePath: path))
        return try .demonstration(path, log: Logging.logger(level: verbose ? .debug : .error))
    }
}

/// A directory of its own below /tmp.
enum TemporaryPlace {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    static func make() throws -> String {
        var template = Array("/tmp/gsmbridge-demo-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw Failure(description: "no directory can be made in /tmp") }
        return String(decoding: template.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Removes a directory; what can't be removed stays in /tmp.
    static func remove(_ path: String) { try? FileManager.default.removeItem(atPath: path) }
}
