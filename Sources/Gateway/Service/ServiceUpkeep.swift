internal import CallLog
internal import Logging
public import ServiceLifecycle

/// What a running service does for its log and its limits beside the calls: at the start, and once an hour.
///
/// Numbers in old calls are masked, and what a dead program left reserved is settled.
public struct ServiceUpkeep: Service {
    private let service: GatewayService

    /// Creates it; nothing is done before ``run()``.
    public init(service: GatewayService) {
        self.service = service
    }

    /// Goes on until the service stops.
    public func run() async throws {
        let (stops, stop) = AsyncStream.makeStream(of: Void.self)
        await withTaskCancellationOrGracefulShutdownHandler {
            while !Task.isCancelled, !Task.isShuttingDownGracefully {
                await service.keepUp()
                await ServiceNotification.wait(.seconds(3600), or: stops)
            }
        } onCancelOrGracefulShutdown: {
            stop.finish()
        }
    }
}

extension GatewayService {
    /// Masks numbers in old calls, and settles what dead programs left reserved.
    func keepUp() async {
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
        if settled > 0 { log.notice("settled \(settled) calls that were left reserved") }
    }
}
