import Testing

@testable import DeviceDiscovery

/// A real stick as its owner's `usb-devices` or `lsusb -v` showed it.
struct SampleStick: Sendable {
    struct Interface: Sendable {
        var number: UInt8
        var codes: USBInterface.Codes
        var endpoints: Int
        var driver: String?

        init(_ number: UInt8, _ codes: (UInt8, UInt8, UInt8), _ endpoints: Int, _ driver: String?) {
            self.number = number
            self.codes = USBInterface.Codes(codes.0, codes.1, codes.2)
            self.endpoints = endpoints
            self.driver = driver
        }

        var description: USBInterface {
            USBInterface(number: number, codes: codes, endpoints: endpoints, driver: driver)
        }
    }

    var id: USBID
    var manufacturer: String
    var product: String
    var serial: String?
    var interfaces: [Interface]
    /// The ALSA name of its sound card.
    var sound: String?
    /// What a tty of it is called, without the number.
    var terminal = "ttyUSB"

    init(
        _ vendor: UInt16,
        _ product: UInt16,
        _ strings: (String, String, String?),
        _ interfaces: [Interface],
        sound: String? = nil,
        terminal: String = "ttyUSB"
    ) {
        id = USBID(vendor: vendor, product: product)
        manufacturer = strings.0
        self.product = strings.1
        serial = strings.2
        self.interfaces = interfaces
        self.sound = sound
        self.terminal = terminal
    }

    /// The interfaces that become ttys.
    var terminals: [Interface] { interfaces.filter { $0.description.makesTerminal } }
}

extension SampleStick: CustomTestStringConvertible {
    var testDescription: String { "\(id) \(product), \(terminals.count) ttys" }
}

// MARK: As nodes

/// Where a sample is plugged in and what the kernel calls its parts.
struct Socket: Sendable {
    /// The place in the topology, `1-1.4`.
    var path = "1-1"
    /// The number on the bus; another one after each replug.
    var number = 7
    /// The number of its first tty.
    var firstTerminal = 0
    /// The number of its sound card.
    var card = 1

    /// The device's path within sysfs.
    var devicePath: String { "/devices/pci0000:00/0000:00:14.0/usb1/\(path)" }
    var sysPath: String { "/sys\(devicePath)" }
}

extension SampleStick {
    func device(in socket: Socket, properties: [String: String] = [:]) -> DeviceNode.Device {
        DeviceNode.Device(
            sysPath: socket.sysPath,
            id: id,
            number: socket.number,
            manufacturer: manufacturer,
            product: product,
            serial: serial,
            interfaceCount: interfaces.count,
            properties: properties
        )
    }

    /// All nodes in the order in which the kernel makes them.
    ///
    /// - Parameters:
    ///   - socket: where it is plugged in.
    ///   - properties: udev properties of the ttys, by interface number.
    func nodes(in socket: Socket = Socket(), properties: [UInt8: [String: String]] = [:]) -> [DeviceNode] {
        let device = self.device(in: socket)
        var nodes = [DeviceNode(sysPath: socket.sysPath, content: .device, device: device)]
        var terminal = socket.firstTerminal
        for interface in interfaces {
            let sysPath = "\(socket.sysPath)/\(socket.path):1.\(interface.number)"
            nodes.append(DeviceNode(sysPath: sysPath, content: .interface(interface.description), device: device))
            if interface.description.makesTerminal {
                let name = "\(self.terminal)\(terminal)"
                nodes.append(
                    DeviceNode(
                        sysPath: "\(sysPath)/\(name)/tty/\(name)",
                        content: .terminal(path: "/dev/\(name)", interface.description),
                        device: device,
                        properties: properties[interface.number] ?? [:]
                    )
                )
                terminal += 1
            }
        }
        if let sound {
            nodes.append(
                DeviceNode(
                    sysPath: "\(socket.sysPath)/\(socket.path):1.\(interfaces.count)/sound/card\(socket.card)",
                    content: .sound(SoundCard(number: socket.card, name: sound)),
                    device: device
                )
            )
        }
        return nodes
    }

    /// What the finished stick is recognised as.
    func modem(in socket: Socket = Socket(), properties: [UInt8: [String: String]] = [:]) -> USBModem? {
        var tree = DeviceTree()
        _ = tree.reconcile(with: nodes(in: socket, properties: properties), at: .now)
        return tree.present.first
    }
}

// MARK: The sticks

extension SampleStick {
    private static let anonymous: String? = nil

    /// Huawei E1750, seven interfaces: two discs, a network card, and three ttys that all say `ff/ff/ff`.
    static let e1750 = SampleStick(
        0x12D1,
        0x1436,
        ("HUAWEI Technology", "HUAWEI Mobile", anonymous),
        [
            Interface(0, (0xFF, 0xFF, 0xFF), 3, "option"),
            Interface(1, (0x02, 0x06, 0xFF), 1, "cdc_ether"),
            Interface(2, (0x0A, 0x00, 0x00), 2, "cdc_ether"),
            Interface(3, (0xFF, 0xFF, 0xFF), 2, "option"),
            Interface(4, (0xFF, 0xFF, 0xFF), 2, "option"),
            Interface(5, (0x08, 0x06, 0x50), 2, "usb-storage"),
            Interface(6, (0x08, 0x06, 0x50), 2, "usb-storage"),
        ]
    )

    /// The same stick before its mode was switched.
    static let unswitched = SampleStick(
        0x12D1,
        0x1446,
        ("HUAWEI Technology", "HUAWEI Mobile", anonymous),
        [
            Interface(0, (0x08, 0x06, 0x50), 2, "usb-storage"),
            Interface(1, (0x08, 0x06, 0x50), 2, "usb-storage"),
        ]
    )

    /// Huawei E3372 with stick firmware: its interfaces say what they are.
    static let e3372 = SampleStick(
        0x12D1,
        0x15B6,
        ("HUAWEI_MOBILE", "HUAWEI_MOBILE", "0123456789ABCDEF"),
        [
            Interface(0, (0xFF, 0x03, 0x12), 2, "option"),
            Interface(1, (0xFF, 0x03, 0x10), 3, "option"),
            Interface(2, (0xFF, 0x03, 0x16), 3, "huawei_cdc_ncm"),
            Interface(3, (0x08, 0x06, 0x50), 2, "usb-storage"),
        ]
    )

    /// Huawei E3372 with HiLink firmware: a router.
    static let hiLink = SampleStick(
        0x12D1,
        0x14DC,
        ("HUAWEI_MOBILE", "HUAWEI_MOBILE", anonymous),
        [
            Interface(0, (0x02, 0x06, 0x00), 1, "cdc_ether"),
            Interface(1, (0x0A, 0x00, 0x00), 2, "cdc_ether"),
            Interface(2, (0x08, 0x06, 0x50), 2, "usb-storage"),
        ]
    )

    /// Huawei E160: two ttys and two discs.
    static let e160 = SampleStick(
        0x12D1,
        0x1003,
        ("HUAWEI Technologies", "HUAWEI Mobile", anonymous),
        [
            Interface(0, (0xFF, 0xFF, 0xFF), 3, "option"),
            Interface(1, (0xFF, 0xFF, 0xFF), 2, "option"),
            Interface(2, (0x08, 0x06, 0x50), 2, "usb-storage"),
            Interface(3, (0x08, 0x06, 0x50), 2, "usb-storage"),
        ]
    )

    /// Quectel EC25 whose debug bridge `option` took for a fifth tty.
    static let ec25 = SampleStick(
        0x2C7C,
        0x0125,
        ("Android", "Android", anonymous),
        [
            Interface(0, (0xFF, 0xFF, 0xFF), 2, "option"),
            Interface(1, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(2, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(3, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(4, (0xFF, 0xFF, 0xFF), 3, "qmi_wwan"),
            Interface(5, (0xFF, 0x42, 0x01), 2, "option"),
        ]
    )

    /// Quectel EC25 with USB audio switched on.
    static let ec25Audio = SampleStick(
        0x2C7C,
        0x0125,
        ("Android", "Android", anonymous),
        [
            Interface(0, (0xFF, 0xFF, 0xFF), 2, "option"),
            Interface(1, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(2, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(3, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(4, (0xFF, 0xFF, 0xFF), 3, "qmi_wwan"),
            Interface(5, (0x01, 0x01, 0x00), 0, "snd-usb-audio"),
            Interface(6, (0x01, 0x02, 0x00), 1, "snd-usb-audio"),
            Interface(7, (0x01, 0x02, 0x00), 1, "snd-usb-audio"),
        ],
        sound: "Android"
    )

    /// SIMCom SIM7600G-H: five ttys, one of them for voice.
    static let sim7600 = SampleStick(
        0x1E0E,
        0x9001,
        ("SimTech, Incorporated", "SimTech, Incorporated", "0123456789ABCDEF"),
        [
            Interface(0, (0xFF, 0xFF, 0xFF), 2, "option"),
            Interface(1, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(2, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(3, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(4, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(5, (0xFF, 0xFF, 0xFF), 3, "simcom_wwan"),
        ]
    )

    /// ZTE MF871A: two ttys.
    static let mf871a = SampleStick(
        0x19D2,
        0x1481,
        ("ZTE,Incorporated", "ZTE Technologies MSM", "1234567890ABCDEF"),
        [
            Interface(0, (0xFF, 0x00, 0x00), 3, "option"),
            Interface(1, (0xFF, 0x00, 0x00), 3, "option"),
        ]
    )

    /// Cinterion PLS8, a CDC ACM device: each tty takes two interfaces.
    static let pls8 = SampleStick(
        0x1E2D,
        0x0061,
        ("Cinterion", "LTE Modem", anonymous),
        [
            Interface(0, (0x02, 0x02, 0x01), 1, "cdc_acm"),
            Interface(1, (0x0A, 0x00, 0x00), 2, "cdc_acm"),
            Interface(2, (0x02, 0x02, 0x01), 1, "cdc_acm"),
            Interface(3, (0x0A, 0x00, 0x00), 2, "cdc_acm"),
            Interface(4, (0x02, 0x02, 0x01), 1, "cdc_acm"),
            Interface(5, (0x0A, 0x00, 0x00), 2, "cdc_acm"),
        ],
        terminal: "ttyACM"
    )

    /// Sierra EM7455, a data card.
    static let em7455 = SampleStick(
        0x1199,
        0x9079,
        ("Sierra Wireless, Incorporated", "EM7455", "LF62924700011016"),
        [
            Interface(0, (0xFF, 0xFF, 0xFF), 2, "qcserial"),
            Interface(2, (0xFF, 0x00, 0x00), 3, "qcserial"),
            Interface(3, (0xFF, 0x00, 0x00), 3, "qcserial"),
            Interface(8, (0xFF, 0xFF, 0xFF), 3, "qmi_wwan"),
        ]
    )

    /// An Arduino: a tty like a modem's, and none.
    static let arduino = SampleStick(
        0x2341,
        0x0043,
        ("Arduino (www.arduino.cc)", "Uno", "85430353531351B09122"),
        [
            Interface(0, (0x02, 0x02, 0x01), 1, "cdc_acm"),
            Interface(1, (0x0A, 0x00, 0x00), 2, "cdc_acm"),
        ],
        terminal: "ttyACM"
    )

    /// A USB memory stick.
    static let memoryStick = SampleStick(
        0x0781,
        0x5567,
        ("SanDisk", "Cruzer Blade", "4C530001"),
        [Interface(0, (0x08, 0x06, 0x50), 2, "usb-storage")]
    )

    /// A GPS mouse by a maker of modems.
    static let gpsMouse = SampleStick(
        0x1546,
        0x01A7,
        ("u-blox AG", "u-blox 7 - GPS/GNSS Receiver", anonymous),
        [
            Interface(0, (0x02, 0x02, 0x01), 1, "cdc_acm"),
            Interface(1, (0x0A, 0x00, 0x00), 2, "cdc_acm"),
        ],
        terminal: "ttyACM"
    )

    /// The sample without any kernel driver, as on a box where `option` is missing or does not know it.
    var withoutDrivers: SampleStick {
        var copy = self
        for index in copy.interfaces.indices { copy.interfaces[index].driver = nil }
        return copy
    }
}
