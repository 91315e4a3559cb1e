internal import Synchronization

/// Digits that a telephone says in messages of its call (INFO of SIP), on their way to where its sound is heard.
///
/// Some telephones say each digit twice, in a message and beside the sound (RFC 4733). The way by which the first digit of a call comes is
/// its way, and what comes by the other one is passed over.
package final class MessageKeys: Sendable {
    private struct State {
        var waiting: [Character] = []
        /// Nil until the first digit has come.
        var isByMessage: Bool?
    }

    /// More than people key before anybody listens.
    private static let most = 32

    private let state = Mutex(State())

    /// Makes a way on which nothing has come.
    package init() {}

    /// Takes a digit that a message says.
    package func say(_ digit: Character) {
        state.withLock { state in
            state.isByMessage = state.isByMessage ?? true
            if state.isByMessage == true, state.waiting.count < Self.most { state.waiting.append(digit) }
        }
    }

    /// The next digit that a message has said; nil for none.
    ///
    /// It never waits: sound is moved by who asks.
    package func next() -> Character? {
        state.withLockIfAvailable { state -> Character? in state.waiting.isEmpty ? nil : state.waiting.removeFirst() }
            ?? nil
    }

    /// Whether a digit counts that has come beside the sound.
    package func takesOther() -> Bool {
        state.withLock { state in
            state.isByMessage = state.isByMessage ?? false
            return state.isByMessage == false
        }
    }
}

extension MessageKeys: Hashable {
    /// Whether both are one.
    package static func == (one: MessageKeys, other: MessageKeys) -> Bool { one === other }

    /// Feeds what tells it from others.
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
