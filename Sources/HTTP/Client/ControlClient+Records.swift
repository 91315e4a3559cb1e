package import CallModel
package import FoundationEssentials
package import GatewayAPI
internal import TextCoding

// The call log and the contacts of the service.
extension ControlClient {
    /// Some calls of the log, newest first.
    package func loggedCalls(_ query: CallLogQuery) async throws(ControlError) -> LoggedCalls {
        let parameters: [(String, String?)] = [
            ("since", query.since?.stamp), ("until", query.until?.stamp), ("number", query.number),
            ("modem", query.modem), ("method", query.method), ("outcome", query.outcome), ("after", query.after),
            ("limit", "\(query.limit)"), ("legs", query.withLegs ? "yes" : nil),
            ("direction", query.direction), ("missed", query.isMissed ? "yes" : nil),
        ]
        return try await get("/v1/log" + Self.query(parameters))
    }

    /// One call of the log, by its id or the beginning of it.
    package func loggedCall(_ reference: String) async throws(ControlError) -> LoggedCall {
        try await get("/v1/log/" + PercentCoding.encode(reference))
    }

    /// Sums of the calls of a period.
    package func callTotals(from start: Date, to end: Date) async throws(ControlError) -> CallTotals.Report {
        try await get("/v1/log/totals" + Self.query([("since", start.stamp), ("until", end.stamp)]))
    }

    /// Removes a number from the log.
    package func eraseCalls(number: String) async throws(ControlError) -> ErasedNumber {
        try await post("/v1/log/erase", EraseRequest(number: number))
    }

    /// Every contact.
    package func contacts() async throws(ControlError) -> ContactList { try await get("/v1/contacts") }

    /// Takes contacts in.
    package func takeContacts(
        _ contacts: [Contact],
        replacing: Bool
    ) async throws(ControlError) -> ContactChanges {
        try await post("/v1/contacts", ContactsRequest(contacts: contacts, replace: replacing))
    }

    /// Removes the contacts that are called exactly so, or all of them for nil.
    package func removeContacts(called name: String?) async throws(ControlError) -> Int {
        let answer: RemovalAnswer = try await post(
            "/v1/contacts/remove",
            RemovalRequest(name: name, all: name == nil ? true : nil)
        )
        return answer.removed
    }

    static func query(_ parameters: [(String, String?)]) -> String {
        let pairs = parameters.compactMap { name, value in value.map { "\(name)=\(PercentCoding.encode($0))" } }
        return pairs.isEmpty ? "" : "?" + pairs.joined(separator: "&")
    }
}
