internal import ATProtocol

/// How emptying a store came out.
package enum StoreEmptying: Sendable, Hashable {
    /// Everything was offered.
    case done
    /// It was told to stop; there may be more.
    case interrupted
    /// The modem did not answer as it should.
    case failed
}

// Emptying the stores of messages. A ring must get through in between, so a full card is read place by place: a list of two
// hundred messages, 47 kB, would keep the line for seconds.
extension ModemSession {
    /// As many as this are listed at once.
    private static let fewMessages = 10

    /// The most places without an answer before it is given up.
    private static let mostFailures = 3

    /// Offers every message in a store, and deletes there what was taken.
    ///
    /// - Parameters:
    ///   - name: the store.
    ///   - goesOn: asked before each command.
    ///   - take: takes the octets of a message; whether they are safe now, so that they may be deleted.
    package func emptyStore(
        _ name: String,
        goesOn: @Sendable () -> Bool,
        take: @Sendable (String) async -> Bool
    ) async -> StoreEmptying {
        guard goesOn() else { return .interrupted }
        let usage = await openStore(name)
        if let usage, usage.used == 0 { return .done }
        guard let usage, usage.used > Self.fewMessages else { return await emptyList(goesOn, take) }
        var (left, failures, wasEmpty) = (usage.used, 0, false)
        // Places begin at 0 or at 1.
        var place = 0
        while place <= max(usage.places, usage.used), left > 0 {
            guard goesOn() else { return .interrupted }
            var content = await readPlace(place)
            // Out of step, a place that is empty stands between two that are not; see there.
            if content != .unknown, (content == .empty) != wasEmpty, await isQuiet() {
                content = await readPlace(place)
            }
            switch content {
            case .message(let octets):
                left -= 1
                if await take(octets), goesOn() { _ = await deletePlace(place) }
            case .other: left -= 1
            case .empty: break
            case .unknown:
                // Broken off for a call, most likely.
                failures += 1
                if isClosed || failures > Self.mostFailures { return .failed }
                continue
            }
            wasEmpty = content == .empty
            failures = 0
            place += 1
        }
        // Some number their places otherwise, or read them by list only.
        return left == usage.used ? await emptyList(goesOn, take) : .done
    }

    private func emptyList(
        _ goesOn: @Sendable () -> Bool,
        _ take: @Sendable (String) async -> Bool
    ) async -> StoreEmptying {
        guard goesOn() else { return .interrupted }
        guard let messages = await listStore() else { return .failed }
        for (place, listed, isWhole) in messages {
            guard goesOn() else { return .interrupted }
            var octets = listed
            if !isWhole, case .message(let again) = await readPlace(place) { octets = again }
            if await take(octets), goesOn() { _ = await deletePlace(place) }
        }
        return .done
    }
}
