import DeviceDiscovery
import TestSupport
import Testing

@Suite("A tree of devices")
struct DeviceTreeTests {
    private let start = ContinuousClock.now
    private let quiet = Duration.milliseconds(400)

    private func events(
        _ stick: SampleStick,
        in socket: Socket = Socket(),
        to tree: inout DeviceTree
    ) -> [DiscoveryEvent] {
        stick.nodes(in: socket).flatMap { tree.handle(.present($0), at: start) }
    }

    private func removal(_ stick: SampleStick, in socket: Socket = Socket()) -> [DeviceChange] {
        stick.nodes(in: socket).reversed().map { .gone(sysPath: $0.sysPath) }
    }

    @Test(
        "reports a stick of the table with its last tty, without waiting",
        arguments: [
            SampleStick.e1750, .ec25, .ec25Audio, .sim7600, .mf871a, .pls8, .em7455,
        ]
    )
    func complete(stick: SampleStick) throws {
        var tree = DeviceTree(quiet: quiet)
        let nodes = stick.nodes()
        for node in nodes.dropLast() { #expect(tree.handle(.present(node), at: start) == []) }
        let last = try #require(nodes.last)
        let modem = try #require(stick.modem())
        #expect(tree.handle(.present(last), at: start) == [.found(modem)])
        #expect(tree.deadline == nil)
    }

    @Test("reports a stick whose ports may differ after a quiet time")
    func quietTime() throws {
        var tree = DeviceTree(quiet: quiet)
        #expect(events(.e3372, to: &tree) == [])
        let deadline = try #require(tree.deadline)
        #expect(deadline == start + quiet)
        #expect(tree.timerFired(at: deadline - .milliseconds(1)) == [])
        let modem = try #require(SampleStick.e3372.modem())
        #expect(tree.timerFired(at: deadline) == [.found(modem)])
        #expect(tree.deadline == nil)
    }

    @Test("finds the same modem in whatever order the nodes come")
    func anyOrder() throws {
        let modem = try #require(SampleStick.sim7600.modem())
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<50 {
            var tree = DeviceTree(quiet: quiet)
            var seen: [DiscoveryEvent] = []
            for node in SampleStick.sim7600.nodes().shuffled(using: &generator) {
                seen += tree.handle(.present(node), at: start)
            }
            seen += tree.timerFired(at: start + quiet)
            #expect(seen == [.found(modem)])
        }
    }

    @Test("takes every event twice without saying anything twice")
    func twice() throws {
        var tree = DeviceTree(quiet: quiet)
        let nodes = SampleStick.ec25.nodes()
        let all = (nodes + nodes).flatMap { tree.handle(.present($0), at: start) }
        #expect(all == [.found(try #require(SampleStick.ec25.modem()))])
        #expect(tree.timerFired(at: start + .seconds(10)) == [])
        let ends = removal(.ec25) + removal(.ec25)
        #expect(ends.flatMap { tree.handle($0, at: start) }.count == 1)
        #expect(tree.reported == [])
    }

    @Test("waits anew with each node, and not for ever")
    func restless() throws {
        var tree = DeviceTree(quiet: quiet)
        let nodes = SampleStick.e3372.nodes()
        for node in nodes { _ = tree.handle(.present(node), at: start) }
        var now = start
        var seen: [DiscoveryEvent] = []
        let flapping = try #require(nodes.first { if case .terminal = $0.content { true } else { false } })
        while seen.isEmpty, now < start + .seconds(60) {
            now += quiet - .milliseconds(10)
            if let deadline = tree.deadline, deadline <= now { seen = tree.timerFired(at: now) }
            _ = tree.handle(.gone(sysPath: flapping.sysPath), at: now)
            _ = tree.handle(.present(flapping), at: now)
        }
        #expect(seen.count == 1)
        #expect(now <= start + quiet * 10)
    }

    @Test("tells of a stick that is pulled out at once, and once")
    func unplugged() throws {
        var tree = DeviceTree(quiet: quiet)
        let modem = try #require(SampleStick.sim7600.modem())
        _ = events(.sim7600, to: &tree)
        let seen = removal(.sim7600).flatMap { tree.handle($0, at: start) }
        #expect(seen == [.lost(modem)])
        #expect(tree.deadline == nil)
        #expect(tree.present == [])
    }

    @Test("says nothing of a stick that is gone before it was complete")
    func unpluggedEarly() {
        var tree = DeviceTree(quiet: quiet)
        for node in SampleStick.sim7600.nodes().prefix(5) { _ = tree.handle(.present(node), at: start) }
        let seen = removal(.sim7600).flatMap { tree.handle($0, at: start) }
        #expect(seen == [])
        #expect(tree.timerFired(at: start + .seconds(10)) == [])
    }

    @Test("finds a stick again under other names after a reset")
    func renamed() throws {
        var tree = DeviceTree(quiet: quiet)
        _ = events(.ec25, to: &tree)
        _ = removal(.ec25).flatMap { tree.handle($0, at: start) }
        let other = Socket(number: 8, firstTerminal: 5)
        let seen = events(.ec25, in: other, to: &tree)
        let modem = try #require(SampleStick.ec25.modem(in: other))
        #expect(seen == [.found(modem)])
        #expect(modem.path == "1-1")
        #expect(modem.commandPorts.first?.path == "/dev/ttyUSB7")
    }

    @Test("notices by the number on the bus that a stick was away although no removal was seen")
    func missedRemoval() throws {
        var tree = DeviceTree(quiet: quiet)
        _ = events(.mf871a, to: &tree)
        let before = try #require(SampleStick.mf871a.modem())
        let other = Socket(number: 8, firstTerminal: 2)
        let after = try #require(SampleStick.mf871a.modem(in: other))
        #expect(events(.mf871a, in: other, to: &tree) == [.lost(before), .found(after)])
    }

    @Test("follows a stick through its mode switch: two devices, one after the other")
    func modeSwitch() throws {
        var tree = DeviceTree(quiet: quiet)
        _ = events(.unswitched, to: &tree)
        let disc = try #require(SampleStick.unswitched.modem())
        #expect(tree.timerFired(at: start + quiet) == [.found(disc)])
        #expect(disc.condition == .storage)
        let socket = Socket(number: 8)
        let modem = try #require(SampleStick.e1750.modem(in: socket))
        var seen = removal(.unswitched).flatMap { tree.handle($0, at: start) }
        seen += events(.e1750, in: socket, to: &tree)
        #expect(seen == [.lost(disc), .found(modem)])
    }

    @Test("tells when drivers come late: what had no tty becomes usable")
    func lateDrivers() throws {
        var tree = DeviceTree(quiet: quiet)
        _ = events(.ec25.withoutDrivers, to: &tree)
        let before = try #require(SampleStick.ec25.withoutDrivers.modem())
        #expect(tree.timerFired(at: start + quiet) == [.found(before)])
        #expect(before.condition == .driverMissing)
        let after = try #require(SampleStick.ec25.modem())
        let seen = events(.ec25, to: &tree) + tree.timerFired(at: start + quiet)
        #expect(seen.last == .changed(after))
        #expect(after.condition == .usable)
    }

    @Test("tells of changes after a quiet time, and not at all when they are undone")
    func changes() throws {
        var tree = DeviceTree(quiet: quiet)
        _ = events(.ec25, to: &tree)
        let extra = try #require(SampleStick.ec25.nodes().last)
        #expect(tree.handle(.gone(sysPath: extra.sysPath), at: start) == [])
        #expect(tree.handle(.present(extra), at: start) == [])
        #expect(tree.deadline == nil)
        #expect(tree.handle(.gone(sysPath: extra.sysPath), at: start) == [])
        let seen = tree.timerFired(at: start + quiet)
        guard case .changed(let modem) = seen.first else {
            Issue.record("nothing was told: \(seen)")
            return
        }
        #expect(modem.ports.count == 4)
    }

    @Test("makes up for missed events by looking at everything")
    func reconciles() throws {
        var tree = DeviceTree(quiet: quiet)
        let ec25 = Socket(path: "1-1")
        let zte = Socket(path: "1-2", number: 9, firstTerminal: 10)
        _ = events(.ec25, in: ec25, to: &tree)
        let now = SampleStick.mf871a.nodes(in: zte)
        let seen = tree.reconcile(with: now, at: start)
        let gone = try #require(SampleStick.ec25.modem(in: ec25))
        let new = try #require(SampleStick.mf871a.modem(in: zte))
        #expect(seen == [.lost(gone), .found(new)])
        #expect(tree.reconcile(with: now, at: start) == [])
        #expect(tree.reported == [new])
    }

    @Test("keeps two sticks of one make with one serial number apart")
    func twins() throws {
        var tree = DeviceTree(quiet: quiet)
        let first = Socket(path: "1-1.1", number: 4, firstTerminal: 0)
        let second = Socket(path: "1-1.2", number: 5, firstTerminal: 5)
        var seen = zip(SampleStick.sim7600.nodes(in: first), SampleStick.sim7600.nodes(in: second))
            .flatMap { tree.handle(.present($0), at: start) + tree.handle(.present($1), at: start) }
        #expect(seen.count == 2)
        #expect(tree.reported.map(\.path) == ["1-1.1", "1-1.2"])
        #expect(tree.reported.map { $0.commandPorts.first?.path } == ["/dev/ttyUSB2", "/dev/ttyUSB7"])
        seen = removal(.sim7600, in: first).flatMap { tree.handle($0, at: start) }
        #expect(seen.count == 1)
        #expect(tree.reported.map(\.path) == ["1-1.2"])
    }

    @Test("never reports a stick twice nor loses one that it never found, whatever happens")
    func anything() {
        let sticks: [(SampleStick, String)] = [
            (.ec25, "1-1"), (.e3372, "1-2"), (.unswitched, "1-3"), (.arduino, "1-4"),
        ]
        var generator = SeededGenerator(seed: 7)
        for _ in 0..<200 {
            var tree = DeviceTree(quiet: quiet)
            var there: Set<String> = []
            var now = start
            for _ in 0..<120 {
                let (stick, path) = sticks[Int.random(in: 0..<sticks.count, using: &generator)]
                let number = Int.random(in: 3...4, using: &generator)
                let nodes = stick.nodes(in: Socket(path: path, number: number, firstTerminal: number * 10))
                let node = nodes[Int.random(in: 0..<nodes.count, using: &generator)]
                let seen: [DiscoveryEvent]
                switch Int.random(in: 0..<6, using: &generator) {
                case 0: seen = tree.handle(.gone(sysPath: node.sysPath), at: now)
                case 1: seen = tree.timerFired(at: now)
                case 2:
                    seen = tree.reconcile(with: Array(nodes.prefix(Int.random(in: 0...8, using: &generator))), at: now)
                default: seen = tree.handle(.present(node), at: now)
                }
                for event in seen {
                    switch event {
                    case .found(let modem): #expect(there.insert(modem.path).inserted)
                    case .changed(let modem): #expect(there.contains(modem.path))
                    case .lost(let modem): #expect(there.remove(modem.path) != nil)
                    }
                }
                #expect(Set(tree.reported.map(\.path)) == there)
                now += .milliseconds(Int.random(in: 0...300, using: &generator))
            }
            let end = tree.reconcile(with: [], at: now)
            #expect(end.count == there.count)
            #expect(tree.present == [] && tree.deadline == nil)
        }
    }
}
