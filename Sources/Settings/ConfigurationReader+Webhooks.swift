internal import FoundationEssentials
internal import Yams

extension ConfigurationKeys {
    static let webhooks = ["listen", "public_url", "tls", "expose_unencrypted", "notify"]
    static let tls = ["certificate", "key"]
    static let notify = ["url", "secret", "previous_secret", "events", "ca_file", "plain_http"]
}

extension ConfigurationReader {
    mutating func readWebhooks(_ section: ConfigurationSection) -> Configuration.Webhooks {
        var webhooks = Configuration.Webhooks()
        webhooks.publicURL = value("public_url", in: section, as: .webAddress)
        webhooks.listener = readListener(section)
        webhooks.notify = readNotifications(section)
        return webhooks
    }

    // MARK: What comes in

    private mutating func readListener(_ section: ConfigurationSection) -> Configuration.Webhooks.Listener? {
        let listen = value("listen", in: section, as: .listenAddress)
        let tls = self.section("tls", in: section, keys: ConfigurationKeys.tls).flatMap { readIdentity($0) }
        let isExposed = value("expose_unencrypted", in: section, as: .flag) ?? false
        guard let entry = section["listen"] else {
            if let stray = section["tls"] ?? section["expose_unencrypted"] {
                report(
                    "without webhooks.listen nothing listens for webhooks",
                    "write 'listen: 127.0.0.1:8081', or remove this key",
                    key: section.path(of: stray.name),
                    line: stray.line
                )
            }
            return nil
        }
        guard let listen else { return nil }
        if !listen.isLoopback, section["tls"] == nil, !isExposed {
            report(
                "the numbers of callers would cross the network unencrypted",
                "listen at 127.0.0.1 behind a reverse proxy with TLS, add a block tls, or write"
                    + " 'expose_unencrypted: true' if everything between is trusted",
                key: section.path(of: "listen"),
                line: entry.line
            )
        }
        return Configuration.Webhooks.Listener(listen: listen, tls: tls)
    }

    private mutating func readIdentity(_ section: ConfigurationSection) -> Configuration.Webhooks.Identity? {
        let certificate = value("certificate", in: section, as: .absolutePath())
        let key = secret("key", in: section, for: .privateKey)
        for name in ConfigurationKeys.tls where section[name] == nil {
            report(
                "TLS needs a certificate and its key",
                name == "key" ? "add 'key: { credential: NAME }'" : "add 'certificate: PATH', a file in PEM",
                key: section.path(of: name),
                line: section.line
            )
        }
        guard let certificate, let key else { return nil }
        return Configuration.Webhooks.Identity(certificate: certificate, key: key)
    }

    // MARK: What goes out

    /// More URLs than anybody needs; each has a queue and a connection of its own.
    private static let mostNotifications = 16

    private mutating func readNotifications(_ parent: ConfigurationSection) -> [Configuration.Webhooks.Notification] {
        guard let entry = parent["notify"], !entry.node.isNull else { return [] }
        let path = parent.path(of: "notify")
        guard case .sequence(let nodes) = entry.node else {
            report("this is not a list", "write a line '- url: https://...' for each URL", key: path, line: entry.line)
            return []
        }
        if nodes.count > Self.mostNotifications {
            report(
                "more than \(Self.mostNotifications) URLs",
                "let one of the receivers pass the events on",
                key: path,
                line: entry.line
            )
            return []
        }
        var list: [Configuration.Webhooks.Notification] = []
        for (index, node) in nodes.enumerated() {
            let place = "\(path)[\(index + 1)]"
            guard let section = section(node, path: place, line: node.line, keys: ConfigurationKeys.notify),
                let notification = readNotification(section)
            else { continue }
            if list.contains(where: { $0.url == notification.url }) {
                report(
                    "the same URL stands above already",
                    "write all its events into one entry",
                    key: section.path(of: "url"),
                    line: section["url"]?.line
                )
            }
            list.append(notification)
        }
        return list
    }

    private mutating func readNotification(
        _ section: ConfigurationSection
    ) -> Configuration.Webhooks.Notification? {
        let url = value("url", in: section, as: .webAddress)
        let secret = secret("secret", in: section, for: .webhooks(shortest: 16))
        let previous = self.secret("previous_secret", in: section, for: .webhooks(shortest: 16))
        let events = list("events", in: section, as: .eventName) ?? []
        let authority = value("ca_file", in: section, as: .absolutePath())
        let allowsPlainHTTP = value("plain_http", in: section, as: .flag) ?? false
        if section["url"] == nil {
            report("there is no url", "add 'url: https://...'", key: section.path(of: "url"), line: section.line)
        }
        if section["secret"] == nil {
            report(
                "without a secret the receiver can't tell who sent an event",
                "add 'secret: { credential: NAME }', made by: openssl rand -hex 32",
                key: section.path(of: "secret"),
                line: section.line
            )
        }
        guard let url, let secret else { return nil }
        return Configuration.Webhooks.Notification(
            url: url,
            secret: secret,
            previousSecret: previous,
            events: events,
            certificateAuthority: authority,
            allowsPlainHTTP: allowsPlainHTTP
        )
    }
}

extension ConfigurationForm<String> {
    /// The events that there are (contract, section 3).
    private static var events: [String] {
        [
            "call.requested", "call.dialing", "call.alerting", "call.ringing", "call.connected", "call.handover",
            "call.in_progress", "call.ended", "modem.found", "modem.ready", "modem.degraded", "modem.lost",
            "modem.signal", "policy.notice",
        ]
    }

    /// The name of an event, or a family of them.
    fileprivate static var eventName: Self {
        line(longest: 64)
            .checked { name throws(Complaint) in
                let families = ["call.*", "modem.*", "policy.*", "pbx.*"]
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
