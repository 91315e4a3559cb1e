internal import PBX

/// Where the listener for webhooks draws its lines.
package struct WebhookLimits: Sendable {
    /// How long requests and connections may take, and how large they may be.
    package var connection: ControlLimits
    /// How many refused requests an address may make within ``window`` before it hears 429 for the rest of it; what is
    /// signed is never counted and never turned away.
    package var refusals = 30
    /// See ``refusals``.
    package var window: Duration = .seconds(60)
    /// How many events of one PBX may wait; then it is asked to send again.
    package var backlog = 256

    /// Creates the limits of a service.
    package init() {
        connection = ControlLimits()
        connection.body = WebhookRequest.longestBody
        connection.connections = 128
        connection.idle = .seconds(30)
    }
}
