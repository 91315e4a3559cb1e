internal import CallFlows
internal import CallLog
internal import CallModel
internal import Contacts
internal import FoundationEssentials
internal import Gateway
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore

// The call log and the contacts: what concerns people is told to people of this box only.
extension ControlResponder {
    func answerFromRecords(_ endpoint: Endpoint, _ parameter: String, _ request: Request) async throws -> Response {
        guard origin == .local else {
            throw Problem(.forbidden, "the call log and the contacts are served over the Unix socket only")
        }
        let query = request.uri.query
        switch endpoint {
        case .log: return try .json(try await control.loggedCalls(try Self.logQuery(query)))
        case .totals:
            let end = try Self.time("until", query) ?? Date()
            // A month, as the command has it.
            let start = try Self.time("since", query) ?? end.addingTimeInterval(-30 * 86_400)
            return try .json(try await control.callTotals(from: start, to: end))
        case .loggedCall: return try .json(try await control.loggedCall(try Self.reference(parameter)))
        case .erase:
            return try .json(
                try await control.eraseCalls(number: try await content(EraseRequest.self, of: request).number)
            )
        case .contacts: return try .json(try await control.contacts())
        case .takeContacts:
            let body = try await content(ContactsRequest.self, of: request, upTo: limits.contacts)
            return try .json(try await control.takeContacts(body.contacts, replacing: body.replace ?? false))
        case .removeContacts:
            let body = try await content(RemovalRequest.self, of: request)
            guard (body.name == nil) == (body.all == true) else {
                throw Problem(.invalid, "give one of name and all")
            }
            return try .json(RemovalAnswer(removed: try await control.removeContacts(called: body.name)))
        case .status, .modems, .command, .order, .calls, .dial, .call, .hangUp, .answer, .tones, .events, .alive,
            .ready,
            .metrics:
            throw Problem(.internal, "this is no question about the log")
        }
    }

    /// The query of an address; a word that the log does not know is refused, so that no list is longer than was meant.
    private static func logQuery(_ query: String?) throws -> CallLogQuery {
        let text = { (name: String) in PercentCoding.parameter(name, inQuery: query) }
        var wanted = CallLogQuery()
        wanted.since = try time("since", query)
        wanted.until = try time("until", query)
        wanted.number = text("number")
        wanted.modem = text("modem")
        wanted.method = text("method")
        wanted.outcome = text("outcome")
        wanted.after = try text("after").map { try reference($0) }
        wanted.withLegs = text("legs") == "yes"
        if let limit = text("limit") {
            guard let number = Int(limit), (1...CallLogQuery.longestPage).contains(number) else {
                throw Problem(.invalid, "limit: give a number from 1 to \(CallLogQuery.longestPage)")
            }
            wanted.limit = number
        }
        if let method = wanted.method, CallMethod(rawValue: method) == nil {
            throw Problem(.invalid, "method: known are \(CallMethod.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let outcomes = CallOutcome.allCases.map(\.rawValue) + [CallRecord.lostAtRestart, CallFilter.live]
        if let outcome = wanted.outcome, !outcomes.contains(outcome) {
            throw Problem(.invalid, "outcome: known are \(outcomes.joined(separator: ", "))")
        }
        return wanted
    }

    private static func time(_ name: String, _ query: String?) throws -> Date? {
        guard let text = PercentCoding.parameter(name, inQuery: query) else { return nil }
        for fraction in [true, false] {
            if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: fraction)) {
                return date
            }
        }
        throw Problem(.invalid, "\(name): write a time as 2026-05-04T06:00:00Z")
    }

    /// The id of a call, or the beginning of one.
    private static func reference(_ text: String) throws -> String {
        guard (1...36).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy({ $0 == "-" || $0.properties.isASCIIHexDigit })
        else { throw Problem(.invalid, "a call's id is a UUID, or the beginning of one") }
        return text
    }
}

/// The body of `POST /v1/log/erase`.
struct EraseRequest: RequestBodyFormat, Encodable {
    static let fields = ["number"]

    let number: String
}

/// The body of `POST /v1/contacts`.
struct ContactsRequest: RequestBodyFormat, Encodable {
    static let fields = ["contacts", "replace"]

    let contacts: [Contact]
    let replace: Bool?
}

/// The body of `POST /v1/contacts/remove`.
struct RemovalRequest: RequestBodyFormat, Encodable {
    static let fields = ["name", "all"]

    let name: String?
    let all: Bool?
}

/// The answer to `POST /v1/contacts/remove`.
struct RemovalAnswer: Codable {
    let removed: Int
}
