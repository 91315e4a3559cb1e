package import GatewayAPI
package import Settings
internal import TextCoding
package import WebAccess

// The page of the service.
extension ControlClient {
    /// Has a link to the page made, which is good once.
    package func webLink(for role: WebRole) async throws(ControlError) -> WebDoor.Link {
        try await post("/v1/web/links", LinkRequest(role: role))
    }

    /// Who is at the page.
    package func webSessions() async throws(ControlError) -> [WebDoor.SessionStatus] {
        try await get("/v1/web/sessions")
    }

    /// Ends a session of the page.
    package func endWebSession(_ id: String) async throws(ControlError) {
        try await post("/v1/web/sessions/\(PercentCoding.encode(id))/end")
    }
}
