import ModemSimulator
import NetworkSimulator
import Testing

@Suite("The simulated PBX: held callers")
struct HeldCallerTests {
    @Test("who answers the ring is joined with the held caller, and both end together", arguments: [true, false])
    func answer(_ callerHangsUp: Bool) throws {
        var rig = PBXRig()
        let id = try rig.caller()
        rig.dialogue.pass(.seconds(1))
        #expect(rig.dialogue.lines() == ["RING", "+CLIP: \"+4922166966960\",145"])
        #expect(rig.ask(.status(id)) == .state("held"))
        #expect(rig.dialogue.ask("ATA", wait: .milliseconds(400)) == ["OK"])
        #expect(rig.pairs == [[PBXRig.outside, PBXRig.modemNumber]])
        #expect(rig.ask(.status(id)) == .state("bridged"))
        rig.dialogue.pass(.seconds(90))
        #expect(rig.live == 2, "neither the hold time nor the ring time ends a conversation")
        if callerHangsUp {
            rig.dialogue.world.outsideHangsUp(id, at: rig.dialogue.now)
        } else {
            rig.dialogue.send("AT+CHUP")
        }
        rig.dialogue.pass(.seconds(1))
        #expect(rig.live == 0)
        #expect(rig.dialogue.ask("AT+CLCC") == ["OK"])
        #expect(rig.story == ["incoming", "held", "ringing", "joined", "ended"])
        #expect(rig.pbx.counts.joins == 1)
    }

    @Test(
        "a refused ring leaves the caller held, and a claim leads to them",
        arguments: SimulatedPBX.Recognition.allCases
    )
    func dialBack(_ recognition: SimulatedPBX.Recognition) throws {
        var rig = PBXRig { $0.recognition = recognition }
        let id = try rig.caller()
        rig.dialogue.pass(.seconds(1))
        rig.dialogue.send("AT+CHUP", wait: .milliseconds(500))
        #expect(rig.pbx.heldCaller(id)?.state == .waiting)
        let ticket = try rig.ticket(.claim(held: id, caller: PBXRig.modemNumber))
        #expect((ticket.token != nil) == (recognition == .token))
        #expect((ticket.dial == rig.pbx.settings.accessNumber) == (recognition != .number))
        rig.dialogue.send("ATD\(ticket.dial);", wait: .seconds(3))
        for digit in ticket.token.map({ $0 + "#" }) ?? "" {
            rig.dialogue.send("AT+VTS=\(digit)", wait: .milliseconds(240))
        }
        rig.dialogue.pass(.seconds(1))
        #expect(rig.pairs == [[PBXRig.outside, PBXRig.modemNumber]])
        #expect(rig.story == ["incoming", "held", "ringing", "unanswered", "claimed", "joined"])
        rig.dialogue.pass(.seconds(120))
        #expect(rig.live == 2)
        rig.dialogue.send("AT+CHUP", wait: .seconds(1))
        #expect(rig.live == 0)
        #expect(rig.pbx.counts.targetCalls == 0, "a held caller is never led on")
    }

    @Test("a modem that was rung for the only caller fetches them without a claim, where that is allowed")
    func unclaimed() throws {
        var rig = PBXRig { $0.joinsUnclaimed = true }
        _ = try rig.caller()
        rig.dialogue.pass(.seconds(1))
        rig.dialogue.send("AT+CHUP", wait: .milliseconds(500))
        rig.dialogue.send("ATD+4922166966966;", wait: .seconds(3))
        #expect(rig.pairs == [[PBXRig.outside, PBXRig.modemNumber]])
    }

    @Test("with two callers held it would be a guess, so nobody is joined")
    func ambiguous() throws {
        var rig = PBXRig {
            $0.joinsUnclaimed = true
            $0.recognition = .number
        }
        _ = try rig.caller()
        rig.dialogue.pass(.seconds(1))
        rig.dialogue.send("AT+CHUP", wait: .milliseconds(200))
        _ = try rig.caller()
        rig.dialogue.send("ATD+4922166966991;", wait: .seconds(10))
        #expect(rig.pairs == [])
        #expect(rig.story.contains("turned_away"))
        #expect(rig.dialogue.world.liveCalls(of: 0) == 0)
    }

    @Test("nobody comes: the caller is sent away after the hold time")
    func expiry() throws {
        var rig = PBXRig { $0.modem = nil }
        let id = try rig.caller()
        rig.dialogue.pass(.milliseconds(29_900))
        #expect(rig.live == 1)
        rig.dialogue.pass(.milliseconds(200))
        #expect(rig.live == 0)
        #expect(rig.story == ["incoming", "held", "expired"])
        #expect(rig.dialogue.lines() == [], "no modem is rung where none is set")
        #expect(rig.ask(.claim(held: id, caller: nil)) == .gone)
        #expect(rig.ask(.status(id)) == .state("ended"))
    }

    @Test("a claim holds the caller until the claiming call may come, and no longer")
    func claimedExpiry() throws {
        var rig = PBXRig()
        let id = try rig.caller()
        rig.dialogue.pass(.seconds(20))
        rig.dialogue.send("AT+CHUP")
        let ticket = try rig.ticket(.claim(held: id, caller: PBXRig.modemNumber))
        rig.dialogue.pass(.seconds(44))
        #expect(rig.pbx.heldCaller(id)?.state == .claimed)
        rig.dialogue.pass(.seconds(2))
        #expect(rig.pbx.heldCaller(id)?.state == .expired)
        #expect(rig.pbx.tickets.map(\.state) == [.expired])
        rig.dialogue.send("ATD\(ticket.dial);", wait: .seconds(3))
        #expect(rig.pairs == [])
    }

    @Test(
        "a caller who gives up while the modem rings takes the ring along",
        arguments: [Duration.seconds(2), .seconds(9)]
    )
    func givesUp(_ time: Duration) throws {
        var rig = PBXRig()
        let id = try rig.caller(givesUpAfter: time)
        rig.dialogue.pass(time + .seconds(1))
        #expect(rig.live == 0)
        #expect(rig.dialogue.ask("AT+CLCC") == ["OK"])
        #expect(rig.story == ["incoming", "held", "ringing", "gave_up", "unanswered"])
        #expect(rig.ask(.claim(held: id, caller: nil)) == .gone)
    }

    @Test("a caller who gives up while we dial in leaves our call to hear so")
    func givesUpWhileDialling() throws {
        var rig = PBXRig { $0.recognition = .number }
        let id = try rig.caller()
        rig.dialogue.pass(.seconds(1))
        rig.dialogue.send("AT+CHUP", wait: .milliseconds(200))
        let ticket = try rig.ticket(.claim(held: id, caller: nil))
        rig.dialogue.send("ATD\(ticket.dial);", wait: .milliseconds(100))
        rig.dialogue.world.outsideHangsUp(id, at: rig.dialogue.now)
        rig.dialogue.pass(.seconds(5))
        #expect(rig.pairs == [])
        #expect(rig.story.suffix(2) == ["gave_up", "turned_away"])
        #expect(rig.live == 0)
    }

    @Test(
        "the first claim wins; the same one with the same key is one, unless keys are not honoured",
        arguments: [true, false]
    )
    func claims(_ honoured: Bool) throws {
        var rig = PBXRig { $0.honoursKeys = honoured }
        let id = try rig.caller()
        let first = rig.ask(.claim(held: id, caller: nil), key: "one")
        guard case .ticket = first else {
            Issue.record("\(first)")
            return
        }
        #expect(rig.ask(.claim(held: id, caller: nil), key: "one") == (honoured ? first : .taken))
        #expect(rig.ask(.claim(held: id, caller: nil), key: "two") == .taken)
        #expect(rig.ask(.claim(held: "held-99", caller: nil)) == .unknown)
        #expect(rig.pbx.counts.claims == 1)
    }

    @Test("somebody else can be quicker")
    func elsewhere() throws {
        var rig = PBXRig()
        let id = try rig.caller()
        rig.dialogue.world.claimElsewhere(id, at: rig.dialogue.now)
        #expect(rig.ask(.claim(held: id, caller: nil)) == .taken)
    }

    @Test("a caller who is given back is sent elsewhere")
    func release() throws {
        var rig = PBXRig()
        let id = try rig.caller()
        #expect(rig.ask(.release(held: id, reason: "declined")) == .done)
        #expect(rig.ask(.release(held: id, reason: "declined")) == .gone)
        rig.dialogue.pass(.seconds(1))
        #expect(rig.story == ["incoming", "held", "released"])
        #expect(rig.live == 0)
        #expect(rig.dialogue.lines() == [])
        #expect(rig.pbx.counts.releases == 1)
    }

    @Test("a ring can stay out, come late, or come from elsewhere")
    func ringFaults() throws {
        var never = PBXRig { $0.ringFault = .never }
        _ = try never.caller()
        never.dialogue.pass(.seconds(40))
        #expect(never.dialogue.lines() == [])
        #expect(never.story == ["incoming", "held", "expired"])

        var late = PBXRig { $0.ringFault = .late(.seconds(10)) }
        _ = try late.caller()
        late.dialogue.pass(.seconds(10))
        #expect(late.dialogue.lines() == [])
        late.dialogue.pass(.seconds(1))
        #expect(late.dialogue.lines().first == "RING")

        var other = PBXRig { $0.ringFault = .elsewhere(from: "+4930999") }
        _ = try other.caller()
        other.dialogue.pass(.seconds(1))
        #expect(other.dialogue.lines() == ["RING", "+CLIP: \"+4930999\",145"])
    }

    @Test("the ring stops by itself, and a modem in a call is not rung")
    func ringEnds() throws {
        var rig = PBXRig { $0.holdTime = .seconds(60) }
        let id = try rig.caller()
        rig.dialogue.pass(.seconds(27))
        #expect(rig.dialogue.world.liveCalls(of: 0) == 0)
        #expect(rig.pbx.heldCaller(id)?.state == .waiting)
        #expect(rig.story.last == "unanswered")

        rig.dialogue.send("ATD+4930123456;", wait: .seconds(2))
        _ = try rig.caller()
        rig.dialogue.pass(.seconds(1))
        #expect(rig.dialogue.events.contains(.pbx(.unanswered(id: "held-2", cause: 17))))
    }

    @Test("numbers that are not ours lead nowhere; a modem's own rings it")
    func outside() {
        var rig = PBXRig()
        let now = rig.dialogue.now
        #expect(rig.dialogue.world.callFromOutside(from: "030555", to: "+49301", at: now) == nil)
        #expect(!rig.dialogue.world.isReachableFromOutside("+49301"))
        #expect(rig.dialogue.world.isReachableFromOutside("0221 66966950"))
        #expect(rig.dialogue.world.callFromOutside(from: "030555", to: PBXRig.modemNumber, at: now) == nil)
        rig.dialogue.pass(.seconds(1))
        #expect(rig.dialogue.lines() == ["RING", "+CLIP: \"+4930555\",145"])
        #expect(rig.story == [])
    }
}
