import Testing

@testable import DeviceDiscovery

@Suite("What a USB device is")
struct RecognitionTests {
    @Test(
        "is said with a reason and a remedy when it is no use as it stands",
        arguments: [
            (SampleStick.unswitched, Condition.storage, "usb_modeswitch -v 12d1 -p 1446"),
            (.hiLink, .networkOnly, "stick firmware"),
            (.ec25.withoutDrivers, .driverMissing, "echo 2c7c 0125"),
            (.arduino, .serialAdapter, "--modem"),
        ]
    )
    func unusable(stick: SampleStick, condition: Condition, remedy: String) throws {
        let modem = try #require(stick.modem())
        #expect(modem.condition == condition)
        #expect(modem.condition.explanation != nil)
        #expect(modem.condition.remedy(for: modem.id)?.contains(remedy) == true)
        #expect(!modem.condition.mayBeProbed)
    }

    @Test(
        "is nothing of ours when it has nothing to do with modems",
        arguments: [
            SampleStick.memoryStick, .gpsMouse, .memoryStick.withoutDrivers,
        ]
    )
    func strangers(stick: SampleStick) {
        #expect(stick.modem() == nil)
    }

    @Test("is a modem in disguise when a maker of modems shows nothing but a disc")
    func newDisguise() {
        var stick = SampleStick.unswitched
        stick.id = USBID(vendor: 0x19D2, product: 0xFFEF)
        #expect(stick.modem()?.condition == .storage)
    }

    @Test("is no modem in disguise when a maker of phones shows a disc")
    func cardReader() {
        var stick = SampleStick.unswitched
        stick.id = USBID(vendor: 0x05C6, product: 0xFFEF)
        #expect(stick.modem() == nil)
    }

    @Test("is a data card, with commands but without calls")
    func dataOnly() throws {
        let modem = try #require(SampleStick.em7455.modem())
        guard case .dataOnly(let reason) = modem.condition else {
            Issue.record("taken for \(modem.condition)")
            return
        }
        #expect(reason.contains("no calls"))
        #expect(modem.commandPorts.first?.interface?.number == 3)
    }

    @Test("is a modem with an unknown number when the modem driver has taken it")
    func unlisted() {
        var stick = SampleStick.mf871a
        stick.id = USBID(vendor: 0xABCD, product: 0x0001)
        #expect(stick.modem()?.condition == .usable)
        stick.interfaces = stick.interfaces.map { interface in
            var interface = interface
            interface.driver = "cp210x"
            return interface
        }
        #expect(stick.modem()?.condition == .serialAdapter)
        #expect(stick.modem(properties: [1: ["GSMBRIDGE_PORT": "at"]])?.condition == .usable)
    }

    private func recognise(_ stick: SampleStick, _ properties: [String: String]) -> [Condition] {
        var tree = DeviceTree()
        let device = stick.device(in: Socket(), properties: properties)
        let nodes = stick.nodes()
            .map { node in
                var node = node
                node.device = device
                return node
            }
        _ = tree.reconcile(with: nodes, at: .now)
        return tree.present.map(\.condition)
    }

    @Test("is left alone, or taken, when a rule says so")
    func rules() {
        #expect(recognise(.ec25, ["GSMBRIDGE_IGNORE": "1"]) == [.excluded])
        #expect(recognise(.arduino, [:]) == [.serialAdapter])
        #expect(recognise(.arduino, ["GSMBRIDGE_STICK": "1"]) == [.usable])
    }

    @Test("has no command port when rules say that all are for other things")
    func noCommandPort() {
        let properties: [UInt8: [String: String]] = [0: ["GSMBRIDGE_PORT": "diag"], 1: ["GSMBRIDGE_PORT": "gps"]]
        #expect(SampleStick.mf871a.modem(properties: properties)?.condition == .noCommandPort)
    }

    @Test("in a mode that the table does not know, has those ports asked that are there")
    func unknownMode() throws {
        var stick = SampleStick.ec25
        stick.interfaces = stick.interfaces.filter { $0.number < 2 }
        let modem = try #require(stick.modem())
        #expect(modem.condition == .usable)
        #expect(modem.commandPorts.map { $0.interface?.number } == [0, 1])
        #expect(modem.commandPorts.allSatisfy { $0.role == .candidate && $0.roleSource == .unknown })
        // Where one has the role, the others are left alone.
        #expect(SampleStick.ec25.modem()?.commandPorts.contains { $0.interface?.number == 0 } == false)
        // What a rule says is said by a person.
        let properties: [UInt8: [String: String]] = [0: ["GSMBRIDGE_PORT": "diag"], 1: ["GSMBRIDGE_PORT": "gps"]]
        #expect(stick.modem(properties: properties)?.condition == .noCommandPort)
    }

    @Test("is named as people know it")
    func titles() {
        #expect(SampleStick.ec25.modem()?.title == "Quectel EC20/EC25/EG25-G")
        var stick = SampleStick.mf871a
        stick.id = USBID(vendor: 0x19D2, product: 0xFFEE)
        #expect(stick.modem()?.title == "ZTE,Incorporated ZTE Technologies MSM")
        stick.manufacturer = ""
        stick.product = ""
        #expect(stick.modem()?.title == "19d2:ffee")
    }

    @Test(
        "reads and writes numbers as lsusb does",
        arguments: [
            ("12d1:1436", USBID(vendor: 0x12D1, product: 0x1436)), ("0000:00FF", USBID(vendor: 0, product: 0xFF)),
        ]
    )
    func numbers(text: String, id: USBID) {
        #expect(USBID(text) == id)
        #expect(id.description == text.lowercased())
    }

    @Test("refuses what is no number", arguments: ["", ":", "12d1", "12d1:", "12d1:14360", "+2d1:1436", "12g1:1436"])
    func noNumbers(text: String) {
        #expect(USBID(text) == nil)
    }
}

@Suite("The table of known sticks")
struct KnownStickTests {
    @Test("has one row for each number")
    func unique() {
        #expect(Set(KnownStick.all.map(\.id)).count == KnownStick.all.count)
        #expect(KnownStick.all.count > 100)
    }

    @Test("names a source and one command port at most in every row")
    func rows() {
        for stick in KnownStick.all {
            #expect(!stick.source.isEmpty && !stick.name.isEmpty, "\(stick.id)")
            #expect(stick.roles.values.count { $0 == .at } <= 1, "\(stick.id)")
            #expect(stick.roles.isEmpty || stick.roles.values.contains(.at), "\(stick.id)")
        }
    }

    @Test("only has vendors that are known as makers of modems")
    func vendors() {
        for stick in KnownStick.all { #expect(ModemVendor.all[stick.id.vendor] != nil, "\(stick.id)") }
    }
}
