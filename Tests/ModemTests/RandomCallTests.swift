import CallFlows
import CallModel
import Modem
import ModemSimulator
import NetworkSimulator
import TestSupport
import Testing

/// Calls with random numbers, faults and interruptions, on every family: what must hold, holds in all of them.
@Suite struct RandomCallTests {
    private static let numbers = [
        "+4922166966966", "+4922166966966", "+4922166966966", "+4922166966968", "+4922166966970", "+4922166966971",
        "+4922166966972", "+4922166966973", "+4922166966974", "+4922166966975", "+4922166966976", "+4922166966977",
        "+4922166966978", "+4922166966981",
    ]

    private static let faults = [
        "garbage", "split-writes", "glued-writes", "echo-returns", "numeric-results", "no-indications", "no-clcc",
        "vts-error:1", "vts-error:5", "ath-ignored", "hangup-ignored:AT+CHUP", "unplug:dialling", "unplug:alerting",
        "unplug:answered", "unplug:handover", "unplug:in_progress", "deaf-after:dialling", "deaf-after:answered",
        "deaf-after:handover", "deaf-after:in_progress", "spontaneous-reset:alerting", "spontaneous-reset:handover",
        "quiet-reset:alerting", "quiet-reset:in_progress", "chatter:60ms", "chatter:150ms", "unisoc-reports",
        "longsung-reports", "data-rings", "silent-at", "error-text", "left-in-ucs2", "only-ucs2",
        "list-mode:1", "list-mode:9", "list-gap:1500ms", "list-gap:5s", "stray-lists", "stray-lists",
        "late-fallback:2s",
        "late-fallback:3s", "lost-reply:ATD", "stuck:AT+CLCC", "stuck:AT+CHUP", "stuck:AT+CEER", "stuck:AT+VTS",
    ]

    private static let commands = [
        "AT", "ATE0", "AT+CMEE", "AT+CGMI", "AT+CPIN?", "AT+CREG?", "AT+COLP", "AT+CLCC", "ATD", "AT+VTS", "AT^DTMF",
        "AT+CHUP", "ATH", "AT+CEER", "AT+CVHU", "AT+VTD?",
    ]

    private static func fault(_ random: inout SeededGenerator) -> String {
        switch Int.random(in: 0..<3, using: &random) {
        case 0: return faults.randomElement(using: &random) ?? "garbage"
        case 1:
            let delay = [300, 1500, 4000, 6000, 11_000].randomElement(using: &random) ?? 300
            let count = ["", ":2", ":*"].randomElement(using: &random) ?? ""
            return "late-reply:\(commands.randomElement(using: &random) ?? "AT"):\(delay)ms\(count)"
        default:
            let count = [1, 2, 3].randomElement(using: &random) ?? 1
            return "lost-reply:\(commands.randomElement(using: &random) ?? "AT"):\(count)"
        }
    }

    @Test(
        "it always ends, no digit is doubled, and a call that may be left up is never reported as gone",
        arguments: 0..<40
    )
    func random(_ block: Int) throws {
        for seed in (block * 50)..<(block * 50 + 50) {
            var random = SeededGenerator(seed: seed)
            let family = SimulatedFamily.allCases.randomElement(using: &random) ?? .generic
            var profile = ModemProfile(family)
            let faults = (0..<Int.random(in: 0...3, using: &random)).map { _ in Self.fault(&random) }
            profile.faults = try faults.map { try SimulatedFault(parsing: $0) }
            let number = Self.numbers.randomElement(using: &random) ?? "+4922166966966"
            let interruptAfter: Duration? =
                Bool.random(using: &random) ? .milliseconds(Int.random(in: 0...15_000, using: &random)) : nil
            let rig = CallRig(profile, seed: UInt64(seed))
            let outcome = rig.call(number, maxDuration: .seconds(120), interruptAfter: interruptAfter)
            // Where a list may show nothing by chance, the looks that the service takes at an idle modem find the call.
            if faults.contains("stray-lists"), outcome.bringUpError == nil { rig.lookIdle(times: 10) }
            let live = rig.withWorld { world, _ in world.liveCalls(of: 0) }
            let what = "seed \(seed): \(family) \(number) \(faults) \(String(describing: outcome.end))"
            #expect(outcome.end != nil || outcome.bringUpError != nil, "\(what): never ended")
            #expect(outcome.took < .seconds(600), "\(what): took \(outcome.took)")
            #expect(rig.lateHangUps == 0, "\(what): no hang-up within 3 s")
            if live > 0 {
                #expect(outcome.end?.hangUpVerified == false && !outcome.wasIdleAtTheEnd, "\(what): left up")
            }
            let calls = rig.withWorld { world, _ in world.calls.filter { $0.modem == 0 } }
            for call in calls {
                let heard = String(call.tones.map(\.digit))
                #expect("03012345678#".hasPrefix(heard), "\(what): heard \(heard)")
            }
            #expect(calls.count <= 1, "\(what): dialled more than once")
            // ZTE takes an announcement for the answer, and what is sent into it is not heard.
            let isDeceived = family == .zte && number == "+4922166966977"
            if outcome.end?.outcome == .completed, outcome.end?.by == .remote, !isDeceived {
                #expect(calls.first?.digits == "03012345678#", "\(what)")
            }
        }
    }
}
