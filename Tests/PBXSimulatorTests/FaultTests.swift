import DialPlan
import Foundation
import ModemSimulator
import NetworkSimulator
import PBX
import PBXSimulator
import Testing
import WebRequests

@Suite("Faults of the simulated PBX", .timeLimit(.minutes(10)))
struct FaultTests {
    private static let body = #"{"target":"+4930123456"}"#

    @Test(
        "a fault that strikes before the PBX acts leaves nothing behind",
        arguments: [
            (PBXServer.Fault.status(500), 500), (.status(503), 503), (.tooMany(retryAfter: 2), 429),
            (.refusesAuthorization, 401),
        ]
    )
    func beforeActing(_ fault: PBXServer.Fault, _ status: Int) async throws {
        try await ServerRig.run { rig async throws in
            rig.server.inject(fault, into: .callback, times: 1)
            let reply = try await rig.send("POST", "/callback", Self.body)
            #expect(reply.status == status)
            if case .tooMany = fault { #expect(reply.headers["retry-after"] == "2") }
            #expect(rig.counts.originations == 0)
            #expect(try await rig.send("POST", "/callback", Self.body).status == 202, "it was to strike once")
            #expect(rig.counts.originations == 1)
        }
    }

    @Test("a lost reply comes after the PBX has acted", arguments: [PBXServer.Fault.lostReply, .halfBody, .hangsUp])
    func cut(_ fault: PBXServer.Fault) async throws {
        try await ServerRig.run { rig async throws in
            rig.server.inject(fault, into: .callback)
            await #expect(throws: (any Error).self) { _ = try await rig.send("POST", "/callback", Self.body) }
            #expect(rig.counts.originations == (fault == .hangsUp ? 0 : 1))
            #expect(try await rig.send("GET", "/health").status == 200, "other actions are spared")
            rig.server.clearFaults()
            #expect(try await rig.send("POST", "/callback", Self.body).status == 202)
        }
    }

    @Test("garbage and slow answers come after the PBX has acted")
    func spoilt() async throws {
        try await ServerRig.run { rig async throws in
            rig.server.inject(.garbage, times: 1)
            let reply = try await rig.send("POST", "/callback", Self.body)
            #expect(reply.status == 200)
            #expect(reply.field("id") == nil)
            #expect(rig.counts.originations == 1)
            rig.server.inject(.slow(.milliseconds(300)), times: 1)
            let before = ContinuousClock.now
            #expect(try await rig.send("POST", "/callback", Self.body).status == 202)
            #expect(ContinuousClock.now - before >= .milliseconds(300))
            #expect(rig.counts.originations == 2)
        }
    }

    /// The product's own client, with the profile `generic`.
    private static func client(_ url: String, authority: String? = nil) throws -> PBXConnection {
        let profile = try #require(PBXProfile.named("generic"))
        let region = try Region(code: "DE")
        var account = PBXAccount(name: "simulated", profile: profile, region: region)
        account.address = WebAddress(url)
        account.certificateAuthority = authority
        return PBXConnection(account: account, transport: AsyncHTTPTransport(certificateAuthority: authority))
    }

    private static func request() throws -> CallbackRequest {
        let region = try Region(code: "DE")
        let target = try PhoneNumber(typed: "+4930123456", region: region)
        return CallbackRequest(call: CallKey(UUID()), target: target, caller: nil)
    }

    @Test("the product's client gets its callback once, whatever happens to the reply")
    func once() async throws {
        try await ServerRig.run { rig async throws in
            let client = try Self.client(rig.url)
            let health = try await client.health()
            #expect(health.version == "simulated 1")
            rig.server.inject(.tooMany(retryAfter: 1), into: .callback, times: 1)
            let reference = try await client.requestCallback(Self.request())
            #expect(reference?.text.isEmpty == false)
            #expect(rig.counts.originations == 1)
            rig.server.inject(.lostReply, into: .callback, times: 1)
            let request = try Self.request()
            do throws(PBXError) {
                _ = try await client.requestCallback(request)
            } catch {
                #expect(error.kind == .ambiguous, "\(error)")
            }
            #expect(rig.counts.originations == 2, "one for each request that was meant")
            try await client.close()
        }
    }

    @Test("a certificate that nobody vouches for is refused, and taken once its authority is known")
    func certificate() async throws {
        let identity = try SelfSignedIdentity()
        defer { identity.remove() }
        let files = identity.files
        try await ServerRig.run(PBXServer.Configuration(tls: files)) { rig async throws in
            #expect(rig.url.hasPrefix("https://"))
            let stranger = try Self.client(rig.url)
            let request = try Self.request()
            do throws(PBXError) {
                _ = try await stranger.requestCallback(request)
                Issue.record("a self-signed certificate was taken")
            } catch {
                #expect(error.kind == .unreachable(.certificate), "\(error)")
            }
            #expect(rig.counts.originations == 0)
            let friend = try Self.client(rig.url, authority: files.certificate)
            let health = try await friend.health()
            #expect(health.version == "simulated 1")
            try await stranger.close()
            try await friend.close()
        }
    }
}
