package import FoundationEssentials

extension Configuration {
    /// What PBXs tell this box, and what this box tells others.
    package struct Webhooks: Sendable {
        var listen: ListenAddress?
        var tls: Identity?
        var isExposed = false
        /// The base under which PBXs reach the listener, such as `https://box.example.net`; nil when it is not known.
        package var publicURL: URL?
        /// Where events are sent to, in the order of the file.
        package var notify: [Notification] = []

        /// Where PBXs reach this box; nil for nowhere.
        package var listener: Listener? { listen.map { Listener(listen: $0, tls: tls) } }

        /// Where PBXs reach this box.
        package struct Listener: Sendable, Equatable {
            /// The address and port.
            package var listen: ListenAddress
            /// Certificate and key; nil for plain HTTP.
            package var tls: Identity?
        }

        /// What the listener shows to who connects.
        package struct Identity: Sendable, Equatable {
            /// The path of a PEM file: the certificate, then those between it and its authority.
            package var certificate: String
            /// Where the private key in PEM is found.
            package var key: SecretReference
        }

        /// A URL that events are sent to.
        package struct Notification: Sendable {
            /// Where to: HTTPS, or HTTP where that is allowed.
            package var url: URL
            /// Where the secret to sign with is found.
            package var secret: SecretReference
            /// Where the one before is found, which is signed with as well.
            package var previousSecret: SecretReference?
            /// The names of the events, or of families such as `call.*`; empty for all.
            package var events: [String] = []
            /// A PEM file with the only certificates to trust; nil for the system's.
            package var certificateAuthority: String?
            /// Whether plain HTTP outside the own network was decided on.
            package var allowsPlainHTTP = false
        }
    }
}

// MARK: Their keys

extension SettingTable<Configuration.Webhooks> {
    static var webhooks: Self {
        let rows: [SettingRow<Configuration.Webhooks>] = [
            .optional("listen", \.listen, .listenAddress).example("127.0.0.1:8081")
                .help(
                    "where PBXs reach this box, at `/pbx/NAME`; beyond 127.0.0.1 give it a certificate, or a reverse proxy"
                ),
            .optional("public_url", \.publicURL, .webAddress).example("https://box.example.net")
                .help("what PBXs call it; one without a `public_url` of its own has this and `/pbx/NAME`"),
            .block("tls", \.tls) { _ in .identity }
                .example("{ certificate: /etc/gsmbridge/box.pem, key: { credential: box-key } }")
                .help("certificate and key, for a listener without a reverse proxy"),
            .value("expose_unencrypted", \.isExposed, .flag, isShown: false)
                .help(
                    "whether `listen` may be an address that others reach without `tls`: all between can read numbers"
                ),
            notify,
        ]
        return Self(
            { _, _ in Configuration.Webhooks() },
            rows,
            check: { reader, section, webhooks in
                guard section["listen"] != nil else {
                    return reader.reportStray(
                        ["tls", "expose_unencrypted"],
                        in: section,
                        "without webhooks.listen nothing listens for webhooks",
                        "write 'listen: 127.0.0.1:8081', or remove this key"
                    )
                }
                if let webhooks, webhooks.listen?.isLoopback == false, section["tls"] == nil, !webhooks.isExposed {
                    reader.report(
                        "the numbers of callers would cross the network unencrypted",
                        "listen at 127.0.0.1 behind a reverse proxy with TLS, add a block tls, or write"
                            + " 'expose_unencrypted: true' if everything between is trusted",
                        at: "listen",
                        in: section
                    )
                }
            }
        )
    }

    private static var notify: SettingRow<Configuration.Webhooks> {
        .blocks(
            "notify",
            \.notify,
            .notification,
            // More than are needed; each has a queue and a connection of its own.
            most: (16, "URLs", "let one of the receivers pass the events on"),
            form: "write a line '- url: https://...' for each URL"
        ) { reader, section, notification, others in
            guard others.contains(where: { $0.url == notification.url }) else { return }
            reader.report(
                "the same URL stands above already",
                "write all its events into one entry",
                at: "url",
                in: section
            )
        }
        .help("where events are sent to, signed as Standard Webhooks")
    }
}

extension SettingTable<Configuration.Webhooks.Identity> {
    static var identity: Self {
        let reason = "TLS needs a certificate and its key"
        return Self(
            needs: .optional("certificate", \.self, .absolutePath()).example("/etc/gsmbridge/box.pem")
                .needed(reason, "add 'certificate: PATH', a file in PEM")
                .help("a PEM file: the certificate, then those between it and its authority"),
            .secret("key", \.self, .privateKey).written("path or secret").example("{ credential: box-key }")
                .needed(reason, "add 'key: { credential: NAME }' or 'key: PATH'")
                .help("its private key in PEM, without a passphrase"),
            Configuration.Webhooks.Identity.init
        )
    }
}

extension SettingTable<Configuration.Webhooks.Notification> {
    fileprivate static var notification: Self {
        let (url, secret) = (
            SettingRow.optional("url", \URL?.self, .webAddress).example("https://ops.example.net/gsmbridge")
                .needed("there is no url", "add 'url: https://...'")
                .help("where events are sent to by POST, without a query"),
            SettingRow.secret("secret", \SecretReference?.self, .webhooks(shortest: 16))
                .example("{ credential: ops-secret }")
                .needed(
                    "without a secret the receiver can't tell who sent an event",
                    "add 'secret: { credential: NAME }', made by: openssl rand -hex 32"
                )
                .help("what they are signed with: 16 to 512 visible characters, or `whsec_` and base64")
        )
        let rows: [SettingRow<Configuration.Webhooks.Notification>] = [
            .secret("previous_secret", \.previousSecret, .webhooks(shortest: 16))
                .example("{ credential: ops-secret-before }")
                .help("the one before, which is signed with as well while it is being changed"),
            .optionalList("events", \.events, .eventName).standard("all").example("[call.ended, modem.*]")
                .help(
                    "names, or a family: `call.*`, `modem.*`, `policy.*`, `pbx.*`, `account.*`, `phone.*`, `sip.*`, "
                        + "`message.*`, `ussd.*`, `sim.*`"
                ),
            .optional("ca_file", \.certificateAuthority, .absolutePath()).standard("the system's authorities")
                .example("/etc/gsmbridge/ops-ca.pem").help("a PEM file with the only authorities to trust"),
            .value("plain_http", \.allowsPlainHTTP, .flag, isShown: false)
                .help("whether `http://` may leave the own network: everybody between can read everything"),
        ]
        return Self(needs: url, secret, { Configuration.Webhooks.Notification(url: $0, secret: $1) }, rows)
    }
}

// MARK: Forms

extension ConfigurationForm<String> {
    /// The events that there are (contract, section 3).
    private static var events: [String] {
        [
            "call.requested", "call.dialing", "call.alerting", "call.ringing", "call.connected", "call.handover",
            "call.in_progress", "call.ended", "modem.found", "modem.ready", "modem.degraded", "modem.lost",
            "modem.signal", "policy.notice", "account.registered", "account.trying", "account.refused", "account.off",
            "phone.registered", "phone.gone", "phone.locked", "sip.flood",
            "message.received", "message.sent", "message.delivered", "message.failed", "ussd.received", "sim.balance",
            "sim.balance_low",
        ]
    }

    /// The name of an event, or a family of them.
    fileprivate static var eventName: Self {
        line(longest: 64)
            .checked("names") { name throws(Complaint) in
                let families = [
                    "call.*", "modem.*", "policy.*", "pbx.*", "account.*", "phone.*", "sip.*", "message.*", "ussd.*",
                    "sim.*",
                ]
                guard !events.contains(name), !families.contains(name) else { return }
                let likely = Spelling.nearest(to: name, among: events + families)
                throw Complaint(
                    "\(Spelling.quoted(name)) is no event",
                    likely.map { "did you mean \($0)?" }
                        ?? "known are \((families + events).joined(separator: ", "))"
                )
            }
    }
}
