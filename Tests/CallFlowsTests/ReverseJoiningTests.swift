import CallModel
import Testing

@testable import CallFlows

// Our call has been answered: joined with the caller, or not.
extension ReverseMachineTests {
    private static func arriving(_ joining: Reverse.Plan.Joining) -> Traced {
        let plan = Reverse.Plan(mode: .dialBack(.pbx), caller: nil, joining: joining)
        var flow = Traced(plan, .announcement)
        flow.feed((200, .claimed(Reverse.Claim(number: "+4922166966966"))), (2000, .leg(.answered)))
        return flow
    }

    @Test(
        "answered is not joined: until the PBX says so, or a while has passed, the caller's end is ours",
        arguments: [Reverse.Plan.Joining.told(within: .seconds(10)), .presumed(after: .seconds(5))]
    )
    func goneBehindTheAnswer(_ joining: Reverse.Plan.Joining) {
        var flow = Self.arriving(joining)
        flow.feed((4000, .callerGone()))
        #expect(flow.count(.hangUp) == 1)
        flow.feed((4500, .leg(.hungUp(verified: true))))
        #expect(flow.end?.outcome == .noAnswer && flow.end?.by == .remote)
        #expect(flow.end?.seconds == .milliseconds(2500))
        #expect(flow.releases == [] && flow.violations == [])
    }

    @Test("a PBX that answers and never joins keeps our call for ten seconds, not for an hour")
    func neverJoined() {
        var flow = Self.arriving(.told(within: .seconds(10)))
        #expect(flow.armed == at(12_000))
        #expect(flow.count(.report(.inProgress)) == 0)
        flow.feed((12_000, .timer), (12_500, .leg(.hungUp(verified: true))))
        #expect(flow.end?.outcome == .lost)
        #expect(flow.releases == [.failed])
        var dropped = Self.arriving(.told(within: .seconds(10)))
        dropped.feed((6000, .leg(.released(.init(kind: .unknown)))))
        #expect(dropped.end?.outcome == .lost)
        #expect(flow.violations + dropped.violations == [])
    }

    @Test(
        "joined, whose caller is gone: our call ends within a grace if the network does not end it",
        arguments: [true, false]
    )
    func partedLater(isTold: Bool) {
        var flow = Self.arriving(isTold ? .told(within: .seconds(10)) : .presumed(after: .seconds(5)))
        if isTold { flow.feed((2500, .joined)) } else { flow.feed((7000, .timer)) }
        #expect(flow.count(.report(.inProgress)) == 1)
        flow.feed((30_000, .callerGone(.expired)))
        #expect(flow.count(.hangUp) == 0)
        flow.feed((62_000, .callerGone()))
        #expect(flow.count(.hangUp) == 0)
        #expect(flow.armed == at(65_000))
        flow.feed((65_000, .timer), (65_200, .leg(.hungUp(verified: true))))
        #expect(flow.count(.hangUp) == 1)
        #expect(flow.end?.outcome == .completed && flow.end?.by == .remote)
        #expect(flow.releases == [] && flow.violations == [])
    }

    @Test("word of the join comes before the modem's word of the answer, and is kept")
    func joinedEarly() {
        let plan = Reverse.Plan(mode: .dialBack(.pbx), caller: nil, joining: .told(within: .seconds(10)))
        var flow = Traced(plan, .announcement)
        flow.feed((200, .claimed(Reverse.Claim(number: "+4922166966966"))), (1900, .joined), (2000, .leg(.answered)))
        #expect(flow.count(.report(.inProgress)) == 1)
        flow.feed((60_000, .leg(.released(.init(kind: .unknown)))))
        #expect(flow.end?.outcome == .completed)
        // Somebody else was joined, if ours was never answered.
        var forged = Traced(plan, .announcement)
        forged.feed((200, .claimed(Reverse.Claim(number: "+4922166966966"))), (1900, .joined))
        forged.feed((2500, .leg(.released(.init(kind: .rejected, cause: 21)))))
        #expect(forged.end?.outcome == .pbxRefused)
        #expect(forged.end?.detail == Reverse.stranger)
        #expect(forged.dials == 1 && forged.releases == [])
        #expect(flow.violations + forged.violations == [])
    }

    @Test("a limit that comes with the claim counts from the answer, on the machine's clock")
    func limited() {
        var flow = Traced(Self.dialBack(), .announcement)
        let claim = Reverse.Claim(
            number: "+4922166966966",
            steps: [.digit("4", secret: true)],
            maxDuration: .seconds(30)
        )
        flow.feed((200, .claimed(claim)), (2000, .leg(.answered)), (3500, .timer))
        flow.feed((3700, .leg(.toneTaken(.milliseconds(120)))), (3800, .joined))
        #expect(flow.armed == at(32_000))
        flow.feed((32_000, .timer))
        #expect(flow.count(.hangUp) == 1)
        #expect(flow.violations == [])
    }
}

// Where the caller is asked for a key.
extension ReverseMachineTests {
    private static func asked(_ mode: Reverse.Plan.Mode, _ joining: Reverse.Plan.Joining) -> Reverse.Plan {
        var plan = Reverse.Plan(mode: mode, caller: nil, joining: joining)
        plan.confirmation = OutgoingCallMachine.Confirmation(digits: "1")
        return plan
    }

    private static func asking(_ joining: Reverse.Plan.Joining) -> Traced {
        var flow = Traced(asked(.dialBack(.pbx), joining), .announcement)
        flow.feed((200, .claimed(Reverse.Claim(number: "+4922166966966"))), (2000, .leg(.answered)))
        return flow
    }

    private static func isAsked(_ flow: Traced) -> Bool {
        flow.actions.contains { if case .sound(.announce(_, repeats: true)) = $0 { true } else { false } }
    }

    private static let joinings: [Reverse.Plan.Joining] = [.told(within: .seconds(10)), .presumed(after: .seconds(5))]

    @Test("a key is asked for: people talk once it is pressed, and not at the join", arguments: joinings)
    func confirmed(_ joining: Reverse.Plan.Joining) {
        var flow = Self.asking(joining)
        #expect(Self.isAsked(flow))
        if case .told = joining { flow.feed((3000, .joined)) } else { flow.feed((7000, .timer)) }
        flow.feed((7500, .leg(.heard(.digit("2")))))
        #expect(flow.count(.report(.inProgress)) == 0)
        flow.feed((8000, .leg(.heard(.digit("1")))))
        #expect(flow.count(.report(.inProgress)) == 1 && flow.actions.contains(.sound(.hush)))
        flow.feed((60_000, .leg(.released(.init(kind: .unknown)))))
        #expect(flow.end?.outcome == .completed)
        #expect(flow.releases == [] && flow.violations == [])
    }

    @Test("the key is word of the join as well, and the PBX's comes behind it")
    func confirmedBeforeTheWord() {
        var flow = Self.asking(.told(within: .seconds(10)))
        flow.feed((5000, .leg(.heard(.digit("1")))), (6000, .joined), (13_000, .timer))
        #expect(flow.count(.report(.inProgress)) == 1 && flow.count(.hangUp) == 0)
        flow.feed((60_000, .leg(.released(.init(kind: .unknown)))))
        #expect(flow.end?.outcome == .completed && flow.violations == [])
    }

    @Test("who presses nothing, or leaves, was not reached, and is not called again", arguments: joinings)
    func unconfirmed(_ joining: Reverse.Plan.Joining) {
        func joined() -> Traced {
            var flow = Self.asking(joining)
            if case .told = joining { flow.feed((3000, .joined)) } else { flow.feed((7000, .timer)) }
            return flow
        }
        var silent = joined()
        silent.passUntilArmed()
        #expect(silent.count(.hangUp) == 1)
        silent.feed((48_000, .leg(.hungUp(verified: true))))
        #expect(silent.end?.outcome == .noAnswer && silent.end?.detail?.contains("was not pressed") == true)
        var gone = joined()
        gone.feed((9000, .callerGone()))
        gone.passUntilArmed()
        gone.feed((13_000, .leg(.hungUp(verified: true))))
        #expect(gone.end?.outcome == .noAnswer && gone.end?.by == .remote)
        var dropped = joined()
        dropped.feed((9000, .leg(.released(.init(kind: .unknown)))))
        #expect(dropped.end?.outcome == .noAnswer)
        var deaf = joined()
        deaf.feed((9000, .leg(.heard(.unavailable("no way")))), (9500, .leg(.hungUp(verified: true))))
        #expect(deaf.end?.outcome == .modemFailed && deaf.end?.detail?.contains("nobody can confirm") == true)
        for flow in [silent, gone, dropped, deaf] {
            #expect(flow.dials == 1 && flow.releases == [] && flow.violations == [])
            #expect(flow.count(.report(.inProgress)) == 0)
        }
    }

    @Test("a PBX that answers and never joins ends it by its own limit, whatever is asked")
    func unjoinedAndAsked() {
        var flow = Self.asking(.told(within: .seconds(10)))
        #expect(flow.armed == at(12_000))
        flow.feed((12_000, .timer), (12_500, .leg(.hungUp(verified: true))))
        #expect(flow.end?.outcome == .lost)
        #expect(flow.releases == [.failed] && flow.violations == [])
    }

    @Test("by answering: the caller is asked, and joined by the key")
    func confirmedByAnswering() {
        var flow = Traced(Self.asked(.answer, .presumed(after: .seconds(5))), .ring)
        flow.feed((500, .ring(.answered)))
        #expect(Self.isAsked(flow) && flow.count(.report(.inProgress)) == 0)
        // What is heard comes from the call's sound.
        flow.feed((3000, .leg(.heard(.digit("1")))))
        #expect(flow.count(.report(.inProgress)) == 1)
        flow.feed((30_000, .ring(.released(.init(kind: .unknown)))))
        #expect(flow.end?.outcome == .completed && flow.violations == [])
        var silent = Traced(Self.asked(.answer, .presumed(after: .seconds(5))), .ring)
        silent.feed((500, .ring(.answered)))
        silent.passUntilArmed()
        silent.feed((50_000, .ring(.hungUp(verified: true))))
        #expect(silent.end?.outcome == .noAnswer && silent.end?.detail?.contains("was not pressed") == true)
    }
}
