internal import CallModel
internal import CallPlanning
internal import DialPlan
package import GatewayAPI
package import Lines
internal import Modem
internal import Synchronization

/// Tells once for each modem and network that its calls there will end.
package final class SunsetWatch: Sendable {
    /// The most modems and networks that are remembered; behind them nothing is told any more.
    private static let mostTold = 1000

    private let told = Mutex<Set<String>>([])

    package init() {}

    /// The event that a line gives cause for; nil where there is none, or it was told.
    package func take(_ line: LineStatus) -> SunsetEvent? {
        guard let sunset = line.sunset else { return nil }
        let modem = line.name ?? line.tty
        let key = "\(modem ?? "-") \(sunset.name) \(sunset.technology.rawValue) \(sunset.date)"
        let isNews = told.withLock { told in
            told.count < Self.mostTold && told.insert(key).inserted
        }
        guard isNews else { return nil }
        return SunsetEvent(
            modem: modem,
            technology: sunset.technology.rawValue,
            date: "\(sunset.date)",
            reason: sunset.warning(on: PolicyTime.now().day)
        )
    }
}

extension LineStatus {
    /// The end of its calls in the network where it is; nil where none is known, or it calls over LTE.
    var sunset: NetworkSunset? {
        guard let health, health.ims?.isRegistered != true else { return nil }
        // Where the modem does not tell its network, the card's is the one at home.
        let home = health.registration.verdict.isRoaming == false ? identity.imsi : nil
        return (health.networkCode ?? home).flatMap { NetworkSunset.endOfCalls(in: $0, radios: radios) }
    }
}
