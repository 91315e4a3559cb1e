import Testing

@testable import DeviceDiscovery

extension Tag {
    /// Needs a pretended /sys: run by `umockdev-wrapper swift test --skip-build --filter DeviceDiscovery`.
    @Tag static var umockdev: Self
}

@Suite(
    "Discovery through libudev",
    .serialized,
    .tags(.umockdev),
    .timeLimit(.minutes(10)),
    .enabled(if: MockBus.missing == nil, "\(MockBus.missing ?? "")")
)
struct DeviceWatchTests {
    private static let quiet = Duration.milliseconds(60)

    /// Listens to what is announced on a bus, and keeps up with it.
    private func listen(
        to bus: MockBus,
        source: DeviceDiscovery.Source
    ) throws -> AsyncStream<DiscoveryEvent>.Iterator {
        let (events, watch) = try DeviceDiscovery.start(quiet: Self.quiet, source: source)
        bus.announced = { watch.catchUp() }
        return events.makeAsyncIterator()
    }

    /// The next event, or nil when the stream ends.
    private func next(_ events: inout AsyncStream<DiscoveryEvent>.Iterator) async -> DiscoveryEvent? {
        await events.next(isolation: nil)
    }

    @Test(
        "lists real sticks as their descriptions say",
        arguments: [
            SampleStick.e1750, .e3372, .e160, .unswitched, .hiLink, .ec25, .ec25Audio, .sim7600, .mf871a, .pls8,
            .em7455,
            .ec25.withoutDrivers, .arduino,
        ]
    )
    func coldPlug(stick: SampleStick) throws {
        let bus = try MockBus()
        let socket = Socket(path: "1-1.4")
        try bus.plug(stick, into: socket)
        let modem = try #require(stick.modem(in: socket))
        #expect(try DeviceDiscovery.enumerate() == [modem])
    }

    @Test("lists nothing where there are no modems", arguments: [SampleStick.memoryStick, .gpsMouse])
    func nothing(stick: SampleStick) throws {
        let bus = try MockBus()
        try bus.plug(stick, into: Socket())
        #expect(try DeviceDiscovery.enumerate() == [])
    }

    @Test("lists nothing on a box without USB")
    func noBus() throws {
        let bus = try MockBus()
        let modems = try DeviceDiscovery.enumerate()
        withExtendedLifetime(bus) {}
        #expect(modems == [])
    }

    @Test("reads the properties of udev rules")
    func properties() throws {
        let bus = try MockBus()
        try bus.plug(
            .mf871a,
            into: Socket(),
            properties: [1: ["GSMBRIDGE_PORT": "at"], 0: ["GSMBRIDGE_PORT": "ignore"]]
        )
        let modem = try #require(try DeviceDiscovery.enumerate().first)
        #expect(modem.commandPorts.map(\.path) == ["/dev/ttyUSB1"])
        #expect(modem.commandPorts.first?.roleSource == .property("GSMBRIDGE_PORT"))
    }

    @Test("lists the command ports of a module on PCIe, and only those")
    func wwan() throws {
        let bus = try MockBus()
        let slot = "/devices/pci0000:00/0000:01:00.0"
        try bus.add(MockPart(slot, ["E: SUBSYSTEM=pci", "A: vendor=0x17cb\\n", "A: device=0x0306\\n"]))
        try bus.add(MockPart("\(slot)/wwan/wwan0", ["E: SUBSYSTEM=wwan", "E: DEVTYPE=wwan_dev"]))
        for name in ["wwan0at0", "wwan0qmi0", "wwan0mbim0"] {
            try bus.add(
                MockPart(
                    "\(slot)/wwan/wwan0/\(name)",
                    ["N: \(name)", "E: DEVNAME=/dev/\(name)", "E: SUBSYSTEM=wwan", "E: DEVTYPE=wwan_port"]
                )
            )
        }
        let modems = try DeviceDiscovery.enumerate()
        #expect(modems.map(\.path) == ["0000:01:00.0"])
        #expect(modems.first?.id == USBID(vendor: 0x17CB, product: 0x0306))
        #expect(modems.first?.commandPorts.map(\.path) == ["/dev/wwan0at0"])
        #expect(modems.first?.condition == .usable)
    }

    @Test("cleans what a device writes into its names")
    func hostileNames() throws {
        let bus = try MockBus()
        var stick = SampleStick.mf871a
        stick.product = " \u{1B}[31mevil\u{7}\u{9B} "
        try bus.plug(stick, into: Socket())
        #expect(try DeviceDiscovery.enumerate().first?.product == "[31mevil")
    }

    @Test("tells of sticks that are there and that come and go", arguments: [DeviceDiscovery.Source.udev, .kernel])
    func hotPlug(source: DeviceDiscovery.Source) async throws {
        let bus = try MockBus()
        let first = Socket(path: "1-1", number: 3)
        try bus.plug(.ec25, into: first)
        var events = try listen(to: bus, source: source)
        let ec25 = try #require(SampleStick.ec25.modem(in: first))
        #expect(await next(&events) == .found(ec25))

        let second = Socket(path: "1-2", number: 4, firstTerminal: 5)
        try bus.plug(.e3372, into: second)
        let e3372 = try #require(SampleStick.e3372.modem(in: second))
        #expect(await next(&events) == .found(e3372))

        bus.unplug(first)
        #expect(await next(&events) == .lost(ec25))
        bus.unplug(second)
        #expect(await next(&events) == .lost(e3372))
    }

    @Test(
        "finds a stick again under other names after it has reset",
        arguments: [DeviceDiscovery.Source.udev, .kernel]
    )
    func renamed(source: DeviceDiscovery.Source) async throws {
        let bus = try MockBus()
        var events = try listen(to: bus, source: source)
        var socket = Socket(path: "1-1.3", number: 3)
        for number in 4..<8 {
            try bus.plug(.sim7600, into: socket)
            let modem = try #require(SampleStick.sim7600.modem(in: socket))
            #expect(await next(&events) == .found(modem))
            #expect(modem.commandPorts.first?.path == "/dev/ttyUSB\(socket.firstTerminal + 2)")
            bus.unplug(socket)
            #expect(await next(&events) == .lost(modem))
            socket.number = number
            socket.firstTerminal += 5
        }
    }

    @Test("follows a stick from its disc to its ttys")
    func modeSwitch() async throws {
        let bus = try MockBus()
        var events = try listen(to: bus, source: .udev)
        let disc = Socket(number: 3)
        try bus.plug(.unswitched, into: disc)
        let before = try #require(SampleStick.unswitched.modem(in: disc))
        #expect(await next(&events) == .found(before))
        bus.unplug(disc)
        let socket = Socket(number: 4)
        try bus.plug(.e1750, into: socket)
        let after = try #require(SampleStick.e1750.modem(in: socket))
        #expect(await next(&events) == .lost(before))
        #expect(await next(&events) == .found(after))
    }

    @Test("says nothing twice when everything is announced again")
    func announcedAgain() async throws {
        let bus = try MockBus()
        var events = try listen(to: bus, source: .udev)
        let socket = Socket(number: 3)
        try bus.plug(.ec25, into: socket)
        let modem = try #require(SampleStick.ec25.modem(in: socket))
        #expect(await next(&events) == .found(modem))
        for _ in 0..<5 { bus.announceAgain(socket) }
        bus.unplug(socket)
        #expect(await next(&events) == .lost(modem))
    }

    @Test(
        "comes out of a storm of 100 replugs knowing what is there",
        arguments: [
            DeviceDiscovery.Source.udev, .kernel,
        ]
    )
    func storm(source: DeviceDiscovery.Source) async throws {
        let bus = try MockBus()
        var events = try listen(to: bus, source: source)
        let steady = Socket(path: "1-9", number: 100, firstTerminal: 1000)
        try bus.plug(.sim7600, into: steady)
        let other = try #require(SampleStick.sim7600.modem(in: steady))
        #expect(await next(&events) == .found(other))

        for number in 0..<100 {
            let socket = Socket(path: "1-1", number: 3 + number, firstTerminal: number * 2)
            try bus.plug(.mf871a, into: socket)
            if number < 99 { bus.unplug(socket) }
        }
        let last = try #require(SampleStick.mf871a.modem(in: Socket(path: "1-1", number: 102, firstTerminal: 198)))
        var present: USBModem?
        while present != last {
            switch try #require(await next(&events)) {
            case .found(let modem):
                #expect(present == nil && modem.path == "1-1")
                present = modem
            case .changed(let modem):
                #expect(present != nil && modem.path == "1-1")
                present = modem
            case .lost(let modem):
                #expect(present == modem)
                present = nil
            }
        }
        #expect(try DeviceDiscovery.enumerate() == [last, other])
    }

    @Test("lets go of its descriptors when nobody listens any more")
    func descriptors() async throws {
        let bus = try MockBus()
        let socket = Socket(number: 3)
        try bus.plug(.mf871a, into: socket)
        func open() -> Int { Descriptors.count }
        let before = open()
        for _ in 0..<20 {
            var events = try DeviceDiscovery.watch(quiet: Self.quiet, source: .udev).makeAsyncIterator()
            #expect(await next(&events) != nil)
        }
        // The last one is let go of on another queue: it is waited for, not slept for.
        var tries = 0
        while open() > before, tries < 10_000 {
            await Task.yield()
            tries += 1
        }
        #expect(open() <= before)
    }
}
