/// A stick or module on the USB (or PCIe) bus, with its ports and what they are for.
package struct USBModem: Sendable, Hashable {
    /// The place in the USB topology, `1-1.4`: the same stick in the same socket has it again after a reset or replug.
    package var path: String
    /// The sysfs path of the device.
    package var sysPath: String
    /// Vendor and product number.
    package var id: USBID
    /// The make, where the table of known sticks has it: `Quectel EC20/EC25/EG25-G`.
    package var name: String?
    /// The manufacturer's name from the descriptor.
    package var manufacturer: String?
    /// The product's name from the descriptor.
    package var product: String?
    /// The serial number from the descriptor; not unique, many sticks say `0123456789ABCDEF`.
    package var serial: String?
    /// The ttys, by interface number.
    package var ports: [USBPort]
    /// The sound card, where the modem has USB audio.
    package var sound: SoundCard?
    /// Whether it can be used, and if not, why.
    package var condition: Condition

    package init(
        path: String,
        sysPath: String,
        id: USBID,
        name: String? = nil,
        manufacturer: String? = nil,
        product: String? = nil,
        serial: String? = nil,
        ports: [USBPort] = [],
        sound: SoundCard? = nil,
        condition: Condition = .usable
    ) {
        self.path = path
        self.sysPath = sysPath
        self.id = id
        self.name = name
        self.manufacturer = manufacturer
        self.product = product
        self.serial = serial
        self.ports = ports
        self.sound = sound
        self.condition = condition
    }

    /// The ports that answer commands or may do so, best first.
    ///
    /// Where the first has the role `.at`, the others are worth a try only when it fails; where all are candidates,
    /// each has to be asked.
    package var commandPorts: [USBPort] {
        ports.filter { $0.rank != nil }.sorted { ($0.rank ?? 0, $0.path) < ($1.rank ?? 0, $1.path) }
    }

    /// The port that carries the voice as samples: a tty known to do so, by a rule, its codes or the table; on Huawei sticks the
    /// diagnostic interface.
    package var voicePort: USBPort? {
        if let port = ports.first(where: { $0.role == .audio }) { return port }
        if let number = KnownStick.known(as: id)?.voice { return ports.first { $0.interface?.number == number } }
        return id.vendor == ModemVendor.huawei ? ports.first { $0.role == .diag } : nil
    }

    /// What a person calls it: the make if known, else what the descriptor says, else the numbers.
    package var title: String {
        if let name { return name }
        let words = [manufacturer, product].compactMap { $0 }.filter { !$0.isEmpty }
        return words.isEmpty ? "\(id)" : words.joined(separator: " ")
    }
}

/// One tty of a modem.
package struct USBPort: Sendable, Hashable {
    /// The device node, `/dev/ttyUSB2`; changes with every replug.
    package var path: String
    /// The USB interface behind it; nil on PCIe.
    package var interface: USBInterface?
    package var role: PortRole
    /// How the role was found out.
    package var roleSource: RoleSource
    /// The place in the order in which ports are tried for commands, lowest first; nil for ports that are never tried.
    package var rank: Int?

    package init(path: String, interface: USBInterface?, role: PortRole, roleSource: RoleSource, rank: Int? = nil) {
        self.path = path
        self.interface = interface
        self.role = role
        self.roleSource = roleSource
        self.rank = rank
    }
}

/// What a port of a modem is for.
package enum PortRole: String, Sendable, Hashable, CaseIterable {
    /// Commands, with the unsolicited messages: the port to use.
    case at
    /// Commands too, but meant for a data connection.
    case modem
    /// Voice samples.
    case audio
    /// Diagnostics in a binary protocol; writing commands there can upset the firmware.
    case diag
    /// Positions.
    case gps
    /// Not to be touched.
    case ignore
    /// Unknown: may answer commands, has to be asked.
    case candidate
}

/// How a port's role was found out.
package enum RoleSource: Sendable, Hashable, CustomStringConvertible {
    /// A udev property says so; its name.
    case property(String)
    /// The interface's class, subclass and protocol say so.
    case codes
    /// The table of known sticks says so.
    case table
    /// It is not known.
    case unknown

    /// A few words for a person.
    package var description: String {
        switch self {
        case .property(let name): "udev property \(name)"
        case .codes: "interface codes"
        case .table: "known stick"
        case .unknown: "unknown layout"
        }
    }
}
