internal import Glibc

/// A message of SIP as it went over the wire, without what it keeps secret.
package struct TracedMessage: Sendable, Hashable {
    /// Counts messages, from 1 on.
    package var number: UInt64 = 0
    /// Milliseconds since 1970.
    package var time: Int64 = 0
    package var isSent: Bool
    /// The other side: `udp/[192.0.2.7]:5060`.
    package var peer: String
    /// As it is on the wire.
    fileprivate let wire: String

    /// What may be seen of it; it is made when it is asked for, as it costs more than keeping the message.
    package var text: String { String(SIPRedaction.plain(wire).prefix(SIPTrace.longest)) }
}

/// The last messages of SIP, for people who look on.
///
/// They are kept only while a client asks for them, as `gsmbridge sip trace` does.
///
/// The stack tells them in pieces, as its log has them: a line such as `recv 345 bytes from udp/[127.0.0.1]:5060 at 08:09:10.123456:` with
/// a rule below it, the message with three spaces before each line, and a rule again (sofia-sip, tport_logging.c). No other piece ends in a
/// rule and a line feed.
struct SIPTrace {
    /// How many messages are kept, and how long each may be: at most 2 MiB.
    static let mostMessages = 256
    static let longest = 8192
    /// How long messages are kept after the last look.
    static let patience = Duration.seconds(10)

    private(set) var messages: [TracedMessage] = []
    private var last: UInt64 = 0
    /// The message that is being told.
    private var open: (head: String, body: String)?
    private var until: ContinuousClock.Instant?

    /// Whether anybody looks on.
    func isWanted(at now: ContinuousClock.Instant) -> Bool { until.map { now < $0 } ?? false }

    /// Has messages be kept for a while longer; without anybody who looked on they begin anew.
    mutating func want(at now: ContinuousClock.Instant) {
        if !isWanted(at: now) { (messages, open) = ([], nil) }
        until = now + Self.patience
    }

    /// Forgets all messages, and keeps no more of them.
    mutating func end() { (messages, open, until) = ([], nil, nil) }

    /// The messages behind one, and the number of the last.
    func behind(_ number: UInt64?) -> (messages: [TracedMessage], last: UInt64) {
        (messages.filter { $0.number > number ?? 0 }, last)
    }

    /// Takes a piece of the log of the stack.
    mutating func take(_ piece: String, time: Int64) {
        guard piece.hasSuffix(Self.rule) else {
            if let size = open?.body.utf8.count, size < Self.longest { open?.body += piece }
            return
        }
        if piece.hasPrefix("recv ") || piece.hasPrefix("send ") {
            open = (piece, "")
            return
        }
        defer { open = nil }
        guard let open, var message = TracedMessage(head: open.head, body: open.body) else { return }
        last += 1
        (message.number, message.time) = (last, time)
        if messages.count == Self.mostMessages { messages.removeFirst() }
        messages.append(message)
    }

    private static let rule = String(repeating: "-", count: 72) + "\n"
}

extension TracedMessage {
    init?(head: String, body: String) {
        let words = head.split(whereSeparator: \.isWhitespace)
        guard let place = words.firstIndex(where: { $0 == "from" || $0 == "to" }), place + 1 < words.endIndex else {
            return nil
        }
        isSent = words[0] == "send"
        peer = String(words[place + 1])
        let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.hasPrefix("   ") ? $0.dropFirst(3) : $0 }
        wire = lines.drop(while: \.isEmpty).joined(separator: "\n")
        // Keep-alives have nothing in them.
        guard wire.contains(where: { !$0.isWhitespace }) else { return nil }
    }
}

/// Hides the secrets of a message: proofs of passwords, keys of sound, tokens, and bodies that describe no session.
enum SIPRedaction {
    private static let hidden = "•"

    /// A message without its secrets, its lines ended by line feeds.
    ///
    /// Of bodies, a session's description is shown and the first line of a piece of a message (RFC 3420): all others may be what people
    /// write or key.
    static func plain(_ message: String) -> String {
        var message = message.replacing("\r\n", with: "\n")
        while message.last?.isWhitespace == true { message.removeLast() }
        let parts = message.split(separator: "\n\n", maxSplits: 1, omittingEmptySubsequences: false)
        let head = (parts.first ?? "").replacing(/\n[ \t]+/, with: " ").split(separator: "\n")
        let shown = head.map { header(String($0)) }
        guard parts.count == 2 else { return shown.joined(separator: "\n") }
        let lines = parts[1].split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let body =
            switch contentType(head) {
            case "application/sdp": lines.map(line)
            case "message/sipfrag": lines.prefix(1).map(uris)
            default: ["\(hidden) \(parts[1].utf8.count) bytes"]
            }
        return (shown + [""] + body).joined(separator: "\n")
    }

    /// What the body is, in small letters and without its parameters; nil where it is not said.
    private static func contentType(_ head: [Substring]) -> String? {
        for line in head {
            let parts = line.split(separator: ":", maxSplits: 1)
            guard parts.count == 2, ["content-type", "c"].contains(parts[0].filter { !$0.isWhitespace }.lowercased())
            else { continue }
            return parts[1].prefix { $0 != ";" }.filter { !$0.isWhitespace }.lowercased()
        }
        return nil
    }

    private static func header(_ text: String) -> String {
        guard let colon = text.firstIndex(of: ":") else { return uris(text) }
        let name = text[..<colon].filter { !$0.isWhitespace }.lowercased()
        switch name {
        case "authorization", "proxy-authorization", "authentication-info", "proxy-authentication-info", "identity",
            "p-asserted-token", "x-auth-token", "cookie", "set-cookie":
            return text[...colon] + " \(hidden)"
        default: return uris(text)
        }
    }

    /// A line without passwords in addresses, and without the parameters by which calls find an account of ours or a telephone is
    /// woken (RFC 8599).
    private static func uris(_ text: String) -> String {
        passwords(text)
            .replacing(/(?i)([;?&](?:line|token|password|access_token|ticket|app-id|pn-[a-z]+)=)[^;>&\s"]*/) {
                "\($0.output.1)\(hidden)"
            }
    }

    /// Takes out what stands behind the second colon of an address before its `@`; each character is looked at once or twice, whatever
    /// a stranger sends.
    private static func passwords(_ text: String) -> String {
        var (shown, rest) = ("", text[...])
        while let at = rest.firstIndex(of: "@") {
            let before = rest[..<at]
            let start =
                before.lastIndex { $0.isWhitespace || "<>\",".contains($0) }.map(before.index(after:))
                ?? before.startIndex
            let parts = before[start...].split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            shown += before[..<start]
            shown += parts.count == 3 ? "\(parts[0]):\(parts[1]):\(hidden)" : String(before[start...])
            shown += "@"
            rest = rest[rest.index(after: at)...]
        }
        return shown + rest
    }

    /// A line of a session's description, without the keys of its sound (RFC 4568, RFC 8866 §5.12, RFC 8839).
    private static func line(_ text: String) -> String {
        let known = text.lowercased()
        if known.hasPrefix("a=crypto:") {
            return text.replacing(/(?i)inline:[^|\s;]*/) { _ in "inline:\(hidden)" }
        }
        if known.hasPrefix("k=") { return "k=\(hidden)" }
        for name in ["a=ice-pwd:", "a=key-mgmt:", "a=fingerprint-key:"] where known.hasPrefix(name) {
            return text.prefix(name.count) + hidden
        }
        return header(text)
    }
}

// Looking on.
extension SIPAgent {
    /// The messages since the last look; they are kept while somebody looks every few seconds.
    ///
    /// - Parameter number: the last that was seen; nil for all that are kept.
    package func trace(behind number: UInt64?) -> (messages: [TracedMessage], last: UInt64) {
        tracing.want(at: .now)
        loop.listen(to: { [weak self] piece in self?.assumeIsolated { $0.traced(piece) } })
        for endpoint in endpoints { endpoint.trace(true) }
        return tracing.behind(number)
    }

    private func traced(_ piece: String) {
        guard tracing.isWanted(at: .now) else {
            tracing.end()
            for endpoint in endpoints { endpoint.trace(false) }
            return loop.listen(to: nil)
        }
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        tracing.take(piece, time: Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000)
    }
}
