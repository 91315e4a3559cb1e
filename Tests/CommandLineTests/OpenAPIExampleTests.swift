import FoundationEssentials
import Glibc
import ModemSimulator
import Testing
import Yams

extension CommandLineTests {
    /// The examples of docs/openapi.yaml, sent to the service as they stand there.
    @Suite("examples of the interface's description", .serialized) struct OpenAPIExampleTests {
        struct Example {
            let name: String
            let path: String
            let body: String
        }

        /// Every example of a body; the modem that they name is called `m0` here.
        private static func examples() throws -> [Example] {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let text = try String(contentsOf: root.appending(path: "docs/openapi.yaml"), encoding: .utf8)
            let document = try #require(try Yams.compose(yaml: text))
            var list: [Example] = []
            for (path, operations) in document["paths"]?.mapping ?? [:] {
                let path = path.string ?? ""
                guard let body = operations["post"]?["requestBody"]?["content"]?["application/json"] else { continue }
                var values = (body["examples"]?.mapping ?? [:]).map { ($0.key.string ?? "", $0.value["value"]) }
                if let example = body["example"] { values.append(("example", example)) }
                #expect(!values.isEmpty, "\(path) has no example")
                for (name, value) in values {
                    let value = try #require(value)
                    list.append(Example(name: "\(path) \(name)", path: path, body: Self.json(value)))
                }
            }
            return list
        }

        private static func json(_ node: Node) -> String {
            if let mapping = node.mapping {
                return "{" + mapping.map { "\"\($0.key.string ?? "")\":\(json($0.value))" }.joined(separator: ",") + "}"
            }
            if let sequence = node.sequence { return "[" + sequence.map { json($0) }.joined(separator: ",") + "]" }
            if node.scalar?.style == .plain, let flag = node.bool { return "\(flag)" }
            if node.scalar?.style == .plain, let number = node.int { return "\(number)" }
            return "\"\((node.string ?? "").replacing("o2", with: "m0"))\""
        }

        @Test("every example is taken by the service, and none is refused as nonsense")
        func examples() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            try await service.modems(are: "ready", count: 1)
            let examples = try Self.examples()
            #expect(examples.count >= 5)
            for example in examples {
                let id = UUID().uuidString.lowercased()
                let path = example.path.replacing("{name}", with: "m0").replacing("{id}", with: id)
                let answer = try Self.post(path, example.body, to: service.socket)
                let status = answer.split(separator: " ", maxSplits: 2).dropFirst().first.flatMap { Int($0) } ?? 0
                // There is no such call to send tones into, and no second one may be made while the first is live.
                let allowed =
                    switch example.path.split(separator: "/").last {
                    case "dtmf", "reply": [404]
                    // Nobody on the socket is at the page.
                    case "answer": [400]
                    // No code is allowed here.
                    case "ussd": [403]
                    // Another program may have the place of the page.
                    case "links": [201, 503]
                    default: [200, 202, 409]
                    }
                #expect(allowed.contains(status), "\(example.name): \(answer)")
            }
            _ = await service.stop()
        }

        @Test("what the description forbids is refused, in the words of the interface")
        func forbidden() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(bench)
            let bodies = [
                #"{"number":"030123456","access_number":null}"#, #"{"number":null}"#, #"{"number":""}"#,
                #"{"number":"030123456","max_seconds":0}"#, #"{"number":"030123456","max_seconds":1e300}"#,
                #"{"number":"030123456","pbx":"office","access_number":"+4922166966966"}"#,
                #"{"number":"030123456","access_number":"abc"}"#, #"{"number":"030123456","via":"callback"}"#,
                #"{"number":"030123456","pbx":"none"}"#,
            ]
            for body in bodies {
                let answer = try Self.post("/v1/calls", body, to: service.socket)
                #expect(answer.hasPrefix("HTTP/1.1 4"), "\(body): \(answer)")
                #expect(!answer.contains("--"), "\(body): \(answer)")
            }
            let tones = try Self.post("/v1/calls/\(UUID())/dtmf", #"{"tones":""}"#, to: service.socket)
            #expect(tones.hasPrefix("HTTP/1.1 400"), "\(tones)")
            #expect(bench.calls(of: 0).isEmpty)
            _ = await service.stop()
        }

        /// Sends a request on the service's socket, and reads what comes until its end.
        private static func post(_ path: String, _ body: String, to place: String) throws -> String {
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
            defer { close(descriptor) }
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(place.utf8)) }
            let connected = withUnsafePointer(to: address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
            try #require(connected == 0)
            let request =
                "POST \(path) HTTP/1.1\r\nHost: gsmbridge\r\nConnection: close\r\nContent-Type: application/json\r\n"
                + "Content-Length: \(body.utf8.count)\r\n\r\n\(body)"
            try #require(Array(request.utf8).withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) } > 0)
            var answer: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = read(descriptor, &buffer, buffer.count), count > 0 { answer += buffer[..<count] }
            return String(decoding: answer, as: UTF8.self)
        }
    }
}
