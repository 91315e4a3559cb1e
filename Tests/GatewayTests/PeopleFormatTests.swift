import FoundationEssentials
import Glibc
import TestSupport
import Testing
import TextCoding
import WebRequests

@testable import Notify

/// What goes to services for people, against what their documentation says that they take.
@Suite("Events as people read them")
struct PeopleFormatTests {
    private static let low =
        #"{"event":"sim.balance_low","at":"2026-11-29T14:12:03.000Z","modem":"o2","amount":1.5,"currency":"EUR"}"#

    private static func request(
        _ service: PeopleFormat.Service,
        _ url: String,
        _ event: String = low,
        token: String? = "123:abc",
        template: String? = nil,
        now: UnixTime = UnixTime(milliseconds: 1_795_961_524_000)
    ) -> WebRequest? {
        PeopleFormat(service, box: "cabin", template: template)
            .request(to: url, id: "id-1", body: Array(event.utf8), secrets: token.map { [Secret($0)] } ?? [], now: now)
    }

    private static func body(_ request: WebRequest?) throws -> JSONValue {
        try JSONValue(parsing: try #require(request).body)
    }

    // docs.ntfy.sh/publish/#publish-as-json: to the root, with the topic in the body.
    @Test func ntfy() throws {
        let request = Self.request(.ntfy, "https://ntfy.example.net/cabin-x7")
        #expect(request?.url.wire == "https://ntfy.example.net/")
        #expect(request?.header("Authorization") == "Bearer 123:abc")
        let body = try Self.body(request)
        #expect(body["topic"]?.scalar == "cabin-x7")
        #expect(body["title"]?.scalar == "cabin, o2")
        #expect(body["message"]?.scalar == "The balance is low: 1.5 EUR")
        #expect(body["priority"] == .number("4"))
        #expect(Self.request(.ntfy, "https://ntfy.sh/t", token: nil)?.header("Authorization") == nil)
    }

    // core.telegram.org/bots/api#making-requests and #sendmessage.
    @Test func telegram() throws {
        let request = Self.request(.telegram(chat: "-100"), "https://api.telegram.org")
        #expect(request?.url.wire == "https://api.telegram.org/bot123:abc/sendMessage")
        let body = try Self.body(request)
        #expect(body["chat_id"]?.scalar == "-100")
        #expect(body["text"]?.scalar == "cabin, o2\nThe balance is low: 1.5 EUR")
        #expect(Self.request(.telegram(chat: "-100"), "https://api.telegram.org", token: nil) == nil)
    }

    // discord.com/developers/docs/resources/webhook#execute-webhook: no mention rings anybody.
    @Test func discord() throws {
        let message = #"{"event":"message.received","modem":"o2","number":"+491711234567","text":"@everyone <b>"}"#
        let request = Self.request(.discord, "https://discord.com/api/webhooks", message, token: "77/secret")
        #expect(request?.url.wire == "https://discord.com/api/webhooks/77/secret")
        let body = try Self.body(request)
        #expect(body["content"]?.scalar?.hasSuffix("Message from +491711234567: @everyone <b>") == true)
        #expect(body["allowed_mentions"] == .object(["parse": .array([])]))
    }

    // api.slack.com/messaging/webhooks, and the escaping of api.slack.com/reference/surfaces/formatting.
    @Test func slack() throws {
        let message = #"{"event":"message.received","modem":"o2","number":"Bank","text":"<!channel> a & b"}"#
        let request = Self.request(.slack, "https://hooks.slack.com/services", message, token: "T0/B0/x")
        #expect(request?.url.wire == "https://hooks.slack.com/services/T0/B0/x")
        #expect(try Self.body(request)["text"]?.scalar?.hasSuffix("&lt;!channel&gt; a &amp; b") == true)
    }

    // gotify.net/api-docs: POST /message with the application's token.
    @Test func gotify() throws {
        let request = Self.request(.gotify, "https://push.example.net/gotify")
        #expect(request?.url.wire == "https://push.example.net/gotify/message")
        #expect(request?.header("X-Gotify-Key") == "123:abc")
        #expect(try Self.body(request)["priority"] == .number("7"))
    }

    @Test("a template takes fields of the event, once; what a stranger wrote is no template and no header")
    func template() throws {
        let message =
            #"{"event":"message.received","modem":"o2","number":"+49171","text":"{box}\r\nBcc: x@example.net"}"#
        let template = "{box}/{modem} {nothing}{number}: {text}"
        let body = try Self.body(Self.request(.gotify, "https://g.example", message, template: template))
        #expect(body["message"]?.scalar == "cabin/o2 +49171: {box}  Bcc: x@example.net")
        let mail = Self.request(
            .email(to: "you@example.net", from: "box@example.net", program: "/bin/false"),
            "mailto:you@example.net",
            message
        )
        let text = String(decoding: try #require(mail).body, as: UTF8.self)
        let head = text.split(separator: "\n\n", maxSplits: 1)[0]
        #expect(head.hasPrefix("From: box@example.net\nTo: you@example.net\nSubject: =?UTF-8?B?"))
        #expect(!head.contains("Bcc"))
    }

    @Test("a request is what its service's documentation asks for, and no more", arguments: contracts)
    func contract(_ contract: Contract) throws {
        for event in [Self.low, #"{"event":"message.received","modem":"o2","number":"Bank","text":""}"#] {
            let request = try #require(Self.request(contract.service, contract.url, event, token: contract.token))
            #expect(request.method == .post)
            #expect(request.url.wire == contract.wire)
            let headers = request.headers.map { ($0.name.lowercased(), $0.value) }
            #expect(Dictionary(headers) { first, _ in first }.filter { $0.key != "accept" } == contract.headers)
            let body = try Self.body(request)
            #expect(Set(body.names ?? []) == contract.fields)
            for field in contract.required { #expect(body[field]?.scalar?.isEmpty == false, "\(field)") }
            // Numbers, not texts, where numbers are asked for.
            if contract.fields.contains("priority") {
                guard case .number(let priority)? = body["priority"] else {
                    Issue.record("\(body)")
                    return
                }
                #expect((1...(contract.service == .ntfy ? 5 : 10)).contains(Int(priority) ?? 0))
            }
            // The secret stands where it is asked for, and nowhere else.
            #expect(!String(decoding: request.body, as: UTF8.self).contains(contract.token))
        }
    }

    @Test("what comes late says when it was; a long text is one that every service takes")
    func bounds() throws {
        let late = UnixTime(milliseconds: 1_795_961_523_000 + 7_200_000)
        let note = try Self.body(Self.request(.gotify, "https://g.example", now: late))
        #expect(note["message"]?.scalar == "The balance is low: 1.5 EUR (2026-11-29 14:12 UTC)")
        for letter in ["x", "ж", "漢", "🙂"] {
            let text = String(repeating: letter, count: 6000)
            let message = #"{"event":"message.received","modem":"o2","number":"+49171","text":"\#(text)"}"#
            let body = try Self.body(Self.request(.ntfy, "https://ntfy.example.net/t", message))
            let shown = try #require(body["message"]?.scalar)
            #expect(shown.count > 800 && shown.utf16.count <= 1800 && shown.utf8.count <= 3500, "\(letter)")
            let mail = try #require(
                Self.request(
                    .email(to: "y@example.net", from: nil, program: "/bin/false"),
                    "mailto:y@example.net",
                    message
                )
            )
            let lines = String(decoding: mail.body, as: UTF8.self)
                .split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.allSatisfy { $0.utf8.count <= 76 })
            let coded = lines.drop { !$0.isEmpty }.joined()
            let data = try #require(Data(base64Encoded: coded))
            #expect(String(decoding: data, as: UTF8.self) == shown + "\n")
        }
        let mail = Self.request(.email(to: "y@example.net", from: nil, program: "/bin/false"), "mailto:y@example.net")
        let text = String(decoding: try #require(mail).body, as: UTF8.self)
        #expect(text.contains("\nDate: Sun, 29 Nov 2026 14:12:03 +0000\n"))
    }

    /// What is most in each service's documentation: Discord's Execute Webhook (`content`, 2000 characters), Telegram's
    /// sendMessage (`text`, 1 to 4096 characters), Slack's incoming webhooks (`text`, 40,000), ntfy (4096 octets).
    @Test("no letter, template or name makes a text longer than a service takes, in characters of any kind")
    func longest() throws {
        for letter in ["x", "e\u{301}", "漢", "🙂", "a🙂", "👩‍👩‍👧", "&"] {
            let text = String(repeating: letter, count: 6000)
            let message = #"{"event":"message.received","modem":"\#(text)","number":"+49171","text":"\#(text)"}"#
            for template in [nil, "{text}{text}{text}"] {
                let discord = try Self.body(
                    Self.request(.discord, "https://discord.com/api/webhooks", message, template: template)
                )
                #expect(Set(discord.names ?? []) == ["content", "allowed_mentions"])
                let content = try #require(discord["content"]?.scalar)
                #expect(!content.isEmpty && content.utf16.count <= 2000, "\(letter)")
                let telegram = try Self.body(
                    Self.request(.telegram(chat: "1"), "https://api.telegram.org", message, template: template)
                )
                // No parse_mode: then nothing in a text is markup, and nothing is escaped.
                #expect(Set(telegram.names ?? []) == ["chat_id", "text"])
                #expect(try #require(telegram["text"]?.scalar).utf16.count <= 4096)
                let slack = try Self.body(
                    Self.request(.slack, "https://hooks.slack.com/services", message, template: template)
                )
                #expect(Set(slack.names ?? []) == ["text"])
                #expect(try #require(slack["text"]?.scalar).utf16.count <= 40_000)
                let ntfy = try Self.body(Self.request(.ntfy, "https://ntfy.sh/t", message, template: template))
                #expect(Set(ntfy.names ?? []) == ["topic", "title", "message", "priority"])
                #expect(try #require(ntfy["message"]?.scalar).utf8.count <= 4096)
            }
        }
    }

    /// core.telegram.org/bots/api#responseparameters; discord.com/developers/docs/topics/rate-limits; Slack says it in the header.
    @Test("a service that is asked too often says for how long, in its header or its body")
    func tooOften() {
        func outcome(_ body: String, _ headers: [(name: String, value: String)] = []) -> OutgoingWebhooks.Outcome {
            OutgoingWebhooks.Outcome(
                HTTPReply(status: 429, headers: headers, body: Array(body.utf8)),
                isForPeople: true
            )
        }
        let telegram =
            #"{"ok":false,"error_code":429,"description":"Too Many Requests","parameters":{"retry_after":35}}"#
        #expect(outcome(telegram) == .failed(retryAfter: .seconds(35)))
        let discord = #"{"message":"You are being rate limited.","retry_after":64.57,"global":false}"#
        #expect(outcome(discord) == .failed(retryAfter: .seconds(65)))
        #expect(outcome("", [("Retry-After", "30")]) == .failed(retryAfter: .seconds(30)))
        for wrong in [#"{"retry_after":-1}"#, #"{"retry_after":1e300}"#, #"{"retry_after":"nan"}"#, "[]", "no"] {
            #expect(outcome(wrong) == .failed(retryAfter: nil), "\(wrong)")
        }
    }

    @Test("a long subject has lines of 76 octets, and no letter is cut")
    func subject() throws {
        let name = String(repeating: "Büro 漢🙂 ", count: 12)
        let message = #"{"event":"modem.lost","modem":"\#(name)"}"#
        let mail = Self.request(
            .email(to: "y@example.net", from: nil, program: "/bin/false"),
            "mailto:y@example.net",
            message
        )
        let text = String(decoding: try #require(mail).body, as: UTF8.self)
        let head = text.split(separator: "\n\n", maxSplits: 1)[0].split(separator: "\n")
        #expect(head.allSatisfy { $0.utf8.count <= 76 })
        let words = head.drop { !$0.hasPrefix("Subject: ") }
            .prefix { $0.hasPrefix("Subject: ") || $0.hasPrefix(" ") }
            .map { $0.trimmingPrefix("Subject: ").trimmingPrefix(" ") }
        #expect(words.count > 3)
        let shown = try words.map { word in
            #expect(word.hasPrefix("=?UTF-8?B?") && word.hasSuffix("?="))
            let data = try #require(Data(base64Encoded: String(word.dropFirst(10).dropLast(2))))
            return try #require(String(validating: data, as: UTF8.self))
        }
        #expect(shown.joined() == String(String.UnicodeScalarView("cabin, \(name)".unicodeScalars.prefix(120))))
    }

    @Test(
        "what a service for people refuses is given up, so that it holds nothing up; a program's refusal is tried again"
    )
    func refusals() {
        for status in [400, 413, 422] {
            #expect(OutgoingWebhooks.Outcome(HTTPReply(status: status), isForPeople: true) == .refused)
            #expect(OutgoingWebhooks.Outcome(HTTPReply(status: status)) == .failed(retryAfter: nil))
        }
        #expect(OutgoingWebhooks.Outcome(HTTPReply(status: 401), isForPeople: true) == .failed(retryAfter: nil))
        var queue = OutgoingWebhooks()
        let now = UnixTime.now
        for id in ["first", "second"] { _ = queue.add(id: id, to: "d", body: [], now: now) }
        let first = queue.due(now: now)
        #expect(queue.finished(first[0], .refused, now: now, jitter: 0) == .refused)
        #expect(queue.due(now: now).map(\.id) == ["second"])
    }

    @Test("messages of strangers leave room for trouble; its end goes out beyond the number, and alone never")
    func room() {
        var gate = PeopleGate()
        let now = UnixTime.now
        func admits(_ event: String, _ modem: String) -> PeopleGate.Verdict {
            gate.admits(event, Array(#"{"event":"\#(event)","modem":"\#(modem)"}"#.utf8), mostPerHour: 8, now: now)
        }
        for _ in 0..<6 { #expect(admits("message.received", "o2") == .goesOut) }
        #expect(admits("message.received", "o2") == .tooMany)
        #expect(admits("modem.lost", "a") == .goesOut)
        #expect(admits("sim.balance_low", "a") == .goesOut)
        #expect(admits("modem.lost", "b") == .tooMany)
        #expect(admits("modem.ready", "b") == .uninteresting)
        #expect(admits("modem.ready", "a") == .goesOut)
        #expect(admits("sim.balance_restored", "a") == .goesOut)
        #expect(admits("sim.balance_restored", "a") == .uninteresting)
    }

    @Test("an end is told only where its beginning was, and no more than so many go out in an hour")
    func gate() {
        var gate = PeopleGate()
        let start = UnixTime.now
        func admits(_ event: String, _ modem: String = "o2", after seconds: Int = 0) -> PeopleGate.Verdict {
            let body = Array(#"{"event":"\#(event)","modem":"\#(modem)"}"#.utf8)
            return gate.admits(event, body, mostPerHour: 3, now: start + .seconds(seconds))
        }
        #expect(admits("modem.ready") == .uninteresting)
        #expect(admits("modem.degraded") == .goesOut)
        #expect(admits("modem.ready", "other") == .uninteresting)
        #expect(admits("modem.ready") == .goesOut)
        #expect(admits("modem.ready") == .uninteresting)
        #expect(admits("sim.balance_low") == .goesOut)
        #expect(admits("sim.balance_low") == .tooMany)
        #expect(admits("sim.balance_low", after: 3700) == .goesOut)
    }

    @Test("a program takes the mail; what it says by its end is what becomes of it")
    func program() async throws {
        let directory = try TemporaryDirectory()
        func program(_ name: String, _ script: String) async throws -> String {
            let path = directory.path + "/" + name
            try Data("#!/bin/sh\n\(script)\n".utf8).write(to: URL(filePath: path))
            chmod(path, 0o700)
            // A program that another test starts just now has this file open for writing until its own exec: nothing can run it
            // meanwhile (execve: ETXTBSY). The kernel lends a file for reading only when no one writes (fcntl: F_SETLEASE,
            // a macro that only _GNU_SOURCE shows).
            let setLease: Int32 = 1024
            #expect(
                await waits {
                    let reader = open(path, O_RDONLY | O_CLOEXEC)
                    defer { close(reader) }
                    return fcntl(reader, setLease, F_RDLCK) == 0
                }
            )
            return path
        }
        func send(_ path: String, limit: Duration = .seconds(60)) async -> Result<Int, TransportFailure> {
            let transport = MailTransport(program: path, recipient: "you@example.net")
            guard let address = WebAddress("https://mail.invalid") else {
                return .failure(TransportFailure(.malformed, mayHaveArrived: false))
            }
            let mail = WebRequest(.post, RequestURL(address), body: Array("Subject: x\n\nhello\n".utf8), effect: .keyed)
            do throws(TransportFailure) { return .success(try await transport.send(mail, within: limit).status) } catch
            {
                return .failure(error)
            }
        }
        let taking = try await program("taking", #"printf '%s|' "$@" > "$0.words"; cat > "$0.mail""#)
        #expect(await send(taking) == .success(202))
        let words = try String(contentsOf: URL(filePath: taking + ".words"), encoding: .utf8)
        #expect(words == "-i|--|you@example.net|")
        let mail = try String(contentsOf: URL(filePath: taking + ".mail"), encoding: .utf8)
        #expect(mail == "Subject: x\n\nhello\n")
        #expect(await send(try await program("later", "exit 75")) == .success(503))
        #expect(await send(try await program("refusing", "exit 64")) == .success(500))
        #expect(
            await send(directory.path + "/absent")
                == .failure(TransportFailure(.obstacle(.connection), mayHaveArrived: false))
        )
        // With what it has started, as Postfix's sendmail starts postdrop: nobody holds the pipe any more.
        let fifo = directory.path + "/fifo"
        #expect(mkfifo(fifo, 0o600) == 0)
        let slow = try await program("slow", "exec <>'\(fifo)'; sleep 600 & exec sleep 600")
        let sent = await send(slow, limit: .seconds(1))
        #expect(sent == .failure(TransportFailure(.late, mayHaveArrived: true)))
        let isGone = await waits {
            let writer = open(fifo, O_WRONLY | O_NONBLOCK)
            if writer >= 0 { close(writer) }
            return writer < 0
        }
        #expect(isGone)
    }
}
