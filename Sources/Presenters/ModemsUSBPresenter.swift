package import Console
package import DeviceDiscovery

/// Shows the USB side of modems, for finding out why a stick is not usable; nothing is opened for it.
package struct ModemsUSBPresenter {
    private let format: OutputFormat

    package init(format: OutputFormat) { self.format = format }

    package func show(_ modems: [USBModem]) {
        for modem in modems {
            switch format {
            case .json: JSONOutput.line(Document(modem))
            case .text: showText(modem)
            }
        }
    }

    private func showText(_ modem: USBModem) {
        let serial = modem.serial.map { ", serial number \($0)" } ?? ""
        Terminal.standardOutput("\(modem.path)  \(modem.id)  \(modem.title)\(serial)")
        if let explanation = modem.condition.explanation { Terminal.standardOutput("  \(explanation)") }
        if let remedy = modem.condition.remedy(for: modem.id) { Terminal.standardOutput("  remedy: \(remedy)") }
        let rows = modem.ports.map { port in
            [
                "  \(port.path)", port.role.rawValue, port.interface.map { "interface \($0.number)" } ?? "-",
                port.interface?.codes.description ?? "-", port.interface?.driver ?? "-", port.roleSource.description,
            ]
        }
        Table.show(rows)
        if let sound = modem.sound {
            Terminal.standardOutput("  hw:\(sound.number)  sound card \(sound.name ?? "")")
        }
    }

    private struct Document: Encodable {
        struct Port: Encodable {
            let path: String
            let role: String
            let roleSource: String
            let interface: Int?
            let codes: String?
            let driver: String?

            private enum CodingKeys: String, CodingKey {
                case path
                case role
                case roleSource = "role_source"
                case interface
                case codes
                case driver
            }
        }

        let usbPath: String
        let usbID: String
        let title: String
        let manufacturer: String?
        let product: String?
        let serial: String?
        let condition: String
        let reason: String?
        let remedy: String?
        let sound: String?
        let ports: [Port]

        init(_ modem: USBModem) {
            usbPath = modem.path
            usbID = modem.id.description
            title = modem.title
            manufacturer = modem.manufacturer
            product = modem.product
            serial = modem.serial
            condition = modem.condition.word
            reason = modem.condition.explanation
            remedy = modem.condition.remedy(for: modem.id)
            sound = modem.sound.map { "hw:\($0.number)" }
            ports = modem.ports.map { port in
                Port(
                    path: port.path,
                    role: port.role.rawValue,
                    roleSource: port.roleSource.description,
                    interface: port.interface.map { Int($0.number) },
                    codes: port.interface?.codes.description,
                    driver: port.interface?.driver
                )
            }
        }

        private enum CodingKeys: String, CodingKey {
            case usbPath = "usb_path"
            case usbID = "usb_id"
            case title
            case manufacturer
            case product
            case serial
            case condition
            case reason
            case remedy
            case sound
            case ports
        }
    }
}
