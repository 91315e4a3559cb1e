/// Foreign text made fit for a message: one line, short, without full phone numbers.
package enum Printable {
    /// Keeps printable ASCII, replaces everything else by `?`, masks the last three digits of long numbers.
    package static func text(_ text: String, limit: Int) -> String {
        var bytes: [UInt8] = []
        for scalar in text.unicodeScalars {
            guard bytes.count < limit else {
                bytes.append(contentsOf: Array("...".utf8))
                break
            }
            bytes.append((0x20...0x7E).contains(scalar.value) ? UInt8(scalar.value) : UInt8(ascii: "?"))
        }
        return String(decoding: masked(bytes), as: UTF8.self)
    }

    /// Masks the last three digits of every run of seven and more.
    package static func masked(_ bytes: [UInt8]) -> [UInt8] {
        var result = bytes
        var start = 0
        var index = 0
        while index <= bytes.count {
            if index < bytes.count, (0x30...0x39).contains(bytes[index]) {
                index += 1
                continue
            }
            if index - start >= 7 {
                for masked in (index - 3)..<index { result[masked] = UInt8(ascii: "x") }
            }
            index += 1
            start = index
        }
        return result
    }
}

extension Printable {
    /// Keeps printable ASCII, at most 64 characters, unmasked: for values that are passed on, not shown.
    package static func line(_ text: String) -> String {
        String(text.unicodeScalars.filter { (0x20...0x7E).contains($0.value) }.prefix(64).map { Character($0) })
    }
}
