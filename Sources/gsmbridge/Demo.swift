import CallFlows
import CallModel
import DialPlan
import Gateway
internal import GatewayAPI
import ModemSimulator
import Synchronization

/// Calls on simulated modems, one of each family, all at once and over real pseudo-terminals.
final class Demo: Sendable {
    /// The PBX's number, as a person would give it to `dial`.
    static let accessNumber = "+4922166966966"
    /// The number to reach, as a person would give it to `dial`.
    static let target = "03012345678"
    /// The same number as the PBX dials it.
    static let targetNumber = "+493012345678"
    /// What the PBX must hear: once, in this order, and nothing else.
    static let expectedDigits = "03012345678#"
    /// The contract gives the demo half a minute; what hangs is given up in time to say so.
    private static let limit = Duration.seconds(25)

    /// Something that happened on either side.
    struct Step: Sendable {
        enum Kind: Sendable {
            case here(CallEvent)
            case farSide(SimulatedEvent)
        }
        let kind: Kind
        let family: ModemFamily?
        /// Since the demo began.
        let after: Duration
    }

    /// How the whole demo went.
    struct Summary: Sendable {
        let verdicts: [DemoVerdict]
        let took: Duration
        let isInterrupted: Bool

        var isGood: Bool { !isInterrupted && !verdicts.isEmpty && verdicts.allSatisfy(\.isGood) }
    }

    let families: [ModemFamily]
    /// What happens, in order; ends with the demo.
    let steps: AsyncStream<Step>

    private let continuation: AsyncStream<Step>.Continuation
    private let host: PseudoTerminalHost
    private let calls: [StandaloneCall]
    private let started: ContinuousClock.Instant
    private let isInterrupted = Atomic<Bool>(false)

    /// Puts the modems on their terminals; throws what stands in the way of that.
    init(families: [ModemFamily], verbose: Bool) throws {
        self.families = families
        var world = SimulatedWorld(network: Self.network)
        for (number, family) in families.enumerated() { _ = world.addModem(ModemProfile(family, number: number)) }
        let host = try PseudoTerminalHost(world: world)
        self.host = host
        let started = ContinuousClock.now
        self.started = started
        (steps, continuation) = AsyncStream.makeStream(of: Step.self)
        let route = try Self.route
        calls = zip(families, host.paths)
            .map { [continuation] family, path in
                let request = StandaloneCall.Request(
                    route: route,
                    maxDuration: .seconds(60),
                    tty: path,
                    modem: family.rawValue
                )
                return StandaloneCall(request, log: Logging.logger(verbose: verbose)) { event in
                    continuation.yield(Step(kind: .here(event), family: family, after: ContinuousClock.now - started))
                }
            }
        try host.start()
    }

    /// Ends the calls; ``run()`` returns when that is done.
    func interrupt() {
        isInterrupted.store(true, ordering: .relaxed)
        for call in calls { call.interrupt() }
    }

    /// Makes the calls and judges them when all are over.
    func run() async -> Summary {
        let farSide = host.farSideEvents()
        return await withTaskGroup(of: Void.self) { group in
            group.addTask { await self.forward(farSide) }
            let ends = await self.makeCalls()
            await self.networkComesToRest()
            let verdicts = self.judge(ends)
            // Ends the forwarding as well, after the last event.
            self.host.stop()
            await group.waitForAll()
            self.continuation.finish()
            return Summary(
                verdicts: verdicts,
                took: ContinuousClock.now - self.started,
                isInterrupted: self.isInterrupted.load(ordering: .relaxed)
            )
        }
    }

    private func makeCalls() async -> [CallEnd] {
        let watchdog = Task {
            guard (try? await Task.sleep(for: Self.limit)) != nil else { return }
            for call in calls { call.interrupt() }
        }
        defer { watchdog.cancel() }
        return await withTaskGroup(of: (Int, CallEnd).self) { group in
            for (index, call) in calls.enumerated() {
                group.addTask { (index, await call.run()) }
            }
            var ends: [Int: CallEnd] = [:]
            for await (index, end) in group { ends[index] = end }
            return calls.indices.compactMap { ends[$0] }
        }
    }

    private func forward(_ events: AsyncStream<FarSideEvent>) async {
        var book = SimulatedCallBook(families: families)
        for await event in events {
            let entry = book.enter(event) { call in
                host.withWorld { world, _ in world.calls.last { $0.id == call }?.peer }
            }
            continuation.yield(Step(kind: .farSide(entry), family: entry.family, after: ContinuousClock.now - started))
        }
    }

    /// When a modem has hung up, the PBX needs a moment to let go of the target.
    private func networkComesToRest() async {
        for _ in 0..<100 {
            if host.withWorld({ world, _ in world.calls.allSatisfy { !$0.isLive } }) { return }
            guard (try? await Task.sleep(for: .milliseconds(20))) != nil else { return }
        }
    }

    private func judge(_ ends: [CallEnd]) -> [DemoVerdict] {
        let (calls, violations) = host.withWorld { world, _ in (world.calls, world.violations) }
        return zip(families, ends).enumerated()
            .map { index, pair in
                DemoVerdict(
                    family: pair.0,
                    modem: index,
                    end: pair.1,
                    calls: calls,
                    violations: violations.filter { $0.modem == index }
                )
            }
    }

    /// The standard network, where the target talks for two seconds only.
    private static var network: SimulatedNetwork {
        var network = SimulatedNetwork.standard
        network.subscribers[targetNumber] = .hangUp(
            alerting: .milliseconds(500),
            answer: .milliseconds(1200),
            afterAnswered: .seconds(2)
        )
        return network
    }

    private static var route: Route {
        get throws {
            let access = Route.Access(number: try DialString(typed: accessNumber))
            let number = try PhoneNumber(typed: target, region: try Region(code: "DE"))
            return try Route(to: number, via: .callthrough, access: access, policy: DialPolicy())
        }
    }
}
