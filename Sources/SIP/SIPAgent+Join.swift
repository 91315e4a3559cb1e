internal import Logging

// Calls of an account whose far ends its PBX joins itself (RFC 5589 §7.3, as the transferor): their sound crosses this box no more.
extension SIPAgent {
    /// How long a PBX may take to say that two calls are joined.
    private static let joinsWithin: Duration = .seconds(10)
    /// How long it may take to end the second of two calls behind the first, where it does that before it says that they are joined.
    private static let partsWithin: Duration = .seconds(5)

    /// Two calls that a PBX was asked to join.
    struct Join {
        let other: DialogID
        /// Takes whether they are joined, and the task that waited for the second end.
        let answer: CheckedContinuation<(Bool, Task<Void, Never>?), Never>
        /// Whether it said that it would.
        var isTaken = false
        /// Waits for the end of the second.
        var parting: Task<Void, Never>?
    }

    /// Has the PBX join the far ends of two calls that came in at one account, and waits for its word.
    ///
    /// It is asked once, and not at all where it does not say that it takes REFER and Replaces (one that knows the first alone would
    /// call its own address), or where the two have their far ends at different hosts, as behind a proxy: none of them has both.
    ///
    /// - Returns: whether it says that they are joined: then both calls are to be hung up. Else both are as they were; nil where one of
    ///   them is over.
    package func join(line id: UInt64, with other: UInt64) async -> Bool? {
        guard isUp(id), isUp(other), let call = lines[id], let second = lines[other] else { return nil }
        guard call.account == second.account, !call.isProbed, joins[id] == nil, let from = call.place,
            let place = second.place, let host = Self.host(of: place), host == Self.host(of: from),
            let endpoint = endpoint(ofLine: call), endpoint.refer(id, to: place, replacing: other)
        else { return false }
        log.info("the PBX is asked to join two calls")
        let limit = Task {
            // Cancelled, it is decided.
            guard (try? await Task.sleep(for: Self.joinsWithin)) != nil else { return }
            decide(joinOf: id, false)
        }
        let (isJoined, parting) = await withCheckedContinuation { joins[id] = Join(other: other, answer: $0) }
        for task in [limit, parting] {
            task?.cancel()
            await task?.value
        }
        log.info("the PBX \(isJoined ? "has joined" : "does not join") two calls")
        return isJoined ? true : isUp(id) && isUp(other) ? false : nil
    }

    /// Takes how the joining of a call comes out, the first time.
    func decide(joinOf id: DialogID, _ isJoined: Bool) {
        guard let join = joins.removeValue(forKey: id) else { return }
        join.answer.resume(returning: (isJoined, join.parting))
    }

    /// The same for every pair that a call is one of.
    func decide(joinsWith id: DialogID, _ isJoined: Bool) {
        for (first, join) in joins where first == id || join.other == id { decide(joinOf: first, isJoined) }
    }

    /// A call was ended by its far end.
    ///
    /// Joined, both end; some PBXs end them before they say so, when it can't be heard any more. Where the caller has hung up, the
    /// other goes on.
    func left(joinsWith id: DialogID) {
        for (first, join) in joins where first == id || join.other == id {
            if isUp(first) { continue }
            guard join.isTaken, isUp(join.other) else {
                decide(joinOf: first, join.isTaken)
                continue
            }
            guard join.parting == nil else { continue }
            let parting = Task {
                guard (try? await Task.sleep(for: Self.partsWithin)) != nil else { return }
                decide(joinOf: first, false)
            }
            joins[first]?.parting = parting
        }
    }

    private func isUp(_ id: DialogID) -> Bool { lines[id]?.phase == .up }

    /// The host of a URI, without its port; nil where there is none.
    private static func host(of uri: String) -> String? {
        let parts = uri.split(separator: "@", maxSplits: 1)
        let place = parts.count > 1 ? parts[1] : uri.drop { $0 != ":" }.dropFirst()
        let host = place.hasPrefix("[") ? place.prefix { $0 != "]" } : place.prefix { !":;?".contains($0) }
        return host.isEmpty ? nil : host.lowercased()
    }
}
