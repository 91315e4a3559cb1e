// The table of known sticks. One row for each vendor and product number; a new stick is a new row here and a line in
// udev-rules/70-gsmbridge.rules, and a test holds the two together.
//
// Sources, as they appear in the rows:
//   asterisk   port numbers of chan_dongle and chan_quectel, in use on many Asterisk installations
//   mm         ModemManager's port type rules
//   ofono      oFono's udevng.c
//   kernel     the tables of the option and qcserial drivers
//   vendor     the maker's manual
//   usb        descriptors published by users

extension KnownStick {
    // MARK: Huawei

    /// Sticks with codes on their interfaces (12d1:1506, 1573, 15b6) need no numbers: the codes win.
    static let huawei =
        rows(
            0x12D1,
            [
                (0x1001, "Huawei E1550/E169/E160/K3715", [0: .modem, 1: .audio, 2: .at], "asterisk"),
                (0x1003, "Huawei E160/E220", [0: .at], "usb"),
                (0x140C, "Huawei E173/E17xx", [0: .modem, 2: .audio, 3: .at], "asterisk"),
                (0x1436, "Huawei E1750/E173", [0: .modem, 3: .audio, 4: .at], "asterisk, usb"),
                (0x1465, "Huawei K3765/K3520", [1: .audio, 2: .at], "asterisk"),
                (0x14AC, "Huawei E153/E1820", [3: .audio, 4: .at], "asterisk"),
                // Where the ports are depends on AT^SETPORT: two layouts are in use, so they are asked.
                (0x1506, "Huawei E171/E367/E3131", [:], "asterisk, kernel"),
                (0x1573, "Huawei MU609/ME906/ME909u", [:], "mm"),
                (0x15B6, "Huawei E3372", [:], "usb"),
            ]
        )
        + [0x1446, 0x14B5, 0x14D1, 0x14FE, 0x1520, 0x15E7, 0x1C0B, 0x1F01, 0x1F11]
        .map {
            row(0x12D1, $0, "Huawei stick in storage mode", .storage, source: "usb")
        } + [0x14DB, 0x14DC].map { row(0x12D1, $0, "Huawei stick with HiLink firmware", .network, source: "usb") }

    // MARK: Quectel

    private static let quectelPorts: [UInt8: PortRole] = [0: .diag, 1: .gps, 2: .at, 3: .modem]

    /// Those with Qualcomm's chips give their voice over the NMEA port where they are told to (chan_quectel).
    static let quectel = quectelRows.map { row in
        var row = row
        if row.form == .modem, row.roles[1] == .gps { row.voice = 1 }
        return row
    }

    private static let quectelRows =
        rows(
            0x2C7C,
            [
                (0x0121, "Quectel EC21", quectelPorts, "mm"),
                (0x0125, "Quectel EC20/EC25/EG25-G", quectelPorts, "mm, asterisk"),
                (0x0191, "Quectel EG91", quectelPorts, "mm"),
                (0x0195, "Quectel EG95", quectelPorts, "mm"),
                (0x0306, "Quectel EP06/EG06/EM06", quectelPorts, "mm"),
                (0x0512, "Quectel EG12/EM12", quectelPorts, "mm"),
                (0x0800, "Quectel RM500", quectelPorts, "mm"),
                (0x0801, "Quectel RM520", quectelPorts, "mm"),
                (0x0128, "Quectel EM060K", [3: .diag, 5: .at], "mm"),
                // UNISOC and ASR chips: calls work, but no voice comes over USB, and layouts differ.
                (0x0901, "Quectel EC200U", [:], "kernel"),
                (0x6002, "Quectel EC200S", [:], "kernel"),
                (0x6026, "Quectel EC200T", [:], "kernel"),
            ]
        ) + [
            row(
                0x2C7C,
                0x0296,
                "Quectel BG96",
                .dataOnly("a data module (Cat M1/NB): it makes no calls"),
                quectelPorts,
                source: "mm"
            )
        ]
        + rows(
            0x05C6,
            [
                (0x9003, "Quectel UC20", quectelPorts, "kernel"),
                (0x9090, "Quectel UC15", quectelPorts, "kernel"),
                (0x9215, "Quectel EC20 (first series)", quectelPorts, "kernel"),
            ]
        )

    // MARK: SIMCom

    private static let simcomPorts: [UInt8: PortRole] = [0: .diag, 1: .gps, 2: .at, 3: .modem, 4: .audio]
    private static let simcomDataOnly = Form.dataOnly("a data module (Cat M1/NB): it makes no calls")

    /// SIM7000, a data module, hides behind the number of SIM7600: only its name tells them apart.
    static let simcom =
        rows(
            0x1E0E,
            [
                (0x9001, "SIMCom SIM7100/SIM7500/SIM7600", simcomPorts, "mm, asterisk, vendor"),
                (0x9011, "SIMCom A7600/A7670/SIM7672", [2: .ignore, 4: .at, 5: .modem], "mm"),
                (0x9100, "Prolink PH-300", [1: .modem, 3: .at], "mm"),
                (0x9200, "SCT UM300", [1: .modem, 3: .at], "mm"),
                (0xCEFE, "A-LINK 3GU", [0: .modem, 1: .modem, 2: .at], "mm"),
            ]
        ) + [
            row(
                0x1E0E,
                0x9205,
                "SIMCom SIM7070/SIM7080/SIM7090",
                simcomDataOnly,
                [0: .diag, 1: .gps, 2: .at, 3: .modem],
                source: "mm"
            ),
            row(
                0x1E0E,
                0x9206,
                "SIMCom SIM7070/SIM7080/SIM7090",
                simcomDataOnly,
                [0: .diag, 1: .gps, 2: .at, 3: .ignore, 4: .ignore, 5: .modem],
                source: "mm"
            ),
            row(
                0x05C6,
                0x9000,
                "SIMCom SIM5320/SIM5218",
                [0: .diag, 1: .gps, 2: .at, 3: .modem],
                source: "ofono"
            ),
        ]

    // MARK: ZTE

    /// ZTE products by where their ports are: first the one for commands, then the other one.
    private static let zteLayouts: [(at: UInt8, modem: UInt8, products: [UInt16])] = [
        (0, 1, [0x0003, 0x0004, 0x0005, 0x0006, 0x0007, 0x0008, 0x0009, 0x000A]),
        (0, 2, [0x0001, 0x1515]),
        (1, 3, [0x0015, 0x0030, 0x0054]),
        (2, 0, [0x0064]),
        (2, 1, [0x0016, 0x0017, 0x0018, 0x0019, 0x0117]),
        (2, 4, [0x0002, 0x0012, 0x0024, 0x0025, 0x0055]),
        (
            3, 1,
            [
                0x0021, 0x0031, 0x0037, 0x0039, 0x0042, 0x0052, 0x0057, 0x0058, 0x0061, 0x0063, 0x0066, 0x0078, 0x0082,
                0x0104, 0x0106, 0x0108, 0x0122, 0x0123, 0x1007, 0x1008, 0x1010, 0x1254, 0x2002, 0x2003,
            ]
        ),
        (3, 2, [0x0043]),
        (4, 1, [0x0033, 0x0091, 0x0113, 0x0118, 0x0121, 0x0124, 0x0126, 0x0128]),
        (4, 2, [0x0048, 0x0049]),
        (5, 1, [0x0125]),
    ]

    static let zte =
        zteLayouts.flatMap { layout in
            layout.products.map { row(0x19D2, $0, "ZTE stick", [layout.at: .at, layout.modem: .modem], source: "mm") }
        } + [
            row(0x19D2, 0x1481, "ZTE MF871A", [0: .at, 1: .modem], source: "usb"),
            row(0x19D2, 0x0150, "ZTE stick in storage mode", .storage, source: "usb"),
            row(0x19D2, 0x2000, "ZTE stick in storage mode", .storage, source: "usb"),
            row(0x19D2, 0x1405, "ZTE stick with router firmware", .network, source: "usb"),
        ]

    // MARK: Telit

    static let telit = rows(
        0x1BC7,
        [
            (0x0021, "Telit HE910/UE910/UL865", [0: .at, 6: .modem, 10: .gps], "mm"),
            (0x1003, "Telit UC864", [0: .at, 2: .modem], "mm"),
            (0x1004, "Telit UC864-G", [0: .at, 2: .gps, 3: .modem], "mm"),
            (0x1005, "Telit CC864-DUAL", [0: .at, 2: .gps, 3: .modem], "mm"),
            (0x1006, "Telit CC864-SINGLE", [0: .at, 2: .modem], "mm"),
            (0x1010, "Telit DE910", [1: .gps, 2: .modem, 3: .at], "mm"),
            (0x1011, "Telit CE910", [1: .at], "mm"),
            (0x1031, "Telit LE910C1", [1: .at, 2: .modem], "mm"),
            (0x1033, "Telit LE910C1", [1: .at, 2: .modem], "mm"),
            (0x1040, "Telit LM960", [4: .at, 5: .modem], "mm"),
            (0x1041, "Telit LM960", [5: .at, 6: .modem], "mm"),
            (0x1050, "Telit FN980", [4: .at, 5: .modem], "mm"),
            (0x1060, "Telit LN920", [4: .at, 5: .modem], "mm"),
            (0x1070, "Telit FN990", [4: .at, 5: .modem], "mm"),
            (0x1101, "Telit ME910", [1: .at], "mm"),
            (0x1201, "Telit LE910Cx", [4: .at, 5: .modem], "mm"),
            (0x1204, "Telit LE910Cx", [5: .at, 6: .modem], "mm"),
        ]
    )

    // MARK: u-blox

    private static let ubloxPorts: [UInt8: PortRole] = [
        0: .at, 2: .modem, 4: .modem, 6: .ignore, 8: .ignore, 10: .ignore,
    ]

    static let ublox =
        rows(
            0x1546,
            [
                (0x1010, "u-blox TOBY-L4", [2: .ignore, 4: .ignore, 6: .at, 8: .ignore], "mm"),
                (0x1102, "u-blox LISA-U2", ubloxPorts.merging([12: .ignore]) { first, _ in first }, "mm"),
                (0x1104, "u-blox SARA-U2", [0: .at], "mm"),
                (0x1107, "u-blox TOBY-R2", ubloxPorts, "mm"),
                (0x110A, "u-blox LARA-R2", ubloxPorts, "mm"),
                (0x1141, "u-blox TOBY-L2", [:], "mm"),
                (0x1143, "u-blox TOBY-L2", [:], "mm"),
                (0x1146, "u-blox TOBY-L2/MPCI-L2", [:], "mm"),
            ]
        ) + [row(0x05C6, 0x908B, "u-blox LARA-R6", [1: .at, 2: .modem], source: "mm")]
        + [0x01A4, 0x01A5, 0x01A6, 0x01A7, 0x01A8, 0x01A9]
        .map {
            row(0x1546, $0, "u-blox positioning receiver", .other, source: "usb")
        }

    // MARK: Cinterion

    static let cinterion = rows(
        0x1E2D,
        [
            (0x0053, "Cinterion PHS8", [1: .gps, 2: .at, 3: .modem], "mm"),
            (0x005B, "Cinterion PLS62", [0: .modem, 2: .at], "mm"),
            (0x0061, "Cinterion PLS8", [0: .modem, 2: .at, 4: .gps], "mm"),
            (0x0069, "Cinterion PLS63", [:], "mm"),
        ]
    )

    // MARK: Sierra Wireless

    private static let sierraDataOnly = Form.dataOnly("a data card: it makes no calls")
    private static let sierraPorts: [UInt8: PortRole] = [0: .diag, 2: .gps, 3: .at]

    static let sierra = [
        row(0x1199, 0x68C0, "Sierra MC7304/RC76xx", sierraDataOnly, sierraPorts, source: "kernel"),
        row(0x1199, 0x9071, "Sierra EM74xx/MC74xx", sierraDataOnly, sierraPorts, source: "kernel"),
        row(0x1199, 0x9079, "Sierra EM7455", sierraDataOnly, sierraPorts, source: "kernel"),
        row(0x1199, 0x9091, "Sierra EM7565", sierraDataOnly, sierraPorts, source: "kernel"),
        row(0x1199, 0xC001, "Sierra HL78xx", sierraDataOnly, [0: .at], source: "mm"),
    ]

    // MARK: Rows

    private static func rows(
        _ vendor: UInt16,
        _ rows: [(product: UInt16, name: String, roles: [UInt8: PortRole], source: String)]
    ) -> [KnownStick] {
        rows.map { row(vendor, $0.product, $0.name, $0.roles, source: $0.source) }
    }

    private static func row(
        _ vendor: UInt16,
        _ product: UInt16,
        _ name: String,
        _ form: Form,
        _ roles: [UInt8: PortRole] = [:],
        source: String
    ) -> KnownStick {
        KnownStick(
            id: USBID(vendor: vendor, product: product),
            name: name,
            form: form,
            roles: roles,
            source: source
        )
    }

    private static func row(
        _ vendor: UInt16,
        _ product: UInt16,
        _ name: String,
        _ roles: [UInt8: PortRole],
        source: String
    ) -> KnownStick {
        row(vendor, product, name, .modem, roles, source: source)
    }
}
