internal import CallLog
internal import CallPlanning
internal import CallRecords
internal import Calls
internal import DialPlan
internal import FoundationEssentials
package import GatewayAPI
internal import Lines
internal import Logging
internal import Settings

// What the page shows beside how things stand: how they stood, and what is left.
extension GatewayService {
    /// See ``LocalControl/signals(of:hours:)``.
    package func signals(of modem: String, hours: Int) async throws(ControlError) -> [SignalSpan] {
        let longest = CallLog.signalDays * 24
        guard (1...longest).contains(hours) else { throw .invalid("hours: give a number from 1 to \(longest)") }
        let known = await fleet.modem(modem)?.status.name ?? configuration.modems.first { $0.name == modem }?.name
        guard let name = known else { throw .notFound("there is no modem \(modem)") }
        do throws(CallLogError) {
            return try await recorder.writer.perform { log throws(CallLogError) in
                try log.signals(of: name, hours: hours, at: Date())
            }
        } catch {
            throw .unavailable("\(error)")
        }
    }

    /// Writes down how the modems stand now.
    func noteSignals() async {
        let signals = await modems()
            .compactMap { modem in
                modem.name.map { name in
                    let isThere = modem.state != .absent
                    return StoredSignal(
                        modem: name,
                        dBm: isThere ? modem.signal : nil,
                        isRegistered: isThere && (modem.registration == "home" || modem.registration == "roaming")
                    )
                }
            }
        guard !signals.isEmpty else { return }
        do throws(CallLogError) {
            try await recorder.writer.perform { log throws(CallLogError) in try log.note(signals, at: Date()) }
        } catch {
            // A plot with a gap is no trouble of its own; what else is kept in the log tells of it.
            log.debug("the signal was not written down: \(error)")
        }
    }

    /// See ``LocalControl/limits()``.
    package func limits() async throws(ControlError) -> [LimitStatus] {
        let limits = configuration.dialRules.limits
        let names = configuration.modems.map(\.name)
        let tariffs = names.map { configuration.tariff(ofModem: $0, isRoaming: false) }
        let areWanted = tariffs.contains { $0?.buckets.isEmpty == false }
        guard areWanted || limits.needUsage(modem: nil) || names.contains(where: { limits.needUsage(modem: $0) })
        else { return [] }
        guard let usage = await authority.usage() else {
            throw .unavailable("what was used so far can't be counted")
        }
        let now = PolicyTime.now()
        let total = limits.gauges(usage, at: now, modem: nil)
        return total.map { LimitStatus($0, modem: nil) }
            + zip(names, tariffs)
            .flatMap { name, tariff in
                let own = limits.gauges(usage, at: now, modem: name).dropFirst(total.count)
                let free = tariff?.gauges(usage, account: name, at: now) ?? []
                return (own + free).map { LimitStatus($0, modem: name) }
            }
    }
}

extension LimitStatus {
    fileprivate init(_ gauge: LimitGauge, modem: String?) {
        let unit: String
        var scale = 1.0
        switch gauge.unit {
        case .calls: unit = "calls"
        case .seconds: unit = "seconds"
        case .money(let currency): (unit, scale) = (currency, 1_000_000)
        }
        self.init(
            key: gauge.key,
            modem: modem,
            unit: unit,
            used: Double(gauge.used) / scale,
            allowed: Double(gauge.allowed) / scale,
            words: gauge.amounts,
            opens: "\(gauge.opening)"
        )
    }
}
