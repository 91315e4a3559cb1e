internal import CallModel

/// Which modem a call wants.
package struct ModemWish: Sendable, Hashable {
    /// A modem by its configured name, IMEI, tty or USB path; nil for any that is free.
    package var modem: String?
    /// Whether it is a call for help: any modem will do, at once, whatever it is doing and whatever it lacks.
    package var isForEmergency: Bool
    /// Whether it is not for a call at all, but to talk to the modem: one that is not usable will do, a call is not
    /// disturbed, and a call that comes in takes the modem over.
    package var isForMaintenance: Bool

    /// Creates a wish.
    package init(modem: String? = nil, isForEmergency: Bool = false, isForMaintenance: Bool = false) {
        self.modem = modem
        self.isForEmergency = isForEmergency
        self.isForMaintenance = isForMaintenance
    }
}

/// Why no modem can be had; the reason is one line for a person.
package enum FleetError: Error, Sendable, Hashable {
    /// No usable modem is there (exit status 20).
    case noModem(String)
    /// The modems that are there fail (exit status 21).
    case modemFailed(String)
    /// The modems that are there lack a network or voice service (exit status 22).
    case noService(String)
    /// The modems that are there lack a usable SIM (exit status 23).
    case sim(String)
    /// Too many calls wait already.
    case queueFull
    /// None came free in time; what the one that was nearest to it lacked.
    case timedOut(String)
    /// Nothing has the name, IMEI or path that was asked for.
    case unknownModem(String)
    /// It can't be done as the modem stands.
    case conflict(String)
    /// The task that asked was cancelled.
    case cancelled

    /// One line for a person.
    package var reason: String {
        switch self {
        case .noModem(let reason), .modemFailed(let reason), .noService(let reason), .sim(let reason),
            .timedOut(let reason), .conflict(let reason):
            reason
        case .queueFull: "too many calls are waiting for a modem already"
        case .unknownModem(let name): "there is no modem called \(name.quoted)"
        case .cancelled: "cancelled while waiting for a modem"
        }
    }
}

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
