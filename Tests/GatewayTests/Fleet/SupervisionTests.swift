import ATProtocol
import DeviceDiscovery
import GatewayAPI
import LineStatuses
import Modem
import ModemSimulator
import SimulatedTerminals
import Testing

@testable import Gateway
@testable import Lines
@testable import Settings

/// Whole fleets on a clock of their own: hours of trouble in milliseconds.
@Suite("Supervision of modems", .timeLimit(.minutes(10)))
struct SupervisionTests {
    private static func profile(_ change: (inout ModemProfile) -> Void = { _ in }) -> ModemProfile {
        var profile = ModemProfile(.quectel)
        change(&profile)
        return profile
    }

    @Test("a stick is found, set up and ready, with everything in its status")
    func ready() throws {
        let rig = try ManualRig([Self.profile()])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(1))
        #expect(rig.story() == ["modem.found", "modem.ready"])
        let status = ModemStatus(try #require(rig.statuses.first))
        #expect(status.name == ModemProfile(.quectel).imei && status.tty == "/dev/ttyUSB0")
        #expect(status.signal == -73 && status.registration == "home" && status.sim == "ready")
        #expect(status.operatorName == "o2 - de" && status.family == "quectel" && status.usbPath == "1-1.1")
        #expect(rig.stop())
        #expect(rig.openPorts == 0)
        #expect(rig.withWorld { world, _ in world.violations } == [])
    }

    @Test("of a modem that did not answer it is unknown whether it has calls")
    func silent() {
        #expect(ModemStatus(LineStatus(name: nil, state: .failed)).voice == "unknown")
    }

    @Test("a network that gives messages alone is told once, and so is its end")
    func messagesOnly() throws {
        let rig = try ManualRig([Self.profile()])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(5))
        rig.withWorld { world, now in world.setRegistration(.messagesOnly, of: 0, at: now) }
        #expect(rig.waits(for: .failed))
        #expect(rig.statuses.first?.reason?.contains("messages only") == true)
        rig.drive(.seconds(300))
        rig.withWorld { world, now in world.setRegistration(.home, of: 0, at: now) }
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(60))
        #expect(rig.story() == ["modem.found", "modem.ready", "modem.degraded", "modem.ready"])
        #expect(rig.stop())
    }

    @Test("an idle modem is asked for a sign of life every ten seconds, and no more than a few things beside")
    func idle() throws {
        let rig = try ManualRig([Self.profile()])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(5))
        let before = rig.withWorld { world, _ in world.commands(of: 0).count }
        rig.drive(.seconds(300))
        let commands = rig.withWorld { world, _ in world.commands(of: 0).count } - before
        #expect((30...150).contains(commands), "\(commands) commands in five minutes")
        #expect(rig.state() == .ready)
    }

    @Test("a modem that restarts without a word and keeps its tty is set up anew", arguments: ModemFamily.allCases)
    func quietRestart(family: ModemFamily) throws {
        var profile = ModemProfile(family)
        profile.faults = [.quietReset(.answered)]
        let rig = try ManualRig([profile])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(5))
        // The firmware dies of a call that it takes by itself, as a person's command has it do.
        _ = rig.perform { fleet in
            let session = await fleet.modem("1-1.1")?.session
            _ = try? await session?.execute(ATCommand("ATS0=1"))
        }
        _ = rig.withWorld { world, now in world.ring(modem: 0, from: "+4930111", at: now, givesUpAfter: .seconds(3)) }
        let before = rig.withWorld { world, _ in world.commands(of: 0).count }
        rig.drive(.seconds(60))
        let since = rig.withWorld { world, _ in Array(world.commands(of: 0).dropFirst(before)) }
        #expect(since.contains("AT+CLIP=1") && since.contains("AT+CMEE=1"), "\(since)")
        #expect(rig.waits(for: .ready))
    }

    @Test("a stick that refuses to tell of voice calls is used, as it is without the service")
    func unprovenVoice() throws {
        var profile = ModemProfile(.huawei)
        profile.faults = [try SimulatedFault(parsing: "refused:AT^CVOICE")]
        let rig = try ManualRig([profile])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(60))
        #expect(rig.state() == .ready)
        #expect(rig.statuses.first?.voice != .no)
    }

    /// Dials as another program would that is not there any more.
    private static func leaveCall(on rig: ManualRig) {
        rig.withWorld { world, now in world.receive(Array("ATD+4930123456;\r".utf8), from: 0, at: now) }
        rig.drive(.seconds(3))
    }

    private static func live(_ rig: ManualRig) -> Int { rig.withWorld { world, _ in world.liveCalls(of: 0) } }

    @Test("a call that nobody follows is ended by the next look at an idle modem, which comes within half a minute")
    func unfollowed() throws {
        let rig = try ManualRig([Self.profile()])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(5))
        Self.leaveCall(on: rig)
        #expect(Self.live(rig) == 1)
        rig.drive(.seconds(32))
        #expect(Self.live(rig) == 0)
        #expect(rig.state() == .ready)
    }

    @Test("one that does not end is told in the status, until a restart of the modem has ended it")
    func unending() throws {
        let names = ["AT+CHUP", "ATH", "AT+CHLD", "AT+QHUP"].map { "hangup-ignored:\($0)" }
        let faults = try (names + ["refused:AT+CFUN=4", "refused:AT+CFUN=0"])
            .map { try SimulatedFault(parsing: $0) }
        let rig = try ManualRig([Self.profile { $0.faults = faults }])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(5))
        Self.leaveCall(on: rig)
        #expect(rig.drive(.seconds(120)) { rig.statuses.first?.reason?.contains("a call that nobody follows") == true })
        #expect(rig.drive(.seconds(600)) { Self.live(rig) == 0 && rig.state() == .ready })
    }

    @Test("a stop ends it too")
    func unfollowedAtTheStop() throws {
        let rig = try ManualRig([Self.profile()])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(5))
        Self.leaveCall(on: rig)
        #expect(Self.live(rig) == 1)
        #expect(rig.stop())
        #expect(Self.live(rig) == 0)
        #expect(rig.openPorts == 0)
    }

    @Test("nothing is done to a modem that is lent out, for however long")
    func leased() throws {
        let rig = try ManualRig([Self.profile()])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(1))
        let lease = try #require(
            rig.perform { fleet in try? await fleet.lease(ModemWish(), within: .zero) } ?? nil
        )
        rig.drive(.seconds(1))
        let before = rig.withWorld { world, _ in world.commands(of: 0).count }
        rig.drive(.seconds(3600))
        #expect(rig.withWorld { world, _ in world.commands(of: 0).count } == before)
        #expect(rig.state() == .inCall)
        _ = rig.perform { _ in await lease.giveBack(clean: true) }
        #expect(rig.state() == .ready)
    }

    @Test("a stick that is pulled out is gone, and the same one under another name has its name and settings again")
    func replug() throws {
        let imei = ModemProfile(.quectel).imei
        let rig = try ManualRig(
            [Self.profile()],
            configuration: ["modems:", "  office:", "    match: { imei: \"\(imei)\" }"]
        )
        #expect(rig.statuses.map(\.name) == ["office"] && rig.statuses.first?.state == .absent)
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        #expect(rig.statuses.map(\.name) == ["office"])
        rig.unplug(0)
        rig.drive(.seconds(2))
        #expect(rig.statuses.first?.state == .absent)
        #expect(rig.openPorts == 0)
        rig.replug(0)
        #expect(rig.waits(for: .ready))
        let status = ModemStatus(try #require(rig.statuses.first))
        #expect(status.name == "office" && status.tty != "/dev/ttyUSB0")
        #expect(rig.story() == ["modem.found", "modem.ready", "modem.lost", "modem.found", "modem.ready"])
    }

    @Test("a modem that loses its network is degraded, and ready again when it has found one")
    func registration() throws {
        let rig = try ManualRig([Self.profile()])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.withWorld { world, now in world.setRegistration(.searching, of: 0, at: now) }
        #expect(rig.drive(.seconds(2)) { rig.state() == .recovering })
        rig.drive(.seconds(20))
        rig.withWorld { world, now in world.setRegistration(.home, of: 0, at: now) }
        #expect(rig.waits(.seconds(2), for: .ready))
        #expect(rig.story() == ["modem.found", "modem.ready", "modem.degraded", "modem.ready"])
    }

    @Test("a modem that searches for long has its radio switched off and on, and not more than six times an hour")
    func radio() throws {
        let rig = try ManualRig([Self.profile { $0.registration = .searching }])
        rig.plugAll()
        rig.drive(.seconds(100))
        #expect(rig.state() == .starting)
        let cycles = { rig.withWorld { world, _ in world.commands(of: 0).count { $0.hasPrefix("AT+CFUN=0") } } }
        #expect(cycles() == 0)
        rig.drive(.seconds(60))
        #expect(cycles() == 1)
        rig.drive(.seconds(3600))
        let interventions = rig.withWorld { world, _ in
            world.commands(of: 0).count { $0.hasPrefix("AT+CFUN=0") || $0.hasPrefix("AT+CFUN=1,1") }
        }
        #expect((2...4).contains(interventions), "\(interventions)")
    }

    @Test(
        "a card that only a person can help is waited for without a reset, and used when it is helped",
        arguments: [SIMCondition.absent, .puk, .pin(code: "1234", tries: 3)]
    )
    func card(_ condition: SIMCondition) throws {
        let rig = try ManualRig([Self.profile { $0.sim = condition }])
        rig.plugAll()
        #expect(rig.waits(for: .failed))
        let tries: Int? = if case .pin(_, let tries) = condition { tries } else { nil }
        #expect(rig.statuses.first?.pinTries == tries)
        rig.drive(.seconds(7200))
        #expect(rig.state() == .failed)
        #expect(rig.withWorld { world, _ in world.commands(of: 0).count { $0.hasPrefix("AT+CFUN=") } } == 0)
        #expect(rig.withWorld { world, _ in world.pinAttempts(of: 0) } == [])
        #expect(rig.reconnected == 0)
        #expect(rig.story() == ["modem.found", "modem.degraded"])
    }

    @Test("a configured PIN unlocks the card of the modem that it is for")
    func pin() throws {
        let imei = ModemProfile(.quectel).imei
        let rig = try ManualRig(
            [Self.profile { $0.sim = .pin(code: "1234", tries: 3) }],
            configuration: [
                "modems:", "  office:", "    match: { imei: \"\(imei)\" }", "    pin: { file: /dev/null }",
            ]
        )
        rig.plugAll()
        #expect(rig.waits(for: .failed))
        #expect(rig.statuses.first?.reason?.contains("PIN") == true)
        #expect(rig.statuses.first?.name == "office")
    }

    @Test("a modem that goes deaf is opened anew, restarted, taken off the bus, and at last left alone for a while")
    func deaf() throws {
        let rig = try ManualRig([Self.profile { $0.faults = [.stuck(command: "AT+CEREG?")] }])
        rig.permitReconnecting()
        rig.plugAll()
        #expect(rig.drive(.seconds(1200)) { rig.reconnected > 0 })
        #expect(rig.story().contains("modem.degraded"))
        rig.drive(.seconds(4 * 3600))
        #expect(rig.reconnected <= 5 * 6)
        #expect(rig.stop())
        #expect(rig.openPorts == 0)
    }

    @Test("ports that never open are reported with the reason and tried again, at longer and longer intervals")
    func hanging() throws {
        let rig = try ManualRig([Self.profile()])
        rig.set(.hangs, of: 0)
        rig.plugAll()
        #expect(rig.waits(for: .failed))
        #expect(rig.statuses.first?.reason == "it hangs")
        rig.set(.answers, of: 0)
        #expect(rig.waits(.seconds(120), for: .ready))
    }

    @Test("two sticks with the same IMEI are both kept, told apart by where they are plugged in")
    func clones() throws {
        let rig = try ManualRig([ModemProfile(.quectel, number: 1), ModemProfile(.quectel, number: 1)])
        rig.plugAll()
        #expect(rig.waits(for: .ready, "1-1.1") && rig.waits(for: .ready, "1-1.2"))
        let names = rig.statuses.compactMap(\.name)
        #expect(names.count == 2 && Set(names).count == 2)
        #expect(Set(rig.statuses.compactMap(\.imei)).count == 1)
    }

    @Test("a hundred comings and goings leave no port, no modem and no session behind")
    func storm() throws {
        let rig = try ManualRig([Self.profile()])
        for round in 0..<100 {
            rig.tell(.found(ManualRig.stick(0, path: "1-1.\(round % 5 + 1)", generation: round)))
            rig.drive(.milliseconds(50))
            rig.tell(.lost(ManualRig.stick(0, path: "1-1.\(round % 5 + 1)", generation: round)))
            rig.drive(.milliseconds(50))
        }
        rig.drive(.seconds(5))
        #expect(rig.openPorts == 0)
        #expect(rig.statuses.isEmpty)
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        #expect(rig.openPorts == 1)
        #expect(rig.stop())
    }

    @Test("a change of the signal of 5 dB or more is told")
    func signal() throws {
        let rig = try ManualRig([Self.profile()])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        rig.drive(.seconds(1))
        rig.withWorld { world, now in world.setSignal(18, of: 0, at: now) }
        rig.drive(.seconds(60))
        #expect(!rig.events.contains { $0.name == "modem.signal" })
        rig.withWorld { world, now in world.setSignal(10, of: 0, at: now) }
        rig.drive(.seconds(60))
        #expect(rig.events.contains { $0.name == "modem.signal" && $0.signal == -93 })
    }

    @Test("a new configuration names modems without touching a call")
    func reconfigure() throws {
        let imei = ModemProfile(.quectel).imei
        let rig = try ManualRig([Self.profile()])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        let lease = rig.perform { fleet in try? await fleet.lease(ModemWish(), within: .zero) }
        let text = "modems:\n  attic:\n    match: { imei: \"\(imei)\" }\n"
        let settings = FleetSettings(try ConfigurationRig.read(text), ConfigurationRig.environment())
        _ = rig.perform { fleet in await fleet.configure(settings) }
        #expect(rig.statuses.map(\.name) == ["attic"])
        #expect(rig.state() == .inCall && rig.openPorts == 1)
        withExtendedLifetime(lease) {}
    }
}
