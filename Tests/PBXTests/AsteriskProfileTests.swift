import DialPlan
import Testing

@testable import PBX

// asterisk_ari.
extension ProfileTests {
    private static func asterisk() throws -> PBXAccount {
        try Rig.account(.asteriskARI, "https://pbx.example.net:8089/ari") { account in
            account.options.endpoint = "PJSIP/{number}@trunk"
            account.options.context = "from-gsmbridge"
            account.options.callerID = try? DialString(typed: "+4930555555")
        }
    }

    @Test("Asterisk calls by FreePBX's own context where none is set, and announces nothing then")
    func asteriskWithoutContext() throws {
        let account = try Rig.account(.asteriskARI, "https://pbx.example.net:8089/ari")
        let (requests, _) = try account.play(.requestCallback(try Rig.callback()), .json(200, "{}"))
        let target = try #require(requests.first).url.target
        #expect(target.contains("endpoint=Local%2F%2B4915112345678%40from-internal&"))
        #expect(target.contains("&context=from-internal&"))
        let capabilities = account.profile.capabilities(account)
        #expect(capabilities.callsBack)
        #expect(!capabilities.announcesCallthrough)
        let nameless = try Rig.account(.asteriskARI) { $0.ownNumber = nil }
        #expect(throws: PBXError.self) { try nameless.begin(.requestCallback(try Rig.callback())) }
    }

    @Test(
        "Asterisk rings the SIM under our own channel id, and the same request twice is one call",
        arguments: [200, 409]
    )
    func asteriskCallback(_ status: Int) throws {
        let (requests, result) = try Self.asterisk().play(.requestCallback(try Rig.callback()), .json(status, "{}"))
        let request = try #require(requests.first)
        #expect(request.method == .post)
        #expect(request.effect == .once)
        #expect(
            request.url.target == "/ari/channels?endpoint=PJSIP%2F%2B4915112345678%40trunk&extension=%2B4930123456"
                + "&context=from-gsmbridge&priority=1&callerId=%2B4930555555&timeout=30&channelId=gsmbridge-\(Rig.call)"
        )
        #expect(request.text == #"{"variables":{"GSMBRIDGE_CALL":"\#(Rig.call)"}}"#)
        #expect(request.header("Authorization") == Self.basic("anna:s3cr3t"))
        guard case .accepted(let reference) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(reference?.text == "gsmbridge-\(Rig.call)")
    }

    @Test("Asterisk is told whom our call is for, in a variable that runs out")
    func asteriskAnnouncement() throws {
        let account = try Self.asterisk()
        let (requests, result) = try account.play(.prepareCallthrough(try Rig.callthrough()), HTTPReply(status: 204))
        let prefix = "/ari/asterisk/variable?variable=GSMBRIDGE_DIAL_4915112345678&value=%2B4930123456%7C"
        let target = try #require(requests.first?.url.target)
        #expect(target.hasPrefix(prefix))
        let until = try #require(Int64(target.dropFirst(prefix.count)))
        #expect(abs(until - UnixTime.now.seconds - 60) <= 5)
        guard case .ticket(let ticket) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(ticket.dial?.text == "+4922166966966")
        #expect(!ticket.needsTarget && ticket.token == nil)
    }

    @Test("a claim at Asterisk looks for the caller first; one that is gone is expired")
    func asteriskClaim() throws {
        let account = try Self.asterisk()
        let (requests, _) = try account.play(
            .claimHeld(try Rig.claim("1700000000.17")),
            .json(200, #"{"id":"1700000000.17","name":"PJSIP/trunk-0000002a","state":"Up"}"#),
            HTTPReply(status: 204)
        )
        #expect(requests.first?.url.target == "/ari/channels/1700000000.17")
        #expect(
            requests.last?.url.target.contains("GSMBRIDGE_JOIN_4915112345678&value=PJSIP%2Ftrunk-0000002a%7C") == true
        )
        let step = try account.begin(.claimHeld(try Rig.claim("1700000000.17")))
        do {
            _ = try step.after(.json(404, #"{"message":"Channel not found"}"#))
            Issue.record("a caller who is gone can't be claimed")
        } catch let error as PBXError {
            #expect(error.kind == .expired)
        }
    }

    @Test("Asterisk's channels are asked for and ended, and its version is told")
    func asteriskRest() throws {
        let account = try Self.asterisk()
        let reference = try Rig.reference("gsmbridge-1")
        #expect(try account.begin(.hangUp(reference)).request?.url.target == "/ari/channels/gsmbridge-1?reason=normal")
        guard case .state(.ringing) = try account.play(.status(reference), .json(200, #"{"state":"Ringing"}"#)).result,
            case .done = try account.play(.hangUp(reference), HTTPReply(status: 404)).result,
            case .health(let version) = try account.play(.health, .json(200, #"{"system":{"version":"22.1.0"}}"#))
                .result
        else {
            Issue.record("a result of another kind")
            return
        }
        #expect(version == "Asterisk 22.1.0")
    }
}
