/// Septets packed into octets, the first in the lowest bits (3GPP TS 23.038 §6.1.2.1).
package enum Septets {
    /// Packs septets behind some fill bits, which bring the text behind a header to the next septet (23.040 §9.2.3.24).
    package static func pack(_ septets: [UInt8], fillBits: Int = 0) -> [UInt8] {
        var octets: [UInt8] = []
        octets.reserveCapacity((septets.count * 7 + fillBits + 7) / 8)
        var (held, bits): (UInt16, Int) = (0, fillBits)
        for septet in septets {
            held |= UInt16(septet & 0x7F) << bits
            bits += 7
            while bits >= 8 {
                octets.append(UInt8(truncatingIfNeeded: held))
                held >>= 8
                bits -= 8
            }
        }
        if bits > 0 { octets.append(UInt8(truncatingIfNeeded: held)) }
        return octets
    }

    /// Unpacks at most so many septets, fewer where there are not enough octets.
    package static func unpack(_ octets: some Collection<UInt8>, count: Int, fillBits: Int = 0) -> [UInt8] {
        var septets: [UInt8] = []
        septets.reserveCapacity(min(max(count, 0), octets.count * 8 / 7))
        var (held, bits): (UInt32, Int) = (0, -fillBits)
        for octet in octets {
            if bits < 0 {
                // The first octet begins with the fill bits.
                held = UInt32(octet) >> UInt32(-bits)
                bits += 8
            } else {
                held |= UInt32(octet) << UInt32(bits)
                bits += 8
            }
            while bits >= 7, septets.count < count {
                septets.append(UInt8(held & 0x7F))
                held >>= 7
                bits -= 7
            }
            if septets.count >= count { break }
        }
        return septets
    }
}
