internal import WebRequests

/// A request that came to the listener for webhooks, as it was received.
package struct WebhookRequest: Sendable {
    /// The longest body that is looked at, in bytes.
    package static let longestBody = 65_536

    /// The method, such as `POST`.
    package var method: String
    /// Path and query, undecoded.
    package var target: String
    /// The header fields.
    package var headers: [(name: String, value: String)]
    /// The body, unchanged: signatures are over its bytes.
    package var body: [UInt8]

    package init(method: String, target: String, headers: [(name: String, value: String)], body: [UInt8]) {
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
    }

    /// The value of a header field, by a name in any case; nil when it is missing or stands there twice.
    func header(_ name: String) -> String? {
        let found = headers.filter { $0.name.lowercased() == name.lowercased() }
        return found.count == 1 ? found.first?.value : nil
    }

    /// The content type without its parameters, in small letters.
    var contentType: String {
        let text = header("Content-Type") ?? ""
        return String(text.prefix { $0 != ";" }).lowercased().filter { $0 != " " }
    }
}

/// What the PBX gets for its webhook.
package struct WebhookAnswer: Sendable, Equatable {
    package var status: Int
    /// The type of the body; nil for none.
    package var contentType: String?
    package var body: [UInt8] = []

    /// Taken, and nothing to say about it.
    static let taken = WebhookAnswer(status: 204)

    /// An XML document that steers the call.
    static func xml(_ root: XMLElement) -> WebhookAnswer {
        WebhookAnswer(status: 200, contentType: "application/xml", body: Array(root.document.utf8))
    }
}

/// What came of a webhook: what to answer at once, and what to do afterwards.
package struct WebhookVerdict: Sendable, Equatable {
    /// Why a webhook was not taken; for logs and metrics, never for the sender.
    package enum Refusal: String, Sendable, CaseIterable {
        /// Not `POST`.
        case method
        /// No PBX has this path.
        case path
        /// The body is longer than ``WebhookRequest/longestBody``.
        case size
        /// Not the content type of this PBX.
        case contentType = "content_type"
        /// The signature is missing or wrong.
        case signature
        /// The signature is right, but too old or from the future.
        case timestamp
        /// Signed, for a path with a slash at its end that does not belong there.
        case slash
        /// Signed, but not understood.
        case body

        /// Whether the signature was right.
        package var isSigned: Bool {
            switch self {
            case .timestamp, .slash, .body: true
            case .method, .path, .size, .contentType, .signature: false
            }
        }

        /// What is wrong and what to do, for the log.
        package var words: String {
            switch self {
            case .method: "it is no POST; set POST at the PBX"
            case .path: "no PBX has its path"
            case .size: "it is longer than 64 KiB"
            case .contentType: "its content type is not this PBX's; check 'profile'"
            case .signature:
                "its signature is missing or wrong; check the secret, and public_url where the PBX signs it"
            case .timestamp: "it is signed, and older or newer than five minutes; check the clocks"
            case .slash: "it is signed, and its path ends in a slash; take that out of the URL at the PBX"
            case .body: "it is signed, and not understood"
            }
        }
    }

    /// What the PBX gets.
    package var answer: WebhookAnswer
    /// What happened; empty for a repetition and for what was not taken.
    package var events: [PBXEvent]
    /// Why it was not taken; nil when it was.
    package var refusal: Refusal?
    /// Whether the same webhook came before.
    package var isRepetition: Bool

    init(
        _ answer: WebhookAnswer,
        events: [PBXEvent] = [],
        refusal: Refusal? = nil,
        isRepetition: Bool = false
    ) {
        self.answer = answer
        self.events = events
        self.refusal = refusal
        self.isRepetition = isRepetition
    }

    static func refused(_ refusal: Refusal) -> WebhookVerdict {
        let status =
            switch refusal {
            case .method: 405
            case .path: 404
            case .size: 413
            case .contentType: 415
            case .signature, .timestamp: 401
            case .slash, .body: 400
            }
        return WebhookVerdict(WebhookAnswer(status: status), refusal: refusal)
    }
}
