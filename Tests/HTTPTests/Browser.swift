import FoundationEssentials
import GatewayAPI
import Settings
import Testing
import WebAccess

@testable import HTTP

/// A browser at the page, as far as requests and cookies go.
struct Browser: Sendable {
    let rig: Rig
    let port: Int
    /// The field `Cookie`.
    let cookie: String
    /// What it sends with whatever changes something.
    let key: String

    /// Lets a browser in.
    static func login(_ rig: Rig, as role: WebRole = .admin) async throws -> Browser {
        let port = try #require(rig.addresses.page)
        let answer = try await enter(try await token(rig, role), port)
        try #require(answer.status == 200, "\(answer)")
        return Browser(rig: rig, port: port, cookie: try #require(cookie(of: answer)), key: try key(of: answer))
    }

    /// The token of a new link.
    static func token(_ rig: Rig, _ role: WebRole = .admin) async throws -> String {
        let link = try await rig.client.webLink(for: role).link
        return String(try #require(link.split(separator: "#").last))
    }

    /// Brings a token as the page's script does.
    static func enter(_ token: String, _ port: Int, origin: String? = nil) async throws -> String {
        try await Wire.exchange(
            Wire(port: port),
            request(
                "POST",
                "/login",
                port,
                #"{"token":"\#(token)"}"#,
                ["Origin: \(origin ?? "http://127.0.0.1:\(port)")"]
            )
        )
    }

    static func cookie(of answer: String) -> String? {
        answer.split(separator: "\r\n").first { $0.lowercased().hasPrefix("set-cookie: ") }?
            .dropFirst("set-cookie: ".count).split(separator: ";").first.map(String.init)
    }

    static func key(of answer: String) throws -> String {
        try #require(try WireFormat.decode([String: String].self, from: Array(answer.content.utf8))["key"])
    }

    static func request(
        _ method: String,
        _ path: String,
        _ port: Int,
        _ body: String? = nil,
        _ headers: [String] = [],
        host: String? = nil
    ) -> String {
        let content = body.map { "Content-Type: application/json\r\nContent-Length: \($0.utf8.count)\r\n" } ?? ""
        return "\(method) \(path) HTTP/1.1\r\nHost: \(host ?? "127.0.0.1:\(port)")\r\nConnection: close\r\n"
            + headers.map { $0 + "\r\n" }.joined() + content + "\r\n" + (body ?? "")
    }

    /// What the page's script asks for.
    func get(_ path: String, _ headers: String...) async throws -> String {
        try await Wire.exchange(
            Wire(port: port),
            Self.request("GET", path, port, nil, headers + ["Cookie: \(cookie)"])
        )
    }

    /// What the page's script does; other fields than its own may be given.
    func post(_ path: String, _ body: String = "", fields: [String]? = nil) async throws -> String {
        let own = ["Origin: http://127.0.0.1:\(port)", "Sec-Fetch-Site: same-origin", "X-Gsmbridge: \(key)"]
        return try await Wire.exchange(
            Wire(port: port),
            Self.request("POST", path, port, body, (fields ?? own) + ["Cookie: \(cookie)"])
        )
    }

    func sessions() async throws -> [WebDoor.SessionStatus] { try await rig.client.webSessions() }
}
