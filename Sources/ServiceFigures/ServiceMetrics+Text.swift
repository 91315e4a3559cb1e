internal import FoundationEssentials
package import GatewayAPI

extension ServiceMetrics {
    /// Everything in the text format of Prometheus; without phone numbers.
    package func text(status: GatewayStatus, hub: EventHub, webhooks: WebhookFigures? = nil) -> String {
        let counters = snapshot
        var text = MetricsText()
        Self.writeService(status, &text)
        Self.writeCalls(status, counters, &text)
        Self.writeModems(status, counters, &text)
        Self.writeInterface(counters, hub, &text)
        webhooks?.snapshot.write(to: &text)
        ProcessFigures.current.write(to: &text)
        return text.text
    }

    private static func writeService(_ status: GatewayStatus, _ text: inout MetricsText) {
        text.family("gsmbridge_info", .gauge, "The service's version; always 1.")
        text.sample("gsmbridge_info", [("version", status.version), ("name", status.name)], 1)
        text.single(
            "gsmbridge_ready",
            .gauge,
            "Whether a call could be made at once.",
            status.isReady && !status.isStopping ? 1 : 0
        )
        text.single("gsmbridge_warnings", .gauge, "What somebody should look at.", status.warnings.count)
        text.family("gsmbridge_pbx_reachable", .gauge, "Whether a PBX can be reached; without a value while unknown.")
        for pbx in status.pbx where pbx.reachable != "unknown" {
            text.sample("gsmbridge_pbx_reachable", [("pbx", pbx.name)], pbx.reachable == "yes" ? 1 : 0)
        }
    }

    private static func writeCalls(_ status: GatewayStatus, _ counters: Counters, _ text: inout MetricsText) {
        text.family("gsmbridge_calls_total", .counter, "Calls that ended, by what they were and how they came out.")
        let calls = counters.calls.map { key, count in
            ([("method", key.method), ("direction", key.direction), ("outcome", key.outcome)], count)
        }
        for (labels, count) in calls.sorted(by: { $0.0.map(\.1).lexicographicallyPrecedes($1.0.map(\.1)) }) {
            text.sample("gsmbridge_calls_total", labels, count)
        }
        text.single(
            "gsmbridge_call_answered_seconds_total",
            .counter,
            "For how long calls were answered, in seconds.",
            counters.callSeconds
        )
        text.family("gsmbridge_live_calls", .gauge, "Live calls by state.")
        for state in CallStatus.State.allCases {
            let count = status.calls.count { $0.state == state }
            text.sample("gsmbridge_live_calls", [("state", state.rawValue)], count)
        }
        text.single(
            "gsmbridge_sound_frames_total",
            .counter,
            "Frames of 20 ms heard from modems.",
            counters.soundFrames
        )
        text.single("gsmbridge_sound_holes_total", .counter, "Frames that were not there in time.", counters.soundHoles)
        text.single("gsmbridge_sound_lost_total", .counter, "Frames that were thrown away.", counters.soundLost)
        text.single(
            "gsmbridge_sound_stalls_total",
            .counter,
            "How often sound stood still for 2 s.",
            counters.soundStalls
        )
        text.single("gsmbridge_rtp_calls_total", .counter, "Legs with sound over RTP.", counters.networkCalls)
        text.single(
            "gsmbridge_rtp_bad_calls_total",
            .counter,
            "Those of them with over 5 % lost, 60 ms of jitter, or 800 ms there and back.",
            counters.badNetworkCalls
        )
        text.single("gsmbridge_queued_calls", .gauge, "Calls that wait for a modem.", status.queued)
    }

    private static func writeModems(_ status: GatewayStatus, _ counters: Counters, _ text: inout MetricsText) {
        text.family("gsmbridge_modems", .gauge, "Modems by state.")
        for state in ModemStatus.State.allCases {
            let count = status.modems.count { $0.state == state }
            text.sample("gsmbridge_modems", [("state", state.rawValue)], count)
        }
        let modems = status.modems.compactMap { modem in modem.name.map { ($0, modem) } }
        text.family("gsmbridge_modem_signal_dbm", .gauge, "Signal strength in dBm.")
        for (name, modem) in modems {
            guard let signal = modem.signal else { continue }
            text.sample("gsmbridge_modem_signal_dbm", [("modem", name)], signal)
        }
        text.family("gsmbridge_sim_balance", .gauge, "What the modem's SIM had when that was told last.")
        for (name, modem) in modems {
            guard let balance = modem.balance, let amount = balance.amount else { continue }
            text.sample("gsmbridge_sim_balance", [("modem", name), ("currency", balance.currency)], amount)
        }
        text.family("gsmbridge_modem_registered", .gauge, "Whether the modem is registered in a network.")
        for (name, modem) in modems {
            guard let registration = modem.registration else { continue }
            text.sample(
                "gsmbridge_modem_registered",
                [("modem", name), ("registration", registration), ("technology", modem.technology ?? "")],
                registration == "home" || registration == "roaming" ? 1 : 0
            )
        }
        text.family(
            "gsmbridge_modem_events_total",
            .counter,
            "How often a modem was found, ready (bring-ups and recoveries), degraded or lost."
        )
        let events = counters.modemEvents.map { ($0.key.modem, $0.key.event, $0.value) }
        for (modem, event, count) in events.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) {
            text.sample("gsmbridge_modem_events_total", [("modem", modem), ("event", event)], count)
        }
    }

    private static func writeInterface(_ counters: Counters, _ hub: EventHub, _ text: inout MetricsText) {
        text.single("gsmbridge_events_published_total", .counter, "Events since the service started.", hub.published)
        text.single("gsmbridge_event_listeners", .gauge, "Who listens to the events now.", hub.listeners)
        text.single(
            "gsmbridge_events_uncounted_total",
            .counter,
            "How often events came faster than they could be counted.",
            counters.missedEvents
        )
        text.family("gsmbridge_http_requests_total", .counter, "Requests to the control interface.")
        let requests = counters.requests.map { ($0.key.origin, $0.key.status, $0.value) }
        for (origin, status, count) in requests.sorted(by: { ($0.0, $0.1) < ($1.0, $1.1) }) {
            text.sample("gsmbridge_http_requests_total", [("origin", origin), ("status", "\(status)")], count)
        }
        text.single(
            "gsmbridge_http_tokens_refused_total",
            .counter,
            "Requests over TCP without a valid token.",
            counters.refusedTokens
        )
        text.single(
            "gsmbridge_http_connections_cut_total",
            .counter,
            "Connections that were cut because there were too many.",
            counters.cutConnections
        )
    }
}
