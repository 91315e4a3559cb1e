import Dispatch
import Settings
import Testing

@testable import HTTP
@testable import WebAccess

extension ControlInterfaceTests {
    @Suite("passwords of the page") struct WebPasswordTests {
        private static let word = "seven quiet sticks"

        /// A person, whose password is cheap to try.
        private static func user(
            _ name: String,
            _ role: WebRole = .call,
            _ password: String = word
        ) throws -> WebUser {
            .init(name: name, role: role, password: try PasswordHash(of: password, cost: 4, rounds: 1))
        }

        private static func log(
            in name: String,
            _ password: String,
            _ port: Int,
            origin: String? = nil
        ) async throws -> String {
            let body = #"{"user":"\#(name)","password":"\#(password)"}"#
            let fields = ["Origin: \(origin ?? "http://127.0.0.1:\(port)")"]
            return try await Wire.exchange(Wire(port: port), Browser.request("POST", "/login", port, body, fields))
        }

        private static func form(_ body: String, _ port: Int, origin: String? = nil) async throws -> String {
            let request =
                "POST /login HTTP/1.1\r\nHost: 127.0.0.1:\(port)\r\nConnection: close\r\n"
                + "Origin: \(origin ?? "http://127.0.0.1:\(port)")\r\nContent-Type: application/x-www-form-urlencoded\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            return try await Wire.exchange(Wire(port: port), request)
        }

        @Test("scrypt is that of RFC 7914, 12; what is written is read again, and nothing that is cheap to guess")
        func hashes() throws {
            // scrypt(P="pleaseletmein", S="SodiumChloride", N=16384, r=8, p=1, dkLen=64)
            let digits =
                "7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9"
                + "e61e85dc0d651e40dfcf017b45575887"
            let bytes = stride(from: 0, to: digits.utf8.count, by: 2)
                .compactMap { UInt8(digits.dropFirst($0).prefix(2), radix: 16) }
            let known = PasswordHash(cost: 14, rounds: 1, salt: Array("SodiumChloride".utf8), hash: bytes)
            #expect(try known.fits("pleaseletmein"))
            #expect(try !known.fits("pleaseletmeIn"))
            let usual = PasswordHash(cost: 14, rounds: 5, salt: Array(0..<16), hash: Array(0..<32))
            #expect(
                usual.text == "$scrypt$ln=14,r=8,p=5$AAECAwQFBgcICQoLDA0ODw$AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"
            )
            #expect(PasswordHash(usual.text) == usual)
            for (old, new) in [
                ("ln=14", "ln=13"), ("p=5", "p=1"), ("r=8", "r=1"), ("ln=14", "ln=24"), ("p=5", "p=500"),
                ("$scrypt$", "$2y$"), ("AAECAwQFBgcICQoLDA0ODw$", "AAEC$"), ("ln=14,", ""), ("$A", "$!"),
            ] {
                #expect(PasswordHash(usual.text.replacing(old, with: new)) == nil, "\(old) \(new)")
            }
        }

        @Test("a password lets its person in, as what they may be; the session says who, and ends with the password")
        func login() async throws {
            let users = [try Self.user("anna"), try Self.user("bert", .see, "another long word")]
            try await Rig.run(page: true, users: users) { rig in
                let port = try #require(rig.addresses.page)
                let answer = try await Self.log(in: "anna", Self.word, port)
                try #require(answer.status == 200, "\(answer)")
                let browser = Browser(
                    rig: rig,
                    port: port,
                    cookie: try #require(Browser.cookie(of: answer)),
                    key: try Browser.key(of: answer)
                )
                #expect(try await browser.post("/v1/calls", #"{"number":"030123456"}"#).status == 202)
                #expect(try await browser.get("/v1/web/sessions").status == 403, "what is for admin")
                let sessions = try await browser.sessions()
                #expect(sessions.map(\.user) == ["anna"] && sessions.map(\.role) == [.call])
                #expect(try await Self.log(in: "anna", "another long word", port).status == 403)
                #expect(try await Self.log(in: "bert", "another long word", port).status == 200)
                try await rig.client.endWebSession(try #require(sessions.first).session)
                #expect(try await browser.get("/v1/status").status == 401)
            }
        }

        @Test("without scripts the form lets a browser look, and a wrong password is said on the page")
        func form() async throws {
            try await Rig.run(page: true, users: [try Self.user("anna", .admin)]) { rig in
                let port = try #require(rig.addresses.page)
                let page = try await Wire.exchange(Wire(port: port), Browser.request("GET", "/login", port))
                #expect(page.content.contains("name=\"password\"") && page.content.contains("action=\"/login\""))
                let wrong = try await Self.form("user=anna&password=no", port)
                #expect(wrong.status == 403 && wrong.content.contains("Name or password is wrong."))
                #expect(!wrong.lowercased().contains("set-cookie"))
                for origin in ["http://evil.example.com", "null"] {
                    let planted = try await Self.form("user=anna&password=seven+quiet+sticks", port, origin: origin)
                    #expect(planted.status == 403 && !planted.lowercased().contains("set-cookie"), "\(origin)")
                    #expect(try await Self.log(in: "anna", Self.word, port, origin: origin).status == 403, "\(origin)")
                }
                let answer = try await Self.form("user=anna&password=seven+quiet%20sticks", port)
                #expect(answer.status == 303 && answer.lowercased().contains("location: /\r\n"))
                let cookie = try #require(Browser.cookie(of: answer))
                let browser = Browser(rig: rig, port: port, cookie: cookie, key: "")
                #expect(try await browser.get("/").status == 200)
                #expect(try await browser.post("/v1/calls", #"{"number":"030123456"}"#).status == 401)
            }
            try await Rig.run(page: true) { rig in
                let port = try #require(rig.addresses.page)
                let page = try await Wire.exchange(Wire(port: port), Browser.request("GET", "/login", port))
                #expect(!page.content.contains("name=\"password\""), "nobody has one")
                #expect(try await Self.log(in: "anna", Self.word, port).status == 403)
            }
        }

        @Test(
            "after five wrong ones the right one waits too; a name that is nobody's is answered the same",
            arguments: ["anna", "nobody"]
        )
        func locked(name: String) async throws {
            try await Rig.run(page: true, users: [try Self.user("anna")]) { rig in
                let port = try #require(rig.addresses.page)
                var answers: [Int?] = []
                for _ in 0..<6 { answers.append(try await Self.log(in: name, "a wrong password", port).status) }
                #expect(answers == [403, 403, 403, 403, 403, 429])
                let right = try await Self.log(in: "anna", Self.word, port)
                #expect(right.status == 429 && right.lowercased().contains("retry-after: "))
                #expect(try await Browser.enter(try await Browser.token(rig), port).status == 200, "links go on")
            }
        }

        @Test(
            "a person and an address have five each in ten minutes, and who is right takes back one of the address alone"
        )
        func counts() {
            var counts = LoginCounts()
            let start = ContinuousClock.now
            let place = { (number: Int) in RequestSource(address: "192.0.2.\(number)") }
            // From everywhere, at one person.
            for number in 0..<5 { #expect(counts.begin("anna", isKnown: true, from: place(number), at: start) == nil) }
            #expect(counts.begin("anna", isKnown: true, from: place(9), at: start) != nil)
            // Thousands of names push out nobody.
            for number in 0..<5000 {
                _ = counts.begin("n\(number)", isKnown: false, from: RequestSource(address: "a\(number)"), at: start)
            }
            #expect(counts.begin("anna", isKnown: true, from: place(10), at: start) != nil)
            #expect(counts.begin("anna", isKnown: true, from: place(11), at: start + .seconds(601)) == nil)
            // From one place, at everybody, with a right one in between.
            counts = LoginCounts()
            for number in 0..<4 { #expect(counts.begin("p\(number)", isKnown: true, from: place(1), at: start) == nil) }
            #expect(counts.begin("own", isKnown: true, from: place(1), at: start) == nil)
            counts.succeed("own", from: place(1))
            #expect(counts.begin("p5", isKnown: true, from: place(1), at: start) == nil)
            #expect(counts.begin("own", isKnown: true, from: place(1), at: start) != nil)
        }

        @Test("one is worked through at a time, four wait, and one more is told to come again; it counts as nothing")
        func flood() async throws {
            let passwords = WebPasswords()
            passwords.replace([try Self.user("anna")])
            passwords.queue.suspend()
            let verdicts = try await withThrowingTaskGroup { group in
                for number in 0..<(WebPasswords.mostWaiting + 2) {
                    group.addTask {
                        try await passwords.check("n\(number)", "x", from: RequestSource(address: "192.0.2.\(number)"))
                    }
                }
                // While none is looked at, one alone can be answered.
                var verdicts = [try await group.next()]
                passwords.queue.resume()
                for try await verdict in group { verdicts.append(verdict) }
                return verdicts
            }
            #expect(verdicts.count == 6)
            #expect(verdicts.first == .busy)
            #expect(verdicts.dropFirst().allSatisfy { $0 == .wrong })
        }

        @Test(
            "sessions end with the password, the role and the place of their person in the configuration; others stay"
        )
        func replaced() async throws {
            let door = WebDoor(file: nil, logger: Rig.quiet)
            let (anna, bert) = (try Self.user("anna"), try Self.user("bert"))
            for (number, next) in [
                [try Self.user("anna"), bert], [.init(name: "anna", role: .see, password: anna.password), bert], [bert],
            ]
            .enumerated() {
                door.take([anna, bert])
                let source = RequestSource(address: "192.0.2.\(number)")
                let (pass, _) = try await door.enter("anna", password: Self.word, browser: "", from: source)
                let (other, _) = try await door.enter("bert", password: Self.word, browser: "", from: source)
                let cookies = (try #require(pass).cookie, try #require(other).cookie)
                door.take([anna, bert])
                #expect(door.session(cookies.0) != nil, "nothing has changed")
                door.take(next)
                #expect(door.session(cookies.0) == nil && door.session(cookies.1) != nil)
            }
        }
    }
}
