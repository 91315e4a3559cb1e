import CallModel
import RTPMedia
import TestSupport
import Testing

@Suite("Descriptions of sound") struct SDPTests {
    private let offer = """
        v=0\r
        o=- 1 1 IN IP4 192.0.2.7\r
        s=-\r
        c=IN IP4 192.0.2.7\r
        t=0 0\r
        m=audio 4000 RTP/AVP 111 0 8 96\r
        a=rtpmap:111 opus/48000/2\r
        a=rtpmap:96 telephone-event/8000\r
        a=sendonly\r
        m=video 4002 RTP/AVP 97\r
        a=rtpmap:97 H264/90000\r

        """

    @Test("an offer is read, and answered with its first codec that is known and with everything else refused")
    func answer() throws {
        let read = try #require(SDPDescription(offer)?.limited(to: []))
        #expect(read.address == "192.0.2.7" && read.port == 4000 && read.eventType == 96 && read.direction == .send)
        #expect(read.codecs.map(\.codec) == [.muLaw, .aLaw])
        let text = read.answer(address: "2001:db8::1", port: 5000).text(session: 1, version: 1)
        #expect(text.contains("c=IN IP6 2001:db8::1\r\n"))
        #expect(
            text.contains("m=audio 5000 RTP/AVP 0 96\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:96 telephone-event/8000\r\n")
        )
        #expect(text.contains("a=recvonly\r\nm=video 0 RTP/AVP 97\r\n"))
        let again = try #require(SDPDescription(text))
        #expect(again.port == 5000 && again.direction == .receive)
    }

    @Test(
        "what can't be heard here is none",
        arguments: [
            "", "v=0", "m=audio 4000 RTP/AVP 8\r\n", "c=IN IP4 192.0.2.7\r\nm=audio 4000 RTP/SAVP 8\r\n",
            "c=IN IP4 host.test\r\nm=audio 4000 RTP/AVP 8\r\n", "c=IN IP4 192.0.2.7\r\nm=audio 70000 RTP/AVP 8\r\n",
            "c=IN IP4 192.0.2.7\r\nm=audio 4000 RTP/AVP 111\r\na=rtpmap:111 speex/16000\r\n",
            "c=IN IP4 192.0.2.7\r\nm=video 4000 RTP/AVP 8\r\n",
        ]
    )
    func unheard(text: String) { #expect(SDPDescription(text) == nil) }

    @Test("whatever is read is written so that it is read as the same")
    func random() {
        let words = [
            "m=audio ", "m=video 9 RTP/AVP 1", "4000", " RTP/AVP", " 8", " 0", " 101", "\r\n", "\n", "c=IN IP4 ",
            "127.0.0.1",
            "a=rtpmap:", "101 telephone-event/8000", "8 PCMA/8000", "a=sendonly", "a=inactive", "::1", "c=IN IP6 ", "=",
            "\0",
        ]
        for seed in RandomRounds(2000) {
            var random = SeededGenerator(seed: seed)
            let text = (0..<Int.random(in: 0...40, using: &random))
                .map { _ in words.randomElement(using: &random) ?? "" }.joined()
            guard let read = SDPDescription(text) else { continue }
            let answer = read.answer(address: "127.0.0.1", port: 9)
            let again = SDPDescription(answer.text(session: 1, version: 1))
            #expect(again?.codecs == answer.codecs && again?.eventType == answer.eventType, "seed \(seed)")
            #expect(again?.direction == answer.direction && again?.port == 9, "seed \(seed)")
        }
    }
}
