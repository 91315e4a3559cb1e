import CallLog
import FoundationEssentials
internal import GatewayAPI
import ModemSimulator
internal import NetworkSimulator
import ServiceRig
internal import SimulatedTerminals

/// Holds the call log of a service that is at rest, or has ended, against what the network saw.
///
/// A modem has one call at a time, and the journal is written before the dial command: so each call that the network
/// saw belongs to the last journal entry before it on that modem.
struct Audit {
    let rig: ServiceRig
    /// Whether modems were disturbed: they may then have been told to dial without a call coming of it, and calls may
    /// be held up by the network for a while after the modem is gone.
    let isLenient: Bool
    /// Whether services were killed: what one had just asked may be answered to the next, which can't know of it.
    var ignoresOverlaps = false
    /// Whether modems may have been too deaf to hear a dial command, so that a record of one proves nothing.
    var mayNotHear = false

    /// How far the journal's clock (milliseconds) and the network's may be apart.
    private static let tolerance = 0.05

    private struct Intent {
        let entry: JournalEntry
        let record: CallRecord
        var call: SimulatedCall?
    }

    private struct Clocks {
        private let date = Date()
        private let instant = ContinuousClock.now

        func date(_ time: ContinuousClock.Instant) -> Date {
            let (seconds, attoseconds) = (time - instant).components
            return date.addingTimeInterval(Double(seconds) + Double(attoseconds) / 1e18)
        }
    }

    /// What does not fit.
    func findings() throws -> [String] {
        let (calls, violations, dialled) = rig.host.withWorld { world, _ in
            (
                world.calls.filter { $0.modem != nil && $0.direction == .outgoing }, world.violations,
                world.profiles.indices.map { world.dialCommands(of: $0) }
            )
        }
        guard let log = try CallLog.openForReading(directory: rig.state) else {
            return calls.isEmpty ? [] : ["\(calls.count) calls were made and there is no log"]
        }
        defer { try? log.close() }
        var findings = (ignoresOverlaps ? [] : violations).map { "a modem was spoken to wrongly: \($0)" }
        findings += calls.filter(\.isLive).map { "a call is still up on m\($0.modem ?? -1): \($0.state)" }
        let open = try log.openEntries().filter { !$0.process.isAlive }
        findings += open.map { "an open journal entry of a process that has ended: \($0.step.call)" }
        let records = try records(log)
        for record in records where record.endedAt == nil && rig.service == nil {
            findings.append("the record \(record.call) has no end")
        }
        let clocks = Clocks()
        for modem in 0..<rig.modems {
            var intents = try intents(of: modem, records, log)
            for call in calls where call.modem == modem {
                let time = clocks.date(call.dialledAt).addingTimeInterval(Self.tolerance)
                guard let place = intents.lastIndex(where: { $0.entry.intendedAt <= time }),
                    intents[place].call == nil
                else {
                    findings.append("m\(modem) dialled \(call.dialled), and there is no record of it")
                    continue
                }
                intents[place].call = call
            }
            // Commands from which no call came: the modem was gone, or refused.
            var refused = mayNotHear ? Int.max : isLenient ? dialled[modem] - calls.count { $0.modem == modem } : 0
            for intent in intents {
                findings += lies(of: intent, refused: &refused, clocks)
                    .map { "\(intent.record.call) on m\(modem): \($0)" }
            }
        }
        return findings
    }

    private func records(_ log: CallLog) throws -> [CallRecord] {
        var records: [CallRecord] = []
        var page = try log.calls(limit: 1000)
        records += page.calls
        while let next = page.next {
            page = try log.calls(limit: 1000, after: next)
            records += page.calls
        }
        return records
    }

    private func intents(of modem: Int, _ records: [CallRecord], _ log: CallLog) throws -> [Intent] {
        try records.flatMap { record in
            try log.entries(of: record.call)
                .filter { $0.step.kind == .dial && $0.step.line == "m\(modem)" }
                .map { Intent(entry: $0, record: record) }
        }
        .sorted { $0.entry.intendedAt < $1.entry.intendedAt }
    }

    /// What a record says that the network has not seen.
    private func lies(of intent: Intent, refused: inout Int, _ clocks: Clocks) -> [String] {
        let record = intent.record
        guard let call = intent.call else {
            // Killed between its record and the command: nobody can know whether the modem had it, and the record says so.
            let isUnsure = record.outcome == "lost_at_restart"
            let wasDialled = record.dialingAt != nil && refused <= 0 && !isUnsure
            if record.dialingAt != nil { refused -= 1 }
            let wasMore = record.alertingAt != nil || record.connectedAt != nil || record.tones > 0
            return wasDialled || wasMore ? ["it tells of a call that never was: \(summary(record))"] : []
        }
        var lies: [String] = []
        let heard = String(call.tones.map(\.digit))
        let script = (record.target ?? "").replacing("+49", with: "0") + "#"
        if record.number != call.dialled { lies.append("it has \(record.number ?? "-"), dialled was \(call.dialled)") }
        if record.alertingAt != nil, call.alertingAt == nil { lies.append("it never rang") }
        if let connectedAt = record.connectedAt {
            guard let answeredAt = call.answeredAt else { return lies + ["it was never answered: \(summary(record))"] }
            if connectedAt.addingTimeInterval(Self.tolerance) < clocks.date(answeredAt) {
                lies.append("it was answered later than recorded")
            }
        }
        if !script.hasPrefix(heard) { lies.append("heard was \(heard), to be sent \(script)") }
        // A stray OK is taken for the answer to a tone that was not heard.
        if record.tones > call.tones.count, !mayNotHear {
            lies.append("\(record.tones) tones, heard were \(call.tones.count)")
        }
        if record.handedOverAt != nil, heard != script { lies.append("handed over, but heard was \(heard)") }
        if record.outcome == "completed", call.answeredAt == nil { lies.append("completed, but never answered") }
        if record.seconds ?? 0 > 0, call.answeredAt == nil { lies.append("paid for, but never answered") }
        // Known to be over is to be over; what can't be known is called unverified, or lost.
        if !isLenient, let endedAt = record.endedAt, let over = call.endedAt,
            endedAt.addingTimeInterval(Self.tolerance) < clocks.date(over)
        {
            lies.append("it ended \(clocks.date(over).timeIntervalSince(endedAt)) s later than recorded")
        }
        return lies
    }

    private func summary(_ record: CallRecord) -> String {
        "dialled \(record.dialingAt != nil), rang \(record.alertingAt != nil), answered \(record.connectedAt != nil), "
            + "\(record.tones) tones, \(record.outcome ?? "no outcome"), \(record.detail ?? "-")"
    }
}
