internal import HTTPTypes

/// Everything that the interface can be asked for.
enum Endpoint: CaseIterable {
    case status
    case modems
    case command
    case order
    case calls
    case dial
    case call
    case hangUp
    case answer
    case tones
    case log
    case totals
    case loggedCall
    case erase
    case contacts
    case takeContacts
    case removeContacts
    case events
    case alive
    case ready
    case metrics

    var method: HTTPRequest.Method {
        switch self {
        case .status, .modems, .calls, .call, .log, .totals, .loggedCall, .contacts, .events, .alive, .ready, .metrics:
            .get
        case .command, .order, .dial, .hangUp, .answer, .tones, .erase, .takeContacts, .removeContacts: .post
        }
    }

    /// Whether the token for looking is enough: what tells of the box, and not with whom it talks.
    var isForLooking: Bool {
        switch self {
        case .status, .modems, .alive, .ready, .metrics: true
        case .command, .order, .calls, .dial, .call, .hangUp, .answer, .tones, .log, .totals, .loggedCall, .erase,
            .contacts,
            .takeContacts, .removeContacts, .events:
            false
        }
    }

    /// The path; a part in braces stands for any text.
    var path: String {
        switch self {
        case .status: "/v1/status"
        case .modems: "/v1/modems"
        case .command: "/v1/modems/{name}/command"
        case .order: "/v1/modems/{name}/order"
        case .calls, .dial: "/v1/calls"
        case .call: "/v1/calls/{id}"
        case .hangUp: "/v1/calls/{id}/hangup"
        case .answer: "/v1/calls/{id}/answer"
        case .tones: "/v1/calls/{id}/dtmf"
        case .log: "/v1/log"
        case .totals: "/v1/log/totals"
        case .loggedCall: "/v1/log/{id}"
        case .erase: "/v1/log/erase"
        case .contacts, .takeContacts: "/v1/contacts"
        case .removeContacts: "/v1/contacts/remove"
        case .events: "/v1/events"
        case .alive: "/healthz"
        case .ready: "/readyz"
        case .metrics: "/metrics"
        }
    }

    /// What a path and a method lead to.
    enum Resolution: Equatable {
        /// An endpoint, and the text in the place of the braces.
        case found(Endpoint, parameter: String?)
        /// The path exists, for other methods.
        case wrongMethod(allowed: [HTTPRequest.Method])
        case unknown
    }

    static func resolve(_ method: HTTPRequest.Method, path: String) -> Resolution {
        let parts = segments(path)
        var allowed: [HTTPRequest.Method] = []
        for (endpoint, pattern) in patterns {
            guard let parameter = match(parts, pattern) else { continue }
            if endpoint.method == method { return .found(endpoint, parameter: parameter.isEmpty ? nil : parameter) }
            if !allowed.contains(endpoint.method) { allowed.append(endpoint.method) }
        }
        return allowed.isEmpty ? .unknown : .wrongMethod(allowed: allowed)
    }

    private static let patterns = allCases.map { ($0, segments($0.path)) }

    private static func segments(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The text in the place of the braces, decoded; empty where the pattern has none, nil where it does not match.
    private static func match(_ parts: [Substring], _ pattern: [Substring]) -> String? {
        guard parts.count == pattern.count else { return nil }
        var parameter = ""
        for (part, expected) in zip(parts, pattern) {
            if expected.hasPrefix("{") {
                guard let decoded = PercentCoding.decode(part), !decoded.isEmpty else { return nil }
                parameter = decoded
            } else if part != expected {
                return nil
            }
        }
        return parameter
    }
}
