internal import Synchronization

/// Whether the far end of a call wants to hear: not while it holds the call, or has asked for no sound.
package final class Hearing: Sendable, Hashable {
    private let off = Atomic(false)

    /// Makes one that hears.
    package init() {}

    /// Whether nothing is to be sent.
    package var isOff: Bool {
        get { off.load(ordering: .relaxed) }
        set { off.store(newValue, ordering: .relaxed) }
    }

    package static func == (one: Hearing, other: Hearing) -> Bool { one === other }

    package func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }
}
