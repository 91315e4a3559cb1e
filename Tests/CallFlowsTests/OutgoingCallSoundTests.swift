import CallFlows
import CallModel
import Testing

@Suite("An outgoing call and its sound")
struct OutgoingCallSoundTests {
    private func heard(_ event: SoundEvent) -> Machine.Event { .leg(.heard(event)) }

    private func prompted() -> Machine.Plan {
        var plan = callthrough()
        plan.promptWithin = .seconds(5)
        return plan
    }

    @Test("the PBX's prompt has the first digit sent 200 ms later")
    func prompt() {
        var call = TracedCall(prompted())
        #expect(call.feed((5_000, .leg(.answered))).suffix(2) == [.sound(.awaitPrompt), .arm(at(10_000))])
        #expect(call.feed((5_800, heard(.prompt))) == [.arm(at(6_000))])
        // A second one moves nothing.
        #expect(call.feed((5_900, heard(.prompt))).isEmpty)
        #expect(call.feed((6_000, .timer)).first == .sendDigit("1", secret: false))
        #expect(call.feed((6_010, heard(.prompt))).isEmpty)
    }

    @Test("without a prompt the digits go out at the limit, and without sound after the settle time")
    func noPrompt() {
        var limit = TracedCall(prompted())
        #expect(limit.feed((5_000, .leg(.answered)), (10_000, .timer)).first == .sendDigit("1", secret: false))
        var deaf = TracedCall(prompted())
        #expect(deaf.feed((5_000, .leg(.answered)), (5_100, heard(.unavailable("none")))) == [.arm(at(6_500))])
        var late = TracedCall(prompted())
        #expect(late.feed((5_000, .leg(.answered)), (8_000, heard(.unavailable("gone")))) == [.arm(at(8_000))])
    }

    @Test("a pause before the first digit counts from the prompt")
    func promptAndPause() {
        var plan = prompted()
        plan.steps.insert(.pause(.seconds(2)), at: 0)
        var call = TracedCall(plan)
        #expect(call.feed((1_000, .leg(.answered)), (2_000, heard(.prompt))) == [.arm(at(4_200))])
    }

    @Test("a digit that is refused twice is played, and so are those behind it")
    func inBand() {
        var plan = callthrough()
        plan.hasSound = true
        var call = TracedCall(plan)
        call.feed((5_000, .leg(.answered)), (6_500, .timer))
        #expect(call.feed((6_600, .leg(.toneRefused("ERROR")))) == [.arm(at(7_100))])
        #expect(call.feed((7_100, .timer)).first == .sendDigit("1", secret: false))
        #expect(call.feed((7_200, .leg(.toneRefused("ERROR")))) == [.arm(at(7_700))])
        let tone = CallStep.sound(.tone("1", lasting: .milliseconds(120), isSecret: false))
        #expect(call.feed((7_700, .timer)).first == tone)
        call.feed((7_701, .leg(.toneTaken(.milliseconds(200)))))
        let second = CallStep.sound(.tone("2", lasting: .milliseconds(120), isSecret: true))
        #expect(call.feed((8_021, .timer)).first == second)
        // What is not known to have been played is not played again.
        call.feed((8_030, .leg(.toneFailed("the sound is gone"))), (9_000, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .lost)
    }

    @Test("one refusal is none: the digit is asked for again, and the next one has two tries of its own")
    func refusedOnce() {
        var plan = callthrough()
        plan.hasSound = true
        var call = TracedCall(plan)
        call.feed((5_000, .leg(.answered)), (6_500, .timer), (6_600, .leg(.toneRefused("ERROR"))), (7_100, .timer))
        call.feed((7_200, .leg(.toneTaken(.milliseconds(120)))), (7_440, .timer))
        #expect(call.feed((7_500, .leg(.toneRefused("ERROR")))) == [.arm(at(8_000))])
        #expect(call.feed((8_000, .timer)).first == .sendDigit("2", secret: true))
    }

    @Test("without sound a refused digit loses the call, as one whose fate is unknown does", arguments: [true, false])
    func refusedWithoutSound(plainly: Bool) {
        var plan = callthrough()
        plan.hasSound = !plainly
        var call = TracedCall(plan)
        call.feed((5_000, .leg(.answered)), (6_500, .timer))
        let event = plainly ? LegEvent.toneRefused("ERROR") : .toneFailed("no answer")
        #expect(call.feed((6_600, .leg(event))).first == .hangUp)
    }

    private func asking(_ digits: String = "1") -> Machine.Plan {
        var plan = direct()
        plan.confirmation = Machine.Confirmation(digits: digits, within: .seconds(30))
        return plan
    }

    @Test("people talk once the key is pressed, and not before")
    func confirmed() {
        var call = TracedCall(asking())
        #expect(
            call.feed((4_000, .leg(.answered))) == [
                .report(.connected(setup: .seconds(4))),
                .sound(.announce(Playback.confirming(with: "1"), repeats: true)), .arm(at(34_000)),
            ]
        )
        #expect(call.feed((6_000, heard(.digit("2"))), (7_000, heard(.announced))).isEmpty)
        #expect(
            call.feed((8_000, heard(.digit("1")))) == [.report(.inProgress), .sound(.hush), .arm(at(3_604_000))]
        )
        call.feed((9_000, heard(.digit("1"))), (10_000, release(.unknown, 16)))
        #expect(call.end?.outcome == .completed)
    }

    @Test("several digits confirm in their order only, and a wrong one before them does no harm")
    func several() {
        var call = TracedCall(asking("12"))
        call.feed((4_000, .leg(.answered)), (5_000, heard(.digit("2"))), (6_000, heard(.digit("1"))))
        #expect(call.feed((7_000, heard(.digit("1")))).isEmpty)
        #expect(call.feed((8_000, heard(.digit("2")))).first == .report(.inProgress))
    }

    @Test("a mailbox presses no key: the call is hung up as not answered", arguments: [true, false])
    func mailbox(hangsUpFirst: Bool) {
        var call = TracedCall(asking())
        call.feed((4_000, .leg(.answered)))
        if hangsUpFirst {
            call.feed((20_000, release(.unknown, 16)))
        } else {
            #expect(call.feed((34_000, .timer)).first == .hangUp)
            call.feed((35_000, .leg(.hungUp(verified: true))))
        }
        #expect(call.end?.outcome == .noAnswer)
        #expect(call.end?.outcome.exitStatus == 11)
        #expect(call.end?.detail == "answered, but 1 was not pressed")
        #expect(!call.actions.contains(.report(.inProgress)))
    }

    @Test("a call without sound can't be confirmed, and says so")
    func deaf() {
        var call = TracedCall(asking())
        call.feed((4_000, .leg(.answered)), (4_001, heard(.unavailable("no voice port"))))
        call.feed((5_000, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .modemFailed)
        #expect(call.end?.detail == "nobody can confirm: no voice port")
    }

    @Test("an announcement is played once, and the call ends behind it")
    func announcement() {
        var plan = direct()
        plan.announcement = [.file("/a.wav")]
        var call = TracedCall(plan)
        #expect(
            call.feed((4_000, .leg(.answered))).dropFirst() == [
                .report(.inProgress), .sound(.announce([.file("/a.wav")], repeats: false)), .arm(at(3_604_000)),
            ]
        )
        #expect(call.feed((9_000, heard(.announced))).first == .hangUp)
        call.feed((9_500, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .completed && call.end?.by == .local)
    }

    @Test("an announcement that has to be confirmed is repeated, and the key ends the call")
    func confirmedAnnouncement() {
        var plan = asking()
        plan.announcement = [.file("/a.wav")]
        var call = TracedCall(plan)
        let words = [Playback.file("/a.wav")] + Playback.confirming(with: "1")
        #expect(call.feed((4_000, .leg(.answered))).contains(.sound(.announce(words, repeats: true))))
        #expect(
            call.feed((8_000, heard(.digit("1")))) == [
                .report(.inProgress), .sound(.hush), .hangUp, .arm(at(53_000)),
            ]
        )
        call.feed((8_500, .leg(.hungUp(verified: true))))
        #expect(call.end?.outcome == .completed)
    }
}
