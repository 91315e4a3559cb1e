internal import Logging

// Calls of an account whose far ends its PBX joins itself (RFC 5589 §7.3, as the transferor): their sound crosses this box no more.
extension SIPAgent {
    /// How long a PBX may take to say that two calls are joined.
    private static let joinsWithin: Duration = .seconds(10)

    /// Has the PBX join the far ends of two calls that came in at one account, and waits for its word.
    ///
    /// It is asked once, and not at all where it does not say that it takes REFER and Replaces: one that knows the first alone would
    /// call its own address.
    ///
    /// - Returns: whether it says that they are joined: then both calls are to be hung up. Else both are as they were.
    package func join(line id: UInt64, with other: UInt64) async -> Bool {
        guard let call = lines[id], let second = lines[other], call.account == second.account, call.place != nil,
            let place = second.place, call.phase == .up, second.phase == .up, joins[id] == nil,
            let endpoint = endpoint(ofLine: call), endpoint.refer(id, to: place, replacing: other)
        else { return false }
        log.info("the PBX is asked to join two calls")
        let limit = Task {
            // Cancelled, it is decided.
            guard (try? await Task.sleep(for: Self.joinsWithin)) != nil else { return }
            decide(joinOf: id, false)
        }
        let isJoined = await withCheckedContinuation { joins[id] = $0 }
        limit.cancel()
        await limit.value
        log.info("the PBX \(isJoined ? "has joined" : "does not join") two calls")
        return isJoined
    }

    /// Takes how the joining of a call comes out, the first time.
    func decide(joinOf id: DialogID, _ isJoined: Bool) { joins.removeValue(forKey: id)?.resume(returning: isJoined) }

    /// Says who asks, once.
    func prove(joinOf id: DialogID, _ account: SIPAccount, realm: String) {
        guard let call = lines[id], call.tries == 0 else { return decide(joinOf: id, false) }
        lines[id]?.tries += 1
        prove(id, account, realm: realm) { reason in
            log.notice("account \(account.settings.name): two calls can't be joined at the PBX: \(reason)")
            decide(joinOf: id, false)
        }
    }
}
