internal import CallModel
internal import Glibc
internal import RTPMedia

/// Tells the other side of a stream how it comes, and hears the same of ours (RFC 3550 §6); used on the thread of the loop alone.
final class RTPReporter {
    /// Frames between two reports: 5 s, by chance half as many more or less (RFC 3550 §6.3.1).
    private static let interval = 250
    private static let roomSize = 1500

    /// −1 where no reports are sent.
    private let descriptor: Int32
    private var far: sockaddr_storage
    private let farLength: socklen_t
    private let room: UnsafeMutableRawBufferPointer
    private var statistics: RTPStatistics
    /// By how many timestamps count a millisecond.
    private let ticks: UInt64
    /// The first comes early, so that short calls have one too.
    private var due = 75
    private var heardAt: (stamp: UInt32, time: UInt64)?
    private var farLost: (lost: Int, of: Int)?
    private var farJitter: Double?
    private var roundTrip: Double?
    /// Packets that the other side says it has sent, and its reports in a row that know nothing of ours.
    private var farPackets: UInt32 = 0
    private var silentReports = 0
    private var first: UInt32?
    private(set) var packets: UInt32 = 0
    private var octets: UInt32 = 0

    /// - Parameter far: where the other side wants its sound; reports go to another port there.
    init(_ sound: RTPSound, toward far: sockaddr_storage, _ length: socklen_t) {
        descriptor = sound.reports ?? -1
        statistics = RTPStatistics(clock: sound.codec.clock)
        ticks = UInt64(sound.codec.clock / 1000)
        self.far = far
        farLength = length
        let port = UInt16(truncatingIfNeeded: sound.reportPort ?? sound.port + 1)
        // The port stands behind the family in both.
        withUnsafeMutableBytes(of: &self.far) { bytes in
            bytes[2] = UInt8(port >> 8)
            bytes[3] = UInt8(port & 255)
        }
        room = .allocate(byteCount: Self.roomSize, alignment: 8)
    }

    deinit { room.deallocate() }

    func close() { if descriptor >= 0 { _ = Glibc.close(descriptor) } }

    /// What was counted goes on in the place of another.
    func follow(_ old: RTPReporter) {
        if ticks == old.ticks { statistics = old.statistics }
        (heardAt, farLost, farJitter, roundTrip) =
            (old.heardAt, old.farLost, old.farJitter, old.roundTrip)
        (packets, octets, first) = (old.packets, old.octets, old.first)
        (farPackets, silentReports) = (old.farPackets, old.silentReports)
    }

    /// Takes a packet that came.
    func take(_ header: RTPHeader, isTimed: Bool) {
        statistics.take(header, at: Self.timestamp(of: Self.now(), ticks: ticks), isTimed: isTimed)
    }

    /// An instant in the units of RTP's time stamps, of which there are so many in a millisecond (RFC 3550 6.4.1, A.8).
    ///
    /// - Parameter instant: seconds, of which the lower 32 bits are the fraction, as in NTP.
    static func timestamp(of instant: UInt64, ticks: UInt64) -> UInt32 {
        // Shifts bind tighter than products: (a * b) >> 16 needs its parentheses.
        UInt32(truncatingIfNeeded: ((instant >> 16) &* ticks &* 1000) >> 16)
    }

    /// Takes a packet that went out.
    func count(_ header: RTPHeader, _ size: Int) {
        if first == nil { first = UInt32(header.sequence) }
        packets &+= 1
        octets &+= UInt32(truncatingIfNeeded: size)
    }

    /// Reads what has come, and tells when it is time; called every 20 ms.
    func tick(_ head: RTPHeader, _ cipher: SRTPSession?, isTrusted: (inout sockaddr_storage) -> Bool) {
        guard descriptor >= 0 else { return }
        var source = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &source) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                recvfrom(descriptor, room.baseAddress, room.count, 0, raw, &size)
            }
        }
        if count > 0, isTrusted(&source) { hear(count, cipher, of: head.source) }
        due -= 1
        guard due <= 0 else { return }
        due = Int.random(in: Self.interval / 2...Self.interval * 3 / 2)
        send(head, cipher)
    }

    /// Takes a report that has come to the port of the sound (RFC 5761), decrypted or as it was.
    func hear(_ count: Int, _ cipher: SRTPSession?, of source: UInt32) {
        var count = count
        if let cipher {
            guard let plain = cipher.unprotectReport(room, count: count) else { return }
            count = plain
        }
        guard let heard = RTCP.read(UnsafeRawBufferPointer(rebasing: room[..<count]), of: source) else { return }
        let now = Self.now()
        if let sending = heard.sending { (heardAt, farPackets) = ((sending.stamp, now), sending.packets) }
        silentReports = heard.report == nil ? silentReports + 1 : 0
        guard let report = heard.report else { return }
        farJitter = max(farJitter ?? 0, Double(report.jitter) / Double(ticks))
        if let first, report.highest >= first {
            farLost = (max(0, Int(report.lost)), Int(report.highest - first) + 1)
        }
        guard report.lastReport != 0 else { return }
        let way = UInt32(truncatingIfNeeded: now >> 16) &- report.lastReport &- report.delay
        // Within half a minute; what is beyond is a clock that was set, or nonsense. 65536 are 1 s.
        guard way < 30 << 16 else { return }
        roundTrip = max(roundTrip ?? 0, Double(way) / 65.536)
    }

    private func send(_ head: RTPHeader, _ cipher: SRTPSession?) {
        let now = Self.now()
        var report = statistics.report()
        if let heardAt {
            report?.lastReport = heardAt.stamp
            report?.delay = UInt32(truncatingIfNeeded: (now - heardAt.time) >> 16)
        }
        let sending = RTCP.Sending(time: now, timestamp: head.timestamp, packets: packets, octets: octets)
        var count = RTCP.write(sending, from: head.source, report, to: room)
        if let cipher {
            guard let grown = cipher.protectReport(room, count: count) else { return }
            count = grown
        }
        _ = withUnsafePointer(to: &far) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
                sendto(descriptor, room.baseAddress, count, 0, raw, farLength)
            }
        }
    }

    /// How the way is; nil where nothing is known of it.
    var quality: NetworkQuality? {
        func percent(_ lost: Int, _ all: Int) -> Double {
            all > 0 ? (Double(lost) * 1000 / Double(all)).rounded() / 10 : 0
        }
        var farLoss = farLost.map { percent($0.lost, $0.of) }
        // It sends, or tells, and what should come never does: sound in one direction alone.
        if silentReports > 1, packets > 200 { farLoss = 100 }
        let isDeaf = statistics.expected == 0 && farPackets > 200
        guard statistics.expected > 0 || isDeaf || farLoss != nil else { return nil }
        return NetworkQuality(
            loss: isDeaf ? 100 : percent(statistics.lost, statistics.expected),
            jitter: (statistics.greatestJitter / Double(ticks) * 10).rounded() / 10,
            farLoss: farLoss,
            farJitter: farJitter.map { ($0 * 10).rounded() / 10 },
            roundTrip: roundTrip.map { Int($0.rounded()) }
        )
    }

    /// The time since the system began, in 2⁻³² s: a clock that nobody sets (RFC 3550 §4 allows it).
    private static func now() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) << 32 | UInt64(time.tv_nsec) << 32 / 1_000_000_000
    }
}
