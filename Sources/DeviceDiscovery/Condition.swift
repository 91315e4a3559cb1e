/// Whether a stick can be used for calls as it stands, and if not, what is the matter and what to do.
package enum Condition: Sendable, Hashable {
    /// It has at least one port that answers commands or may do so.
    case usable
    /// It answers commands but can't make calls; why.
    case dataOnly(String)
    /// It still pretends to be a disc with a Windows driver.
    case storage
    /// It shows nothing but a network interface: HiLink firmware and the like.
    case networkOnly
    /// No kernel driver has taken its serial interfaces.
    case driverMissing
    /// It has ttys, and all of them are known to be for other things.
    case noCommandPort
    /// A USB serial port that does not tell what is behind it.
    case serialAdapter
    /// A udev rule says that gsmbridge must not touch it.
    case excluded

    /// Whether the stick's ports may be opened to look for a modem.
    package var mayBeProbed: Bool {
        switch self {
        case .usable, .dataOnly: true
        case .storage, .networkOnly, .driverMissing, .noCommandPort, .serialAdapter, .excluded: false
        }
    }

    /// One word for tables and JSON.
    package var word: String {
        switch self {
        case .usable: "usable"
        case .dataOnly: "data_only"
        case .storage: "storage_mode"
        case .networkOnly: "network_only"
        case .driverMissing: "no_driver"
        case .noCommandPort: "no_command_port"
        case .serialAdapter: "serial_adapter"
        case .excluded: "excluded"
        }
    }

    /// What is the matter, as one clause; nil for a usable stick.
    package var explanation: String? {
        switch self {
        case .usable: nil
        case .dataOnly(let reason): reason
        case .storage: "still in storage mode: it shows a disc with its Windows driver instead of a modem"
        case .networkOnly: "shows a network card only (HiLink or router firmware): no port takes AT commands"
        case .driverMissing: "no kernel driver has taken its serial interfaces, so it has no tty"
        case .noCommandPort: "none of its ttys takes AT commands"
        case .serialAdapter: "a serial adapter or board; what is behind it can't be told without disturbing it"
        case .excluded: "left alone, as the udev property GSMBRIDGE_IGNORE says"
        }
    }

    /// What to do about it, as one sentence; nil where nothing can be done or has to be.
    package func remedy(for id: USBID) -> String? {
        let vendor = id.vendor.hexadecimal(digits: 4)
        let product = id.product.hexadecimal(digits: 4)
        switch self {
        case .usable: return nil
        case .dataOnly: return "use another stick for calls"
        case .storage:
            let huawei = id.vendor == ModemVendor.huawei
            let command = "usb_modeswitch -v \(vendor) -p \(product) \(huawei ? "-J" : "-K")"
            return "install usb-modeswitch and plug the stick in again, or run once: \(command)"
        case .networkOnly: return "switch it to its modem mode, install its stick firmware, or use another stick"
        case .driverMissing:
            return "run: modprobe option && echo \(vendor) \(product) > /sys/bus/usb-serial/drivers/option1/new_id"
        case .noCommandPort:
            return "if one of them does, say so in a udev rule: ENV{GSMBRIDGE_PORT}=\"at\" (see docs/usb.md)"
        case .serialAdapter:
            return "if it is a modem, name its tty with --modem, or set ENV{GSMBRIDGE_PORT}=\"at\" in a udev rule"
        case .excluded: return "remove GSMBRIDGE_IGNORE from your udev rules if this is not intended"
        }
    }
}
