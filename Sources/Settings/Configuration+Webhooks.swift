package import FoundationEssentials
internal import TextCoding

extension Configuration {
    /// What PBXs tell this box, and what this box tells others.
    package struct Webhooks: Sendable {
        var listen: ListenAddress?
        package var tls: Identity?
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
            /// Where to: HTTPS, or HTTP where that is allowed; for mail `mailto:` and the address.
            package var url: URL
            /// What the receiver understands.
            package var format = Format.standard
            /// Where the secret to sign with is found; of standard webhooks only.
            package var secret: SecretReference?
            /// Where the receiver's own token is found; of the formats for people.
            package var token: SecretReference?
            /// Where the one before is found, which is signed with as well.
            package var previousSecret: SecretReference?
            /// The names of the events, or of families such as `call.*`; empty for all.
            package var events: [String] = []
            /// A PEM file with the only certificates to trust; nil for the system's.
            package var certificateAuthority: String?
            /// Whether plain HTTP outside the own network was decided on.
            package var allowsPlainHTTP = false
            /// The chat of a Telegram bot.
            package var chat: String?
            /// Who a mail is from; the box's user where it is not set.
            package var sender: String?
            /// What sends mail: it takes the recipient behind `-i --`, and the mail on its standard input.
            package var program = "/usr/bin/msmtp"
            /// The text, with fields of the event in braces; a sentence of the program's own where it is not set.
            package var template: String?
            /// How many may go out within an hour in a format for people, 1 to 3600.
            package var maxPerHour = 30

            init(url: URL) { self.url = url }

            /// What tells it from others at the same URL; nil for a standard webhook, of which there is one for each.
            package var mark: String? {
                format == .standard ? nil : "\(format.rawValue)\n\(chat ?? "")\n\(token.map { "\($0.source)" } ?? "")"
            }

            /// What receivers understand; the raw values are those of `format`.
            package enum Format: String, Sendable, CaseIterable {
                /// Standard Webhooks: the event as it is, signed.
                case standard
                case ntfy, telegram, discord, slack, gotify
                /// By a program such as msmtp.
                case email
            }
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
            guard others.contains(where: { $0.url == notification.url && $0.mark == notification.mark }) else { return }
            reader.report(
                notification.mark == nil
                    ? "the same URL stands above already"
                    : "the same URL with the same chat and token stands above already",
                "write all its events into one entry",
                at: "url",
                in: section
            )
        }
        .help("where events are sent to: signed as Standard Webhooks, or as what people read")
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
        let url = SettingRow.optional("url", \URL?.self, .receiver).example("https://ops.example.net/gsmbridge")
            .needed("there is no url", "add 'url: https://...'")
            .help(
                "where events are sent to by POST, without a query; the base of Telegram, Discord and Slack as theirs, `mailto:ADDRESS` "
                    + "for mail"
            )
        let rows: [SettingRow<Configuration.Webhooks.Notification>] = [
            .value("format", \.format, .choice)
                .help("what the receiver understands: `standard` for programs, the others for people"),
            .secret("secret", \.secret, .webhooks(shortest: 16)).example("{ credential: ops-secret }")
                .help(
                    "what they are signed with: 16 to 512 visible characters, or `whsec_` and base64; `standard` only"
                ),
            .secret("previous_secret", \.previousSecret, .webhooks(shortest: 16))
                .example("{ credential: ops-secret-before }")
                .help("the one before, which is signed with as well while it is being changed"),
            .secret("token", \.token, .password).example("{ credential: ops-token }")
                .help(
                    "the receiver's token in a format for people: of a bot (`telegram`), an application (`gotify`), a user (`ntfy`, if "
                        + "wanted), or the end of the URL (`discord`: `ID/TOKEN`, `slack`: the three parts behind `services/`)"
                ),
            .optionalList("events", \.events, .eventName).standard("all").example("[call.ended, modem.*]")
                .help(
                    "names, or a family: `call.*`, `modem.*`, `policy.*`, `pbx.*`, `account.*`, `phone.*`, `sip.*`, "
                        + "`message.*`, `ussd.*`, `sim.*`; of formats for people, unless given: what goes wrong, and its end"
                ),
            .optional("chat", \.chat, .line(longest: 64)).example("\"-1001234567890\"")
                .help("the chat that a Telegram bot writes to"),
            .optional("template", \.template, .line(longest: 500)).example("\"{box}, {modem}: {text}\"")
                .help(
                    "the text for people: `{box}`, `{event}`, `{summary}`, and fields of the event such as `{modem}`, `{reason}`"
                ),
            .value("max_per_hour", \.maxPerHour, .number(in: 1...3600))
                .help("how many may go out within an hour in a format for people; what is more is counted and left out"),
            .optional("from", \.sender, .mailAddress).example("box@example.net").help("who a mail is from"),
            .value("program", \.program, .absolutePath(), isShown: false)
                .help(
                    "what sends mail, such as `/usr/bin/msmtp`: it is given `-i -- ADDRESS`, and the mail on its standard input"
                ),
            .optional("ca_file", \.certificateAuthority, .absolutePath()).standard("the system's authorities")
                .example("/etc/gsmbridge/ops-ca.pem").help("a PEM file with the only authorities to trust"),
            .value("plain_http", \.allowsPlainHTTP, .flag, isShown: false)
                .help("whether `http://` may leave the own network: everybody between can read everything"),
        ]
        return Self(
            needs: url,
            { url, _ in Configuration.Webhooks.Notification(url: url) },
            rows,
            check: { reader, section, notification in
                guard let notification else { return }
                let isMail = notification.url.scheme?.lowercased() == "mailto"
                if isMail != (notification.format == .email) {
                    reader.report(
                        isMail ? "this URL is for mail" : "mail goes to an address",
                        isMail ? "add 'format: email'" : "write 'url: mailto:you@example.net'",
                        at: "url",
                        in: section
                    )
                }
                switch notification.format {
                case .standard where section["secret"] == nil:
                    reader.report(
                        "without a secret the receiver can't tell who sent an event",
                        "add 'secret: { credential: ops-secret }', made by: openssl rand -hex 32",
                        at: "secret",
                        in: section
                    )
                case .telegram, .gotify, .discord, .slack:
                    if section["token"] == nil {
                        reader.report(
                            "\(notification.format.rawValue) needs its token",
                            "add 'token: { credential: NAME }'",
                            at: "token",
                            in: section
                        )
                    }
                    if notification.format == .telegram, notification.chat == nil {
                        reader.report(
                            "a Telegram bot writes to a chat",
                            "add 'chat: \"NUMBER\"'",
                            at: "chat",
                            in: section
                        )
                    }
                case .ntfy:
                    let topic = notification.url.absoluteString.drop { $0 != ":" }.dropFirst(3)
                        .split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
                    if topic.count < 2 || topic[1].isEmpty || topic[1].hasSuffix("/") {
                        reader.report(
                            "there is no topic in this URL",
                            "write it behind the server: https://ntfy.sh/TOPIC",
                            at: "url",
                            in: section
                        )
                    }
                case .standard, .email: break
                }
            }
        )
    }
}

// MARK: Forms

extension ConfigurationForm<URL> {
    /// A web address, or one for mail.
    fileprivate static var receiver: Self {
        Self("address", shownAs: \.absoluteString) { written throws(Complaint) in
            let text = try ConfigurationForm<String>.line(longest: 2048).read(written)
            guard text.lowercased().hasPrefix("mailto:") else { return try webAddress.read(written) }
            guard ConfigurationForm<String>.isMailAddress(text.dropFirst(7)), let url = URL(string: text) else {
                throw Complaint("this is no address for mail", "write it as mailto:you@example.net")
            }
            return url
        }
    }
}

extension ConfigurationForm<String> {
    /// An address for mail, of the plain kind: what a program is given as an argument must not be taken for more.
    fileprivate static var mailAddress: Self {
        line(longest: 254)
            .checked("addresses") { text throws(Complaint) in
                guard isMailAddress(text[...]) else {
                    throw Complaint("\(Spelling.quoted(text)) is no address for mail", "write it as you@example.net")
                }
            }
    }

    fileprivate static func isMailAddress(_ text: Substring) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, !text.hasPrefix("-"), !parts[0].isEmpty, !parts[1].isEmpty
        else {
            return false
        }
        return text.unicodeScalars.allSatisfy { scalar in
            scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789.@_+-".unicodeScalars.contains(scalar))
        }
    }
}

extension ConfigurationForm<String> {
    /// The events that there are (contract, section 3).
    private static var events: [String] {
        [
            "call.requested", "call.dialing", "call.alerting", "call.ringing", "call.connected", "call.handover",
            "call.in_progress", "call.taken", "call.ended", "modem.found", "modem.ready", "modem.degraded",
            "modem.lost",
            "modem.state", "modem.signal", "policy.notice", "account.registered", "account.trying", "account.refused",
            "account.off",
            "phone.registered", "phone.gone", "phone.locked", "sip.flood",
            "message.received", "message.sent", "message.delivered", "message.failed", "ussd.received", "sim.balance",
            "sim.balance_low", "sim.balance_restored", "modem.sunset",
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
