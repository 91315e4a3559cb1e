internal import DeviceDiscovery
internal import SerialPort

extension DoctorCheck {
    /// What concerns the sticks on the bus, before any of them is asked.
    static let usb: [DoctorCheck] = [rules, sticks, modemManager, power]

    /// Whether our udev rules are there.
    static let rules = DoctorCheck("udev_rules") { facts in
        guard let udev = facts.udev, udev.daemonRuns else { return [] }
        guard let rules = udev.rules else {
            return [
                .warning(
                    "udev rules",
                    "70-gsmbridge.rules is not installed: nothing keeps ModemManager and autosuspend off the sticks",
                    do: "sudo cp udev-rules/70-gsmbridge.rules /etc/udev/rules.d/ && \(reload)"
                )
            ]
        }
        return [.ok("udev rules", rules)]
    }

    /// Whether each stick can be used for calls as it stands.
    static let sticks = DoctorCheck("sticks") { facts in
        guard let sticks = facts.sticks else { return [] }
        let known = sticks.filter { $0.usb.condition != .serialAdapter }
        // A user whom the service does not answer can't say which modems it has.
        if known.isEmpty, facts.isKeptFromService { return [] }
        if known.isEmpty, facts.modems.isEmpty, facts.service?.modems?.isEmpty ?? true {
            return [.error("sticks", "there is no modem on the USB bus", do: "lsusb; sudo dmesg | tail -n 30")]
        }
        return known.map { stick in
            let condition = stick.usb.condition
            guard let explanation = condition.explanation else { return .ok(stick.name, "usable") }
            let remedy = condition.remedy(for: stick.usb.id)
            switch condition {
            case .storage, .driverMissing, .noCommandPort: return .error(stick.name, explanation, do: remedy)
            case .usable, .dataOnly, .networkOnly, .serialAdapter, .excluded:
                return .warning(stick.name, explanation, do: remedy)
            }
        }
    }

    /// Whether ModemManager is kept off each stick.
    static let modemManager = DoctorCheck("modem_manager") { facts in
        guard let udev = facts.udev, udev.modemManagerRuns else { return [] }
        return (facts.sticks ?? []).filter(\.isOurs)
            .map { stick in
                if stick.properties["ID_MM_DEVICE_IGNORE"] == "1" {
                    return .ok(stick.name, "ModemManager leaves it alone")
                }
                let message = "ModemManager runs and asks it things, also in the middle of a call"
                guard udev.rules != nil else {
                    let remedy = "sudo systemctl mask --now ModemManager   # or install 70-gsmbridge.rules"
                    return .error(stick.name, message, do: remedy)
                }
                guard KnownStick.known(as: stick.usb.id) != nil else {
                    let line =
                        "ATTRS{idVendor}==\"\(stick.usb.id.vendorText)\", "
                        + "ATTRS{idProduct}==\"\(stick.usb.id.productText)\", ENV{GSMBRIDGE_STICK}=\"1\""
                    return .error(
                        stick.name,
                        message + "; our rules don't know this stick",
                        do: "echo '\(line)' | sudo tee -a /etc/udev/rules.d/65-my-sticks.rules && \(reload)"
                    )
                }
                return .error(
                    stick.name,
                    message + "; our rules have not been applied to it",
                    do: "\(reload) && sudo systemctl restart ModemManager"
                )
            }
    }

    /// Whether the stick stays awake between calls.
    static let power = DoctorCheck("usb_power") { facts in
        (facts.sticks ?? []).filter(\.isOurs)
            .compactMap { stick in
                switch stick.powerControl {
                case nil: return nil
                case "on": return .ok(stick.name, "no autosuspend")
                default:
                    return .warning(
                        stick.name,
                        "USB autosuspend is on: it may sleep through a ring, or drop off the bus when it wakes up",
                        do:
                            "echo on | sudo tee \(stick.usb.sysPath)/power/control   # for good: install 70-gsmbridge.rules"
                    )
                }
            }
    }

    private static let reload =
        "sudo udevadm control --reload && sudo udevadm trigger --action=change --subsystem-match=usb --subsystem-match=tty"
}

extension USBID {
    fileprivate var vendorText: String { Self.text(vendor) }
    fileprivate var productText: String { Self.text(product) }

    private static func text(_ number: UInt16) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits
    }
}
