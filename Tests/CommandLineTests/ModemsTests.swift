import CLinux
import DeviceDiscovery
import FoundationEssentials
import GatewayAPI
import Glibc
import LineStatuses
import Logging
import Modem
import ModemSimulator
import SimulatedTerminals
import Testing

@testable import Gateway
@testable import Lines
@testable import gsmbridge

/// A pseudo-terminal with nobody behind it.
private final class SilentTerminal {
    let path: String
    private let master: Int32
    private let slave: Int32

    init() throws {
        var ends: (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 64)
        let status = clinux_open_pty(&ends.0, &ends.1, &name, name.count)
        struct Failure: Error { let code: Int32 }
        guard status >= 0 else { throw Failure(code: status) }
        (master, slave) = ends
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        _ = clinux_close(master)
        _ = clinux_close(slave)
    }
}

@Suite("The list of modems", .timeLimit(.minutes(10)))
struct ModemsTests {
    private let log = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    // Nobody's clock is tested here: a machine that is busy with something else gets as long as it needs. What never
    // answers is waited for as well, so that one limit stays short.
    private let patience: PortSearch.Patience = {
        var patience = PortSearch.Patience()
        patience.answer = .seconds(10)
        patience.grace = .seconds(10)
        patience.survey = .seconds(120)
        return patience
    }()

    /// Runs a body with simulated modems of these families on pseudo-terminals.
    private func withModems<Result>(
        _ families: ModemFamily...,
        body: ([String]) async throws -> Result
    ) async throws -> Result {
        var world = SimulatedWorld(seed: 3)
        for (number, family) in families.enumerated() { _ = world.addModem(ModemProfile(family, number: number)) }
        let host = try PseudoTerminalHost(world: world)
        try host.start()
        defer { host.stop() }
        return try await body(host.paths)
    }

    private func stick(_ ports: [(path: String, role: PortRole)], condition: Condition = .usable) -> USBModem {
        let ports = ports.enumerated()
            .map { place, port in
                USBPort(path: port.path, interface: nil, role: port.role, roleSource: .table, rank: place)
            }
        let id = USBID(vendor: 0x2C7C, product: 0x0125)
        return USBModem(path: "1-1.4", sysPath: "/sys/1-1.4", id: id, ports: ports, condition: condition)
    }

    @Test("asks the ttys that are named, all at once and in order, and bears with those that are none")
    func named() async throws {
        let silent = try SilentTerminal()
        let found = try await withModems(.quectel, .huawei, .zte) { paths in
            let ttys = [paths[0], "/dev/ttyUSB-none", paths[1], silent.path, paths[2], "/dev/null"]
            let inspections = await ModemInspection.inspect(ttys: ttys, patience: patience, log: log)
            #expect(inspections.map(\.tty) == ttys)
            return inspections
        }
        #expect(found.map { $0.survey?.family } == ["quectel", nil, "huawei", nil, "zte", nil])
        #expect(found[1].state == .absent)
        #expect(found[3].state == .failed && found[3].reason == ModemError.deaf.description)
        #expect(found[5].state == .failed && found[5].reason?.contains("not a serial port") == true)
    }

    @Test("finds the port that answers among those of an unknown stick")
    func candidates() async throws {
        let silent = try SilentTerminal()
        try await withModems(.simcom) { paths in
            let modem = stick([(silent.path, .candidate), ("/dev/ttyUSB-none", .candidate), (paths[0], .candidate)])
            let inspection = await ModemInspection.inspect([modem], patience: patience, log: log).first
            #expect(inspection?.tty == paths[0])
            #expect(inspection?.survey?.family == "simcom")
        }
    }

    @Test("leaves the other ports alone when the known one answers")
    func knownPort() async throws {
        try await withModems(.quectel, .huawei) { paths in
            let modem = stick([(paths[0], .at), (paths[1], .modem)])
            let inspection = await ModemInspection.inspect([modem], patience: patience, log: log).first
            #expect(inspection?.tty == paths[0])
            #expect(inspection?.survey?.family == "quectel")
        }
    }

    @Test("goes on to the second-best port when the known one can't be opened")
    func secondBest() async throws {
        try await withModems(.huawei) { paths in
            let modem = stick([("/dev/ttyUSB-none", .at), (paths[0], .modem)])
            let inspection = await ModemInspection.inspect([modem], patience: patience, log: log).first
            #expect(inspection?.tty == paths[0])
            #expect(inspection?.survey?.family == "huawei")
        }
    }

    @Test("leaves a stick alone of which another program has a port")
    func takenPort() async throws {
        try await withModems(.huawei, .huawei) { paths in
            let holder = Glibc.open(paths[0], O_RDWR | O_NOCTTY | O_NONBLOCK)
            defer { close(holder) }
            #expect(flock(holder, LOCK_EX | LOCK_NB) == 0)
            let modem = stick([(paths[0], .at), (paths[1], .modem)])
            let inspection = await ModemInspection.inspect([modem], patience: patience, log: log).first
            #expect(inspection?.survey == nil)
            #expect(inspection?.failure?.isBusy == true)
        }
    }

    @Test(
        "says why a stick is no use, without opening anything",
        arguments: [
            Condition.storage, .networkOnly, .driverMissing, .excluded, .noCommandPort,
        ]
    )
    func unusable(condition: Condition) async throws {
        let modem = stick([("/dev/ttyUSB-none", .at)], condition: condition)
        let inspection = try #require(await ModemInspection.inspect([modem], patience: patience, log: log).first)
        #expect(inspection.state == .failed)
        #expect(inspection.reason?.hasPrefix(try #require(condition.explanation)) == true)
        #expect(inspection.tty == nil)
    }

    @Test("tells why a stick's port can't be opened")
    func unopenable() async throws {
        let modem = stick([("/dev/ttyUSB-none", .at)])
        let inspection = try #require(await ModemInspection.inspect([modem], patience: patience, log: log).first)
        #expect(inspection.state == .failed)
        #expect(inspection.reason?.contains("does not exist") == true)
    }

    @Test("has the contract's names")
    func names() async throws {
        let inspections = try await withModems(.huawei) { paths in
            await ModemInspection.inspect([stick([(paths[0], .at)])], patience: patience, log: log)
        }
        let row = ModemStatus(LineStatus(try #require(inspections.first)))
        let json = try #require(String(bytes: try JSONEncoder().encode(row), encoding: .utf8))
        #expect(
            [
                "name", "imei", "iccid", "manufacturer", "model", "revision", "family", "tty", "usb_path", "sim",
                "operator", "registration", "technology", "signal_dbm", "voice", "audio", "state", "reason",
            ]
            .allSatisfy { json.contains("\"\($0)\":") }
        )
        #expect(row.sim == "ready")
        #expect(row.registration == "home")
        #expect(row.voice == "yes")
        #expect(row.usbPath == "1-1.4")
        #expect(row.name == row.imei)
        #expect(row.state == .ready)
        #expect(row.signal == -73)
    }
}
