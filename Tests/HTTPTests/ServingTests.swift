import FoundationEssentials
import GatewayAPI
import Glibc
import Logging
import Settings
import TestSupport
import Testing
import TextCoding

@testable import HTTP

extension ControlInterfaceTests {
    @Suite("Serving")
    struct ServingTests {
        // MARK: The socket

        @Test("the socket is for its user and group alone, in a directory that is made for it")
        func permissions() async throws {
            let directory = try TemporaryDirectory()
            let socket = directory.path + "/a/b/control.sock"
            try await Rig.run(socket: socket) { _ in
                var status = stat()
                #expect(lstat(socket, &status) == 0)
                #expect(status.st_mode & S_IFMT == S_IFSOCK)
                #expect(status.st_mode & 0o777 == 0o660)
                #expect(lstat(directory.path + "/a/b", &status) == 0)
                #expect(status.st_mode & 0o777 == 0o750)
            }
            #expect(access(socket, F_OK) != 0)
        }

        @Test("the socket of a service that died is no obstacle")
        func stale() async throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/control.sock"
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            let address = try #require(SocketPath(path))
            #expect(address.call(bind, descriptor) == 0)
            #expect(listen(descriptor, 1) == 0)
            close(descriptor)
            #expect(access(path, F_OK) == 0)
            try await Rig.run(socket: path) { rig in
                let status = try await rig.client.status()
                #expect(status.name == "cabin")
            }
        }

        @Test("the socket of a service that lives is left alone, and the other one is named")
        func inUse() async throws {
            try await Rig.run { rig in
                let socket = rig.addresses.socket
                await #expect {
                    try await Rig.run(socket: socket) { _ in }
                } throws: { error in
                    guard case .inUse(socket, let process?) = error as? ControlServerError else { return false }
                    return process.contains("process \(getpid())")
                }
                let status = try await rig.client.status()
                #expect(status.name == "cabin")
            }
        }

        @Test("a socket that lives without a lock is left alone, too")
        func foreign() async throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/control.sock"
            let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
            defer { close(descriptor) }
            let address = try #require(SocketPath(path))
            #expect(address.call(bind, descriptor) == 0)
            #expect(listen(descriptor, 1) == 0)
            await #expect {
                try await Rig.run(socket: path) { _ in }
            } throws: { error in
                guard case .inUse(path, let process?) = error as? ControlServerError else { return false }
                return process.contains("process \(getpid())")
            }
            #expect(access(path, F_OK) == 0)
        }

        @Test("of ten services that start at once one serves, and nine say who does")
        func race() async throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/control.sock"
            let results = await withTaskGroup(of: Result<Void, ControlServerError>.self) { group in
                let gate = AsyncStream.makeStream(of: Void.self)
                for _ in 0..<10 {
                    group.addTask {
                        do throws(ControlServerError) {
                            let file = try SocketFile(path: path, group: nil)
                            // Held until all have tried.
                            for await _ in gate.stream { break }
                            close(file.descriptor)
                            file.remove()
                            return .success(())
                        } catch {
                            return .failure(error)
                        }
                    }
                }
                var results: [Result<Void, ControlServerError>] = []
                for await result in group {
                    results.append(result)
                    if results.count == 9 { gate.continuation.finish() }
                }
                return results
            }
            let failures = results.compactMap { result -> ControlServerError? in
                if case .failure(let error) = result { error } else { nil }
            }
            #expect(failures.count == 9)
            #expect(failures.allSatisfy { if case .inUse(path, _) = $0 { true } else { false } })
            #expect(access(path, F_OK) != 0)
            #expect(access(path + ".lock", F_OK) != 0)
        }

        @Test("a file at the socket's place is not removed")
        func notSocket() async throws {
            let directory = try TemporaryDirectory()
            let path = directory.path + "/control.sock"
            try Data("mine".utf8).write(to: URL(filePath: path))
            await #expect(throws: ControlServerError.notSocket(path: path)) {
                try await Rig.run(socket: path) { _ in }
            }
            #expect(try Data(contentsOf: URL(filePath: path)) == Data("mine".utf8))
        }

        @Test("a token that keeps nobody out is refused before anything opens")
        func shortToken() async throws {
            let directory = try TemporaryDirectory()
            let server = ControlServer(
                control: FakeControl(),
                settings: .init(
                    socket: directory.path + "/control.sock",
                    tcp: .init(host: "127.0.0.1", port: 0, token: Secret("fifteen-letters"))
                ),
                logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
            await #expect(throws: ControlServerError.shortToken) { try await server.run() }
            #expect(access(directory.path + "/control.sock", F_OK) != 0)
        }

        // MARK: HTTP

        @Test("a script that closes its side behind the request still gets its answer")
        func halfClosed() async throws {
            try await Rig.run { rig in
                let wire = try Wire(socket: rig.addresses.socket)
                wire.send("GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
                wire.halfClose()
                let answer = try await wire.readToEnd()
                #expect(answer.status == 200)
                #expect(answer.content.contains("\"name\":\"cabin\""))
            }
        }

        @Test("requests on one connection are answered in order")
        func pipelining() async throws {
            try await Rig.run { rig in
                let wire = try Wire(socket: rig.addresses.socket)
                let paths = ["/healthz", "/v1/nothing", "/readyz"]
                wire.send(
                    paths.map { "GET \($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined()
                        + "GET /healthz HTTP/1.0\r\n\r\n"
                )
                let answer = try await wire.readToEnd()
                let statuses = answer.split(separator: "HTTP/1.1 ").map { $0.prefix(3) }
                #expect(statuses.map { String($0.suffix(3)) }.prefix(3) == ["200", "404", "200"])
                #expect(answer.hasSuffix("ok\n"))
            }
        }

        private static let senseless: [(String, Int)] = [
            (RequestText.get("/v2/calls"), 404), (RequestText.get("/v1/calls/"), 404),
            (RequestText.get("/v1/calls/%zz"), 404), (RequestText.get("/v1/calls/7"), 400),
            (RequestText.get("/v1/calls/\(Samples.id)"), 404), (RequestText.post("/v1/status", "{}"), 405),
            (RequestText.get("/v1/calls/\(Samples.id)/hangup"), 405),
            (RequestText.post("/v1/calls", "{"), 400), (RequestText.post("/v1/calls", "[]"), 400),
            (RequestText.post("/v1/calls", "{}"), 400), (RequestText.post("/v1/calls", #"{"number":1}"#), 400),
            (RequestText.post("/v1/calls", #"{"number":"1","via":"pigeon"}"#), 400),
            (RequestText.post("/v1/calls", #"{"number":"1","max_second":60}"#), 400),
            (RequestText.post("/v1/calls", #"{"number":"1","id":"7"}"#), 400),
            (RequestText.post("/v1/calls", #"{"number":"1"}"#, "Idempotency-Key: 7"), 400),
            (
                RequestText.post("/v1/calls", #"{"number":"1","id":"\#(UUID())"}"#, "Idempotency-Key: \(UUID())"),
                409
            ),
            (RequestText.get("/v1/events?after=x"), 400), (RequestText.get("/v1/events?call=x"), 400),
            (RequestText.get("/v1/events", "Last-Event-ID: -1"), 400),
            ("POST /v1/calls HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n\r\n{}", 415),
            ("BREW /v1/calls HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 400),
        ]

        @Test("what makes no sense is told apart", arguments: senseless)
        func wrong(request: String, status: Int) async throws {
            try await Rig.run { rig in
                let answer = try await Wire.exchange(Wire(socket: rig.addresses.socket), request)
                #expect(answer.status == status)
                #expect(await rig.control.dialled.isEmpty)
                // What is not HTTP at all is answered by HTTP alone.
                guard !request.hasPrefix("BREW") else { return }
                #expect(answer.lowercased().contains("content-type: application/problem+json"))
                let problem = try WireFormat.decode(Problem.self, from: Array(answer.content.utf8))
                #expect(problem.status == status)
                #expect(problem.kind?.status == status)
                #expect(!problem.detail.isEmpty)
                if status == 405 { #expect(answer.contains("Allow: ")) }
            }
        }

        @Test(
            "a host that is not told once is told so, and the host of an absolute address counts",
            arguments: [
                ("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400),
                ("GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", 400),
                ("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: evil.example.com\r\n\r\n", 400),
                ("GET http://evil.example.com/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", 421),
                ("GET http://x/healthz HTTP/1.1\r\nHost: evil.example.com\r\nConnection: close\r\n\r\n", 200),
                ("GET /healthz HTTP/1.0\r\n\r\n", 200),
                (
                    "POST /v1/routes HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\nConnection: close\r\n\r\n0\r\n\r\n",
                    501
                ),
            ]
        )
        func hosts(request: String, status: Int) async throws {
            try await Rig.run { rig in
                let answer = try await Wire.exchange(Wire(socket: rig.addresses.socket), request)
                #expect(answer.dropFirst(9).prefix(3) == "\(status)", "\(answer)")
            }
        }

        @Test("HEAD is GET without the content; where there is none, Allow says so")
        func heads() async throws {
            try await Rig.run { rig in
                for path in ["/healthz", "/v1/status", "/metrics"] {
                    let request = "HEAD \(path) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                    let answer = try await Wire.exchange(Wire(socket: rig.addresses.socket), request)
                    #expect(answer.status == 200 && answer.content.isEmpty, "\(answer)")
                }
                let stream = "HEAD /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
                let answer = try await Wire.exchange(Wire(socket: rig.addresses.socket), stream)
                #expect(answer.status == 405 && answer.contains("Allow: GET\r\n"))
                let wrong = try await Wire.exchange(
                    Wire(socket: rig.addresses.socket),
                    RequestText.post("/v1/status", "{}")
                )
                #expect(wrong.contains("Allow: GET, HEAD\r\n"))
            }
        }

        @Test("who waits before it sends a body is told to go on, unless it is refused without it")
        func waiting() async throws {
            try await Rig.run(tcp: true) { rig in
                let body = #"{"number":"030123456"}"#
                let request = RequestText.post("/v1/routes", body, "Expect: 100-continue")
                let wire = try Wire(port: try #require(rig.addresses.port))
                wire.send(String(request.dropLast(body.count)))
                let answer = try await wire.read(until: "\r\n\r\n")
                #expect(answer.status == 401 && answer.lowercased().contains("connection: close\r\n"), "\(answer)")
            }
            try await Rig.run { rig in
                let body = #"{"number":"030123456"}"#
                let request = RequestText.post("/v1/routes", body, "Expect: 100-continue")
                let wire = try Wire(socket: rig.addresses.socket)
                wire.send(String(request.dropLast(body.count)))
                #expect(try await wire.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 100 "))
                // One that does not wait has its answer, behind that word or without it.
                let answer = try await Wire.exchange(Wire(socket: rig.addresses.socket), request)
                #expect(answer.contains("HTTP/1.1 200 "), "\(answer)")
            }
        }

        @Test(
            "a filter that is not understood is refused, and lets nothing through",
            arguments: ["number=%FF", "foo=1", "missed=perhaps", "direction=up", "limit=0"]
        )
        func filters(query: String) async throws {
            try await Rig.run { rig in
                let answer = try await Wire.exchange(
                    Wire(socket: rig.addresses.socket),
                    RequestText.get("/v1/log?\(query)")
                )
                #expect(answer.status == 400)
            }
        }

        @Test("an id by either way gives the call that id, and without one it gets its own")
        func identification() async throws {
            try await Rig.run { rig in
                let socket = rig.addresses.socket
                let (first, second) = (UUID(), UUID())
                let requests = [
                    RequestText.post("/v1/calls", #"{"number":"1"}"#, "Idempotency-Key: \"\(first)\""),
                    RequestText.post("/v1/calls", #"{"number":"2","id":"\#(second)"}"#),
                    RequestText.post("/v1/calls", #"{"number":"3"}"#),
                ]
                for request in requests {
                    let answer = try await Wire.exchange(Wire(socket: socket), request)
                    #expect(answer.status == 202)
                }
                let dialled = await rig.control.dialled
                #expect(dialled.map(\.request.number) == ["1", "2", "3"])
                #expect(dialled.prefix(2).map(\.id) == [first, second])
                let again = try await Wire.exchange(Wire(socket: socket), requests[0])
                #expect(again.status == 409)
            }
        }

        @Test("readiness follows the modems and the service's end, life does not")
        func readiness() async throws {
            try await Rig.run { rig in
                let socket = rig.addresses.socket
                for (ready, stopping, status) in [(true, false, 200), (false, false, 503), (true, true, 503)] {
                    await rig.control.set(ready: ready, stopping: stopping)
                    let answer = try await Wire.exchange(Wire(socket: socket), RequestText.get("/readyz"))
                    #expect(answer.status == status)
                    let alive = try await Wire.exchange(Wire(socket: socket), RequestText.get("/healthz"))
                    #expect(alive.status == 200)
                }
            }
        }
    }
}
