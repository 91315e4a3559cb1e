internal import CUdev
@preconcurrency internal import Dispatch
internal import Glibc

/// The shell around a ``DeviceTree``: a libudev monitor and a timer on one serial queue, events into a stream.
///
/// `@unchecked Sendable` because libudev's pointers and the tree are touched on `queue` only: by the handlers of the
/// two sources, which run there, by `start` and `stop`, which go there, and by `init` before anybody else has a
/// reference.
final class UdevWatch: @unchecked Sendable {
    /// How often the whole tree is looked at where events can't be relied on.
    private static let rescanInterval: Duration = .seconds(3)
    /// Room for a storm of events; the kernel's default loses some when a hub with ten sticks comes up.
    private static let receiveBuffer: Int32 = 1 << 20

    private let queue = DispatchQueue(label: "gsmbridge.device-discovery")
    private let context: UdevContext
    private let monitor: OpaquePointer
    private let readable: any DispatchSourceRead
    private let timer: any DispatchSourceTimer
    private let continuation: AsyncStream<DiscoveryEvent>.Continuation
    private let rescans: Bool
    /// Whether what the daemon has not dealt with is left to the event that will come; only where one is known to run.
    private let waitsForDaemon: Bool
    private var tree: DeviceTree
    private var nextScan: ContinuousClock.Instant?
    private var isStopped = false

    /// Starts to listen; what happens from here on is not missed.
    init(
        quiet: Duration,
        source: DeviceDiscovery.Source,
        to continuation: AsyncStream<DiscoveryEvent>.Continuation
    ) throws(DiscoveryError) {
        let usesUdev: Bool
        switch source {
        case .automatic: usesUdev = UdevContext.daemonRuns
        case .udev: usesUdev = true
        case .kernel: usesUdev = false
        }
        context = try UdevContext()
        monitor = try Self.monitor(context, source: usesUdev ? "udev" : "kernel")
        rescans = !usesUdev
        waitsForDaemon = usesUdev && source == .automatic
        tree = DeviceTree(quiet: quiet)
        self.continuation = continuation
        readable = DispatchSource.makeReadSource(fileDescriptor: udev_monitor_get_fd(monitor), queue: queue)
        timer = DispatchSource.makeTimerSource(queue: queue)
    }

    deinit { udev_monitor_unref(monitor) }

    private static func monitor(_ context: UdevContext, source: String) throws(DiscoveryError) -> OpaquePointer {
        guard let monitor = udev_monitor_new_from_netlink(context.udev, source) else {
            throw .failed(operation: "udev_monitor_new_from_netlink", errno: errno)
        }
        for subsystem in Set(UdevContext.interests.map(\.subsystem)) {
            udev_monitor_filter_add_match_subsystem_devtype(monitor, subsystem, nil)
        }
        // Best effort: without the right to it the default stays, and an overflow leads to a look at the whole tree.
        udev_monitor_set_receive_buffer_size(monitor, receiveBuffer)
        let status = udev_monitor_enable_receiving(monitor)
        guard status >= 0 else {
            udev_monitor_unref(monitor)
            throw .failed(operation: "udev_monitor_enable_receiving", errno: -status)
        }
        return monitor
    }

    /// Looks at the whole tree and goes on with what the monitor tells.
    func start() {
        queue.async { [self] in
            guard !isStopped else { return }
            readable.setEventHandler { [weak self] in self?.receive() }
            timer.setEventHandler { [weak self] in self?.timerFired() }
            // Keeps the monitor, and with it the descriptor, until the source has let go of it.
            readable.setCancelHandler { [self] in withExtendedLifetime(self) {} }
            readable.activate()
            timer.activate()
            scan()
            settle()
        }
    }

    /// Stops listening; nothing is told any more.
    func stop() {
        queue.async { [self] in
            guard !isStopped else { return }
            isStopped = true
            // A source that was never activated must not be let go of.
            readable.activate()
            timer.activate()
            readable.cancel()
            timer.cancel()
        }
    }

    /// Deals with what has arrived before it returns; a test that sends events faster than they are read needs it.
    func catchUp() {
        queue.sync { receive() }
    }

    // MARK: On the queue

    private func receive() {
        guard !isStopped else { return }
        while true {
            errno = 0
            guard let device = udev_monitor_receive_device(monitor) else {
                // Nil also for what the filter drops. Only an overflow means that something was missed.
                if errno == ENOBUFS { scan() }
                break
            }
            take(device)
            udev_device_unref(device)
        }
        settle()
    }

    private func take(_ device: OpaquePointer) {
        guard let path = udev_device_get_syspath(device) else { return }
        if udev_device_get_action(device).map({ String(cString: $0) }) == "remove" {
            tell(tree.handle(.gone(sysPath: String(cString: path)), at: .now))
        } else if let node = UdevContext.node(device) {
            tell(tree.handle(.present(node), at: .now))
        }
        // The kernel's events come before drivers, attributes and device nodes are in place.
        if rescans { nextScan = min(nextScan ?? .now + tree.quiet, .now + tree.quiet) }
    }

    private func timerFired() {
        guard !isStopped else { return }
        if let nextScan, nextScan <= .now { scan() }
        tell(tree.timerFired(at: .now))
        settle()
    }

    private func scan() {
        nextScan = rescans ? .now + Self.rescanInterval : nil
        do throws(DiscoveryError) {
            tell(tree.reconcile(with: try context.nodes(isSettled: waitsForDaemon), at: .now))
        } catch {
            finish()
        }
    }

    private func tell(_ events: [DiscoveryEvent]) {
        for event in events {
            // A listener that missed an event would believe in a stick that is gone: it has to start over.
            if case .dropped = continuation.yield(event) { finish() }
        }
    }

    private func finish() {
        continuation.finish()
        stop()
    }

    private func settle() {
        guard !isStopped else { return }
        switch [tree.deadline, nextScan].compactMap({ $0 }).min() {
        case .some(let deadline):
            let wait = max(.zero, deadline - .now).components
            let nanoseconds = Int(wait.seconds) * 1_000_000_000 + Int(wait.attoseconds / 1_000_000_000)
            timer.schedule(deadline: .now() + .nanoseconds(nanoseconds), leeway: .milliseconds(5))
        case .none:
            timer.schedule(deadline: .distantFuture)
        }
    }
}
