internal import CallLog
internal import CallRecords
internal import Calls
package import GatewayAPI
internal import Glibc
internal import LineStatuses
internal import Lines
internal import PBXLinks
internal import SIPCalls
package import Settings

// How the box stands.
extension GatewayService {
    /// See ``GatewayControl/modems()``.
    package func modems() async -> [ModemStatus] { withBalances(await fleet.statuses().map { ModemStatus($0) }) }

    /// See ``GatewayControl/accounts()``.
    package func accounts() async -> [AccountStatus] { await sip.accounts() }

    /// See ``GatewayControl/phones()``.
    package func phones() async -> [PhoneStatus] { await sip.phones() }

    /// See ``GatewayControl/sipTrace(behind:showsNumbers:)``.
    package func sipTrace(behind number: UInt64?, showsNumbers: Bool) async -> SIPTraceView {
        await sip.trace(behind: number, showsNumbers: showsNumbers)
    }

    /// See ``GatewayControl/calls()``.
    package func calls() async -> [CallStatus] { await live.standings() }

    /// See ``GatewayControl/status()``.
    package func status() async -> GatewayStatus {
        var status = GatewayStatus(
            name: configuration.gateway.name,
            version: version,
            pid: getpid(),
            startedAt: startedAt
        )
        status.modems = await modems()
        status.calls = await live.standings()
        status.isStopping = isStopping
        status.isReady = !isStopping && status.modems.contains { $0.state == .ready || $0.state == .inCall }
        status.queued = status.calls.count { $0.state == .queued }
        status.pbx = directory.statuses
        status.accounts = await sip.accounts()
        status.warnings = status.modems.compactMap { modem in
            guard modem.state == .failed || modem.state == .recovering, let reason = modem.reason else { return nil }
            return "\(modem.name ?? "modem"): \(reason)"
        }
        status.warnings += status.modems.compactMap { modem in
            modem.name.flatMap { balances.refusal(of: $0) }.map { "calls over it are refused: \($0)" }
        }
        status.warnings += status.modems.compactMap { modem in
            modem.sunset.map { "\(modem.name ?? "modem"): \($0.reason)" }
        }
        status.warnings += status.accounts.compactMap { account in
            account.state == .refused ? "account \(account.name): \(account.reason ?? "refused")" : nil
        }
        if let reloadFailure { status.warnings.append(reloadFailure) }
        if let loss = await recorder.openLoss() {
            status.warnings.append("calls for which a limit is set are refused: \(loss)")
        }
        if let failure = recorder.refusal {
            // Only calls for help are made then.
            status.isReady = false
            status.warnings.append("calls are refused, as they can't be written down: \(failure)")
        }
        return status
    }

    /// Every effective value of the configuration, and where it comes from.
    package var values: [Configuration.Setting] { configuration.settings }
}
