import CallFlows
import CallModel
import Modem
import ModemSimulator
import ModemTestSupport
import NetworkSimulator
import Testing

/// Modems whose call list leaves calls out, shows them as something else, or that report an end which is none.
///
/// Whatever they say: no call is up that nobody follows, unless the last look says so.
@Suite struct UncertainEndTests {
    private static func profile(_ family: SimulatedFamily, _ faults: String...) throws -> ModemProfile {
        var profile = ModemProfile(family)
        profile.faults = try faults.map { try SimulatedFault(parsing: $0) }
        return profile
    }

    @Test(
        "a list that shows an answered call a moment late is waited for",
        arguments: SimulatedFamily.allCases,
        ["list-gap:1500ms", "list-mode:1", "list-mode:9"]
    )
    func lateList(_ family: SimulatedFamily, _ fault: String) throws {
        let rig = try #require(RingRig(try Self.profile(family, fault)))
        let id = try #require(rig.ring())
        rig.pass(.seconds(12))
        #expect(rig.steps.last == "answered", "\(rig.steps)")
        #expect(rig.live == 1)
        rig.hangUpFarSide(id)
        rig.pass(.seconds(10))
        #expect(rig.steps.last == "released: remote", "\(rig.steps)")
        #expect(rig.violations == [])
    }

    @Test(
        "a call that was answered and is not listed is hung up before it is called over",
        arguments: SimulatedFamily.allCases,
        ["list-gap:60s", "unlisted-incoming"]
    )
    func neverListed(_ family: SimulatedFamily, _ fault: String) throws {
        let rig = try #require(RingRig(try Self.profile(family, fault)))
        rig.ring()
        rig.pass(.seconds(40))
        if rig.steps.last == "answered" {
            // The family's own report says so, and will tell of the end.
            #expect(rig.live == 1)
            #expect(![SimulatedFamily.generic, .zte].contains(family))
        } else {
            #expect(rig.steps.last == "released: goneWhileAnswering", "\(rig.steps)")
            #expect(rig.live == 0, "\(rig.commands.suffix(12))")
            #expect(rig.commands.contains("AT+CHUP"))
        }
    }

    @Test("a call that the list leaves out for long is hung up", arguments: SimulatedFamily.allCases)
    func missing(_ family: SimulatedFamily) throws {
        let rig = CallRig(try Self.profile(family, "list-gap:8s"))
        let outcome = rig.call(script: "", maxDuration: .seconds(30))
        #expect(outcome.end != nil)
        #expect(outcome.wasIdleAtTheEnd)
        FamilyCallTests.expectClean(rig, outcome, script: "")
        #expect(rig.withWorld { world, _ in world.calls.first?.endedBy } == .modem)
    }

    @Test(
        "a call that is listed as data or as unknown is followed like any other",
        arguments: SimulatedFamily.allCases,
        [1, 9]
    )
    func otherMode(_ family: SimulatedFamily, _ mode: Int) throws {
        let rig = CallRig(try Self.profile(family, "list-mode:\(mode)"))
        let outcome = rig.call()
        #expect(outcome.end?.outcome == .completed, "\(String(describing: outcome.end))")
        #expect(rig.withWorld { world, _ in world.calls.first?.digits } == "03012345678#")
        FamilyCallTests.expectClean(rig, outcome)
    }

    @Test("it is ended by its index where nothing else ends it, and not taken for idle before", arguments: [1, 9])
    func endedByIndex(_ mode: Int) throws {
        let rig = CallRig(try Self.profile(.generic, "list-mode:\(mode)", "hangup-ignored:AT+CHUP", "ath-ignored"))
        let outcome = rig.call(interruptAfter: .seconds(8))
        #expect(outcome.end?.hangUpVerified == true)
        FamilyCallTests.expectClean(rig, outcome)
        let commands = rig.withWorld { world, _ in world.commands(of: 0) }
        #expect(commands.contains("AT+CHLD=11") && !commands.contains("AT+CFUN=4"))
    }

    @Test(
        "a call that comes up seconds after NO CARRIER is found and ended",
        arguments: SimulatedFamily.allCases,
        ["late-fallback:2s", "late-fallback:3s"]
    )
    func fallback(_ family: SimulatedFamily, _ fault: String) throws {
        let rig = CallRig(try Self.profile(family, fault))
        let outcome = rig.call()
        FamilyCallTests.expectClean(rig, outcome)
        #expect(outcome.wasIdleAtTheEnd)
        // A stick that is silent until the answer has no such moment.
        if family != .zte {
            #expect(outcome.end?.outcome == .rejected, "\(String(describing: outcome.end))")
            #expect(rig.withWorld { world, _ in world.calls.first?.endedBy } == .modem)
        }
    }

    @Test(
        "the answer is seen although OK to the dial command was lost",
        arguments: SimulatedFamily.allCases.filter { $0 != .zte }
    )
    func lostAcceptance(_ family: SimulatedFamily) throws {
        let rig = CallRig(try Self.profile(family, "lost-reply:ATD"))
        let outcome = rig.call("+4930123456", script: "", maxDuration: .seconds(30))
        let call = try #require(rig.withWorld { world, _ in world.calls.first })
        let setup = outcome.progress.lazy.compactMap { if case .connected(let setup) = $0 { setup } else { nil } }.first
        // A report of the answer is followed up at once. Without one nothing is written before the dial command's limit of 30 s,
        // because it might abort the call; behind that comes what putting commands and answers in step takes.
        #expect(try #require(setup) < (family == .generic ? .seconds(33) : .seconds(11)))
        #expect(outcome.end?.outcome == .completed)
        #expect(call.endedBy == .modem)
        FamilyCallTests.expectClean(rig, outcome, script: "")
    }

    @Test("a call that is talked on and that nobody follows does not keep the modem from dialling")
    func talkedOn() throws {
        let rig = CallRig(ModemProfile(.generic))
        rig.withWorld { world, now in world.receive(Array("ATE0\r".utf8), from: 0, at: now) }
        rig.drive(until: rig.loop.now + .seconds(1))
        rig.withWorld { world, now in _ = world.ring(modem: 0, from: "+4930999999", at: now) }
        rig.drive(until: rig.loop.now + .seconds(2))
        rig.withWorld { world, now in world.receive(Array("ATA\r".utf8), from: 0, at: now) }
        rig.drive(until: rig.loop.now + .seconds(2))
        #expect(rig.withWorld { world, _ in world.calls.first?.state } == .answered)
        let outcome = rig.call()
        #expect(outcome.end?.outcome == .completed, "\(String(describing: outcome.bringUpError))")
        #expect(rig.withWorld { world, _ in world.calls.first?.endedBy } == .modem)
        FamilyCallTests.expectClean(rig, outcome)
    }
}
