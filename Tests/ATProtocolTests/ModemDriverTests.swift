import ATProtocol
import Testing

/// Which family a modem is of, and what holds for every family.
@Suite struct ModemDriverTests {
    @Test(
        "a modem's own words tell its family",
        arguments: [
            ("huawei K3715", "huawei"), ("Quectel EC25", "quectel"), ("SIMCOM INCORPORATED SIM7600E", "simcom"),
            ("SIMCOM_Ltd SIMCOM_SIM800L", "sim800"), ("Cinterion PLS8-E", "cinterion"),
            ("Telit Cinterion PLS63", "cinterion"), ("Telit LE910", "telit"), ("u-blox SARA-U201", "ublox"),
            ("ZTE INCORPORATED MF190", "zte"), ("WAVECOM MODEM", "wavecom"), ("Fibocom L610", "fibocom"),
            ("Nobody's modem", "generic"),
        ]
    )
    func family(_ words: String, _ family: String) {
        #expect(ModemDriver.driver(for: words).family == family)
    }

    @Test("each message is one family's, by a name that is looked up without an allocation")
    func messages() {
        let names = ModemDriver.all.flatMap { $0.messages.keys }
        #expect(Set(names).count == names.count)
        #expect(names.allSatisfy { $0.utf8.count <= 15 })
    }

    @Test("one driver takes any modem, and it is the last")
    func order() {
        #expect(ModemDriver.all.map(\.takesAny).firstIndex(of: true) == ModemDriver.all.count - 1)
        #expect(Set(ModemDriver.all.map(\.family)).count == ModemDriver.all.count)
    }
}
