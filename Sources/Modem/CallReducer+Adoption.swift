internal import ATProtocol
internal import CallModel

// Which call is ours. Digits and PINs go to the active call, so a stranger's must never be taken for it.
extension CallReducer {
    /// What is known of the entry that is taken for the call.
    struct Identity: Sendable, Equatable {
        /// Whether an entry with the number that was dialled was seen.
        var isProven = false
        /// The number that the entry shows.
        var shown: String?

        mutating func learn(from entry: CallListEntry, dialled: String?) {
            guard let number = entry.number, !digits(number).isEmpty else { return }
            shown = number
            if let dialled, sameNumber(number, dialled) { isProven = true }
        }
    }

    /// The end of a call whose place in the list another one has.
    static let replaced = CallRelease(
        kind: .unknown,
        text: "the modem lists another call in its place",
        isInferred: true
    )

    /// The entry of a list that is the call.
    ///
    /// The number decides where it is known: an index alone may have come from the report of another call. An entry
    /// that shows a different number (a card may change what is dialled) is only taken on while the far end can't have
    /// answered, and only where no other is there.
    func ours(in list: [CallListEntry]) -> CallListEntry? {
        let candidates = list.filter(isCandidate)
        guard direction == .outgoing, let dialled else {
            return candidates.last { index == nil || index == $0.index }
        }
        let indexed = candidates.last { $0.index == index }
        if let indexed, shows(indexed, dialled) { return indexed }
        // Some modems count their calls anew when one ends.
        if let other = candidates.last(where: { shows($0, dialled) }) { return other }
        if seenInList { return indexed.flatMap { isStillOurs($0) ? $0 : nil } }
        let nameless = candidates.filter { !showsNumber($0) }
        if let entry = index == nil ? nameless.last : nameless.last(where: { $0.index == index }) { return entry }
        guard candidates.count == 1, let only = candidates.first, index == nil || index == only.index else {
            return nil
        }
        return only.state == .dialing || only.state == .alerting ? only : nil
    }

    /// Whether the list shows another call where ours was: then ours is gone, and there is no need for a second list
    /// while digits go to the other one.
    func isReplaced(in list: [CallListEntry]) -> Bool {
        guard dialled != nil, seenInList, let index else { return false }
        return list.contains { isCandidate($0) && $0.index == index && $0.state != .disconnected && !isStillOurs($0) }
    }

    /// Whether a report with a number is about this call, as far as that can be told.
    mutating func isOurs(_ report: CallReport) -> Bool {
        guard direction == .outgoing, let dialled, let number = report.number, !digits(number).isEmpty else {
            return true
        }
        if sameNumber(number, dialled) || identity.shown.map({ sameNumber(number, $0) }) == true { return true }
        // Nothing else will ever tell on a modem without a list: the first call that is set up is taken on.
        guard !listIsUsable, index == nil, identity.shown == nil else { return false }
        guard report.event == .dialing || report.event == .alerting else { return false }
        identity.shown = number
        return true
    }

    func isCandidate(_ entry: CallListEntry) -> Bool { entry.mayBeCall && entry.direction == direction }

    private func isStillOurs(_ entry: CallListEntry) -> Bool {
        guard let dialled, showsNumber(entry) else { return true }
        if shows(entry, dialled) { return true }
        // The number under which it was taken on, where that was another.
        return !identity.isProven && identity.shown.map { shows(entry, $0) } == true
    }

    private func showsNumber(_ entry: CallListEntry) -> Bool { entry.number.map { !digits($0).isEmpty } ?? false }

    private func shows(_ entry: CallListEntry, _ number: String) -> Bool {
        entry.number.map { sameNumber($0, number) } ?? false
    }
}

/// Whether two numbers may be the same one in different shapes.
///
/// Modems list a call in international or in national form, whichever was dialled, so the ends are compared: nine
/// digits, or as many as the shorter one has without its zeros in front. What is shorter than seven must be the same
/// throughout.
private func sameNumber(_ one: String, _ other: String) -> Bool {
    let (one, other) = (digits(one), digits(other))
    if one == other { return true }
    let (short, long) = (one.drop { $0 == "0" }, other.drop { $0 == "0" })
    let count = min(9, short.count, long.count)
    guard count >= 7 else { return false }
    // Tones that were sent may have been added to the number.
    return short.suffix(count) == long.suffix(count) || long.starts(with: short) || short.starts(with: long)
}

private func digits(_ number: String) -> String { String(number.filter { $0.isASCII && $0.isNumber }) }
