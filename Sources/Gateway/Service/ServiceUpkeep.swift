internal import CallLog
internal import CallPlanning
internal import CallRecords
internal import Calls
internal import ContactBook
internal import Logging
internal import Messages
internal import ServiceLifecycle
internal import Settings
internal import Systemd

/// What a running service does for its log and its limits beside the calls: at the start, and once an hour.
///
/// Contacts that were changed are taken over within a minute. Numbers in old calls are masked, and what a dead program left reserved is settled.
package struct ServiceUpkeep: Service {
    /// When the modems of a box are set up, as a rule.
    private static let settlesWithin: Duration = .seconds(5)

    private let service: GatewayService
    private let tidy: @Sendable () -> Void

    /// Creates it; nothing is done before ``run()``.
    ///
    /// - Parameters:
    ///   - service: the service.
    ///   - tidy: called once the start is over, to give back what only the start needed.
    package init(service: GatewayService, tidy: @escaping @Sendable () -> Void = {}) {
        self.service = service
        self.tidy = tidy
    }

    /// Goes on until the service stops.
    package func run() async throws {
        await service.keepUp()
        await ServiceNotification.wait(Self.settlesWithin)
        tidy()
        var minutes = 0
        await service.noteSignals()
        while true {
            await ServiceNotification.wait(.seconds(60))
            guard !Task.isCancelled, !Task.isShuttingDownGracefully else { return }
            await service.refreshNames()
            await service.noteSignals()
            minutes += 1
            if minutes % 60 == 0 { await service.keepUp() }
        }
    }
}

extension GatewayService {
    /// Takes over contacts that were imported or removed meanwhile.
    func refreshNames() { names.refresh(configuration, log) }

    /// Masks numbers in old calls, and settles what dead programs left reserved.
    func keepUp() async {
        eraseOldVoicemail()
        // Their dates are those of the clock, which may have been set meanwhile.
        await recordArrivals()
        do throws(CallLogError) {
            try await recorder.mask(olderThan: configuration.calls.detailDays, within: .seconds(60))
        } catch {
            log.warning("numbers in old calls were not masked: \(error)")
        }
        let recorder = recorder
        let settled = await authority.recover { call in
            do throws(CallLogError) {
                return try await recorder.record(of: call).flatMap { DialAuthority.Settlement(of: $0) }
            } catch {
                // What can't be read now counts at its worst until it can.
                return nil
            }
        }
        await messages.keepUp()
        if settled > 0 { log.notice("settled \(settled) calls that were left reserved") }
    }
}
