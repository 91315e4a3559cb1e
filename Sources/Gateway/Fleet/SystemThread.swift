internal import Dispatch

/// A place for system calls that may take a while.
enum SystemThread {
    private static let queue = DispatchQueue(label: "gsmbridge.fleet.system", attributes: .concurrent)

    private static let serial = DispatchQueue(label: "gsmbridge.records")

    /// One after the other, for what must not happen at once.
    static func inOrder(_ body: @escaping @Sendable () -> Void) { serial.async(execute: body) }

    static func run(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }
}
