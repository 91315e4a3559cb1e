import DeviceDiscovery
import GatewayAPI
import LineStatuses
import Logging
import Modem
import ModemSimulator
import ModemTestSupport
import SerialPort
import Synchronization
import TestSupport

@testable import Gateway
@testable import Lines
@testable import Settings

/// A fleet on simulated modems without threads, ttys or waiting: everything lives on one loop with a clock of its own.
final class ManualRig: Sendable {
    /// How a modem's ports behave when they are opened.
    enum Opening: Sendable {
        case answers
        case silent
        case hangs
        case taken
    }

    fileprivate struct State {
        var events: [ModemEvent] = []
        var devices: AsyncStream<DiscoveryEvent>.Continuation?
        var sessions: [Int: ModemSession] = [:]
        var opened = 0
        var closed = 0
        var openings: [Int: Opening] = [:]
        var reconnected = 0
        var isPermitted = false
        var isOver = false
    }

    /// What the ports and the fleet share; on its own, because the fleet is made before the rig is.
    fileprivate final class Bus: Sendable {
        let loop = ManualLoop()
        let world: Mutex<SimulatedWorld>
        fileprivate let state = Mutex(State())
        init(_ world: SimulatedWorld) { self.world = Mutex(world) }
    }

    private let bus: Bus
    let fleet: ModemFleet
    let directory: TemporaryDirectory
    private let run: Mutex<Task<Void, Never>?> = Mutex(nil)

    var loop: ManualLoop { bus.loop }

    init(
        _ profiles: [ModemProfile],
        configuration lines: [String] = [],
        purpose: ModemFleet.Purpose = .service,
        limits: SupervisionMachine.Limits = SupervisionMachine.Limits()
    ) throws {
        var world = SimulatedWorld(seed: 3)
        for profile in profiles { _ = world.addModem(profile) }
        let bus = Bus(world)
        self.bus = bus
        directory = try TemporaryDirectory()
        let text = (["gateway:", "  state_dir: \(directory.path)/state"] + lines).joined(separator: "\n") + "\n"
        fleet = ModemFleet(
            settings: FleetSettings(
                try ConfigurationRig.read(text),
                ConfigurationRig.environment(["CREDENTIALS_DIRECTORY": directory.path])
            ),
            ledger: FileLedger(path: directory.path + "/state/pin-attempts"),
            devices: {
                let (stream, continuation) = AsyncStream.makeStream(of: DiscoveryEvent.self)
                bus.state.withLock { $0.devices = continuation }
                if purpose != .service {
                    for modem in profiles.indices { continuation.yield(.found(Self.stick(modem))) }
                    continuation.finish()
                }
                return stream
            },
            source: Source(bus: bus),
            loop: bus.loop,
            limits: limits,
            purpose: purpose,
            log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            hooks: ModemFleet.Hooks(news: { news, line in
                bus.state.withLock { $0.events.append(ModemEvent(news, of: line)) }
            })
        )
        let fleet = fleet
        let task = Task(executorPreference: bus.loop) {
            await fleet.run()
            bus.state.withLock { $0.isOver = true }
        }
        run.withLock { $0 = task }
        drive(.milliseconds(1))
    }

    // MARK: Driving

    /// Lets a time pass, or less when something holds before.
    @discardableResult
    func drive(_ duration: Duration, until isEnough: () -> Bool = { false }) -> Bool {
        let limit = loop.now + duration
        loop.runJobs()
        while !isEnough() {
            let deadlines = [loop.nextDeadline, bus.world.withLock { $0.nextDeadline }]
            guard let next = deadlines.compactMap(\.self).min(), next <= limit else {
                loop.advance(to: limit)
                return isEnough()
            }
            loop.advance(to: max(next, loop.now))
            deliver()
            loop.runJobs()
        }
        return true
    }

    private func deliver() {
        for output in bus.world.withLock({ $0.advance(to: loop.now) }) {
            switch output {
            case .bytes(let modem, let bytes):
                guard let session = bus.state.withLock({ $0.sessions[modem] }) else { continue }
                bytes.withUnsafeBufferPointer { buffer in
                    nonisolated(unsafe) let buffer = buffer
                    session.assumeIsolated { $0.received(buffer) }
                }
            case .unplugged(let modem):
                bus.state.withLock { $0.sessions.removeValue(forKey: modem) }?.assumeIsolated { $0.linkClosed() }
                tell(.lost(Self.stick(modem)))
            case .plugged(let modem): tell(.found(Self.stick(modem, generation: bus.state.withLock { $0.opened })))
            case .farSide, .sound, .voicePort: break
            }
            loop.runJobs()
        }
    }

    /// Stops the fleet; true when it ended within ten seconds of its clock.
    func stop() -> Bool {
        run.withLock { $0?.cancel() }
        return drive(.seconds(10)) { bus.state.withLock { $0.isOver } }
    }

    /// Runs something on the loop and lets time pass until it is done.
    func perform<Value: Sendable>(
        _ limit: Duration = .seconds(120),
        _ body: @escaping @Sendable (ModemFleet) async -> Value
    ) -> Value? {
        let result = Mutex<Value?>(nil)
        let fleet = fleet
        loop.start {
            let value = await body(fleet)
            result.withLock { $0 = value }
        }
        drive(limit) { result.withLock { $0 != nil } }
        return result.withLock { $0 }
    }

    // MARK: The bus

    /// A stick with one port whose name changes with every replug.
    static func stick(_ modem: Int, path: String? = nil, generation: Int = 0) -> USBModem {
        let port = USBPort(
            path: "/dev/ttyUSB\(modem + 10 * generation)",
            interface: USBInterface(number: UInt8(modem), codes: USBInterface.Codes(0xFF, 0, 0)),
            role: .at,
            roleSource: .table,
            rank: 0
        )
        let id = USBID(vendor: 0x2C7C, product: 0x0125)
        let path = path ?? "1-1.\(modem + 1)"
        return USBModem(path: path, sysPath: "/sys/none/\(path)", id: id, ports: [port])
    }

    func tell(_ event: DiscoveryEvent) {
        _ = bus.state.withLock { $0.devices }?.yield(event)
    }

    /// Plugs all modems in.
    func plugAll() {
        for modem in bus.world.withLock({ $0.profiles.indices }) { tell(.found(Self.stick(modem))) }
        loop.runJobs()
    }

    func unplug(_ modem: Int) {
        let now = loop.now
        bus.world.withLock { $0.unplug(modem, at: now) }
        deliver()
    }

    func replug(_ modem: Int) {
        let now = loop.now
        bus.world.withLock { $0.replug(modem, at: now) }
        deliver()
    }

    func withWorld<Value: Sendable>(_ body: (inout SimulatedWorld, ContinuousClock.Instant) -> Value) -> Value {
        let now = loop.now
        return bus.world.withLock { body(&$0, now) }
    }

    func set(_ opening: Opening, of modem: Int) { bus.state.withLock { $0.openings[modem] = opening } }

    /// Lets sticks be taken off the bus and put back, which mends what does not open.
    func permitReconnecting() { bus.state.withLock { $0.isPermitted = true } }

    // MARK: Looking

    var events: [ModemEvent] { bus.state.withLock { $0.events } }

    func story(_ path: String = "1-1.1") -> [String] {
        events.filter { $0.usbPath == path && $0.name != "modem.signal" }.map(\.name)
    }

    var statuses: [LineStatus] { fleet.assumeIsolated { $0.statuses() } }

    func state(_ path: String = "1-1.1") -> LineState? { statuses.first { $0.usbPath == path }?.state }

    func waits(_ limit: Duration = .seconds(60), for state: LineState, _ path: String = "1-1.1") -> Bool {
        drive(limit) { self.state(path) == state }
    }

    /// Ports that were opened and are open still.
    var openPorts: Int { bus.state.withLock { $0.opened - $0.closed } }
    var reconnected: Int { bus.state.withLock { $0.reconnected } }

    // MARK: The source

    private struct Link: ModemLink {
        let bus: Bus
        let modem: Int
        func write(_ bytes: [UInt8]) {
            let now = bus.loop.now
            bus.world.withLock { $0.receive(bytes, from: modem, at: now) }
        }
        func dropLines() {}
    }

    private struct Source: ModemSource {
        let bus: Bus

        func open(
            _ place: ModemPlace,
            settings: SerialSettings?,
            log: Logger
        ) async throws(ModemSourceError) -> ModemConnection {
            let modem = Int(place.stick?.ports.first?.interface?.number ?? 0)
            switch bus.state.withLock({ $0.openings[modem] ?? .answers }) {
            case .answers: break
            case .silent: throw .silent("nothing answers")
            case .hangs: throw .stuck("it hangs")
            case .taken: throw .unopenable("somebody else has it")
            }
            guard bus.world.withLock({ $0.isPlugged(modem) }) else { throw .unopenable("not there") }
            let connection = await connect(modem, place.stick?.ports.first?.path ?? "")
            guard await connection.session.answers() else {
                await connection.close()
                throw .silent("nothing answers")
            }
            return connection
        }

        private func connect(_ modem: Int, _ tty: String) async -> ModemConnection {
            let session = ModemSession(loop: bus.loop, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
            await session.attach(Link(bus: bus, modem: modem))
            bus.state.withLock { state in
                state.sessions[modem] = session
                state.opened += 1
            }
            let closing = Closing()
            return ModemConnection(session: session, loop: bus.loop, tty: tty) { [bus] in
                guard closing.begin() else { return }
                bus.state.withLock { state in
                    state.closed += 1
                    if state.sessions[modem] === session { state.sessions[modem] = nil }
                }
                await session.linkClosed()
            }
        }

        func openUnheard(_ tty: String, log: Logger) async -> ModemConnection? {
            await connect((Int(tty.dropFirst(11)) ?? 0) % 10, tty)
        }

        func isThere(_ tty: String) -> Bool { false }
        func resolved(_ tty: String) -> String { tty }
        func canReconnect(_ stick: USBModem) -> Bool { bus.state.withLock { $0.isPermitted } }
        func reconnect(_ stick: USBModem) async -> Bool {
            bus.state.withLock { state in
                state.reconnected += 1
                state.openings = [:]
                _ = state.devices?.yield(.lost(stick))
                _ = state.devices?.yield(.found(stick))
            }
            return true
        }
        func arrived(_ stick: USBModem) {}
    }

    private final class Closing: Sendable {
        private let isClosed = Mutex(false)
        func begin() -> Bool {
            isClosed.withLock { isClosed in
                defer { isClosed = true }
                return !isClosed
            }
        }
    }
}
