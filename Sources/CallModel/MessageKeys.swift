internal import Synchronization

/// Digits that a telephone says in messages of its call (INFO of SIP), on their way to where its sound is heard.
///
/// Some telephones say each digit twice, in a message and beside the sound (RFC 4733). The way by which the first digit of a call comes is
/// its way, and what comes by the other one is passed over.
package final class MessageKeys: Sendable {
    private enum Way {
        static let none: UInt8 = 0
        static let message: UInt8 = 1
        static let other: UInt8 = 2
    }

    /// More than people key before anybody listens.
    private static let most = 32

    /// By which way the first digit came.
    private let way = Atomic(Way.none)
    private let places = InlineArray<32, Atomic<UInt8>> { _ in Atomic(0) }
    private let said = Atomic(0)
    private let taken = Atomic(0)
    /// Those who say digits take turns; who moves sound waits for none of them.
    private let turn = Mutex(())

    /// Makes a way on which nothing has come.
    package init() {}

    /// Takes a digit that a message says.
    package func say(_ digit: Character) {
        guard let byte = digit.asciiValue, goes(by: Way.message) else { return }
        turn.withLock { _ in
            let place = said.load(ordering: .relaxed)
            guard place - taken.load(ordering: .acquiring) < Self.most else { return }
            places[place % Self.most].store(byte, ordering: .relaxed)
            said.store(place + 1, ordering: .releasing)
        }
    }

    /// The next digit that a message has said; nil for none.
    ///
    /// One thread at a time, which is never made to wait: it moves sound.
    package func next() -> Character? {
        let place = taken.load(ordering: .relaxed)
        guard place < said.load(ordering: .acquiring) else { return nil }
        let byte = places[place % Self.most].load(ordering: .relaxed)
        taken.store(place + 1, ordering: .releasing)
        return Character(UnicodeScalar(byte))
    }

    /// Whether a digit counts that has come beside the sound; it never waits.
    package func takesOther() -> Bool { goes(by: Way.other) }

    private func goes(by wanted: UInt8) -> Bool {
        let (isFirst, known) = way.compareExchange(
            expected: Way.none,
            desired: wanted,
            ordering: .acquiringAndReleasing
        )
        return isFirst || known == wanted
    }
}

extension MessageKeys: Hashable {
    /// Whether both are one.
    package static func == (one: MessageKeys, other: MessageKeys) -> Bool { one === other }

    /// Feeds what tells it from others.
    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
