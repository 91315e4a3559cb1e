/// What two ends tell each other of their streams (RFC 3550 §6): the parts that telephony needs.
package enum RTCP {
    /// What one end has seen of a stream (RFC 3550 §6.4.1, a report block).
    package struct Report: Sendable, Hashable {
        /// The stream.
        package var source: UInt32
        /// What was lost since the report before, in 1/256.
        package var fraction: UInt8 = 0
        /// What was lost in all; negative where more came than was sent.
        package var lost: Int32 = 0
        /// The number of the last packet, with the rounds that numbers have made.
        package var highest: UInt32 = 0
        /// How unevenly packets come, by the clock of the stream.
        package var jitter: UInt32 = 0
        /// When the last report of the stream's end was written, by its clock, and how long ago it came: both in 1/65536 s; 0 for none.
        package var lastReport: UInt32 = 0
        package var delay: UInt32 = 0

        /// Creates one of nothing seen.
        package init(source: UInt32) { self.source = source }
    }

    /// What the sender of a report says of its own stream.
    package struct Sending: Sendable, Hashable {
        /// When it was written, by its clock, in 2⁻³² s.
        package var time: UInt64
        package var timestamp: UInt32
        package var packets: UInt32
        package var octets: UInt32

        /// Creates one.
        package init(time: UInt64, timestamp: UInt32, packets: UInt32, octets: UInt32) {
            (self.time, self.timestamp, self.packets, self.octets) = (time, timestamp, packets, octets)
        }

        /// The middle of the time, by which a report names it.
        package var stamp: UInt32 { UInt32(truncatingIfNeeded: time >> 16) }
    }

    /// What was heard of the other end.
    package struct Heard: Sendable, Hashable {
        /// Who has written it.
        package var sender: UInt32
        package var sending: Sending?
        /// What it has seen of our stream.
        package var report: Report?
    }

    /// The bytes of what is written: a report with one block, and a name.
    package static let longest = 28 + 24 + 20
    private static let (senderReport, receiverReport, names) = (UInt8(200), UInt8(201), UInt8(202))

    /// Whether a packet is none of sound: both may come to one port (RFC 5761 §4).
    package static func isReport(_ bytes: UnsafeRawBufferPointer) -> Bool {
        bytes.count >= 8 && bytes[0] >> 6 == 2 && (192...223).contains(bytes[1])
    }

    /// Reads what stands in a compound packet; nil for what is none.
    ///
    /// - Parameter source: our own stream, of which the other end tells.
    package static func read(_ bytes: UnsafeRawBufferPointer, of source: UInt32) -> Heard? {
        guard isReport(bytes) else { return nil }
        var heard: Heard?
        var start = 0
        while bytes.count - start >= 8, bytes[start] >> 6 == 2 {
            let size = 4 * (1 + (Int(bytes[start + 2]) << 8 | Int(bytes[start + 3])))
            guard start + size <= bytes.count else { return nil }
            defer { start += size }
            let kind = bytes[start + 1]
            guard kind == senderReport || kind == receiverReport else { continue }
            let head = kind == senderReport ? 28 : 8
            guard size >= head, size >= 8 else { return nil }
            var found = heard ?? Heard(sender: RTPHeader.word(bytes, start + 4))
            if kind == senderReport {
                found.sending = Sending(
                    time: UInt64(RTPHeader.word(bytes, start + 8)) << 32 | UInt64(RTPHeader.word(bytes, start + 12)),
                    timestamp: RTPHeader.word(bytes, start + 16),
                    packets: RTPHeader.word(bytes, start + 20),
                    octets: RTPHeader.word(bytes, start + 24)
                )
            }
            for index in 0..<Int(bytes[start] & 0x1F) {
                let place = start + head + 24 * index
                guard place + 24 <= start + size else { return nil }
                if RTPHeader.word(bytes, place) == source { found.report = report(bytes, place) }
            }
            heard = found
        }
        return heard
    }

    private static func report(_ bytes: UnsafeRawBufferPointer, _ place: Int) -> Report {
        var report = Report(source: RTPHeader.word(bytes, place))
        report.fraction = bytes[place + 4]
        // 24 bits with their sign.
        report.lost = Int32(bitPattern: RTPHeader.word(bytes, place + 4) << 8) >> 8
        report.highest = RTPHeader.word(bytes, place + 8)
        report.jitter = RTPHeader.word(bytes, place + 12)
        report.lastReport = RTPHeader.word(bytes, place + 16)
        report.delay = RTPHeader.word(bytes, place + 20)
        return report
    }

    /// Writes a compound packet: what we send, what we have seen, and a name that says nothing of us (RFC 7022).
    ///
    /// - Returns: its bytes; 0 where `bytes` has not ``longest``.
    package static func write(
        _ sending: Sending,
        from source: UInt32,
        _ report: Report?,
        to bytes: UnsafeMutableRawBufferPointer
    ) -> Int {
        guard bytes.count >= longest else { return 0 }
        var place = 0
        func put(_ word: UInt32) {
            for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32(index))) }
            place += 4
        }
        func head(_ kind: UInt8, count: UInt32, words: UInt32) {
            put(0x8000_0000 | count << 24 | UInt32(kind) << 16 | (words - 1))
        }
        head(senderReport, count: report == nil ? 0 : 1, words: report == nil ? 7 : 13)
        put(source)
        put(UInt32(truncatingIfNeeded: sending.time >> 32))
        put(UInt32(truncatingIfNeeded: sending.time))
        for word in [sending.timestamp, sending.packets, sending.octets] { put(word) }
        if let report {
            put(report.source)
            put(UInt32(report.fraction) << 24 | UInt32(bitPattern: report.lost) & 0xFF_FFFF)
            for word in [report.highest, report.jitter, report.lastReport, report.delay] { put(word) }
        }
        // A chunk with CNAME (1) of eight letters, and an end that fills it up.
        head(names, count: 1, words: 5)
        put(source)
        put(0x0108_0000 | UInt32(letter(source, 0)) << 8 | UInt32(letter(source, 1)))
        put(letters(source, 2))
        put(UInt32(letter(source, 6)) << 24 | UInt32(letter(source, 7)) << 16)
        return place
    }

    private static func letters(_ source: UInt32, _ from: UInt32) -> UInt32 {
        (0..<4).reduce(0) { $0 << 8 | UInt32(letter(source, from + UInt32($1))) }
    }

    /// A digit of the source's number, hexadecimal.
    private static func letter(_ source: UInt32, _ index: UInt32) -> UInt8 {
        let digit = UInt8(source >> (28 - 4 * index) & 15)
        return digit < 10 ? 0x30 + digit : 0x57 + digit
    }
}
