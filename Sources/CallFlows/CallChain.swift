package import CallModel

/// A row of numbers that are called one behind the other until one is reached: an alarm.
///
/// | the last call | done |
/// |---|---|
/// | – | call the first |
/// | completed: answered, and confirmed where that is asked for | **reached** |
/// | interrupted, or an internal failure | **given up**: who stops one call stops the row |
/// | anything else, a refusal by the policy too | call the next; behind the last: **not reached**, as the last call that was tried |
///
/// Each number is called once, under the policy like any other.
package struct CallChain: Sendable, Equatable {
    /// What is to be done.
    package enum Step: Sendable, Equatable {
        /// Call this number.
        case dial(String)
        /// The row is over; this is how it came out.
        case finish(CallOutcome)
    }

    /// The most numbers of a row.
    package static let limit = 32

    private var left: ArraySlice<String>
    private var isOver = false

    /// The numbers of a row as they were written, with commas between them; nil where there is none, an empty one or too many.
    package static func numbers(_ text: String) -> [String]? {
        let numbers = text.split(separator: ",", omittingEmptySubsequences: false)
            .map { number in
                let kept = number.drop { $0 == " " }
                return String(kept.reversed().drop { $0 == " " }.reversed())
            }
        return numbers.isEmpty || numbers.count > limit || numbers.contains("") ? nil : numbers
    }

    /// Creates a row that has not begun.
    package init(_ numbers: [String]) { left = numbers.prefix(Self.limit) }

    /// Takes how the last call came out, nil at the begin, and says what comes next.
    package mutating func next(after outcome: CallOutcome?) -> Step {
        switch outcome {
        case _ where isOver: return .finish(outcome ?? .noAnswer)
        case .completed?, .interrupted?:
            isOver = true
            return .finish(outcome ?? .interrupted)
        case .busy?, .noAnswer?, .rejected?, .lost?, .noModem?, .modemFailed?, .noService?, .sim?, .policy?,
            .pbxUnreachable?, .pbxRefused?, nil:
            guard let number = left.popFirst() else {
                isOver = true
                return .finish(outcome ?? .noAnswer)
            }
            return .dial(number)
        }
    }
}
