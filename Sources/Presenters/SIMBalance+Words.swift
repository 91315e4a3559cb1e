internal import FoundationEssentials
package import GatewayAPI

extension SIMBalance {
    /// The amount and when it was asked for.
    package var words: String {
        let time = at.formatted(Date.ISO8601FormatStyle(timeZone: .current).time(includingFractionalSeconds: false))
        guard let amount else { return "not told, \(time)" }
        let cents = Int((abs(amount) * 100).rounded())
        let sign = amount < 0 ? "-" : ""
        return "\(sign)\(cents / 100).\(cents % 100 < 10 ? "0" : "")\(cents % 100) \(currency), \(time)"
    }
}
