import Glibc
import ModemSimulator
import NetworkSimulator
import PBXSimulator
import TestSupport
import Testing
import TextCoding
import WebRequests

@testable import PBX

extension CommandLineTests {
    /// What PBXs tell a running service by webhooks.
    @Suite("webhooks to the service", .serialized) struct WebhookTests {
        private static let own = "+4915112345678"

        /// A service with a PBX that asks what to do with a call, and one of the project's own contract.
        private static func service(
            _ bench: Bench,
            port: Int,
            files: TemporaryDirectory,
            more: String = ""
        ) async throws -> ServiceUnderTest {
            try ServiceUnderTest.write(WebhookPeer.secret.reveal(), to: files.path + "/secret")
            let secret = "{ file: \(files.path)/secret }"
            return try await ServiceUnderTest(
                bench,
                more: "webhooks:\n  listen: 127.0.0.1:\(port)\n  public_url: https://box.example.net\n\(more)",
                pbx: """
                      cloud:
                        profile: twilio
                        user: SK1
                        password: \(secret)
                        account: AC1
                        caller_id: "+4922166966966"
                        own_number: "\(own)"
                        callthrough: { access_number: "\(Bench.accessNumber)", script: "{target}#" }
                        webhook: { secret: \(secret), incoming: forward, forward_to: ["+4922166966999"] }
                      own:
                        profile: generic
                        url: https://pbx.example.net
                        webhook: { secret: \(secret) }
                    """
            )
        }

        @Test("a callthrough that was announced is led to its target, once; nobody else's call is")
        func announced() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let (port, files) = (try freePort(), try TemporaryDirectory())
            let service = try await Self.service(bench, port: port, files: files)
            try await service.modems(are: "ready", count: 1)
            let peer = WebhookPeer("http://127.0.0.1:\(port)")
            let stranger = try await peer.twilio("cloud", call: "CA1", from: "+4930555123", to: Bench.accessNumber)
            #expect(stranger.status == 200)
            #expect(stranger.text.contains("<Number>+4922166966999</Number>"), "\(stranger.text)")
            let early = try await peer.twilio("cloud", call: "CA2", from: Self.own, to: Bench.accessNumber)
            #expect(early.text.contains("<Reject"), "\(early.text)")

            let dial = try service.start(["dial", Bench.target, "--pbx", "cloud", "--format", "json"])
            let dialing = await dial.output(where: isEvent("call.dialing"))
            #expect(dialing != nil)
            let other = try await peer.twilio("cloud", call: "CA3", from: "+4930555123", to: Bench.accessNumber)
            #expect(other.text.contains("+4922166966999"), "\(other.text)")
            let withheld = try await peer.twilio("cloud", call: "CA4", from: "anonymous", to: Bench.accessNumber)
            #expect(!withheld.text.contains("+493012345678"), "\(withheld.text)")
            let ours = try await peer.twilio("cloud", call: "CA5", from: Self.own, to: Bench.accessNumber)
            #expect(ours.text.contains("<Number>+493012345678</Number>"), "\(ours.text)")
            // Asked for the same call again it says the same, asked for another one it does not.
            let again = try await peer.twilio("cloud", call: "CA5", from: Self.own, to: Bench.accessNumber)
            #expect(again.text == ours.text)
            let second = try await peer.twilio("cloud", call: "CA6", from: Self.own, to: Bench.accessNumber)
            #expect(second.text.contains("<Reject"), "\(second.text)")
            dial.send(SIGINT)
            let result = await dial.end()
            // No tones: the webhook has said it.
            #expect(bench.calls(of: 0).allSatisfy { $0.tones.isEmpty }, "\(result)")
            try await peer.close()
            _ = await service.stop()
        }

        @Test("an announcement outlives a reload of the configuration")
        func reload() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let (port, files) = (try freePort(), try TemporaryDirectory())
            let service = try await Self.service(bench, port: port, files: files)
            try await service.modems(are: "ready", count: 1)
            let peer = WebhookPeer("http://127.0.0.1:\(port)")
            let dial = try service.start(["dial", Bench.target, "--pbx", "cloud", "--format", "json"])
            #expect(await dial.output(where: isEvent("call.dialing")) != nil)
            service.program.send(SIGHUP)
            #expect(await service.program.error { $0.contains("configuration reloaded") } != nil)
            let ours = try await peer.twilio("cloud", call: "CA1", from: Self.own, to: Bench.accessNumber)
            #expect(ours.text.contains("<Number>+493012345678</Number>"), "\(ours.text)")
            dial.send(SIGINT)
            _ = await dial.end()
            try await peer.close()
            _ = await service.stop()
        }

        @Test("a webhook that was taken before a restart does nothing when it is played again")
        func replay() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let (port, files) = (try freePort(), try TemporaryDirectory())
            let service = try await Self.service(bench, port: port, files: files)
            let before = WebhookPeer("http://127.0.0.1:\(port)")
            let first = try await before.twilio("cloud", call: "CA1", from: "+4930555123", to: Bench.accessNumber)
            #expect(first.status == 200)
            try await before.close()
            try await service.restart()
            let after = WebhookPeer("http://127.0.0.1:\(port)")
            let played = try await after.twilio("cloud", call: "CA1", from: "+4930555123", to: Bench.accessNumber)
            #expect(played.status == 204, "\(played.text)")
            let new = try await after.twilio("cloud", call: "CA2", from: "+4930555123", to: Bench.accessNumber)
            #expect(new.status == 200)
            try await after.close()
            _ = await service.stop()
        }

        @Test(
            "a receiver that never answers delays no call, and what waits for it goes out after a restart, under its id"
        )
        func mute() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let receiver = SimulatedReceiver([.silence])
            let (hook, files) = (try await receiver.listen(), try TemporaryDirectory())
            let notify = """
                  notify:
                    - url: http://127.0.0.1:\(hook)/hook
                      secret: { file: \(files.path)/secret }
                      events: [call.*]
                """
            let service = try await Self.service(bench, port: try freePort(), files: files, more: notify)
            try await service.modems(are: "ready", count: 1)
            let call = try service.start(["dial", Bench.target, "--pbx", "office", "--format", "json"])
            var arrivals = receiver.arrivals.makeAsyncIterator()
            let first = try #require(await arrivals.next())
            let result = await call.end()
            #expect(result.status == 0, "\(result)")
            try await service.restart()
            var names: [String] = []
            var ids: [String?] = []
            while names.last != "call.ended", let arrival = await arrivals.next() {
                ids.append(arrival.headers["webhook-id"])
                names.append(try Document(String(decoding: arrival.body, as: UTF8.self)).event)
            }
            #expect(ids.first == first.headers["webhook-id"])
            #expect(Set(ids).count == ids.count)
            #expect(names == result.output.compactMap { try? Document($0).event }, "\(names)")
            await receiver.close()
            _ = await service.stop()
        }

        @Test("over TLS: the certificate is shown and renewed by SIGHUP, and plain HTTP finds nobody")
        func encrypted() async throws {
            let bench = try Bench([.quectel])
            defer { bench.stop() }
            let files = try TemporaryDirectory()
            let (certificate, key) = (files.path + "/box.pem", files.path + "/box.key")
            let (first, second) = (TestCertificate.first, TestCertificate.second)
            try ServiceUnderTest.write(first.certificate, to: certificate)
            try ServiceUnderTest.write(first.key, to: key)
            try ServiceUnderTest.write(first.authority, to: files.path + "/first.pem")
            try ServiceUnderTest.write(second.authority, to: files.path + "/second.pem")
            let port = try freePort()
            let tls = "  tls: { certificate: \(certificate), key: { file: \(key) } }\n"
            let service = try await Self.service(bench, port: port, files: files, more: tls)
            let body = #"{"type":"call.ended","data":{"id":"c1","cause":"busy","seconds":3}}"#
            let old = WebhookPeer("https://localhost:\(port)", authority: files.path + "/first.pem")
            #expect(try await old.standard("own", id: "m1", body).status == 204)
            let plain = WebhookPeer("http://127.0.0.1:\(port)")
            await #expect(throws: TransportFailure.self) { try await plain.standard("own", id: "m2", body) }
            let stranger = WebhookPeer("https://localhost:\(port)", authority: files.path + "/second.pem")
            await #expect(throws: TransportFailure.self) { try await stranger.standard("own", id: "m3", body) }

            // A pair that does not fit is reported, and the one before stays.
            try ServiceUnderTest.write(second.certificate, to: certificate)
            service.program.send(SIGHUP)
            #expect(await service.program.error { $0.contains("listener for webhooks stays as it was") } != nil)
            let still = WebhookPeer("https://localhost:\(port)", authority: files.path + "/first.pem")
            #expect(try await still.standard("own", id: "m4", body).status == 204)

            try ServiceUnderTest.write(second.key, to: key)
            service.program.send(SIGHUP)
            #expect(await service.program.error { $0.contains("webhooks follow the new configuration") } != nil)
            let new = WebhookPeer("https://localhost:\(port)", authority: files.path + "/second.pem")
            #expect(try await new.standard("own", id: "m5", body).status == 204)
            for peer in [old, plain, stranger, still, new] { try await peer.close() }
            _ = await service.stop()
        }

        @Test(
            "a key that is not the certificate's, and files that hold none, are wrong configuration, with file and line"
        )
        func wrongPair() async throws {
            let files = try TemporaryDirectory()
            let (certificate, key) = (files.path + "/box.pem", files.path + "/box.key")
            let rows = [
                (TestCertificate.first.certificate, TestCertificate.second.key, 7),
                ("nonsense", TestCertificate.first.key, 6),
                (TestCertificate.first.certificate, "nonsense", 7),
            ]
            for (shown, secret, line) in rows {
                try ServiceUnderTest.write(shown, to: certificate)
                try ServiceUnderTest.write(secret, to: key)
                let configuration = files.path + "/gsmbridge.yaml"
                let text = """
                    gateway:
                      state_dir: \(files.path)/state
                    webhooks:
                      listen: 127.0.0.1:\(try freePort())
                      tls:
                        certificate: \(certificate)
                        key: { file: \(key) }

                    """
                try ServiceUnderTest.write(text, to: configuration)
                let socket = files.path + "/control.sock"
                let result = try await Program.run(["run", "--config", configuration, "--socket", socket])
                #expect(result.status == 78, "\(result)")
                let said = result.errors.contains { $0.hasPrefix("gsmbridge: \(configuration):\(line): ") }
                #expect(said, "\(result)")
            }
        }
    }
}

extension HTTPReply {
    fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}
