// What single makes do beside what their family does.
extension SimulatedModem {
    /// What the modem says of a call because of how it was made, in every family.
    func habits(_ change: CallChange, _ call: ModemCall) -> [Report] {
        var reports: [Report] = []
        if faults.contains(.unisocReports), let line = unisocLine(change, call) { reports.append(Report(line)) }
        if faults.contains(.longsungReports), case .ended(_, let cause, _, _) = change {
            let direction = call.isOutgoing ? 0 : 1
            reports.append(Report("+DISC: \(call.index),\(direction),0,\(cause),\"\(call.number)\",\(call.type)"))
        }
        return reports
    }

    /// `^DSCI: <id>,<dir>,<stat>,<mode>,<mpty>,<number>,<type>[,<bearer>,<cause>,<transaction>,<subaddress>,<type>]`,
    /// as the RIL of UNISOC's Android phones reads it; the states are those of `+CLCC`, 6 the end.
    private func unisocLine(_ change: CallChange, _ call: ModemCall) -> String? {
        let state: Int
        var rest = ""
        switch change {
        case .originated: state = 2
        case .alerting: state = 3
        case .connected: state = 0
        case .incoming: state = 4
        case .ended(_, let cause, _, _):
            state = 6
            rest = ",,\(cause),128,\"\",255"
        case .earlyMedia: return nil
        }
        return "^DSCI: \(call.index),\(call.isOutgoing ? 0 : 1),\(state),0,0,\"\(call.number)\",\(call.type)\(rest)"
    }

    /// A line with its numbers and names in UCS2, four hexadecimal digits for each character (3GPP TS 27.007 clause
    /// 5.5).
    static func inUCS2(_ line: String) -> String {
        guard ["+CLIP:", "+CCWA:", "+CLCC:", "+COPS:", "^DSCI:"].contains(where: line.hasPrefix) else { return line }
        var parts = line.split(separator: "\"", omittingEmptySubsequences: false).map(String.init)
        for place in stride(from: 1, to: parts.count, by: 2) {
            parts[place] = PhonebookCharacters.ucs2.written(parts[place])
        }
        return parts.joined(separator: "\"")
    }
}
