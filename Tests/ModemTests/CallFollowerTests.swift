import CallModel
import Modem
import TestSupport
import Testing

@testable import ATProtocol

/// The rows of the follower's table.
@Suite struct CallFollowerTests {
    typealias Step = CallFollower.Step

    private static let now = ContinuousClock.now
    private static let number = "+4922166966966"

    private static let gone = Indication.report(CallReport(.ended(CallRelease(kind: .unknown))))

    private static func entry(_ state: CallListEntry.State, incoming: Bool = false, index: Int = 1) -> CallListEntry {
        CallListEntry(index: index, direction: incoming ? .incoming : .outgoing, state: state, number: Self.number)
    }

    private static func at(_ seconds: Double) -> ContinuousClock.Instant { now + .milliseconds(Int(seconds * 1000)) }

    /// A follower whose dial command is on the wire.
    private static func dialling(accepted: Bool = true) -> CallFollower {
        var follower = CallFollower()
        follower.dialling(number, at: now)
        follower.callCommand = 7
        if accepted {
            #expect(follower.dialReturned(.ok, hasVoice: true, at: now) == [.askForCallList])
        }
        return follower
    }

    /// A follower of a call that people talk on.
    private static func talking() -> CallFollower {
        var follower = dialling()
        #expect(follower.listed([entry(.active)], at: at(1)) == [.tell(.answered)])
        return follower
    }

    /// A follower of a call that rings, decided or not.
    private static func ringing(_ decision: IncomingDecision?) -> CallFollower {
        var follower = CallFollower()
        follower.isWatching = true
        let steps = follower.noticeRing(.ring(kind: nil), at: now)
        #expect(steps.count == 2)
        guard case .decide(let call) = steps.first else { return follower }
        if let decision { _ = follower.decided(decision, of: call.id) }
        return follower
    }

    // MARK: Looking

    @Test("a list is asked for once at a time, and once more where it was wanted in between")
    func oneList() {
        var follower = Self.dialling()
        #expect(follower.look() == [])
        #expect(follower.listed([Self.entry(.dialing)], at: Self.at(0.1)) == [.askForCallList])
        #expect(follower.listed([Self.entry(.dialing)], at: Self.at(0.2)) == [])
        #expect(follower.nextDue == Self.at(0.7))
        #expect(follower.timePassed(at: Self.at(0.6)) == [])
        #expect(follower.timePassed(at: Self.at(0.7)) == [.askForCallList])
    }

    @Test("ten refusals in a row, or two lists without an answer, say that there is no list")
    func noList() {
        var follower = Self.dialling()
        for number in 1...10 {
            #expect(follower.listIsSupported)
            _ = follower.look()
            _ = follower.listRefused(at: Self.at(Double(number)))
        }
        #expect(!follower.listIsSupported)

        follower = Self.dialling()
        _ = follower.listUnanswered(isSilence: false, at: Self.at(1))
        _ = follower.listUnanswered(isSilence: true, at: Self.at(2))
        #expect(follower.listIsSupported)
        _ = follower.listUnanswered(isSilence: true, at: Self.at(3))
        #expect(!follower.listIsSupported)
    }

    @Test("while a dial command waits for its OK, only a report of the answer cuts that short")
    func lateAcceptance() {
        var follower = Self.dialling(accepted: false)
        #expect(follower.nextDue == nil)
        _ = follower.report(.report(CallReport(.dialing, index: 1)), at: Self.at(1))
        _ = follower.report(.report(CallReport(.alerting)), at: Self.at(2))
        #expect(follower.nextDue == nil)
        _ = follower.report(.report(CallReport(.connected)), at: Self.at(9))
        #expect(follower.nextDue == Self.at(10))
        #expect(follower.timePassed(at: Self.at(10)) == [.expire(7)])
    }

    // MARK: The end

    @Test("an end with its cause is told at once, another is explained first")
    func explained() {
        var follower = Self.talking()
        let end = Indication.report(CallReport(.ended(CallRelease(cause: 17)), index: 1))
        #expect(follower.report(end, at: Self.at(4)) == [.tell(.released(CallRelease(cause: 17)))])
        #expect(follower.isOver)

        follower = Self.talking()
        #expect(follower.report(Self.gone, at: Self.at(4)) == [.askForCause])
        #expect(follower.isEnding && !follower.isOver)
        let cause = ReleaseCause(code: 16, text: "normal")
        let release = CallRelease(kind: .unknown, cause: 16, text: "normal")
        #expect(follower.explained(by: cause, at: Self.at(5)) == [.tell(.released(release))])
        #expect(follower.explained(by: cause, at: Self.at(6)) == [])
    }

    @Test("an end before the answer that nothing explains leaves 300 ms for the word that does")
    func lateWord() {
        var follower = Self.dialling()
        _ = follower.listed([Self.entry(.alerting)], at: Self.at(1))
        #expect(follower.report(Self.gone, at: Self.at(2)) == [.askForCause])
        #expect(follower.explained(by: nil, at: Self.at(2)) == [])
        #expect(follower.report(.result(.busy), at: Self.at(2.1)) == [])
        #expect(follower.timePassed(at: Self.at(2.3)) == [.tell(.released(CallRelease(kind: .busy)))])
    }

    @Test("an end that is only concluded is made true by hanging up before it is told")
    func inferred() {
        var follower = Self.talking()
        #expect(follower.listed([], at: Self.at(2)) == [])
        #expect(follower.listed([], at: Self.at(3.1)) == [.askForCause])
        guard let release = follower.release else { return #expect(Bool(false), "no end") }
        #expect(release.isInferred)
        #expect(follower.explained(by: nil, at: Self.at(3.2)) == [.hangUpForSure(release)])
        #expect(!follower.isOver)
        #expect(follower.hungUpForSure(release, at: Self.at(4)) == [.tell(.released(release))])
        #expect(follower.isOver)
    }

    @Test("a lost modem fails the call once")
    func lost() {
        var follower = Self.talking()
        #expect(follower.fail(.vanished, at: Self.at(2)) == [.tell(.failed(.vanished))])
        #expect(follower.fail(.vanished, at: Self.at(3)) == [])
        #expect(follower.nextDue == nil)
    }

    // MARK: Hanging up

    @Test("a list is empty when it shows nothing of ours; a call that only rings is left alone")
    func toBeEnded() {
        var follower = Self.talking()
        #expect(follower.toBeEnded(in: [Self.entry(.held), Self.entry(.waiting, incoming: true)]).count == 1)
        #expect(follower.toBeEnded(in: [Self.entry(.disconnected)]) == [])
        #expect(follower.emptyListsNeeded(afterHangUp: true, at: Self.at(2)) == 2)
        #expect(follower.emptyListsNeeded(afterHangUp: false, at: Self.at(2)) == 1)
        #expect(follower.emptyListsNeeded(afterHangUp: true, at: Self.at(6)) == 1)
        _ = follower.listed([], at: Self.at(2))
        _ = follower.listed([Self.entry(.active)], at: Self.at(2.3))
        #expect(follower.emptyListsNeeded(afterHangUp: false, at: Self.at(9)) == 3)
        follower = Self.ringing(.answer)
        #expect(follower.toBeEnded(in: [Self.entry(.incoming, incoming: true)]).count == 1)
    }

    @Test(
        "the ladder goes on to the end, and keeps the radio on where a command was accepted that nothing can confirm",
        arguments: [true, false],
        [true, false]
    )
    func ladder(_ tellsCalls: Bool, _ isAccepted: Bool) {
        let steps: [ModemDriver.HangUpStep] = [.command(.hangUp), .hook, .radioCycle]
        var ladder = HangUpLadder(steps, isInferred: false, tellsCalls: tellsCalls)
        var taken: [ModemDriver.HangUpStep] = []
        var looks = 0
        while let step = ladder.next(tellsCalls: tellsCalls) {
            taken.append(step)
            if ladder.done(isAccepted: isAccepted, isReported: false) { looks += 1 }
        }
        #expect(taken == (isAccepted && !tellsCalls ? [.command(.hangUp), .hook] : steps))
        #expect(looks == (tellsCalls ? taken.count : taken.count - 1))
        #expect(ladder.next(tellsCalls: tellsCalls) == nil)
    }

    @Test("an end that is only concluded takes two commands, unless the modem has told it")
    func leastSteps() {
        for isReported in [true, false] {
            var ladder = HangUpLadder([.command(.hangUp), .hook], isInferred: true, tellsCalls: true)
            _ = ladder.next(tellsCalls: true)
            #expect(ladder.done(isAccepted: true, isReported: isReported) == isReported)
        }
    }

    // MARK: A restart

    @Test("a modem that says that it started has lost the call, unless its list shows it again")
    func restarted() {
        var follower = Self.talking()
        #expect(follower.modemStarted(at: Self.at(2)) == [.askForCallList])
        #expect(follower.listed([], at: Self.at(2.1)) == [.tell(.failed(.vanished))])

        follower = Self.talking()
        _ = follower.modemStarted(at: Self.at(2))
        #expect(follower.listed([Self.entry(.active)], at: Self.at(2.1)) == [])
        // What it said was of an earlier start: the call ends as every other.
        #expect(follower.report(Self.gone, at: Self.at(60)) == [.askForCause])
    }

    @Test("a smaller sign of a restart is looked into when the call has ended without a word")
    func restartSuspected() {
        var follower = Self.talking()
        follower.suspectRestart()
        #expect(follower.report(Self.gone, at: Self.at(4)) == [.lookForRestart])
        var other = follower
        #expect(follower.lookedForRestart(found: true, at: Self.at(5)) == [.tell(.failed(.vanished))])
        #expect(other.lookedForRestart(found: false, at: Self.at(5)) == [.askForCause])
    }

    // MARK: Rings

    @Test("a ring is decided before it is told, and the answer is the first step")
    func ring() {
        var follower = CallFollower()
        #expect(follower.noticeRing(.ring(kind: nil), at: Self.now) == [])
        follower.isWatching = true
        let call = IncomingCall(id: 1)
        #expect(follower.noticeRing(.ring(kind: nil), at: Self.now) == [.decide(call), .tellRing(.ringing(call))])
        #expect(follower.decided(.later, of: call.id) == [])
        let line = CallerLine(number: Self.number, type: 145, validity: .valid)
        let known = IncomingCall(id: 1, caller: .number(Self.number))
        #expect(
            follower.noticeRing(.callerLine(line), at: Self.at(0.1)) == [.decide(known), .tellRing(.identified(known))]
        )
        #expect(follower.decided(.answer, of: call.id) == [.answer])
        #expect(follower.decided(.answer, of: call.id) == [])
        #expect(follower.answer() == [])
    }

    @Test("silence ends a ring, and says that it was missed")
    func silence() {
        var follower = Self.ringing(.ignore)
        let call = IncomingCall(id: 1, caller: .unavailable)
        _ = follower.timePassed(at: Self.at(6.5))
        let steps = follower.timePassed(at: Self.at(11))
        #expect(steps.contains(.tellRing(.released(call, .missed, CallRelease(kind: .unknown)))), "\(steps)")
        #expect(follower.isOver && follower.incomingCall == nil)
    }

    @Test("a caller who rang during our call and gave up with its end is gone by the lists that follow, not by silence")
    func gaveUpBehindUs() {
        var follower = Self.talking()
        follower.isWatching = true
        let line = CallerLine(number: "030123456", type: 129, validity: .valid)
        _ = follower.noticeRing(.callWaiting(line), at: Self.at(3))
        follower.hangUpBegun()
        _ = follower.conclude(CallRelease(kind: .unknown), at: Self.at(4))
        #expect(follower.isRinging)
        var now = 4.0
        while !follower.isOver, now < 12 {
            now += 0.5
            _ = follower.look()
            _ = follower.listed([], at: Self.at(now))
        }
        #expect(now < 7)
    }

    @Test("a second caller waits, may be refused alone, and rings once the first call is over")
    func waiting() {
        var follower = Self.talking()
        follower.isWatching = true
        let line = CallerLine(number: "030123456", type: 129, validity: .valid)
        let call = IncomingCall(id: 1, caller: .number("030123456"), isWaiting: true)
        let steps = follower.noticeRing(.callWaiting(line), at: Self.at(3))
        #expect(steps == [.decide(call), .tellRing(.ringing(call))])
        #expect(follower.decided(.answer, of: call.id) == [])
        #expect(follower.decided(.refuse, of: call.id) == [.refuseWaiting])
        // Whose end it is, only the list can tell.
        #expect(follower.report(Self.gone, at: Self.at(3.5)) == [.askForCallList])
        let end = CallRelease(cause: 16)
        let rings = IncomingCall(id: 1, caller: call.caller)
        #expect(
            follower.conclude(end, at: Self.at(4))
                == [.tell(.released(end)), .decide(rings), .tellRing(.ringing(rings))]
        )
        #expect(follower.isRinging)
    }

    @Test("while help is called nobody's ring is followed")
    func help() {
        var follower = CallFollower()
        follower.isWatching = true
        follower.followsNoRings = true
        #expect(follower.noticeRing(.ring(kind: nil), at: Self.now) == [])
    }

    // MARK: Everything at any time

    @Test("every event is legal at any time, each call is told to be over once, and nothing is planned for the past")
    func random() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            var follower = CallFollower()
            follower.isWatching = true
            var now = Self.now
            var followed = 0
            var told = 0
            for _ in 0..<60 {
                now += .milliseconds(Int.random(in: 0...3000, using: &random))
                let wasOver = follower.isOver
                let steps = Self.randomEvent(of: &follower, at: now, using: &random)
                for step in steps {
                    switch step {
                    case .tell(.released), .tell(.failed), .tellRing(.released), .tellRing(.failed): told += 1
                    case .tellRing(.ringing): followed += 1
                    case .askForCallList: #expect(!follower.isOver)
                    case .tell, .tellRing, .decide, .answer, .refuse, .refuseWaiting, .askForCause, .lookForRestart,
                        .hangUpForSure, .expire:
                        break
                    }
                }
                if wasOver, !follower.isOver, follower.incomingCall == nil { followed += 1 }
                if let due = follower.nextDue, due <= now {
                    _ = follower.timePassed(at: now)
                        .map { step in
                            if case .tell(.released) = step { told += 1 }
                            if case .tellRing(.released) = step { told += 1 }
                            if case .tell(.failed) = step { told += 1 }
                            if case .tellRing(.ringing) = step { followed += 1 }
                        }
                }
                #expect(follower.nextDue.map { $0 > now } ?? true)
                #expect(told <= followed, "told \(told) ends of \(followed) calls")
            }
        }
    }

    private static func randomEvent(
        of follower: inout CallFollower,
        at now: ContinuousClock.Instant,
        using random: inout SeededGenerator
    ) -> [Step] {
        let states: [CallListEntry.State] = [.active, .dialing, .alerting, .incoming, .waiting]
        let isIncoming = Bool.random(using: &random)
        let list =
            Bool.random(using: &random)
            ? [] : [entry(states.randomElement(using: &random) ?? .active, incoming: isIncoming)]
        switch Int.random(in: 0..<16, using: &random) {
        case 0:
            if follower.isOver { follower.dialling(number, at: now) }
            return []
        case 1:
            return follower.dialReturned(
                [.ok, .busy, .error].randomElement(using: &random) ?? .ok,
                hasVoice: true,
                at: now
            )
        case 2: return follower.noticeRing(.ring(kind: nil), at: now)
        case 3: return follower.report(gone, at: now)
        case 4: return follower.report(.result(.noCarrier), at: now)
        case 5, 6: return follower.listed(list, at: now)
        case 7: return follower.listRefused(at: now)
        case 8: return follower.listUnanswered(isSilence: Bool.random(using: &random), at: now)
        case 9: return follower.explained(by: nil, at: now)
        case 10: return follower.modemStarted(at: now)
        case 11: return follower.lookedForRestart(found: false, at: now)
        case 12: return follower.answer()
        case 13: return follower.answerReturned(Bool.random(using: &random) ? .ok : .noCarrier, at: now)
        case 14: return follower.release.map { follower.hungUpForSure($0, at: now) } ?? []
        default: return follower.timePassed(at: now)
        }
    }
}
