import FoundationEssentials
import GatewayAPI
import Glibc
import TestSupport
import Testing

@testable import HTTP

extension ControlInterfaceTests {
    @Suite("Against those who mean no good")
    struct HostileTests {
        /// Limits that no busy machine passes; a test shortens the one that it is about.
        private static var patient: ControlLimits {
            var limits = ControlLimits()
            limits.requestArrival = .seconds(120)
            limits.idle = .seconds(120)
            limits.stall = .seconds(120)
            limits.tokenDelay = .milliseconds(10)
            return limits
        }

        private static func patient(but limit: WritableKeyPath<ControlLimits, Duration>) -> ControlLimits {
            var limits = patient
            limits[keyPath: limit] = .milliseconds(300)
            return limits
        }

        // MARK: Tokens

        @Test("over TCP nothing is told or done without the token")
        func tokens() async throws {
            try await Rig.run(limits: Self.patient, tcp: true) { rig in
                let port = try #require(rig.addresses.port)
                let right = "Authorization: Bearer \(Rig.token)"
                for path in Set(Endpoint.all.map(\.path)) {
                    let answer = try await Wire.exchange(Wire(port: port), RequestText.get(path))
                    #expect(answer.status == 401, "\(path)")
                    #expect(answer.lowercased().contains("www-authenticate: bearer"))
                }
                let dial = RequestText.post("/v1/calls", #"{"number":"030123456"}"#)
                #expect(try await Wire.exchange(Wire(port: port), dial).status == 401)
                for wrong in ["Bearer nonsense", "Bearer \(Rig.token)x", "Basic \(Rig.token)", "\(Rig.token)"] {
                    let request = RequestText.get("/v1/status", "Authorization: \(wrong)")
                    #expect(try await Wire.exchange(Wire(port: port), request).status == 401, "\(wrong)")
                }
                let status = RequestText.get("/v1/status", right)
                #expect(try await Wire.exchange(Wire(port: port), status).status == 200)
                #expect(await rig.control.dialled.isEmpty)
            }
        }

        @Test("whoever keeps guessing is turned away, and locks nobody out who has the token")
        func guessing() async throws {
            var limits = Self.patient
            limits.wrongTokens = 3
            let fixed = limits
            try await Rig.run(limits: fixed, tcp: true) { rig in
                let port = try #require(rig.addresses.port)
                let wrong = RequestText.get("/v1/status", "Authorization: Bearer wrong")
                for _ in 0..<3 { #expect(try await Wire.exchange(Wire(port: port), wrong).status == 401) }
                for _ in 0..<2 {
                    let answer = try await Wire.exchange(Wire(port: port), wrong)
                    #expect(answer.status == 429)
                    #expect(answer.lowercased().contains("retry-after: "))
                }
                let right = RequestText.get("/v1/status", "Authorization: Bearer \(Rig.token)")
                #expect(try await Wire.exchange(Wire(port: port), right).status == 200)
                // The box's own users are not locked out with them.
                let status = try await rig.client.status()
                #expect(status.name == "cabin")
                let metrics = try await Wire.exchange(Wire(socket: rig.addresses.socket), RequestText.get("/metrics"))
                #expect(metrics.contains("\ngsmbridge_http_tokens_refused_total 5\n"))
            }
        }

        @Test("the token for looking tells of the box, and not with whom it talks, and makes no call")
        func looking() async throws {
            try await Rig.run(limits: Self.patient, tcp: true) { rig in
                let port = try #require(rig.addresses.port)
                let reader = "Authorization: Bearer \(Rig.readToken)"
                for path in ["/v1/status", "/v1/modems", "/metrics", "/healthz"] {
                    let answer = try await Wire.exchange(Wire(port: port), RequestText.get(path, reader))
                    #expect(answer.status == 200, "\(path)")
                }
                for path in ["/v1/calls", "/v1/calls/\(Samples.id)", "/v1/events"] {
                    let answer = try await Wire.exchange(Wire(port: port), RequestText.get(path, reader))
                    #expect(answer.status == 403, "\(path)")
                }
                let dial = RequestText.post("/v1/calls", #"{"number":"030123456"}"#, reader)
                #expect(try await Wire.exchange(Wire(port: port), dial).status == 403)
                let hangUp = RequestText.post("/v1/calls/\(Samples.id)/hangup", "", reader)
                #expect(try await Wire.exchange(Wire(port: port), hangUp).status == 403)
                #expect(await rig.control.dialled.isEmpty)
                #expect(await rig.control.acts.isEmpty)
            }
        }

        @Test("a name that is not ours is no way in, on the socket and on TCP")
        func foreignHost() async throws {
            try await Rig.run(limits: Self.patient, tcp: true) { rig in
                let port = try #require(rig.addresses.port)
                let right = "Authorization: Bearer \(Rig.token)\r\n"
                for (host, status) in [
                    ("gsmbridge", 200), ("localhost:8080", 200), ("127.0.0.1:\(port)", 200), ("[::1]:1", 200),
                    ("box.example.net", 200), ("BOX.example.net.", 200), ("evil.example.com", 421),
                    ("evil.example.com:8080", 421), ("127.0.0.1.evil.example", 421), ("a.b:c", 421),
                ] {
                    let text = "GET /v1/status HTTP/1.1\r\nHost: \(host)\r\n\(right)Connection: close\r\n\r\n"
                    #expect(try await Wire.exchange(Wire(port: port), text).status == status, "\(host)")
                    #expect(
                        try await Wire.exchange(Wire(socket: rig.addresses.socket), text).status == status,
                        "\(host)"
                    )
                }
            }
        }

        @Test("a chunk of no possible size and a field that is there twice are the client's mistake")
        func garbledBodies() async throws {
            try await Rig.run(limits: Self.patient) { rig in
                let head = "POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                let socket = rig.addresses.socket
                for size in ["fffffffffffffffff", "10000000000000000", "zz", "-1"] {
                    let request = head + "Transfer-Encoding: chunked\r\n\r\n\(size)\r\n{}\r\n0\r\n\r\n"
                    #expect(try await Wire.exchange(Wire(socket: socket), request).status == 400, "\(size)")
                }
                for body in [
                    #"{"number":"030123456","number":"0900123456"}"#,
                    #"{"number":"030123456","n\u0075mber":"0900123456"}"#,
                ] {
                    let answer = try await Wire.exchange(Wire(socket: socket), RequestText.post("/v1/calls", body))
                    #expect(answer.status == 400)
                }
                #expect(await rig.control.dialled.isEmpty)
            }
        }

        @Test("a call over TCP is a remote one, and AT commands are not taken there")
        func remote() async throws {
            try await Rig.run(tcp: true) { rig in
                let port = try #require(rig.addresses.port)
                let right = "Authorization: Bearer \(Rig.token)"
                let dial = RequestText.post("/v1/calls", #"{"number":"112","id":"\#(Samples.id)"}"#, right)
                #expect(try await Wire.exchange(Wire(port: port), dial).status == 202)
                let request = DialRequest(number: "112")
                #expect(await rig.control.dialled == [.init(request: request, id: Samples.id, origin: .remote)])
                let command = RequestText.post("/v1/modems/o2/command", #"{"command":"AT"}"#, right)
                #expect(try await Wire.exchange(Wire(port: port), command).status == 403)
                #expect(await rig.control.acts.isEmpty)
            }
        }

        // MARK: Too much

        @Test("a body that is too large is refused, said beforehand or not")
        func largeBodies() async throws {
            try await Rig.run { rig in
                let said = "POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                let announced = try await Wire.exchange(
                    Wire(socket: rig.addresses.socket),
                    said + "Content-Length: 70000\r\n\r\n"
                )
                #expect(announced.status == 413)
                let chunk = String(repeating: "x", count: 0x4000)
                let chunks = String(repeating: "4000\r\n\(chunk)\r\n", count: 5)
                let chunked = try await Wire.exchange(
                    Wire(socket: rig.addresses.socket),
                    said + "Transfer-Encoding: chunked\r\n\r\n" + chunks
                )
                #expect(chunked.status == 413)
                #expect(chunked.content.contains("urn:gsmbridge:problem:too-large"))
            }
        }

        @Test("addresses and headers without measure are refused")
        func largeHeads() async throws {
            try await Rig.run { rig in
                let socket = rig.addresses.socket
                let long = String(repeating: "a", count: 3000)
                let address = try await Wire.exchange(Wire(socket: socket), RequestText.get("/v1/calls?x=\(long)"))
                #expect(address.status == 414)
                let longer = String(repeating: "a", count: 9000)
                let header = try await Wire.exchange(Wire(socket: socket), RequestText.get("/healthz", "X: \(longer)"))
                #expect(header.status == 400)
                let many = (0..<100).map { "X-\($0): 1" }.joined(separator: "\r\n")
                let headers = try await Wire.exchange(Wire(socket: socket), RequestText.get("/healthz", many))
                #expect(headers.status == 400)
            }
        }

        @Test("garbage behind a request does not keep that from being answered")
        func garbage() async throws {
            try await Rig.run { rig in
                let wire = try Wire(socket: rig.addresses.socket)
                let answer = try await Wire.exchange(
                    wire,
                    "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n\u{1}\u{2}nonsense\r\n\r\n"
                )
                #expect(answer.status == 200)
                #expect(answer.contains("HTTP/1.1 400 "))
                let alone = try await Wire.exchange(Wire(socket: rig.addresses.socket), "\u{16}\u{3}\u{1}\r\n\r\n")
                #expect(alone.status == 400)
                #expect(try await rig.client.status().name == "cabin")
            }
        }

        // MARK: Too slow

        @Test(
            "what is begun and not finished is cut",
            arguments: [
                "", "G", "GET /healthz HTTP/1.1\r\nHost: x\r\n",
                "POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{",
                "POST /v1/calls HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                    + "Transfer-Encoding: chunked\r\n\r\n5\r\n{",
            ]
        )
        func halfSent(text: String) async throws {
            try await Rig.run(limits: Self.patient(but: \.requestArrival)) { rig in
                let began = ContinuousClock.now
                let answer = try await Wire.exchange(Wire(socket: rig.addresses.socket), text)
                #expect(answer.isEmpty || answer.status == 400)
                #expect(ContinuousClock.now - began >= .milliseconds(250))
                #expect(await rig.control.dialled.isEmpty)
            }
        }

        @Test("a connection without a further request is cut")
        func idle() async throws {
            try await Rig.run(limits: Self.patient(but: \.idle)) { rig in
                let wire = try Wire(socket: rig.addresses.socket)
                let answer = try await Wire.exchange(wire, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
                #expect(answer.status == 200)
                #expect(answer.hasSuffix("ok\n"))
            }
        }

        @Test("a reader of events that does not read is cut off, and nobody waits for it")
        func slowReader() async throws {
            let control = FakeControl(events: EventHub(capacity: 64, backlog: 32))
            try await Rig.run(control: control, limits: Self.patient(but: \.stall)) { rig in
                let wire = try Wire(socket: rig.addresses.socket)
                wire.send("GET /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                #expect(await waits { control.events.listeners >= 2 })
                let filling = String(repeating: "x", count: 1000)
                for _ in 0..<5000 { control.publish("call.alerting", call: Samples.id, ",\"x\":\"\(filling)\"") }
                // What counts the events for the metrics stays; the reader goes.
                let seen = try await wire.readToEnd()
                #expect(seen.status == 200)
                #expect(seen.utf8.count < 2_000_000)
            }
        }

        // MARK: Too many

        @Test("a thousand idle connections are cut or refused, and the service goes on")
        func thousand() async throws {
            var limits = Self.patient
            limits.requestArrival = .seconds(10)
            let fixed = limits
            try raiseDescriptorLimit()
            try await Rig.run(limits: fixed, tcp: true) { rig in
                let port = try #require(rig.addresses.port)
                let wires = try (0..<1000).map { _ in try Wire(port: port) }
                // The other listener has room of its own.
                let status = try await rig.client.status()
                #expect(status.name == "cabin")
                let ends = try await withThrowingTaskGroup(of: String.self) { group in
                    for wire in wires { group.addTask { try await wire.readToEnd() } }
                    return try await group.reduce(into: Set()) { $0.insert($1) }
                }
                #expect(ends == [""])
                let right = RequestText.get("/metrics", "Authorization: Bearer \(Rig.token)")
                let metrics = try await Wire.exchange(Wire(port: port), right)
                #expect(metrics.status == 200)
                let cut = metrics.split(separator: "\n").first { $0.hasPrefix("gsmbridge_http_connections_cut_total ") }
                // All beyond the first 256, unless the connecting itself took longer than those may stay.
                let count = Int(cut?.split(separator: " ").last ?? "") ?? 0
                #expect((200...744).contains(count))
            }
        }

        @Test("more listeners than there may be are told so, and one that leaves makes room")
        func listeners() async throws {
            let control = FakeControl(events: EventHub(maxListeners: 3))
            try await Rig.run(control: control) { rig in
                #expect(await waits { control.events.listeners >= 1 })
                let request = "GET /v1/events HTTP/1.1\r\nHost: x\r\n\r\n"
                let first = try Wire(socket: rig.addresses.socket)
                first.send(request)
                let second = try Wire(socket: rig.addresses.socket)
                second.send(request)
                #expect(await waits { control.events.listeners >= 3 })
                let third = try await Wire.exchange(
                    Wire(socket: rig.addresses.socket),
                    RequestText.get("/v1/events")
                )
                #expect(third.status == 429)
                first.drop()
                #expect(await waits { control.events.listeners <= 2 })
                _ = try await rig.client.events()
                second.drop()
            }
        }

        @Test("no descriptor is left behind by what clients do")
        func descriptors() async throws {
            let count = {
                var count = 0
                for descriptor in 0..<4096 where fcntl(Int32(descriptor), F_GETFD) >= 0 { count += 1 }
                return count
            }
            // The first run starts the threads, which keep descriptors of their own.
            try await Rig.run { _ = try await $0.client.status() }
            let before = count()
            try await Rig.run(limits: Self.patient, tcp: true) { rig in
                let port = try #require(rig.addresses.port)
                for _ in 0..<20 {
                    _ = try await rig.client.modems()
                    let stream = try await rig.client.events()
                    rig.control.publish("call.ended", call: Samples.id)
                    for try await _ in stream { break }
                    let wire = try Wire(port: port)
                    wire.send("GET /v1/st")
                    wire.drop()
                    _ = try await Wire.exchange(Wire(port: port), RequestText.get("/v1/status"))
                }
            }
            // Other suites open and close theirs meanwhile: what is left behind here would stay.
            #expect(await waits(.seconds(600)) { count() <= before })
        }

        private func raiseDescriptorLimit() throws {
            var limit = rlimit()
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
            try #require(getrlimit(resource, &limit) == 0)
            guard limit.rlim_cur < 4096 else { return }
            limit.rlim_cur = min(limit.rlim_max, 4096)
            try #require(setrlimit(resource, &limit) == 0)
        }
    }
}
