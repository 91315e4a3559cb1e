import ModemSimulator
import NetworkSimulator
import Testing

@Suite("The simulated PBX: callbacks and announcements")
struct CallbackTests {
    @Test("a callback rings, calls the target once it is answered, and joins both")
    func callback() throws {
        var rig = PBXRig()
        let reply = rig.ask(.originate(party: nil, target: "030123456", id: nil))
        guard case .accepted(let id) = reply else {
            Issue.record("\(reply)")
            return
        }
        #expect(rig.ask(.status(id)) == .state("pending"))
        rig.dialogue.pass(.seconds(1))
        #expect(rig.dialogue.lines() == ["RING", "+CLIP: \"+4922166966961\",145"])
        #expect(rig.ask(.status(id)) == .state("ringing"))
        #expect(rig.dialogue.ask("ATA", wait: .milliseconds(400)) == ["OK"])
        #expect(rig.ask(.status(id)) == .state("answered"))
        rig.dialogue.pass(.seconds(3))
        #expect(rig.pairs == [[PBXRig.modemNumber, PBXRig.target]])
        #expect(rig.ask(.status(id)) == .state("bridged"))
        #expect(rig.dialogue.world.calls.map(\.caller) == ["+4922166966961", "+4922166966961"])
        rig.dialogue.send("AT+CHUP", wait: .seconds(1))
        #expect(rig.live == 0)
        #expect(rig.story == ["ringing", "answered", "joined", "ended"])
        #expect(rig.pbx.counts.originations == 1)
        #expect(rig.pbx.counts.targetCalls == 1)
    }

    @Test("a target that is busy ends the callback", arguments: [("+493023125001", 17), ("+493023125004", 20)])
    func failing(_ target: String, _ cause: Int) {
        var rig = PBXRig()
        _ = rig.ask(.originate(party: PBXRig.modemNumber, target: target, id: "mine"))
        rig.dialogue.pass(.seconds(1))
        rig.dialogue.send("ATA", wait: .seconds(6))
        #expect(rig.live == 0)
        #expect(rig.pairs == [])
        #expect(rig.dialogue.world.calls.last?.cause == cause)
        #expect(rig.ask(.status("mine")) == .state("ended"))
        #expect(rig.story == ["ringing", "answered", "ended"])
    }

    @Test("a refused or unanswered ring calls no target", arguments: [true, false])
    func unanswered(_ refused: Bool) {
        var rig = PBXRig()
        _ = rig.ask(.originate(party: nil, target: PBXRig.target, id: "mine"))
        rig.dialogue.pass(.seconds(1))
        if refused { rig.dialogue.send("AT+CHUP") }
        rig.dialogue.pass(.seconds(30))
        #expect(rig.story == ["ringing", "unanswered", "ended"])
        #expect(rig.pbx.counts.targetCalls == 0)
        #expect(rig.live == 0)
    }

    @Test("a callback can be called off at any time", arguments: [0, 1, 2, 3])
    func calledOff(_ stage: Int) {
        var rig = PBXRig()
        _ = rig.ask(.originate(party: nil, target: PBXRig.target, id: "mine"))
        if stage > 0 { rig.dialogue.pass(.seconds(1)) }
        if stage > 1 { rig.dialogue.send("ATA", wait: .milliseconds(100)) }
        if stage > 2 { rig.dialogue.pass(.seconds(4)) }
        #expect(rig.ask(.hangUp("mine")) == .done)
        #expect(rig.ask(.hangUp("mine")) == .gone)
        rig.dialogue.pass(.seconds(30))
        #expect(rig.live == 0)
        #expect(rig.story.last == "ended")
        #expect(rig.pbx.counts.rings == min(stage, 1))
        #expect(rig.pairs.count == (stage > 2 ? 1 : 0))
    }

    @Test("twice with one key is once, where keys are honoured", arguments: [true, false])
    func keys(_ honoured: Bool) {
        var rig = PBXRig { $0.honoursKeys = honoured }
        let first = rig.ask(.originate(party: nil, target: PBXRig.target, id: nil), key: "k")
        let second = rig.ask(.originate(party: nil, target: PBXRig.target, id: nil), key: "k")
        #expect((first == second) == honoured)
        #expect(rig.pbx.counts.originations == (honoured ? 1 : 2))
        #expect(rig.ask(.originate(party: nil, target: nil, id: "x")) == .accepted("x"))
        #expect(rig.ask(.originate(party: nil, target: nil, id: "x")) == .exists)
    }

    @Test("what can't be called is refused")
    func refused() {
        var rig = PBXRig { $0.modem = nil }
        for request in [
            SimulatedPBX.Request.originate(party: nil, target: "030123456", id: nil),
            .originate(party: PBXRig.modemNumber, target: "", id: nil),
            .originate(party: PBXRig.modemNumber, target: "112", id: nil), .announce(target: "112", caller: nil),
            .announce(target: "", caller: nil),
        ] {
            guard case .refused = rig.ask(request) else {
                Issue.record("\(request)")
                continue
            }
        }
        #expect(rig.pbx.counts == SimulatedPBX.Counts())
        #expect(rig.ask(.hangUp("nothing")) == .unknown)
        #expect(rig.ask(.status("nothing")) == .unknown)
    }

    @Test("an announced target needs no digits", arguments: SimulatedPBX.Recognition.allCases)
    func announced(_ recognition: SimulatedPBX.Recognition) throws {
        var rig = PBXRig { $0.recognition = recognition }
        let ticket = try rig.ticket(.announce(target: "030 123456", caller: PBXRig.modemNumber))
        #expect(rig.ask(.status(ticket.id)) == .state("pending"))
        rig.dialogue.send("ATD\(ticket.dial);", wait: .seconds(3))
        for digit in ticket.token.map({ $0 + "#" }) ?? "" {
            rig.dialogue.send("AT+VTS=\(digit)", wait: .milliseconds(240))
        }
        rig.dialogue.pass(.seconds(3))
        #expect(rig.pairs == [[PBXRig.modemNumber, PBXRig.target]])
        #expect(rig.ask(.status(ticket.id)) == .state("bridged"))
        rig.dialogue.send("AT+CHUP", wait: .seconds(1))
        #expect(rig.live == 0)
        #expect(rig.ask(.status(ticket.id)) == .state("ended"))
    }

    @Test("a ticket is good for one call and for a while")
    func once() throws {
        var rig = PBXRig { $0.recognition = .number }
        let first = try rig.ticket(.announce(target: PBXRig.target, caller: nil))
        let second = try rig.ticket(.announce(target: PBXRig.target, caller: nil))
        #expect(first.dial != second.dial)
        _ = try rig.ticket(.announce(target: PBXRig.target, caller: nil))
        guard case .refused = rig.ask(.announce(target: PBXRig.target, caller: nil)) else {
            Issue.record("the pool has three numbers")
            return
        }
        for _ in 0..<2 {
            rig.dialogue.send("ATD\(first.dial);", wait: .seconds(3))
            rig.dialogue.send("AT+CHUP", wait: .seconds(1))
        }
        rig.dialogue.pass(.seconds(60))
        rig.dialogue.send("ATD\(second.dial);", wait: .seconds(6))
        #expect(rig.pbx.counts.targetCalls == 1)
        #expect(rig.story.count { $0 == "turned_away" } == 2)
    }

    @Test("another caller does not get what was announced, but the ordinary prompt")
    func otherCaller() throws {
        var rig = PBXRig()
        _ = try rig.ticket(.announce(target: PBXRig.target, caller: "+4915112345678"))
        rig.dialogue.send("ATD+4922166966966;", wait: .seconds(3))
        for digit in "0301#" { rig.dialogue.send("AT+VTS=\(digit)", wait: .milliseconds(240)) }
        rig.dialogue.pass(.seconds(3))
        #expect(rig.dialogue.world.calls.map(\.number) == ["+4922166966966", "+49301"])
        #expect(rig.pbx.tickets.map(\.state) == [.open])
    }

    @Test("two calls that were asked for are joined on request, or one with a held caller")
    func connect() throws {
        var rig = PBXRig { $0.modem = nil }
        #expect(rig.ask(.originate(party: PBXRig.modemNumber, target: nil, id: "a")) == .accepted("a"))
        #expect(rig.ask(.originate(party: PBXRig.target, target: nil, id: "b")) == .accepted("b"))
        rig.dialogue.pass(.seconds(1))
        guard case .refused = rig.ask(.connect("a", "b")) else {
            Issue.record("a rings still")
            return
        }
        rig.dialogue.send("ATA", wait: .seconds(2))
        #expect(rig.ask(.connect("a", "b")) == .done)
        rig.dialogue.pass(.zero)
        #expect(rig.pairs == [[PBXRig.modemNumber, PBXRig.target]])
        rig.dialogue.send("AT+CHUP", wait: .seconds(1))
        #expect(rig.live == 0)

        let held = try rig.caller()
        _ = rig.ask(.originate(party: PBXRig.modemNumber, target: nil, id: "c"))
        rig.dialogue.pass(.seconds(1))
        rig.dialogue.send("ATA", wait: .milliseconds(300))
        #expect(rig.ask(.connect("c", held)) == .done)
        rig.dialogue.pass(.zero)
        #expect(rig.pairs.last == [PBXRig.outside, PBXRig.modemNumber])
        #expect(rig.ask(.connect("c", "nothing")) == .unknown)
    }

    @Test("the same seed gives the same tokens")
    func deterministic() throws {
        func tokens() throws -> [String?] {
            var rig = PBXRig { $0.recognition = .token }
            return try (0..<3).map { _ in try rig.ticket(.announce(target: PBXRig.target, caller: nil)).token }
        }
        let first = try tokens()
        #expect(Set(first).count == 3)
        #expect(try tokens() == first)
    }
}
