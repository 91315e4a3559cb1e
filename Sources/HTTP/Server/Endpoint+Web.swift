internal import FoundationEssentials
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import Settings
internal import WebAccess

// The page: links to it, and who is at it.
extension Endpoint {
    static let web = [
        Endpoint(.post, "/v1/web/links", .local("links to the page are made over the Unix socket only")) { question in
            let role = try await question.content(LinkRequest.self).role ?? .admin
            return try .json(try question.door().link(for: role), status: .created)
        },
        Endpoint(.get, "/v1/web/sessions", .inside(atPage), role: .admin) { question in
            try .json(try question.door().list(own: question.responder.session?.id))
        },
        Endpoint(.post, "/v1/web/sessions/{id}/end", .inside(atPage), role: .admin) { question in
            try await question.noBody()
            try question.door().end(question.parameter)
            // Its stream is not wanted any more, and ends at its next piece.
            question.responder.streams.sign()
            return Response(status: .noContent)
        },
    ]

    private static let atPage = "sessions of the page are seen over the Unix socket and at the page only"
}

extension ControlQuestion {
    fileprivate func door() throws(Problem) -> WebDoor {
        guard let door = responder.door else { throw Problem(.unavailable, "the page is not open") }
        return door
    }
}

/// The body of `POST /v1/web/links`.
struct LinkRequest: RequestBodyFormat, Encodable {
    static let fields = ["role"]

    let role: WebRole?
}
