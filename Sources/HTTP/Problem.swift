internal import GatewayAPI

/// Why a request was not done, as RFC 9457 writes it.
struct Problem: Error, Sendable, Hashable, Codable {
    /// What kind of problem it is; the last part of its `type`.
    enum Kind: String, Sendable, CaseIterable {
        case invalid
        case unauthorized
        case forbidden
        case policy
        case notFound = "not-found"
        case methodNotAllowed = "method-not-allowed"
        case conflict
        case tooLarge = "too-large"
        case mediaType = "media-type"
        case configuration
        case misdirected
        case tooMany = "too-many"
        case tooLong = "uri-too-long"
        case `internal`
        case failed
        case unavailable

        var status: Int {
            switch self {
            case .invalid: 400
            case .unauthorized: 401
            case .forbidden, .policy: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .conflict: 409
            case .tooLarge: 413
            case .tooLong: 414
            case .mediaType: 415
            case .misdirected: 421
            case .configuration: 422
            case .tooMany: 429
            case .internal: 500
            case .failed: 502
            case .unavailable: 503
            }
        }

        var title: String {
            switch self {
            case .invalid: "The request makes no sense"
            case .unauthorized: "A valid token is needed"
            case .forbidden: "Not over this connection"
            case .policy: "Refused by the dial policy"
            case .notFound: "Not found"
            case .methodNotAllowed: "Not with this method"
            case .conflict: "Not as things stand"
            case .tooLarge: "The body is too large"
            case .tooLong: "The address is too long"
            case .mediaType: "The body is not JSON"
            case .configuration: "Not with this configuration"
            case .misdirected: "Not for this host"
            case .tooMany: "Too many"
            case .internal: "Internal failure"
            case .failed: "The modem failed"
            case .unavailable: "Not now"
            }
        }
    }

    static let typePrefix = "urn:gsmbridge:problem:"

    var type: String
    var title: String
    var status: Int
    var detail: String
    /// In how many seconds to ask again, where that makes sense; goes into the header only.
    var retryAfter = 5

    private enum CodingKeys: String, CodingKey {
        case type
        case title
        case status
        case detail
    }

    init(_ kind: Kind, _ detail: String, retryAfter: Int = 5) {
        self.retryAfter = retryAfter
        type = Self.typePrefix + kind.rawValue
        title = kind.title
        status = kind.status
        self.detail = detail
    }

    init(_ error: ControlError) {
        let kind: Kind =
            switch error {
            case .invalid: .invalid
            case .notFound: .notFound
            case .conflict: .conflict
            case .policy: .policy
            case .configuration: .configuration
            case .unavailable, .notRunning, .notPermitted, .foreign, .lost, .callMayGoOn: .unavailable
            case .failed: .failed
            }
        self.init(kind, Self.fields(error.message))
    }

    /// The words of the command line as this interface has them: `--access-number` is the field `access_number`; those of a command
    /// that is named stay.
    private static func fields(_ message: String) -> String {
        let words = message.split(separator: " ", omittingEmptySubsequences: false)
        let command = words.firstIndex { $0.hasSuffix("gsmbridge") } ?? words.endIndex
        return words.enumerated()
            .map { index, word in
                guard index < command, word.hasPrefix("--"), word.dropFirst(2).first?.isLetter == true else {
                    return String(word)
                }
                return String(word.dropFirst(2).replacing("-", with: "_"))
            }
            .joined(separator: " ")
    }

    var kind: Kind? {
        guard type.hasPrefix(Self.typePrefix) else { return nil }
        return Kind(rawValue: String(type.dropFirst(Self.typePrefix.count)))
    }

    /// What the service behind the interface would have said.
    var controlError: ControlError {
        switch kind {
        case .notFound: .notFound(detail)
        case .conflict: .conflict(detail)
        case .policy: .policy(detail)
        case .configuration: .configuration(detail)
        case .unavailable, .tooMany: .unavailable(detail)
        case .failed, .internal: .failed(detail)
        case .invalid, .unauthorized, .forbidden, .methodNotAllowed, .tooLarge, .tooLong, .mediaType, .misdirected, nil:
            .invalid(detail)
        }
    }
}
