/// A QR code (ISO/IEC 18004) of bytes, at error correction level L, in the smallest version from 1 to 10 that holds them.
package struct QRCode: Sendable {
    /// The modules along one side.
    package let size: Int
    private let version: Int
    private var dark: [Bool]
    /// Which modules are no data: patterns to find it by, and what says how it is masked.
    private var fixed: [Bool]

    /// Check bytes a block and number of blocks at level L, by version (table 9).
    private static let blocks = [
        (7, 1), (10, 1), (15, 1), (20, 1), (26, 1), (18, 2), (20, 2), (24, 2), (30, 2), (18, 4),
    ]
    /// All bytes of a code, by version (table 1).
    private static let capacity = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346]

    /// Draws a text; nil where it has more than 271 bytes.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        let fits = Self.capacity.indices.first { index in
            let (checks, count) = Self.blocks[index]
            // Four bits of mode, the length in 8 bits, or in 16 from version 10 on.
            return bytes.count + (index < 9 ? 2 : 3) <= Self.capacity[index] - checks * count
        }
        guard let fits else { return nil }
        version = fits + 1
        size = 17 + 4 * version
        dark = [Bool](repeating: false, count: size * size)
        fixed = dark
        drawPatterns()
        place(Self.interleaved(Self.data(bytes, version), version))
        let masks = (0..<8).map { mask in masked(mask) }
        if let best = masks.min(by: { $0.penalty < $1.penalty }) { dark = best.dark }
    }

    /// Whether a module is dark; those outside are light.
    package subscript(row: Int, column: Int) -> Bool {
        (0..<size).contains(row) && (0..<size).contains(column) && dark[row * size + column]
    }

    /// The code in half blocks, two rows a line, with its margin; light modules are drawn, as terminals are dark.
    package var lines: [String] {
        stride(from: -4, to: size + 4, by: 2)
            .map { row in
                (-4..<(size + 4))
                    .map { column in
                        switch (self[row, column], self[row + 1, column]) {
                        case (false, false): "█"
                        case (false, true): "▀"
                        case (true, false): "▄"
                        case (true, true): " "
                        }
                    }
                    .joined()
            }
    }

    // MARK: Bytes

    /// Mode, length, bytes and padding.
    private static func data(_ bytes: [UInt8], _ version: Int) -> [UInt8] {
        var bits: [Bool] = []
        func put(_ value: Int, _ count: Int) {
            for bit in stride(from: count - 1, through: 0, by: -1) { bits.append(value >> bit & 1 == 1) }
        }
        put(0b0100, 4)
        put(bytes.count, version < 10 ? 8 : 16)
        for byte in bytes { put(Int(byte), 8) }
        let (checks, count) = blocks[version - 1]
        let room = (capacity[version - 1] - checks * count) * 8
        put(0, min(4, room - bits.count))
        put(0, (8 - bits.count % 8) % 8)
        var padding = 0xEC
        while bits.count < room {
            put(padding, 8)
            padding ^= 0xEC ^ 0x11
        }
        return stride(from: 0, to: bits.count, by: 8)
            .map { start in bits[start..<start + 8].reduce(0) { $0 << 1 | ($1 ? 1 : 0) } }
    }

    /// The bytes of all blocks in turn, then their check bytes (7.6).
    private static func interleaved(_ data: [UInt8], _ version: Int) -> [UInt8] {
        let (checks, count) = blocks[version - 1]
        let short = data.count / count
        let longer = data.count % count
        var (parts, start) = ([[UInt8]](), 0)
        for index in 0..<count {
            let length = short + (index >= count - longer ? 1 : 0)
            parts.append(Array(data[start..<start + length]))
            start += length
        }
        let divisor = divisor(checks)
        let remainders = parts.map { remainder($0, divisor) }
        var all: [UInt8] = []
        for index in 0...short { for part in parts where index < part.count { all.append(part[index]) } }
        for index in 0..<checks { for rest in remainders { all.append(rest[index]) } }
        return all
    }

    /// The product in the field of 256 elements modulo 0x11D.
    private static func product(_ first: UInt8, _ second: UInt8) -> UInt8 {
        var result: UInt8 = 0
        for bit in stride(from: 7, through: 0, by: -1) {
            result = result << 1 ^ (result >> 7 == 1 ? 0x1D : 0)
            if second >> bit & 1 == 1 { result ^= first }
        }
        return result
    }

    /// The polynomial whose roots are the first powers of 2, without its leading 1.
    private static func divisor(_ degree: Int) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: degree - 1) + [1]
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in result.indices {
                result[index] = product(result[index], root) ^ (index + 1 < degree ? result[index + 1] : 0)
            }
            root = product(root, 2)
        }
        return result
    }

    private static func remainder(_ data: [UInt8], _ divisor: [UInt8]) -> [UInt8] {
        var result = [UInt8](repeating: 0, count: divisor.count)
        for byte in data {
            let factor = byte ^ result.removeFirst()
            result.append(0)
            for index in divisor.indices { result[index] ^= product(divisor[index], factor) }
        }
        return result
    }

    // MARK: Modules

    private mutating func set(_ row: Int, _ column: Int, _ isDark: Bool) {
        guard (0..<size).contains(row), (0..<size).contains(column) else { return }
        dark[row * size + column] = isDark
        fixed[row * size + column] = true
    }

    private mutating func drawPatterns() {
        for index in 0..<size {
            set(6, index, index % 2 == 0)
            set(index, 6, index % 2 == 0)
        }
        for (row, column) in [(3, 3), (3, size - 4), (size - 4, 3)] {
            for down in -4...4 {
                for right in -4...4 {
                    let distance = max(abs(down), abs(right))
                    set(row + down, column + right, distance != 2 && distance != 4)
                }
            }
        }
        let places = alignments
        for row in places {
            for column in places {
                let isCorner = row == 6 && (column == 6 || column == size - 7) || row == size - 7 && column == 6
                guard !isCorner else { continue }
                for down in -2...2 {
                    for right in -2...2 { set(row + down, column + right, max(abs(down), abs(right)) != 1) }
                }
            }
        }
        drawFormat(mask: 0)
        drawVersion()
    }

    /// Where the small patterns are (annex E).
    private var alignments: [Int] {
        guard version > 1 else { return [] }
        return version < 7 ? [6, size - 7] : [6, 8 + 2 * version, size - 7]
    }

    /// Level and mask with their check bits, twice (7.9).
    private mutating func drawFormat(mask: Int) {
        let value = 0b01 << 3 | mask
        var rest = value
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (value << 10 | rest) ^ 0x5412
        let bit = { (index: Int) in bits >> index & 1 == 1 }
        for index in 0...5 { set(index, 8, bit(index)) }
        set(7, 8, bit(6))
        set(8, 8, bit(7))
        set(8, 7, bit(8))
        for index in 9..<15 { set(8, 14 - index, bit(index)) }
        for index in 0..<8 { set(8, size - 1 - index, bit(index)) }
        for index in 8..<15 { set(size - 15 + index, 8, bit(index)) }
        set(size - 8, 8, true)
    }

    /// The version with its check bits, twice, from version 7 on (7.10).
    private mutating func drawVersion() {
        guard version >= 7 else { return }
        var rest = version
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1F25 }
        let bits = version << 12 | rest
        for index in 0..<18 {
            let (far, near) = (size - 11 + index % 3, index / 3)
            set(near, far, bits >> index & 1 == 1)
            set(far, near, bits >> index & 1 == 1)
        }
    }

    /// Fills in the bytes, in pairs of columns from the right, up and down in turn (7.7.3).
    private mutating func place(_ bytes: [UInt8]) {
        var index = 0
        for right in stride(from: size - 1, to: 0, by: -2) {
            let column = right <= 6 ? right - 1 : right
            let isUp = (column + 1) & 2 == 0
            for step in 0..<size {
                let row = isUp ? size - 1 - step : step
                for place in [row * size + column, row * size + column - 1] where !fixed[place] {
                    guard index < bytes.count * 8 else { continue }
                    dark[place] = bytes[index / 8] >> (7 - index % 8) & 1 == 1
                    index += 1
                }
            }
        }
    }

    private func masked(_ mask: Int) -> QRCode {
        var code = self
        code.drawFormat(mask: mask)
        for row in 0..<size {
            for column in 0..<size where !fixed[row * size + column] {
                let isTurned =
                    switch mask {
                    case 0: (row + column) % 2 == 0
                    case 1: row % 2 == 0
                    case 2: column % 3 == 0
                    case 3: (row + column) % 3 == 0
                    case 4: (row / 2 + column / 3) % 2 == 0
                    case 5: row * column % 2 + row * column % 3 == 0
                    case 6: (row * column % 2 + row * column % 3) % 2 == 0
                    default: ((row + column) % 2 + row * column % 3) % 2 == 0
                    }
                if isTurned { code.dark[row * size + column].toggle() }
            }
        }
        return code
    }

    /// How hard it is to read (7.8.3).
    private var penalty: Int {
        var total = 0
        for isRow in [true, false] {
            for line in 0..<size {
                let modules = (0..<size).map { isRow ? self[line, $0] : self[$0, line] }
                total += Self.runs(modules) + Self.lures(modules)
            }
        }
        for row in 0..<size - 1 {
            for column in 0..<size - 1 {
                let first = self[row, column]
                if first == self[row, column + 1], first == self[row + 1, column], first == self[row + 1, column + 1] {
                    total += 3
                }
            }
        }
        let share = dark.count(where: \.self) * 20 - size * size * 10
        return total + (abs(share) + size * size - 1) / (size * size) * 10 - (share == 0 ? 0 : 10)
    }

    /// Five and more alike in a line.
    private static func runs(_ modules: [Bool]) -> Int {
        var (total, length) = (0, 0)
        for index in modules.indices {
            length = index > 0 && modules[index] == modules[index - 1] ? length + 1 : 1
            total += length == 5 ? 3 : length > 5 ? 1 : 0
        }
        return total
    }

    /// What looks like a pattern to find the code by, with four light ones before or behind it.
    private static func lures(_ modules: [Bool]) -> Int {
        let lure = [true, false, true, true, true, false, true]
        let padded = [Bool](repeating: false, count: 4) + modules + [Bool](repeating: false, count: 4)
        return (0...padded.count - 7)
            .reduce(0) { total, start in
                guard padded[start..<start + 7].elementsEqual(lure), start >= 4, start + 11 <= padded.count else {
                    return total
                }
                let isBefore = padded[start - 4..<start].allSatisfy { !$0 }
                let isBehind = padded[start + 7..<start + 11].allSatisfy { !$0 }
                return total + (isBefore ? 40 : 0) + (isBehind ? 40 : 0)
            }
    }
}
