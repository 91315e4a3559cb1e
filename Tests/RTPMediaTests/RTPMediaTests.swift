import CallModel
import TestSupport
import Testing

@testable import RTPMedia

@Suite("G.711") struct G711Tests {
    @Test("every byte is what it stands for, and back", arguments: G711.allCases)
    func inverse(codec: G711) {
        for byte in UInt8.min...UInt8.max {
            let sample = codec.decode(byte)
            // µ-law has two zeros.
            let isZero = codec == .muLaw && sample == 0
            #expect(codec.encode(sample) == byte || isZero, "\(byte)")
        }
    }

    @Test("the ends of the scale, and silence (ITU-T G.711, tables 1a and 2a)")
    func scale() {
        #expect(G711.aLaw.decode(0xD5) == 8 && G711.aLaw.decode(0x55) == -8)
        #expect(G711.aLaw.decode(0xAA) == 32_256 && G711.aLaw.decode(0x2A) == -32_256)
        #expect(G711.muLaw.decode(0xFF) == 0 && G711.muLaw.decode(0x80) == 32_124 && G711.muLaw.decode(0x00) == -32_124)
    }

    @Test("no sample is further from its own than a step of its segment", arguments: G711.allCases)
    func precise(codec: G711) {
        for sample in Int16.min...Int16.max {
            let error = abs(Int(sample) - Int(codec.decode(codec.encode(sample))))
            #expect(error <= max(16, abs(Int(sample)) / 16 + 8), "\(sample): \(error)")
        }
    }
}

@Suite("RTP") struct RTPTests {
    private func header(_ sequence: UInt16, timestamp: UInt32 = 0, source: UInt32 = 7) -> RTPHeader {
        RTPHeader(payloadType: 8, sequence: sequence, timestamp: timestamp, source: source)
    }

    @Test("a head is read as it was written")
    func head() {
        let written = RTPHeader(
            payloadType: 101,
            isMarked: true,
            sequence: 65_535,
            timestamp: .max - 1,
            source: 0x8000_0001
        )
        var bytes = [UInt8](repeating: 0x55, count: 20)
        bytes.withUnsafeMutableBytes { written.write(to: $0) }
        let read = bytes.withUnsafeBytes { RTPHeader.read($0) }
        #expect(read?.header == written && read?.payload == 12..<20)
    }

    @Test("lists, extensions and padding are passed over; what is cut short is none")
    func parts() {
        let packet: [UInt8] = [
            0xB1, 8, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 9, 9, 9, 9, 0xBE, 0xDE, 0, 1, 1, 2, 3, 4, 0xAA, 0xBB, 0, 2,
        ]
        let read = packet.withUnsafeBytes { RTPHeader.read($0) }
        #expect(read?.payload == 24..<26)
        for length in 0..<packet.count {
            let cut = packet.prefix(length).withUnsafeBytes { RTPHeader.read($0) }
            #expect(cut == nil || length >= 25, "\(length)")
        }
    }

    @Test("a packet that was overtaken or comes twice is dropped; a new source and a jump begin anew")
    func order() {
        var reception = RTPReception()
        func take(_ sequences: [UInt16], source: UInt32 = 7) -> [Bool] {
            sequences.map { reception.take(header($0, source: source)) }
        }
        let inOrder = take([65_534, 65_535, 1])
        #expect(inOrder == [true, true, true] && reception.lost == 1)
        let late = take([0, 1, 65_535])
        #expect(late == [false, false, false])
        let other = take([9, 9, 30_000], source: 8)
        #expect(other == [true, false, true] && reception.lost == 1)
    }

    @Test("a digit is heard once, whichever of its packets come, and the same digit twice is two")
    func digits() {
        var receiver = TelephoneEvent.Receiver()
        func hear(_ code: UInt8, _ timestamp: UInt32, isEnd: Bool = false) -> Character? {
            let payload: [UInt8] = [code, isEnd ? 0x8A : 0x0A, 0, 160]
            return payload.withUnsafeBytes { receiver.take(header(1, timestamp: timestamp), $0) }
        }
        #expect(
            [hear(5, 100), hear(5, 100), hear(5, 100, isEnd: true), hear(5, 100, isEnd: true)] == ["5", nil, nil, nil]
        )
        // Only the end of it came.
        #expect(hear(5, 900, isEnd: true) == "5")
        #expect(hear(11, 2000) == "#")
        // A straggler.
        #expect(hear(5, 900, isEnd: true) == nil)
        #expect(hear(200, 3000) == nil)
        #expect(
            [UInt8](repeating: 0, count: 3).withUnsafeBytes { receiver.take(header(1, timestamp: 4000), $0) } == nil
        )
    }
}
