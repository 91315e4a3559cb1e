internal import Synchronization

/// A queue between two threads of which neither ever waits for the other: one side appends, the other takes.
///
/// It has a fixed size. Appending to a full one is refused; nothing is allocated after its creation.
final class HandOver<Element>: @unchecked Sendable {
    // `@unchecked` because a slot is touched by the side alone to which the two counters give it.
    private let slots: UnsafeMutablePointer<Element>
    private let size: Int
    private let appended = Atomic<Int>(0)
    private let taken = Atomic<Int>(0)

    /// Creates a queue for `size` elements.
    init(size: Int) {
        self.size = size
        slots = .allocate(capacity: size)
    }

    deinit {
        while take() != nil {}
        slots.deallocate()
    }

    /// Appends an element; false where the queue is full.
    ///
    /// One thread at a time.
    ///
    /// - Parameter room: what has to be left free behind it.
    func append(_ element: consuming Element, leaving room: Int = 0) -> Bool {
        let end = appended.load(ordering: .relaxed)
        guard end - taken.load(ordering: .acquiring) < size - room else { return false }
        (slots + end % size).initialize(to: element)
        appended.store(end + 1, ordering: .releasing)
        return true
    }

    /// Takes the oldest element; nil where there is none.
    ///
    /// One thread at a time.
    func take() -> Element? {
        let begin = taken.load(ordering: .relaxed)
        guard begin < appended.load(ordering: .acquiring) else { return nil }
        let element = (slots + begin % size).move()
        taken.store(begin + 1, ordering: .releasing)
        return element
    }
}
