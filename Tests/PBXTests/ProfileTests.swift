import DialPlan
import Testing
import TextCoding
import WebRequests

@testable import PBX

@Suite("Profiles and their requests")
struct ProfileTests {
    static func basic(_ text: String) -> String { "Basic " + Base64Text.encode(text.utf8) }

    // MARK: generic

    @Test("generic speaks the project's own contract")
    func generic() throws {
        let account = try Rig.account(.generic)
        let (requests, result) = try account.play(
            .prepareCallthrough(try Rig.callthrough()),
            .json(200, #"{"dial":"0221 669 669 66","token":"4711#","expiresAt":1060,"id":"t1"}"#)
        )
        let request = try #require(requests.first)
        #expect(request.method == .post)
        #expect(request.url.wire == "https://pbx.example.net/api/callthrough")
        #expect(request.text == #"{"call":"\#(Rig.call)","target":"+4930123456","caller":"+4915112345678"}"#)
        #expect(request.header("Content-Type") == "application/json")
        #expect(request.header("Idempotency-Key") == Rig.call.text)
        #expect(request.header("Authorization") == Self.basic("anna:s3cr3t"))
        #expect(request.effect == .keyed)
        guard case .ticket(let ticket) = result else {
            Issue.record("no ticket")
            return
        }
        #expect(ticket.dial?.text == "022166966966")
        #expect(ticket.token?.reveal() == "4711#")
        #expect(ticket.validFor == .seconds(60))
        #expect(ticket.reference?.text == "t1")
    }

    @Test(
        "an announcement that names nothing to dial is no reason to leave the tones out",
        arguments: [
            ("{}", true), (#"{"id":"7"}"#, true), (#"{"dial":"+4922166966967"}"#, false), (#"{"token":"4711"}"#, false),
        ]
    )
    func genericAnnouncement(answer: String, needsTarget: Bool) throws {
        let account = try Rig.account(.generic)
        let (_, result) = try account.play(.prepareCallthrough(try Rig.callthrough()), .json(200, answer))
        guard case .ticket(let ticket) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(ticket.needsTarget == needsTarget)
    }

    @Test("generic leaves a number that nobody here knows to the PBX")
    func genericWithoutNumber() throws {
        let account = try Rig.account(.generic) { $0.ownNumber = nil }
        let request = CallbackRequest(call: Rig.call, target: try Rig.callback().target, caller: nil)
        let text = try account.begin(.requestCallback(request)).request?.text
        #expect(text == #"{"call":"\#(Rig.call)","target":"+4930123456","caller":null}"#)
    }

    @Test(
        "generic takes a callback that was accepted in whatever words",
        arguments: [
            (200, ""), (200, "{}"), (200, "OK"), (201, "<html>"), (202, ""), (204, ""), (200, #"{"id":"a b"}"#),
        ]
    )
    func genericCallback(status: Int, answer: String) throws {
        let account = try Rig.account(.generic)
        let (requests, result) = try account.play(.requestCallback(try Rig.callback()), .text(status, answer))
        #expect(requests.count == 1)
        guard case .accepted(nil) = result else {
            Issue.record("\(result)")
            return
        }
    }

    @Test(
        "a claim that was granted without a number goes to the access number, where there is one",
        arguments: ["", "{}", "OK", #"{"dial":null}"#]
    )
    func genericClaim(answer: String) throws {
        let claim = PBXAction.claimHeld(try Rig.claim("h"))
        let account = try Rig.account(.generic) { $0.accessNumber = try? DialString(typed: "+4922166966966") }
        guard case .ticket(let ticket) = try account.play(claim, .text(200, answer)).result else {
            Issue.record("no ticket")
            return
        }
        #expect(ticket.dial == nil && ticket.token == nil)
        let nameless = try Rig.account(.generic) { $0.accessNumber = nil }
        #expect(throws: PBXError.self) { try nameless.play(claim, .text(200, answer)) }
    }

    @Test("generic claims, releases, asks and ends with references that can't leave their place")
    func genericPaths() throws {
        let account = try Rig.account(.generic)
        #expect(
            try account.begin(.claimHeld(try Rig.claim("a/b?c"))).request?.url.target == "/api/held/a%2Fb%3Fc/claim"
        )
        let release = try account.begin(.releaseHeld(ReleaseRequest(held: try Rig.reference("h"), reason: .declined)))
        #expect(release.request?.text == #"{"reason":"declined"}"#)
        let status = try account.play(.status(try Rig.reference("c")), .json(200, #"{"state":"in-progress"}"#))
        guard case .state(.answered) = status.result else {
            Issue.record("\(status.result)")
            return
        }
        guard case .state(.ended) = try account.play(.status(try Rig.reference("c")), .json(404, "")).result else {
            Issue.record("an unknown call is over")
            return
        }
        #expect(CallReference("..") == nil && CallReference("a b") == nil && CallReference("") == nil)
    }

    @Test("generic takes templates, in a form with its own reply")
    func genericTemplates() throws {
        let account = try Rig.account(.generic) { account in
            var requests = GenericRequests()
            var fields = GenericRequests.ReplyFields()
            fields.reference = JSONPointer("/result/calls/0/uid")
            let path = try? RequestTemplate("/dial?ext={device}", in: .path)
            let body = try? RequestTemplate("to={target}&key={password}", in: .form)
            if let path { requests.callback = .init(.put, path, body: body, reply: fields) }
            requests.authorization = .bearer
            account.options.requests = requests
            account.options.device = "a&b"
            account.numberFormat = .national
            account.numberPrefix = "0"
        }
        let (requests, result) = try account.play(
            .requestCallback(try Rig.callback()),
            .json(200, #"{"result":{"calls":[{"uid":17}]}}"#)
        )
        #expect(requests.first?.url.target == "/api/dial?ext=a%26b")
        #expect(requests.first?.text == "to=0030123456&key=s3cr3t")
        #expect(requests.first?.header("Authorization") == "Bearer s3cr3t")
        #expect(requests.first?.effect == .once)
        guard case .accepted(let reference) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(reference?.text == "17")
        #expect(account.profile.capabilities(account).reverse == .none)
        #expect(throws: PBXError.self) { try account.begin(.claimHeld(try Rig.claim("h"))) }
    }

    @Test(
        "generic takes no ticket that can't be used",
        arguments: [
            #"{"dial":"*21#"}"#, #"{"dial":"0301234","token":"abc"}"#, "<html>", #"{"dial":"0301234","token":""}"#,
        ]
    )
    func badTickets(_ text: String) throws {
        let account = try Rig.account(.generic)
        #expect(throws: PBXError.self) {
            try account.play(.prepareCallthrough(try Rig.callthrough()), .json(200, text))
        }
    }

    // MARK: twilio

    @Test("twilio asks for a call with a document, as its reference shows it")
    func twilio() throws {
        let account = try Rig.account(.twilio, nil) { account in
            account.user = "AC00000000000000000000000000000001"
            account.options.callerID = try? DialString(typed: "+4930555555")
            account.webhook = WebhookSettings(
                path: "/pbx/office",
                publicURL: WebAddress("https://box.example.net/pbx/office"),
                secrets: [Secret("12345")]
            )
        }
        let (requests, result) = try account.play(
            .requestCallback(try Rig.callback()),
            .json(201, #"{"sid":"CA42ed11f93dc08b952027ffbc406d0868","status":"queued"}"#)
        )
        let request = try #require(requests.first)
        #expect(
            request.url.wire
                == "https://api.twilio.com/2010-04-01/Accounts/AC00000000000000000000000000000001/Calls.json"
        )
        let form = try #require(FormFields(body: request.body))
        #expect(form["To"] == "+4915112345678")
        #expect(form["From"] == "+4930555555")
        #expect(
            form["Twiml"]?
                .hasSuffix(
                    #"<Response><Dial callerId="+4930555555"><Number>+4930123456</Number></Dial></Response>"#
                ) == true
        )
        #expect(form["StatusCallback"] == "https://box.example.net/pbx/office/status")
        #expect(request.effect == .once)
        #expect(request.header("Authorization") == Self.basic("AC00000000000000000000000000000001:s3cr3t"))
        guard case .accepted(let reference) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(reference?.text == "CA42ed11f93dc08b952027ffbc406d0868")
        let end = try account.begin(.hangUp(try Rig.reference("CA1"))).request
        #expect(end?.text == "Status=completed")
        #expect(end?.url.target.hasSuffix("/Calls/CA1.json") == true)
    }

    @Test("twilio's errors are told, and a compatible cloud keeps its own path")
    func twilioErrors() throws {
        let account = try Rig.account(.twilio, "https://acme.signalwire.com/api/laml/2010-04-01") { account in
            account.options.callerID = try? DialString(typed: "+4930555555")
        }
        let step = try account.begin(.requestCallback(try Rig.callback()))
        #expect(step.request?.url.target == "/api/laml/2010-04-01/Accounts/anna/Calls.json")
        let reply = HTTPReply.json(400, #"{"code":21202,"message":"premium number","status":400}"#)
        #expect(throws: PBXError.self) { try step.after(reply) }
        #expect(throws: PBXError.self) { try step.after(.json(201, "{}")) }
    }

    // MARK: sipgate

    @Test("sipgate rings a device of the outside kind first")
    func sipgate() throws {
        let account = try Rig.account(.sipgate, nil) { $0.options.device = "x0" }
        let (requests, result) = try account.play(
            .requestCallback(try Rig.callback()),
            .json(200, #"{"sessionId":"6f1b3a"}"#)
        )
        #expect(requests.first?.url.wire == "https://api.sipgate.com/v2/sessions/calls")
        #expect(requests.first?.text == #"{"caller":"x0","callee":"+4930123456"}"#)
        guard case .accepted(let reference) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(reference?.text == "6f1b3a")
        let other = try Rig.account(.sipgate, nil) { $0.options.device = "e0" }
        #expect(
            try other.begin(.requestCallback(try Rig.callback())).request?.text
                == #"{"caller":"+4915112345678","callee":"+4930123456","deviceId":"e0"}"#
        )
    }

    // MARK: placetel

    @Test("placetel's accepted request has no reference")
    func placetel() throws {
        let account = try Rig.account(.placetel, nil) { $0.options.device = "7771234567@fpbx.de" }
        let (requests, result) = try account.play(.requestCallback(try Rig.callback()), HTTPReply(status: 201))
        #expect(requests.first?.url.wire == "https://api.placetel.de/v2/calls")
        #expect(
            requests.first?.text
                == #"{"sipuid":"7771234567@fpbx.de","target":"+4930123456","from_name":"gsmbridge"}"#
        )
        #expect(requests.first?.header("Authorization") == "Bearer s3cr3t")
        guard case .accepted(nil) = result else {
            Issue.record("\(result)")
            return
        }
        #expect(throws: PBXError.self) { try account.begin(.claimHeld(try Rig.claim("x"))) }
    }

    // MARK: fonial

    @Test("fonial's Click2Dial has its secret in the query, and shows it nowhere")
    func fonialClick() throws {
        let account = try Rig.account(.fonial, nil) { $0.options.device = "10" }
        let request = try #require(try account.begin(.requestCallback(try Rig.callback())).request)
        #expect(
            request.url.wire == "https://kundenkonto.fonial.de/api/2.0/call/initiate/direct"
                + "?id=anna&guid=s3cr3t&ip-target=10&number=%2B4930123456"
        )
        #expect(!"\(request)".contains("s3cr3t"))
        #expect(request.effect == .once)
    }

    @Test("fonial's session is opened, authenticated and used", arguments: ["true", "1", #""1""#])
    func fonialSession(_ flag: String) throws {
        let account = try Rig.account(.fonial, nil) { account in
            account.options.device = "device-7"
            account.options.callbackBody = try? RequestTemplate(
                #"{"sid":"{session}","device":"{device}","number":"{target}"}"#,
                in: .json
            )
        }
        let (requests, _) = try account.play(
            .requestCallback(try Rig.callback()),
            .json(200, #"{"status":"ok","sid":"abc-1"}"#),
            .json(200, #"{"status":"ok","authenticated":\#(flag)}"#),
            .json(200, #"{"status":"ok"}"#)
        )
        #expect(
            requests.map(\.url.target) == [
                "/api/2.0/session", "/api/2.0/session/authenticate", "/api/2.0/call/initiate",
            ]
        )
        #expect(requests[1].text == #"{"sid":"abc-1","username":"anna","password":"s3cr3t"}"#)
        #expect(requests[2].text == #"{"sid":"abc-1","device":"device-7","number":"+4930123456"}"#)
        #expect(requests.map(\.effect) == [.harmless, .harmless, .once])
    }

    @Test("fonial's errors come with 200 and are errors all the same")
    func fonialErrors() throws {
        let account = try Rig.account(.fonial, nil) { $0.options.device = "10" }
        let step = try account.begin(.requestCallback(try Rig.callback()))
        #expect(throws: PBXError.self) { try step.after(.json(200, #"{"status":"error","reason":"guid invalid"}"#)) }
    }

    // MARK: dtmf

    @Test("dtmf asks for nothing over HTTP")
    func dtmf() throws {
        let account = try Rig.account(.dtmf)
        #expect(throws: PBXError.self) { try account.begin(.health) }
        #expect(Set(DTMFPreset.all.map(\.name)).count == DTMFPreset.all.count)
        #expect(DTMFPreset.named("auerswald")?.pinDigits == 6)
    }

    @Test("every profile has its name, and says what is missing instead of guessing")
    func all() throws {
        #expect(Set(PBXProfile.all.map(\.name)).count == PBXProfile.all.count)
        for profile in PBXProfile.all where profile.name != "generic" {
            var account = try Rig.account(profile)
            account.user = nil
            account.password = nil
            #expect(throws: PBXError.self, "\(profile.name)") {
                try account.begin(.requestCallback(try Rig.callback()))
            }
        }
    }
}
