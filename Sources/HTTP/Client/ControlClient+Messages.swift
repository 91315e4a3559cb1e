package import FoundationEssentials
package import GatewayAPI
internal import TextCoding

// Messages and USSD of the service.
extension ControlClient {
    /// Has a message sent, once.
    package func sendMessage(
        _ request: MessageRequest,
        id: UUID,
        origin: RequestOrigin
    ) async throws(ControlError) -> MessageRecord {
        try await post("/v1/messages", MessageBody(request: request, id: id))
    }

    /// One message, by its id or the beginning of it.
    package func message(_ reference: String) async throws(ControlError) -> MessageRecord {
        try await get("/v1/messages/" + PercentCoding.encode(reference))
    }

    /// Some messages, newest first.
    package func messages(_ query: MessageQuery) async throws(ControlError) -> MessagePage {
        let parameters: [(String, String?)] = [
            ("since", query.since?.stamp), ("until", query.until?.stamp), ("number", query.number),
            ("modem", query.modem), ("state", query.state?.rawValue), ("after", query.after),
            ("limit", "\(query.limit)"),
        ]
        return try await get("/v1/messages" + Self.query(parameters))
    }

    /// What was written with each number, the newest first.
    package func messageThreads(limit: Int) async throws(ControlError) -> [MessageThread] {
        try await get("/v1/messages/threads" + Self.query([("limit", "\(limit)")]))
    }

    /// Removes a number and what was written with it.
    package func eraseMessages(number: String) async throws(ControlError) -> ErasedMessages {
        try await post("/v1/messages/erase", EraseRequest(number: number))
    }

    /// What SIMs had, newest first.
    package func balances(of modem: String?, limit: Int) async throws(ControlError) -> [SIMBalance] {
        try await get("/v1/balances" + Self.query([("modem", modem), ("limit", "\(limit)")]))
    }

    /// Has the balance of a modem's SIM asked for now.
    package func askBalance(_ modem: String) async throws(ControlError) {
        // The network has a minute for its answer, and the modem may have to be waited for.
        try await post("/v1/modems/\(PercentCoding.encode(modem))/balance", within: .seconds(120))
    }

    /// Begins a session of USSD.
    package func beginService(
        _ code: String,
        modem: String,
        session: UUID
    ) async throws(ControlError) -> ServiceAnswer {
        let request = ServiceRequest(code: code, session: session.name)
        return try await post("/v1/modems/\(PercentCoding.encode(modem))/ussd", request)
    }

    /// Answers in a session.
    package func continueService(_ text: String, session: UUID) async throws(ControlError) -> ServiceAnswer {
        try await post("/v1/ussd/\(session.name)/reply", ServiceReply(text: text))
    }

    /// Ends a session.
    package func endService(_ session: UUID) async throws(ControlError) {
        try await post("/v1/ussd/\(session.name)/end")
    }
}
