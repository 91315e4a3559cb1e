import CallModel
import FoundationEssentials
import GatewayAPI
import Glibc
import Settings
import Testing

@testable import HTTP

extension ControlInterfaceTests {
    @Suite("Sound of the page") struct PageSoundTests {
        /// What a browser sends to begin a WebSocket.
        private static func opening(_ browser: Browser, _ change: (inout [String]) -> Void = { _ in }) -> String {
            var fields = [
                "Cookie: \(browser.cookie)", "Origin: http://127.0.0.1:\(browser.port)", "Upgrade: websocket",
                "Connection: Upgrade", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
                "Sec-WebSocket-Protocol: gsmbridge, \(browser.key)",
            ]
            change(&fields)
            let head = "GET /v1/calls/\(Samples.id)/sound HTTP/1.1\r\nHost: 127.0.0.1:\(browser.port)\r\n"
            return head + fields.map { $0 + "\r\n" }.joined() + "\r\n"
        }

        private static func ends() throws -> (inside: Int32, outside: Int32) {
            var ends: [Int32] = [-1, -1]
            let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
            try #require(socketpair(AF_UNIX, kind, 0, &ends) == 0)
            return (ends[0], ends[1])
        }

        @Test(
            "what a call says comes to the browser that has its seat, as it wishes for it; the end of the call ends it",
            arguments: [false, true]
        )
        func hearing(isWide: Bool) async throws {
            try await Rig.run(page: true) { rig in
                let browser = try await Browser.login(rig, as: .call)
                let (inside, outside) = try Self.ends()
                await rig.control.keep(seat: outside, in: Samples.id)
                let wire = try Wire(port: browser.port)
                // Sound, another message that is none, sound in two parts; then the call is over.
                let (kind, other): (UInt8, UInt8) = isWide ? (0x12, 0x10) : (0x10, 0x12)
                let sound = [UInt8](repeating: UInt8(ascii: "s"), count: isWide ? 640 : 320)
                let head = isWide ? [kind, 0x02, 0x80] : [kind, 0x01, 0x40]
                let bytes =
                    head + sound + [0x03, 0, 1, 0x35] + [other, 0, 3] + Array("not".utf8) + [kind, 0, 3]
                    + Array("end".utf8) + [0, 0, 0]
                #expect(send(inside, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count)
                let answer = try await Wire.exchange(
                    wire,
                    Self.opening(browser) { if isWide { $0[6].replace("gsmbridge,", with: "gsmbridge-16k,") } }
                )
                close(inside)
                #expect(answer.hasPrefix("HTTP/1.1 101 "))
                // RFC 6455, 1.3, has this key and what becomes of it.
                #expect(answer.contains("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"))
                #expect(answer.contains("Sec-WebSocket-Protocol: gsmbridge\(isWide ? "-16k" : "")\r\n"))
                #expect(answer.contains(String(repeating: "s", count: sound.count)) && answer.contains("end"))
                #expect(!answer.contains("not"))
                #expect(await rig.control.acts.last == (isWide ? "16 kHz" : "8 kHz"))
            }
        }

        @Test("nobody sits down who may not call, comes from elsewhere, or finds no seat")
        func refusals() async throws {
            try await Rig.run(page: true) { rig in
                let caller = try await Browser.login(rig, as: .call)
                let watcher = try await Browser.login(rig, as: .see)
                let (inside, outside) = try Self.ends()
                await rig.control.keep(seat: outside, in: Samples.id)
                let foreign = "Origin: http://evil.example.com"
                for (request, status) in [
                    (Self.opening(watcher), 403), (Self.opening(caller) { $0[0] = "Cookie: x=y" }, 401),
                    (Self.opening(caller) { $0[6] = "Sec-WebSocket-Protocol: gsmbridge, \(watcher.key)" }, 403),
                    (Self.opening(caller) { $0[6] = "Sec-WebSocket-Protocol: gsmbridge-32k, \(caller.key)" }, 403),
                    (Self.opening(caller) { $0.removeLast() }, 403), (Self.opening(caller) { $0[1] = foreign }, 403),
                    (Self.opening(caller) { $0.remove(at: 1) }, 403),
                    (Self.opening(caller).replacing("Host: 127.0.0.1", with: "Host: evil.example.com"), 421),
                ] {
                    #expect(try await Wire.exchange(Wire(port: caller.port), request).status == status, "\(request)")
                }
                // None of them has used the seat up.
                close(inside)
                #expect(try await Wire.exchange(Wire(port: caller.port), Self.opening(caller)).status == 101)
                #expect(try await Wire.exchange(Wire(port: caller.port), Self.opening(caller)).status == 409)
                // Without the wish for a WebSocket it is a request like any other.
                #expect(try await caller.get("/v1/calls/\(Samples.id)/sound").status == 404)
            }
        }

        @Test("the sound of a call belongs to the session that asked for it")
        func ownership() async throws {
            try await Rig.run(page: true) { rig in
                let owner = try await Browser.login(rig, as: .call)
                let other = try await Browser.login(rig, as: .call)
                let (inside, outside) = try Self.ends()
                defer { close(inside) }
                let body = #"{"number":"030123456","audio":"browser","id":"\#(Samples.id)"}"#
                #expect(try await owner.post("/v1/calls", body).status == 202)
                await rig.control.keep(seat: outside, in: Samples.id)
                #expect(try await Wire.exchange(Wire(port: other.port), Self.opening(other)).status == 403)
                // One who asks for the same id does not get it by that.
                #expect(try await other.post("/v1/calls", body).status == 409)
                #expect(try await Wire.exchange(Wire(port: other.port), Self.opening(other)).status == 403)
                let wire = try Wire(port: owner.port)
                wire.send(Self.opening(owner))
                #expect(try await wire.read(until: "\r\n\r\n").hasPrefix("HTTP/1.1 101 "))
            }
        }

        @Test(
            "who was refused, or came too early, keeps no call's sound from others; nor who had that of a call that is over",
            arguments: ["/v1/calls", "/v1/calls/\(Samples.id)/answer"]
        )
        func givenUp(path: String) async throws {
            try await Rig.run(page: true) { rig in
                let first = try await Browser.login(rig, as: .call)
                let other = try await Browser.login(rig, as: .call)
                let isDial = path == "/v1/calls"
                let body =
                    isDial
                    ? #"{"number":"030123456","audio":"browser","id":"\#(Samples.id)"}"# : #"{"audio":"browser"}"#
                await rig.control.refuse(.conflict("not yet"))
                #expect(try await first.post(path, body).status == 409)
                await rig.control.refuse(nil)
                #expect(try await other.post(path, body).status == 202)
                #expect(try await first.post(path, body).status == 409)
                let end = CallEnd(outcome: .noAnswer, cause: nil, by: .remote, seconds: .zero)
                rig.control.events.publish(CallEvent(.progress(.ended(end)), call: Samples.id))
                // Free once the door has heard of it.
                var status: Int? = 409
                while status == 409 {
                    try Task.checkCancellation()
                    status = try await first.post("/v1/calls/\(Samples.id)/answer", #"{"audio":"browser"}"#).status
                }
                #expect(status == 202)
            }
        }

        @Test("who takes a ringing call at the page says so; others can't say it")
        func taking() async throws {
            try await Rig.run(page: true) { rig in
                await rig.control.set(calls: [Samples.call()])
                let browser = try await Browser.login(rig, as: .call)
                let path = "/v1/calls/\(Samples.id)/answer"
                #expect(try await browser.post(path, #"{"audio":"browser"}"#).status == 202)
                #expect(await rig.control.acts.last == "answer at the page")
                #expect(try await browser.post(path).status == 202)
                #expect(await rig.control.acts.last != "answer at the page")
                #expect(try await browser.post(path, #"{"audio":"alsa"}"#).status == 400)
                let socket = RequestText.post(path, #"{"audio":"browser"}"#)
                #expect(try await Wire.exchange(Wire(socket: rig.addresses.socket), socket).status == 400)
            }
        }
    }
}
