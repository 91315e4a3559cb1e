/// How many wrong passwords there were, by who was named and by where they came from; without I/O and without a clock.
///
/// An attempt counts before it is looked at, so that many at once are no more than one behind the other, and is taken back
/// where it was right. Names that are nobody's are counted like others: nobody learns by it who there is. They have a table
/// of their own, so that they never push out one of a person.
package struct LoginCounts: Sendable {
    /// Wrong ones within ``window``, for a name and for an address; then both wait.
    package static let most = 5
    package static let window: Duration = .seconds(600)

    private var addresses = RefusalTable(most: most, window: window)
    private var people = RefusalTable(most: most, window: window)
    private var strangers = RefusalTable(most: most, window: window)

    /// Begins an attempt; returns the seconds to wait where there were too many.
    package mutating func begin(
        _ name: String,
        isKnown: Bool,
        from source: RequestSource,
        at now: RefusalTable.Instant
    ) -> Int? {
        if let seconds = addresses.refused(source, at: now) { return seconds }
        let key = RequestSource(address: name)
        return isKnown ? people.refused(key, at: now) : strangers.refused(key, at: now)
    }

    /// An attempt was right: nothing counts against the person, and it does not against the address.
    ///
    /// What came from there before goes on counting, or who has a password could try those of others for ever.
    package mutating func succeed(_ name: String, from source: RequestSource) {
        people.forget(RequestSource(address: name))
        addresses.takeBack(source)
    }

    /// An attempt was not looked at.
    package mutating func takeBack(_ name: String, isKnown: Bool, from source: RequestSource) {
        addresses.takeBack(source)
        let key = RequestSource(address: name)
        if isKnown { people.takeBack(key) } else { strangers.takeBack(key) }
    }
}
