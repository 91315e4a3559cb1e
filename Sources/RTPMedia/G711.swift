/// G.711: 8 bits a sample, in the two ways of the world (ITU-T G.711).
package enum G711: Sendable, Hashable, CaseIterable {
    /// Europe's.
    case aLaw
    /// North America's and Japan's.
    case muLaw

    /// What stands for silence.
    package var silence: UInt8 { self == .aLaw ? 0xD5 : 0xFF }

    /// The sample that a byte stands for.
    package func decode(_ byte: UInt8) -> Int16 {
        switch self {
        case .aLaw: Self.fromALaw[Int(byte)]
        case .muLaw: Self.fromMuLaw[Int(byte)]
        }
    }

    /// The byte that stands for a sample.
    package func encode(_ sample: Int16) -> UInt8 {
        switch self {
        case .aLaw: Self.toALaw(Int(sample))
        case .muLaw: Self.toMuLaw(Int(sample))
        }
    }

    private static let fromALaw: [Int16] = (0..<256)
        .map { byte in
            let code = byte ^ 0x55
            let segment = (code & 0x70) >> 4
            let mantissa = (code & 0x0F) << 4
            let size = segment == 0 ? mantissa + 8 : (mantissa + 0x108) << (segment - 1)
            return Int16(code & 0x80 != 0 ? size : -size)
        }

    private static let fromMuLaw: [Int16] = (0..<256)
        .map { byte in
            let code = ~byte & 0xFF
            let size = ((((code & 0x0F) << 3) + 0x84) << ((code & 0x70) >> 4)) - 0x84
            return Int16(code & 0x80 != 0 ? -size : size)
        }

    private static func toALaw(_ sample: Int) -> UInt8 {
        let sign = sample >= 0 ? 0x80 : 0
        // Of 13 bits, one's complement for negative ones (G.711, table 1a).
        let size = (sample >= 0 ? sample : -sample - 1) >> 4
        let segment = size < 0x10 ? 0 : min(7, Int.bitWidth - size.leadingZeroBitCount - 4)
        let mantissa = segment < 2 ? size & 0x0F : (size >> (segment - 1)) & 0x0F
        return UInt8((sign | segment << 4 | mantissa) ^ 0x55)
    }

    private static func toMuLaw(_ sample: Int) -> UInt8 {
        let size = min(abs(sample), 32_635) + 0x84
        let segment = Int.bitWidth - size.leadingZeroBitCount - 8
        let mantissa = (size >> (segment + 3)) & 0x0F
        return UInt8(~((sample < 0 ? 0x80 : 0) | segment << 4 | mantissa) & 0xFF)
    }
}
