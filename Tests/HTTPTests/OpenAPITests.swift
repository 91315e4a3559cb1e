import FoundationEssentials
import GatewayAPI
import HTTPTypes
import Testing
import WebAccess
import Yams

@testable import HTTP

extension ControlInterfaceTests {
    @Suite("Description of the interface")
    struct OpenAPITests {
        /// One answer that the description promises.
        struct Promise: Sendable, CustomTestStringConvertible {
            var method: String
            var path: String
            var status: Int

            var testDescription: String { "\(method) \(path) \(status)" }
        }

        private static func document() throws -> Value {
            let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
                .deletingLastPathComponent()
            let text = String(decoding: try Data(contentsOf: root.appending(path: "docs/openapi.yaml")), as: UTF8.self)
            return Value(try #require(try Yams.compose(yaml: text)))
        }

        private static func promises() throws -> [Promise] {
            try document()["paths"]?.object
                .flatMap { path, operations in
                    operations.object.flatMap { method, operation in
                        (operation["responses"]?.object ?? [:]).keys
                            .map { status in
                                Promise(method: method.uppercased(), path: path, status: Int(status) ?? 0)
                            }
                    }
                } ?? []
        }

        @Test("every endpoint is described, and nothing else is")
        func completeness() throws {
            let described = Set(try Self.promises().map { "\($0.method) \($0.path)" })
            let served = Set(Endpoint.all.map { "\($0.method.rawValue) \($0.path)" })
            #expect(described == served)
        }

        @Test("every kind of problem is described, and nothing else is")
        func problemKinds() throws {
            let schema = try #require(Schema(document: try Self.document()).resolve("#/components/schemas/Problem"))
            let described = Set(schema["properties"]?["type"]?["enum"]?.list.compactMap(\.text) ?? [])
            #expect(described == Set(Problem.Kind.allCases.map { Problem.typePrefix + $0.rawValue }))
        }

        @Test("every example is an example of its schema")
        func examples() throws {
            let document = try Self.document()
            let schema = Schema(document: document)
            var checked = 0
            func visit(_ value: Value, _ path: String) {
                if let type = value["schema"] {
                    let examples =
                        [value["example"]].compactMap(\.self)
                        + (value["examples"]?.object.values.compactMap { $0["value"] } ?? [])
                    for example in examples {
                        checked += 1
                        #expect(schema.problems(of: example, against: type) == [], "\(path)")
                    }
                }
                for (name, member) in value.object { visit(member, "\(path)/\(name)") }
                for (index, member) in value.list.enumerated() { visit(member, "\(path)/\(index)") }
            }
            visit(document, "#")
            #expect(checked > 30)
        }

        @Test("the service keeps every promise: path, method, status, media type and body")
        func promises() async throws {
            let document = try Self.document()
            let promises = try Self.promises()
            #expect(promises.count > 80)
            var most = ControlLimits()
            most.tokenDelay = .milliseconds(1)
            most.wrongTokens = 1000
            most.contacts = most.body
            var none = most
            none.wrongTokens = 0
            let (open, shut) = (most, none)
            try await Rig.run(limits: open, tcp: true, page: true) { rig in
                try await Rig.run(limits: shut, tcp: true) { turningAway in
                    for promise in promises {
                        let answer = try await Self.answer(promise, rig, turningAway)
                        #expect(answer.status == promise.status, "\(promise.testDescription)")
                        Self.check(answer, of: promise, document)
                    }
                }
            }
        }

        /// Brings about what is promised.
        private static func answer(_ promise: Promise, _ rig: Rig, _ turningAway: Rig) async throws -> String {
            let control = rig.control
            await control.set(calls: [Samples.call()])
            await control.set(modems: [Samples.modem, ModemStatus(name: nil, state: .absent)])
            await control.set(ready: true)
            await control.refuse(nil)
            await control.set(course: ["call.requested", "call.ended"])
            var path = promise.path.replacing("{id}", with: "\(Samples.id)").replacing("{name}", with: "o2")
            var body = ["/v1/calls": #"{"number":"030123456"}"#][promise.path] ?? "{}"
            if path.hasSuffix("/routes") { body = #"{"number":"030123456"}"# }
            if path.hasSuffix("/dtmf") { body = #"{"tones":"12#"}"# }
            if path.hasSuffix("/command") { body = #"{"command":"AT"}"# }
            if path.hasSuffix("/order") { body = #"{"order":"restart"}"# }
            if path.hasSuffix("/erase") { body = #"{"number":"030 123456"}"# }
            if path.hasSuffix("/contacts") {
                body = #"{"contacts":[{"name":"Anna","numbers":[{"number":"0170 1234567"}]}]}"#
            }
            if promise.path == "/v1/messages" { body = #"{"number":"030123456","text":"On my way"}"# }
            if path.hasSuffix("/ussd") { body = #"{"code":"*100#"}"# }
            if path.hasSuffix("/reply") { body = #"{"text":"1"}"# }
            if path.hasSuffix("/remove") { body = #"{"name":"Anna"}"# }
            if path.hasSuffix("/volte") || path.hasSuffix("/balance") { body = "" }
            let isForThisBox =
                path.hasPrefix("/v1/settings") || path.hasPrefix("/v1/web") || path == "/v1/doctor"
                || path == "/v1/service/log" || path == "/v1/support" || path == "/v1/sip/trace"
                || path.hasSuffix("/command")
                || path.hasSuffix("/order") || path.hasPrefix("/v1/log")
                || path.hasPrefix("/v1/contacts") || path.hasSuffix("/ussd") || path.hasPrefix("/v1/ussd")
                || path.hasSuffix("/balance") || path.hasSuffix("/volte") && promise.method == "POST"
                || path.hasPrefix("/v1/messages") && promise.method + promise.path != "POST/v1/messages"
            var media = "application/json"
            var wire = try Wire(socket: rig.addresses.socket)
            var headers = ""
            var host = "x"
            var isOpenEnded = promise.path == "/v1/events" && promise.status == 200
            switch promise.status {
            case 400:
                path = path.replacing("\(Samples.id)", with: "seven")
                if promise.path == "/v1/events" { path += "?after=x" }
                if ["/v1/log", "/v1/messages", "/v1/messages/threads", "/v1/balances"].contains(promise.path) {
                    path += "?limit=0"
                }
                if path.hasSuffix("/signal") { path += "?hours=169" }
                if path == "/v1/sip/trace" { path += "?after=x" }
                if promise.path == "/v1/log/export" { path += "?limit=1" }
                if promise.path == "/v1/log/totals" { path += "?since=yesterday" }
                body = #"{"what":1}"#
            case 401, 429:
                wire.drop()
                wire = try Wire(port: try #require((promise.status == 401 ? rig : turningAway).addresses.port))
                if promise.status == 429 { headers = "Authorization: Bearer a guess of somebody\r\n" }
            case 403 where isForThisBox:
                wire.drop()
                wire = try Wire(port: try #require(rig.addresses.port))
                headers = "Authorization: Bearer \(Rig.token)\r\n"
            case 403 where promise.path != "/v1/calls" || promise.method == "GET":
                wire.drop()
                wire = try Wire(port: try #require(rig.addresses.port))
                headers = "Authorization: Bearer \(Rig.readToken)\r\n"
            case 403: await control.refuse(.policy("premium numbers are denied"))
            case 404:
                await control.set(calls: [])
                if promise.path == "/v1/doctor" { body = #"{"pbx":"home"}"# }
                if isForThisBox || path.hasPrefix("/v1/modems/") || promise.method == "POST" {
                    await control.refuse(.notFound("there is no such modem or call"))
                }
            case 409: await control.refuse(.conflict("it has a call"))
            case 413: body = String(repeating: " ", count: 70_000)
            case 414: path += "?x=" + String(repeating: "x", count: 3000)
            case 415: media = "text/plain"
            case 421: host = "evil.example.com"
            case 422: await control.refuse(.configuration("there is no PBX called home"))
            case 502: await control.refuse(.failed("the modem did not answer"))
            case 204 where path.hasPrefix("/v1/web"):
                let browser = try await Browser.login(rig)
                path = path.replacing("\(Samples.id)", with: try await browser.sessions()[0].session)
            case 503 where path.hasPrefix("/v1/web"):
                wire.drop()
                wire = try Wire(socket: turningAway.addresses.socket)
            case 503:
                await control.set(ready: false)
                await control.refuse(.unavailable("the queue is full"))
            default: break
            }
            isOpenEnded = isOpenEnded && path == "/v1/events"
            let content =
                promise.method == "GET" ? "" : "Content-Type: \(media)\r\nContent-Length: \(body.utf8.count)\r\n"
            wire.send(
                "\(promise.method) \(path) HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\(headers)\(content)\r\n"
                    + (promise.method == "GET" ? "" : body)
            )
            return isOpenEnded ? try await wire.read(until: "connected") : try await wire.readToEnd()
        }

        private static func check(_ answer: String, of promise: Promise, _ document: Value) {
            let schema = Schema(document: document)
            var response = document["paths"]?[promise.path]?[promise.method.lowercased()]?["responses"]?[
                "\(promise.status)"
            ]
            if let reference = response?["$ref"]?.text { response = schema.resolve(reference) }
            let lines = answer.split(separator: "\r\n\r\n", maxSplits: 1).first?.split(separator: "\r\n") ?? []
            func header(_ name: String) -> String? {
                lines.first { $0.lowercased().hasPrefix(name.lowercased() + ": ") }
                    .map { String($0.dropFirst(name.utf8.count + 2)) }
            }
            for name in response?["headers"]?.object.keys ?? [:].keys {
                #expect(header(name) != nil, "\(promise.testDescription): \(name)")
            }
            guard let contents = response?["content"]?.object else {
                #expect(answer.content.isEmpty, "\(promise.testDescription)")
                return
            }
            let media = header("content-type")?.split(separator: ";").first.map(String.init) ?? ""
            guard let type = contents[media]?["schema"] else {
                Issue.record("\(promise.testDescription): \(media) is not promised")
                return
            }
            guard media.hasSuffix("json") else { return }
            do {
                let value = try WireFormat.decode(Value.self, from: Array(answer.content.utf8))
                #expect(schema.problems(of: value, against: type) == [], "\(promise.testDescription)")
                if media == "application/problem+json" {
                    #expect(value["status"] == .number(Double(promise.status)))
                }
            } catch {
                Issue.record("\(promise.testDescription): \(error)")
            }
        }
    }
}
