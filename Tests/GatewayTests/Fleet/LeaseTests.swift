import CallModel
import GatewayAPI
import Modem
import ModemSimulator
import ModemTestSupport
import Synchronization
import Testing

@testable import Lines

@Suite("Lending modems", .timeLimit(.minutes(10)))
struct LeaseTests {
    private static func lease(
        _ rig: ManualRig,
        _ wish: ModemWish = ModemWish(),
        within limit: Duration = .zero,
        preempt: (@Sendable () -> Void)? = nil
    ) -> Result<ModemLease, FleetError>? {
        rig.perform { fleet -> Result<ModemLease, FleetError> in
            do throws(FleetError) {
                return .success(try await fleet.lease(wish, within: limit, preempt: preempt))
            } catch {
                return .failure(error)
            }
        }
    }

    private static func error(_ result: Result<ModemLease, FleetError>?) -> FleetError? {
        if case .failure(let error) = result { error } else { nil }
    }

    /// Three modems that are ready; the last is received best.
    private static func three(_ choice: ModemChoice) throws -> ManualRig {
        let profiles = (0..<3)
            .map { number in
                var profile = ModemProfile(.quectel, number: number)
                profile.signal = 10 + 5 * number
                return profile
            }
        let rig = try ManualRig(profiles, configuration: ["  modem_choice: \(choice.rawValue)"])
        rig.plugAll()
        for number in 1...3 { #expect(rig.waits(for: .ready, "1-1.\(number)")) }
        rig.drive(.seconds(1))
        return rig
    }

    @Test(
        "a free modem is chosen by the configured policy",
        arguments: [
            (ModemChoice.bestSignal, ["1-1.3", "1-1.3", "1-1.3", "1-1.3"]),
            (.roundRobin, ["1-1.3", "1-1.2", "1-1.1", "1-1.3"]),
            (.leastUsed, ["1-1.3", "1-1.2", "1-1.1", "1-1.3"]),
        ]
    )
    func choice(_ choice: ModemChoice, _ expected: [String]) throws {
        let rig = try Self.three(choice)
        var taken: [String] = []
        for _ in expected {
            let lease = try #require(Self.lease(rig)).get()
            taken.append(lease.status.usbPath ?? "?")
            _ = rig.perform { _ in await lease.giveBack(clean: true) }
        }
        #expect(taken == expected)
    }

    @Test("every call has a modem of its own, and the next is told that all are busy")
    func all() throws {
        let rig = try Self.three(.bestSignal)
        let leases = try (0..<3).map { _ in try #require(Self.lease(rig)).get() }
        #expect(Set(leases.compactMap(\.status.usbPath)).count == 3)
        #expect(Self.error(Self.lease(rig)) == .timedOut("every modem that fits has a call"))
        #expect(Self.error(Self.lease(rig, within: .seconds(20))) == .timedOut("every modem that fits has a call"))
        withExtendedLifetime(leases) {}
    }

    @Test("a modem is named by its IMEI, tty or USB path, and one that nobody knows is refused")
    func named() throws {
        let rig = try Self.three(.bestSignal)
        let imei = ModemProfile(.quectel, number: 0).imei
        for name in [imei, "/dev/ttyUSB0", "1-1.1"] {
            let lease = try #require(Self.lease(rig, ModemWish(modem: name))).get()
            #expect(lease.status.imei == imei)
            _ = rig.perform { _ in await lease.giveBack(clean: true) }
        }
        rig.drive(.seconds(5))
        #expect(Self.error(Self.lease(rig, ModemWish(modem: "nobody"), within: .seconds(5))) == .unknownModem("nobody"))
    }

    @Test(
        "where no modem is usable the most telling reason is given at once",
        arguments: [
            (SIMCondition.pin(code: "1234", tries: 3), NetworkRegistration.home, "sim"),
            (.absent, .home, "sim"),
            (.ready, .denied, "noService"),
        ]
    )
    func reasons(_ sim: SIMCondition, _ registration: NetworkRegistration, _ kind: String) throws {
        var profile = ModemProfile(.quectel)
        profile.sim = sim
        profile.registration = registration
        let rig = try ManualRig([profile])
        rig.plugAll()
        rig.drive(.seconds(60))
        let error = try #require(Self.error(Self.lease(rig, within: .seconds(30))))
        #expect("\(error)".hasPrefix(kind), "\(error)")
    }

    @Test("without any modem a call waits for the start only")
    func none() throws {
        let rig = try ManualRig([])
        let asked = rig.loop.now
        guard case .noModem = Self.error(Self.lease(rig, within: .seconds(60))) else {
            Issue.record("a modem out of nothing")
            return
        }
        #expect(rig.loop.now - asked <= .seconds(6))
    }

    @Test("those who wait are served in their order")
    func order() throws {
        let rig = try ManualRig([ModemProfile(.quectel)])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        let first = try #require(Self.lease(rig)).get()
        let served = Mutex<[Int]>([])
        for number in 0..<3 {
            rig.loop.start { [fleet = rig.fleet] in
                do throws(FleetError) {
                    let lease = try await fleet.lease(ModemWish(), within: .seconds(60))
                    served.withLock { $0.append(number) }
                    await lease.giveBack(clean: true)
                } catch {
                    Issue.record("\(number): \(error)")
                }
            }
            rig.drive(.milliseconds(10))
        }
        #expect(served.withLock { $0 } == [])
        _ = rig.perform { _ in await first.giveBack(clean: true) }
        rig.drive(.seconds(1))
        #expect(served.withLock { $0 } == [0, 1, 2])
    }

    @Test("a call for help takes a modem without card or network at once", arguments: [SIMCondition.absent, .puk])
    func emergency(_ sim: SIMCondition) throws {
        var profile = ModemProfile(.quectel)
        profile.sim = sim
        let rig = try ManualRig([profile])
        rig.plugAll()
        #expect(rig.waits(for: .failed))
        let lease = try #require(Self.lease(rig, ModemWish(for: .help))).get()
        #expect(rig.state() == .inCall)
        _ = rig.perform { _ in await lease.giveBack(clean: true) }
        #expect(rig.waits(for: .failed))
    }

    @Test("a call for help takes a modem that is being set up, without waiting for its network")
    func emergencyAtStart() throws {
        var profile = ModemProfile(.quectel)
        profile.registration = .searching
        let rig = try ManualRig([profile])
        rig.plugAll()
        rig.drive(.seconds(3))
        #expect(rig.state() == .starting)
        let asked = rig.loop.now
        let lease = try #require(Self.lease(rig, ModemWish(for: .help))).get()
        #expect(rig.loop.now - asked < .seconds(3))
        let isUp = rig.perform { _ in
            var options = ModemSession.BringUp()
            options.isForEmergency = true
            do throws(ModemError) {
                try await lease.session.bringUp(options)
                return true
            } catch {
                return false
            }
        }
        #expect(isUp == true)
    }

    @Test("a call makes way for one for help, by itself or after four seconds", arguments: [true, false])
    func preempt(_ obeys: Bool) throws {
        let rig = try ManualRig([ModemProfile(.quectel)])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        let asked = Mutex(0)
        let given = Self.lease(rig, preempt: { asked.withLock { $0 += 1 } })
        let ordinary = try #require(given).get()
        let began = rig.loop.now
        if obeys {
            rig.loop.start { [loop = rig.loop] in
                while asked.withLock({ $0 }) == 0 {
                    await withCheckedContinuation { next in
                        _ = loop.schedule(at: loop.now + .milliseconds(100)) { next.resume() }
                    }
                }
                await ordinary.giveBack(clean: false)
            }
        }
        let help = try #require(Self.lease(rig, ModemWish(for: .help), within: .seconds(30))).get()
        #expect(asked.withLock { $0 } == 1)
        #expect(rig.loop.now - began <= .seconds(5))
        #expect(rig.state() == .inCall)
        // The old holder can't take the modem away any more.
        _ = rig.perform { _ in await ordinary.giveBack(clean: true) }
        #expect(rig.state() == .inCall)
        _ = rig.perform { _ in await help.giveBack(clean: true) }
        #expect(rig.waits(for: .ready))
    }

    @Test("a lease that is forgotten gives the modem back")
    func forgotten() async throws {
        let rig = try ManualRig([ModemProfile(.quectel)])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        do {
            let lease = try #require(Self.lease(rig)).get()
            #expect(lease.status.state == .inCall)
        }
        // The last reference goes on whatever thread it pleases, so its task is waited for in real time.
        let end = ContinuousClock.now + .seconds(60)
        while rig.state() != .ready, ContinuousClock.now < end {
            rig.drive(.milliseconds(100))
            await Task.yield()
        }
        #expect(rig.state() == .ready)
    }

    @Test("an incoming call takes just its modem")
    func incoming() throws {
        let rig = try Self.three(.bestSignal)
        let session = try #require(rig.perform { fleet in await fleet.modem("1-1.2")?.session } ?? nil)
        let lease = try #require(rig.perform { fleet in await fleet.leaseForIncoming(session) } ?? nil)
        #expect(lease.status.usbPath == "1-1.2")
        #expect((rig.perform { fleet in await fleet.leaseForIncoming(session) } ?? nil) == nil)
    }

    @Test("whoever only talks to a modem keeps it from other calls, and makes way for one that comes in")
    func maintenance() throws {
        let rig = try ManualRig([ModemProfile(.quectel)])
        rig.plugAll()
        #expect(rig.waits(for: .ready))
        let asked = Mutex(0)
        let wish = ModemWish(modem: "1-1.1", for: .maintenance)
        let given = Self.lease(rig, wish, preempt: { asked.withLock { $0 += 1 } })
        let talk = try #require(given).get()
        #expect(Self.error(Self.lease(rig)) == .timedOut("every modem that fits has a call"))
        let call = try #require(rig.perform { fleet in await fleet.leaseForIncoming(talk.session) } ?? nil)
        #expect(asked.withLock { $0 } == 1)
        // What the talk gives back is not its own any more.
        _ = rig.perform { _ in await talk.giveBack(clean: true) }
        #expect(rig.state() == .inCall)
        _ = rig.perform { _ in await call.giveBack(clean: true) }
        #expect(rig.waits(for: .ready))
    }

    @Test("a call for help disturbs a talk with a modem before it disturbs a call")
    func helpBesideTalk() throws {
        let rig = try Self.three(.bestSignal)
        let calls = Mutex(0)
        let talks = Mutex(0)
        // The best received has a call, the others are talked to.
        let given = Self.lease(rig, preempt: { calls.withLock { $0 += 1 } })
        let call = try #require(given).get()
        let others = try ["1-1.1", "1-1.2"]
            .map { path in
                let wish = ModemWish(modem: path, for: .maintenance)
                let given = Self.lease(rig, wish, preempt: { talks.withLock { $0 += 1 } })
                return try #require(given).get()
            }
        let help = try #require(Self.lease(rig, ModemWish(for: .help), within: .seconds(30))).get()
        #expect(["1-1.1", "1-1.2"].contains(help.status.usbPath))
        #expect(calls.withLock { $0 } == 0 && talks.withLock { $0 } == 1)
        withExtendedLifetime((call, others)) {}
    }
}
