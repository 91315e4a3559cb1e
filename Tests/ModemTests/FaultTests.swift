import CallFlows
import CallModel
import Modem
import ModemSimulator
import NetworkSimulator
import Testing

/// Calls on modems that misbehave.
@Suite struct FaultTests {
    private static func profile(_ family: SimulatedFamily, _ faults: String...) throws -> ModemProfile {
        var profile = ModemProfile(family)
        profile.faults = try faults.map { try SimulatedFault(parsing: $0) }
        return profile
    }

    @Test(
        "noise on the line changes nothing",
        arguments: SimulatedFamily.allCases,
        ["garbage", "split-writes", "glued-writes", "echo-returns", "numeric-results"]
    )
    func noise(_ family: SimulatedFamily, _ fault: String) throws {
        let rig = CallRig(try Self.profile(family, fault))
        let outcome = rig.call()
        #expect(outcome.bringUpError == nil)
        #expect(outcome.end?.outcome == .completed, "\(outcome.steps) \(String(describing: outcome.end))")
        #expect(rig.withWorld { world, _ in world.calls.first?.digits } == "03012345678#")
        FamilyCallTests.expectClean(rig, outcome)
    }

    @Test(
        "late and lost answers during bring-up and while following the call cost time, not the call",
        arguments: SimulatedFamily.allCases,
        [
            "late-reply:AT+CSQ:7s", "late-reply:AT+CGMM:6s", "late-reply:AT+CREG?:7s", "lost-reply:AT+CMEE:1",
            "lost-reply:AT+CLCC:1", "late-reply:AT+CLCC:6s", "lost-reply:AT+CLIP:1", "late-reply:AT+CVHU:9s",
            "late-reply:AT:800ms:*", "late-reply:AT:3s:*", "lost-reply:AT+CREG?:*", "lost-reply:AT+CPIN:*",
            "lost-reply:AT+CGMM:*", "lost-reply:AT+CEER:*", "late-reply:ATD:8s", "late-reply:ATD:9s",
            "late-reply:ATD:25s", "lost-reply:ATD:1",
        ]
    )
    func lateAnswers(_ family: SimulatedFamily, _ fault: String) throws {
        let rig = CallRig(try Self.profile(family, fault))
        let outcome = rig.call()
        #expect(outcome.bringUpError == nil)
        #expect(outcome.end?.outcome == .completed, "\(outcome.steps) \(String(describing: outcome.end))")
        #expect(rig.withWorld { world, _ in world.calls.first?.digits } == "03012345678#")
    }

    @Test(
        "a digit whose acknowledgement is lost is never sent again; the call is ended",
        arguments: SimulatedFamily.allCases
    )
    func lostDigit(_ family: SimulatedFamily) throws {
        let command = family == .huawei ? "AT^DTMF" : "AT+VTS"
        let rig = CallRig(try Self.profile(family, "lost-reply:\(command):1"))
        let outcome = rig.call()
        #expect(outcome.end?.outcome == .lost)
        #expect(rig.withWorld { world, _ in world.calls.first?.tones.count ?? 0 } <= 1)
        #expect(rig.withWorld { world, _ in world.liveCalls(of: 0) } == 0)
    }

    @Test(
        "a digit that is refused in mid-script ends the call, and none is sent after it",
        arguments: SimulatedFamily.allCases
    )
    func refusedDigit(_ family: SimulatedFamily) throws {
        let rig = CallRig(try Self.profile(family, "vts-error:3"))
        let outcome = rig.call()
        #expect(outcome.end?.outcome == .lost)
        #expect(rig.withWorld { world, _ in world.calls.first?.digits } == "03")
        FamilyCallTests.expectClean(rig, outcome)
    }

    @Test(
        "a hang-up command that does nothing is followed by rougher ones until the call is gone",
        arguments: SimulatedFamily.allCases,
        [
            ["hangup-ignored:AT+CHUP"], ["ath-ignored"], ["hangup-ignored:AT+CHUP", "ath-ignored"],
            ["lost-reply:AT+CHUP:1"],
        ]
    )
    func hangUpLadder(_ family: SimulatedFamily, _ faults: [String]) throws {
        var profile = ModemProfile(family)
        profile.faults = try faults.map { try SimulatedFault(parsing: $0) }
        let rig = CallRig(profile)
        let outcome = rig.call(interruptAfter: .seconds(4))
        #expect(outcome.end?.outcome == .interrupted)
        #expect(outcome.end?.hangUpVerified == true, "\(String(describing: outcome.end))")
        #expect(rig.withWorld { world, _ in world.liveCalls(of: 0) } == 0)
    }

    @Test(
        "a modem that is unplugged at any stage ends the run as failed, at once",
        arguments: SimulatedFamily.allCases,
        ["dialling", "alerting", "answered", "handover", "in_progress"]
    )
    func unplugged(_ family: SimulatedFamily, _ stage: String) throws {
        let rig = CallRig(try Self.profile(family, "unplug:\(stage)"))
        let outcome = rig.call(script: "030123456#")
        #expect(outcome.end?.outcome == .modemFailed, "\(outcome.steps) \(String(describing: outcome.bringUpError))")
        #expect(outcome.took < .seconds(30))
    }

    @Test(
        "a modem that falls silent at any stage ends the run within a minute",
        arguments: SimulatedFamily.allCases,
        ["dialling", "alerting", "answered", "handover", "in_progress"]
    )
    func deaf(_ family: SimulatedFamily, _ stage: String) throws {
        let rig = CallRig(try Self.profile(family, "deaf-after:\(stage)"))
        let outcome = rig.call(script: "030123456#")
        let end = try #require(outcome.end)
        #expect([.modemFailed, .lost, .noAnswer].contains(end.outcome), "\(end)")
        #expect(!end.hangUpVerified || end.outcome == .modemFailed)
        #expect(outcome.took < .seconds(120), "took \(outcome.took)")
    }

    @Test(
        "a modem without a call list is followed by its own reports",
        arguments: [SimulatedFamily.huawei, .quectel, .simcom, .sim800, .telit, .ublox]
    )
    func noCallList(_ family: SimulatedFamily) throws {
        let rig = CallRig(try Self.profile(family, "no-clcc"))
        let outcome = rig.call()
        #expect(outcome.end?.outcome == .completed, "\(outcome.steps) \(String(describing: outcome.end))")
        #expect(rig.withWorld { world, _ in world.calls.first?.digits } == "03012345678#")
        FamilyCallTests.expectClean(rig, outcome)
    }

    @Test(
        "a card or a network that is not there stops the bring-up with its reason",
        arguments: SimulatedFamily.allCases
    )
    func cardsAndNetworks(_ family: SimulatedFamily) {
        let rows: [(change: (inout ModemProfile) -> Void, category: ModemError.Category)] = [
            ({ $0.sim = .absent }, .sim), ({ $0.sim = .puk }, .sim), ({ $0.sim = .pin(code: "1234", tries: 3) }, .sim),
            ({ $0.registration = .none }, .noService), ({ $0.registration = .denied }, .noService),
            ({ $0.registration = .searching }, .noService), ({ $0.registration = .emergencyOnly }, .noService),
        ]
        for (number, row) in rows.enumerated() {
            var profile = ModemProfile(family)
            row.change(&profile)
            let rig = CallRig(profile)
            let outcome = rig.call()
            #expect(
                outcome.bringUpError?.category == row.category,
                "row \(number): \(String(describing: outcome.bringUpError))"
            )
            #expect(rig.withWorld { world, _ in world.calls.isEmpty })
        }
    }

    @Test(
        "a modem registered on LTE only, roaming, or with a card that needs a moment, calls",
        arguments: SimulatedFamily.allCases
    )
    func unusualButFine(_ family: SimulatedFamily) {
        let rows: [(inout ModemProfile) -> Void] = [
            { $0.registration = .evolvedOnly }, { $0.registration = .roaming }, { $0.sim = .busy(.seconds(8)) },
        ]
        for (number, change) in rows.enumerated() {
            var profile = ModemProfile(family)
            change(&profile)
            let rig = CallRig(profile)
            let outcome = rig.call()
            #expect(outcome.end?.outcome == .completed, "row \(number): \(String(describing: outcome.bringUpError))")
        }
    }

    @Test(
        "an emergency call goes out without a usable card and without a home network",
        arguments: SimulatedFamily.allCases
    )
    func emergencyAnyway(_ family: SimulatedFamily) {
        let changes: [(inout ModemProfile) -> Void] = [
            { $0.sim = .absent }, { $0.sim = .pin(code: "1234", tries: 3) }, { $0.registration = .emergencyOnly },
        ]
        for change in changes {
            var profile = ModemProfile(family)
            change(&profile)
            let rig = CallRig(profile)
            var bringUp = ModemSession.BringUp()
            bringUp.isForEmergency = true
            let outcome = rig.call("112", script: "", maxDuration: .seconds(5), bringUp: bringUp)
            #expect(outcome.bringUpError == nil)
            #expect(rig.withWorld { world, _ in world.calls.first?.dialled } == "112")
        }
    }
}
