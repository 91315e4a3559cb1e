/// What a port is for and where it stands among the ports to try.
struct RoleDecision: Equatable {
    var role: PortRole
    var source: RoleSource
    /// See ``USBPort/rank``.
    var rank: Int?
}

extension RoleDecision {
    /// Decides by what is most certain: what a rule says, what the interface says, what the table says; else the port
    /// is a candidate.
    init(
        interface: USBInterface?,
        properties: [String: String],
        id: USBID,
        known: KnownStick?
    ) {
        if let (role, name) = Self.role(from: properties) {
            self.init(role, .property(name), interface, properties, id)
        } else if let interface, let role = Self.role(from: interface, vendor: id.vendor) {
            self.init(role, .codes, interface, properties, id)
        } else if let interface, let role = known?.roles[interface.number] {
            self.init(role, .table, interface, properties, id)
        } else {
            self.init(.candidate, .unknown, interface, properties, id)
        }
    }

    private init(
        _ role: PortRole,
        _ source: RoleSource,
        _ interface: USBInterface?,
        _ properties: [String: String],
        _ id: USBID
    ) {
        self.role = role
        self.source = source
        switch role {
        case .at: rank = Int(interface?.number ?? 0)
        case .modem: rank = 0x100 + Int(interface?.number ?? 0)
        case .candidate: rank = 0x200 + Self.preference(interface, properties, id)
        case .audio, .diag, .gps, .ignore: rank = nil
        }
    }

    /// The rank of ports that are asked only where there is no other; behind all others.
    static let lastResort = 0x300

    // MARK: Properties

    /// The property by which a udev rule names a port's role.
    static let ownProperty = "GSMBRIDGE_PORT"

    /// What ModemManager's rules call the ports, most specific first.
    private static let modemManagerProperties: [(name: String, role: PortRole)] = [
        ("ID_MM_PORT_TYPE_AT_PRIMARY", .at),
        ("ID_MM_PORT_TYPE_AT_SECONDARY", .modem),
        ("ID_MM_PORT_TYPE_AT_PPP", .modem),
        ("ID_MM_PORT_TYPE_AUDIO", .audio),
        ("ID_MM_PORT_TYPE_QCDM", .diag),
        ("ID_MM_PORT_TYPE_GPS", .gps),
        ("ID_MM_PORT_TYPE_QMI", .ignore),
        ("ID_MM_PORT_TYPE_MBIM", .ignore),
        ("ID_MM_PORT_TYPE_XMMRPC", .ignore),
    ]

    private static func role(from properties: [String: String]) -> (PortRole, String)? {
        if let word = properties[ownProperty], let role = PortRole(rawValue: word) { return (role, ownProperty) }
        for (name, role) in modemManagerProperties where properties[name] == "1" { return (role, name) }
        return nil
    }

    /// Whether a property says that there is a command port here, on any device.
    static func promisesCommands(_ properties: [String: String]) -> Bool {
        guard let (role, _) = role(from: properties) else { return false }
        return role == .at || role == .modem
    }

    // MARK: Interface codes

    private static func role(from interface: USBInterface, vendor: UInt16) -> PortRole? {
        if interface.isDebugBridge { return .ignore }
        return vendor == ModemVendor.huawei ? huaweiRole(interface.codes) : nil
    }

    /// Huawei's codes: the subclass is the generation, the protocol the purpose (ModemManager's and oFono's rules).
    ///
    /// Old firmware has `ff/ff/ff` everywhere and says nothing.
    private static func huaweiRole(_ codes: USBInterface.Codes) -> PortRole? {
        guard codes.kind == 0xFF, [0x01, 0x02, 0x03, 0x06].contains(codes.subclass) else { return nil }
        switch codes.protocol {
        case 0x01, 0x10: return .modem
        case 0x02, 0x12: return .at
        case 0x03, 0x13: return .diag
        case 0x05, 0x14: return .gps
        default: return .ignore
        }
    }

    // MARK: Candidates

    /// The place among ports of which nothing is known, 0 to 0x2ff.
    ///
    /// An interrupt endpoint (a third one) is there for modem signals, so such ports come first. Qualcomm-based modules
    /// have their commands on interface 2 or 3 and binary diagnostics on 0; old Huawei sticks have them on the last
    /// one.
    private static func preference(_ interface: USBInterface?, _ properties: [String: String], _ id: USBID) -> Int {
        guard let interface else { return 0 }
        var place = properties["ID_MM_PORT_IGNORE"] == "1" ? 0x200 : 0
        if id.vendor == ModemVendor.huawei { return place + (0xFF - Int(interface.number)) }
        if interface.codes.kind == 0x02 { return place + Int(interface.number) }
        if let endpoints = interface.endpoints, endpoints < 3 { place += 0x100 }
        let usual: [UInt8] = [2, 3, 1, 0]
        return place + (usual.firstIndex(of: interface.number) ?? Int(interface.number))
    }
}
