package import NIOCore
internal import NIOPosix

/// The event loops on which modems live.
///
/// HTTP and PBXs have the other half, NIO's shared group: a large body or a slow reader there delays no line of a modem.
package enum ModemLoops {
    /// How many loops each of the two groups has: half the cores, at least one.
    package static let count = max(1, System.coreCount / 2)

    // For as long as the program runs: a loop outlives its port, whose last close may come back to it late.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: count)

    /// The next loop in turn.
    package static func next() -> any EventLoop { group.next() }
}
