import CallFlows
import CallModel
import ModemSimulator
internal import NetworkSimulator

/// Whether one family's call went as it must, judged by what the network and the far side have seen.
struct DemoVerdict: Sendable {
    let family: ModemFamily
    /// What our own side says about the call.
    let end: CallEnd
    /// What the PBX heard, tones that came too early included.
    let heard: String
    /// The number with which the PBX joined the caller.
    let joined: String?
    /// What is not as it must be; empty when all is well.
    let differences: [String]

    var isGood: Bool { differences.isEmpty }

    init(family: ModemFamily, modem: Int, end: CallEnd, calls: [SimulatedCall], violations: [ProtocolViolation]) {
        self.family = family
        self.end = end
        let own = calls.filter { $0.modem == modem }
        heard = own.map { String($0.tones.map(\.digit)) }.joined(separator: " ")
        let joinedCall = own.first(where: \.isJoined)
        let target = joinedCall.flatMap { call in calls.first { $0.id == call.peer } }?.number
        joined = target
        var differences: [String] = []
        if own.count != 1 { differences.append("the network saw \(own.count) calls, not one") }
        for call in own where call.number != Demo.accessNumber { differences.append("\(call.number) was dialled") }
        if own.count == 1, heard != Demo.expectedDigits {
            differences.append("the PBX heard \(heard.isEmpty ? "nothing" : heard), not \(Demo.expectedDigits)")
        }
        let lost = own.flatMap(\.tones).count(where: \.isIgnored)
        if lost > 0 { differences.append("\(lost) tones came when the PBX did not listen") }
        if target != Demo.targetNumber {
            differences.append("the caller was joined with \(target ?? "nobody"), not with \(Demo.targetNumber)")
        }
        let left = calls.filter { $0.isLive && ($0.modem == modem || own.map(\.id).contains($0.peer)) }
        for call in left { differences.append("the call to \(call.number) is still up in the network") }
        if end.outcome != .completed {
            differences.append("this side says \(end.outcome.rawValue)" + (end.detail.map { ": \($0)" } ?? ""))
        }
        if !end.hangUpVerified { differences.append("it could not be checked that the modem is idle") }
        differences += violations.map { "the modem was mistreated: \($0.kind.rawValue): \($0.command)" }
        self.differences = differences
    }
}
