import CallFlows
import CallModel
import Modem
import ModemSimulator
import ModemTestSupport
import NetworkSimulator
import Synchronization
import Testing

/// A modem that has a call already when it is opened.
@Suite struct LeftBehindTests {
    /// Dials without a session, as an earlier run did that was killed.
    private static func leaveCall(on rig: CallRig) {
        rig.withWorld { world, now in world.receive(Array("ATE0\r".utf8), from: 0, at: now) }
        rig.drive(until: rig.loop.now + .seconds(1))
        rig.withWorld { world, now in world.receive(Array("ATD+4930123456;\r".utf8), from: 0, at: now) }
        rig.drive(until: rig.loop.now + .seconds(10))
    }

    @Test(
        "a call that a killed run left up is ended before the next one is dialled",
        arguments: SimulatedFamily.allCases
    )
    func outgoing(_ family: SimulatedFamily) {
        let rig = CallRig(ModemProfile(family))
        Self.leaveCall(on: rig)
        #expect(rig.withWorld { world, _ in world.liveCalls(of: 0) } == 1)
        let outcome = rig.call()
        let calls = rig.withWorld { world, _ in world.calls.filter { $0.modem == 0 } }
        #expect(calls.count == 2)
        #expect(calls.first?.endedBy == .modem)
        // A ZTE stick that is dialled again within five seconds wedges; the rest is waited for.
        #expect(outcome.end?.outcome == .completed, "\(String(describing: outcome))")
        #expect(calls.last?.digits == "03012345678#")
        #expect(rig.withWorld { world, _ in world.liveCalls(of: 0) } == 0)
    }

    @Test(
        "without a call list a call that is suspected is hung up, and one that is not is left alone",
        arguments: [SimulatedFamily.quectel, .huawei, .simcom, .generic],
        [true, false]
    )
    func unlisted(_ family: SimulatedFamily, isSuspected: Bool) throws {
        var profile = ModemProfile(family)
        profile.faults = [.noCallList]
        let rig = CallRig(profile)
        Self.leaveCall(on: rig)
        #expect(rig.withWorld { world, _ in world.liveCalls(of: 0) } == 1)
        let isDone = Mutex(false)
        rig.start { session in
            do throws(ModemError) { try await session.bringUp(ModemSession.BringUp()) } catch {
                Issue.record("\(error)")
            }
            _ = await session.endLeftBehindCalls(isSuspected: isSuspected)
            isDone.withLock { $0 = true }
        }
        rig.drive(until: rig.loop.now + .seconds(120)) { isDone.withLock { $0 } }
        #expect(isDone.withLock { $0 })
        #expect(rig.withWorld { world, _ in world.liveCalls(of: 0) } == (isSuspected ? 0 : 1))
    }

    @Test("a call that is coming in is left alone, and the modem is refused", arguments: SimulatedFamily.allCases)
    func incoming(_ family: SimulatedFamily) {
        let rig = CallRig(ModemProfile(family))
        rig.drive(until: rig.loop.now + .seconds(5))
        rig.withWorld { world, now in _ = world.ring(modem: 0, from: "+4930999999", at: now) }
        rig.drive(until: rig.loop.now + .seconds(1))
        let outcome = rig.call()
        #expect(
            outcome.bringUpError?.category == .unusable,
            "\(String(describing: outcome.bringUpError)) \(String(describing: outcome.end))"
        )
        #expect(rig.withWorld { world, _ in world.calls.count { $0.direction == .outgoing } } == 0)
        #expect(rig.withWorld { world, _ in world.calls.first?.isLive } == true)
    }
}
