import Console
import FoundationEssentials
import GatewayAPI
import Logging
import Settings
import Synchronization
import TestSupport
import Testing

@testable import HTTP
@testable import WebAccess

extension ControlInterfaceTests {
    @Suite("Page") struct PageTests {
        private static let patient = {
            var limits = ControlLimits()
            limits.tokenDelay = .milliseconds(1)
            limits.keepAlive = .milliseconds(50)
            return limits
        }()

        /// An idle stream says at once that it is alive, so that it sees at once whether it still may.
        private static func run(_ test: @Sendable (Rig) async throws -> Void) async throws {
            try await Rig.run(limits: patient, page: true, test)
        }

        @Test("a link lets one browser in, once; its cookie is out of reach of scripts and of other sites")
        func login() async throws {
            try await Self.run { rig in
                let port = try #require(rig.addresses.page)
                let link = try await rig.client.webLink(for: .call)
                #expect(link.link.hasPrefix("http://127.0.0.1:\(port)/login#"))
                let token = String(try #require(link.link.split(separator: "#").last))
                let first = try await Browser.enter(token, port)
                #expect(first.status == 200)
                let field = try #require(
                    first.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie: ") }
                )
                #expect(field.contains("gsmbridge_session="))
                for attribute in ["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=2592000"] {
                    #expect(field.contains("; \(attribute)"), "\(attribute)")
                }
                // By a reverse proxy with TLS, whose browsers have an https page.
                let proxied = try await Browser.enter(
                    try await Browser.token(rig),
                    port,
                    origin: "https://127.0.0.1:\(port)"
                )
                #expect(proxied.contains("__Host-gsmbridge_session=") && proxied.contains("; Secure"))
                let behind = Browser(
                    rig: rig,
                    port: port,
                    cookie: try #require(Browser.cookie(of: proxied)),
                    key: try Browser.key(of: proxied)
                )
                #expect(try await behind.get("/v1/status").status == 200)
                #expect(try await behind.post("/logout").status == 204)
                let second = try await Browser.enter(token, port)
                #expect(second.status == 403 && second.contains("used already"))
                #expect(try await Browser.enter("no-such-token", port).status == 403)
                let cookie = try #require(Browser.cookie(of: first))
                let browser = Browser(rig: rig, port: port, cookie: cookie, key: try Browser.key(of: first))
                #expect(try await browser.get("/v1/status").status == 200)
                #expect(try await browser.sessions().map(\.role) == [.call])
            }
        }

        @Test("who has no session is sent to the way in, and asks for nothing")
        func outside() async throws {
            try await Self.run { rig in
                let port = try #require(rig.addresses.page)
                let view = try await Wire.exchange(Wire(port: port), Browser.request("GET", "/calls", port))
                #expect(view.status == 303 && view.lowercased().contains("location: /login\r\n"))
                for path in ["/v1/status", "/v1/log", "/v1/events"] {
                    let answer = try await Wire.exchange(
                        Wire(port: port),
                        Browser.request("GET", path, port, nil, ["Cookie: gsmbridge_session=guess"])
                    )
                    #expect(answer.status == 401, "\(path)")
                }
                let bearer = Browser.request("GET", "/v1/status", port, nil, ["Authorization: Bearer \(Rig.token)"])
                #expect(try await Wire.exchange(Wire(port: port), bearer).status == 401)
            }
        }

        @Test("what changes something comes from the page itself, or not at all")
        func crossOrigin() async throws {
            try await Self.run { rig in
                let browser = try await Browser.login(rig)
                let here = "Origin: http://127.0.0.1:\(browser.port)"
                let (own, same) = ("X-Gsmbridge: \(browser.key)", "Sec-Fetch-Site: same-origin")
                let body = #"{"number":"030123456"}"#
                for fields in [
                    [], [own], [here], [same], ["Origin: http://evil.example.com", own], ["Origin: null", own],
                    ["Sec-Fetch-Site: cross-site", here, own], ["Sec-Fetch-Site: same-site", here, own],
                    ["Origin: http://127.0.0.1:1", same, own],
                ] {
                    #expect(try await browser.post("/v1/calls", body, fields: fields).status == 403, "\(fields)")
                }
                // The cookie alone, as another program of this host can have it.
                for key in ["page", "", try await Browser.login(rig).key] {
                    let answer = try await browser.post("/v1/calls", body, fields: [here, "X-Gsmbridge: \(key)"])
                    #expect(answer.status == 401)
                }
                #expect(await rig.control.dialled.isEmpty)
                for fields in [[here, own], [same, own], [here, same, own]] {
                    #expect(try await browser.post("/v1/calls", body, fields: fields).status == 202, "\(fields)")
                }
                #expect(await rig.control.dialled.map(\.origin) == [.page, .page, .page])
                #expect(try await browser.get("/v1/status", "Sec-Fetch-Site: cross-site").status == 403)
                let token = try await Browser.token(rig)
                let planted = try await Browser.enter(token, browser.port, origin: "http://evil.example.com")
                #expect(planted.status == 403)
                #expect(try await Browser.enter(token, browser.port).status == 200, "a refused visit uses no link up")
            }
        }

        @Test("a name that is not ours is no way in, with a session neither")
        func foreignHost() async throws {
            try await Self.run { rig in
                let browser = try await Browser.login(rig)
                for (host, status) in [
                    ("127.0.0.1:\(browser.port)", 200), ("localhost:\(browser.port)", 200), ("[::1]:1", 200),
                    ("page.example.net", 200), ("evil.example.com", 421), ("evil", 421),
                    ("127.0.0.1.evil.example", 421),
                ] {
                    let cookie = "Cookie: \(browser.cookie)"
                    let request = Browser.request("GET", "/v1/status", browser.port, nil, [cookie], host: host)
                    #expect(try await Wire.exchange(Wire(port: browser.port), request).status == status, "\(host)")
                }
            }
        }

        @Test("every answer tells the browser how little the page may do; a file that is known is not sent again")
        func headers() async throws {
            try await Self.run { rig in
                let browser = try await Browser.login(rig)
                let policy =
                    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:;"
                    + " media-src 'self' blob:; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
                for path in ["/", "/calls", "/login", "/page.js", "/v1/status", "/nothing"] {
                    let answer = try await browser.get(path, "Sec-Fetch-Site: none").lowercased()
                    #expect(answer.contains("content-security-policy: \(policy)\r\n"), "\(path)")
                    #expect(answer.contains("x-content-type-options: nosniff\r\n"), "\(path)")
                    let referrer = path == "/login" ? "same-origin" : "no-referrer"
                    #expect(answer.contains("referrer-policy: \(referrer)\r\n"), "\(path)")
                    #expect(answer.contains("cross-origin-opener-policy: same-origin\r\n"), "\(path)")
                    // Where the origin is not trustworthy, browsers send no such field, and complain of such a policy.
                    let plain = try await browser.get(path).lowercased()
                    #expect(!plain.contains("cross-origin-opener-policy"), "\(path)")
                }
                let file = try await browser.get("/page.css")
                let tag = try #require(file.split(separator: "\r\n").first { $0.lowercased().hasPrefix("etag: \"") })
                    .dropFirst(6)
                let again = try await browser.get("/page.css", "If-None-Match: \"other\", \(tag)")
                #expect(again.status == 304 && again.content.isEmpty)
                #expect(try await browser.get("/page.css", "If-None-Match: \"other\"").status == 200)
                // The packed bytes are others, and so have another tag.
                for (wish, isPacked) in [
                    ("gzip", true), ("br, gzip;q=0.5", true), ("gzip;q=0, br", false), ("identity", false),
                ] {
                    let answer = try await browser.get("/page.css", "Accept-Encoding: \(wish)").lowercased()
                    #expect(answer.contains("content-encoding: gzip") == isPacked, "\(wish)")
                    #expect(answer.contains("vary: accept-encoding\r\n"), "\(wish)")
                    #expect(answer.contains("etag: \(tag)\r\n") == !isPacked, "\(wish)")
                }
                let mixed = try await browser.get("/page.css", "If-None-Match: \(tag)", "Accept-Encoding: gzip")
                #expect(mixed.status == 200)
            }
        }

        @Test("a file can be asked about without its bytes; what takes no such method says which it takes")
        func methods() async throws {
            try await Self.run { rig in
                let browser = try await Browser.login(rig)
                for path in ["/", "/login", "/page.css"] {
                    let request = Browser.request("HEAD", path, browser.port, nil, ["Cookie: \(browser.cookie)"])
                    let answer = try await Wire.exchange(Wire(port: browser.port), request)
                    #expect(answer.status == 200 && answer.content.isEmpty, "\(path)")
                    #expect(answer.lowercased().contains("content-length: "), "\(path)")
                }
                for (method, path, allowed) in [
                    ("DELETE", "/", "GET, HEAD"), ("GET", "/logout", "POST"), ("PUT", "/login", "GET, HEAD, POST"),
                ] {
                    let request = Browser.request(method, path, browser.port)
                    let answer = try await Wire.exchange(Wire(port: browser.port), request)
                    #expect(answer.status == 405 && answer.lowercased().contains("allow: \(allowed.lowercased())\r\n"))
                }
            }
        }

        @Test("who comes and goes is told, and no secret is")
        func told() async throws {
            let lines = Mutex<[String]>([])
            let logger = Logger(label: "test") { _ in JournalLogHandler { line in lines.withLock { $0.append(line) } } }
            let secrets = Mutex<[String]>([])
            try await Rig.run(limits: Self.patient, page: true, logger: logger) { rig in
                let browser = try await Browser.login(rig, as: .call)
                #expect(try await Browser.enter("no-such-token", browser.port).status == 403)
                let cookie = String(try #require(browser.cookie.split(separator: "=").last))
                secrets.withLock { $0 = [browser.key, cookie, "no-such-token"] }
                #expect(try await browser.post("/logout").status == 204)
            }
            let told = lines.withLock { $0 }
            for words in [
                "a link to the page was made", "a browser logged in", "a link to the page was refused",
                "a session of the page was ended",
            ] {
                #expect(told.count { $0.contains(words) } == 1, "\(words): \(told)")
            }
            for secret in secrets.withLock({ $0 }) { #expect(!told.contains { $0.contains(secret) }) }
        }

        @Test("a log that can't be read is not shown as an empty one")
        func unreadable() {
            let shell = WebShell(texts: WebTexts("en"), role: .see)
            let status = GatewayStatus(name: "cabin", version: "1", pid: 1, startedAt: Date(timeIntervalSince1970: 0))
            let empty = shell.page(.calls, of: status, log: LoggedCalls(calls: [], live: [], next: nil))
            #expect(empty.contains("No calls here."))
            let page = shell.page(.calls, of: status, log: nil)
            #expect(!page.contains("No calls here.") && page.contains("be read now"))
        }

        @Test("a new configuration's names count at once; what has to wait for a start is said")
        func renamed() throws {
            var settings = ControlServer.Settings(socket: "/x")
            settings.web = ControlServer.Settings.Web(host: "127.0.0.1", port: 8470)
            let open = OpenInterface(settings)
            #expect(!open.page.include("box.example.net") && !open.control.include("box.example.net"))
            settings.web?.names = ["box.example.net"]
            #expect(open.take(settings) == [])
            #expect(open.page.include("box.example.net") && open.control.include("box.example.net"))
            settings.web?.port = 8471
            #expect(open.take(settings).count == 1)
            settings.web?.names = []
            _ = open.take(settings)
            #expect(!open.page.include("box.example.net"))
        }

        @Test(
            "what is wrong with the box is told to those who may do everything, and numbers are masked in what goes out"
        )
        func health() async throws {
            try await Self.run { rig in
                await rig.control.set(calls: [Samples.call()])
                await rig.control.set(modems: [Samples.modem])
                let (caller, admin) = (try await Browser.login(rig, as: .call), try await Browser.login(rig))
                for path in ["/v1/support", "/v1/service/log"] {
                    #expect(try await caller.get(path).status == 403)
                    #expect(try await admin.get(path).status == 200)
                }
                #expect(try await caller.post("/v1/doctor", "{}").status == 403)
                #expect(try await admin.post("/v1/doctor", #"{"pbx":"office"}"#).content.contains("office"))
                let file = try await admin.get("/v1/support")
                #expect(file.contains("attachment; filename=\"gsmbridge-support.json\""))
                #expect(file.contains("+4930123•••") && !file.contains("+4930123456"))
                #expect(!file.contains(try #require(Samples.modem.iccid ?? Samples.modem.imei)))
                #expect(try WireFormat.decode([String: Value].self, from: Array(file.content.utf8))["log"] != nil)
                #expect(try await caller.get("/v1/limits").content.contains("16 of 20"))
                #expect(try await caller.get("/v1/modems/o2/signal?hours=168").content.contains("-71"))
            }
        }

        @Test("each role may do what it is for; AT commands and links are for nobody at the page")
        func roles() async throws {
            try await Self.run { rig in
                await rig.control.set(calls: [Samples.call()])
                await rig.control.set(modems: [Samples.modem])
                for role in WebRole.allCases {
                    let browser = try await Browser.login(rig, as: role)
                    let hangUp = try await browser.post("/v1/calls/\(Samples.id)/hangup")
                    #expect(hangUp.status == (role == .see ? 403 : 202), "\(role)")
                    let order = try await browser.post("/v1/modems/o2/order", #"{"order":"restart"}"#)
                    #expect(order.status == (role == .admin ? 200 : 403), "\(role)")
                    #expect(try await browser.get("/v1/settings").status == (role == .admin ? 200 : 403), "\(role)")
                    let check = try await browser.post("/v1/settings/check")
                    #expect(check.status == (role == .admin ? 200 : 403), "\(role)")
                    for path in ["/", "/calls", "/v1/status", "/v1/log", "/v1/contacts"] {
                        #expect(try await browser.get(path).status == 200, "\(role) \(path)")
                    }
                    #expect(try await browser.post("/v1/modems/o2/command", #"{"command":"AT"}"#).status == 403)
                    #expect(try await browser.post("/v1/web/links", "{}").status == 403)
                }
            }
        }

        @Test("a session that is ended is over, by its own browser or by another")
        func ending() async throws {
            try await Self.run { rig in
                let (first, second) = (try await Browser.login(rig), try await Browser.login(rig))
                #expect(try await first.post("/logout").status == 204)
                #expect(try await first.get("/v1/status").status == 401)
                let left = try await second.sessions()
                #expect(left.count == 1)
                try await rig.client.endWebSession(try #require(left.first).session)
                #expect(try await second.get("/v1/status").status == 401)
                // What listened already hears nothing more.
                let third = try await Browser.login(rig)
                let wire = try Wire(port: third.port)
                wire.send(Browser.request("GET", "/v1/events", third.port, nil, ["Cookie: \(third.cookie)"]))
                async let heard = wire.readToEnd()
                try await rig.client.endWebSession(try #require(try await third.sessions().first).session)
                // Otherwise this would go on for as long as the service does.
                let said = try await heard
                #expect(said.contains("connected") || said.status == 401)
                await #expect(throws: ControlError.self) { try await rig.client.endWebSession("nobody") }
            }
        }

        @Test("who may only look hears of calls, and of no message", arguments: [WebRole.see, .call])
        func messages(role: WebRole) async throws {
            try await Self.run { rig in
                let browser = try await Browser.login(rig, as: role)
                let wire = try Wire(port: browser.port)
                let before = rig.control.events.listeners
                wire.send(Browser.request("GET", "/v1/events", browser.port, nil, ["Cookie: \(browser.cookie)"]))
                async let heard = wire.read(until: "test.last")
                #expect(await waits { rig.control.events.listeners > before })
                rig.control.publish("message.received", call: Samples.id, ",\"text\":\"4711\"")
                rig.control.publish("ussd.received", call: Samples.id, ",\"text\":\"4711\"")
                rig.control.publish("test.last", call: Samples.id)
                let said = try await heard
                #expect(said.contains("4711") == (role == .call))
            }
        }

        @Test("the first state stands in the page without any script, and nothing in it is taken for markup")
        func withoutScripts() async throws {
            try await Self.run { rig in
                let browser = try await Browser.login(rig)
                await rig.control.set(calls: [Samples.call()])
                var odd = ModemStatus(name: "<b>\"x'&", state: .failed, reason: "<script>alert(1)</script>")
                odd.signal = -71
                await rig.control.set(modems: [Samples.modem, odd])
                let page = try await browser.get("/").content
                #expect(page.contains("data-view=\"now\"") && page.contains("data-modem=\"o2\""))
                #expect(page.contains("data-call=\"\(Samples.call().call.name)\""))
                #expect(page.contains("data-modem=\"&lt;b&gt;&quot;x&#39;&amp;\" data-state=\"failed\""))
                #expect(!page.contains("<script>"))
                #expect(!page.contains("{{"))
                let german = try await browser.get("/", "Accept-Language: fr;q=0.9, de-AT, en;q=0.5").content
                #expect(german.contains("<html lang=\"de\">") && german.contains("Laufende Anrufe"))
            }
        }
    }
}
