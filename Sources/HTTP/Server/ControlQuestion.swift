internal import FoundationEssentials
internal import GatewayAPI
internal import HummingbirdCore
internal import NIOCore
internal import Settings
internal import TextCoding
internal import WebAccess

/// A request that was let in, and what it takes to answer it.
struct ControlQuestion: Sendable {
    let responder: ControlResponder
    let request: Request
    /// The text in the place of the braces in the endpoint's path, decoded.
    let parameter: String
    /// The connection that it came over.
    let channel: any Channel
    /// What the token is good for.
    let right: TokenGate.Right

    var control: any LocalControl { responder.control }

    /// A parameter of the address's query; nil where it is not there or can't be decoded.
    func text(_ name: String) -> String? { PercentCoding.parameter(name, inQuery: request.uri.query) }

    /// Refuses a query with what is not known, or can't be decoded: a filter that is not understood lets everything through.
    func knows(_ names: Set<String>) throws(Problem) {
        for pair in (request.uri.query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard names.contains(String(parts[0])) else {
                throw Problem(
                    .invalid,
                    "the query has \(String(parts[0].prefix(40))); known are \(names.sorted().joined(separator: ", "))"
                )
            }
            guard parts.count == 1 || PercentCoding.decode(parts[1].utf8) != nil else {
                throw Problem(.invalid, "\(parts[0]): it is no text in UTF-8, percent-encoded")
            }
        }
    }

    /// How the service stands, webhooks included.
    func status() async throws -> GatewayStatus {
        var status = try await control.status()
        responder.webhooks?.complete(&status)
        return status
    }

    /// Listens to the events from here on, or from behind a position.
    ///
    /// - Parameters:
    ///   - position: where the reader stopped; nil for new events only.
    ///   - call: the call that it wants to hear of; nil for all.
    ///   - last: the event's name behind which the stream ends; nil for none.
    func stream(from position: EventHub.Position?, call: UUID?, last: String? = nil) throws(Problem) -> EventStream {
        // A session that is ended hears nothing more.
        var isWanted: @Sendable () -> Bool = { true }
        if let session = responder.session, let door = responder.door { isWanted = { door.lives(session.id) } }
        // Who may look at the page reads no messages, and hears none either.
        let mayRead = responder.session.map { $0.role >= .call } ?? true
        return try EventStream(
            from: position,
            call: call,
            isShown: { mayRead || !($0.hasPrefix("message.") || $0.hasPrefix("ussd.")) },
            last: last,
            isWanted: isWanted,
            hub: control.events,
            streams: responder.streams,
            channel: channel
        )
    }
}
