/// Finds modems on the USB bus and tells of their comings and goings.
package enum DeviceDiscovery {
    /// Where changes are heard from.
    package enum Source: Sendable, Hashable {
        /// udev's events where a udev daemon runs, else the kernel's.
        case automatic
        /// Events that the udev daemon has dealt with: rules applied, permissions set.
        case udev
        /// The kernel's own events, with a look at the whole tree every few seconds, because they tell little and in
        /// some containers don't come at all.
        case kernel
    }

    /// Lists everything that is or could become a modem, as it stands now.
    ///
    /// - Throws: ``DiscoveryError`` when libudev does not work here.
    package static func enumerate() throws(DiscoveryError) -> [USBModem] {
        var tree = DeviceTree()
        _ = tree.reconcile(with: try UdevContext().nodes(), at: .now)
        return tree.present
    }

    /// The udev properties that concern us (`GSMBRIDGE_*`, `ID_MM_*`) of the device at a sysfs path; none when it is
    /// gone.
    ///
    /// - Throws: ``DiscoveryError`` when libudev does not work here.
    package static func properties(at sysPath: String) throws(DiscoveryError) -> [String: String] {
        try UdevContext().properties(at: sysPath)
    }

    /// Whether a udev daemon runs here, so that rules have an effect.
    package static var hasUdevDaemon: Bool { UdevContext.daemonRuns }

    /// Tells of every modem that is there, and then of changes, for as long as there is a listener.
    ///
    /// The stream ends when libudev fails later on, or when the listener falls more than a thousand events behind; then
    /// ask again.
    ///
    /// - Parameters:
    ///   - quiet: how long nothing must have happened to a stick before it is reported although something may be
    /// missing.
    ///   - source: where changes are heard from.
    /// - Throws: ``DiscoveryError`` when libudev does not work here.
    package static func watch(
        quiet: Duration = .milliseconds(400),
        source: Source = .automatic
    ) throws(DiscoveryError) -> AsyncStream<DiscoveryEvent> {
        try start(quiet: quiet, source: source).events
    }

    /// Starts a watch; the tests keep hold of it.
    static func start(
        quiet: Duration,
        source: Source
    ) throws(DiscoveryError) -> (events: AsyncStream<DiscoveryEvent>, watch: UdevWatch) {
        let (stream, continuation) = AsyncStream.makeStream(
            of: DiscoveryEvent.self,
            bufferingPolicy: .bufferingOldest(1024)
        )
        let watch = try UdevWatch(quiet: quiet, source: source, to: continuation)
        continuation.onTermination = { _ in watch.stop() }
        watch.start()
        return (stream, watch)
    }
}
