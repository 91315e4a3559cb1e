import TestSupport
import Testing
import WebRequests

@testable import PBX

@Suite("events of Asterisk") struct StasisEventTests {
    private static func event(_ text: String) -> StasisEvent? {
        (try? JSONValue(parsing: Array(text.utf8))).flatMap { StasisEvent($0) }
    }

    @Test("a channel that comes in is read with its arguments, its caller and the number")
    func start() throws {
        let event = Self.event(
            """
            {"type":"StasisStart","timestamp":"2026-11-27T10:00:00.000+0000","args":["held"],
             "channel":{"id":"1700000000.17","name":"PJSIP/trunk-00000001","state":"Ring",
              "caller":{"name":"","number":"+493055512345"},"connected":{"name":"","number":""},
              "dialplan":{"context":"held","exten":"+4922166966950","priority":2}},
             "asterisk_id":"00:11:22:33:44:55","application":"gsmbridge"}
            """
        )
        let channel = StasisEvent.Channel(
            id: try Rig.reference("1700000000.17"),
            isUp: false,
            caller: "+493055512345",
            dialled: "+4922166966950"
        )
        #expect(event == .entered(channel, arguments: ["held"]))
    }

    @Test("ends and keys are read; the rest, and what lacks something, is nothing")
    func others() throws {
        let id = try Rig.reference("1.2")
        #expect(Self.event(#"{"type":"StasisEnd","channel":{"id":"1.2"}}"#) == .left(id))
        #expect(Self.event(#"{"type":"ChannelDestroyed","cause":16,"channel":{"id":"1.2"}}"#) == .left(id))
        #expect(Self.event(##"{"type":"ChannelDtmfReceived","digit":"#","channel":{"id":"1.2"}}"##) == .digit(id, "#"))
        #expect(Self.event(#"{"type":"ApplicationReplaced"}"#) == .replaced)
        for text in [
            #"{"type":"ChannelVarset","channel":{"id":"1.2"}}"#, #"{"type":"StasisStart","args":["held"]}"#,
            #"{"type":"StasisStart","args":"held","channel":{"id":""}}"#, #"{"type":"StasisEnd","channel":[1]}"#,
            #"{"type":"ChannelDtmfReceived","digit":"12","channel":{"id":"1.2"}}"#, "[]", "7", "{}",
        ] {
            #expect(Self.event(text) == nil, "\(text)")
        }
        let long = String(repeating: "a", count: 400)
        #expect(Self.event(#"{"type":"StasisEnd","channel":{"id":"\#(long)"}}"#) == nil)
    }

    @Test("10,000 random events crash nothing")
    func anything() {
        var random = SeededGenerator(seed: 7)
        let seed = Array(
            #"{"type":"StasisStart","args":["held","x"],"channel":{"id":"1.2","state":"Up","caller":{"number":"+49"}}}"#
                .utf8
        )
        var read = 0
        for _ in 0..<10_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                bytes[Int.random(in: 0..<bytes.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            if let value = try? JSONValue(parsing: bytes), StasisEvent(value) != nil { read += 1 }
        }
        #expect(read > 0 && read < 10_000)
    }

    @Test("what there was at the beginning is read from the application and the bridges")
    func snapshot() throws {
        let application = try JSONValue(
            parsing: Array(#"{"name":"app","channel_ids":["1.2","1.3"],"bridge_ids":[]}"#.utf8)
        )
        let bridges = try JSONValue(
            parsing: Array(
                #"[{"id":"app-hold","channels":["1.9"]},{"id":"app-join-1","channels":["1.2","1.3"]},7]"#.utf8
            )
        )
        let snapshot = StasisSnapshot(application: application, bridges: bridges, prefix: "app-join-")
        let members = try ["1.2", "1.3"].map { try Rig.reference($0) }
        #expect(snapshot.channels == Set(members))
        #expect(snapshot.bridges == [StasisSnapshot.Bridge(id: "app-join-1", members: members)])
        #expect(StasisSnapshot(application: .null, bridges: .null, prefix: "") == StasisSnapshot())
    }

    @Test("commands are the documented requests, each in its place, with the password in a header")
    func requests() throws {
        let account = try Rig.account(.asteriskARI, "https://pbx.example.net:8089/ari") {
            $0.options.application = "app"
        }
        let interface = try #require(try StasisInterface(account))
        let (held, dialIn) = (try Rig.reference("1.2"), try Rig.reference("1.3"))
        func lines(_ command: StasisCommand) -> [String] {
            interface.steps(command).map { $0.request.method.rawValue + " " + $0.request.url.target }
        }
        #expect(
            lines(.hold(held, answers: true)) == [
                "POST /ari/channels/1.2/answer", "GET /ari/bridges/app-hold", "POST /ari/bridges/app-hold?type=holding",
                "POST /ari/bridges/app-hold/addChannel?channel=1.2", "POST /ari/bridges/app-hold/moh",
            ]
        )
        #expect(
            lines(.join(held: held, dialIn: dialIn, answers: true, bridge: "app-join-1")) == [
                "POST /ari/channels/1.3/answer", "POST /ari/bridges/app-hold/removeChannel?channel=1.2",
                "POST /ari/bridges/app-join-1/addChannel?channel=1.2%2C1.3",
                "POST /ari/channels/1.2/variable?variable=TIMEOUT%28absolute%29&value=86400",
            ]
        )
        #expect(
            lines(.makeBridge("app-join-1")) == [
                "GET /ari/bridges/app-join-1", "POST /ari/bridges/app-join-1?type=mixing",
            ]
        )
        #expect(lines(.listen(dialIn, answers: false)).isEmpty)
        #expect(lines(.goOn(held)) == ["POST /ari/channels/1.2/continue"])
        #expect(lines(.hangUp(held)) == ["DELETE /ari/channels/1.2?reason=normal"])
        #expect(lines(.turnAway(dialIn)) == ["DELETE /ari/channels/1.3?reason_code=21"])
        #expect(lines(.removeBridge("app-join-1")) == ["DELETE /ari/bridges/app-join-1"])
        #expect(interface.events.url.target == "/ari/events?app=app&subscribeAll=false")
        for step in interface.steps(.hold(held, answers: true)) {
            #expect(step.request.header("Authorization")?.hasPrefix("Basic ") == true)
            #expect(!"\(step.request)".contains("s3cr3t"))
        }
        #expect(try StasisInterface(try Rig.account(.asteriskARI)) == nil)
        let bare = try Rig.account(.asteriskARI, nil) { $0.options.application = "app" }
        #expect(throws: PBXError.self) { try StasisInterface(bare) }
    }
}
