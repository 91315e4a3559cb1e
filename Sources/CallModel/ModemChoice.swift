/// How one of several free modems is chosen for a call.
package enum ModemChoice: String, Sendable, Hashable, Codable, CaseIterable {
    /// The best received, those sure of voice first.
    case bestSignal = "best_signal"
    /// One after the other.
    case roundRobin = "round_robin"
    /// The one with the fewest calls since the service started.
    case leastUsed = "least_used"
}
