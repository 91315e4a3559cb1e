internal import Dispatch
internal import Glibc
internal import TextCoding

/// Tells the service manager how the service is doing, as sd_notify(3) describes it; without libsystemd.
///
/// Every message is one datagram to the socket that `$NOTIFY_SOCKET` names. It is sent at once and without waiting: a
/// service manager that is busy must not hold up the supervision of a call.
package struct SystemdNotification: Sendable, Hashable {
    /// What can be told.
    package enum Message: Sendable, Hashable {
        /// The service has started, or has finished reloading.
        case ready
        /// A line that `systemctl status` shows.
        case status(String)
        /// The configuration is being read again; ``ready`` must follow.
        case reloading
        /// The service is ending.
        case stopping
        /// The service is alive; due more often than ``watchdogInterval(environment:processID:)``.
        case watchdog
        /// Starting, reloading or stopping takes this much longer than the unit allows.
        case extendTimeout(Duration)
    }

    private let address: [UInt8]

    /// Finds the service manager; nil where there is none, as in a shell.
    ///
    /// - Parameter environment: the environment variables; `NOTIFY_SOCKET` is read.
    /// - Throws: ``SystemdNotificationError`` when the variable names something that can't be sent to.
    package static func find(
        environment: [String: String]
    ) throws(SystemdNotificationError) -> SystemdNotification? {
        guard let path = environment["NOTIFY_SOCKET"], !path.isEmpty else { return nil }
        return try SystemdNotification(socket: path)
    }

    /// Prepares for a socket: an absolute path, or `@` and the name of an abstract one.
    ///
    /// - Throws: ``SystemdNotificationError/unusable(socket:)`` for anything else (sd_notify(3) knows vsock too).
    package init(socket path: String) throws(SystemdNotificationError) {
        var bytes = Array(path.utf8)
        guard bytes.count > 1, bytes.count < Self.pathCapacity,
            bytes[0] == UInt8(ascii: "/") || bytes[0] == UInt8(ascii: "@")
        else { throw .unusable(socket: path) }
        if bytes[0] == UInt8(ascii: "@") { bytes[0] = 0 }
        address = bytes
    }

    /// Sends messages together, in one datagram.
    ///
    /// - Throws: ``SystemdNotificationError/failed(operation:errno:)``; nothing was told then.
    package func send(_ messages: Message...) throws(SystemdNotificationError) {
        var datagram = Array(messages.map(Self.text).joined(separator: "\n").utf8)
        if datagram.count > Self.longest { datagram.removeSubrange(Self.longest...) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw .failed(operation: "socket", errno: errno) }
        defer { close(descriptor) }
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &name.sun_path) { $0.copyBytes(from: address) }
        // An abstract name is as long as the address says; zeros behind it would belong to it.
        let length = socklen_t(MemoryLayout<sockaddr_un>.size - Self.pathCapacity + address.count)
        let sent = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                sendto(
                    descriptor,
                    datagram,
                    datagram.count,
                    Int32(MSG_NOSIGNAL | MSG_DONTWAIT),
                    target,
                    length
                )
            }
        }
        guard sent == datagram.count else { throw .failed(operation: "sendto", errno: errno) }
    }

    /// The time within which the service manager wants to hear ``Message/watchdog``; nil when it does not watch us.
    ///
    /// Half of it is a good interval (sd_watchdog_enabled(3)).
    ///
    /// - Parameters:
    ///   - environment: the environment variables; `WATCHDOG_USEC` and `WATCHDOG_PID` are read.
    ///   - processID: the process that the variables must be meant for; nil for this one.
    package static func watchdogInterval(
        environment: [String: String],
        processID: Int32? = nil
    ) -> Duration? {
        guard let text = environment["WATCHDOG_USEC"], let microseconds = Int64(text), microseconds > 0 else {
            return nil
        }
        if let process = environment["WATCHDOG_PID"], !process.isEmpty, Int32(process) != processID ?? getpid() {
            return nil
        }
        return .microseconds(microseconds)
    }

    /// Room for a name in `sockaddr_un` (unix(7)).
    private static let pathCapacity = 108
    /// Far below what a datagram may have, and more than people read.
    private static let longest = 4096

    private static func text(_ message: Message) -> String {
        switch message {
        case .ready: "READY=1"
        case .status(let line): "STATUS=\(oneLine(line))"
        case .reloading: "RELOADING=1\nMONOTONIC_USEC=\(monotonicMicroseconds())"
        case .stopping: "STOPPING=1"
        case .watchdog: "WATCHDOG=1"
        case .extendTimeout(let duration): "EXTEND_TIMEOUT_USEC=\(max(0, duration / .microseconds(1)).wholeNumber)"
        }
    }

    /// A line feed would begin another assignment.
    private static func oneLine(_ text: String) -> String {
        String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.properties.generalCategory == .control ? " " : $0 })
        )
    }

    /// What tells this reload from an earlier one: CLOCK_MONOTONIC, by which Dispatch counts on Linux.
    private static func monotonicMicroseconds() -> UInt64 {
        DispatchTime.now().uptimeNanoseconds / 1000
    }
}

/// Why the service manager could not be told.
package enum SystemdNotificationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// `$NOTIFY_SOCKET` names neither a path nor an abstract socket, or one that is too long.
    case unusable(socket: String)
    /// A system call failed; its name and `errno`.
    case failed(operation: String, errno: Int32)

    /// One line for a person.
    package var description: String {
        switch self {
        case .unusable(let socket):
            "the service manager can't be told anything: NOTIFY_SOCKET is \(Spelling.printable(socket, limit: 200))"
        case .failed(let operation, let errno):
            "the service manager could not be told: \(operation) failed (errno \(errno))"
        }
    }
}

extension Double {
    /// The part before the point, as far as an `Int64` has room for it.
    fileprivate var wholeNumber: Int64 { self < 9e18 ? Int64(self) : .max }
}
