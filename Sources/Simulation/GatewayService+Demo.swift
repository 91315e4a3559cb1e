internal import CallLog
internal import CallPlanning
internal import CallRecords
internal import Console
import Gateway
import Logging
internal import Settings

extension GatewayService {
    /// A service that looks for no modems on the bus.
    ///
    /// - Parameter path: its configuration file.
    static func demonstration(_ path: String, log: Logger) throws -> GatewayService {
        let configuration = try Configuration.load(path: path)
        let writer = CallLogWriter(directory: configuration.gateway.stateDirectory)
        return GatewayService(
            GatewayService.Parts(
                configuration: configuration,
                environment: .current,
                version: Version.current,
                recorder: CallRecorder(writer: writer),
                usage: StoredUsageLedger(writer: writer),
                devices: { AsyncStream { _ in } }
            ),
            log: log
        )
    }
}
