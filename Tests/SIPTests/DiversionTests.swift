import CallModel
import Testing

@testable import SIP

@Suite("Calls that were sent on") struct DiversionTests {
    @Test(
        "the number from which a call was sent on is read, and nothing else is one",
        arguments: [
            ("<sip:+4930123@pbx.example.net>;reason=user-busy", nil, "+4930123"),
            ("\"Desk <1>, x\" <sip:030123@pbx>;reason=unconditional, <sip:030999@pbx>", nil, "030123"),
            ("<tel:+4930123>\n<sip:030999@pbx>", nil, "+4930123"),
            ("<sip:anonymous@pbx>", "<sip:030111@pbx>;index=1, <sip:10@pbx;cause=302>;index=1.1", "030111"),
            (
                nil,
                "<sip:030111@pbx>;index=1\n<sip:030222@pbx?Reason=SIP%3Bcause%3D486>;index=1.1\n<sip:10@pbx>;index=1.2",
                "030222"
            ),
            (nil, "<sip:10@a>;index=1,<sip:10@b>;index=1.1", nil), (nil, "<sip:10@a>;index=1", nil),
            ("", "", nil), ("<sip:desk@pbx>", nil, nil), ("sip:030123@pbx", nil, nil), ("<<sip:030123@pbx", nil, nil),
            (String(repeating: "<sip:x@y>,", count: 5000), nil, nil),
        ] as [(String?, String?, String?)]
    )
    func reads(headers: String?, history: String?, number: String?) {
        #expect(Diversion.number(headers: headers, history: history) == number)
    }

    @Test("it comes with a call over an account, and goes on to who is rung")
    func wire() async throws {
        let rig = try await AgentTests.Rig()
        let plain = rig.request("INVITE", 1, sdp: AgentTests.sound)
        rig.peer.send(
            plain.replacing(
                "Max-Forwards: 70",
                with: "Max-Forwards: 70\r\nDiversion: <sip:030888@pbx>;reason=no-answer"
            )
        )
        let event = try await rig.news.first { if case .accountCall = $0 { true } else { false } }
        guard case .accountCall(let call) = event else { return }
        #expect(call.number == "030777" && call.called == "10" && call.divertedFrom == "030888")
        let places = await rig.agent.ring(
            [.account("office", number: "22")],
            as: 1,
            number: "030777",
            name: nil,
            divertedFrom: "+4930888"
        )
        #expect(places == 1)
        let rung = try await rig.peer.heard.first { $0.method == "INVITE" && $0.text.hasPrefix("INVITE sip:22@") }
        #expect(rung.header("Diversion") == "<sip:+4930888@127.0.0.1>")
        await rig.stop()
    }
}
