import CallLog
import CallModel
internal import CallPlanning
internal import CallRecords
import Calls
internal import Console
import FoundationEssentials
import Gateway
internal import GatewayAPI
import ModemSimulator
internal import NetworkSimulator
internal import OneCall
import Settings
internal import SimulatedTerminals
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
    private let calls: [OneCallService]
    private let directory: String
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
        let directory = try TemporaryPlace.make()
        self.directory = directory
        var configuration = try Configuration.defaults()
        configuration.gateway.stateDirectory = directory
        let writer = CallLogWriter(directory: directory)
        let recorder = CallRecorder(writer: writer)
        calls = zip(families, host.paths)
            .map { family, path in
                var request = DialRequest(number: Self.target)
                request.accessNumber = Self.accessNumber
                request.modem = family.rawValue
                request.maxSeconds = 60
                var configuration = configuration
                configuration.modems = [Configuration.Modem(name: family.rawValue, match: .tty(path))]
                let parts = GatewayService.Parts(
                    configuration: configuration,
                    environment: .current,
                    version: Version.current,
                    recorder: recorder,
                    usage: StoredUsageLedger(writer: writer)
                )
                let log = Logging.logger(verbose: verbose)
                return OneCallService(request, parts: parts, isForHelp: false, log: log)
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
            TemporaryPlace.remove(self.directory)
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
                group.addTask { (index, await self.make(call, self.families[index])) }
            }
            var ends: [Int: CallEnd] = [:]
            for await (index, end) in group { ends[index] = end }
            return calls.indices.compactMap { ends[$0] }
        }
    }

    private func make(_ call: OneCallService, _ family: ModemFamily) async -> CallEnd {
        do throws(ControlError) {
            return try await call.run { [continuation, started] event in
                guard let event = event as? CallEvent else { return }
                continuation.yield(Step(kind: .here(event), family: family, after: ContinuousClock.now - started))
            }
        } catch {
            return CallEnd(outcome: .noModem, by: .local, detail: error.message)
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
}
