package import Console
internal import FoundationEssentials
package import GatewayAPI

/// Prints modems as a table with remarks, or as JSON lines; one after the other under the same heads.
package struct ModemsPresenter {
    let format: OutputFormat
    private var table = Table(
        heads: ["NAME", "MODEM", "TTY", "IMEI", "SIM", "OPERATOR", "REGISTERED", "SIGNAL", "VOICE", "STATE"],
        dispensable: ["IMEI", "TTY", "SIM", "VOICE", "MODEM", "OPERATOR", "SIGNAL", "REGISTERED"]
    )
    private var hasHead = false

    package init(format: OutputFormat) { self.format = format }

    package mutating func show(_ rows: [ModemStatus]) {
        switch format {
        case .json: for row in rows { JSONOutput.line(row) }
        case .text: showTable(rows)
        }
    }

    private mutating func showTable(_ rows: [ModemStatus]) {
        let cells = rows.map { row in
            [
                row.name ?? "-", row.model ?? "-", row.tty ?? "-", row.imei ?? "-", row.sim ?? "-",
                row.operatorName ?? "-",
                [row.registration, row.technology].compactMap { $0 }.joined(separator: " "),
                row.signal.map { "\($0) dBm" } ?? "-", row.voice ?? "-", row.state.rawValue,
            ]
        }
        table.show(cells, hasHead: !hasHead)
        hasHead = true
        for row in rows {
            let subject = row.name ?? row.tty ?? row.usbPath ?? row.model ?? "modem"
            if let balance = row.balance?.words { Terminal.standardOutput("\(subject): balance \(balance)") }
            if let sunset = row.sunset { Terminal.standardOutput("\(subject): \(sunset.reason)") }
            guard let reason = row.reason else { continue }
            // What can't be opened says its path itself.
            Terminal.standardOutput(reason.hasPrefix(subject) ? reason : "\(subject): \(reason)")
        }
    }

    /// Prints everything that is known of modems, a field a line.
    package static func showInFull(_ modems: [ModemStatus]) {
        for (index, modem) in modems.enumerated() {
            if index > 0 { Terminal.standardOutput("") }
            let fields: [(String, String?)] = [
                ("name", modem.name), ("state", modem.state.rawValue), ("reason", modem.reason),
                ("manufacturer", modem.manufacturer), ("model", modem.model), ("firmware", modem.revision),
                ("family", modem.family), ("imei", modem.imei), ("iccid", modem.iccid), ("imsi", modem.imsi),
                ("number", modem.number), ("sim", modem.sim), ("operator", modem.operatorName),
                ("registered", modem.registration), ("technology", modem.technology),
                ("network", modem.networkCode), ("ims", modem.ims), ("sunset", modem.sunset?.reason),
                ("balance", modem.balance?.words),
                ("signal", modem.signal.map { "\($0) dBm" }), ("voice", modem.voice), ("audio", modem.audio),
                ("usb", [modem.usbPath, modem.usbID].compactMap(\.self).joined(separator: "  ")), ("tty", modem.tty),
            ]
            for case (let name, let value?) in fields where !value.isEmpty {
                Terminal.standardOutput(name + String(repeating: " ", count: 14 - name.count) + value)
            }
            for port in modem.ports {
                let interface = port.interface.map { ", interface \($0)" } ?? ""
                Terminal.standardOutput(
                    "port          \(port.path)  \(port.role)\(interface)\(port.driver.map { ", \($0)" } ?? "")"
                )
            }
        }
    }
}
