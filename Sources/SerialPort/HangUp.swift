/// Why a port is no longer open.
package enum HangUp: Sendable, Hashable, CustomStringConvertible {
    /// Our side closed it.
    case closed
    /// The device went away: unplugged, reset, or the other end of a pseudo-terminal was closed.
    case vanished
    /// Reading failed with this `errno`.
    case failed(errno: Int32)
    /// The device takes no more bytes; this many were waiting when the limit was reached.
    case stuck(unsent: Int)

    /// One line for a log.
    package var description: String {
        switch self {
        case .closed: "the port was closed"
        case .vanished: "the device went away"
        case .failed(let errno): "reading from the device failed: \(errorText(errno))"
        case .stuck(let unsent): "the device takes no more bytes, \(unsent) were waiting"
        }
    }
}
