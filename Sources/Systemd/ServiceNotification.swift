internal import FoundationEssentials
package import GatewayAPI
package import Logging
internal import ServiceLifecycle
package import Settings

/// Tells the service manager that the service is ready, how it is doing, and that it is alive.
///
/// The watchdog is fed only while the service's own loops turn: one that hangs is restarted.
package struct ServiceNotification: Service {
    private let status: @Sendable () async -> GatewayStatus
    private let isWorking: @Sendable () -> Bool
    private let environment: ConfigurationEnvironment
    private let log: Logger

    /// Creates it; nothing is told before ``run()``.
    ///
    /// - Parameters:
    ///   - status: asks the service how it is.
    ///   - isWorking: whether it does its work, which is what feeds the watchdog.
    package init(
        status: @escaping @Sendable () async -> GatewayStatus,
        isWorking: @escaping @Sendable () -> Bool,
        environment: ConfigurationEnvironment,
        log: Logger
    ) {
        self.status = status
        self.isWorking = isWorking
        self.environment = environment
        self.log = log
    }

    /// Tells of the service until it stops; returns at once where systemd did not ask for it.
    package func run() async throws {
        let manager: SystemdNotification?
        do { manager = try SystemdNotification.find(environment: environment.variables) } catch {
            log.warning("\(error)")
            manager = nil
        }
        // A service of the group may not end before the others do.
        let interval = manager == nil ? .seconds(3600) : beat
        if let manager { send([.ready], to: manager) }
        while !Task.isCancelled, !Task.isShuttingDownGracefully {
            if let manager, isWorking() { send([.status(await line()), .watchdog], to: manager) }
            await Self.wait(interval)
        }
        if let manager { send([.stopping], to: manager) }
    }

    /// How often something is told: twice within the watchdog's time, and every 10 s for the status line.
    private var beat: Duration {
        let watchdog = SystemdNotification.watchdogInterval(environment: environment.variables)
        return min(.seconds(10), watchdog.map { $0 / 2 } ?? .seconds(10))
    }

    private func line() async -> String {
        let status = await status()
        let ready = status.modems.count { $0.state == .ready || $0.state == .inCall }
        return "\(ready) of \(status.modems.count) modems ready, \(status.calls.count) calls"
    }

    private func send(_ messages: [SystemdNotification.Message], to manager: SystemdNotification) {
        for message in messages {
            do { try manager.send(message) } catch { log.warning("\(error)") }
        }
    }

    /// Waits for a time, or until the service is to stop.
    package static func wait(_ duration: Duration) async {
        // Cancelled means that it is time to stop; the caller looks.
        try? await cancelWhenGracefulShutdown { try await Task.sleep(for: duration) }
    }
}
