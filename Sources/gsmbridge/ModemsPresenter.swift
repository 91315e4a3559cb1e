import FoundationEssentials
import Gateway

/// Prints modems as a table with remarks, or as JSON lines.
struct ModemsPresenter {
    let format: OutputFormat

    func show(_ rows: [ModemStatus]) {
        switch format {
        case .json: for row in rows { Self.printJSON(row) }
        case .text: showTable(rows)
        }
    }

    private func showTable(_ rows: [ModemStatus]) {
        let heads = ["NAME", "MODEM", "TTY", "IMEI", "SIM", "OPERATOR", "REGISTERED", "SIGNAL", "VOICE", "STATE"]
        let cells = rows.map { row in
            [
                row.name ?? "-", row.model ?? "-", row.tty ?? "-", row.imei ?? "-", row.sim ?? "-",
                row.operatorName ?? "-",
                [row.registration, row.technology].compactMap { $0 }.joined(separator: " "),
                row.signal.map { "\($0) dBm" } ?? "-", row.voice ?? "-", row.state.rawValue,
            ]
        }
        Self.printColumns([heads] + cells)
        for row in rows {
            if let reason = row.reason {
                Terminal.standardOutput("\(row.tty ?? row.usbPath ?? row.model ?? "modem"): \(reason)")
            }
        }
    }

    static func printJSON(_ value: some Encodable) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            encoder.dateEncodingStrategy = .custom { date, encoder in
                var value = encoder.singleValueContainer()
                try value.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
            }
            Terminal.standardOutput(Array(try encoder.encode(value)))
        } catch {
            Terminal.standardError("gsmbridge: a modem could not be written: \(error)")
        }
    }

    /// Prints rows in columns as wide as their widest cell, two blanks apart.
    static func printColumns(_ rows: [[String]]) {
        let rows = rows.map { $0.map { $0.isEmpty ? "-" : $0 } }
        let count = rows.map(\.count).max() ?? 0
        let widths = (0..<count).map { column in rows.map { $0[column].count }.max() ?? 0 }
        for row in rows {
            let line = zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }
                .joined(separator: "  ")
            Terminal.standardOutput(String(line.reversed().drop { $0 == " " }.reversed()))
        }
    }
}
