/// The answer to a request, complete and bounded.
package struct HTTPReply: Sendable {
    /// The longest body that is taken from a PBX, in bytes.
    package static let longestBody = 65_536

    package var status: Int
    /// The header fields.
    package var headers: [WebRequest.Header]
    /// The body, at most ``longestBody`` bytes.
    package var body: [UInt8]

    /// When it was received.
    package var receivedAt: UnixTime

    /// Makes a reply; for transports and tests.
    package init(
        status: Int,
        headers: [(String, String)] = [],
        body: [UInt8] = [],
        receivedAt: UnixTime = .now
    ) {
        self.status = status
        self.headers = headers.map { WebRequest.Header($0.0, $0.1) }
        self.body = body
        self.receivedAt = receivedAt
    }

    /// The first value of a header field, by a name in any case.
    package func header(_ name: String) -> String? { all(name).first }

    /// All values of a header field, by a name in any case.
    package func all(_ name: String) -> [String] {
        headers.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
    }

    /// How long the PBX wants to be left alone; nil when it names no number of seconds (RFC 9110 section 10.2.3; dates,
    /// which need a clock that both sides agree on, are not taken).
    package var retryAfter: Duration? {
        guard let text = header("Retry-After"), (1...5).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let seconds = Int(text)
        else { return nil }
        return .seconds(seconds)
    }

    /// The body as JSON; nil when it is none.
    package var json: JSONValue? { try? JSONValue(parsing: body) }
}
