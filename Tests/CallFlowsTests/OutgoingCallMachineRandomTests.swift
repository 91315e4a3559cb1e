import CallFlows
import CallModel
import TestSupport
import Testing

/// A shell that performs nothing, and writes down each rule that an action breaks.
private struct Watcher {
    let plan: Machine.Plan
    let tones: [(character: Character, secret: Bool)]
    var violations: [String] = []
    var armed: ContinuousClock.Instant?
    var dials = 0
    var sent = 0
    var acknowledged = 0
    var outstanding = false
    var hangUps = 0
    var connected = false
    var inProgress = false
    var alerted = false
    var reportedEnd: CallEnd?
    var end: CallEnd?
    var isInBand = false
    var isConfirmed = false
    var fed: Set<String> = []
    var releaseSeen = false
    var answeredSeen = false

    init(plan: Machine.Plan) {
        self.plan = plan
        tones = plan.steps.compactMap {
            switch $0 {
            case .digit(let character, let secret): (character, secret)
            case .pause: nil
            }
        }
    }

    mutating func feeding(_ event: Machine.Event) {
        switch event {
        case .leg(.released(let release)):
            releaseSeen = releaseSeen || dials > 0
            if release.notDialled != nil { fed.insert("failed") }
        case .leg(.answered): answeredSeen = answeredSeen || dials > 0
        case .leg(.toneRefused):
            // It was not sent, and may be sent again, or played.
            if outstanding, end == nil, hangUps == 0 { sent -= 1 }
            outstanding = false
        case .leg(.heard(.unavailable)): fed.insert("failed")
        case .leg(.toneTaken):
            if outstanding, end == nil, hangUps == 0 {
                acknowledged += 1
            }
            outstanding = false
        case .leg(.heard(.digit(let digit))):
            if connected, acknowledged == tones.count, digit == plan.confirmation?.digits.last { isConfirmed = true }
        case .leg, .interrupted, .finished, .timer: break
        }
        fed.insert(Self.name(event))
    }

    mutating func take(_ actions: [CallStep], after event: String) {
        if end != nil, !actions.isEmpty {
            violations.append("actions after the end, on \(event)")
        }
        for action in actions {
            if end != nil {
                violations.append("\(action) behind the end, on \(event)")
            }
            switch action {
            case .leg(.dial(let number, _)):
                dials += 1
                check(dials == 1 && number == plan.number, "dialled again or wrongly")
            case .sound(.awaitPrompt):
                check(connected && sent == 0 && plan.promptWithin != nil, "listens at the wrong time")
            case .sound(.announce(let words, let repeats)):
                check(connected && acknowledged == tones.count && !words.isEmpty, "announced too early")
                check(repeats == (plan.confirmation != nil), "asks once, or tells again and again")
            case .sound(.hush): check(plan.confirmation != nil && inProgress, "hushed before it was confirmed")
            case .leg(.tone(let character, _, let secret)), .sound(.tone(let character, _, let secret)):
                if case .sound = action {
                    check(plan.hasSound, "played without sound")
                    isInBand = true
                } else {
                    check(!isInBand, "goes back to a modem that refuses tones")
                }
                check(!outstanding, "two digits outstanding")
                check(hangUps == 0, "a digit after the hang-up")
                check(connected && !inProgress, "a digit outside the hand-over")
                check(sent < tones.count && tones[sent] == (character, secret), "a digit out of order")
                check(sent == acknowledged, "a digit before the last one was acknowledged")
                sent += 1
                outstanding = true
            case .leg(.hangUp):
                hangUps += 1
                check(hangUps == 1 && dials == 1, "hung up twice, or what was never dialled")
            case .arm(let instant): armed = instant
            case .disarm: armed = nil
            case .report(let progress): take(progress)
            case .finish(let end):
                check(reportedEnd == end, "finished without having reported the same end")
                self.end = end
                checkEnd(end)
            case .leg(.answer), .leg(.refuse), .leg(.repairSound), .ring, .pbx, .retire:
                violations.append("\(action) in an outgoing call")
            }
        }
        if dials > 0, end == nil {
            check(armed != nil, "waits without a deadline, after \(event)")
        }
    }

    private mutating func take(_ progress: CallProgress) {
        switch progress {
        case .dialing(let number): check(number == plan.number && dials == 0, "wrong report of dialling")
        case .alerting:
            check(!alerted && !connected, "alerting twice or late")
            alerted = true
        case .ringing: violations.append("an outgoing call that rings here")
        case .connected(let setup):
            check(!connected && hangUps == 0 && answeredSeen, "connected twice, late or untruly")
            check(setup >= .zero, "negative setup")
            connected = true
        case .handover(let digits, let count, let total):
            check(count == acknowledged && total == tones.count, "wrong count in the hand-over")
            let shown = tones.prefix(count).map { $0.secret ? "•" : String($0.character) }.joined()
            check(digits == shown, "the hand-over shows \(digits) for \(shown)")
        case .inProgress:
            check(connected && !inProgress && acknowledged == tones.count, "in progress too early or twice")
            check(plan.confirmation == nil || isConfirmed, "in progress without the key")
            inProgress = true
        case .ended(let end):
            check(reportedEnd == nil, "ended twice")
            reportedEnd = end
        }
    }

    private mutating func checkEnd(_ end: CallEnd) {
        check(armed == nil, "a deadline outlives the call")
        check(end.seconds >= .zero && (answeredSeen || end.seconds == .zero), "wrong answered time")
        if dials > 0, end.outcome != .modemFailed {
            check(hangUps == 1 || releaseSeen, "ended without hang-up or release")
        }
        if !end.hangUpVerified {
            check(end.outcome != .completed || end.by == .local, "an unverified end that nobody on this side caused")
        }
        switch end.outcome {
        case .completed: check(inProgress, "completed without a conversation")
        case .lost: check(connected && !inProgress && acknowledged < tones.count, "lost at the wrong time")
        case .busy, .rejected, .noService, .sim, .pbxUnreachable, .pbxRefused:
            check(!connected && releaseSeen, "refused after the answer or without a release")
        case .noAnswer: check(!connected || plan.confirmation != nil && !inProgress, "no answer after the answer")
        case .interrupted: check(fed.contains("interrupted"), "interrupted by nobody")
        case .modemFailed: check(fed.contains("failed"), "a failure of the modem from nowhere")
        case .noModem, .policy:
            violations.append("an outcome that is not this machine's: \(end.outcome)")
        }
    }

    mutating func check(_ holds: Bool, _ words: @autoclosure () -> String) {
        if !holds {
            violations.append(words())
        }
    }

    static func name(_ event: Machine.Event) -> String {
        if case .leg(let event) = event { return String("\(event)".prefix { $0 != "(" }.drop { $0 == "." }) }
        return String("\(event)".prefix { $0 != "(" })
    }
}

@Suite("An outgoing call under random events")
struct OutgoingCallMachineRandomTests {
    static let start = ContinuousClock.now

    private static func plan(_ random: inout SeededGenerator) -> Machine.Plan {
        var steps: [DTMFScript.Step] = []
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            if Int.random(in: 0..<4, using: &random) == 0 {
                steps.append(.pause(.milliseconds(Int.random(in: 0...2_000, using: &random))))
            } else {
                let tone = Array("0123456789*#ABCD")[Int.random(in: 0..<16, using: &random)]
                steps.append(.digit(tone, secret: Bool.random(using: &random)))
            }
        }
        var plan = Machine.Plan(
            method: steps.isEmpty ? .direct : .callthrough,
            number: "+4922166966966",
            steps: steps,
            settle: .milliseconds(Int.random(in: 0...1_500, using: &random)),
            gap: .milliseconds(Int.random(in: 0...120, using: &random)),
            answerWithin: .milliseconds(Int.random(in: 0...60_000, using: &random)),
            maxDuration: .milliseconds(Int.random(in: 0...120_000, using: &random)),
            digitWithin: .milliseconds(Int.random(in: 0...10_000, using: &random)),
            hangUpWithin: .milliseconds(Int.random(in: 0...45_000, using: &random))
        )
        if Bool.random(using: &random) {
            plan.promptWithin = .milliseconds(Int.random(in: 0...5_000, using: &random))
        }
        plan.hasSound = Bool.random(using: &random)
        if Int.random(in: 0..<4, using: &random) == 0 { plan.announcement = [.file("/alarm.wav")] }
        if Int.random(in: 0..<4, using: &random) == 0 {
            let within = Duration.milliseconds(Int.random(in: 0...45_000, using: &random))
            plan.confirmation = Machine.Confirmation(digits: Bool.random(using: &random) ? "1" : "12", within: within)
        }
        return plan
    }

    /// Any event but the timer; `calm` calls see few that end them, so that the later states are reached as well.
    private static func event(_ random: inout SeededGenerator, calm: Bool) -> Machine.Event {
        let dice = Int.random(in: 0..<(calm ? 120 : 12), using: &random)
        switch dice {
        case 0: return .interrupted
        case 1: return .leg(.failed("the device is gone"))
        case 2: return .leg(.toneFailed("ERROR"))
        case 3, 4:
            let kinds = CallRelease.Kind.allCases
            let cause = Bool.random(using: &random) ? Int.random(in: -1...130, using: &random) : nil
            return .leg(
                .released(CallRelease(kind: kinds[Int.random(in: 0..<kinds.count, using: &random)], cause: cause))
            )
        case 5: return .leg(.hungUp(verified: Bool.random(using: &random)))
        case 6: return .leg(.alerting)
        default:
            switch Int.random(in: 0..<34, using: &random) {
            case 0: return .leg(.alerting)
            case 1, 2, 9...15: return .leg(.answered)
            case 3: return .leg(.heard(.prompt))
            case 4: return .leg(.heard(.digit("1")))
            case 5: return .leg(.heard(.digit("2")))
            case 6: return .leg(.heard(.announced))
            case 7: return .leg(calm ? .heard(.prompt) : .heard(.unavailable("no sound")))
            case 8: return .leg(.toneRefused("ERROR"))
            default: return .leg(.toneTaken(.milliseconds(Int.random(in: -10...300, using: &random))))
            }
        }
    }

    /// Runs one call to its end, and returns what it broke, how it ended, and how many digits it sent.
    private static func run(seed: UInt64) -> (violations: [String], end: CallEnd?, sent: Int) {
        var random = SeededGenerator(seed: seed)
        let plan = plan(&random)
        var watcher = Watcher(plan: plan)
        var machine = Machine(plan: plan)
        var now = start
        let calm = Bool.random(using: &random)
        if Int.random(in: 0..<20, using: &random) == 0 {
            let event = event(&random, calm: calm)
            watcher.feeding(event)
            watcher.take(machine.handle(event, at: now), after: "early \(Watcher.name(event))")
        }
        watcher.take(machine.start(at: now), after: "start")

        var noise = Int.random(in: 0...40, using: &random)
        var steps = 0
        while let due = watcher.armed, watcher.end == nil, steps < 200 {
            steps += 1
            let inTime = due > now ? now.duration(to: due) : .zero
            if noise > 0, Int.random(in: 0..<2, using: &random) == 0 {
                noise -= 1
                now = now.advanced(by: inTime * Int.random(in: 0...100, using: &random) / (calm ? 2_000 : 100))
                let event = event(&random, calm: calm)
                watcher.feeding(event)
                watcher.take(machine.handle(event, at: now), after: Watcher.name(event))
            } else {
                now = max(due, now)
                watcher.take(machine.handle(.timer, at: now), after: "timer")
            }
        }
        watcher.check(watcher.end != nil, "never ended")
        let longest = plan.answerWithin + plan.maxDuration + plan.hangUpWithin
        watcher.check(start.duration(to: now) <= longest, "ended too late")
        watcher.check(machine.isEnded, "does not know that it ended")

        for _ in 0..<4 {
            let event = event(&random, calm: false)
            watcher.take(machine.handle(event, at: now), after: "late \(Watcher.name(event))")
        }
        watcher.take(machine.handle(.timer, at: now) + machine.start(at: now), after: "the end")
        return (watcher.violations, watcher.end, watcher.sent)
    }

    @Test("40 000 random calls keep every rule and end in time", arguments: [0, 1, 2, 3] as [UInt64])
    func invariants(block: UInt64) {
        var outcomes: [CallOutcome: Int] = [:]
        var sent = 0
        var unverified = 0
        for index in 0..<10_000 as Range<UInt64> {
            let seed = block * 1_000_003 + index
            let result = Self.run(seed: seed)
            #expect(result.violations.isEmpty, "seed \(seed)")
            sent += result.sent
            if let end = result.end {
                outcomes[end.outcome, default: 0] += 1
                unverified += end.hangUpVerified ? 0 : 1
            }
        }
        // A generator that no longer reaches a state would prove nothing about it.
        for outcome: CallOutcome in [
            .completed, .lost, .busy, .rejected, .noAnswer, .noService, .interrupted, .modemFailed, .sim,
            .pbxUnreachable,
            .pbxRefused,
        ] {
            #expect(outcomes[outcome, default: 0] > 20, "\(outcome) was hardly reached")
        }
        #expect(sent > 1_000)
        #expect(unverified > 100)
    }

    @Test("a call that goes well sends every digit once, whatever the timing", arguments: [1, 2, 3] as [UInt64])
    func everyDigit(seed: UInt64) {
        for index in 0..<1_000 as Range<UInt64> {
            var random = SeededGenerator(seed: seed * 7_919 + index)
            var plan = Self.plan(&random)
            plan.answerWithin = .seconds(60)
            plan.maxDuration = .seconds(600)
            plan.digitWithin = .seconds(10)
            plan.confirmation = nil
            plan.promptWithin = nil
            var watcher = Watcher(plan: plan)
            var machine = Machine(plan: plan)
            var now = Self.start
            var silentFrom = now
            watcher.take(machine.start(at: now), after: "start")
            now = now.advanced(by: .seconds(3))
            watcher.feeding(.leg(.answered))
            watcher.take(machine.handle(.leg(.answered), at: now), after: "answered")
            silentFrom = now.advanced(by: plan.settle)
            while !watcher.inProgress, let due = watcher.armed, watcher.violations.isEmpty {
                now = due
                // Never sooner than the gap after both the tone and its acknowledgement.
                watcher.check(now >= silentFrom, "sent too soon")
                watcher.take(machine.handle(.timer, at: now), after: "timer")
                let tone = Duration.milliseconds(Int.random(in: 80...300, using: &random))
                let toneEnd = now.advanced(by: tone)
                now = now.advanced(by: .milliseconds(Int.random(in: 0...900, using: &random)))
                let event = Machine.Event.leg(.toneTaken(tone))
                watcher.feeding(event)
                watcher.take(machine.handle(event, at: now), after: "acknowledged")
                silentFrom = max(toneEnd, now).advanced(by: plan.gap)
            }
            #expect(watcher.violations.isEmpty)
            #expect(watcher.sent == watcher.tones.count && watcher.inProgress)
        }
    }
}
