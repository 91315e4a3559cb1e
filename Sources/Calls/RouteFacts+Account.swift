package import DialPlan
package import GatewayAPI

extension RouteFacts.Account {
    /// What an account's standing means for calls.
    package init(_ status: AccountStatus) {
        let why = status.reason.map { ": \($0)" } ?? ""
        let isRegistered = status.state == .registered
        self.init(
            name: status.name,
            obstacle: isRegistered ? nil : "it is not registered (\(status.state.rawValue)\(why))",
            weakness: isRegistered ? status.reason : nil
        )
    }
}
