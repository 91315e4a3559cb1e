import Testing

@testable import DeviceDiscovery

@Suite("The role of a port")
struct PortRoleTests {
    private func roles(_ modem: USBModem) -> [UInt8: PortRole] {
        var roles: [UInt8: PortRole] = [:]
        for port in modem.ports { roles[port.interface?.number ?? 0xFF] = port.role }
        return roles
    }

    @Test(
        "comes from the table or the interface on real sticks",
        arguments: [
            (SampleStick.e1750, [0: PortRole.modem, 3: .audio, 4: .at] as [UInt8: PortRole], "/dev/ttyUSB2"),
            (.e3372, [0: .at, 1: .modem], "/dev/ttyUSB0"),
            (.e160, [0: .at, 1: .candidate], "/dev/ttyUSB0"),
            (.ec25, [0: .diag, 1: .gps, 2: .at, 3: .modem, 5: .ignore], "/dev/ttyUSB2"),
            (.sim7600, [0: .diag, 1: .gps, 2: .at, 3: .modem, 4: .audio], "/dev/ttyUSB2"),
            (.mf871a, [0: .at, 1: .modem], "/dev/ttyUSB0"),
            (.pls8, [0: .modem, 2: .at, 4: .gps], "/dev/ttyACM1"),
        ]
    )
    func realSticks(stick: SampleStick, expected: [UInt8: PortRole], command: String) throws {
        let modem = try #require(stick.modem())
        #expect(roles(modem) == expected)
        #expect(modem.commandPorts.first?.path == command)
    }

    @Test("is what a udev rule says, before everything else")
    func ownProperty() throws {
        let modem = try #require(
            SampleStick.ec25.modem(properties: [
                2: ["GSMBRIDGE_PORT": "ignore", "ID_MM_PORT_TYPE_AT_PRIMARY": "1"],
                3: ["GSMBRIDGE_PORT": "at"],
            ])
        )
        #expect(modem.commandPorts.map(\.path) == ["/dev/ttyUSB3"])
        #expect(modem.commandPorts.first?.roleSource == .property("GSMBRIDGE_PORT"))
    }

    @Test(
        "is what ModemManager's rules say",
        arguments: [
            ("ID_MM_PORT_TYPE_AT_PRIMARY", PortRole.at), ("ID_MM_PORT_TYPE_AT_SECONDARY", .modem),
            ("ID_MM_PORT_TYPE_AT_PPP", .modem), ("ID_MM_PORT_TYPE_AUDIO", .audio), ("ID_MM_PORT_TYPE_QCDM", .diag),
            ("ID_MM_PORT_TYPE_GPS", .gps),
        ]
    )
    func modemManager(name: String, role: PortRole) throws {
        let modem = try #require(SampleStick.mf871a.modem(properties: [0: [name: "1"]]))
        #expect(modem.ports.first?.role == role)
        #expect(modem.ports.first?.roleSource == .property(name))
    }

    @Test("stays what it is when a rule says something unknown")
    func nonsense() throws {
        let modem = try #require(SampleStick.mf871a.modem(properties: [0: ["GSMBRIDGE_PORT": "telephone"]]))
        #expect(modem.ports.first?.role == .at)
        #expect(modem.ports.first?.roleSource == .table)
    }

    @Test("is not ignored because ModemManager was told to ignore it")
    func toldOff() throws {
        let modem = try #require(SampleStick.mf871a.modem(properties: [0: ["ID_MM_PORT_IGNORE": "1"]]))
        #expect(modem.commandPorts.first?.path == "/dev/ttyUSB0")
    }

    @Test(
        "follows Huawei's interface protocols",
        arguments: [
            (0x01, PortRole.modem), (0x02, .at), (0x03, .diag), (0x05, .gps), (0x10, .modem), (0x12, .at),
            (0x13, .diag),
            (0x14, .gps), (0x16, .ignore),
        ] as [(UInt8, PortRole)],
        [0x01, 0x02, 0x03, 0x06] as [UInt8]
    )
    func huawei(row: (UInt8, PortRole), subclass: UInt8) {
        let interface = USBInterface(number: 1, codes: .init(0xFF, subclass, row.0), driver: "option")
        let id = USBID(vendor: 0x12D1, product: 0x9999)
        #expect(RoleDecision(interface: interface, properties: [:], id: id, known: nil).role == row.1)
    }

    @Test("is unknown on a stick that nobody listed, and the likely ports are tried first")
    func candidates() throws {
        var stick = SampleStick.sim7600
        stick.id = USBID(vendor: 0x2CB7, product: 0x0001)
        let modem = try #require(stick.modem())
        #expect(modem.ports.allSatisfy { $0.role == .candidate })
        #expect(
            modem.commandPorts.map(\.path)
                == ["/dev/ttyUSB2", "/dev/ttyUSB3", "/dev/ttyUSB1", "/dev/ttyUSB4", "/dev/ttyUSB0"]
        )
    }

    @Test("is tried from the last interface on where an old Huawei stick tells nothing")
    func oldHuawei() throws {
        var stick = SampleStick.e1750
        stick.id = USBID(vendor: 0x12D1, product: 0x1506)
        #expect(stick.modem()?.commandPorts.map(\.path) == ["/dev/ttyUSB2", "/dev/ttyUSB1", "/dev/ttyUSB0"])
    }

    @Test("tells where the voice is")
    func voice() throws {
        #expect(SampleStick.sim7600.modem()?.voicePort?.path == "/dev/ttyUSB4")
        #expect(SampleStick.e1750.modem()?.voicePort?.path == "/dev/ttyUSB1")
        #expect(SampleStick.ec25.modem()?.voicePort?.path == "/dev/ttyUSB1", "the NMEA port")
        #expect(SampleStick.ec25Audio.modem()?.sound == SoundCard(number: 1, name: "Android"))
        var coded = SampleStick.e3372
        coded.interfaces[1].codes = .init(0xFF, 0x03, 0x13)
        #expect(coded.modem()?.voicePort?.path == "/dev/ttyUSB1")
    }
}
