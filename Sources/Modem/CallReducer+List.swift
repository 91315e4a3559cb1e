internal import ATProtocol

// Which of the modem's calls is ours.
extension CallReducer {
    /// Our call among those of a list.
    ///
    /// The number decides where the list shows it: until then our index is not known, and an index is given again as soon
    /// as its call is over. A call with another number is ours only where it is the only one that is being set up, because
    /// some modems write numbers in ways of their own; never one in which somebody talks already.
    mutating func ours(in list: [CallListEntry]) -> CallListEntry? {
        let candidates = list.filter { $0.isVoice && $0.direction == direction }
        guard direction == .outgoing, let dialled else {
            return candidates.last { index == nil || index == $0.index }
        }
        if let entry = candidates.last(where: { $0.number.map { Self.isSame($0, dialled) } == true }) {
            isKnownByNumber = true
            return entry
        }
        if let index {
            return candidates.last { $0.index == index && ($0.number == nil || !isKnownByNumber) }
        }
        if let nameless = candidates.last(where: { $0.number == nil }) { return nameless }
        guard candidates.count == 1, candidates[0].state == .dialing || candidates[0].state == .alerting else {
            return nil
        }
        return candidates[0]
    }

    /// Whether two ways of writing mean one number: the last nine digits, or all of the shorter one.
    private static func isSame(_ listed: String, _ dialled: String) -> Bool {
        let listed = listed.utf8.filter { (0x30...0x39).contains($0) }
        let dialled = dialled.utf8.filter { (0x30...0x39).contains($0) }
        let count = min(9, listed.count, dialled.count)
        guard count >= 7 else {
            return !listed.isEmpty && (listed == dialled || listed.suffix(dialled.count) == dialled[...])
        }
        return listed.suffix(count) == dialled.suffix(count)
    }
}
