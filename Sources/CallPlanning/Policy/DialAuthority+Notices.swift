internal import FoundationEssentials
package import GatewayAPI
package import Logging
package import Settings

extension DialAuthority {
    /// Who decides on limits in a service: what it has to say is an event and a line in the log, a warning unless the
    /// events have a reader who is there for nothing else.
    package init(
        _ configuration: Configuration,
        _ usage: any UsageLedger,
        notices events: EventHub,
        _ log: Logger,
        level: Logger.Level = .warning
    ) {
        let notify: @Sendable (PolicyNotice) -> Void = { notice in
            log.log(level: level, "\(notice.reason)", metadata: ["call": "\(notice.call.name)"])
            events.publish(notice)
        }
        self.init(configuration: configuration, ledger: usage, notify: notify)
    }
}
