package import FoundationEssentials

/// Why the service did not do what it was asked, or could not be asked; one line for a person each.
package enum ControlError: Error, Sendable, Hashable, CustomStringConvertible {
    /// What was asked for makes no sense (HTTP 400, exit status 64).
    case invalid(String)
    /// It does not exist: an unknown call or modem (404).
    case notFound(String)
    /// It can't be done as things stand: the call is not in a state for it, its id was used before (409).
    case conflict(String)
    /// The dial policy says no (403, exit status 30).
    case policy(String)
    /// The configuration does not allow it (422, exit status 78).
    case configuration(String)
    /// The queue is full, or the service is stopping (503).
    case unavailable(String)
    /// The modem failed while it was doing it (502, exit status 21).
    case failed(String)
    /// No service listens at the socket.
    case notRunning(socket: String)
    /// This user may not connect to the socket.
    case notPermitted(socket: String)
    /// Another user than this one, root or the service's own serves the socket, or could.
    case foreign(socket: String, owner: UInt32)
    /// The connection broke, or what came over it made no sense.
    case lost(String)
    /// The connection broke in the middle of a call, which may go on.
    case callMayGoOn(UUID, reason: String)

    /// Its kind in one word.
    package var word: String {
        switch self {
        case .invalid: "invalid"
        case .notFound: "not_found"
        case .conflict: "conflict"
        case .policy: "policy"
        case .configuration: "configuration"
        case .unavailable: "unavailable"
        case .failed: "failed"
        case .notRunning, .notPermitted, .foreign, .lost, .callMayGoOn: "unreachable"
        }
    }

    /// What went wrong, and what to do.
    package var message: String {
        switch self {
        case .invalid(let text), .notFound(let text), .conflict(let text), .policy(let text), .configuration(let text),
            .unavailable(let text), .failed(let text):
            text
        case .notRunning(let socket):
            "no service is running at \(socket); start it with 'gsmbridge run', or name its socket with --socket"
        case .notPermitted(let socket):
            "this user may not use the socket \(socket) of the service; join its group (sudo usermod -aG gsmbridge $USER)"
                + " and log in again"
        case .foreign(let socket, let owner):
            "\(socket) is a stranger's (user \(owner)), and nothing was sent to it; start the service, or name its socket"
                + " with --socket"
        case .lost(let reason): "the connection to the service was lost: \(reason)"
        case .callMayGoOn(let call, let reason):
            "the connection to the service was lost: \(reason); the call \(call.name) may go on:"
                + " see 'gsmbridge status', end it with 'gsmbridge hangup'"
        }
    }

    /// See ``message``.
    package var description: String { message }
}
