internal import CallModel
internal import FoundationEssentials
internal import GatewayAPI
internal import HTTPTypes
internal import HummingbirdCore
internal import Settings

// The call log and the contacts: what concerns people is told to people of this box only.
extension Endpoint {
    private static let ofPeople = Access.inside(
        "the call log and the contacts are served over the Unix socket and at the page only"
    )

    static let records = [
        Endpoint(.get, "/v1/log", ofPeople) { question in
            try .json(try await question.control.loggedCalls(try question.logQuery(["after", "legs", "limit"])))
        },
        Endpoint(.get, "/v1/log/export", ofPeople) { question in
            try await .csv(try question.logQuery(), of: question.control)
        },
        Endpoint(.get, "/v1/log/totals", ofPeople) { question in
            try question.knows(["since", "until"])
            let end = try question.time("until") ?? Date()
            // A month, as the command has it.
            let start = try question.time("since") ?? end.addingTimeInterval(-30 * 86_400)
            return try .json(try await question.control.callTotals(from: start, to: end))
        },
        Endpoint(.get, "/v1/log/{id}", ofPeople) { question in
            try .json(try await question.control.loggedCall(try question.reference(question.parameter)))
        },
        Endpoint(.post, "/v1/log/erase", ofPeople, role: .admin) { question in
            let number = try await question.content(EraseRequest.self).number
            return try .json(try await question.control.eraseCalls(number: number))
        },
        Endpoint(.get, "/v1/contacts", ofPeople) { question in try .json(try await question.control.contacts()) },
        Endpoint(.post, "/v1/contacts", ofPeople, role: .admin) { question in
            let body = try await question.content(ContactsRequest.self, upTo: question.responder.limits.contacts)
            return try .json(try await question.control.takeContacts(body.contacts, replacing: body.replace ?? false))
        },
        Endpoint(.post, "/v1/contacts/remove", ofPeople, role: .admin) { question in
            let body = try await question.content(RemovalRequest.self)
            guard (body.name == nil) != (body.all == nil), body.all != false else {
                throw Problem(.invalid, "give one of name and all")
            }
            return try .json(RemovalAnswer(removed: try await question.control.removeContacts(called: body.name)))
        },
    ]
}

extension ControlQuestion {
    /// The query of an address; a word that the log does not know is refused, so that no list is longer than was meant.
    ///
    /// - Parameter more: what may be said beside the filters.
    fileprivate func logQuery(_ more: Set<String> = []) throws -> CallLogQuery {
        try knows(more.union(["since", "until", "number", "modem", "method", "outcome", "direction", "missed"]))
        var wanted = CallLogQuery()
        wanted.since = try time("since")
        wanted.until = try time("until")
        // Forms write a space as a plus, and people write a plus in front: behind digits it is no other thing.
        wanted.number = text("number").map { String($0.prefix(1)) + $0.dropFirst().replacing("+", with: " ") }
        wanted.modem = text("modem")
        wanted.method = text("method")
        wanted.outcome = text("outcome")
        wanted.after = try text("after").map { try reference($0) }
        wanted.withLegs = try flag("legs")
        wanted.isMissed = try flag("missed")
        wanted.direction = text("direction")
        if let direction = wanted.direction, !["incoming", "outgoing"].contains(direction) {
            throw Problem(.invalid, "direction: known are incoming, outgoing")
        }
        if let limit = text("limit") {
            guard let number = Int(limit), (1...CallLogQuery.longestPage).contains(number) else {
                throw Problem(.invalid, "limit: give a number from 1 to \(CallLogQuery.longestPage)")
            }
            wanted.limit = number
        }
        if let method = wanted.method, CallMethod(rawValue: method) == nil {
            throw Problem(.invalid, "method: known are \(CallMethod.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        let outcomes = CallOutcome.allCases.map(\.rawValue) + [CallRecord.lostAtRestart, CallLogQuery.live]
        if let outcome = wanted.outcome, !outcomes.contains(outcome) {
            throw Problem(.invalid, "outcome: known are \(outcomes.joined(separator: ", "))")
        }
        return wanted
    }

    private func flag(_ name: String) throws(Problem) -> Bool {
        switch text(name) {
        case "yes": true
        case "no", nil: false
        case .some: throw Problem(.invalid, "\(name): known are yes, no")
        }
    }

    fileprivate func time(_ name: String) throws -> Date? {
        guard let text = text(name) else { return nil }
        guard let date = Date(stamp: text) else {
            throw Problem(.invalid, "\(name): write a time as 2026-05-04T06:00:00Z")
        }
        return date
    }

    /// The id of a call, or the beginning of one.
    fileprivate func reference(_ text: String) throws -> String {
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
