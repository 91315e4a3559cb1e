// Connections for events: their beginnings, their ends, and what is found there.
extension StasisMachine {
    /// A connection for events has begun; what is there is told by ``opened(_:at:)``.
    mutating func opening() {
        stale = Set(waiting.map(\.channel) + listening.map(\.channel) + joins.flatMap { [$0.held, $0.dialIn] })
    }

    /// Takes what there was behind the beginning of a connection; what happened meanwhile may be told twice.
    ///
    /// - Parameters:
    ///   - snapshot: what there was; nil where the PBX does not tell, so that everybody counts as still there.
    ///   - now: the present.
    mutating func opened(_ snapshot: StasisSnapshot?, at now: ContinuousClock.Instant) -> [Output] {
        isOpen = true
        guard let snapshot else {
            stale = []
            return []
        }
        var outputs: [Output] = []
        for channel in stale.subtracting(snapshot.channels) { outputs += left(channel, now) }
        stale = []
        var known = Set(joins.map(\.bridge) + waiting.compactMap { $0.claim?.bridge })
        // What an earlier run of this program has joined goes on talking.
        for bridge in snapshot.bridges where known.insert(bridge.id).inserted {
            let members = bridge.members.filter { !knows($0) && snapshot.channels.contains($0) }
            if members.count == 2 {
                joins.append(
                    Join(held: members[0], dialIn: members[1], bridge: bridge.id, key: nil, since: now)
                )
            } else {
                outputs += members.map { .send(.hangUp($0)) } + [.send(.removeBridge(bridge.id))]
            }
        }
        let gone = Set(
            outputs.compactMap { output in
                if case .send(.hangUp(let channel)) = output { channel } else { nil }
            }
        )
        // Whose story is not known goes on in the dialplan, which has an end for them.
        for channel in snapshot.channels.subtracting(gone) where !knows(channel) {
            outputs.append(.send(.goOn(channel)))
        }
        return outputs
    }

    /// The connection is lost; who talks goes on, and who waits is looked for when there is a new one.
    mutating func closed() { isOpen = false }

    /// Lets go of every call, because this program will not be here to see how it goes on.
    mutating func leave() -> [Output] {
        isOpen = false
        var outputs: [Output] = []
        for caller in waiting {
            outputs.append(.send(.goOn(caller.channel)))
            if let claim = caller.claim { outputs.append(.send(.removeBridge(claim.bridge))) }
        }
        for call in listening { outputs.append(.send(.hangUp(call.channel))) }
        for join in joins {
            outputs += [.send(.hangUp(join.dialIn)), .send(.hangUp(join.held)), .send(.removeBridge(join.bridge))]
        }
        waiting = []
        listening = []
        joins = []
        announcements = []
        unheld = []
        return outputs
    }
}
