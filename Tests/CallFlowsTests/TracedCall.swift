import CallFlows
import CallModel

typealias Machine = OutgoingCallMachine

/// An instant that all times of a test count from.
let zero = ContinuousClock.now

func at(_ milliseconds: Int) -> ContinuousClock.Instant {
    zero.advanced(by: .milliseconds(milliseconds))
}

func release(_ kind: Machine.Release.Kind, _ cause: Int? = nil) -> Machine.Event {
    .released(Machine.Release(kind: kind, cause: cause))
}

/// A call that was started at 0 ms, and what it said to each event.
struct TracedCall {
    var machine: Machine
    var actions: [Machine.Action] = []

    init(_ plan: Machine.Plan) {
        machine = Machine(plan: plan)
        actions = machine.start(at: at(0))
    }

    /// Feeds events at times in milliseconds, and keeps what the last one made happen.
    @discardableResult
    mutating func feed(_ events: (Int, Machine.Event)...) -> [Machine.Action] {
        var last: [Machine.Action] = []
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
        for case .sendDigit(let character, _) in actions {
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
