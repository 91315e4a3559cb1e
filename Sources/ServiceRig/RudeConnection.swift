internal import Glibc

/// A connection to the control interface that keeps none of its rules: it sends what it likes, and need not read.
package final class RudeConnection {
    private let descriptor: Int32

    /// Connects.
    ///
    /// - Throws: ``RigFailure`` when there is no listener.
    package init(to socket: String) throws(RigFailure) {
        descriptor = try ControlRequest.connect(to: socket, within: .seconds(10))
    }

    deinit { close(descriptor) }

    /// Sends bytes, as far as the other side takes them at once.
    ///
    /// - Returns: how many were taken; 0 also when the connection was closed.
    @discardableResult
    package func send(_ bytes: [UInt8]) -> Int {
        max(0, Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)))
    }
}
