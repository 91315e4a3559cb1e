internal import HTTPTypes
internal import HummingbirdCore
internal import Settings
internal import TextCoding

/// One thing that the interface can be asked for: a row of a table, with the answer in it.
struct Endpoint: Sendable {
    /// Who may ask.
    enum Access: Sendable, Equatable {
        /// Everyone who is let in, with the token for looking too: what tells of the box, and not with whom it talks.
        case looking
        /// Everyone but the token for looking.
        case everything
        /// People of this box, over the Unix socket or at the page; the others are told this.
        case inside(String)
        /// Processes of this box, over the Unix socket; the others are told this.
        case local(String)
    }

    let method: HTTPRequest.Method
    /// The path; a part in braces stands for any text.
    let path: String
    let access: Access
    /// What a person at the page needs for it.
    let role: WebRole
    let answer: @Sendable (ControlQuestion) async throws -> Response
    private let pattern: [Substring]

    init(
        _ method: HTTPRequest.Method,
        _ path: String,
        _ access: Access = .everything,
        role: WebRole? = nil,
        answer: @escaping @Sendable (ControlQuestion) async throws -> Response
    ) {
        self.method = method
        self.path = path
        self.access = access
        self.role = role ?? (method == .get ? .see : .call)
        self.answer = answer
        pattern = Self.segments(path)
    }

    /// All of them; the first that fits is taken.
    static let all = box + calls + messages + records + web + health

    // MARK: Finding one

    /// What a path and a method lead to.
    enum Resolution {
        /// An endpoint, and the text in the place of the braces.
        case found(Endpoint, parameter: String?)
        /// The path exists, for other methods.
        case wrongMethod(allowed: [HTTPRequest.Method])
        case unknown
    }

    static func resolve(_ method: HTTPRequest.Method, path: String) -> Resolution {
        let parts = segments(path)
        let matches = all.compactMap { endpoint in endpoint.match(parts).map { (endpoint: endpoint, parameter: $0) } }
        // A path that stands there as it is goes before those with braces (OpenAPI 3.1, Paths Object): erase is no call's id.
        let written = matches.filter(\.parameter.isEmpty)
        let fitting = written.isEmpty ? matches : written
        if let match = fitting.first(where: { $0.endpoint.method == method }) {
            return .found(match.endpoint, parameter: match.parameter.isEmpty ? nil : match.parameter)
        }
        return fitting.isEmpty ? .unknown : .wrongMethod(allowed: fitting.map(\.endpoint.method))
    }

    private static func segments(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }

    /// The text in the place of the braces, decoded; empty where the pattern has none, nil where it does not match.
    private func match(_ parts: [Substring]) -> String? {
        guard parts.count == pattern.count else { return nil }
        var parameter = ""
        for (part, expected) in zip(parts, pattern) {
            if expected.hasPrefix("{") {
                guard let decoded = PercentCoding.decode(part.utf8), !decoded.isEmpty else { return nil }
                parameter = decoded
            } else if part != expected {
                return nil
            }
        }
        return parameter
    }
}
