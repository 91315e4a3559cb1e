package import DialPlan
internal import Synchronization
package import WebRequests

/// The calls of our SIMs that a PBX will ask us about, and what it shall do with each: for PBXs that hold no such list.
///
/// Pure and bounded: at most ``most`` calls, each for one caller and for one time.
package struct ExpectedCalls: Sendable {
    /// What the PBX shall do with the call.
    package enum Purpose: Sendable, Equatable {
        case dial(PhoneNumber, key: CallKey)
        /// Join it with this held caller.
        case join(CallReference, key: CallKey)
    }

    private struct Entry: Sendable {
        let caller: PhoneNumber
        let purpose: Purpose
        let until: UnixTime
    }

    /// More SIMs than a box has.
    package static let most = 64
    private var entries: [Entry] = []

    package init() {}

    /// Expects a call; a second one of the same caller takes the place of the first.
    package mutating func expect(_ purpose: Purpose, from caller: PhoneNumber, until: UnixTime, now: UnixTime) {
        entries.removeAll { $0.until <= now || Self.isSame($0.caller, caller) }
        if entries.count >= Self.most { entries.removeFirst() }
        entries.append(Entry(caller: caller, purpose: purpose, until: until))
    }

    /// Takes what was expected of a caller; nil for nothing, and for withheld callers.
    package mutating func take(_ caller: CallerIdentity, now: UnixTime) -> Purpose? {
        guard case .number(let number) = caller,
            let index = entries.firstIndex(where: { $0.until > now && Self.isSame($0.caller, number) })
        else { return nil }
        return entries.remove(at: index).purpose
    }

    /// Forgets a held caller, and says whether one of our calls was on its way to it.
    package mutating func forget(held: CallReference) {
        entries.removeAll {
            if case .join(held, _) = $0.purpose { return true }
            return false
        }
    }

    /// Forgets a call of ours that was to be led on.
    package mutating func forget(call: CallKey) {
        entries.removeAll { if case .dial(_, call) = $0.purpose { true } else { false } }
    }

    private static func isSame(_ left: PhoneNumber, _ right: PhoneNumber) -> Bool {
        left.e164 != nil && left.e164 == right.e164
    }
}

/// The list of ``ExpectedCalls`` that the requests to a PBX and its webhooks share.
package final class ExpectedCallBoard: Sendable {
    private let list = Mutex(ExpectedCalls())

    package init() {}

    func expect(_ purpose: ExpectedCalls.Purpose, from caller: PhoneNumber, within: Duration, now: UnixTime = .now) {
        list.withLock { $0.expect(purpose, from: caller, until: now + within, now: now) }
    }

    func take(_ caller: CallerIdentity, now: UnixTime) -> ExpectedCalls.Purpose? {
        list.withLock { $0.take(caller, now: now) }
    }

    func forget(call: CallKey) { list.withLock { $0.forget(call: call) } }

    func forget(held: CallReference) { list.withLock { $0.forget(held: held) } }
}
