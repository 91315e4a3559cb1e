import DeviceDiscovery
import Testing

@testable import Doctor

@Suite struct DoctorStickTests {
    private static func stick(
        _ condition: Condition = .usable,
        id: USBID = USBID(vendor: 0x2C7C, product: 0x0125),
        properties: [String: String] = [:],
        power: String? = "on"
    ) -> DoctorFacts.Stick {
        DoctorFacts.Stick(
            usb: USBModem(path: "1-1", sysPath: "/sys/devices/1-1", id: id, name: "EC25", condition: condition),
            properties: properties,
            powerControl: power
        )
    }

    private static func udev(rules: String? = "/lib/r", manager: Bool = true, daemon: Bool = true) -> DoctorFacts.Udev {
        DoctorFacts.Udev(daemonRuns: daemon, rules: rules, modemManagerRuns: manager)
    }

    private static let stickRows: [DoctorRow] = [
        DoctorRow("the bus was not looked at", nil) { _ in },
        DoctorRow("none", (.error, "sticks", "lsusb")) { $0.sticks = [] },
        DoctorRow("none that a service would tell of which does not answer this user", nil) {
            $0.sticks = []
            $0.service = DoctorFacts.Service(socket: "/s", answer: .denied(group: nil), hasUnit: true)
        },
        DoctorRow("none, but a tty that was named", nil) {
            $0.sticks = []
            $0.modems = [DoctorFacts.Modem(name: "/dev/ttyS0", tty: "/dev/ttyS0")]
        },
        DoctorRow("usable", (.ok, "sticks", "1-1 EC25: usable")) { $0.sticks = [stick()] },
        DoctorRow("storage mode", (.error, "sticks", "usb_modeswitch -v 12d1 -p 1446 -J")) {
            $0.sticks = [stick(.storage, id: USBID(vendor: 0x12D1, product: 0x1446))]
        },
        DoctorRow("no driver", (.error, "sticks", "modprobe option")) { $0.sticks = [stick(.driverMissing)] },
        DoctorRow("HiLink", (.warning, "sticks", "HiLink")) { $0.sticks = [stick(.networkOnly)] },
        DoctorRow("for data only", (.warning, "sticks", "no voice; do: use another stick")) {
            $0.sticks = [stick(.dataOnly("no voice"))]
        },
        DoctorRow("a serial adapter only", (.error, "sticks", "no modem on the USB bus")) {
            $0.sticks = [stick(.serialAdapter)]
        },
    ]

    @Test("sticks", arguments: stickRows) func sticks(_ row: DoctorRow) { row.expect(in: .sticks) }

    private static let managers: [DoctorRow] = [
        DoctorRow("ModemManager does not run", nil) {
            $0.udev = udev(manager: false)
            $0.sticks = [stick()]
        },
        DoctorRow("kept off", (.ok, "modem_manager", "leaves it alone")) {
            $0.udev = udev()
            $0.sticks = [stick(properties: ["ID_MM_DEVICE_IGNORE": "1"])]
        },
        DoctorRow("no rules", (.error, "modem_manager", "do: sudo systemctl mask --now ModemManager")) {
            $0.udev = udev(rules: nil)
            $0.sticks = [stick()]
        },
        DoctorRow(
            "rules not applied",
            (.error, "modem_manager", "not been applied to it; do: sudo udevadm control --reload")
        ) {
            $0.udev = udev()
            $0.sticks = [stick(properties: ["ID_MM_DEVICE_IGNORE": "0"])]
        },
        DoctorRow(
            "an unlisted stick",
            (.error, "modem_manager", #"ATTRS{idVendor}=="0abc", ATTRS{idProduct}=="0012", "#)
        ) {
            $0.udev = udev()
            $0.sticks = [stick(id: USBID(vendor: 0x0ABC, product: 0x12))]
        },
        DoctorRow("a stick that is not ours", nil) {
            $0.udev = udev()
            $0.sticks = [stick(.excluded)]
        },
    ]

    @Test("ModemManager", arguments: managers) func modemManager(_ row: DoctorRow) {
        row.expect(in: .modemManager)
    }

    private static let ruleFiles: [DoctorRow] = [
        DoctorRow("no udev here", nil) { $0.udev = udev(rules: nil, daemon: false) },
        DoctorRow("not installed", (.warning, "udev_rules", "sudo cp udev-rules/70-gsmbridge.rules")) {
            $0.udev = udev(rules: nil)
        },
        DoctorRow("installed", (.ok, "udev_rules", "/lib/r")) { $0.udev = udev() },
    ]

    @Test("udev rules", arguments: ruleFiles) func rules(_ row: DoctorRow) { row.expect(in: .rules) }

    private static let powers: [DoctorRow] = [
        DoctorRow("unknown", nil) { $0.sticks = [stick(power: nil)] },
        DoctorRow("awake", (.ok, "usb_power", "no autosuspend")) { $0.sticks = [stick(power: "on")] },
        DoctorRow("may sleep", (.warning, "usb_power", "tee /sys/devices/1-1/power/control")) {
            $0.sticks = [stick(power: "auto")]
        },
        DoctorRow("sleeps, and is not ours", nil) { $0.sticks = [stick(.networkOnly, power: "auto")] },
    ]

    @Test("USB power", arguments: powers) func power(_ row: DoctorRow) { row.expect(in: .power) }
}
