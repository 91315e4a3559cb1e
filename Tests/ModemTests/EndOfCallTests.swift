import CallFlows
import CallModel
import Modem
import ModemSimulator
import ModemTestSupport
import NetworkSimulator
import Testing

/// Ends that come at awkward moments.
@Suite struct EndOfCallTests {
    private static func profile(_ family: SimulatedFamily, _ faults: String...) throws -> ModemProfile {
        var profile = ModemProfile(family)
        profile.faults = try faults.map { try SimulatedFault(parsing: $0) }
        return profile
    }

    @Test(
        "a modem that restarts in a call has failed: nobody hung up",
        arguments: [SimulatedFamily.quectel, .sim800, .simcom, .cinterion],
        ["answered", "handover", "in_progress"]
    )
    func restart(_ family: SimulatedFamily, _ stage: String) throws {
        let rig = CallRig(try Self.profile(family, "spontaneous-reset:\(stage)"))
        let outcome = rig.call(script: "030123456#")
        #expect(outcome.end?.outcome == .modemFailed, "\(outcome.steps) \(String(describing: outcome.end))")
        #expect(outcome.took < .seconds(60))
    }

    @Test("an end that is told before the answer is not hidden by a dial command without a result")
    func endBeforeResult() throws {
        let rig = CallRig(try Self.profile(.zte, "lost-reply:ATD"))
        let outcome = rig.call("+4922166966972") { progress, rig, _ in
            guard case .dialing = progress else { return }
            _ = rig.loop.schedule(at: rig.loop.now + .seconds(5)) { rig.loop.start { rig.say("HANGUP: 1") } }
        }
        #expect(outcome.end?.outcome == .rejected, "\(String(describing: outcome.end))")
        #expect(outcome.end?.cause == 21)
        #expect(outcome.took < .seconds(30), "took \(outcome.took)")
        #expect(outcome.wasIdleAtTheEnd)
    }

    @Test(
        "a far end that hangs up while a digit waits for its OK is the one that ended the call",
        arguments: [SimulatedFamily.generic, .ublox, .sim800, .telit]
    )
    func endWhileDigitWaits(_ family: SimulatedFamily) throws {
        let rig = CallRig(try Self.profile(family, "lost-reply:AT+VTS:1"))
        let outcome = rig.call { progress, rig, _ in
            guard case .connected = progress else { return }
            _ = rig.loop.schedule(at: rig.loop.now + .seconds(2)) {
                rig.withWorld { world, now in
                    if let call = world.calls.first { world.hangUpFarSide(call: call.id, at: now) }
                }
            }
        }
        #expect(outcome.end?.outcome == .lost, "\(String(describing: outcome.end))")
        #expect(outcome.end?.by == .remote, "\(String(describing: outcome.end))")
        #expect(outcome.took < .seconds(20), "took \(outcome.took)")
        #expect(rig.withWorld { world, _ in world.calls.first?.tones.count ?? 0 } <= 1)
    }
}
