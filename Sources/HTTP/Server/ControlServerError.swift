/// Why the control interface can't be opened; one line for a person each, with the remedy.
package enum ControlServerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Another service serves this socket.
    case inUse(path: String, process: String?)
    /// There is something at the socket's place that is not a socket.
    case notSocket(path: String)
    /// The socket's directory belongs to another user.
    case foreignDirectory(path: String, owner: UInt32)
    /// The system refused a step.
    case system(path: String, step: String, errno: Int32)
    /// The TCP address can't be listened at.
    case address(String, reason: String, key: String)
    /// The page's certificate or key can't be used.
    case identity(String)
    /// The token is too short to keep strangers out.
    case shortToken
    /// The two tokens are the same.
    case sameTokens

    /// What is wrong and what to do.
    package var description: String {
        switch self {
        case .inUse(let path, let process):
            "the control socket \(path) is served by \(process ?? "another process")"
                + "; stop that first, or give this service another gateway.socket"
        case .notSocket(let path):
            "\(path) is not a socket; move it away, or correct gateway.socket"
        case .foreignDirectory(let path, let owner):
            "the directory \(path) of the control socket belongs to user \(owner); give it to the user that gsmbridge"
                + " runs as, or correct gateway.socket"
        case .system(let path, let step, let errno):
            "can't \(step) \(path): \(SystemError.words(errno)); see that this user may, or correct gateway.socket"
        case .address(let address, let reason, let key):
            "can't listen at \(address): \(reason); correct \(key)"
        case .identity(let reason): reason
        case .shortToken:
            "the token of the control interface is shorter than \(TokenGate.shortest) bytes"
                + "; make one with: gsmbridge token new"
        case .sameTokens:
            "control.token and control.read_token are the same, so that whoever may look may also call"
                + "; make another one with: gsmbridge token new --name control-read-token"
        }
    }
}
