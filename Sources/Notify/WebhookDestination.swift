package import TextCoding

/// A URL that events are sent to.
package struct WebhookDestination: Sendable, Equatable {
    /// What it is called in logs, metrics and warnings; without the URL's path, which may be a secret.
    package var name: String
    /// Where events go: `https://HOST/PATH`, or `http://` where that is allowed.
    package var url: String
    /// What is signed with, newest first.
    package var secrets: [Secret]
    /// The events that go there: names, or a family such as `call.*`; empty for all.
    package var events: [String]
    /// A PEM file with the only certificates to trust; nil for the system's.
    package var certificateAuthority: String?
    /// Whether plain HTTP outside the own network was decided on.
    package var allowsPlainHTTP: Bool
    /// What the receiver understands; nil for a standard webhook.
    package var people: PeopleFormat?
    /// What tells it from others at the same URL: the chat, and where its token is found.
    package var mark: String?

    package init(
        name: String,
        url: String,
        secrets: [Secret],
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
        people = nil
    }

    /// What its queue is kept under.
    var key: String { OutgoingWebhooks.destination(of: mark.map { "\(url)\n\($0)" } ?? url) }

    /// Whether an event goes there.
    func wants(_ event: String) -> Bool {
        if events.isEmpty { return people == nil || PeopleFormat.standardEvents.contains(event) }
        return events.contains { wanted in
            wanted == event || wanted.hasSuffix(".*") && event.hasPrefix(wanted.dropLast())
        }
    }
}
