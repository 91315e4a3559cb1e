import DeviceDiscovery
import GatewayAPI
import Glibc
import LineStatuses
import Logging
import Modem
import ModemSimulator
import NIOPosix
import SimulatedTerminals
import Synchronization
import TestSupport
import Testing

@testable import Gateway
@testable import Lines
@testable import Settings

/// A fleet on simulated modems behind pseudo-terminals, in real time.
final class FleetRig: Sendable {
    private struct State {
        var events: [ModemEvent] = []
        var sessions = 0
        var devices: [AsyncStream<DiscoveryEvent>.Continuation] = []
        var run: Task<Void, Never>?
    }

    /// Where the fleet's hooks lead; on its own, because the fleet is made before the rig is.
    private final class Sink: Sendable {
        let state = Mutex(State())
    }

    let host: PseudoTerminalHost
    let fleet: ModemFleet
    let directory: TemporaryDirectory
    private let sink: Sink

    /// Creates the rig and starts the fleet.
    ///
    /// - Parameters:
    ///   - profiles: the modems; they are called `m0`, `m1`, …
    ///   - configured: how many of them are configured by their tty; nil for all.
    ///   - gateway: further lines of the configuration's `gateway` block.
    ///   - modem: further lines of each modem's entry.
    init(
        _ profiles: [ModemProfile],
        configured: Int? = nil,
        gateway: [String] = [],
        modem: [String] = [],
        limits: SupervisionMachine.Limits = SupervisionMachine.Limits(),
        source: any ModemSource = TerminalSource()
    ) throws {
        var world = SimulatedWorld(seed: 7)
        for profile in profiles { _ = world.addModem(profile) }
        directory = try TemporaryDirectory()
        host = try PseudoTerminalHost(world: world, linkDirectory: directory.path + "/tty")
        let configuration = try Self.configuration(
            ttys: Array(host.paths.prefix(configured ?? profiles.count)),
            gateway: gateway + ["state_dir: \(directory.path)/state"],
            modem: modem
        )
        let sink = Sink()
        self.sink = sink
        var hooks = ModemFleet.Hooks(
            news: { news, line in sink.state.withLock { $0.events.append(ModemEvent(news, of: line)) } },
            session: { _, _, _ in sink.state.withLock { $0.sessions += 1 } }
        )
        hooks.moved = { line in
            sink.state.withLock { $0.events.append(ModemEvent(.state, of: ModemStatus(line))) }
        }
        fleet = ModemFleet(
            settings: FleetSettings(configuration, ConfigurationRig.environment()),
            ledger: FileLedger(path: configuration.gateway.stateDirectory + "/pin-attempts"),
            devices: {
                let (stream, continuation) = AsyncStream.makeStream(of: DiscoveryEvent.self)
                sink.state.withLock { $0.devices.append(continuation) }
                return stream
            },
            source: source,
            loop: EventLoopModemLoop(MultiThreadedEventLoopGroup.singleton.next()),
            limits: limits,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            hooks: hooks
        )
        try host.start()
        let fleet = fleet
        let run = Task { await fleet.run() }
        sink.state.withLock { $0.run = run }
    }

    static func configuration(ttys: [String], gateway: [String], modem: [String] = []) throws -> Configuration {
        var lines = ["gateway:"] + gateway.map { "  \($0)" }
        if !ttys.isEmpty { lines.append("modems:") }
        for (number, tty) in ttys.enumerated() {
            lines += ["  m\(number):", "    match: { tty: \(tty) }"] + modem.map { "    \($0)" }
        }
        return try ConfigurationRig.read(lines.joined(separator: "\n") + "\n")
    }

    /// Ends the fleet; the terminals keep their numbers, which another test would have at once.
    func endFleet() async {
        let run = sink.state.withLock { $0.run }
        run?.cancel()
        await run?.value
    }

    /// Ends the fleet and the modems.
    func stop() async {
        await endFleet()
        host.stop()
    }

    // MARK: Looking

    var events: [ModemEvent] { sink.state.withLock { $0.events } }

    /// How often a session was reported.
    var sessions: Int { sink.state.withLock { $0.sessions } }

    /// The names of the events of a modem, without those of the signal and of where it has come to.
    func story(of name: String) -> [String] {
        events.filter { $0.modem == name || $0.usbPath == name }.map(\.name)
            .filter { $0 != "modem.signal" && $0 != "modem.state" }
    }

    /// What the events say of a modem's state, one behind the other.
    func states(of name: String) -> [ModemStatus.State] {
        events.filter { $0.modem == name && $0.kind != .signal }.map(\.state)
    }

    func state(of name: String) async -> LineState? {
        await fleet.statuses().first { $0.name == name }?.state
    }

    func waits(_ limit: Duration = .seconds(180), for state: LineState, of name: String) async -> Bool {
        await TestSupport.waits(limit) { await self.state(of: name) == state }
    }

    // MARK: The bus

    /// Tells the fleet of a stick, as the device discovery would.
    func tell(_ event: DiscoveryEvent) {
        let devices = sink.state.withLock { $0.devices }
        for device in devices { device.yield(event) }
    }

    var isWatching: Bool { sink.state.withLock { !$0.devices.isEmpty } }

    static func stick(_ path: String, _ ports: [(tty: String, role: PortRole)]) -> USBModem {
        let ports = ports.enumerated()
            .map { place, port in
                let interface = USBInterface(number: UInt8(place), codes: USBInterface.Codes(0xFF, 0, 0))
                return USBPort(path: port.tty, interface: interface, role: port.role, roleSource: .table, rank: place)
            }
        let id = USBID(vendor: 0x2C7C, product: 0x0125)
        return USBModem(path: path, sysPath: "/sys/none/\(path)", id: id, ports: ports)
    }
}
