import CLinux
import DeviceDiscovery
import GatewayAPI
import Glibc
import LineStatuses
import Modem
import ModemSimulator
import SimulatedTerminals
import TestSupport
import Testing

@testable import Gateway
@testable import Lines

@Suite("The fleet of modems", .timeLimit(.minutes(10)), .serialized)
struct FleetTests {
    @Test("eight modems are found, ready and listed")
    func eight() async throws {
        let families: [ModemFamily] = [.quectel, .simcom, .huawei, .zte, .ublox, .telit, .cinterion, .generic]
        let rig = try FleetRig(families.enumerated().map { ModemProfile($1, number: $0) })
        let areReady = await waits {
            await rig.fleet.statuses()
                .filter { $0.state == .ready && $0.health?.signal != nil && $0.health?.operatorName != nil }.count == 8
        }
        #expect(areReady)
        let list = await rig.fleet.statuses().map { ModemStatus($0) }
        #expect(list.map(\.name) == (0..<8).map { "m\($0)" })
        #expect(Set(list.compactMap(\.imei)).count == 8)
        #expect(list.allSatisfy { $0.registration == "home" && $0.sim == "ready" && $0.operatorName != nil })
        for number in 0..<8 { #expect(rig.story(of: "m\(number)") == ["modem.found", "modem.ready"]) }
        #expect(rig.sessions == 8)
        #expect(rig.fleet.isWorking)
        await rig.stop()
        #expect(!rig.fleet.isWorking)
        #expect(rig.host.withWorld { world, _ in world.violations } == [])
    }

    @Test("a modem is lent to one call at a time, and the next in the queue gets it when it is given back")
    func queue() async throws {
        let rig = try FleetRig([ModemProfile(.quectel)])
        let first = try await rig.fleet.lease(ModemWish(), within: .seconds(60))
        #expect(first.status.name == "m0")
        #expect(await rig.state(of: "m0") == .inCall)
        await #expect(throws: FleetError.timedOut("every modem that fits has a call")) {
            _ = try await rig.fleet.lease(ModemWish(), within: .zero)
        }
        async let second = rig.fleet.lease(ModemWish(modem: "m0"), within: .seconds(60))
        #expect(await waits { await rig.fleet.queued == 1 })
        await first.giveBack(clean: true)
        let next = try await second
        #expect(next.id != first.id)
        await first.giveBack(clean: false)
        #expect(await rig.state(of: "m0") == .inCall)
        await next.giveBack(clean: false)
        #expect(await rig.waits(for: .ready, of: "m0"))
        await rig.stop()
    }

    @Test("where a modem has come to is told, also where no other event tells it")
    func moves() async throws {
        let rig = try FleetRig([ModemProfile(.quectel)])
        let lease = try await rig.fleet.lease(ModemWish(), within: .seconds(60))
        #expect(await waits { rig.states(of: "m0").last == .inCall })
        await lease.giveBack(clean: false)
        #expect(await waits { rig.states(of: "m0").last == .ready })
        #expect(rig.states(of: "m0") == [.starting, .ready, .inCall, .recovering, .ready])
        #expect(rig.story(of: "m0") == ["modem.found", "modem.ready"])
        await rig.stop()
    }

    @Test("a modem that is pulled out in a call is nobody's, and whoever had it can't spoil the next call")
    func unplugInCall() async throws {
        let rig = try FleetRig([ModemProfile(.quectel)])
        let lease = try await rig.fleet.lease(ModemWish(), within: .seconds(60))
        rig.host.withWorld { world, now in world.unplug(0, at: now) }
        #expect(await rig.waits(for: .absent, of: "m0"))
        #expect(await lease.session.isClosed)
        rig.host.withWorld { world, now in world.replug(0, at: now) }
        // One whose terminal is not back yet would be no modem.
        #expect(await rig.waits(for: .ready, of: "m0"))
        let next = try await rig.fleet.lease(ModemWish(), within: .seconds(60))
        await lease.giveBack(clean: false)
        #expect(await rig.state(of: "m0") == .inCall)
        await next.giveBack(clean: true)
        await rig.stop()
    }

    @Test("a modem that answers everything late is ready all the same, and does not hold the others up")
    func late() async throws {
        var slow = ModemProfile(.quectel, number: 1)
        slow.faults = ["AT+CSQ", "AT+COPS", "AT+CEREG"]
            .map { .lateReply(command: $0, delay: .milliseconds(1500), .always) }
        let rig = try FleetRig([ModemProfile(.quectel), slow])
        #expect(await waits { rig.story(of: "m0").contains("modem.ready") })
        // The slow one takes 4.5 s at least, so that the quick one is first unless it was held up.
        #expect(!rig.story(of: "m1").contains("modem.ready"))
        #expect(await rig.waits(for: .ready, of: "m1"))
        await rig.stop()
    }

    @Test("a stick is usable although some of its ports never answer")
    func silentPorts() async throws {
        let silent = try (0..<2).map { _ in try DeadPort() }
        let rig = try FleetRig([ModemProfile(.simcom)], configured: 0)
        #expect(await waits { rig.isWatching })
        let ports: [(String, PortRole)] = [
            (silent[0].path, .at), (silent[1].path, .modem), (rig.host.paths[0], .candidate),
        ]
        rig.tell(.found(FleetRig.stick("1-1.4", ports)))
        let isReady = await waits { await rig.fleet.statuses().first?.state == .ready }
        #expect(isReady)
        #expect(await rig.fleet.statuses().first?.tty == rig.host.paths[0])
        await rig.stop()
        for port in silent { #expect(Self.openDescriptors(of: port.path) == 1, "its own end") }
    }

    @Test("a modem is known by every path that leads to its tty")
    func links() async throws {
        let rig = try FleetRig([ModemProfile(.quectel)])
        #expect(await waits { await rig.fleet.statuses().first?.state == .ready })
        let link = rig.host.paths[0] + "-by-another-name"
        #expect(symlink(rig.host.paths[0], link) == 0)
        #expect(await rig.fleet.modem(link)?.status.name == "m0")
        #expect(await rig.fleet.modem("/dev/null") == nil)
        await rig.stop()
    }

    @Test("a hundred comings and goings of a stick leave no descriptor behind")
    func storm() async throws {
        let rig = try FleetRig([ModemProfile(.quectel)], configured: 0)
        #expect(await waits { rig.isWatching })
        let stick = FleetRig.stick("1-1.4", [(rig.host.paths[0], .at)])
        let device = TerminalSource().resolved(rig.host.paths[0])
        for round in 0..<100 {
            rig.tell(.found(stick))
            // Different moments of the way up.
            try await Task.sleep(for: .milliseconds(round % 20))
            rig.tell(.lost(stick))
        }
        #expect(await waits { await rig.fleet.statuses().isEmpty })
        #expect(await waits { Self.openDescriptors(of: device) == 0 })
        rig.tell(.found(stick))
        #expect(await waits { await rig.fleet.statuses().first?.state == .ready })
        await rig.endFleet()
        #expect(Self.openDescriptors(of: device) == 0)
        await rig.stop()
    }

    @Test("a tty that is named belongs to its name, also where its stick is found on the bus")
    func namedTTY() async throws {
        let rig = try FleetRig([ModemProfile(.quectel)])
        #expect(await waits { rig.isWatching })
        rig.tell(.found(FleetRig.stick("1-1.4", [(TerminalSource().resolved(rig.host.paths[0]), .at)])))
        #expect(await rig.waits(for: .ready, of: "m0"))
        #expect(await rig.fleet.statuses().map(\.name) == ["m0"])
        await rig.stop()
    }

    @Test("ending closes every port, also while modems are being set up")
    func ending() async throws {
        for pause in [0, 20, 100, 400] {
            let rig = try FleetRig((0..<4).map { ModemProfile(.quectel, number: $0) })
            try await Task.sleep(for: .milliseconds(pause))
            let devices = rig.host.paths.map { TerminalSource().resolved($0) }
            await rig.endFleet()
            #expect(await waits { devices.allSatisfy { Self.openDescriptors(of: $0) == 0 } })
            await rig.stop()
        }
    }

    @Test("a port that hung is left alone, longer each time, until the stick is plugged in anew")
    func quarantine() {
        var quarantine = PortQuarantine()
        let start = ContinuousClock.now
        quarantine.add("1-1.4 0", at: start)
        #expect(quarantine.holds("1-1.4 0", at: start + .seconds(29)))
        #expect(!quarantine.holds("1-1.4 0", at: start + .seconds(30)))
        #expect(!quarantine.holds("1-1.4 1", at: start))
        quarantine.add("1-1.4 0", at: start + .seconds(30))
        #expect(quarantine.holds("1-1.4 0", at: start + .seconds(89)))
        for _ in 0..<20 { quarantine.add("1-1.4 0", at: start) }
        #expect(quarantine.holds("1-1.4 0", at: start + .seconds(3599)))
        #expect(!quarantine.holds("1-1.4 0", at: start + .seconds(3600)))
        quarantine.release("1-1.4 0", at: start)
        #expect(!quarantine.holds("1-1.4 0", at: start))
        quarantine.add("1-1.4 0", at: start)
        #expect(quarantine.holds("1-1.4 0", at: start + .seconds(3599)))
    }

    /// How often a device is open in this process.
    static func openDescriptors(of device: String) -> Int {
        guard let directory = opendir("/proc/self/fd") else { return -1 }
        defer { closedir(directory) }
        var count = 0
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            var target = [CChar](repeating: 0, count: 512)
            let length = readlink("/proc/self/fd/\(name)", &target, target.count)
            guard length > 0 else { continue }
            if String(decoding: target.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self) == device {
                count += 1
            }
        }
        return count
    }
}

/// A terminal behind which nothing answers.
private final class DeadPort {
    let path: String
    private let master: Int32
    private let slave: Int32

    init() throws {
        var ends: (Int32, Int32) = (-1, -1)
        var name = [CChar](repeating: 0, count: 64)
        let status = clinux_open_pty(&ends.0, &ends.1, &name, name.count)
        try #require(status >= 0)
        (master, slave) = ends
        path = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit {
        _ = clinux_close(master)
        _ = clinux_close(slave)
    }
}
