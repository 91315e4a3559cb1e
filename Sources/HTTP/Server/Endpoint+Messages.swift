internal import FoundationEssentials
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import Settings

// Messages and USSD: what people write is told to people of this box only; sending is open to those who may make calls.
extension Endpoint {
    private static let ofPeople = Access.inside(
        "messages and USSD are served over the Unix socket and at the page only"
    )

    static let messages = [
        Endpoint(.get, "/v1/messages", ofPeople, role: .call) { question in
            try .json(try await question.control.messages(try question.messageQuery()))
        },
        Endpoint(.post, "/v1/messages") { question in
            let body = try await question.content(MessageBody.self)
            let key = try request(question, body.id)
            let record = try await question.control.sendMessage(
                body.request,
                id: key,
                origin: question.responder.origin
            )
            var response = try Response.json(record, status: .accepted)
            response.headers[.location] = "/v1/messages/\(key.name)"
            return response
        },
        // Before the one behind it, whose id is any text.
        Endpoint(.get, "/v1/messages/threads", ofPeople, role: .call) { question in
            try .json(try await question.control.messageThreads(limit: try question.messageLimit() ?? 50))
        },
        Endpoint(.get, "/v1/messages/{id}", ofPeople, role: .call) { question in
            try .json(try await question.control.message(try question.messageReference(question.parameter)))
        },
        Endpoint(.post, "/v1/messages/erase", ofPeople, role: .admin) { question in
            let number = try await question.content(EraseRequest.self).number
            return try .json(try await question.control.eraseMessages(number: number))
        },
        Endpoint(.get, "/v1/balances") { question in
            let limit = question.text("limit").map { Int($0) } ?? 50
            guard let limit, (1...1000).contains(limit) else {
                throw Problem(.invalid, "limit: give a number from 1 to 1000")
            }
            return try .json(try await question.control.balances(of: question.text("modem"), limit: limit))
        },
        Endpoint(
            .post,
            "/v1/modems/{name}/balance",
            .inside("balances are asked for over the Unix socket and at the page only"),
            role: .admin
        ) { question in
            try await question.noBody()
            try await question.control.askBalance(question.parameter)
            return Response(status: .noContent)
        },
        Endpoint(.post, "/v1/modems/{name}/ussd", ofPeople) { question in
            let request = try await question.content(ServiceRequest.self)
            let session = request.session.map { UUID(uuidString: $0) } ?? UUID()
            guard let session else { throw Problem(.invalid, "session: the id of a session is a UUID") }
            return try .json(
                try await question.control.beginService(request.code, modem: question.parameter, session: session)
            )
        },
        Endpoint(.post, "/v1/ussd/{id}/reply", ofPeople) { question in
            let text = try await question.content(ServiceReply.self).text
            let session = try question.sessionID()
            return try .json(try await question.control.continueService(text, session: session))
        },
        Endpoint(.post, "/v1/ussd/{id}/end", ofPeople) { question in
            try await question.noBody()
            try await question.control.endService(try question.sessionID())
            return Response(status: .noContent)
        },
    ]

    private static func request(_ question: ControlQuestion, _ id: UUID?) throws -> UUID {
        guard let text = question.request.headers[named: "Idempotency-Key"] else { return id ?? UUID() }
        let bare = text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
        guard let key = UUID(uuidString: bare) else { throw Problem(.invalid, "a message's id is a UUID") }
        guard id == nil || id == key else {
            throw Problem(.conflict, "Idempotency-Key and id name two different messages")
        }
        return key
    }
}

extension ControlQuestion {
    fileprivate func sessionID() throws(Problem) -> UUID {
        guard let id = UUID(uuidString: parameter) else { throw Problem(.invalid, "a session's id is a UUID") }
        return id
    }

    fileprivate func messageReference(_ text: String) throws(Problem) -> String {
        guard (1...36).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0 == "-" || $0.properties.isASCIIHexDigit })
        else { throw Problem(.invalid, "a message's id is a UUID, or the beginning of one") }
        return text
    }

    fileprivate func messageQuery() throws -> MessageQuery {
        var wanted = MessageQuery()
        wanted.since = try stamp("since")
        wanted.until = try stamp("until")
        wanted.number = text("number")
        wanted.modem = text("modem")
        wanted.after = try text("after").map { reference throws(Problem) in try messageReference(reference) }
        if let word = text("state") {
            guard let state = MessageRecord.State(rawValue: word) else {
                let known = MessageRecord.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Problem(.invalid, "state: known are \(known)")
            }
            wanted.state = state
        }
        if let limit = try messageLimit() { wanted.limit = limit }
        return wanted
    }

    fileprivate func messageLimit() throws(Problem) -> Int? {
        guard let limit = text("limit") else { return nil }
        guard let number = Int(limit), (1...MessageQuery.longestPage).contains(number) else {
            throw Problem(.invalid, "limit: give a number from 1 to \(MessageQuery.longestPage)")
        }
        return number
    }

    private func stamp(_ name: String) throws -> Date? {
        guard let text = text(name) else { return nil }
        guard let date = Date(stamp: text) else {
            throw Problem(.invalid, "\(name): write a time as 2026-05-04T06:00:00Z")
        }
        return date
    }
}

/// The body of `POST /v1/messages`.
struct MessageBody: RequestBodyFormat, Encodable {
    static let fields = ["number", "text", "modem", "report", "id"]

    let request: MessageRequest
    let id: UUID?

    private enum CodingKeys: String, CodingKey {
        case id
    }

    init(request: MessageRequest, id: UUID?) {
        self.request = request
        self.id = id
    }

    init(from decoder: any Decoder) throws {
        request = try MessageRequest(from: decoder)
        id = try decoder.container(keyedBy: CodingKeys.self).decodeIfPresent(UUID.self, forKey: .id)
    }

    func encode(to encoder: any Encoder) throws {
        try request.encode(to: encoder)
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(id?.name, forKey: .id)
    }
}

/// The body of `POST /v1/modems/{name}/ussd`.
struct ServiceRequest: RequestBodyFormat, Encodable {
    static let fields = ["code", "session"]

    let code: String
    /// The id that the session is to have, so that it can be ended before the first answer; nil for any.
    let session: String?
}

/// The body of `POST /v1/ussd/{id}/reply`.
struct ServiceReply: RequestBodyFormat, Encodable {
    static let fields = ["text"]

    let text: String
}
