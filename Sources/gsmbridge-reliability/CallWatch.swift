import ModemSimulator
internal import NetworkSimulator
import ServiceRig
internal import SimulatedTerminals

/// Looks for calls that are up and that the service neither follows nor warns of.
///
/// A service learns of things by asking its modems, so a call may be unknown to it for a while: only longer than the
/// limit is a finding.
struct CallWatch {
    /// How long a call may be up unseen.
    let limit: Duration
    /// The longest that one was.
    private(set) var longest = Duration.zero
    private var unseen: [Int: ContinuousClock.Instant] = [:]
    private var told: Set<Int> = []

    init(limit: Duration) { self.limit = limit }

    /// Compares the network with what the service says of its calls.
    ///
    /// - Returns: what is wrong now and was not told before.
    mutating func look(_ rig: ServiceRig) throws(RigFailure) -> [String] {
        let up = rig.host.withWorld { world, _ in
            // A call that rings is not ours yet, and a modem that was pulled can't be told anything.
            world.calls.filter { call in
                guard let modem = call.modem, call.isLive, world.isPlugged(modem) else { return false }
                return call.direction == .outgoing || call.answeredAt != nil
            }
        }
        let now = ContinuousClock.now
        let followed = Set(try rig.calls().compactMap(\.modem))
        let suspects = up.filter { call in call.modem.map { !followed.contains("m\($0)") } ?? false }
        unseen = unseen.filter { entry in suspects.contains { $0.id == entry.key } }
        for call in suspects where unseen[call.id] == nil { unseen[call.id] = now }
        var findings: [String] = []
        for call in suspects {
            guard let since = unseen[call.id], let modem = call.modem else { continue }
            longest = max(longest, now - since)
            guard now - since > limit, !told.contains(call.id) else { continue }
            if try rig.warnings().contains(where: { $0.hasPrefix("m\(modem):") }) { continue }
            told.insert(call.id)
            findings.append("the call \(call.id) on m\(modem) is up, and was not followed for \(now - since)")
        }
        return findings
    }
}
