import CallFlows
import CallModel
import TestSupport
import Testing

@Suite struct IncomingCallMachineTests {
    typealias Incoming = IncomingCallMachine

    private static func machine(_ decision: Incoming.Decision, confirming key: String? = nil) -> (Incoming, [CallStep])
    {
        var plan = Incoming.Plan(number: "+4922166966960", maxDuration: .seconds(600))
        plan.confirmation = key.map { OutgoingCallMachine.Confirmation(digits: $0) }
        var machine = Incoming(plan: plan)
        let actions = machine.start(decision, at: at(0))
        return (machine, actions)
    }

    private static func end(_ actions: [CallStep]) -> CallEnd? {
        actions.lazy.compactMap { if case .finish(let end) = $0 { end } else { nil } }.first
    }

    @Test("a call is answered, talked on and ended by the caller")
    func whole() {
        var (machine, actions) = Self.machine(.answer)
        #expect(actions.prefix(2) == [.answer, .report(.ringing(number: "+4922166966960"))])
        actions = machine.handle(.leg(.answered), at: at(800))
        #expect(actions.prefix(2) == [.report(.connected(setup: .milliseconds(800))), .report(.inProgress)])
        actions = machine.handle(.leg(.released(.init(kind: .unknown, cause: 16))), at: at(60_800))
        let end = Self.end(actions)
        #expect(end?.outcome == .completed)
        #expect(end?.by == .remote)
        #expect(end?.seconds == .seconds(60))
        #expect(machine.isEnded)
        #expect(machine.handle(.timer, at: at(90_000)) == [])
    }

    @Test("where a key is asked for, only the key is the begin of the talk; whoever presses none was not reached")
    func confirming() {
        var plan = Incoming.Plan(number: "+4922166966960", maxDuration: .seconds(600))
        plan.confirmation = OutgoingCallMachine.Confirmation(digits: "12", within: .seconds(45))
        func answered() -> Incoming {
            var machine = Incoming(plan: plan)
            _ = machine.start(.answer, at: at(0))
            let steps = machine.handle(.leg(.answered), at: at(800))
            #expect(steps.contains(.report(.connected(setup: .milliseconds(800)))))
            #expect(steps.contains(.sound(.announce(Playback.confirming(with: "12"), repeats: true))))
            #expect(!steps.contains(.report(.inProgress)) && steps.last == .arm(at(45_800)))
            return machine
        }
        var machine = answered()
        #expect(machine.handle(.leg(.heard(.digit("1"))), at: at(2000)) == [])
        let talk = machine.handle(.leg(.heard(.digit("2"))), at: at(3000))
        #expect(talk == [.sound(.hush), .report(.inProgress), .arm(at(603_000))])
        #expect(Self.end(machine.handle(.leg(.released(.init(kind: .unknown))), at: at(60_000)))?.outcome == .completed)
        let others: [(Incoming.Event, CallOutcome)] = [
            (.timer, .noAnswer), (.hangUp, .noAnswer), (.interrupted, .interrupted),
            (.leg(.heard(.unavailable("no sound"))), .modemFailed),
        ]
        for (event, outcome) in others {
            machine = answered()
            #expect(machine.handle(event, at: at(45_800)).first == .leg(.hangUp), "\(event)")
            #expect(
                Self.end(machine.handle(.leg(.hungUp(verified: true)), at: at(46_000)))?.outcome == outcome,
                "\(event)"
            )
        }
        machine = answered()
        let left = Self.end(machine.handle(.leg(.released(.init(kind: .unknown))), at: at(5800)))
        #expect(left?.outcome == .noAnswer && left?.seconds == .seconds(5))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var decision: Incoming.Decision
        var events: [Incoming.Event]
        var outcome: CallOutcome
        var by: EndedBy
        var refusals = 0
        var hangUps = 0
        var isVerified = true
        var testDescription: String { "\(decision) \(events)" }
    }

    @Test(
        "every way out has its outcome, and is put away",
        arguments: [
            Row(decision: .ask, events: [.leg(.released(.init(kind: .unknown)))], outcome: .noAnswer, by: .remote),
            Row(
                decision: .ask,
                events: [.decline, .leg(.released(.init(kind: .unknown))), .leg(.hungUp(verified: true))],
                outcome: .rejected,
                by: .local,
                refusals: 1
            ),
            Row(
                decision: .ask,
                events: [.timer, .leg(.hungUp(verified: true))],
                outcome: .noAnswer,
                by: .local,
                refusals: 1
            ),
            Row(
                decision: .ask,
                events: [.interrupted, .interrupted, .leg(.hungUp(verified: true))],
                outcome: .interrupted,
                by: .local,
                refusals: 1
            ),
            Row(decision: .ask, events: [.leg(.failed("gone"))], outcome: .modemFailed, by: .local),
            Row(
                decision: .ask,
                events: [.accept, .accept, .leg(.released(.init(kind: .unknown)))],
                outcome: .noAnswer,
                by: .remote
            ),
            Row(
                decision: .answering,
                events: [.leg(.answerFailed("ERROR")), .leg(.hungUp(verified: false))],
                outcome: .modemFailed,
                by: .local,
                refusals: 1,
                isVerified: false
            ),
            Row(
                decision: .answer,
                events: [.timer, .leg(.hungUp(verified: true))],
                outcome: .modemFailed,
                by: .local,
                hangUps: 1
            ),
            Row(
                decision: .answer,
                events: [.interrupted, .leg(.answered), .leg(.hungUp(verified: true))],
                outcome: .interrupted,
                by: .local,
                hangUps: 1
            ),
            Row(
                decision: .answer,
                events: [.leg(.answered), .hangUp, .decline, .leg(.hungUp(verified: true))],
                outcome: .completed,
                by: .local,
                hangUps: 1
            ),
            Row(
                decision: .answer,
                events: [.leg(.answered), .timer, .timer],
                outcome: .completed,
                by: .local,
                hangUps: 1,
                isVerified: false
            ),
            Row(
                decision: .answer,
                events: [.leg(.answered), .leg(.failed("unplugged"))],
                outcome: .modemFailed,
                by: .local,
                isVerified: false
            ),
            Row(
                decision: .refuse,
                events: [.accept, .leg(.answered), .leg(.hungUp(verified: true))],
                outcome: .rejected,
                by: .local,
                refusals: 1
            ),
        ]
    )
    func ways(_ row: Row) {
        var (machine, actions) = Self.machine(row.decision)
        var time = 0
        for event in row.events {
            // A timer event stands for the passing of whatever was armed last.
            let armed = actions.lazy.compactMap { if case .arm(let instant) = $0 { instant } else { nil } }.last
            time += 100
            actions += machine.handle(event, at: event == .timer ? armed ?? at(time) : at(time))
        }
        let end = Self.end(actions)
        #expect(end?.outcome == row.outcome)
        #expect(end?.by == row.by)
        #expect(end?.hangUpVerified == row.isVerified)
        #expect(actions.count { $0 == .refuse } == row.refusals)
        #expect(actions.count { $0 == .hangUp } == row.hangUps)
        #expect(actions.count { $0 == .answer } <= 1)
        #expect(machine.isEnded)
    }

    @Test("random events: it ends, answers once, hangs up once and always has a deadline", arguments: 0..<20)
    func random(_ block: Int) {
        var random = SeededGenerator(seed: block)
        for _ in 0..<500 {
            let decision = Incoming.Decision.allCases.randomElement(using: &random) ?? .ask
            var (machine, actions) = Self.machine(decision, confirming: Bool.random(using: &random) ? "1" : nil)
            var armed: ContinuousClock.Instant?
            var now = at(0)
            func note(_ new: [CallStep]) {
                for action in new {
                    if case .arm(let instant) = action { armed = instant }
                    if action == .disarm { armed = nil }
                }
            }
            note(actions)
            for _ in 0..<40 where !machine.isEnded {
                now = now.advanced(by: .milliseconds(Int.random(in: 0...3000, using: &random)))
                let event: Incoming.Event =
                    switch Int.random(in: 0..<11, using: &random) {
                    case 10: .leg(.heard(.digit("1")))
                    case 0: .accept
                    case 1: .decline
                    case 2: .leg(.answered)
                    case 3: .leg(.answerFailed("no"))
                    case 4: .leg(.released(.init(kind: .unknown)))
                    case 5: .hangUp
                    case 6: .interrupted
                    case 7: .leg(.hungUp(verified: Bool.random(using: &random)))
                    case 8: .leg(.failed("lost"))
                    default: .timer
                    }
                let new = machine.handle(event, at: now)
                actions += new
                note(new)
                #expect(machine.isEnded || armed != nil)
            }
            while let instant = armed, !machine.isEnded {
                let new = machine.handle(.timer, at: instant)
                actions += new
                note(new)
            }
            #expect(machine.isEnded)
            #expect(actions.count { if case .finish = $0 { true } else { false } } == 1)
            #expect(actions.count { $0 == .answer } <= 1)
            #expect(actions.count { $0 == .hangUp || $0 == .refuse } <= 1)
            let isAnswered = actions.contains { $0 == .report(.inProgress) }
            if isAnswered, Self.end(actions)?.by == .local, Self.end(actions)?.outcome != .modemFailed {
                #expect(actions.contains(.hangUp))
            }
        }
    }
}
