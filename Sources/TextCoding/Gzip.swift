/// Packs bytes as gzip (RFC 1952), with the fixed codes of deflate (RFC 1951, 3.2.6): for texts that are packed once.
package enum Gzip {
    /// The bytes, packed.
    package static func pack(_ bytes: [UInt8]) -> [UInt8] {
        var bits = Bits()
        // The last block, with fixed codes.
        bits.put(0b011, 3)
        var chains = Chains(bytes)
        var place = 0
        while place < bytes.count {
            let (length, distance) = chains.longest(at: place)
            if length >= 3 {
                bits.put(length: length, distance: distance)
            } else {
                bits.put(symbol: Int(bytes[place]))
            }
            for _ in 0..<max(1, length >= 3 ? length : 1) {
                chains.add(place)
                place += 1
            }
        }
        bits.put(symbol: 256)
        let header: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 2, 255]
        return header + bits.finished + little(checksum(bytes)) + little(UInt32(truncatingIfNeeded: bytes.count))
    }

    private static func little(_ value: UInt32) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// CRC-32 (RFC 1952, 8).
    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var value = UInt32.max
        for byte in bytes {
            value ^= UInt32(byte)
            for _ in 0..<8 { value = value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
        return ~value
    }

    /// Where the same three bytes stood before.
    private struct Chains {
        /// The most earlier places that are looked at.
        private static let depth = 48
        /// How far back may be pointed, and how much at once.
        private static let (window, most) = (32_768, 258)

        private let bytes: [UInt8]
        private var latest = [Int](repeating: -1, count: 1 << 14)
        private var earlier: [Int]

        init(_ bytes: [UInt8]) {
            self.bytes = bytes
            earlier = [Int](repeating: -1, count: bytes.count)
        }

        private func hash(_ place: Int) -> Int? {
            guard place + 2 < bytes.count else { return nil }
            let key = Int(bytes[place]) << 16 | Int(bytes[place + 1]) << 8 | Int(bytes[place + 2])
            return (key &* 0x9E5B) >> 5 & 0x3FFF
        }

        mutating func add(_ place: Int) {
            guard let hash = hash(place) else { return }
            earlier[place] = latest[hash]
            latest[hash] = place
        }

        func longest(at place: Int) -> (length: Int, distance: Int) {
            var best = (length: 0, distance: 0)
            guard let hash = hash(place) else { return best }
            let most = min(Self.most, bytes.count - place)
            var (candidate, looked) = (latest[hash], 0)
            while candidate >= 0, place - candidate <= Self.window, looked < Self.depth, best.length < most {
                var length = 0
                while length < most, bytes[candidate + length] == bytes[place + length] { length += 1 }
                if length > best.length { best = (length, place - candidate) }
                candidate = earlier[candidate]
                looked += 1
            }
            return best
        }
    }

    /// Bits, the lowest of each byte first.
    private struct Bits {
        private var bytes: [UInt8] = []
        private var (pending, count): (UInt32, Int) = (0, 0)

        /// The last bits in a byte of their own.
        var finished: [UInt8] { count > 0 ? bytes + [UInt8(truncatingIfNeeded: pending)] : bytes }

        mutating func put(_ value: Int, _ width: Int) {
            pending |= UInt32(value) << UInt32(count)
            count += width
            while count >= 8 {
                bytes.append(UInt8(truncatingIfNeeded: pending))
                pending >>= 8
                count -= 8
            }
        }

        /// A code, whose highest bit goes first.
        private mutating func put(code: Int, _ width: Int) {
            for bit in stride(from: width - 1, through: 0, by: -1) { put(code >> bit & 1, 1) }
        }

        mutating func put(symbol: Int) {
            switch symbol {
            case ..<144: put(code: 0x30 + symbol, 8)
            case ..<256: put(code: 0x190 + symbol - 144, 9)
            case ..<280: put(code: symbol - 256, 7)
            default: put(code: 0xC0 + symbol - 280, 8)
            }
        }

        mutating func put(length: Int, distance: Int) {
            // Of eight, and of four, lengths more have a further bit (3.2.5); the longest has a code of its own.
            if length == 258 {
                put(symbol: 285)
            } else {
                let (code, extra, rest) = Self.split(length - 3, groups: 4)
                put(symbol: 257 + code)
                put(rest, extra)
            }
            let (code, extra, rest) = Self.split(distance - 1, groups: 2)
            put(code: code, 5)
            put(rest, extra)
        }

        /// The code of a value whose first `2 * groups` have one each, and whose further codes come in groups of one width.
        private static func split(_ value: Int, groups: Int) -> (code: Int, extra: Int, rest: Int) {
            guard value >= 2 * groups else { return (value, 0, 0) }
            let width = Int.bitWidth - 1 - value.leadingZeroBitCount
            let extra = width - groups.trailingZeroBitCount
            return (extra * groups + (value >> extra), extra, value & (1 << extra - 1))
        }
    }
}
