/// One interface of a USB device, as its descriptor and the kernel describe it.
package struct USBInterface: Sendable, Hashable {
    /// Class, subclass and protocol of an interface, written `ff/03/12`.
    package struct Codes: Sendable, Hashable, CustomStringConvertible {
        /// What kind of interface: `08` storage, `02` communications, `ff` vendor specific.
        package var kind: UInt8
        /// The subclass within ``kind``.
        package var subclass: UInt8
        /// The protocol within ``subclass``.
        package var `protocol`: UInt8

        package init(_ kind: UInt8, _ subclass: UInt8, _ protocol: UInt8) {
            self.kind = kind
            self.subclass = subclass
            self.protocol = `protocol`
        }

        /// The codes in hexadecimal.
        package var description: String {
            [kind, subclass, self.protocol].map { $0.hexadecimal(digits: 2) }.joined(separator: "/")
        }
    }

    /// `bInterfaceNumber`: stays the same when the tty gets another name.
    package var number: UInt8
    /// Class, subclass and protocol.
    package var codes: Codes
    /// How many endpoints it has besides endpoint 0; nil where the kernel did not tell.
    package var endpoints: Int?
    /// The kernel driver bound to it; nil while there is none.
    package var driver: String?

    package init(number: UInt8, codes: Codes, endpoints: Int? = nil, driver: String? = nil) {
        self.number = number
        self.codes = codes
        self.endpoints = endpoints
        self.driver = driver
    }
}

extension USBInterface {
    /// Kernel drivers whose interfaces become ttys and that are made for modems.
    static let modemDrivers: Set<String> = ["option", "option1", "qcserial", "sierra", "hso", "qcaux", "moto_modem"]
    /// Kernel drivers for everything that only looks like a serial port: boards, meters, printers, and some modems.
    static let serialDrivers: Set<String> = [
        "cdc_acm", "cp210x", "ch341", "ftdi_sio", "pl2303", "usbserial_generic", "xr_serial", "mct_u232", "ark3116",
    ]
    /// Kernel drivers that make a network device of an interface.
    static let networkDrivers: Set<String> = [
        "cdc_ether", "rndis_host", "cdc_ncm", "huawei_cdc_ncm", "cdc_mbim", "qmi_wwan", "simcom_wwan", "GobiNet",
        "sierra_net",
    ]

    /// Whether it is USB mass storage, such as the CD-ROM that a stick pretends to be.
    var isStorage: Bool { codes.kind == 0x08 }
    /// Whether it belongs to a USB sound card.
    var isAudio: Bool { codes.kind == 0x01 }
    /// Whether it is Android's debug bridge or boot loader, which `option` takes for a serial port on some modules.
    var isDebugBridge: Bool { codes.kind == 0xFF && codes.subclass == 0x42 && [1, 3].contains(codes.protocol) }

    /// Whether it is a network interface by its codes (CDC ECM, NCM, MBIM, RNDIS) or by its driver.
    var isNetwork: Bool {
        if let driver, Self.networkDrivers.contains(driver) { return true }
        switch (codes.kind, codes.subclass, codes.protocol) {
        case (0x02, 0x06, _), (0x02, 0x0D, _), (0x02, 0x0E, _): return true
        case (0xE0, 0x01, 0x03), (0xEF, 0x04, 0x01), (0x02, 0x02, 0xFF): return true
        default: return false
        }
    }

    /// Whether a tty is to be expected of it, now that its driver is known.
    ///
    /// `cdc_acm` takes two interfaces and makes one tty, for the one with the commands.
    var makesTerminal: Bool {
        guard let driver else { return false }
        return (Self.modemDrivers.contains(driver) || Self.serialDrivers.contains(driver)) && codes.kind != 0x0A
    }
}
