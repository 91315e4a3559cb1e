/// Why devices could not be looked for.
package enum DiscoveryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A call of libudev failed; its name and `errno`.
    case failed(operation: String, errno: Int32)

    /// One line for a person.
    package var description: String {
        switch self {
        case .failed(let operation, let errno):
            "USB devices can't be listed: \(operation) failed (errno \(errno)); is /sys mounted? "
                + "Name the modem's tty with --modem instead"
        }
    }
}
