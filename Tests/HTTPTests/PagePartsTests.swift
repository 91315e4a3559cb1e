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
    @Suite("Sessions of the page") struct WebSessionTests {
        private static let start = Date(timeIntervalSince1970: 1_780_000_000)

        private static func session(_ id: String, at time: Date) -> WebSessions.Session {
            WebSessions.Session(
                id: id,
                hash: Array(id.utf8),
                key: [],
                role: .see,
                begunAt: time,
                seenAt: time,
                browser: ""
            )
        }

        @Test("a link is good for five minutes and once")
        func links() {
            var sessions = WebSessions()
            _ = sessions.add(link: [1], role: .call, at: Self.start)
            _ = sessions.add(link: [2], role: .call, at: Self.start)
            #expect(sessions.redeem(link: [1], at: Self.start + 299) == .good(.call))
            #expect(sessions.redeem(link: [1], at: Self.start + 299) == .used)
            #expect(sessions.redeem(link: [2], at: Self.start + 300) == .unknown)
            #expect(sessions.redeem(link: [3], at: Self.start) == .unknown)
        }

        @Test("a session lives 12 hours behind its last use, and 30 days at most")
        func life() {
            var sessions = WebSessions([Self.session("a", at: Self.start)])
            let hash = Array("a".utf8)
            #expect(sessions.session(hash, at: Self.start + 43_199) != nil)
            #expect(sessions.session(hash, at: Self.start + 43_199 + 43_199) != nil)
            #expect(sessions.session(hash, at: Self.start + 43_199 + 2 * 43_200) == nil)
            var time = Self.start
            sessions = WebSessions([Self.session("a", at: time)])
            while sessions.session(hash, at: time) != nil { time += 40_000 }
            #expect(time.timeIntervalSince(Self.start) >= 30 * 86_400)
            #expect(time.timeIntervalSince(Self.start) < 30 * 86_400 + 40_000)
        }

        @Test("too many links and sessions push out the oldest")
        func bounds() {
            var sessions = WebSessions()
            for number in 0...UInt8(WebSessions.mostLinks) {
                _ = sessions.add(link: [number], role: .see, at: Self.start)
            }
            #expect(sessions.redeem(link: [0], at: Self.start) == .unknown)
            #expect(sessions.redeem(link: [1], at: Self.start) == .good(.see))
            for number in 0...WebSessions.mostSessions {
                sessions.begin(Self.session("\(number)", at: Self.start + Double(number)))
            }
            #expect(sessions.sessions.count == WebSessions.mostSessions)
            #expect(!sessions.lives("0", at: Self.start + 100) && sessions.lives("1", at: Self.start + 100))
        }

        @Test("sessions outlive the service, and what is kept of them lets nobody in")
        func kept() async throws {
            try await Rig.run(page: true) { rig in
                let browser = try await Browser.login(rig)
                let file = rig.addresses.socket + ".sessions"
                let text = String(decoding: try Data(contentsOf: URL(filePath: file)), as: UTF8.self)
                let secret = try #require(browser.cookie.split(separator: "=").last)
                #expect(!text.contains(secret))
                #expect(WebDoor(file: file, logger: Rig.quiet).session(String(secret)) != nil)
            }
        }
    }

    @Suite("Texts of the page") struct WebTextTests {
        private static func texts(_ language: String) throws -> [String: String] {
            try WireFormat.decode([String: String].self, from: try #require(WebFile.all["\(language).json"]).bytes)
        }

        @Test("each language has the same keys with the same fields, and no text is empty")
        func keys() throws {
            let english = try Self.texts("en")
            for language in WebTexts.languages {
                let other = try Self.texts(language)
                #expect(Set(other.keys) == Set(english.keys), "\(language)")
                for (key, text) in other {
                    #expect(!text.isEmpty, "\(language) \(key)")
                    #expect(Self.fields(text) == Self.fields(english[key] ?? ""), "\(language) \(key)")
                }
            }
        }

        private static func fields(_ text: String) -> Set<Substring> {
            Set(text.matches(of: /\{[a-z]+\}/).map(\.output))
        }

        @Test("each text is used, and each that is used is there")
        func use() throws {
            let texts = Set(try Self.texts("en").keys)
            var sources = WebFile.all.filter { !$0.key.hasSuffix(".json") }.values
                .map { String(decoding: $0.bytes, as: UTF8.self) }
            let shell = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent().appending(path: "Sources/WebAccess/WebShell.swift")
            sources.append(String(decoding: try Data(contentsOf: shell), as: UTF8.self))
            let source = sources.joined(separator: "\n")
            // Whole keys, and the beginnings of those that end with a word of the service.
            let whole = Set(source.matches(of: /(?:\bt|\bword|texts)\("([a-z]+\.[a-z_]+)"/).map { String($0.1) })
                .union(source.matches(of: /\{\{t:([a-z]+\.[a-z]+)\}\}/).map { String($0.1) })
            let begun = Set(source.matches(of: /[`"]([a-z]+(?:\.[a-z]+)*\.)(?:\$\{|\\\()/).map { String($0.1) })
            #expect(whole.subtracting(texts).sorted() == [], "these have no text")
            let unused = texts.filter { key in !whole.contains(key) && !begun.contains { key.hasPrefix($0) } }
            #expect(unused.sorted() == [], "nothing uses these")
            #expect(whole.count > 60 && begun.count > 8)
        }

        @Test("the first view has at most 70 kB as it is sent, with room for more")
        func size() {
            let names = [
                "shell.html", "page.css", "page.js", "box.js", "stream.js", "dom.js", "now.js", "talk.js", "de.json",
                "icon.svg",
            ]
            let sizes = names.map { name in WebFile.all[name].map { ($0.packed?.bytes ?? $0.bytes).count } ?? .max / 16
            }
            #expect(sizes.reduce(0, +) <= 40_000, "\(sizes)")
        }

        @Test(
            "a browser's wishes are read",
            arguments: [
                (nil, "en"), ("de", "de"), ("de-CH,de;q=0.9,en;q=0.8", "de"), ("fr, en;q=0.3, de;q=0.2", "en"),
                ("en;q=0.1,de;q=0.9", "de"), ("*", "en"), (";;;,q=", "en"), ("de;q=0", "en"),
            ] as [(String?, String)]
        )
        func wishes(header: String?, language: String) { #expect(WebTexts.preferred(header) == language) }
    }
}
