internal import Synchronization

/// The question for a key to the end that took the ringing call.
extension Call {
    /// Takes that who has taken it is asked for a key; false where one is asked already, or it is over.
    func begin(_ question: TakerQuestion) -> Bool {
        state.withLock { state in
            guard state.question == nil, state.wish == nil, state.runs != nil else { return false }
            (state.question, state.isUnconfirmed) = (question, false)
            return true
        }
    }

    /// Takes what came of that.
    func finishQuestion(isConfirmed: Bool) {
        state.withLock { ($0.question, $0.isUnconfirmed) = (nil, !isConfirmed) }
    }

    /// Ends the question for a key; false where none is asked.
    func endQuestion(_ reason: String) -> Bool {
        guard let question = state.withLock({ $0.question }) else { return false }
        question.end(reason)
        return true
    }

    /// Whether who has taken it was asked for a key, and has not pressed it.
    var isUnconfirmed: Bool { state.withLock { $0.isUnconfirmed } }
}
