import Modem
import ModemSimulator
import ModemTestSupport
import SimulatedTerminals
import Testing

@testable import Lines

@Suite("The modems of one call", .timeLimit(.minutes(10)))
struct OneCallFleetTests {
    private static func lease(_ rig: ManualRig, _ wish: ModemWish) -> Result<ModemLease, FleetError>? {
        rig.perform { fleet -> Result<ModemLease, FleetError> in
            do throws(FleetError) { return .success(try await fleet.lease(wish, within: .seconds(300))) } catch {
                return .failure(error)
            }
        }
    }

    @Test("nothing is opened before the call wants a modem; then one that is free is taken")
    func opening() throws {
        let profiles = (0..<3).map { ModemProfile(.quectel, number: $0) }
        let rig = try ManualRig(profiles, purpose: .oneCall)
        rig.drive(.seconds(60))
        #expect(rig.openPorts == 0)
        let lease = try #require(Self.lease(rig, ModemWish())).get()
        #expect(lease.status.usbPath?.hasPrefix("1-1.") == true)
        _ = rig.perform { _ in await lease.giveBack(clean: true) }
        #expect(rig.stop())
        #expect(rig.openPorts == 0)
    }

    @Test("one that is named by its IMEI is waited for until it has said who it is; one that nothing has is told of")
    func named() throws {
        let profiles = (0..<2).map { ModemProfile(.quectel, number: $0) }
        let rig = try ManualRig(profiles, purpose: .oneCall)
        let lease = try #require(Self.lease(rig, ModemWish(modem: profiles[1].imei))).get()
        #expect(lease.status.usbPath == "1-1.2")
        let start = rig.loop.now
        let nobody = Self.lease(rig, ModemWish(modem: "999999999999999"))
        guard case .failure(.unknownModem("999999999999999")) = nobody else {
            Issue.record("\(String(describing: nobody))")
            return
        }
        #expect(rig.loop.now - start < .seconds(30))
    }

    @Test("a modem that can't be used is told of as soon as that is known, and not restarted")
    func hopeless() throws {
        var profile = ModemProfile(.quectel)
        profile.registration = .searching
        let rig = try ManualRig([profile], purpose: .oneCall)
        guard case .failure(.noService) = Self.lease(rig, ModemWish()) else {
            Issue.record("a lease without a network")
            return
        }
        let commands = rig.withWorld { world, _ in world.commands(of: 0) }
        #expect(!commands.contains { $0.hasPrefix("AT+CFUN=") }, "\(commands)")
    }

    @Test("a modem that stops answering while it is set up has failed")
    func dying() throws {
        var profile = ModemProfile(.quectel)
        profile.faults = [.stuck(command: "AT+CPIN?")]
        let rig = try ManualRig([profile], purpose: .oneCall)
        guard case .failure(.modemFailed) = Self.lease(rig, ModemWish()) else {
            Issue.record("a lease of a modem that is deaf")
            return
        }
    }

    @Test("without sticks nobody waits")
    func none() throws {
        let rig = try ManualRig([], purpose: .oneCall)
        let start = rig.loop.now
        guard case .failure(.noModem) = Self.lease(rig, ModemWish()) else {
            Issue.record("a lease without a modem")
            return
        }
        #expect(rig.loop.now == start)
    }

    @Test("for help a modem without card is set up to its end and taken", arguments: ModemFamily.allCases)
    func help(family: ModemFamily) throws {
        var profile = ModemProfile(family)
        profile.sim = .absent
        let rig = try ManualRig([profile], purpose: .help)
        let lease = try #require(Self.lease(rig, ModemWish(for: .help))).get()
        #expect(lease.status.family == family.rawValue)
    }
}
