import Glibc
import ModemSimulator
import Testing

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
    }
}

extension HTTPReply {
    fileprivate var text: String { String(decoding: body, as: UTF8.self) }
}
