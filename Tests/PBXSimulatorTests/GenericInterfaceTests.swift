import ModemSimulator
import NIOHTTP1
import NetworkSimulator
import SimulatedTerminals
import Testing

@testable import PBXSimulator

@Suite("The simulated PBX over HTTP", .timeLimit(.minutes(10)))
struct GenericInterfaceTests {
    @Test("a callback that is asked for over HTTP joins the modem and the target")
    func callback() async throws {
        try await ServerRig.run { rig async throws in
            let body = #"{"call":"c1","target":"+4930123456","caller":"+491713920000"}"#
            let reply = try await rig.send("POST", "/callback", body, headers: ["Idempotency-Key": "c1"])
            #expect(reply.status == 202)
            let id = try #require(reply.field("id"))
            let again = try await rig.send("POST", "/callback", body, headers: ["Idempotency-Key": "c1"])
            #expect(again.field("id") == id)
            #expect(await rig.event("ringing") != nil)
            rig.modem("ATA")
            let joined = await rig.event("joined")
            guard case .joined(_, _, let caller, let target) = joined else {
                Issue.record("\(String(describing: joined))")
                return
            }
            #expect([caller, target] == [ServerRig.modemNumber, "+4930123456"])
            #expect(try await rig.send("GET", "/calls/\(id)").field("state") == "bridged")
            #expect(try await rig.send("POST", "/calls/\(id)/hangup").status == 204)
            #expect(try await rig.send("DELETE", "/calls/\(id)").status == 410)
            #expect(await rig.event("ended") != nil)
            #expect(rig.counts.originations == 1)
            #expect(rig.counts.rings == 1)
            #expect(rig.server.received(.callback) == 2)
        }
    }

    @Test("a held caller is claimed over HTTP and fetched by a call", arguments: SimulatedPBX.Recognition.allCases)
    func reverse(_ recognition: SimulatedPBX.Recognition) async throws {
        try await ServerRig.run(PBXServer.Configuration(), ServerRig.with { $0.recognition = recognition }) {
            rig async throws in
            let outside = try await rig.send("POST", "/outside/call", #"{"from":"030 555123"}"#)
            #expect(outside.status == 201)
            let id = try #require(outside.field("held"))
            #expect(await rig.event("ringing") != nil)
            rig.modem("AT+CHUP")
            #expect(await rig.event("unanswered") == .unanswered(id: id, cause: 17))
            #expect(try await rig.send("GET", "/held").text.contains("\"from\":\"+4930555123\""))
            let claim = try await rig.send("POST", "/held/\(id)/claim", #"{"caller":"+491713920000"}"#)
            #expect(claim.status == 200)
            #expect(claim.field("expiresAt")?.hasSuffix("Z") == true)
            let dial = try #require(claim.field("dial"))
            #expect((claim.field("token") != nil) == (recognition == .token))
            #expect(try await rig.send("POST", "/held/\(id)/claim").status == 409)
            rig.host.withWorld { world, _ in world.network.accessNumbers[dial]?.promptDelay = .zero }
            rig.modem("ATD\(dial);")
            if let token = claim.field("token") { await tones(token + "#", rig) }
            let joined = await rig.event("joined")
            guard case .joined(id, _, "+4930555123", ServerRig.modemNumber) = joined else {
                Issue.record("\(String(describing: joined))")
                return
            }
            #expect(try await rig.send("POST", "/outside/hangup/\(id)").status == 204)
            #expect(await rig.event("ended") != nil)
            #expect(try await rig.send("POST", "/held/\(id)/claim").status == 410)
            #expect(rig.counts.claims == 1)
        }
    }

    /// Sends tones once the PBX has answered, to an access number that listens at once.
    private func tones(_ digits: String, _ rig: ServerRig) async {
        let events = rig.host.farSideEvents()
        let isAnswered = rig.host.withWorld { world, _ in
            world.calls.contains { $0.modem == 0 && $0.state == .answered }
        }
        if !isAnswered {
            for await case .answered in events { break }
        }
        for digit in digits { rig.modem("AT+VTS=\(digit)") }
    }

    @Test("a held caller can be given back, by either spelling", arguments: [("POST", "/release"), ("DELETE", "")])
    func release(_ method: String, _ rest: String) async throws {
        try await ServerRig.run { rig async throws in
            let id = try #require(try await rig.send("POST", "/outside/call", #"{"from":"030555123"}"#).field("held"))
            #expect(try await rig.send(method, "/held/\(id)\(rest)").status == 204)
            #expect(try await rig.send("POST", "/held/\(id)/claim").status == 410)
            #expect(rig.counts.releases == 1)
        }
    }

    @Test("a target is announced, and the access number comes back", arguments: ["/callthrough", "/prepare"])
    func announce(_ path: String) async throws {
        try await ServerRig.run(PBXServer.Configuration(), ServerRig.with { $0.recognition = .token }) {
            rig async throws in
            let reply = try await rig.send("POST", path, #"{"to":"+4930123456"}"#)
            #expect(reply.status == 200)
            #expect(reply.field("dial") == "+4922166966966")
            #expect(reply.field("token")?.utf8.count == 8)
            #expect(try await rig.send("POST", path, #"{"to":"112"}"#).status == 422)
        }
    }

    @Test(
        "what is not understood is refused and does nothing",
        arguments: [
            ("GET", "/", "", 404), ("GET", "/callback", "", 404), ("POST", "/callback", "{", 400),
            ("POST", "/callback", "[1]", 400), ("POST", "/callback", "{}", 422), ("POST", "/held/x/claim", "", 404),
            ("GET", "/calls/x", "", 404), ("DELETE", "/held/x", "", 404),
            ("POST", "/outside/call", #"{"to":"+4930123456"}"#, 404), ("POST", "/outside/hangup/x", "", 404),
            ("GET", "/health", "", 200),
        ]
    )
    func refusals(_ method: String, _ path: String, _ body: String, _ status: Int) async throws {
        try await ServerRig.run { rig async throws in
            #expect(try await rig.send(method, path, body).status == status)
            #expect(rig.counts == SimulatedPBX.Counts())
        }
    }

    @Test(
        "what a target says is decoded, and what can't be is refused",
        arguments: [
            ("/calls/a%2Fb", ["calls", "a/b"]), ("/calls/%zz", nil), ("/calls/%8", nil), ("/calls/%80", nil),
            ("calls", nil), ("*", nil), ("", nil), ("/?a=%zz", nil), ("/", []),
        ]
    )
    func targets(_ target: String, _ path: [String]?) {
        #expect(PBXMessage(method: .GET, target: target, headers: [:], body: [])?.path == path)
    }

    @Test("a password is asked for, as Basic or as bearer token")
    func authorization() async throws {
        try await ServerRig.run(PBXServer.Configuration(user: "box", password: "secret")) { rig async throws in
            let rows: [(String?, Int)] = [
                (nil, 401), ("Basic Ym94OnNlY3JldA==", 200), ("Bearer secret", 200), ("Bearer Secret", 401),
                ("Basic Ym94Og==", 401),
            ]
            for (value, status) in rows {
                let headers = value.map { ["Authorization": $0] } ?? [:]
                #expect(try await rig.send("GET", "/health", headers: headers).status == status, "\(value ?? "none")")
            }
            #expect(try await rig.send("POST", "/outside/call", #"{"from":""}"#).status == 201, "people need none")
        }
    }

    @Test("Asterisk's interface places a call, finds it, and ends it")
    func asterisk() async throws {
        try await ServerRig.run { rig async throws in
            #expect(try await rig.send("GET", "/ari/asterisk/info").text.contains("\"version\":\"22"))
            let path =
                "/ari/channels?endpoint=PJSIP%2F%2B491713920000%40trunk&extension=%2B4930123456&context=x&priority=1"
                + "&channelId=mine"
            #expect(try await rig.send("POST", path, #"{"variables":{"A":"b"}}"#).field("id") == "mine")
            #expect(try await rig.send("POST", path).status == 409)
            #expect(await rig.event("ringing") != nil)
            #expect(try await rig.send("GET", "/ari/channels/mine").field("state") == "Ringing")
            rig.modem("ATA")
            #expect(await rig.event("joined") != nil)
            #expect(try await rig.send("GET", "/ari/channels").text.contains("\"mine\""))
            #expect(try await rig.send("DELETE", "/ari/channels/mine?reason=normal").status == 204)
            #expect(try await rig.send("GET", "/ari/channels/mine").status == 404)
            #expect(rig.counts.originations == 1)
        }
    }

    /// Nobody gives up before a busy machine has gone through a whole test.
    private static let patient = ServerRig.with {
        $0.modem = nil
        $0.holdTime = .seconds(3600)
        $0.ringTime = .seconds(3600)
    }

    @Test("Asterisk's bridge joins a held caller with a modem that was rung by the application")
    func bridge() async throws {
        try await ServerRig.run(PBXServer.Configuration(), Self.patient) { rig async throws in
            let held = try #require(try await rig.send("POST", "/outside/call", #"{"from":"030555123"}"#).field("held"))
            let originate = "/ari/channels?endpoint=PJSIP/trunk/%2B491713920000&app=gsmbridge&channelId=leg"
            #expect(try await rig.send("POST", originate).status == 200)
            #expect(await rig.event("ringing") != nil)
            #expect(try await rig.send("POST", "/ari/bridges?type=mixing&bridgeId=b").status == 200)
            #expect(try await rig.send("POST", "/ari/bridges?bridgeId=b").status == 409)
            #expect(try await rig.send("POST", "/ari/bridges/none/addChannel?channel=leg").status == 404)
            #expect(try await rig.send("POST", "/ari/bridges/b/addChannel?channel=nothing").status == 400)
            rig.modem("ATA")
            #expect(await rig.event("answered") != nil)
            #expect(try await rig.send("POST", "/ari/bridges/b/addChannel?channel=leg,\(held)").status == 204)
            #expect(await rig.event("joined") != nil)
            #expect(try await rig.send("DELETE", "/ari/bridges/b").status == 204)
        }
    }

    @Test("Asterisk's variable announces a target under the end of the SIM's number, and takes it back")
    func variables() async throws {
        try await ServerRig.run { rig async throws in
            let dial = "/ari/asterisk/variable?variable=GSMBRIDGE_DIAL_713920000&value="
            #expect(try await rig.send("POST", dial + "%2B4930123456%7C1790000000").status == 204)
            #expect(rig.counts.announcements == 1)
            #expect(try await rig.send("POST", dial).status == 204)
            #expect(rig.host.withWorld { world, _ in world.pbx.tickets.map(\.state) } == [.cancelled])
            #expect(try await rig.send("POST", "/ari/asterisk/variable").status == 400)
        }
    }

    @Test("each request of Asterisk's interface is answered by the state of what it names, as the real one does")
    func statuses() async throws {
        try await ServerRig.run(PBXServer.Configuration(), Self.patient) { rig async throws in
            let held = try #require(try await rig.send("POST", "/outside/call", #"{"from":"030555123"}"#).field("held"))
            let placed = "/ari/channels?endpoint=PJSIP/trunk/%2B491713920000&extension=%2B4930123456&context=x"
            for (method, path, status) in [
                ("POST", "/ari/channels?endpoint=%2B491713920000&app=a", 400),
                ("POST", "/ari/channels?endpoint=PJSIP/nowhere&app=a", 500),
                ("POST", "/ari/channels?endpoint=PJSIP/trunk/%2B491713920000", 400),
                ("POST", placed + "&channelId=leg", 200), ("POST", placed + "&channelId=leg", 409),
                ("GET", "/ari/channels/none", 404), ("DELETE", "/ari/channels/none", 404),
                ("POST", "/ari/channels/none/answer", 404), ("POST", "/ari/channels/leg/answer", 409),
                ("POST", "/ari/channels/leg/continue", 409), ("POST", "/ari/channels/\(held)/variable", 400),
                ("POST", "/ari/channels/\(held)/answer", 204),
                ("POST", "/ari/bridges/b?type=holding", 200), ("POST", "/ari/bridges/b?type=holding", 409),
                ("POST", "/ari/bridges?bridgeId=b", 409), ("GET", "/ari/bridges/b", 200),
                ("GET", "/ari/bridges/none", 404), ("POST", "/ari/bridges/b/moh", 204),
                ("POST", "/ari/bridges/none/moh", 404), ("POST", "/ari/bridges/none/addChannel?channel=leg", 404),
                ("POST", "/ari/bridges/b/addChannel?channel=none", 400),
                ("POST", "/ari/bridges/b/addChannel?channel=leg", 422),
                ("POST", "/ari/bridges/b/addChannel?channel=\(held)", 204),
                ("POST", "/ari/bridges/c?type=mixing", 200),
                // It leaves the bridge in which it was.
                ("POST", "/ari/bridges/c/addChannel?channel=\(held)", 204),
                ("POST", "/ari/bridges/b/removeChannel?channel=\(held)", 422),
                ("POST", "/ari/bridges/c/removeChannel?channel=none", 400),
                ("POST", "/ari/bridges/c/removeChannel?channel=\(held)", 204),
                ("DELETE", "/ari/bridges/b", 204), ("DELETE", "/ari/bridges/b", 404),
            ] {
                #expect(try await rig.send(method, path).status == status, "\(method) \(path)")
            }
        }
    }
}
