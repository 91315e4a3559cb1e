package import FoundationEssentials
package import GatewayAPI

/// Why the service could not be asked, or did not do it; one line for a person each.
package enum ControlClientError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The socket has no server.
    case notRunning(socket: String)
    /// This user may not connect to the socket.
    case notPermitted(socket: String)
    /// Another user than this one, root or the service's user serves the socket, or could.
    case foreign(socket: String, owner: UInt32)
    /// The service said no.
    case refused(ControlError)
    /// The connection broke, or what came over it made no sense.
    case lost(String)
    /// The connection broke in the middle of a call, which may go on.
    case callMayGoOn(UUID, reason: String)

    /// What is wrong and what to do.
    package var description: String {
        switch self {
        case .notRunning(let socket):
            "no service is running at \(socket); start it with 'gsmbridge run', or name its socket with --socket"
        case .notPermitted(let socket):
            "this user may not use the socket \(socket) of the service; join its group (sudo usermod -aG gsmbridge $USER)"
                + " and log in again"
        case .foreign(let socket, let owner):
            "\(socket) is a stranger's (user \(owner)), and nothing was sent to it; start the service, or name its socket"
                + " with --socket"
        case .refused(let error): error.message
        case .lost(let reason): "the connection to the service was lost: \(reason)"
        case .callMayGoOn(let call, let reason):
            "the connection to the service was lost: \(reason); the call \(call.uuidString.lowercased()) may go on:"
                + " see 'gsmbridge status', end it with 'gsmbridge hangup'"
        }
    }
}
