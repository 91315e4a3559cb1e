public import PBX

/// A URL that events are sent to.
public struct WebhookDestination: Sendable, Equatable {
    /// What it is called in logs, metrics and warnings; without the URL's path, which may be a secret.
    public var name: String
    /// Where events go: `https://HOST/PATH`, or `http://` where that is allowed.
    public var url: String
    /// What is signed with, newest first.
    public var secrets: [PBXSecret]
    /// The events that go there: names, or a family such as `call.*`; empty for all.
    public var events: [String]
    /// A PEM file with the only certificates to trust; nil for the system's.
    public var certificateAuthority: String?
    /// Whether plain HTTP outside the own network was decided on.
    public var allowsPlainHTTP: Bool

    /// Creates a destination.
    public init(
        name: String,
        url: String,
        secrets: [PBXSecret],
        events: [String] = [],
        certificateAuthority: String? = nil,
        allowsPlainHTTP: Bool = false
    ) {
        self.name = name
        self.url = url
        self.secrets = secrets
        self.events = events
        self.certificateAuthority = certificateAuthority
        self.allowsPlainHTTP = allowsPlainHTTP
    }

    /// What its queue is kept under.
    var key: String { OutgoingWebhooks.destination(of: url) }

    /// Whether an event goes there.
    func wants(_ event: String) -> Bool {
        events.isEmpty
            || events.contains { wanted in
                wanted == event || wanted.hasSuffix(".*") && event.hasPrefix(wanted.dropLast())
            }
    }
}
