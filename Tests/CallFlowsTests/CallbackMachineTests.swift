import CallFlows
import CallModel
import TestSupport
import Testing

@Suite struct CallbackMachineTests {
    typealias Callback = CallbackMachine

    private static let pbx = "+4922166966961"

    /// A callback that was started at 0 ms, and what it said to each event.
    private struct Traced {
        var machine: Callback
        var actions: [CallStep] = []
        var armed: ContinuousClock.Instant?
        var violations: [String] = []
        private var isSettled = false

        init(tellsJoins: Bool = false, confirming keys: String? = nil, telling words: [Playback] = []) {
            var plan = Callback.Plan(ringFrom: CallerMatch([CallbackMachineTests.pbx]), tellsJoins: tellsJoins)
            plan.confirmation = keys.map { OutgoingCallMachine.Confirmation(digits: $0, within: .seconds(45)) }
            plan.announcement = words
            machine = Callback(plan: plan)
            take(machine.start(at: at(0)))
        }

        mutating func feed(_ events: (Int, Callback.Event)...) {
            for (time, event) in events { take(machine.handle(event, at: at(time))) }
        }

        mutating func feed(_ event: Callback.Event, at now: ContinuousClock.Instant) {
            take(machine.handle(event, at: now))
        }

        mutating func passUntilArmed() {
            if let armed { take(machine.handle(.timer, at: armed)) }
        }

        private mutating func take(_ new: [CallStep]) {
            if actions.contains(.retire), !new.isEmpty { violations.append("\(new) behind the end") }
            for action in new {
                switch action {
                case .arm(let instant): armed = instant
                case .disarm: armed = nil
                case .report(let progress):
                    if isSettled { violations.append("\(progress) reported behind the end") }
                    if case .ended = progress { isSettled = true }
                case .leg(.answer): if isSettled { violations.append("answered behind the end") }
                case .leg, .sound, .ring, .pbx, .finish, .retire: break
                }
            }
            actions += new
            if !machine.isRetired, armed == nil { violations.append("waits without a deadline, after \(new)") }
        }

        var end: CallEnd? { actions.lazy.compactMap { if case .finish(let end) = $0 { end } else { nil } }.first }

        func count(_ action: CallStep) -> Int { actions.count { $0 == action } }
    }

    @Test("asked, rung, answered, talked on, ended", arguments: [true, false])
    func whole(_ isAcceptedFirst: Bool) {
        var call = Traced()
        #expect(call.actions.first == .pbx(.request))
        if isAcceptedFirst { call.feed((300, .requestAccepted(isFollowed: true))) }
        // In whatever form the network shows the number.
        call.feed((4000, .rang(caller: "022166966961")))
        #expect(call.count(.answer) == 1)
        if !isAcceptedFirst { call.feed((4100, .requestRefused("too late to matter"))) }
        call.feed((4500, .leg(.answered)), (64_500, .leg(.released(.init(kind: .unknown)))))
        #expect(call.end?.outcome == .completed)
        #expect(call.end?.seconds == .seconds(60))
        #expect(call.actions.contains(.report(.inProgress)))
        #expect(call.machine.isRetired)
        #expect(call.count(.pbx(.request)) == 1)
        #expect(call.count(.pbx(.cancelRequest)) == 0)
        #expect(call.violations == [])
    }

    @Test("the PBX refuses, or can't be reached: nothing is waited for")
    func turnedDown() {
        var refused = Traced()
        refused.feed((300, .requestRefused("403")))
        #expect(refused.end?.outcome == .pbxRefused)
        #expect(refused.machine.isRetired)
        var unreachable = Traced()
        unreachable.feed((300, .requestUnreachable("connection refused")))
        #expect(unreachable.end?.outcome == .pbxUnreachable)
        #expect(unreachable.machine.isRetired)
        #expect(refused.violations + unreachable.violations == [])
    }

    @Test("a request without an answer is not repeated; the ring that comes all the same is answered")
    func ambiguous() {
        var call = Traced()
        call.feed((10_000, .requestUnanswered("timed out")), (35_000, .rang(caller: Self.pbx)))
        #expect(call.count(.pbx(.request)) == 1)
        #expect(call.count(.answer) == 1)
        var silent = Traced()
        silent.feed((10_000, .requestUnanswered("timed out")))
        silent.passUntilArmed()
        #expect(silent.end?.outcome == .pbxUnreachable)
        #expect(silent.count(.pbx(.request)) == 1)
        #expect(!silent.machine.isRetired)
        #expect(call.violations + silent.violations == [])
    }

    @Test("the PBX's call that is over before it rang is not waited for")
    func over() {
        var call = Traced(tellsJoins: true)
        call.feed((300, .requestAccepted(isFollowed: true)), (2000, .requestOver))
        #expect(call.end?.outcome == .noAnswer && call.end?.by == .remote)
        #expect(call.count(.pbx(.cancelRequest)) == 0)
        call.feed((2500, .rang(caller: Self.pbx)))
        #expect(call.count(.refuse) == 1 && call.count(.answer) == 0)
        #expect(call.violations == [])
    }

    @Test("a call that the PBX ends before it has joined the target is lost, not completed", arguments: [true, false])
    func unjoined(isJoined: Bool) {
        var call = Traced(tellsJoins: true)
        call.feed((300, .requestAccepted(isFollowed: true)), (4000, .rang(caller: Self.pbx)), (4500, .leg(.answered)))
        if isJoined { call.feed((9000, .targetJoined)) }
        call.feed((14_500, .leg(.released(.init(kind: .unknown)))))
        #expect(call.end?.outcome == (isJoined ? .completed : .lost))
        #expect(call.end?.seconds == .seconds(10))
        #expect(call.actions.contains { if case .report(.ended(let end)) = $0 { end == call.end } else { false } })
        #expect(call.violations == [])
    }

    @Test(
        "a call that talked is not lost because nobody could ask the PBX how it stood",
        arguments: [Callback.Event.requestAccepted(isFollowed: false), .requestUnanswered("timed out")],
        [true, false]
    )
    func unfollowed(_ answer: Callback.Event, comesFirst: Bool) {
        var call = Traced(tellsJoins: true)
        if comesFirst { call.feed((300, answer)) }
        call.feed((4000, .rang(caller: Self.pbx)), (4500, .leg(.answered)))
        if !comesFirst { call.feed((5000, answer)) }
        call.feed((64_500, .leg(.released(.init(kind: .unknown)))))
        #expect(call.end?.outcome == .completed)
        #expect(call.violations == [])
    }

    @Test(
        "who talks for longer than any target is rung talks to the PBX itself: its mailbox, its menu",
        arguments: [(100_000, CallOutcome.lost), (190_000, .completed)]
    )
    func mailbox(endsAt: Int, outcome: CallOutcome) {
        var call = Traced(tellsJoins: true)
        call.feed((300, .requestAccepted(isFollowed: true)), (4000, .rang(caller: Self.pbx)), (4500, .leg(.answered)))
        call.feed((endsAt, .leg(.released(.init(kind: .unknown)))))
        #expect(call.end?.outcome == outcome)
    }

    @Test("the PBX's call is over and ours goes on: another channel has joined it", arguments: [5000, 9000])
    func replaced(endsAt: Int) {
        var call = Traced(tellsJoins: true)
        call.feed((300, .requestAccepted(isFollowed: true)), (4000, .rang(caller: Self.pbx)), (4500, .leg(.answered)))
        call.feed((4600, .requestOver))
        #expect(call.armed == at(7600))
        if endsAt > 7600 {
            call.feed((7600, .timer))
            #expect(call.armed == at(4500 + 3_600_000), "the limit of the call still holds")
        }
        call.feed((endsAt, .leg(.released(.init(kind: .unknown)))))
        #expect(call.end?.outcome == (endsAt > 7600 ? .completed : .lost))
        #expect(call.violations == [])
    }

    @Test(
        "the target is asked for the key behind the answer, and anew once it is joined: the key is the begin of the talk"
    )
    func confirmed() {
        var call = Traced(tellsJoins: true, confirming: "1")
        call.feed((300, .requestAccepted(isFollowed: true)), (4000, .rang(caller: Self.pbx)), (4500, .leg(.answered)))
        #expect(call.actions.contains(.sound(.announce(Playback.confirming(with: "1"), repeats: true))))
        // As long as any target rings, and not the 45 s for the key.
        #expect(call.armed == at(184_500))
        call.feed((60_000, .targetJoined))
        #expect(call.armed == at(105_000), "who rings for a minute has as long to press it")
        call.feed((70_000, .leg(.heard(.digit("2")))), (71_000, .leg(.heard(.digit("1")))))
        #expect(call.actions.suffix(3) == [.sound(.hush), .report(.inProgress), .arm(at(3_671_000))])
        call.feed((80_000, .leg(.released(.init(kind: .unknown)))))
        #expect(call.end?.outcome == .completed)
        #expect(call.violations == [])
    }

    @Test("the key says that the target is there, where the PBX does not; nobody presses it: not reached")
    func unconfirmed() {
        var told = Traced(tellsJoins: true, confirming: "1")
        told.feed((300, .requestAccepted(isFollowed: true)), (4000, .rang(caller: Self.pbx)), (4500, .leg(.answered)))
        told.feed((9000, .leg(.heard(.digit("1")))), (12_000, .leg(.released(.init(kind: .unknown)))))
        #expect(told.end?.outcome == .completed)
        var mailbox = Traced(confirming: "1")
        mailbox.feed(
            (300, .requestAccepted(isFollowed: false)),
            (4000, .rang(caller: Self.pbx)),
            (4500, .leg(.answered))
        )
        mailbox.passUntilArmed()
        #expect(mailbox.count(.hangUp) == 1)
        mailbox.feed((50_000, .leg(.hungUp(verified: true))))
        #expect(mailbox.end?.outcome == .noAnswer && mailbox.end?.detail == "answered, but 1 was not pressed")
        #expect(!mailbox.actions.contains(.report(.inProgress)))
        #expect(told.violations + mailbox.violations == [])
    }

    @Test(
        "what is to be told is told to the target, once it is joined where the PBX says when; its end ends the call",
        arguments: [true, false]
    )
    func announced(tellsJoins: Bool) {
        let words = CallStep.sound(.announce([.file("/a.wav")], repeats: false))
        var call = Traced(tellsJoins: tellsJoins, telling: [.file("/a.wav")])
        call.feed(
            (300, .requestAccepted(isFollowed: tellsJoins)),
            (4000, .rang(caller: Self.pbx)),
            (4500, .leg(.answered))
        )
        #expect(call.count(words) == (tellsJoins ? 0 : 1))
        call.feed((30_000, .targetJoined))
        #expect(call.count(words) == 1)
        call.feed((35_000, .leg(.heard(.announced))), (36_000, .leg(.hungUp(verified: true))))
        #expect(call.count(.hangUp) == 1)
        #expect(call.end?.outcome == .completed && call.end?.by == .local)
        #expect(call.violations == [])
    }

    @Test("what has to be confirmed is told again and again, and the key ends the call")
    func confirmedAnnouncement() {
        var call = Traced(tellsJoins: true, confirming: "1", telling: [.file("/a.wav")])
        call.feed((300, .requestAccepted(isFollowed: true)), (4000, .rang(caller: Self.pbx)), (4500, .leg(.answered)))
        let words = [Playback.file("/a.wav")] + Playback.confirming(with: "1")
        #expect(call.count(.sound(.announce(words, repeats: true))) == 1)
        call.feed((9000, .leg(.heard(.digit("1")))), (9500, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .completed && call.end?.detail == "confirmed")
        #expect(call.violations == [])
    }

    @Test("a ring that never comes ends it; one that comes later is refused and told")
    func noRing() {
        var call = Traced()
        call.feed((300, .requestAccepted(isFollowed: true)))
        call.passUntilArmed()
        #expect(call.end?.outcome == .noAnswer)
        #expect(call.count(.pbx(.cancelRequest)) == 1)
        call.feed((31_000, .rang(caller: Self.pbx)))
        #expect(call.count(.refuse) == 1)
        #expect(call.count(.pbx(.refusedLateRing(number: Self.pbx))) == 1)
        #expect(call.count(.answer) == 0)
        call.passUntilArmed()
        #expect(call.machine.isRetired)
        #expect(call.violations == [])
    }

    @Test("a ring from elsewhere is not ours", arguments: [nil, "", "+4930123456", "66966961", "anonymous"])
    func elsewhere(_ caller: String?) {
        var call = Traced()
        #expect(!call.machine.expects(caller))
        call.feed((300, .requestAccepted(isFollowed: true)), (2000, .rang(caller: caller)))
        #expect(call.count(.answer) == 0)
        #expect(call.count(.refuse) == 0)
        #expect(call.machine.expects(Self.pbx))
    }

    @Test("who gives up knows at once, and the ring that comes then is refused", arguments: [false, true])
    func givenUp(_ isAccepted: Bool) {
        var call = Traced()
        if isAccepted { call.feed((300, .requestAccepted(isFollowed: true))) }
        call.feed((1000, .interrupted))
        #expect(call.end?.outcome == .interrupted)
        #expect(call.count(.pbx(.cancelRequest)) == (isAccepted ? 1 : 0))
        if !isAccepted { call.feed((1500, .requestAccepted(isFollowed: true))) }
        #expect(call.count(.pbx(.cancelRequest)) == 1)
        call.feed((5000, .rang(caller: Self.pbx)))
        #expect(call.count(.refuse) == 1)
        #expect(call.count(.answer) == 0)
        call.passUntilArmed()
        #expect(call.machine.isRetired)
        #expect(call.violations == [])
    }

    @Test("interrupted in the call, it hangs up and says whether that was seen", arguments: [true, false])
    func interruptedInCall(_ isVerified: Bool) {
        var call = Traced()
        call.feed((4000, .rang(caller: Self.pbx)), (4500, .leg(.answered)), (9500, .interrupted))
        #expect(call.count(.hangUp) == 1)
        #expect(call.end == nil)
        call.feed((9900, .leg(.hungUp(verified: isVerified))))
        #expect(call.end?.outcome == .interrupted)
        #expect(call.end?.hangUpVerified == isVerified)
        #expect(call.machine.isRetired)
    }

    @Test("random events: one request, one answer, one outcome, and it retires", arguments: 0..<20)
    func random(_ block: Int) {
        var random = SeededGenerator(seed: UInt64(block) &+ 77)
        for _ in 0..<500 {
            var call = Traced(
                tellsJoins: Bool.random(using: &random),
                confirming: Bool.random(using: &random) ? "1" : nil,
                telling: Bool.random(using: &random) ? [.file("/a.wav")] : []
            )
            var now = at(0)
            for _ in 0..<30 where !call.machine.isRetired {
                now = now.advanced(by: .milliseconds(Int.random(in: 0...6000, using: &random)))
                let event: Callback.Event =
                    switch Int.random(in: 0..<21, using: &random) {
                    case 16: .leg(.heard(.digit("1")))
                    case 17: .leg(.heard(.announced))
                    case 18: .leg(.heard(.unavailable("no sound")))
                    case 0: .requestAccepted(isFollowed: Bool.random(using: &random))
                    case 1: .requestRefused("no")
                    case 2: .requestUnreachable("no way")
                    case 3: .requestUnanswered("nothing")
                    case 4, 5: .rang(caller: Self.pbx)
                    case 6: .rang(caller: "+4930123456")
                    case 7: .leg(.answered)
                    case 8: .leg(.released(.init(kind: .unknown)))
                    case 9: .leg(.hungUp(verified: true))
                    case 10: .leg(.answerFailed("no"))
                    case 11: .leg(.failed("lost"))
                    case 12: .hangUp
                    case 13: .interrupted
                    case 14: .requestOver
                    case 15: .targetJoined
                    default: .timer
                    }
                call.feed(event, at: now)
            }
            for _ in 0..<6 { call.passUntilArmed() }
            #expect(call.machine.isRetired)
            #expect(call.count(.pbx(.request)) == 1)
            #expect(call.count(.retire) == 1)
            #expect(call.count(.pbx(.cancelRequest)) <= 1)
            #expect(call.count(.answer) <= 1)
            #expect(call.actions.count { if case .finish = $0 { true } else { false } } == 1)
            #expect(call.violations == [])
        }
    }
}
