internal import Synchronization

/// What is keyed at an endpoint while earlier digits are still being sent: each goes out once, in its order.
final class KeyedDigits: Sendable {
    /// Digits that may wait; what is keyed beyond them is not taken.
    static let most = 32

    private struct State {
        var waiting = ""
        var isSending = false
    }

    private let state = Mutex(State())

    /// Takes a digit.
    ///
    /// - Returns: whether who took it has to send what waits, until ``next()`` gives nothing.
    func take(_ digit: Character) -> Bool {
        state.withLock { state in
            guard state.waiting.count < Self.most else { return false }
            state.waiting.append(digit)
            defer { state.isSending = true }
            return !state.isSending
        }
    }

    /// What waits, all at once; nil where nothing does, and then the next to key sends.
    func next() -> String? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.isSending = false
                return nil
            }
            defer { state.waiting = "" }
            return state.waiting
        }
    }
}
