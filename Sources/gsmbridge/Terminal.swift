import Glibc

/// Lines on standard output and standard error, whole and in order.
enum Terminal {
    /// Writes a line to standard output.
    ///
    /// - Returns: whether the reader is still there.
    @discardableResult
    static func standardOutput(_ line: String) -> Bool { write(Array(line.utf8) + [0x0A], to: STDOUT_FILENO) }

    /// Writes a line of bytes to standard output.
    @discardableResult
    static func standardOutput(_ line: [UInt8]) -> Bool { write(line + [0x0A], to: STDOUT_FILENO) }

    /// Writes a line to standard error.
    @discardableResult
    static func standardError(_ line: String) -> Bool { write(Array(line.utf8) + [0x0A], to: STDERR_FILENO) }

    /// Rewrites the live line at the bottom of standard error; an empty text removes it.
    static func liveLine(_ text: String) { _ = write(Array("\r\u{1B}[K\(text)".utf8), to: STDERR_FILENO) }

    /// Whether somebody looks at standard error.
    static var isWatched: Bool { isatty(STDERR_FILENO) == 1 }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes.withUnsafeBytes { buffer in
                Glibc.write(descriptor, buffer.baseAddress?.advanced(by: sent), buffer.count - sent)
            }
            if count > 0 {
                sent += count
            } else if errno == EAGAIN {
                var descriptors = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = poll(&descriptors, 1, 1000)
            } else if errno != EINTR {
                return false
            }
        }
        return true
    }
}
