import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Calls from phones that others wrote.
    @Suite(
        "a phone's calls",
        .serialized,
        .enabled(if: Sipp.path != nil, "sipp (package sip-tester) is not installed")
    )
    struct PhoneCallTests {
        @Test("a call goes out by the cheapest way, is answered when the target is, and BYE hangs it up")
        func talks() async throws {
            let house = try await PhoneHouse(modems: 1)
            let watch = try house.service.start(["status", "--watch", "--format", "json"])
            // Once it shows the status it hears every event.
            #expect(await watch.output { $0.contains("\"modems\"") } != nil)
            let phone = try Sipp(house, number: "030123456", .talk(milliseconds: 300))
            let requested = await watch.output(where: isEvent("call.requested", ["origin": .text("phone:desk")]))
            #expect(requested != nil)
            let talking = await watch.output(where: isEvent("call.in_progress"))
            #expect(talking != nil)
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(ended)["outcome"]?.text == "completed", "\(ended)")
            let end = await phone.program.end()
            #expect(end.status == 0, "\(end)")
            #expect(house.bench.calls(of: 0).count == 1)
            house.bench.expectClean(0, script: "030123456#")
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        @Test(
            "what became of a call is the phone's status",
            arguments: [
                ("busy", 486), ("rejected", 603), ("unassigned", 404), ("premium", 403), ("letters", 484),
            ]
        )
        func statuses(what: String, status: Int) async throws {
            let access = PhoneHouse.access[what] ?? Bench.accessNumber
            let house = try await PhoneHouse(modems: 1, access: access)
            let phone = try Sipp(house, number: PhoneHouse.numbers[what] ?? "03012345678", .refused(status))
            let end = await phone.program.end()
            #expect(end.status == 0, "\(end)")
            house.bench.expectClean(0)
            _ = await house.service.stop()
        }

        @Test("a trunk is known by its address, may not call for help, and learns by OPTIONS whether a line is free")
        func trunk() async throws {
            let house = try await PhoneHouse(modems: 1)
            let watch = try house.service.start(["status", "--watch", "--format", "json"])
            // Once it shows the status it hears every event.
            #expect(await watch.output { $0.contains("\"modems\"") } != nil)
            let call = try Sipp(house, number: "030123456", .talk(milliseconds: 100), isTrunk: true)
            let requested = await watch.output(where: isEvent("call.requested", ["origin": .text("trunk:exchange")]))
            #expect(requested != nil)
            let end = await call.program.end()
            #expect(end.status == 0, "\(end)")
            let help = try Sipp(house, number: "112", .refused(403), isTrunk: true)
            let refused = await help.program.end()
            #expect(refused.status == 0, "\(refused)")
            try await house.service.modems(are: "ready", count: 1)
            let listed = try await house.service.run(["phones", "--format", "json"])
            let trunk = try listed.output.map { try Document($0) }.first { $0["name"]?.text == "exchange" }
            #expect(trunk?["kind"]?.text == "trunk")
            #expect(await waits { await self.options(house, are: 200) })
            let off = try await house.service.run(["modem", "m0", "off"])
            #expect(off.status == 0, "\(off)")
            #expect(await waits { await self.options(house, are: 503) })
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        private func options(_ house: PhoneHouse, are status: Int) async -> Bool {
            guard let sipp = try? Sipp(house, number: "x", .options(status), isTrunk: true) else { return false }
            return await sipp.program.end().status == 0
        }

        @Test("without a modem the phone shall come again")
        func noModem() async throws {
            let house = try await PhoneHouse(modems: 0)
            let phone = try Sipp(house, number: "03012345678", .refused(503))
            let end = await phone.program.end()
            #expect(end.status == 0, "\(end)")
            _ = await house.service.stop()
        }

        @Test("twenty calls come within two seconds for four modems: sixteen are refused, and told when to come again")
        func many() async throws {
            let house = try await PhoneHouse(modems: 4, policy: "  prefer: [direct]\n")
            house.bench.host.withWorld { world, _ in world.network.subscribers["+493012345678"] = .ordinary }
            let calls = try Sipp(house, number: "03012345678", .many, isTrunk: true, count: 20, rate: 10)
            let end = await calls.program.end()
            #expect(end.status == 0, "\(end)")
            #expect((0..<4).map { house.bench.calls(of: $0).count } == [1, 1, 1, 1])
            #expect(await waits { (0..<4).allSatisfy { house.bench.calls(of: $0).allSatisfy { !$0.isLive } } })
            _ = await house.service.stop()
        }

        @Test("a trunk's call that finds no modem free is refused at once, and waits for none")
        func noneFree() async throws {
            let house = try await PhoneHouse(modems: 1, policy: "  prefer: [direct]\n", gateway: "  grace: 0s\n")
            house.bench.host.withWorld { world, _ in world.network.subscribers["+493012345678"] = .ordinary }
            let talk = try Sipp(house, number: "03012345678", .answered(Sipp.takesBye()))
            #expect(await waits { house.bench.calls(of: 0).contains { $0.state == .answered } })
            let watch = try await house.watch()
            let call = try Sipp(house, number: "03012345678", .refused(503), isTrunk: true)
            #expect(await watch.output(where: isEvent("call.ended", ["outcome": .text("no_modem")])) != nil)
            let end = await call.program.end()
            #expect(end.status == 0, "\(end)")
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
            _ = await talk.program.end()
        }

        @Test("a phone that gives up while it rings leaves nothing up")
        func cancels() async throws {
            let house = try await PhoneHouse(modems: 1)
            let phone = try Sipp(house, number: "03012345678", .cancel)
            let end = await phone.program.end()
            #expect(end.status == 0, "\(end)")
            #expect(await waits { house.bench.calls(of: 0).allSatisfy { !$0.isLive } })
            house.bench.expectClean(0)
            _ = await house.service.stop()
        }
    }
}

/// A service with phones, and modems behind it.
struct PhoneHouse {
    let bench: Bench
    let service: ServiceUnderTest
    /// Its own address, where phones come at 5060.
    let host = Loopback.next()
    /// Where the trunk calls from.
    let trunk = Loopback.next()
    let directory: TemporaryDirectory

    static let numbers = ["premium": "09001234567", "letters": "desk"]
    /// PBXs that are busy, refuse, or are not there (see the simulator's directory).
    static let access = ["busy": "+4922166966970", "rejected": "+4922166966972", "unassigned": "+4922166966979"]

    init(
        modems: Int,
        access: String = Bench.accessNumber,
        desk: String = "",
        sip: String = "",
        more: String = "",
        policy: String = "",
        gateway: String = "",
        modem: String = "",
        pbx: String = ""
    ) async throws {
        bench = try Bench((0..<modems).map { ModemProfile(.quectel, number: $0) })
        directory = try TemporaryDirectory()
        let file = try directory.write("password", "correct horse".utf8)
        let text = """
            sip:
              listen: ["udp:\(host):5060", "tcp:\(host):5060"]
              phones:
                desk: { password: { file: \(file) }, name: Desk\(desk) }
                hall: { password: { file: \(file) } }
              trunks:
                exchange: { address: "\(trunk)" }

            """
        service = try await ServiceUnderTest(
            bench,
            more: policy + text + sip + more,
            gateway: gateway,
            pbx: pbx,
            access: access,
            modem: modem
        )
        if modems > 0 { try await service.modems(are: "ready", count: modems) }
    }

    /// Watches the service; once it shows the status it hears every event.
    func watch() async throws -> Program {
        let watch = try service.start(["status", "--watch", "--format", "json"])
        #expect(await watch.output { $0.contains("\"modems\"") } != nil)
        return watch
    }

    /// Waits until a phone is registered.
    func registers(_ name: String) async throws {
        let watch = try service.start(["phones", "--watch", "--format", "json"])
        let line = await watch.output { line in
            let phone = try? Document(line)
            return phone?["name"]?.text == name && phone?["registered"] == .flag(true)
        }
        watch.send(SIGKILL)
        _ = await watch.end()
        try #require(line != nil, "\(name) never was registered")
    }
}

/// Debian's SIPp as the phone `desk`.
struct Sipp {
    static let path = Installed.program("sipp")

    /// What the phone does, and expects.
    enum Story {
        /// It talks for so long, then hangs up.
        case talk(milliseconds: Int)
        case refused(Int)
        /// It gives up once it rings.
        case cancel
        /// It is answered, and goes on with further parts of a story.
        case answered(String)
        /// It talks for a while where it is answered; else it is told when to come again.
        case many
        /// It only asks whether we are there.
        case options(Int)
    }

    let program: Program
    /// Where it calls from.
    let address: String

    ///
    /// - Parameters:
    ///   - caller: who calls; the phone unless it is another.
    ///   - user: whose password it has.
    ///   - target: the request's URI; nil for the number at the box.
    ///   - another: a call that comes from the same address; nil for none.
    ///   - headers: more of them in its INVITE, each with the end of its line.
    ///   - echoes: whether it says back what is said.
    init(
        _ house: PhoneHouse,
        number: String,
        _ story: Story,
        from caller: String = "desk",
        as user: String = "desk",
        isTrunk: Bool = false,
        to host: String? = nil,
        target: String? = nil,
        beside another: Sipp? = nil,
        headers: String = "",
        echoes: Bool = false,
        count: Int = 1,
        rate: Int = 1
    ) throws {
        // Each of those who call from elsewhere has an address of its own.
        address = another?.address ?? (isTrunk && caller == "desk" ? house.trunk : Loopback.next())
        var scenario = Self.scenario(story, provesItself: !isTrunk)
        // Digits that SIPp itself keys are of type 96, whatever was agreed (its prepare_pcap.c).
        if scenario.contains("play_dtmf") { scenario = scenario.replacing("101", with: "96") }
        let file = try house.directory.write(
            "scenario-\(Loopback.next()).xml",
            scenario
                .replacing("<sip:desk@", with: "<sip:\(caller)@")
                .replacing("Content-Type: application/sdp\n", with: "\(headers)Content-Type: application/sdp\n")
                .replacing(
                    "INVITE sip:[service]@[remote_ip]:[remote_port] SIP",
                    with: "INVITE \(target ?? "sip:[service]@[remote_ip]:[remote_port]") SIP"
                )
                .utf8
        )
        let path = try #require(Self.path)
        program = try Program(
            [
                "\(host ?? house.host):5060", "-sf", file, "-s", number, "-au", user, "-ap", "correct horse", "-m",
                "\(count)", "-r", "\(rate)",
                "-i", address, "-p", another == nil ? "5060" : "5062", "-mi", address, "-mp",
                another == nil ? "6000" : "6010", "-nostdin", "-timeout", "60s",
                "-timeout_error",
            ] + (echoes ? ["-rtp_echo"] : []),
            path: path,
            limit: .seconds(90)
        )
    }

    private static func invite(_ sequence: Int, _ more: String = "") -> String {
        """
        <send retrans="500"><![CDATA[
        INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
        Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
        From: <sip:desk@[local_ip]:[local_port]>;tag=[pid]t[call_number]
        To: <sip:[service]@[remote_ip]:[remote_port]>
        Call-ID: [call_id]
        CSeq: \(sequence) INVITE
        Contact: <sip:desk@[local_ip]:[local_port]>
        Max-Forwards: 70
        \(more)Content-Type: application/sdp
        Content-Length: [len]

        v=0
        o=desk 1 1 IN IP[local_ip_type] [local_ip]
        s=-
        c=IN IP[media_ip_type] [media_ip]
        t=0 0
        m=audio [media_port] RTP/AVP 8 101
        a=rtpmap:8 PCMA/8000
        a=rtpmap:101 telephone-event/8000

        ]]></send>

        """
    }

    private static func plain(
        _ method: String,
        _ sequence: Int,
        to tag: String,
        _ retransmits: Bool,
        branch: String = "[branch]"
    ) -> String {
        """
        <send\(retransmits ? " retrans=\"500\"" : "")><![CDATA[
        \(method) sip:[service]@[remote_ip]:[remote_port] SIP/2.0
        Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=\(branch)
        From: <sip:desk@[local_ip]:[local_port]>;tag=[pid]t[call_number]
        To: <sip:[service]@[remote_ip]:[remote_port]>\(tag)
        Call-ID: [call_id]
        CSeq: \(sequence) \(method)
        Max-Forwards: 70
        Content-Length: 0

        ]]></send>

        """
    }

    private static func scenario(_ story: Story, provesItself: Bool) -> String {
        let quiet =
            "<recv response=\"100\" optional=\"true\"/>\n<recv response=\"180\" optional=\"true\"/>\n"
            + "<recv response=\"183\" optional=\"true\"/>\n"
        var text = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\" ?>\n<scenario name=\"phone\">\n"
        // Who is refused for now is told when to come again.
        let later =
            "<action><ereg regexp=\"10\" search_in=\"hdr\" header=\"Retry-After:\" check_it=\"true\" assign_to=\"1\"/>"
            + "<log message=\"[$1]\"/></action>"
        if case .options(let status) = story {
            text += plain("OPTIONS", 1, to: "", true)
            text += "<recv response=\"\(status)\">\(status == 503 ? later : "")</recv>\n"
            return text + "</scenario>\n"
        }
        if provesItself {
            text += invite(1) + "<recv response=\"100\" optional=\"true\"/>\n<recv response=\"407\" auth=\"true\"/>\n"
            // The acknowledgement of a refusal has the branch of its INVITE (RFC 3261 §17.1.1.3). With another the refusal comes again after
            // half a second: behind the end of a short call, or, where it took longer, amid it, and sipp hangs up a second time.
            text += plain("ACK", 1, to: "[peer_tag_param]", false, branch: "[branch-3]")
        }
        text += invite(2, provesItself ? "[authentication]\n" : "")
        switch story {
        case .options: break
        case .talk(let time):
            text += quiet + "<recv response=\"200\" rtd=\"true\"/>\n" + plain("ACK", 2, to: "[peer_tag_param]", false)
            text += "<pause milliseconds=\"\(time)\"/>\n" + plain("BYE", 3, to: "[peer_tag_param]", true)
            text += "<recv response=\"200\"/>\n"
        case .many:
            text += quiet + "<recv response=\"503\" optional=\"true\" next=\"1\">\(later)</recv>\n"
            text += "<recv response=\"200\"/>\n" + plain("ACK", 2, to: "[peer_tag_param]", false)
            text += "<pause milliseconds=\"20000\"/>\n" + plain("BYE", 3, to: "[peer_tag_param]", true)
            text += "<recv response=\"200\" next=\"2\"/>\n<label id=\"1\"/>\n"
            text += plain("ACK", 2, to: "[peer_tag_param]", false, branch: "[branch-10]") + "<label id=\"2\"/>\n"
        case .answered(let more):
            text += quiet + "<recv response=\"200\"/>\n" + plain("ACK", 2, to: "[peer_tag_param]", false) + more
        case .refused(let status):
            text += quiet + "<recv response=\"\(status)\"/>\n"
            text += plain("ACK", 2, to: "[peer_tag_param]", false, branch: "[branch-5]")
        case .cancel:
            text += "<recv response=\"100\" optional=\"true\"/>\n<recv response=\"180\"/>\n"
            // CANCEL has the branch of its INVITE (RFC 3261 §9.1).
            text += plain("CANCEL", 2, to: "", true, branch: "[branch-3]")
            text += "<recv response=\"200\"/>\n<recv response=\"487\"/>\n"
            text += plain("ACK", 2, to: "[peer_tag_param]", false, branch: "[branch-6]")
        }
        return text + "</scenario>\n"
    }
}
