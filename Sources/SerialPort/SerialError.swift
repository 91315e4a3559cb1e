import Glibc

/// Why a serial port could not be opened.
package enum SerialError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nothing has this path.
    case notFound(path: String)
    /// The path leads to a directory.
    case isADirectory(path: String)
    /// The path leads to something that is not a terminal: a file, a pipe, `/dev/null`.
    case notATerminal(path: String)
    /// We may not open it; `group` is the group that may, if it is known.
    case permissionDenied(path: String, group: String?)
    /// Another program uses it; `holder` is its name and its process number, if they could be found.
    case busy(path: String, holder: String?)
    /// The kernel driver did not finish opening it in time.
    case openTimedOut(path: String, limit: Duration)
    /// An earlier attempt is still blocked in the kernel driver, so that another one would only block as well.
    case stillBlocked(path: String)
    /// The caller's task was cancelled while the port was being opened.
    case cancelled(path: String)
    /// The named system call failed with this `errno`.
    case failed(path: String, operation: String, errno: Int32)
    /// The speed is none that a Linux tty knows.
    case unsupportedSpeed(baud: UInt32)

    /// One line that says what happened, where, and what to do.
    package var description: String {
        switch self {
        case .notFound(let path):
            "\(path) does not exist; is the stick plugged in, and is this still its name?"
        case .isADirectory(let path):
            "\(path) is a directory, not a serial port; name a tty such as /dev/ttyUSB2"
        case .notATerminal(let path):
            "\(path) is not a serial port; name a tty such as /dev/ttyUSB2"
        case .permissionDenied(let path, let group?) where group != "root":
            "no permission to open \(path); add yourself to the group \(group) and log in again"
        case .permissionDenied(let path, _):
            "no permission to open \(path); let a udev rule give it to a group that you are in, such as dialout"
        case .busy(let path, let holder?):
            "\(path) is in use by \(holder); close it there or choose another port"
        case .busy(let path, nil):
            "\(path) is in use by another program; close it there or choose another port"
        case .openTimedOut(let path, let limit):
            "\(path) did not open within \(limit): its kernel driver is blocked; unplug the stick and plug it in again"
        case .stillBlocked(let path):
            "\(path) is blocked in its kernel driver since an earlier attempt; unplug the stick and plug it in again"
        case .cancelled(let path):
            "opening \(path) was cancelled"
        case .failed(let path, let operation, let errno):
            "\(path): \(operation) failed: \(errorText(errno))\(Self.advice(errno))"
        case .unsupportedSpeed(let baud):
            "\(baud) bit/s is not a speed of a serial port; 115200 suits most modems"
        }
    }

    private static func advice(_ errno: Int32) -> String {
        switch errno {
        case EIO, ENXIO, ENODEV: "; nothing answers there, unplug the stick and plug it in again"
        case EMFILE, ENFILE: "; raise the limit of open files"
        default: ""
        }
    }
}

/// The C library's text for an `errno`, with the number.
func errorText(_ number: Int32) -> String {
    let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { space -> String? in
        guard let start = space.baseAddress, strerror_r(number, start, space.count) == 0 else { return nil }
        return String(cString: start)
    }
    return text.map { "\($0) (errno \(number))" } ?? "errno \(number)"
}
