import DialPlan
import FoundationEssentials
import Testing
import TextCoding
import WebRequests

@testable import PBX

/// Callers held and joined at Asterisk, on paper.
@Suite("an application at Asterisk") struct StasisMachineTests {
    /// A machine that is connected, with a clock of its own.
    struct Bench {
        var machine: StasisMachine
        var now = ContinuousClock.now
        var commands: [StasisCommand] = []
        var events: [PBXEvent] = []

        init(isOpen: Bool = true) throws {
            machine = StasisMachine(application: "app", region: try Rig.region())
            if isOpen { note(machine.opened(StasisSnapshot(), at: now)) }
        }

        mutating func note(_ outputs: [StasisMachine.Output]) {
            for output in outputs {
                switch output {
                case .send(let command): commands.append(command)
                case .tell(let event): events.append(event)
                }
            }
        }

        mutating func enters(
            _ id: String,
            _ arguments: String...,
            isUp: Bool = false,
            from caller: String = "03055512345"
        ) throws {
            let channel = StasisEvent.Channel(
                id: try Rig.reference(id),
                isUp: isUp,
                caller: caller,
                dialled: "+4922166966950"
            )
            note(machine.take(.entered(channel, arguments: arguments), at: now))
        }

        mutating func leaves(_ id: String) throws { note(machine.take(.left(try Rig.reference(id)), at: now)) }

        mutating func types(_ digits: String, in id: String) throws {
            for digit in digits { note(machine.take(.digit(try Rig.reference(id), digit), at: now)) }
        }

        mutating func announce(
            _ target: String,
            by own: String? = "+4915112345678",
            key: UUID? = nil
        ) throws -> CallTicket {
            try machine.announce(
                key.map { CallKey($0) } ?? Rig.call,
                own: try own.map { try Rig.number($0) },
                target: target,
                context: "out",
                dial: try DialString(typed: "+4922166966966"),
                at: now
            )
        }

        mutating func claim(
            _ held: String,
            by own: String? = "+4915112345678",
            key: UUID? = nil,
            withToken: Bool = false
        ) throws -> CallTicket {
            let request = ClaimRequest(
                call: key.map { CallKey($0) } ?? Rig.call,
                held: try Rig.reference(held),
                caller: nil
            )
            let (ticket, outputs) = try machine.claim(
                request,
                own: try own.map { try Rig.number($0) },
                isTokenWanted: withToken,
                dial: try DialString(typed: "+4922166966966"),
                at: now
            )
            note(outputs)
            return ticket
        }

        mutating func passes(_ time: Duration) {
            now += time
            note(machine.due(at: now))
        }

        mutating func finishes(_ command: StasisCommand, _ succeeded: Bool = true) {
            note(machine.finished(command, succeeded: succeeded, at: now))
        }

        var names: [String] { events.map(\.kind.name) }
        static var bridge: String { "app-join-\(Rig.call)" }
    }

    @Test(
        "a caller is held, claimed, joined with our call, and the end of one is the end of the other",
        arguments: ["h", "d"]
    )
    func whole(first: String) throws {
        var bench = try Bench()
        try bench.enters("h", "held")
        let (held, dialIn) = (try Rig.reference("h"), try Rig.reference("d"))
        #expect(bench.commands == [.hold(held, answers: true)])
        guard case .held(let caller) = bench.events.first?.kind else {
            Issue.record("\(bench.events)")
            return
        }
        #expect(caller.from == .number(try Rig.number("03055512345")))
        #expect(caller.to == "+4922166966950" && caller.validFor == .seconds(45))
        let ticket = try bench.claim("h")
        #expect(ticket.dial?.text == "+4922166966966" && ticket.token == nil && ticket.validFor == .seconds(45))
        #expect(bench.commands.last == .makeBridge(Bench.bridge))
        // As trunks write it.
        try bench.enters("d", "dialin", isUp: true, from: "4915112345678")
        let join = StasisCommand.join(held: held, dialIn: dialIn, answers: false, bridge: Bench.bridge)
        #expect(bench.commands.last == join)
        #expect(bench.names == ["held"])
        bench.finishes(join)
        #expect(bench.events.last == PBXEvent(.bridged, call: held, key: Rig.call.text))
        bench.commands = []
        bench.passes(.seconds(600))
        #expect(bench.commands.isEmpty)
        try bench.leaves(first)
        #expect(bench.commands == [.hangUp(first == "h" ? dialIn : held), .removeBridge(Bench.bridge)])
        #expect(bench.events.last == PBXEvent(.ended(.normal, seconds: 600), call: held, key: Rig.call.text))
        try bench.leaves(first == "h" ? "d" : "h")
        #expect(bench.names == ["held", "bridged", "ended"])
        #expect(bench.machine.isIdle)
    }

    @Test("nobody waits for ever: unclaimed 45 s, claimed until the claim is over, and never above two minutes")
    func limits() throws {
        var bench = try Bench()
        try bench.enters("h", "held")
        bench.passes(.seconds(44))
        #expect(bench.names == ["held"])
        bench.passes(.seconds(1))
        #expect(bench.commands.last == .goOn(try Rig.reference("h")))
        #expect(bench.names == ["held", "expired"])
        try bench.enters("i", "held")
        bench.passes(.seconds(40))
        #expect(try bench.claim("i").validFor == .seconds(45))
        bench.passes(.seconds(44))
        #expect(bench.names.count == 3)
        bench.passes(.seconds(1))
        #expect(bench.names.last == "expired" && bench.events.last?.key == Rig.call.text)
        #expect(bench.commands.suffix(2) == [.goOn(try Rig.reference("i")), .removeBridge(Bench.bridge)])
        #expect(throws: PBXError.self) { try bench.claim("i") }
        #expect(bench.machine.isIdle)
    }

    @Test("a caller has one claimant: the same again gets the same, another is too late, one who has left is expired")
    func claims() throws {
        var bench = try Bench()
        try bench.enters("h", "held")
        _ = try bench.claim("h")
        bench.commands = []
        bench.now += .seconds(5)
        #expect(try bench.claim("h").validFor == .seconds(40))
        #expect(bench.commands.isEmpty)
        #expect(throws: PBXError.self) { try bench.claim("h", key: UUID()) }
        do { _ = try bench.claim("h", key: UUID()) } catch let error as PBXError { #expect(error.kind == .lost) }
        try bench.leaves("h")
        #expect(
            bench.events.last
                == PBXEvent(.ended(.cancelled, seconds: nil), call: try Rig.reference("h"), key: Rig.call.text)
        )
        do { _ = try bench.claim("h") } catch let error as PBXError { #expect(error.kind == .expired) }
        var down = try Bench(isOpen: false)
        try down.enters("h", "held")
        do {
            _ = try down.claim("h")
            Issue.record("claimed without a connection")
        } catch let error as PBXError {
            #expect(error.kind == .unreachable(.connection))
        }
    }

    @Test(
        "a call that nobody waits for is refused unanswered; what is not ours goes on in the dialplan",
        arguments: [("dialin", "+4915112345678"), ("dialin", ""), ("other", "+4915112345678"), ("", "1")]
    )
    func strangers(argument: String, caller: String) throws {
        var bench = try Bench()
        let channel = try Rig.reference("x")
        try bench.enters("x", argument, from: caller)
        #expect(bench.commands == [argument == "dialin" ? .turnAway(channel) : .goOn(channel)])
        // Nor is it let in by somebody else's claim.
        try bench.enters("h", "held")
        _ = try bench.claim("h", by: "+4915199999999")
        try bench.enters("y", "dialin", from: "+4915112345678")
        #expect(bench.commands.last == .turnAway(try Rig.reference("y")))
    }

    @Test("a dialplan that says nothing: a SIM of ours comes to fetch somebody, everybody else is to be fetched")
    func wordless() throws {
        var bench = try Bench()
        try bench.enters("h", from: "+4915199999999")
        #expect(bench.names == ["held"])
        _ = try bench.claim("h")
        try bench.enters("d", from: "015112345678")
        #expect(
            bench.commands.last
                == .join(
                    held: try Rig.reference("h"),
                    dialIn: try Rig.reference("d"),
                    answers: true,
                    bridge: Bench.bridge
                )
        )
        // Too late for anybody: not held for itself.
        try bench.enters("e", from: "+4915112345678")
        #expect(bench.commands.last == .turnAway(try Rig.reference("e")))
        #expect(bench.names == ["held"])
    }

    @Test("where the SIM's number is not known a token lets our call in, at one try", arguments: [true, false])
    func tokens(isRight: Bool) throws {
        var bench = try Bench()
        try bench.enters("h", "held")
        let token = try #require(try bench.claim("h", by: nil).token?.reveal())
        #expect(token.utf8.count == 8 && token.allSatisfy(\.isNumber))
        try bench.enters("d", "dialin", from: "anonymous")
        let (held, dialIn) = (try Rig.reference("h"), try Rig.reference("d"))
        #expect(bench.commands.last == .listen(dialIn, answers: true))
        try bench.types((isRight ? token : "1234567") + "#", in: "d")
        if isRight {
            #expect(bench.commands.last == .join(held: held, dialIn: dialIn, answers: false, bridge: Bench.bridge))
        } else {
            #expect(bench.commands.last == .hangUp(dialIn))
            try bench.types(token + "#", in: "d")
            #expect(bench.commands.last == .hangUp(dialIn))
        }
        try bench.enters("e", "dialin", from: "anonymous")
        if !isRight {
            bench.passes(.seconds(20))
            #expect(bench.commands.last == .hangUp(try Rig.reference("e")))
        }
    }

    @Test("a command that fails leaves nobody alone")
    func failures() throws {
        var bench = try Bench()
        try bench.enters("g", "held")
        let (gone, held, dialIn) = (try Rig.reference("g"), try Rig.reference("h"), try Rig.reference("d"))
        bench.finishes(.hold(gone, answers: true), false)
        #expect(bench.commands.last == .goOn(gone))
        #expect(bench.events.last?.kind == .ended(.failed, seconds: nil))
        // The caller is there, and this box has let go of them.
        try bench.leaves("g")
        do {
            _ = try bench.claim("g")
            Issue.record("there is nobody to claim")
        } catch let error as PBXError {
            #expect(error.kind == .expired && error.message.contains("could not be held"), "\(error)")
        }
        try bench.enters("h", "held")
        _ = try bench.claim("h")
        try bench.enters("d", "dialin", from: "+4915112345678")
        bench.commands = []
        bench.finishes(.join(held: held, dialIn: dialIn, answers: true, bridge: Bench.bridge), false)
        #expect(bench.commands == [.hangUp(dialIn), .goOn(held), .removeBridge(Bench.bridge)])
        #expect(bench.events.last == PBXEvent(.ended(.failed, seconds: nil), call: held, key: Rig.call.text))
        #expect(bench.machine.isIdle)
    }

    @Test("behind a gap in the connection it is looked who is still there")
    func reconnects() throws {
        var bench = try Bench()
        for id in ["a", "b", "c"] { try bench.enters(id, "held") }
        _ = try bench.claim("b")
        try bench.enters("d", "dialin", from: "+4915112345678")
        bench.machine.closed()
        bench.machine.opening()
        // Told before the snapshot, which was made before it came.
        try bench.enters("n", "held")
        bench.commands = []
        bench.events = []
        let snapshot = StasisSnapshot(channels: [try Rig.reference("a"), try Rig.reference("b")])
        bench.note(bench.machine.opened(snapshot, at: bench.now))
        #expect(Set(bench.events.map(\.call.text)) == ["b", "c"])
        #expect(bench.commands == [.hangUp(try Rig.reference("b")), .removeBridge(Bench.bridge)])
        try bench.leaves("a")
        try bench.leaves("n")
        #expect(bench.machine.isIdle)
    }

    @Test("where the PBX does not tell who is there, everybody counts as there until an end is told")
    func blindReconnect() throws {
        var bench = try Bench()
        try bench.enters("a", "held")
        bench.machine.closed()
        bench.machine.opening()
        bench.note(bench.machine.opened(nil, at: bench.now))
        #expect(bench.names == ["held"] && bench.commands.count == 1)
        _ = try bench.claim("a")
        try bench.leaves("a")
        #expect(bench.names == ["held", "ended"])
    }

    @Test("what an earlier run left behind: pairs go on talking, the lonely are hung up, callers go on in the dialplan")
    func restarts() throws {
        var bench = try Bench(isOpen: false)
        bench.machine.opening()
        let ids = try ["a", "b", "c", "h"].map { try Rig.reference($0) }
        let snapshot = StasisSnapshot(
            channels: Set(ids),
            bridges: [
                StasisSnapshot.Bridge(id: "app-join-1", members: [ids[0], ids[1]]),
                StasisSnapshot.Bridge(id: "app-join-2", members: [ids[2]]),
                StasisSnapshot.Bridge(id: "app-join-3", members: []),
            ]
        )
        bench.note(bench.machine.opened(snapshot, at: bench.now))
        #expect(
            bench.commands == [
                .hangUp(ids[2]), .removeBridge("app-join-2"), .removeBridge("app-join-3"), .goOn(ids[3]),
            ]
        )
        try bench.leaves("b")
        #expect(bench.commands.suffix(2) == [.hangUp(ids[0]), .removeBridge("app-join-1")])
    }

    @Test("when nobody will be there any more, callers go on and pairs are hung up")
    func leaving() throws {
        var bench = try Bench()
        try bench.enters("a", "held")
        _ = try bench.claim("a")
        try bench.enters("d", "dialin", from: "+4915112345678")
        try bench.enters("b", "held")
        bench.commands = []
        bench.note(bench.machine.leave())
        let ids = try ["b", "d", "a"].map { try Rig.reference($0) }
        #expect(bench.commands == [.goOn(ids[0]), .hangUp(ids[1]), .hangUp(ids[2]), .removeBridge(Bench.bridge)])
        #expect(bench.machine.isIdle)
    }

    @Test("of more callers than there is room for the last go on at once")
    func room() throws {
        var bench = try Bench()
        for number in 0..<40 { try bench.enters("h\(number)", "held") }
        #expect(bench.names.count == 32)
        #expect(bench.commands.count { if case .goOn = $0 { true } else { false } } == 8)
    }
}
