import CallModel
import TestSupport
import Testing

@testable import RTPMedia

@Suite("Keys and digits of SIP's sound") struct MediaTests {
    private static let key = (0..<30).map { UInt8($0 * 7) }

    private func offer(_ profile: String, _ attributes: String = "") -> SDPDescription? {
        SDPDescription("v=0\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 4000 \(profile) 9 8\r\n\(attributes)")
    }

    @Test("a key that is offered is read, answered with ours by its tag, and read again")
    func keys() throws {
        let text = "\(SDPDescription.Crypto(tag: 7, key: Self.key, isShort: true))"
        #expect(text.hasPrefix("7 AES_CM_128_HMAC_SHA1_32 inline:"))
        let unknown = "a=crypto:1 AES_256_CM_HMAC_SHA1_80 inline:AAAA\r\n"
        let read = try #require(offer("RTP/SAVP", unknown + "a=crypto:\(text)|2^20\r\n"))
        #expect(read.isSecure && read.crypto == [SDPDescription.Crypto(tag: 7, key: Self.key, isShort: true)])
        let own = [UInt8](repeating: 9, count: 30)
        let answer = read.answer(address: "192.0.2.8", port: 5000, key: own).text(session: 1, version: 1)
        #expect(answer.contains("m=audio 5000 RTP/SAVP 9\r\n"))
        #expect(SDPDescription(answer)?.crypto == [SDPDescription.Crypto(tag: 7, key: own, isShort: true)])
    }

    @Test("encrypted sound without a key that is known is none; a key beside plain sound may be left")
    func noKey() throws {
        #expect(offer("RTP/SAVP") == nil)
        let withIndex = "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\(Base64.text(Self.key))|2^20|1:4\r\n"
        #expect(offer("RTP/SAVP", withIndex) == nil)
        let plain = try #require(
            offer("RTP/AVP", "a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:\(Base64.text(Self.key))\r\n")
        )
        #expect(!plain.isSecure && plain.crypto.count == 1)
        #expect(!plain.answer(address: "192.0.2.8", port: 1).text(session: 1, version: 1).contains("crypto"))
    }

    @Test("G.722 is known, with the clock that it is said to have (RFC 3551 §4.5.2)")
    func wide() throws {
        let read = try #require(offer("RTP/AVP"))
        #expect(read.codecs.map(\.codec) == [.g722, .aLaw])
        #expect(
            read.answer(address: "192.0.2.8", port: 1).text(session: 1, version: 1).contains("a=rtpmap:9 G722/8000")
        )
    }

    @Test("Opus is taken where it is wanted, with the payload type of the offer, and not otherwise (RFC 7587 §7)")
    func opus() throws {
        let text = """
            v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r
            m=audio 4000 RTP/AVP 96 0 101\r\na=rtpmap:96 opus/48000/2\r\na=fmtp:96 useinbandfec=1\r
            a=rtpmap:101 telephone-event/8000\r\n
            """
        let read = try #require(SDPDescription(text))
        #expect(read.codecs.map(\.codec) == [.opus, .muLaw])
        // What the landline speaks itself is taken, where nothing else is said.
        #expect(read.limited(to: [])?.codecs.map(\.codec) == [.muLaw])
        #expect(read.limited(to: [.muLaw, .opus])?.codecs.map(\.codec) == [.muLaw, .opus])
        #expect(read.limited(to: [.g722]) == nil)
        let answer = try #require(read.limited(to: [.opus])).answer(address: "192.0.2.8", port: 5000)
        let lines = answer.text(session: 1, version: 1).split(separator: "\r\n")
        #expect(lines.contains("m=audio 5000 RTP/AVP 96 101") && lines.contains("a=rtpmap:96 opus/48000/2"))
        #expect(lines.contains { $0.hasPrefix("a=fmtp:96 ") && $0.contains("maxplaybackrate=8000") })
        let offer = SDPDescription(
            address: "192.0.2.8",
            port: 5000,
            codecs: [.opus, .aLaw].map { SDPDescription.Codec($0) },
            eventType: 101
        )
        #expect(offer.text(session: 1, version: 1).contains("m=audio 5000 RTP/AVP 107 8 101\r\n"))
        #expect(SDPDescription(offer.text(session: 1, version: 1))?.codecs == offer.codecs)
    }

    @Test("a digit goes out as 100 ms with its end three times, and is heard once on the other side")
    func digits() {
        var sender = TelephoneEvent.Sender()
        var receiver = TelephoneEvent.Receiver()
        #expect(sender.append("1") && sender.append("#") && !sender.append("x"))
        var heard: [Character] = []
        var packets = 0
        var start: UInt32 = 0
        for tick in 0..<60 {
            let wasSending = sender.isSending
            guard let packet = sender.next() else { continue }
            packets += 1
            if !wasSending { start = UInt32(tick * 160) }
            let header = RTPHeader(payloadType: 101, sequence: UInt16(tick), timestamp: start, source: 1)
            let bytes = [packet.payload.0, packet.payload.1, packet.payload.2, packet.payload.3]
            if let digit = bytes.withUnsafeBytes({ receiver.take(header, $0) }) { heard.append(digit) }
        }
        #expect(heard == ["1", "#"] && packets == 14)
    }

    @Test("each digit is heard once, whichever of its packets are lost, come twice, or come late")
    func digitsOnBadWays() {
        var random = SeededGenerator(seed: 4733)
        for round in 0..<500 {
            var sender = TelephoneEvent.Sender()
            for digit in "1159#" { _ = sender.append(digit) }
            var sent: [(header: RTPHeader, bytes: [UInt8])] = []
            var start: UInt32 = 0
            var digit = 0
            var kept: [Int: Bool] = [:]
            for tick in 0..<150 {
                let wasSending = sender.isSending
                guard let packet = sender.next() else { continue }
                if !wasSending { (start, digit) = (UInt32(tick * 160), digit + 1) }
                let isLast = !sender.isSending
                // One at least of each comes.
                guard Bool.random(using: &random) || isLast && kept[digit] != true else { continue }
                kept[digit] = true
                let header = RTPHeader(payloadType: 101, sequence: UInt16(tick), timestamp: start, source: 1)
                let bytes = [packet.payload.0, packet.payload.1, packet.payload.2, packet.payload.3]
                for _ in 0..<Int.random(in: 1...3, using: &random) { sent.append((header, bytes)) }
            }
            // Those of one digit overtake each other.
            for index in sent.indices.dropLast() where sent[index].header.timestamp == sent[index + 1].header.timestamp
            {
                if Bool.random(using: &random) { sent.swapAt(index, index + 1) }
            }
            var receiver = TelephoneEvent.Receiver()
            let heard = sent.compactMap { packet in
                packet.bytes.withUnsafeBytes { receiver.take(packet.header, $0) }
            }
            #expect(String(heard) == "1159#", "round \(round)")
        }
    }
}
