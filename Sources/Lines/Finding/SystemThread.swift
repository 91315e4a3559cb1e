internal import Dispatch

/// A place for system calls that may take a while.
enum SystemThread {
    private static let queue = DispatchQueue(label: "gsmbridge.fleet.system", attributes: .concurrent)

    static func run(_ body: @escaping @Sendable () -> Void) { queue.async(execute: body) }
}
