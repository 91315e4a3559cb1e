import CallModel
import Glibc
import Testing

@testable import CallAudio

@Suite("Sound of telephones") struct RTPPortTests {
    /// A socket of a loopback address, which never waits.
    private final class Peer {
        let descriptor: Int32
        let address: String
        let port: Int

        init(_ address: String) {
            descriptor = socket(AF_INET, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
            self.address = address
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_addr.s_addr = inet_addr(address)
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            port = withUnsafeMutablePointer(to: &place) { [descriptor] pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                    _ = bind(descriptor, raw, length)
                    getsockname(descriptor, raw, &length)
                }
                return Int(in_port_t(bigEndian: pointer.pointee.sin_port))
            }
        }

        deinit { close(descriptor) }

        func send(_ bytes: [UInt8], to peer: Peer) {
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = in_port_t(peer.port).bigEndian
            place.sin_addr.s_addr = inet_addr(peer.address)
            withUnsafePointer(to: &place) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = sendto(descriptor, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }

        /// What lies there; on a loopback it does as soon as it is sent.
        func received() -> [UInt8]? {
            var bytes = [UInt8](repeating: 0, count: 2048)
            let count = recv(descriptor, &bytes, bytes.count, 0)
            return count > 0 ? Array(bytes[..<count]) : nil
        }
    }

    private func sound(_ own: Peer, to other: Peer, _ codec: RTPCodec = .aLaw) -> RTPSound {
        RTPSound(
            descriptor: dup(own.descriptor),
            address: other.address,
            port: other.port,
            codec: codec,
            payloadType: 8
        )
    }

    private static let loud = AudioFrame { $0 / 8 % 2 == 0 ? 8000 : -8000 }

    private func packet(_ sequence: UInt8) -> [UInt8] {
        [0x80, 8, 0, sequence, 0, 0, sequence, 0, 0, 0, 0, 7] + [UInt8](repeating: 0x2A, count: 160)
    }

    @Test("who holds the call is sent nothing but a reminder for a NAT, and the sound goes on at its time behind that")
    func held() throws {
        let own = Peer("127.0.0.1")
        let phone = Peer("127.0.0.2")
        var sound = sound(own, to: phone)
        let hearing = Hearing()
        sound.hearing = hearing
        let port = try RTPPort.open(sound, id: 1)
        defer { port.abandon() }
        func time(_ packet: [UInt8]) -> UInt32 { packet[4..<8].reduce(0) { $0 << 8 | UInt32($1) } }
        #expect(port.play(Self.loud))
        let first = try #require(phone.received())
        hearing.isOff = true
        var held: [[UInt8]] = []
        for _ in 0..<750 {
            #expect(port.play(Self.loud))
            if let packet = phone.received() { held.append(packet) }
        }
        #expect(held.count == 1)
        // Of A-law, silence and nothing of what is loud.
        #expect(held.first.map { Set($0.dropFirst(12)) } == [0xD5])
        hearing.isOff = false
        #expect(port.play(Self.loud))
        let next = try #require(phone.received())
        #expect(time(next) &- time(first) == 751 * 160)
        #expect(next[1] & 0x80 != 0, "sound begins anew, and is not marked")
    }

    @Test("a stranger who sends first is not heard and gets nothing; the phone may move to another port of its own")
    func latch() throws {
        let own = Peer("127.0.0.1")
        let phone = Peer("127.0.0.2")
        let moved = Peer("127.0.0.2")
        let stranger = Peer("127.0.0.3")
        let port = try RTPPort.open(sound(own, to: phone), id: 1)
        defer { port.abandon() }
        var frames = 0
        func read() -> Int {
            frames = 0
            _ = port.read { _ in frames += 1 }
            return frames
        }
        stranger.send(packet(1), to: own)
        #expect(read() == 0)
        #expect(port.play(Self.loud))
        #expect(stranger.received() == nil && phone.received() != nil)
        moved.send(packet(1), to: own)
        #expect(read() == 1)
        #expect(port.play(Self.loud))
        #expect(moved.received() != nil && phone.received() == nil)
        // The one that is heard stays it, until it has been silent for a second.
        phone.send(packet(2), to: own)
        #expect(read() == 0)
        for _ in 0...50 { _ = port.play(Self.loud) }
        stranger.send(packet(3), to: own)
        #expect(read() == 0)
        phone.send(packet(4), to: own)
        #expect(read() == 1)
    }

    @Test(
        "what one port says another hears, in each codec, encrypted or not",
        arguments: RTPCodec.allCases,
        [false, true]
    )
    func hears(codec: RTPCodec, isSecret: Bool) throws {
        let one = Peer("127.0.0.1")
        let two = Peer("127.0.0.2")
        let keys = ((0..<30).map { UInt8($0) }, (0..<30).map { UInt8(200 - $0) })
        var first = sound(one, to: two, codec)
        var second = sound(two, to: one, codec)
        if isSecret {
            first.keys = RTPSound.Keys(own: keys.0, other: keys.1)
            second.keys = RTPSound.Keys(own: keys.1, other: keys.0)
        }
        let speaks = try RTPPort.open(first, id: 1)
        let hears = try RTPPort.open(second, id: 2)
        defer {
            speaks.abandon()
            hears.abandon()
        }
        var loudest: Int16 = 0
        for _ in 0..<10 {
            #expect(speaks.play(Self.loud))
            _ = hears.read { frame in
                for index in 0..<AudioFrame.count { loudest = max(loudest, frame[index]) }
            }
        }
        #expect((4000...16_000).contains(loudest), "\(loudest)")
    }

    @Test(
        "two ends that have 16 kHz hear each other's treble; one of 8 kHz gets none, and nothing folded down from it",
        arguments: [(RTPCodec.g722, RTPCodec.opus, true), (.opus, .g722, true), (.g722, .aLaw, false)]
    )
    func treble(from: RTPCodec, to: RTPCodec, isWide: Bool) throws {
        let peers = (Peer("127.0.0.1"), Peer("127.0.0.2"), Peer("127.0.0.2"), Peer("127.0.0.1"))
        let speaks = try RTPPort.open(sound(peers.0, to: peers.1, from), id: 1)
        let first = ConversationEnd(
            try RTPPort.open(sound(peers.1, to: peers.0, from), id: 2),
            detectsDigits: false,
            now: 0
        )
        let second = ConversationEnd(
            try RTPPort.open(sound(peers.2, to: peers.3, to), id: 3),
            detectsDigits: false,
            now: 0
        )
        let hears = try RTPPort.open(sound(peers.3, to: peers.2, to), id: 4)
        defer { for port in [speaks, first.port, second.port, hears] { port.abandon() } }
        Conversation(id: 1, first, second).agreeOnWidth()
        for port in [speaks, hears] { port.carryTreble(port.hasTreble) }
        var (tone, joiner, heard) = (WideSoundTests.Tone(hertz: 6000), BandJoiner(), [Int16]())
        for tick in 0..<100 {
            let now = 1_000_000_000 + UInt64(tick) * 20_000_000
            #expect(speaks.play(tone.next()))
            _ = first.port.read { first.hear($0, for: second, at: now) }
            second.play(from: first, at: now)
            _ = hears.read { frame in
                let wide = joiner.join(frame)
                heard += wide.indices.map { wide[$0] }
            }
        }
        // What the codecs need to find the tone is behind it.
        let late = Array(heard.suffix(16_000))
        let treble = WideSoundTests.amplitude(of: 6000, in: late, rate: 16_000)
        let folded = WideSoundTests.amplitude(of: 2000, in: late, rate: 16_000)
        #expect(isWide ? treble > 4000 : treble < 200, "\(treble)")
        #expect(folded < 500, "\(folded)")
    }

    @Test(
        "a browser and a telephone of 16 kHz hear each other's treble; a modem's call has none, and nothing folded down",
        arguments: [(RTPCodec.g722, true), (.opus, true), (.aLaw, false)]
    )
    func browser(codec: RTPCodec, isWide: Bool) throws {
        let peers = (Peer("127.0.0.1"), Peer("127.0.0.2"))
        var seats: [Int32] = [-1, -1]
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        try #require(socketpair(AF_UNIX, kind, 0, &seats) == 0)
        // The page's side of its seat writes and reads as the call's side does.
        let page = AudioSocketPort(id: 1, socket: seats[0], isWide: true)
        let first = ConversationEnd(
            AudioSocketPort(id: 2, socket: seats[1], isWide: true),
            detectsDigits: false,
            now: 0
        )
        let second = ConversationEnd(
            try RTPPort.open(sound(peers.0, to: peers.1, codec), id: 3),
            detectsDigits: false,
            now: 0
        )
        let phone = try RTPPort.open(sound(peers.1, to: peers.0, codec), id: 4)
        defer { for port in [page, first.port, second.port, phone] { port.abandon() } }
        Conversation(id: 1, first, second).agreeOnWidth()
        #expect(first.buffer.isWide == isWide && second.buffer.isWide == isWide)
        phone.carryTreble(isWide)
        // Each says a tone of its own, so that none hears itself.
        var (said, answered) = (WideSoundTests.Tone(hertz: 6000), WideSoundTests.Tone(hertz: 5500))
        var (atPhone, atPage) = ([Int16](), [Int16]())
        var joiners = (BandJoiner(), BandJoiner())
        for tick in 0..<100 {
            let now = 1_000_000_000 + UInt64(tick) * 20_000_000
            #expect(page.play(said.next()) && phone.play(answered.next()))
            _ = first.port.read { first.hear($0, for: second, at: now) }
            _ = second.port.read { second.hear($0, for: first, at: now) }
            second.play(from: first, at: now)
            _ = phone.read { frame in
                #expect((frame.treble != nil) == isWide)
                let wide = joiners.0.join(frame)
                atPhone += wide.indices.map { wide[$0] }
            }
            _ = page.read { frame in
                let wide = joiners.1.join(frame)
                atPage += wide.indices.map { wide[$0] }
            }
        }
        for (heard, hertz, folded) in [(atPhone, 6000.0, 2000.0), (atPage, 5500, 2500)] {
            // What the codecs need to find the tone is behind it.
            let late = Array(heard.suffix(16_000))
            #expect(late.count == 16_000)
            let treble = WideSoundTests.amplitude(of: hertz, in: late, rate: 16_000)
            #expect(isWide ? treble > 4000 : treble < 200, "\(hertz) Hz: \(treble)")
            #expect(WideSoundTests.amplitude(of: folded, in: late, rate: 16_000) < 500, "\(folded) Hz")
        }
    }

    @Test(
        "Opus: digits come through whole, a frame is 960 of its clock, and a packet that is lost is made up",
        arguments: [0, 7]
    )
    func opus(losing: Int) throws {
        let (one, relay, two) = (Peer("127.0.0.1"), Peer("127.0.0.1"), Peer("127.0.0.1"))
        let speaks = try RTPPort.open(sound(one, to: relay, .opus), id: 1)
        let hears = try RTPPort.open(sound(two, to: relay, .opus), id: 2)
        defer {
            speaks.abandon()
            hears.abandon()
        }
        var generator = DTMFGenerator()
        for digit in "1590#2648*" { _ = generator.append(digit) }
        let detector = try #require(DTMFDetector())
        var (digits, played, heard, stamps) = ("", 0, 0, [UInt32]())
        while let frame = generator.next() {
            #expect(speaks.play(frame))
            played += 1
            let packet = try #require(relay.received())
            #expect(packet.count < 12 + 160)
            stamps.append(packet[4..<8].reduce(0) { $0 << 8 | UInt32($1) })
            if losing > 0, played % losing == 0 { continue }
            relay.send(packet, to: two)
            _ = hears.read { frame in
                heard += 1
                detector.listen(to: frame) { if case .began(let digit) = $0 { digits.append(digit) } }
            }
        }
        #expect(zip(stamps, stamps.dropFirst()).allSatisfy { $1 &- $0 == 960 })
        // The last may be lost, and nothing behind it tells so.
        #expect(heard >= played - 1, "\(heard) of \(played)")
        if losing == 0 { #expect(digits == "1590#2648*") }
    }

    @Test(
        "both ends learn by reports what is lost on the way and how long it is, encrypted or not",
        arguments: [false, true]
    )
    func reports(isSecret: Bool) throws {
        let (one, oneReports, two, twoReports) =
            (Peer("127.0.0.1"), Peer("127.0.0.1"), Peer("127.0.0.1"), Peer("127.0.0.1"))
        let relay = Peer("127.0.0.1")
        let keys = ((0..<30).map { UInt8($0) }, (0..<30).map { UInt8(200 - $0) })
        var first = sound(one, to: relay)
        (first.reports, first.reportPort) = (dup(oneReports.descriptor), twoReports.port)
        var second = sound(two, to: one)
        (second.reports, second.reportPort) = (dup(twoReports.descriptor), oneReports.port)
        if isSecret {
            first.keys = RTPSound.Keys(own: keys.0, other: keys.1)
            second.keys = RTPSound.Keys(own: keys.1, other: keys.0)
        }
        let speaks = try RTPPort.open(first, id: 1)
        let hears = try RTPPort.open(second, id: 2)
        defer {
            speaks.abandon()
            hears.abandon()
        }
        #expect(speaks.network == nil && hears.network == nil)
        for index in 0..<500 {
            #expect(speaks.play(Self.loud))
            let packet = try #require(relay.received())
            // A tenth gets lost.
            if index % 10 != 5 { relay.send(packet, to: two) }
            _ = hears.read { _ in }
            #expect(hears.play(Self.loud))
            _ = relay.received()
        }
        let heard = try #require(hears.network)
        #expect((8...12).contains(heard.loss), "\(heard)")
        let told = try #require(speaks.network)
        #expect((5...15).contains(told.farLoss ?? -1) && told.roundTrip != nil && told.farJitter != nil, "\(told)")
        // What is said here is lost altogether in this test, which is worse.
        #expect(heard.weakness == "nothing of what is said here comes there", "\(heard)")
        let oneWay = NetworkQuality(loss: heard.loss, jitter: 0)
        #expect(oneWay.weakness?.contains("are lost") == true, "\(oneWay)")
    }

    @Test("sound in one direction alone is known by what the other side reports")
    func oneWay() throws {
        let (one, oneReports, two, twoReports) =
            (Peer("127.0.0.1"), Peer("127.0.0.1"), Peer("127.0.0.1"), Peer("127.0.0.1"))
        let nowhere = Peer("127.0.0.1")
        var first = sound(one, to: nowhere)
        (first.reports, first.reportPort) = (dup(oneReports.descriptor), twoReports.port)
        var second = sound(two, to: one)
        (second.reports, second.reportPort) = (dup(twoReports.descriptor), oneReports.port)
        let speaks = try RTPPort.open(first, id: 1)
        let hears = try RTPPort.open(second, id: 2)
        defer {
            speaks.abandon()
            hears.abandon()
        }
        for _ in 0..<1200 {
            #expect(speaks.play(Self.loud) && hears.play(Self.loud))
            _ = nowhere.received()
            _ = speaks.read { _ in }
        }
        #expect(hears.network?.loss == 100 && hears.network?.weakness?.contains("comes here") == true)
        #expect(speaks.network?.farLoss == 100 && speaks.network?.weakness?.contains("comes there") == true)
    }

    /// A second is 8000 ticks of 8 kHz, also long after the machine was started; with a factor that was shifted away, all instants
    /// were one, and a steady voice had 20 ms of jitter.
    @Test(
        "the clock of jitter runs as RTP's time stamps do",
        arguments: [(8, 8000), (48, 48_000)] as [(UInt64, UInt32)]
    )
    func jitterClock(ticks: UInt64, second: UInt32) {
        for uptime in [1, 1000, 40_000_000] as [UInt64] {
            let (one, next) = (uptime << 32, (uptime + 1) << 32)
            #expect(
                RTPReporter.timestamp(of: next, ticks: ticks) &- RTPReporter.timestamp(of: one, ticks: ticks) == second
            )
        }
    }

    @Test("who has not the keys is not heard")
    func wrongKeys() throws {
        let one = Peer("127.0.0.1")
        let two = Peer("127.0.0.2")
        var secret = sound(two, to: one)
        secret.keys = RTPSound.Keys(own: [UInt8](repeating: 1, count: 30), other: [UInt8](repeating: 2, count: 30))
        let speaks = try RTPPort.open(sound(one, to: two), id: 1)
        let hears = try RTPPort.open(secret, id: 2)
        defer {
            speaks.abandon()
            hears.abandon()
        }
        var count = 0
        for _ in 0..<5 {
            #expect(speaks.play(Self.loud))
            _ = hears.read { _ in count += 1 }
        }
        #expect(count == 0)
    }
}
