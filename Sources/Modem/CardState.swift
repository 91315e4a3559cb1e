internal import ATProtocol

/// How the card stands in its modem.
package enum CardState: Sendable, Hashable {
    /// Unlocked.
    case ready
    /// It wants its PIN.
    case pin
    /// It wants its PUK: the PIN was tried too often.
    case puk
    /// The modem is locked to a card or network; the lock's name.
    case deviceLock(String)
    /// There is none.
    case absent
    /// Not ready yet: ask again in a moment.
    case busy
    /// It does not work.
    case failed
    /// Something else; the modem's words.
    case other(String)

    init(_ state: SIMState) {
        switch state {
        case .ready: self = .ready
        case .pin: self = .pin
        case .puk: self = .puk
        case .deviceLock(let lock): self = .deviceLock(lock)
        case .absent: self = .absent
        case .busy: self = .busy
        case .failed: self = .failed
        case .other(let words): self = .other(words)
        }
    }
}
