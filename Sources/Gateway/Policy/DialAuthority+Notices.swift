internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import Settings

extension DialAuthority {
    /// Who decides on limits in a service: what it has to say is an event and a line in the log.
    init(_ configuration: Configuration, _ usage: any UsageLedger, notices events: EventHub, _ log: Logger) {
        let notify: @Sendable (PolicyNotice) -> Void = { notice in
            log.warning("\(notice.reason)", metadata: ["call": "\(notice.call.name)"])
            events.publish(notice)
        }
        self.init(configuration: configuration, ledger: usage, notify: notify)
    }
}
