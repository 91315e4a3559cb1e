import DialPlan
import Testing
import WebRequests

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
        // A channel that exists already is looked for.
        let (requests, result) = try Self.asterisk()
            .play(.requestCallback(try Rig.callback()), .json(status, "{}"), .json(200, #"{"state":"Ring"}"#))
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
        let prefix = "/ari/asterisk/variable?variable=GSMBRIDGE_DIAL_112345678&value=%2B4930123456%7C"
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

    @Test("a claim at Asterisk looks for the caller first; one that is gone is expired; without app there is none")
    func asteriskClaim() throws {
        var account = try Self.asterisk()
        #expect(throws: PBXError.self) { try account.begin(.claimHeld(try Rig.claim("1700000000.17"))) }
        #expect(account.profile.capabilities(account).reverse == .none)
        account.options.application = "cabin"
        #expect(account.profile.capabilities(account).reverse == .native)
        let step = try account.begin(.claimHeld(try Rig.claim("1700000000.17")))
        #expect(step.request?.url.target == "/ari/channels/1700000000.17")
        do {
            _ = try step.after(.json(404, #"{"message":"Channel not found"}"#))
            Issue.record("a caller who is gone can't be claimed")
        } catch let error as PBXError {
            #expect(error.kind == .expired)
        }
    }

    @Test("with app no variable is set: neither for an announcement nor for its withdrawal")
    func asteriskApplication() throws {
        var account = try Self.asterisk()
        account.options.application = "cabin"
        #expect(!account.profile.capabilities(account).announcesCallthrough)
        // Nobody keeps a connection.
        #expect(throws: PBXError.self) { try account.begin(.prepareCallthrough(try Rig.callthrough())) }
        let withdrawal = WithdrawRequest(call: Rig.call, caller: nil)
        #expect(try account.play(.withdrawCallthrough(withdrawal)).requests.isEmpty)
        account.options.application = nil
        let (requests, _) = try account.play(.withdrawCallthrough(withdrawal), HTTPReply(status: 204))
        #expect(requests.map(\.url.target) == ["/ari/asterisk/variable?variable=GSMBRIDGE_DIAL_112345678&value="])
    }

    @Test("a callback that Asterisk could not place is refused, not waited for", arguments: [500, 409])
    func asteriskNotPlaced(_ status: Int) throws {
        let account = try Self.asterisk()
        do {
            _ = try account.play(
                .requestCallback(try Rig.callback()),
                .json(status, #"{"message":"Allocation failed"}"#),
                .json(404, #"{"message":"Channel not found"}"#)
            )
            Issue.record("\(status) is no acceptance")
        } catch let error as PBXError {
            #expect(error.kind == .refused(status: status))
        }
    }

    @Test("an answered call at Asterisk is bridged once somebody shares its bridge")
    func asteriskCompany() throws {
        let account = try Self.asterisk()
        let call = try Rig.reference("gsmbridge-1")
        for (bridges, expected) in [
            (#"[]"#, PBXCallState.answered), (#"[{"id":"a","channels":["gsmbridge-1"]}]"#, .answered),
            (#"[{"id":"a","channels":["x","gsmbridge-1"]}]"#, .bridged),
        ] {
            let up = HTTPReply.json(200, #"{"state":"Up"}"#)
            guard case .state(let state) = try account.play(.status(call), up, .json(200, bridges)).result else {
                Issue.record("no state")
                continue
            }
            #expect(state == expected, "\(bridges)")
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
