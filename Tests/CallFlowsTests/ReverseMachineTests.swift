import CallModel
import TestSupport
import Testing

@testable import CallFlows

@Suite struct ReverseMachineTests {
    typealias Reverse = ReverseMachine

    static let claim = Reverse.Claim(
        number: "+4922166966966",
        steps: [.digit("4", secret: true), .digit("#", secret: false)],
        expiresWithin: .seconds(45)
    )

    /// A flow that was started at 0 ms, and which rules it broke.
    struct Traced {
        var machine: Reverse
        var actions: [CallStep] = []
        var armed: ContinuousClock.Instant?
        var violations: [String] = []
        private var hasClaim = false
        private var isInCall = false
        private var hasRing = false
        private var now = at(0)
        /// When our call was answered, and since when the PBX has said that the caller is gone from it.
        private var answeredAt: ContinuousClock.Instant?
        private var goneSince: ContinuousClock.Instant?
        private var isJoined = false
        private var isHangingUp = false

        init(_ plan: Reverse.Plan, _ notice: Reverse.Notice) {
            machine = Reverse(plan: plan)
            hasRing = notice != .announcement
            if case .dialBack(.known) = plan.mode { hasClaim = true }
            take(machine.start(notice, at: now))
        }

        mutating func feed(_ events: (Int, Reverse.Event)...) {
            for (time, event) in events { feed(event, at: at(time)) }
        }

        mutating func feed(_ event: Reverse.Event, at instant: ContinuousClock.Instant) {
            now = max(now, instant)
            switch event {
            case .claimed: if count(.pbx(.claim)) > 0 { hasClaim = true }
            case .leg(.released), .leg(.hungUp), .leg(.failed): isInCall = false
            case .ring(.hungUp(verified: true)), .ring(.released): hasRing = false
            case .leg(.answered): if isInCall, answeredAt == nil { answeredAt = now }
            case .joined: if isInCall { isJoined = true }
            // Who presses a key has heard us ask for it.
            case .leg(.heard(.digit)): if isInCall { isJoined = true }
            default: break
            }
            take(machine.handle(event, at: now))
            if case .callerGone(let departure) = event, isInCall, departure != .expired { goneSince = goneSince ?? now }
            watch()
        }

        mutating func passUntilArmed() {
            if let armed { feed(.timer, at: armed) }
        }

        /// A call of ours that is up is hung up soon after its caller has gone, when nobody joins it, and at its limit.
        private mutating func watch() {
            guard isInCall, !isHangingUp, let answeredAt, let armed, armed > now else { return }
            if let goneSince, armed > goneSince + .seconds(5) { violations.append("up without a caller") }
            if case .told(let within) = machine.plan.joining, machine.hasArrived, !isJoined, armed > now + within {
                violations.append("waits for ever to be joined")
            }
            let limit = min(machine.plan.maxDuration, machine.claim?.maxDuration ?? machine.plan.maxDuration)
            if armed > answeredAt + limit { violations.append("lasts longer than it may") }
        }

        private mutating func take(_ new: [CallStep]) {
            if end != nil, !new.isEmpty { violations.append("\(new) behind the end") }
            for action in new {
                switch action {
                case .arm(let instant): armed = instant
                case .disarm: armed = nil
                case .leg(.dial):
                    if !hasClaim { violations.append("dialled without a claim") }
                    if isInCall { violations.append("dialled beside a call") }
                    if hasRing { violations.append("dialled into the ring") }
                    if count(.pbx(.release(.failed))) > 0 { violations.append("dialled what was given back") }
                    isInCall = true
                    isHangingUp = false
                    (answeredAt, goneSince) = (nil, nil)
                case .leg(.hangUp): isHangingUp = true
                case .pbx(.release):
                    if isJoined || actions.contains(.report(.inProgress)) {
                        violations.append("gave back a caller who was talked to")
                    }
                default: break
                }
                actions.append(action)
            }
            if !machine.isEnded, armed == nil { violations.append("waits without a deadline, after \(new)") }
        }

        var end: CallEnd? { actions.lazy.compactMap { if case .finish(let end) = $0 { end } else { nil } }.first }
        var dials: Int { actions.count { if case .leg(.dial) = $0 { true } else { false } } }
        var releases: [Reverse.ReleaseReason] {
            actions.compactMap { if case .pbx(.release(let reason)) = $0 { reason } else { nil } }
        }

        func count(_ action: CallStep) -> Int { actions.count { $0 == action } }
    }

    static func dialBack(
        _ source: Reverse.Claim.Source = .pbx,
        asksFor: Duration? = nil
    ) -> Reverse.Plan {
        Reverse.Plan(mode: .dialBack(source), asksFor: asksFor, caller: "+4930123456")
    }

    @Test("answered at once, talked on, ended", arguments: [Reverse.Notice.ring, .ringAnswering])
    func answered(_ notice: Reverse.Notice) {
        var flow = Traced(Reverse.Plan(mode: .answer, caller: "+4922166966960"), notice)
        #expect(flow.count(.ring(.answer)) == (notice == .ring ? 1 : 0))
        flow.feed((500, .ring(.answered)), (60_500, .ring(.released(.init(kind: .unknown)))))
        #expect(flow.end?.outcome == .completed)
        #expect(flow.end?.seconds == .seconds(60))
        #expect(flow.dials == 0 && flow.releases == [] && flow.count(.pbx(.claim)) == 0)
        #expect(flow.violations == [])
    }

    @Test("a person takes the ring, or does not", arguments: [true, false])
    func asked(_ takes: Bool) {
        var flow = Traced(Reverse.Plan(mode: .answer, asksFor: .seconds(20)), .ring)
        #expect(flow.count(.ring(.answer)) == 0)
        flow.feed((3000, takes ? .accept : .decline))
        #expect(flow.count(.ring(.answer)) == (takes ? 1 : 0))
        #expect(flow.count(.ring(.refuse)) == (takes ? 0 : 1))
    }

    @Test("refused, claimed, dialled, the token sent, arrived, ended")
    func dialledBack() {
        var flow = Traced(Self.dialBack(), .ring)
        #expect(flow.actions.first == .ring(.refuse))
        #expect(flow.count(.pbx(.claim)) == 0)
        flow.feed((400, .ring(.released(.init(kind: .unknown)))))
        #expect(flow.count(.pbx(.claim)) == 0)
        flow.feed((700, .ring(.hungUp(verified: true))))
        #expect(flow.count(.pbx(.claim)) == 1)
        flow.feed((900, .claimed(Self.claim)))
        // How long it may block depends on how long the claim still holds.
        #expect(flow.actions.contains { if case .leg(.dial("+4922166966966", _)) = $0 { true } else { false } })
        flow.feed((3000, .leg(.answered)), (4500, .timer), (4700, .leg(.toneTaken(.milliseconds(120)))))
        #expect(!flow.machine.hasArrived)
        flow.feed((4900, .timer), (5100, .leg(.toneTaken(.milliseconds(120)))))
        #expect(flow.machine.hasArrived)
        #expect(flow.actions.contains(.sendDigit("4", secret: true)))
        flow.feed((63_000, .leg(.released(.init(kind: .unknown)))))
        #expect(flow.end?.outcome == .completed)
        #expect(flow.end?.seconds == .seconds(60))
        #expect(flow.releases == [])
        #expect(flow.violations == [])
    }

    @Test("announced without a ring, there is nothing to refuse")
    func announced() {
        var flow = Traced(Self.dialBack(), .announcement)
        #expect(flow.actions.first == .pbx(.claim))
        flow.feed((200, .claimed(Self.claim)))
        #expect(flow.dials == 1)
        #expect(flow.violations == [])
    }

    @Test("a way that is known needs no claim")
    func known() {
        var flow = Traced(Self.dialBack(.known(Self.claim)), .ring)
        flow.feed((500, .ring(.hungUp(verified: true))))
        #expect(flow.dials == 1)
        #expect(flow.count(.pbx(.claim)) == 0)
        #expect(flow.violations == [])
    }

    @Test(
        "no claim, no call",
        arguments: [
            (Reverse.Event.claimLost("409"), CallOutcome.pbxRefused, 0), (.claimExpired("410"), .noAnswer, 0),
            (.claimRefused("401"), .pbxRefused, 1), (.claimFailed("500"), .pbxUnreachable, 1),
            (.claimUnanswered("timed out"), .pbxUnreachable, 1),
            (.callerGone(), .noAnswer, 0), (.callerGone(.failed), .pbxRefused, 0),
            (.callerGone(.expired), .noAnswer, 0), (.leg(.failed("unplugged")), .modemFailed, 1),
        ]
    )
    func notClaimed(_ event: Reverse.Event, _ outcome: CallOutcome, _ releases: Int) {
        var flow = Traced(Self.dialBack(), .announcement)
        flow.feed((500, event), (600, .claimed(Self.claim)))
        #expect(flow.end?.outcome == outcome)
        #expect(flow.dials == 0)
        #expect(flow.releases.count == releases)
        #expect(flow.violations == [])
    }

    @Test("a claim that is never answered is given back, not repeated")
    func silentClaim() {
        var flow = Traced(Self.dialBack(), .announcement)
        flow.passUntilArmed()
        #expect(flow.end?.outcome == .pbxUnreachable)
        #expect(flow.count(.pbx(.claim)) == 1)
        #expect(flow.releases == [.failed])
    }

    @Test("the caller hangs up while we dial: our call ends at once")
    func callerGone() {
        var flow = Traced(Self.dialBack(), .announcement)
        flow.feed((200, .claimed(Self.claim)), (2000, .callerGone()))
        #expect(flow.count(.hangUp) == 1)
        flow.feed((2300, .leg(.hungUp(verified: true))))
        #expect(flow.end?.outcome == .noAnswer)
        #expect(flow.end?.by == .remote)
        #expect(flow.dials == 1)
        #expect(flow.releases == [])
        #expect(flow.violations == [])
    }

    @Test("a call that fails is tried once more, then the caller is given back")
    func secondTry() {
        var flow = Traced(Self.dialBack(), .announcement)
        flow.feed((200, .claimed(Self.claim)), (3000, .leg(.released(.init(kind: .busy)))))
        #expect(flow.dials == 2)
        #expect(flow.end == nil)
        flow.feed((6000, .leg(.released(.init(kind: .busy)))))
        #expect(flow.dials == 2)
        #expect(flow.end?.outcome == .busy)
        #expect(flow.releases == [.failed])
        #expect(flow.violations == [])
    }

    @Test("no second try when the time is nearly up, the first is not known to be gone, or the modem failed")
    func noSecondTry() {
        var late = Traced(Self.dialBack(), .announcement)
        late.feed((0, .claimed(Self.claim)), (36_000, .leg(.released(.init(kind: .busy)))))
        #expect(late.dials == 1)
        var unsure = Traced(Self.dialBack(), .announcement)
        unsure.feed((0, .claimed(Self.claim)))
        // The wait for the answer ends with the claim.
        #expect(unsure.armed == at(45_000))
        unsure.passUntilArmed()
        unsure.feed((46_000, .leg(.hungUp(verified: false))))
        #expect(unsure.end?.outcome == .noAnswer)
        #expect(unsure.end?.hangUpVerified == false)
        #expect(unsure.releases == [.expired])
        var failed = Traced(Self.dialBack(), .announcement)
        failed.feed((0, .claimed(Self.claim)), (1000, .leg(.failed("unplugged"))))
        #expect(failed.dials == 1)
        #expect(failed.end?.outcome == .modemFailed)
        #expect(failed.releases == [.failed])
        #expect(late.violations + unsure.violations + failed.violations == [])
    }

    @Test("a ring that can't be refused is not dialled into")
    func stubbornRing() {
        var flow = Traced(Self.dialBack(), .ring)
        flow.feed((9000, .ring(.hungUp(verified: false))))
        #expect(flow.end?.outcome == .modemFailed)
        #expect(flow.end?.hangUpVerified == false)
        #expect(flow.dials == 0 && flow.count(.pbx(.claim)) == 0)
        #expect(flow.releases == [.failed])
    }

    @Test("a person decides before anything is dialled", arguments: [Reverse.Notice.ring, .announcement])
    func decided(_ notice: Reverse.Notice) {
        let plan = Self.dialBack(asksFor: .seconds(20))
        var taken = Traced(plan, notice)
        #expect(taken.count(.ring(.refuse)) == 0 && taken.count(.pbx(.claim)) == 0)
        taken.feed((4000, .accept))
        #expect(taken.count(notice == .ring ? .ring(.refuse) : .pbx(.claim)) == 1)
        var declined = Traced(plan, notice)
        declined.feed((4000, .decline), (4200, .accept), (4500, .ring(.hungUp(verified: true))))
        #expect(declined.end?.outcome == .rejected)
        #expect(declined.releases == [.declined])
        #expect(declined.dials == 0)
        var forgotten = Traced(plan, notice)
        forgotten.passUntilArmed()
        forgotten.feed((21_000, .ring(.hungUp(verified: true))))
        #expect(forgotten.end?.outcome == .noAnswer)
        #expect(forgotten.releases == [.expired])
        #expect(taken.violations + declined.violations + forgotten.violations == [])
    }

    @Test("a ring that stops while somebody thinks is over, unless the caller was announced")
    func stopsRinging() {
        let plan = Self.dialBack(asksFor: .seconds(20))
        var rung = Traced(plan, .ring)
        rung.feed((5000, .ring(.released(.init(kind: .unknown)))))
        #expect(rung.end?.outcome == .noAnswer)
        var both = Traced(plan, .ringAndAnnouncement)
        both.feed((5000, .ring(.released(.init(kind: .unknown)))), (6000, .accept))
        #expect(both.count(.pbx(.claim)) == 1)
        #expect(both.count(.ring(.refuse)) == 0)
        var later = Traced(plan, .ring)
        later.feed((1000, .announced), (5000, .ring(.released(.init(kind: .unknown)))))
        #expect(later.end == nil)
    }

    @Test("interrupted in every state, everything is put away")
    func interrupted() {
        var asking = Traced(Self.dialBack(asksFor: .seconds(20)), .ring)
        asking.feed((1000, .interrupted), (1500, .ring(.hungUp(verified: true))))
        #expect(asking.releases == [.interrupted])
        var refusing = Traced(Self.dialBack(), .ring)
        refusing.feed((100, .interrupted), (500, .ring(.hungUp(verified: true))))
        #expect(refusing.count(.pbx(.claim)) == 0)
        #expect(refusing.releases == [.interrupted])
        var claiming = Traced(Self.dialBack(), .announcement)
        claiming.feed((100, .interrupted), (500, .claimed(Self.claim)))
        #expect(claiming.dials == 0)
        #expect(claiming.releases == [.interrupted])
        var dialling = Traced(Self.dialBack(), .announcement)
        dialling.feed((100, .claimed(Self.claim)), (500, .interrupted), (900, .leg(.hungUp(verified: true))))
        #expect(dialling.count(.hangUp) == 1)
        #expect(dialling.releases == [.interrupted])
        for flow in [asking, refusing, claiming, dialling] {
            #expect(flow.end?.outcome == .interrupted)
            #expect(flow.violations == [])
        }
    }

    @Test("hung up here while people talk, it is completed")
    func hungUpHere() {
        let claim = Reverse.Claim(number: "+4922166966967")
        var flow = Traced(Self.dialBack(.known(claim)), .announcement)
        flow.feed((2000, .leg(.answered)), (9000, .hangUp), (9300, .leg(.hungUp(verified: true))))
        #expect(flow.end?.outcome == .completed)
        #expect(flow.end?.by == .local)
        #expect(flow.releases == [])
    }

    @Test(
        "random events: no call without a claim, never two at once, never three, everything put away",
        arguments: 0..<30
    )
    func random(_ block: Int) {
        var random = SeededGenerator(seed: UInt64(block) &+ 4242)
        for _ in 0..<500 {
            let source: Reverse.Claim.Source = Bool.random(using: &random) ? .pbx : .known(Self.claim)
            let plan = Reverse.Plan(
                mode: Int.random(in: 0..<4, using: &random) == 0 ? .answer : .dialBack(source),
                asksFor: Bool.random(using: &random) ? .seconds(20) : nil,
                caller: nil,
                joining: Bool.random(using: &random) ? .told(within: .seconds(10)) : .presumed(after: .seconds(5))
            )
            var flow = Traced(plan, Reverse.Notice.allCases.randomElement(using: &random) ?? .ring)
            var now = at(0)
            for _ in 0..<40 where !flow.machine.isEnded {
                now = now.advanced(by: .milliseconds(Int.random(in: 0...4000, using: &random)))
                flow.feed(Self.event(&random), at: now)
            }
            for _ in 0..<12 where !flow.machine.isEnded { flow.passUntilArmed() }
            #expect(flow.machine.isEnded)
            #expect(flow.actions.count { if case .finish = $0 { true } else { false } } == 1)
            #expect(flow.dials <= 2)
            #expect(flow.count(.pbx(.claim)) <= 1)
            #expect(flow.count(.ring(.refuse)) <= 1)
            #expect(flow.releases.count <= 1)
            #expect(flow.count(.ring(.answer)) <= 1)
            #expect(flow.violations == [])
        }
    }

    private static func event(_ random: inout SeededGenerator) -> Reverse.Event {
        switch Int.random(in: 0..<28, using: &random) {
        case 0: .accept
        case 1: .decline
        case 2: .ring(.released(.init(kind: .unknown)))
        case 3, 4: .ring(.hungUp(verified: true))
        case 5: .ring(.hungUp(verified: false))
        case 6: .ring(.answered)
        case 7: .announced
        case 8, 9, 10: .claimed(claim)
        case 11: .claimLost("409")
        case 12: .claimUnanswered("nothing")
        case 13: .callerGone(Reverse.Departure.allCases.randomElement(using: &random) ?? .hungUp)
        case 14: .leg(.answered)
        case 15: .leg(.toneTaken(.milliseconds(120)))
        case 16: .leg(.released(.init(kind: .busy)))
        case 17: .leg(.hungUp(verified: Bool.random(using: &random)))
        case 18: .leg(.failed("lost"))
        case 19: .hangUp
        case 20: .interrupted
        case 24, 25: .joined
        case 26: .leg(.answered)
        case 27: .claimed(Reverse.Claim(number: "+4922166966966", maxDuration: .seconds(20)))
        default: .timer
        }
    }
}
