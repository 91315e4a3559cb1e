import CallFlows
import CallModel
import Testing

@Suite("An outgoing call")
struct OutgoingCallMachineTests {
    @Test("a callthrough from dialling to its end, step by step")
    func callthroughStepByStep() {
        var machine = Machine(plan: callthrough())
        #expect(
            machine.start(at: at(0)) == [
                .report(.dialing(number: "+4922166966966")), .dial("+4922166966966"), .arm(at(60_000)),
            ]
        )
        #expect(machine.handle(.leg(.alerting), at: at(2_000)) == [.report(.alerting)])
        #expect(
            machine.handle(.leg(.answered), at: at(5_000)) == [
                .report(.connected(setup: .milliseconds(5_000))), .arm(at(6_500)),
            ]
        )
        #expect(machine.handle(.timer, at: at(6_500)) == [.sendDigit("1", secret: false), .arm(at(16_500))])
        // The tone ends at 6 620, after its acknowledgement: the gap counts from there.
        #expect(
            machine.handle(.leg(.toneTaken(.milliseconds(120))), at: at(6_510)) == [
                .report(.handover(digits: "1", sent: 1, total: 3)), .arm(at(6_740)),
            ]
        )
        #expect(machine.handle(.timer, at: at(6_740)) == [.sendDigit("2", secret: true), .arm(at(16_740))])
        // Here the acknowledgement comes last, and the script's pause is added.
        #expect(
            machine.handle(.leg(.toneTaken(.milliseconds(120))), at: at(7_000)) == [
                .report(.handover(digits: "1•", sent: 2, total: 3)), .arm(at(9_120)),
            ]
        )
        #expect(machine.handle(.timer, at: at(9_120)) == [.sendDigit("#", secret: false), .arm(at(19_120))])
        #expect(
            machine.handle(.leg(.toneTaken(.milliseconds(120))), at: at(9_300)) == [
                .report(.handover(digits: "1•#", sent: 3, total: 3)), .report(.inProgress), .arm(at(3_605_000)),
            ]
        )
        let end = CallEnd(
            outcome: .completed,
            cause: 16,
            by: .remote,
            seconds: .seconds(25),
            detail: "cause 16, normal end"
        )
        #expect(machine.handle(release(.unknown, 16), at: at(30_000)) == [.disarm, .report(.ended(end)), .finish(end)])
        #expect(machine.isEnded)
    }

    @Test("a direct call is in progress as soon as it is answered")
    func directCall() {
        var call = TracedCall(direct())
        #expect(
            call.feed((4_000, .leg(.answered))) == [
                .report(.connected(setup: .seconds(4))), .report(.inProgress), .arm(at(3_604_000)),
            ]
        )
        #expect(call.feed((5_000, .leg(.answered))).isEmpty)
        #expect(call.feed((5_000, .leg(.alerting))).isEmpty)
        call.feed((10_000, release(.unknown)))
        #expect(call.end == CallEnd(outcome: .completed, by: .remote, seconds: .seconds(6)))
    }

    @Test("a script of nothing but pauses is no hand-over")
    func pausesOnly() {
        var plan = callthrough()
        plan.steps = [.pause(.seconds(2))]
        var call = TracedCall(plan)
        #expect(call.feed((1_000, .leg(.answered))).contains(.report(.inProgress)))
    }

    @Test("pauses before the first digit add to the settling time, pauses behind the last one do not count")
    func outerPauses() {
        var plan = callthrough()
        plan.steps = [.pause(.seconds(2)), .digit("5", secret: false), .pause(.seconds(2))]
        var call = TracedCall(plan)
        #expect(call.feed((1_000, .leg(.answered))).last == .arm(at(4_500)))
        call.feed((4_500, .timer))
        #expect(call.feed((4_600, .leg(.toneTaken(.zero)))).contains(.report(.inProgress)))
    }

    @Test("ringing is reported once, and an answer needs none before it")
    func alertingOnce() {
        var call = TracedCall(direct())
        #expect(call.feed((1, .leg(.alerting))) == [.report(.alerting)])
        #expect(call.feed((2, .leg(.alerting))).isEmpty)
        var other = TracedCall(direct())
        #expect(other.feed((1, .leg(.answered))).first == .report(.connected(setup: .milliseconds(1))))
        #expect(other.feed((2, .leg(.alerting))).isEmpty)
    }

    @Test(
        "a release before the answer is read by its kind and its cause",
        arguments: [
            (.busy, nil, .busy, .remote), (.busy, 17, .busy, .remote), (.busy, 34, .busy, .remote),
            (.unknown, 17, .busy, .remote), (.rejected, 17, .busy, .remote), (.vanished, 17, .busy, .remote),
            (.noAnswer, nil, .noAnswer, .remote), (.unknown, 18, .noAnswer, .remote),
            (.unknown, 19, .noAnswer, .remote),
            (.noCard, nil, .sim, .local), (.noService, nil, .noService, .network),
            (.noService, 17, .noService, .network),
            (.rejected, nil, .rejected, .remote), (.rejected, 21, .rejected, .remote),
            (.unknown, 21, .rejected, .remote),
            (.unknown, 1, .rejected, .remote), (.unknown, 16, .rejected, .remote), (.unknown, 27, .rejected, .remote),
            (.unknown, 34, .rejected, .network), (.unknown, 38, .rejected, .network),
            (.unknown, 41, .rejected, .network),
            (.rejected, 42, .rejected, .network), (.unknown, nil, .rejected, .network),
            (.vanished, nil, .rejected, .network),
            (.unknown, 999, .rejected, .network), (.unknown, -1, .rejected, .network),
        ] as [(CallRelease.Kind, Int?, CallOutcome, EndedBy)]
    )
    func releasedBeforeAnswer(kind: CallRelease.Kind, cause: Int?, outcome: CallOutcome, by: EndedBy) {
        for alerted in [false, true] {
            var call = TracedCall(callthrough())
            if alerted {
                call.feed((1_000, .leg(.alerting)))
            }
            call.feed((3_000, release(kind, cause)))
            #expect(call.end?.outcome == outcome)
            #expect(call.end?.by == by)
            #expect(call.end?.cause == cause)
            #expect(call.end?.seconds == .zero)
            #expect(call.end?.hangUpVerified == true)
            #expect(!call.actions.contains(.hangUp))
        }
    }

    @Test("a release before the last digit is acknowledged loses the call", arguments: [0, 1, 2, 3, 4, 5])
    func lostDuringHandover(stage: Int) {
        let events: [(Int, Machine.Event)] = [
            (6_500, .timer), (6_600, .leg(.toneTaken(.zero))), (6_720, .timer),
            (6_800, .leg(.toneTaken(.zero))), (8_920, .timer),
        ]
        var call = TracedCall(callthrough())
        call.feed((5_000, .leg(.answered)))
        for event in events.prefix(stage) {
            call.feed(event)
        }
        call.feed((9_000, release(.unknown, 16)))
        #expect(call.end?.outcome == .lost)
        #expect(call.end?.by == .remote)
        #expect(call.end?.seconds == .seconds(4))
        #expect(call.end?.detail?.contains("after \(stage / 2) of 3 digits") == true)
    }

    @Test(
        "the network is named where it took the call",
        arguments: [(41, EndedBy.network), (16, .remote), (31, .remote)]
    )
    func endedByNetwork(cause: Int, by: EndedBy) {
        var call = TracedCall(direct())
        call.feed((1_000, .leg(.answered)), (2_000, release(.unknown, cause)))
        #expect(call.end?.outcome == .completed)
        #expect(call.end?.by == by)
    }

    @Test("a digit that failed is never sent again, and the call is hung up")
    func digitFailed() {
        var call = TracedCall(callthrough())
        call.feed((5_000, .leg(.answered)), (6_500, .timer))
        #expect(call.feed((7_000, .leg(.toneFailed("+CME ERROR: 30")))) == [.hangUp, .arm(at(52_000))])
        #expect(call.feed((7_100, .leg(.toneTaken(.zero)))).isEmpty)
        call.feed((8_000, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .lost)
        #expect(call.end?.by == .local)
        #expect(call.end?.detail == "digit 1 of 3 was not confirmed: +CME ERROR: 30")
        #expect(call.end?.hangUpVerified == true)
        #expect(call.end?.seconds == .seconds(3))
        #expect(call.digits == "1")
    }

    @Test("what the modem said about a secret digit stays out of the detail")
    func secretDigitFailed() {
        var call = TracedCall(callthrough())
        call.feed((5_000, .leg(.answered)), (6_500, .timer), (6_600, .leg(.toneTaken(.zero))), (6_720, .timer))
        call.feed((7_000, .leg(.toneFailed("AT+VTS=2 ERROR"))), (8_000, .leg(.hungUp(verified: true))))
        #expect(call.end?.detail == "digit 2 of 3 was not confirmed")
    }

    @Test("a digit that is not acknowledged in time counts as failed")
    func digitTimeout() {
        var call = TracedCall(callthrough())
        call.feed((5_000, .leg(.answered)), (6_500, .timer))
        #expect(call.feed((16_500, .timer)) == [.hangUp, .arm(at(61_500))])
        call.feed((17_000, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .lost)
        #expect(call.end?.detail?.contains("digit 1 of 3") == true)
    }

    @Test("without an answer in time the call is hung up")
    func answerTimeout() {
        var call = TracedCall(direct())
        #expect(call.feed((60_000, .timer)) == [.hangUp, .arm(at(105_000))])
        call.feed((60_500, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .noAnswer)
        #expect(call.end?.by == .local)
        #expect(call.end?.seconds == .zero)
    }

    @Test("the longest duration counts from the answer: it completes a conversation and loses a hand-over")
    func maxDuration() {
        var plan = direct()
        plan.maxDuration = .seconds(10)
        var talk = TracedCall(plan)
        #expect(talk.feed((4_000, .leg(.answered))).last == .arm(at(14_000)))
        talk.feed((14_000, .timer), (15_000, .leg(.hungUp(verified: true))))
        #expect(talk.end?.outcome == .completed)
        #expect(talk.end?.by == .local)
        #expect(talk.end?.seconds == .seconds(11))

        plan = callthrough()
        plan.maxDuration = .seconds(1)
        var waiting = TracedCall(plan)
        #expect(waiting.feed((4_000, .leg(.answered))).last == .arm(at(5_000)))
        waiting.feed((5_000, .timer), (5_500, .leg(.hungUp(verified: true))))
        #expect(waiting.end?.outcome == .lost)
        #expect(waiting.digits.isEmpty)

        plan.maxDuration = .seconds(2)
        var sending = TracedCall(plan)
        sending.feed((4_000, .leg(.answered)), (5_500, .timer))
        #expect(sending.actions.last == .arm(at(6_000)))
        sending.feed((6_000, .timer), (6_500, .leg(.hungUp(verified: true))))
        #expect(sending.end?.outcome == .lost)
        #expect(sending.end?.detail?.contains("limit") == true)
    }

    @Test("an interruption hangs up in every state, and verifies", arguments: [0, 1, 2, 3, 4])
    func interrupted(stage: Int) {
        let events: [(Int, Machine.Event)] = [
            (1_000, .leg(.alerting)), (5_000, .leg(.answered)), (6_500, .timer), (6_600, .leg(.toneTaken(.zero))),
        ]
        var call = TracedCall(callthrough())
        for event in events.prefix(stage) {
            call.feed(event)
        }
        #expect(call.feed((7_000, .interrupted)) == [.hangUp, .arm(at(52_000))])
        #expect(call.feed((7_001, .interrupted)).isEmpty)
        #expect(call.end == nil)
        call.feed((9_000, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .interrupted)
        #expect(call.end?.by == .local)
        #expect(call.end?.hangUpVerified == true)
        #expect(call.end?.outcome.exitStatus == 130)
    }

    @Test("an interruption during the conversation ends as interrupted")
    func interruptedInProgress() {
        var call = TracedCall(direct())
        call.feed((1_000, .leg(.answered)), (2_000, .interrupted), (3_000, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .interrupted)
        #expect(call.end?.seconds == .seconds(2))
    }

    @Test("a hang-up that nobody could verify ends the call with a warning", arguments: [true, false])
    func unverified(said: Bool) {
        var call = TracedCall(direct())
        call.feed((1_000, .leg(.answered)), (2_000, .interrupted))
        call.feed(said ? (3_000, .leg(.hungUp(verified: false))) : (47_000, .timer))
        #expect(call.end?.outcome == .interrupted)
        #expect(call.end?.hangUpVerified == false)
    }

    @Test("a release during the hang-up is noted, and the verification still awaited", arguments: [true, false])
    func releaseWhileHangingUp(verified: Bool) {
        var call = TracedCall(direct())
        call.feed((1_000, .leg(.answered)), (2_000, .interrupted))
        #expect(call.feed((2_500, release(.unknown, 16))).isEmpty)
        call.feed(verified ? (4_000, .leg(.hungUp(verified: true))) : (47_000, .timer))
        #expect(call.end?.outcome == .interrupted)
        #expect(call.end?.cause == 16)
        #expect(call.end?.seconds == .milliseconds(1_500))
        #expect(call.end?.hangUpVerified == verified)
    }

    @Test("an answer that crosses the hang-up restarts nothing, but counts as answered time")
    func lateAnswer() {
        var call = TracedCall(callthrough())
        call.feed((60_000, .timer))
        #expect(call.feed((60_100, .leg(.answered))).isEmpty)
        #expect(call.feed((60_200, .leg(.alerting))).isEmpty)
        call.feed((61_100, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .noAnswer)
        #expect(call.end?.seconds == .seconds(1))
        #expect(call.digits.isEmpty)
    }

    @Test("a modem that fails ends the call at once, in every state", arguments: [0, 1, 2, 3])
    func modemFailed(stage: Int) {
        let events: [(Int, Machine.Event)] = [(5_000, .leg(.answered)), (6_500, .timer), (7_000, .interrupted)]
        var call = TracedCall(callthrough())
        for event in events.prefix(stage) {
            call.feed(event)
        }
        let last = call.feed((8_000, .leg(.failed("the device is gone"))))
        #expect(last.count == 3 && last.first == .disarm)
        #expect(call.end?.outcome == .modemFailed)
        #expect(call.end?.by == .local)
        #expect(call.end?.seconds == (stage == 0 ? .zero : .seconds(3)))
        #expect(call.end?.hangUpVerified == false)
        #expect(call.end?.detail == "the device is gone")
    }

    @Test("before it starts, only an interruption and a failure end a call, and nothing is dialled then")
    func beforeStart() {
        for event in [Machine.Event.interrupted, .leg(.failed("gone"))] {
            var machine = Machine(plan: direct())
            let actions = machine.handle(event, at: at(0))
            #expect(actions.count == 3)
            #expect(machine.start(at: at(1)).isEmpty)
            guard case .finish(let end)? = actions.last else {
                Issue.record("no end")
                continue
            }
            #expect(end.hangUpVerified)
        }
        for event in [
            Machine.Event.leg(.alerting), .leg(.answered), .timer, .leg(.hungUp(verified: true)), release(.busy),
        ] {
            var machine = Machine(plan: direct())
            #expect(machine.handle(event, at: at(0)).isEmpty)
            #expect(!machine.start(at: at(1)).isEmpty)
        }
    }

    @Test("a call starts once, and says nothing after its end")
    func afterTheEnd() {
        var call = TracedCall(direct())
        #expect(call.machine.start(at: at(1)).isEmpty)
        call.feed((1_000, release(.busy)))
        let events: [Machine.Event] = [
            .leg(.alerting), .leg(.answered), .leg(.toneTaken(.zero)), .leg(.toneFailed("")), release(.unknown),
            .leg(.failed("")),
            .interrupted, .leg(.hungUp(verified: false)), .timer,
        ]
        for event in events {
            #expect(call.feed((2_000, event)).isEmpty)
        }
        #expect(call.machine.start(at: at(3_000)).isEmpty)
    }

    @Test("a timer that comes early is armed again")
    func earlyTimer() {
        var call = TracedCall(direct())
        #expect(call.feed((59_999, .timer)) == [.arm(at(60_000))])
        #expect(call.end == nil)
    }

    @Test("absurd durations and a clock that runs backwards do no harm")
    func absurdDurations() {
        let huge = Duration.seconds(Int64.max / 2)
        var plan = Machine.Plan(
            method: .callthrough,
            number: "030",
            steps: [.pause(huge), .digit("1", secret: false), .pause(huge), .digit("2", secret: false)],
            settle: huge,
            gap: huge,
            answerWithin: huge,
            maxDuration: huge,
            digitWithin: huge,
            hangUpWithin: huge
        )
        let negative = Duration.seconds(-5)
        for _ in 0..<2 {
            var call = TracedCall(plan)
            call.feed((5_000, .leg(.answered)), (1_000, .timer), (2_000_000_000, .timer), (0, .leg(.toneTaken(huge))))
            call.feed((0, .leg(.toneTaken(negative))), (-5, .interrupted), (-9, .leg(.hungUp(verified: true))))
            #expect(call.end?.seconds == .zero)
            plan.settle = negative
            plan.gap = negative
            plan.steps = [.pause(negative), .digit("1", secret: false)]
        }
    }
}
