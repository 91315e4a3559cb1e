import CallFlows
import CallModel

typealias Machine = OutgoingCallMachine

/// An instant that all times of a test count from.
let zero = ContinuousClock.now

func at(_ milliseconds: Int) -> ContinuousClock.Instant {
    zero.advanced(by: .milliseconds(milliseconds))
}

func release(_ kind: CallRelease.Kind, _ cause: Int? = nil) -> Machine.Event {
    .leg(.released(CallRelease(kind: kind, cause: cause)))
}

/// What a leg is told and tells, in the words of these tests.
extension CallStep {
    static func dial(_ number: String, blocksFor: Duration = .seconds(60)) -> CallStep {
        .leg(.dial(number, blocksFor: blocksFor))
    }
    static func sendDigit(_ digit: Character, secret: Bool) -> CallStep {
        .leg(.tone(digit, lasting: .milliseconds(120), isSecret: secret))
    }
    static var answer: CallStep { .leg(.answer) }
    static var refuse: CallStep { .leg(.refuse) }
    static var hangUp: CallStep { .leg(.hangUp) }
}

/// A call that was started at 0 ms, and what it said to each event.
struct TracedCall {
    var machine: Machine
    var actions: [CallStep] = []

    init(_ plan: Machine.Plan) {
        machine = Machine(plan: plan)
        actions = machine.start(at: at(0))
    }

    /// Feeds events at times in milliseconds, and keeps what the last one made happen.
    @discardableResult
    mutating func feed(_ events: (Int, Machine.Event)...) -> [CallStep] {
        var last: [CallStep] = []
        for (time, event) in events {
            last = machine.handle(event, at: at(time))
            actions += last
        }
        return last
    }

    var end: CallEnd? {
        for case .finish(let end) in actions {
            return end
        }
        return nil
    }

    var digits: String {
        var text = ""
        for case .leg(.tone(let character, _, _)) in actions {
            text.append(character)
        }
        return text
    }
}

func direct() -> Machine.Plan {
    Machine.Plan(method: .direct, number: "+4930123456")
}

/// `1`, a secret `2`, 2 s, `#`.
func callthrough() -> Machine.Plan {
    Machine.Plan(
        method: .callthrough,
        number: "+4922166966966",
        steps: [.digit("1", secret: false), .digit("2", secret: true), .pause(.seconds(2)), .digit("#", secret: false)]
    )
}
