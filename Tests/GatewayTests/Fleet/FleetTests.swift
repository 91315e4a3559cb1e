import ModemSimulator
import Testing

@testable import Gateway

@Suite("The fleet of modems", .timeLimit(.minutes(1)), .serialized)
struct FleetTests {
    @Test("eight modems are found, ready and listed in under five seconds")
    func eight() async throws {
        let families: [ModemFamily] = [.quectel, .simcom, .huawei, .zte, .ublox, .telit, .cinterion, .generic]
        let started = ContinuousClock.now
        let rig = try FleetRig(families.enumerated().map { ModemProfile($1, number: $0) })
        let areReady = await rig.waits {
            await rig.fleet.statuses().filter { $0.state == .ready && $0.signal != nil }.count == 8
        }
        let took = ContinuousClock.now - started
        #expect(areReady)
        #expect(took < .seconds(5), "took \(took)")
        let list = await rig.fleet.statuses()
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
        let first = try await rig.fleet.lease(ModemWish(), within: .seconds(10))
        #expect(first.status.name == "m0")
        #expect(await rig.state(of: "m0") == .inCall)
        await #expect(throws: FleetError.timedOut("every modem that fits has a call")) {
            _ = try await rig.fleet.lease(ModemWish(), within: .zero)
        }
        async let second = rig.fleet.lease(ModemWish(modem: "m0"), within: .seconds(10))
        #expect(await rig.waits { await rig.fleet.queued == 1 })
        await first.giveBack(clean: true)
        let next = try await second
        #expect(next.id != first.id)
        await first.giveBack(clean: false)
        #expect(await rig.state(of: "m0") == .inCall)
        await next.giveBack(clean: false)
        #expect(await rig.waits(for: .ready, of: "m0"))
        await rig.stop()
    }
}
