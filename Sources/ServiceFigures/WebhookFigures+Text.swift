internal import GatewayAPI

extension WebhookFigures.Snapshot {
    /// Writes what came in by webhooks and what went out.
    func write(to text: inout MetricsText) {
        text.family(
            "gsmbridge_webhooks_received_total",
            .counter,
            "Webhooks of PBXs by what became of them; without a PBX where the path is nobody's."
        )
        for (kind, count) in incoming.sorted(by: { ($0.key.pbx, $0.key.result) < ($1.key.pbx, $1.key.result) }) {
            text.sample("gsmbridge_webhooks_received_total", [("pbx", kind.pbx), ("result", kind.result)], count)
        }
        let receivers = outgoing.sorted { $0.key < $1.key }
        text.family("gsmbridge_notifications_waiting", .gauge, "Events that wait to be taken by a receiver.")
        for (name, figures) in receivers {
            text.sample("gsmbridge_notifications_waiting", [("receiver", name)], figures.waiting)
        }
        text.family("gsmbridge_notifications_delivered_total", .counter, "Events that a receiver took.")
        for (name, figures) in receivers {
            text.sample("gsmbridge_notifications_delivered_total", [("receiver", name)], figures.delivered)
        }
        text.family("gsmbridge_notification_failures_total", .counter, "Attempts that a receiver did not take.")
        for (name, figures) in receivers {
            text.sample("gsmbridge_notification_failures_total", [("receiver", name)], figures.failures)
        }
        text.family("gsmbridge_notifications_lost_total", .counter, "Events that were given up, by the reason.")
        for (name, figures) in receivers {
            for (reason, count) in figures.lost.sorted(by: { $0.key < $1.key }) {
                text.sample("gsmbridge_notifications_lost_total", [("receiver", name), ("reason", reason)], count)
            }
        }
    }
}
