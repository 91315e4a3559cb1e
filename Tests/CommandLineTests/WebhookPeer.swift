import Crypto
import FoundationEssentials
import GatewayAPI
import Glibc
import Notify
import Synchronization
import TextCoding
import WebRequests

@testable import PBX

/// A PBX that sends webhooks to the built program.
struct WebhookPeer {
    static let secret = Secret("a-secret-of-more-than-16-bytes")

    let base: String
    private let transport: AsyncHTTPTransport

    /// - Parameter authority: the file with the only authority that it trusts.
    init(_ base: String, authority: String? = nil) {
        self.base = base
        transport = AsyncHTTPTransport(certificateAuthority: authority)
    }

    func close() async throws { try await transport.close() }

    /// Asks as Twilio does what to do with a call.
    func twilio(_ pbx: String, call: String, from: String, to: String) async throws -> HTTPReply {
        // Twilio's own form: CA and 32 hexadecimal digits.
        let sid = "CA" + String(repeating: "0", count: 34 - call.utf8.count) + call.dropFirst(2)
        let fields = FormFields([
            ("AccountSid", "AC1"), ("CallSid", sid), ("CallStatus", "ringing"), ("From", from), ("To", to),
        ])
        let sorted = fields.fields.sorted { $0.name < $1.name }.map { $0.name + $0.value }.joined()
        let text = "https://box.example.net/pbx/\(pbx)/voice" + sorted
        let key = SymmetricKey(data: Array(Self.secret.reveal().utf8))
        let code = HMAC<Insecure.SHA1>.authenticationCode(for: Array(text.utf8), using: key)
        let url = try url("/pbx/\(pbx)/voice")
        let request = WebRequest.form(.post, url, fields, effect: .once)
            .with("X-Twilio-Signature", Data(code).base64EncodedString())
        return try await transport.send(request, within: .seconds(20))
    }

    /// Tells of something as the project's own contract has it.
    func standard(_ pbx: String, id: String, _ body: String) async throws -> HTTPReply {
        let request = WebRequest.standardWebhook(
            to: base + "/pbx/\(pbx)",
            id: id,
            body: Array(body.utf8),
            secrets: [Self.secret],
            now: .now
        )
        guard let request else { throw Program.Failure(what: base, code: EINVAL) }
        return try await transport.send(request, within: .seconds(20))
    }

    private func url(_ path: String) throws -> RequestURL {
        guard let address = WebAddress(base + path) else { throw Program.Failure(what: base, code: EINVAL) }
        return RequestURL(address)
    }
}

private let portsGiven = Mutex(0)

/// A TCP port of this machine that nobody has, outside those that the system gives out by itself: other tests' listeners and
/// connections don't take it before it is used.
func freePort() throws -> Int {
    for _ in 0..<10_000 {
        let next = portsGiven.withLock { given in
            given += 1
            return given
        }
        let port = 20_000 + (Int(getpid()) * 37 + next) % 10_000
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Program.Failure(what: "socket", code: errno) }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let status = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        if status == 0 { return port }
    }
    throw Program.Failure(what: "a free port", code: EADDRINUSE)
}
