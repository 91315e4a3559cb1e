import TestSupport
import Testing

@testable import RTPMedia

@Suite("Reports on RTP") struct RTCPTests {
    private func read(_ bytes: [UInt8], of source: UInt32 = 7) -> RTCP.Heard? {
        bytes.withUnsafeBytes { RTCP.read($0, of: source) }
    }

    private func written(_ report: RTCP.Report?) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: RTCP.longest)
        let sending = RTCP.Sending(time: 0x0102_0304_0506_0708, timestamp: 160, packets: 5, octets: 800)
        let count = bytes.withUnsafeMutableBytes { RTCP.write(sending, from: 0xCAFE_0001, report, to: $0) }
        return Array(bytes[..<count])
    }

    @Test("a report is read as it was written, with whole words and a name behind it (RFC 3550 §6.1)")
    func inverse() throws {
        var report = RTCP.Report(source: 7)
        (report.fraction, report.lost, report.highest, report.jitter) = (25, -3, 0x1_0005, 44)
        (report.lastReport, report.delay) = (0x0203_0405, 65_536)
        let bytes = written(report)
        let heard = try #require(read(bytes))
        #expect(heard.sender == 0xCAFE_0001 && heard.report == report && heard.sending?.stamp == 0x0304_0506)
        #expect(bytes.count.isMultiple(of: 4) && bytes[52] == 0x81 && bytes[53] == 202)
        #expect(52 + 4 * (1 + Int(bytes[55])) == bytes.count)
        #expect(read(bytes, of: 8)?.report == nil)
        #expect(read(written(nil))?.report == nil)
    }

    @Test("what a receiver alone writes is read (Wireshark's sample of RFC 3550 §6.4.2)")
    func receiver() {
        let bytes: [UInt8] =
            [0x81, 201, 0, 7, 0, 0, 0, 9, 0, 0, 0, 7, 128, 0, 0, 4, 0, 0, 1, 0, 0, 0, 0, 80]
            + [UInt8](repeating: 0, count: 8)
        let heard = read(bytes)
        #expect(heard?.sending == nil && heard?.report?.fraction == 128 && heard?.report?.lost == 4)
        #expect(heard?.report?.jitter == 80)
    }

    @Test("noise, and reports that are cut short, are none, and nothing else comes of them")
    func noise() {
        var random = SeededGenerator(seed: 3550)
        let whole = written(RTCP.Report(source: 7))
        for count in 0..<52 { #expect(read(Array(whole[..<count])) == nil) }
        for _ in 0..<20_000 {
            var bytes = (0..<Int.random(in: 0...120, using: &random))
                .map { _ in UInt8.random(in: 0...255, using: &random) }
            if bytes.count > 3 { (bytes[0], bytes[1]) = (0x80 | bytes[0] & 0x3F, 200 + bytes[1] & 7) }
            if bytes.count > 3 { (bytes[2], bytes[3]) = (0, bytes[3] & 31) }
            _ = read(bytes)
        }
    }

    @Test("losses, rounds of numbers, and unevenness are counted (RFC 3550 §A.3, §A.8)")
    func statistics() throws {
        var statistics = RTPStatistics()
        let none = statistics.report()
        #expect(none == nil)
        var time: UInt32 = 1000
        for index in 0..<200 {
            time += 160
            guard index % 10 != 9 else { continue }
            let header = RTPHeader(
                payloadType: 8,
                sequence: UInt16(truncatingIfNeeded: 65_500 + index),
                timestamp: time,
                source: 7
            )
            // One comes 10 ms late, the next one in time.
            statistics.take(header, at: 500 &+ time &+ (index % 2 == 0 ? 80 : 0), isTimed: true)
        }
        let made = statistics.report()
        let report = try #require(made)
        #expect(report.source == 7 && report.highest == 65_500 + 198 && report.lost == 19)
        #expect(report.fraction == UInt8(19 * 256 / 199))
        #expect((60...80).contains(report.jitter), "\(report.jitter)")
        #expect(statistics.expected == 199 && statistics.lost == 19)
        // Nothing has been lost since.
        let next = statistics.report()
        #expect(next?.fraction == 0)
        // Another stream begins anew; what was counted stays.
        statistics.take(RTPHeader(payloadType: 8, sequence: 9, timestamp: 0, source: 8), at: 0, isTimed: true)
        let other = statistics.report()
        #expect(statistics.expected == 200 && statistics.lost == 19 && other?.lost == 0)
    }
}
