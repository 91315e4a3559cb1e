internal import CallModel

/// A modem that may be chosen, and what the choice depends on.
struct ModemCandidate: Sendable, Hashable {
    var id: UInt64
    var signal: Int?
    var isSureOfVoice: Bool
    /// How many calls it has had.
    var calls: Int
    /// The number of the last call that it had, counted over all modems; 0 for none.
    var lastCall: Int
}

extension ModemChoice {
    /// The modem to take; nil when there is none.
    func choose(among candidates: [ModemCandidate]) -> ModemCandidate? {
        candidates.min { order($0) < order($1) }
    }

    /// Smaller is better; the id comes last, so that equal modems are taken in the order of the list.
    private func order(_ candidate: ModemCandidate) -> (Int, Int, Int, UInt64) {
        let voice = candidate.isSureOfVoice ? 0 : 1
        let signal = -(candidate.signal ?? -200)
        return switch self {
        case .bestSignal: (voice, signal, candidate.lastCall, candidate.id)
        case .roundRobin: (candidate.lastCall, voice, signal, candidate.id)
        case .leastUsed: (candidate.calls, voice, signal, candidate.id)
        }
    }
}
