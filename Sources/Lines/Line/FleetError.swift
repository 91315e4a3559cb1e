package import CallModel
internal import TextCoding

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

extension FleetError {
    /// How a call ends that gets no modem (the contract's outcomes).
    package var outcome: CallOutcome {
        switch self {
        case .noModem, .queueFull, .timedOut, .unknownModem, .conflict: .noModem
        case .modemFailed: .modemFailed
        case .noService: .noService
        case .sim: .sim
        case .cancelled: .interrupted
        }
    }

    /// How near to being usable a modem is that has this; larger is nearer.
    var nearness: Int {
        switch self {
        case .noService: 4
        case .sim: 3
        case .modemFailed: 2
        case .noModem, .queueFull, .timedOut, .unknownModem, .conflict, .cancelled: 1
        }
    }
}
