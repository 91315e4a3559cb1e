internal import FoundationEssentials
internal import TextCoding
internal import WebRequests

/// Events as people read them, in the form of a service that shows them.
///
/// What each of them takes is from its own documentation: docs.ntfy.sh/publish (as JSON), core.telegram.org/bots/api (sendMessage),
/// discord.com/developers/docs/resources/webhook (execute), api.slack.com/messaging/webhooks, gotify.net/api-docs (message).
package struct PeopleFormat: Sendable, Equatable {
    /// Which service.
    package enum Service: Sendable, Equatable {
        /// The topic is the end of the URL.
        case ntfy
        case telegram(chat: String)
        case discord, slack, gotify
        /// Mail to an address, sent by a program.
        case email(to: String, from: String?, program: String)
    }

    package var service: Service
    /// What the box is called; it stands in each text.
    package var box: String
    /// The text, with fields in braces; nil for a sentence of our own.
    package var template: String?
    /// How many may go out within an hour.
    package var mostPerHour: Int

    /// Puts it together.
    package init(_ service: Service, box: String, template: String? = nil, mostPerHour: Int = 30) {
        self.service = service
        self.box = box
        self.template = template
        self.mostPerHour = mostPerHour
    }

    /// What people are told unless they say what they want: what goes wrong, and its end.
    static let standardEvents: Set<String> = [
        "modem.degraded", "modem.lost", "modem.ready", "modem.sunset", "account.refused", "account.registered",
        "phone.locked",
        "sip.flood", "message.failed", "policy.notice", "sim.balance_low", "sim.balance_restored",
    ]

    /// The request that brings an event; nil for a URL that can't be used.
    func request(to url: String, id: String, body: [UInt8], secrets: [Secret], now: UnixTime) -> WebRequest? {
        let note = PeopleNote(body, box: box, template: template, now: now)
        if case .email(let recipient, let sender, _) = service {
            let mail = note.mail(to: recipient, from: sender, id: id)
            // Nothing of the address is used: a program takes the mail.
            guard let address = WebAddress("https://mail.invalid") else { return nil }
            return WebRequest(.post, RequestURL(address), body: Array(mail.utf8), effect: .keyed)
        }
        guard let address = WebAddress(url) else { return nil }
        let token = secrets.first
        // Encoded, any token stays in its place.
        let end = token.map {
            "/" + PercentCoding.encode($0.reveal()).replacing("%2F", with: "/").replacing("%3A", with: ":")
        }
        let base = RequestURL(address)
        switch service {
        case .ntfy:
            guard let slash = url.lastIndex(of: "/"), let root = WebAddress(String(url[..<slash])) else { return nil }
            let topic = String(url[url.index(after: slash)...])
            let message: JSONValue = .object([
                "topic": .string(topic), "title": .string(note.title), "message": .string(note.text),
                "priority": .number("\(note.isTrouble ? 4 : 3)"),
            ])
            let request = WebRequest.json(.post, RequestURL(root), message, effect: .keyed)
            return token.map { request.bearer($0) } ?? request
        case .telegram(let chat):
            guard let end else { return nil }
            let message: JSONValue = .object(["chat_id": .string(chat), "text": .string(note.whole)])
            let place = base.appending(encoded: "/bot\(end.dropFirst())/sendMessage")
            return .json(.post, place, message, effect: .keyed)
        case .discord:
            guard let end else { return nil }
            // No mention in a text, which may be a stranger's, rings anybody.
            let message: JSONValue = .object([
                "content": .string(note.whole), "allowed_mentions": .object(["parse": .array([])]),
            ])
            return .json(.post, base.appending(encoded: end), message, effect: .keyed)
        case .slack:
            guard let end else { return nil }
            let text = note.whole.replacing("&", with: "&amp;").replacing("<", with: "&lt;")
                .replacing(">", with: "&gt;")
            let message: JSONValue = .object(["text": .string(text)])
            return .json(.post, base.appending(encoded: end), message, effect: .keyed)
        case .gotify:
            guard let token else { return nil }
            let message: JSONValue = .object([
                "title": .string(note.title), "message": .string(note.text),
                "priority": .number("\(note.isTrouble ? 7 : 4)"),
            ])
            return WebRequest.json(.post, base.appending("message"), message, effect: .keyed)
                .with("X-Gotify-Key", token.reveal())
        case .email: return nil
        }
    }
}

/// One event as a person reads it.
struct PeopleNote {
    /// The most characters of a field.
    private static let longest = 1500
    /// The most UTF-16 units of a text, and of a title: with the time, and a line between them, they are 2000.
    ///
    /// Discord takes 2000
    /// characters of whatever kind (Execute Webhook, `content`), Telegram 4096 (sendMessage, `text`).
    private static let (mostUnits, longestTitle) = (1800, 160)
    /// The most octets of a text in UTF-8; ntfy takes 4096 of a message.
    private static let mostOctets = 3500
    /// The most characters of a subject.
    private static let longestSubject = 120
    /// From when on it is said when something was: an event that waited for the network reads like news otherwise.
    private static let newsFor: Duration = .seconds(300)

    var title: String
    var text: String
    /// Whether something went wrong.
    var isTrouble: Bool
    /// When it was, as the event has it.
    private var at: Date?

    /// Title and text in one.
    var whole: String { "\(title)\n\(text)" }

    init(_ body: [UInt8], box: String, template: String?, now: UnixTime) {
        let event = try? JSONValue(parsing: body)
        let name = event?["event"]?.scalar ?? "event"
        var fields = ["box": box, "event": name]
        for member in event?.names ?? [] {
            if let value = event?[member]?.scalar { fields[member] = Self.plain(value) }
        }
        let subject = [fields["modem"], fields["account"] ?? fields["name"], fields["number"]].compactMap(\.self).first
        let summary = Self.summary(name, fields)
        fields["summary"] = summary
        title = Self.cut(Self.plain([box, subject].compactMap(\.self).joined(separator: ", ")), to: Self.longestTitle)
        at = fields["at"].flatMap { try? Date($0, strategy: Self.timeStamp) }
        var ending = ""
        if let at, UnixTime(milliseconds: Int64(at.timeIntervalSince1970 * 1000)).duration(to: now) > Self.newsFor {
            ending = " (\(fields["at", default: ""].prefix(16).replacing("T", with: " ")) UTC)"
        }
        text = Self.cut(Self.filled(template ?? "{summary}", fields)) + ending
        isTrouble = Self.isTrouble(name)
    }

    private static let timeStamp = Date.ISO8601FormatStyle(includingFractionalSeconds: true)

    /// Whether an event tells of something that goes wrong.
    static func isTrouble(_ name: String) -> Bool {
        ["lost", "degraded", "refused", "failed", "low", "locked", "flood", "sunset", "notice"]
            .contains { name.hasSuffix($0) }
    }

    /// A text that every service takes.
    private static func cut(_ text: String, to most: Int = mostUnits) -> String {
        var (octets, units) = (0, 0)
        return String(
            text.prefix { character in
                octets += character.utf8.count
                units += character.utf16.count
                return octets <= mostOctets && units <= most
            }
        )
    }

    /// A sentence for an event.
    private static func summary(_ name: String, _ fields: [String: String]) -> String {
        let reason = (fields["reason"]).map { ": \($0)" } ?? ""
        switch name {
        case "modem.degraded": return "The modem can't be used\(reason)"
        case "modem.lost": return "The modem is gone\(reason)"
        case "modem.ready": return "The modem is ready again"
        case "account.refused": return "The PBX refuses the account\(reason)"
        case "account.registered": return "The account is registered again"
        case "message.received": return "Message from \(fields["number"] ?? "?"): \(fields["text"] ?? "")"
        case "message.failed" where fields["state"] == "unknown":
            return "Whether the message to \(fields["number"] ?? "?") was sent is not known\(reason)"
        case "message.failed": return "The message to \(fields["number"] ?? "?") was not sent\(reason)"
        case "sim.balance_restored":
            return "The balance suffices again: \(fields["amount"] ?? "?") \(fields["currency"] ?? "")"
        case "sim.balance_low": return "The balance is low: \(fields["amount"] ?? "?") \(fields["currency"] ?? "")"
        case "sim.balance": return "Balance: \(fields["amount"] ?? "?") \(fields["currency"] ?? "")"
        case "call.ended": return "Call \(fields["outcome"] ?? ""), \(fields["seconds"] ?? "0") s"
        default: return name + reason
        }
    }

    /// Puts fields into their places; a place without a field stays empty, and what a field brings is not looked at again.
    private static func filled(_ template: String, _ fields: [String: String]) -> String {
        var text = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            text += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "}") else { return text + rest[open...] }
            text += fields[String(rest[rest.index(after: open)..<close])] ?? ""
            rest = rest[rest.index(after: close)...]
        }
        return text + rest
    }

    /// A text on one line, without what controls a terminal or a mail.
    private static func plain(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(longest)
                    .map { scalar in
                        switch scalar.properties.generalCategory {
                        case .control, .lineSeparator, .paragraphSeparator, .format, .surrogate: " "
                        default: scalar
                        }
                    }
            )
        )
    }

    /// A time as mails have it (RFC 5322, section 3.3), in UTC.
    private static func mailDate(_ date: Date) -> String {
        let days = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
        let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
        let stamp = date.formatted(timeStamp)
        let parts = stamp.prefix(10).split(separator: "-")
        let passed = Int((date.timeIntervalSince1970 / 86_400).rounded(.down))
        guard parts.count == 3, let month = Int(parts[1]), months.indices.contains(month - 1) else { return stamp }
        let day = days[((passed % 7) + 7) % 7]
        return "\(day), \(parts[2]) \(months[month - 1]) \(parts[0]) \(stamp.dropFirst(11).prefix(8)) +0000"
    }

    /// A text of a header as encoded words (RFC 2047): whole characters each, and no line of more than 76 octets with `Subject: `.
    private static func encodedWords(_ text: String) -> [String] {
        var words: [String] = []
        var word = String.UnicodeScalarView()
        for scalar in text.unicodeScalars.prefix(longestSubject) {
            // 39 octets are 52 in base64, and 64 with what stands around them.
            if String(word).utf8.count + String(scalar).utf8.count > 39 {
                words.append(String(word))
                word = String.UnicodeScalarView()
            }
            word.append(scalar)
        }
        words.append(String(word))
        return words.map { "=?UTF-8?B?" + Base64Text.encode($0.utf8) + "?=" }
    }

    /// The note as a mail (RFC 5322): the header in ASCII, the text in UTF-8 and base64, because a line may have 998 octets.
    func mail(to recipient: String, from sender: String?, id: String) -> String {
        var lines = ["To: \(recipient)", "Subject: " + Self.encodedWords(title).joined(separator: "\n ")]
        if let sender { lines.insert("From: \(sender)", at: 0) }
        if let at { lines.append("Date: " + Self.mailDate(at)) }
        let token = String(
            id.unicodeScalars.filter { $0.isASCII && $0.properties.isAlphabetic || ("0"..."9").contains($0) }
        )
        lines += [
            "Message-ID: <\(token)@gsmbridge.invalid>", "MIME-Version: 1.0", "Content-Type: text/plain; charset=utf-8",
            "Content-Transfer-Encoding: base64", "Auto-Submitted: auto-generated", "",
        ]
        // RFC 2045, section 6.8: lines of 76.
        var rest = Base64Text.encode((text + "\n").utf8)[...]
        while !rest.isEmpty {
            lines.append(String(rest.prefix(76)))
            rest = rest.dropFirst(76)
        }
        lines.append("")
        return lines.joined(separator: "\n")
    }
}

/// Which events people are told: no end of what was never told to have begun, and no more than a number in an hour.
///
/// | event | goes out |
/// |---|---|
/// | the end of an incident | if that was told, however many have gone out |
/// | trouble | while fewer than the number have gone out |
/// | anything else | while fewer than three quarters of it have: what strangers cause silences no trouble |
struct PeopleGate: Sendable {
    /// The most incidents that are remembered.
    private static let mostOpen = 100

    private var open: Set<String> = []
    private var told: [UnixTime] = []

    /// Whether an event goes out; it counts then.
    mutating func admits(_ name: String, _ body: [UInt8], mostPerHour: Int, now: UnixTime) -> Verdict {
        told.removeAll { $0.duration(to: now) > .seconds(3600) || now.duration(to: $0) > .zero }
        let most = PeopleNote.isTrouble(name) ? mostPerHour : mostPerHour - mostPerHour / 4
        guard let pair = Self.pair(name) else { return take(most, now) }
        let event = try? JSONValue(parsing: body)
        let subject = event?["modem"]?.scalar ?? event?["account"]?.scalar ?? event?["name"]?.scalar ?? ""
        let key = "\(pair.kind) \(subject)"
        if pair.isEnd {
            guard open.remove(key) != nil else { return .uninteresting }
            // At most one for each beginning that went out.
            return take(.max, now)
        }
        let verdict = take(most, now)
        if verdict == .goesOut, open.count < Self.mostOpen { open.insert(key) }
        return verdict
    }

    private mutating func take(_ most: Int, _ now: UnixTime) -> Verdict {
        guard told.count < most else { return .tooMany }
        told.append(now)
        return .goesOut
    }

    /// What comes of an event.
    enum Verdict: Sendable, Equatable {
        case goesOut
        /// The end of what was never told.
        case uninteresting
        case tooMany
    }

    private static func pair(_ name: String) -> (kind: String, isEnd: Bool)? {
        switch name {
        case "modem.degraded", "modem.lost": ("modem", false)
        case "modem.ready": ("modem", true)
        case "account.refused": ("account", false)
        case "account.registered": ("account", true)
        case "sim.balance_low": ("balance", false)
        case "sim.balance_restored": ("balance", true)
        default: nil
        }
    }
}
