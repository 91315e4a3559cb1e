import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// What a telephone does with a call beside talking: SIPp as the telephone, which others wrote.
    @Suite(
        "calls are held and transferred",
        .serialized,
        .enabled(if: Sipp.path != nil && Baresip.path != nil, "sipp or baresip is not installed")
    )
    struct TransferTests {
        /// A target that talks until it is hung up.
        private func house(modems: Int) async throws -> PhoneHouse {
            let house = try await PhoneHouse(
                modems: modems,
                policy: "  prefer: [direct]\n"
            )
            house.bench.host.withWorld { world, _ in
                for number in ["+493012345678", "+493012345679"] {
                    world.network.subscribers[number] = .alertThenAnswer(
                        alerting: .milliseconds(100),
                        answer: .milliseconds(200)
                    )
                }
            }
            return house
        }

        private func referral(to target: String, _ statuses: Int...) -> String {
            Sipp.request("REFER", 3, "Contact: <sip:desk@[local_ip]:[local_port]>\nRefer-To: <sip:\(target)>\n")
                + "<recv response=\"202\"/>\n" + Sipp.notified(statuses)
        }

        @Test("to another phone: it is rung, has the call when it answers, and the first is told and let go")
        func toPhone() async throws {
            let house = try await house(modems: 1)
            let hall = try Baresip("hall", at: house.host, answers: true)
            try await house.registers("hall")
            let watch = try await house.watch()
            let story = referral(to: "hall@[remote_ip]", 100, 200) + Sipp.takesBye()
            let desk = try Sipp(house, number: "030123456", .answered(story))
            let end = await desk.program.end()
            #expect(end.status == 0, "\(end)")
            #expect(house.bench.calls(of: 0).count { $0.isLive } == 1, "the other end was lost")
            #expect(
                try await waits {
                    let status = try await house.service.run(["status"])
                    return status.output.contains { $0.hasPrefix("Sound of ") && $0.contains(": phone:hall,") }
                }
            )
            await hall.stop()
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(ended)["outcome"]?.text == "completed", "\(ended)")
            #expect(await waits { house.bench.calls(of: 0).allSatisfy { !$0.isLive } })
            house.bench.expectClean(0, script: "030123456#")
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        @Test("to a number, in the moment of the answer and by a phone that sends no sound: it is told and let go")
        func toNumber() async throws {
            let house = try await house(modems: 2)
            let watch = try await house.watch()
            let story = referral(to: "03012345679@[remote_ip]", 100, 200) + Sipp.takesBye()
            let desk = try Sipp(house, number: "030123456", .answered(story))
            let joined = try #require(await watch.output(where: isEvent("call.joined")))
            let call = try #require(try Document(joined)["call"]?.text)
            let end = await desk.program.end()
            #expect(end.status == 0, "\(end)")
            #expect((0..<2).flatMap { house.bench.calls(of: $0) }.count { $0.isLive } == 2, "an end was lost")
            let hungUp = try await house.service.run(["hangup", call])
            #expect(hungUp.status == 0, "\(hungUp)")
            #expect(await waits { (0..<2).flatMap { house.bench.calls(of: $0) }.allSatisfy { !$0.isLive } })
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }

        @Test("to a phone that is not there, or to a number that may not be called: the call stays where it is")
        func refused() async throws {
            let house = try await house(modems: 2)
            let stories = [
                referral(to: "hall@[remote_ip]", 100, 480), referral(to: "09001234567@[remote_ip]", 100, 403),
                Sipp.request(
                    "REFER",
                    3,
                    "Contact: <sip:desk@[local_ip]:[local_port]>\nRefer-To: <sip:nobody@[remote_ip]>\n"
                )
                    + "<recv response=\"603\"/>\n",
            ]
            for story in stories {
                let story = story + Sipp.request("BYE", 4) + "<recv response=\"200\"/>\n"
                // This subscriber talks until the phone hangs up.
                let desk = try Sipp(house, number: "030123456", .answered(story))
                let end = await desk.program.end()
                #expect(end.status == 0, "\(end)")
            }
            #expect(await waits { house.bench.calls(of: 0).allSatisfy { !$0.isLive } })
            #expect(!(0..<2).flatMap { house.bench.calls(of: $0) }.contains { $0.number.contains("900") })
            _ = await house.service.stop()
        }

        @Test("held by sendonly, inactive or no address, and taken up again, the call stays and is answered in kind")
        func held() async throws {
            let house = try await house(modems: 1)
            let watch = try await house.watch()
            var story = ""
            for (index, way) in ["a=sendonly", "a=sendrecv", "a=inactive", "a=sendrecv"].enumerated() {
                story += Sipp.invite(3 + index, way) + "<recv response=\"100\" optional=\"true\"/>\n"
                let answer = ["a=recvonly", "a=sendrecv", "a=inactive", "a=sendrecv"][index]
                story += Sipp.answered(with: answer) + Sipp.request("ACK", 3 + index)
            }
            story += Sipp.invite(7, "a=sendrecv", address: "0.0.0.0")
            story += "<recv response=\"100\" optional=\"true\"/>\n<recv response=\"200\"/>\n" + Sipp.request("ACK", 7)
            story += Sipp.request("BYE", 8) + "<recv response=\"200\"/>\n"
            let desk = try Sipp(house, number: "030123456", .answered(story))
            let end = await desk.program.end()
            #expect(end.status == 0, "\(end)")
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            // By its own BYE, which may come before the digits are out.
            #expect(["completed", "lost"].contains(try Document(ended)["outcome"]?.text), "\(ended)")
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await house.service.stop()
        }
    }
}

// Parts of SIPp's stories.
extension Sipp {
    /// A request in the call.
    static func request(_ method: String, _ sequence: Int, _ more: String = "") -> String {
        """
        <send\(method == "ACK" ? "" : " retrans=\"500\"")><![CDATA[
        \(method) sip:[service]@[remote_ip]:[remote_port] SIP/2.0
        Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
        From: <sip:desk@[local_ip]:[local_port]>;tag=[pid]t[call_number]
        To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
        Call-ID: [call_id]
        CSeq: \(sequence) \(method)
        Max-Forwards: 70
        \(more)Content-Length: 0

        ]]></send>

        """
    }

    /// An INVITE in the call, for other media.
    static func invite(
        _ sequence: Int,
        _ way: String,
        address: String = "[media_ip]",
        media: String = "[media_port] RTP/AVP 8 101"
    ) -> String {
        """
        <send retrans="500"><![CDATA[
        INVITE sip:[service]@[remote_ip]:[remote_port] SIP/2.0
        Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
        From: <sip:desk@[local_ip]:[local_port]>;tag=[pid]t[call_number]
        To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
        Call-ID: [call_id]
        CSeq: \(sequence) INVITE
        Contact: <sip:desk@[local_ip]:[local_port]>
        Max-Forwards: 70
        Content-Type: application/sdp
        Content-Length: [len]

        v=0
        o=desk 1 \(sequence) IN IP[local_ip_type] [local_ip]
        s=-
        c=IN IP[media_ip_type] \(address)
        t=0 0
        m=audio \(media)
        a=rtpmap:8 PCMA/8000
        a=rtpmap:101 telephone-event/8000
        \(way)

        ]]></send>

        """
    }

    /// A 200 with a line in its body.
    static func answered(with line: String) -> String {
        """
        <recv response="200"><action>
        <ereg regexp="\(line)" search_in="body" check_it="true" assign_to="1"/><log message="[$1]"/>
        </action></recv>

        """
    }

    /// NOTIFYs that tell how a transfer goes, each with its status.
    static func notified(_ statuses: [Int]) -> String {
        statuses.map { status in
            """
            <recv request="NOTIFY"><action>
            <ereg regexp="SIP/2.0 \(status)" search_in="body" check_it="true" assign_to="1"/><log message="[$1]"/>
            </action></recv>
            \(ok)
            """
        }
        .joined()
    }

    /// It hangs up.
    static func hangsUp(_ sequence: Int) -> String { request("BYE", sequence) + "<recv response=\"200\"/>\n" }

    /// The other side hangs up.
    static func takesBye() -> String { "<recv request=\"BYE\" timeout=\"50000\"/>\n" + ok }

    /// A transfer is asked for, to the place of another call, and answered so.
    static func takesReferral(_ status: String, _ header: String = "") -> String {
        """
        <recv request="REFER" timeout="50000"><action>
        <ereg regexp="Replaces=" search_in="hdr" header="Refer-To:" check_it="true" assign_to="1"/><log message="[$1]"/>
        </action></recv>
        \(answer(status, header))
        """
    }

    /// How the transfer goes is told.
    static func notifies(_ sequence: Int, _ status: String, isLast: Bool) -> String {
        """
        <send retrans="500"><![CDATA[
        NOTIFY sip:[service]@[remote_ip]:[remote_port] SIP/2.0
        Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]
        From: <sip:desk@[local_ip]:[local_port]>;tag=[pid]t[call_number]
        To: <sip:[service]@[remote_ip]:[remote_port]>[peer_tag_param]
        Call-ID: [call_id]
        CSeq: \(sequence) NOTIFY
        Contact: <sip:desk@[local_ip]:[local_port]>
        Max-Forwards: 70
        Event: refer
        Subscription-State: \(isLast ? "terminated;reason=noresource" : "active;expires=60")
        Content-Type: message/sipfrag;version=2.0
        Content-Length: [len]

        SIP/2.0 \(status)

        ]]></send>
        <recv response="200"/>

        """
    }

    private static var ok: String { answer("200 OK") }

    /// Answers the last request.
    static func answer(_ status: String, _ header: String = "") -> String {
        """
        <send><![CDATA[
        SIP/2.0 \(status)
        [last_Via:]
        [last_From:]
        [last_To:]
        [last_Call-ID:]
        [last_CSeq:]
        \(header)Content-Length: 0

        ]]></send>

        """
    }
}
