import CallFlows
import CallModel
import Modem
import ModemSimulator
import NetworkSimulator
import Testing

typealias SimulatedFamily = ModemSimulator.ModemFamily

/// Whole calls on every simulated family, on simulated time.
@Suite struct FamilyCallTests {
    /// What must hold after every call, however it went: the modem has no call left, no command was written while
    /// another was in flight, and what the far side heard is a beginning of the script, each digit once.
    static func expectClean(
        _ rig: CallRig,
        _ outcome: CallRig.Outcome,
        script: String = "03012345678#",
        _ location: SourceLocation = #_sourceLocation
    ) {
        let (calls, live, violations) = rig.withWorld { world, _ in
            (world.calls, world.liveCalls(of: 0), world.violations)
        }
        #expect(live == 0, "a call is left up", sourceLocation: location)
        #expect(violations == [], sourceLocation: location)
        for call in calls where call.modem == 0 {
            let heard = String(call.tones.map(\.digit))
            #expect(script.hasPrefix(heard), "the far side heard \(heard)", sourceLocation: location)
        }
        #expect(outcome.progress.count { if case .ended = $0 { true } else { false } } <= 1, sourceLocation: location)
    }

    @Test(
        "a callthrough reaches the target: each digit once, in order, nothing left",
        arguments: SimulatedFamily.allCases
    )
    func callthrough(_ family: SimulatedFamily) {
        let rig = CallRig(ModemProfile(family))
        let outcome = rig.call()
        let call = rig.withWorld { world, _ in world.calls.first }
        #expect(outcome.bringUpError == nil)
        #expect(outcome.end?.outcome == .completed)
        #expect(outcome.end?.by == .remote)
        #expect(outcome.end?.hangUpVerified == true)
        #expect(call?.digits == "03012345678#")
        #expect(call?.dialled == "+4922166966966")
        #expect(call?.target == "03012345678")
        #expect(outcome.wasIdleAtTheEnd)
        #expect(
            outcome.steps.filter { $0 != "alerting" } == [
                "dialing", "connected", "handed over", "in progress", "ended",
            ]
        )
        Self.expectClean(rig, outcome)
    }

    @Test("the answer is believed when it is one, never before", arguments: SimulatedFamily.allCases)
    func trueAnswer(_ family: SimulatedFamily) throws {
        for number in ["+4922166966966", "+4922166966975", "+4922166966976", "+4922166966977"] {
            // ZTE takes an announcement for the answer; nothing that it says could tell the two apart.
            if family == .zte, number == "+4922166966977" { continue }
            let rig = CallRig(ModemProfile(family))
            let outcome = rig.call(number)
            let call = try #require(rig.withWorld { world, _ in world.calls.first })
            let answeredAt = try #require(call.answeredAt)
            let setup = outcome.progress.lazy.compactMap { if case .connected(let setup) = $0 { setup } else { nil } }
                .first
            let trueSetup = answeredAt - call.dialledAt
            #expect(outcome.end?.outcome == .completed, "\(number)")
            // Seen within one polling interval, and never early (the dial command itself takes some milliseconds).
            #expect(try #require(setup) >= trueSetup, "\(number)")
            #expect(try #require(setup) <= trueSetup + .milliseconds(1300), "\(number)")
            Self.expectClean(rig, outcome)
        }
    }

    @Test("every way in which a call is not answered has its outcome", arguments: SimulatedFamily.allCases)
    func unanswered(_ family: SimulatedFamily) {
        let expected: [(number: String, outcome: CallOutcome)] = [
            ("+4922166966970", .busy), ("+4922166966971", .noAnswer), ("+4922166966972", .rejected),
            ("+4922166966978", .rejected), ("+4922166966979", .rejected), ("+4922166966980", .rejected),
            ("+4922166966981", .noAnswer),
        ]
        for row in expected {
            let rig = CallRig(ModemProfile(family))
            let outcome = rig.call(row.number)
            // ZTE says OK for whatever the far side did; only the release cause, where it has one, knows more.
            let isVague = family == .zte && row.outcome != .noAnswer
            #expect(
                outcome.end?.outcome == row.outcome || (isVague && outcome.end?.outcome == .rejected),
                "\(row.number): \(String(describing: outcome.end))"
            )
            #expect(!outcome.steps.contains("connected"), "\(row.number)")
            Self.expectClean(rig, outcome)
        }
    }

    @Test(
        "a call that is answered and lost before the target is handed over is lost",
        arguments: SimulatedFamily.allCases
    )
    func lost(_ family: SimulatedFamily) {
        for number in ["+4922166966973", "+4922166966974"] {
            let rig = CallRig(ModemProfile(family))
            let outcome = rig.call(number)
            // A modem that reports nothing is asked twice a second: a call of half a second may go by unseen.
            if family == .generic, outcome.end?.outcome == .rejected, number == "+4922166966973" { continue }
            #expect(outcome.end?.outcome == .lost, "\(number)")
            #expect(outcome.steps.contains("connected"))
            #expect(!outcome.steps.contains("in progress"))
            Self.expectClean(rig, outcome)
        }
    }

    @Test("a limit on the talk hangs up", arguments: SimulatedFamily.allCases)
    func limited(_ family: SimulatedFamily) {
        let rig = CallRig(ModemProfile(family))
        let outcome = rig.call(script: "030123456#", maxDuration: .seconds(20))
        #expect(outcome.end?.outcome == .completed)
        #expect(outcome.end?.by == .local)
        #expect(outcome.end?.hangUpVerified == true)
        Self.expectClean(rig, outcome, script: "030123456#")
    }

    @Test("a direct call to an emergency number goes out", arguments: SimulatedFamily.allCases)
    func emergency(_ family: SimulatedFamily) {
        let rig = CallRig(ModemProfile(family))
        let outcome = rig.call("112", script: "", maxDuration: .seconds(5))
        #expect(outcome.end?.outcome == .completed)
        #expect(rig.withWorld { world, _ in world.calls.first?.dialled } == "112")
        Self.expectClean(rig, outcome)
    }

    @Test(
        "interrupted at any moment, the call is gone from the network and the modem idle",
        arguments: SimulatedFamily.allCases
    )
    func interrupted(_ family: SimulatedFamily) {
        for moment in stride(from: 0, through: 9000, by: 137) {
            let rig = CallRig(ModemProfile(family))
            let outcome = rig.call(interruptAfter: .milliseconds(moment))
            #expect(outcome.end?.outcome == .interrupted || outcome.end?.outcome == .completed, "\(moment) ms")
            #expect(outcome.end?.hangUpVerified == true, "\(moment) ms: \(String(describing: outcome.end))")
            Self.expectClean(rig, outcome)
        }
    }
}
