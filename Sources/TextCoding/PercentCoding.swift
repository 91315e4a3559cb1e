/// Percent-encoding of URLs and forms (RFC 3986 section 2.1, WHATWG `application/x-www-form-urlencoded`).
package enum PercentCoding {
    private static let hex = Array("0123456789ABCDEF".utf8)

    /// Encodes everything but letters, digits and `-._~`, so that a value can't leave its place in a URL or a form.
    package static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                bytes.append(byte)
            default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The text; nil at a broken escape or at bytes that are not UTF-8.
    ///
    /// - Parameter isForm: whether it is a value of a form, in which `+` stands for a blank.
    package static func decode(_ bytes: some Sequence<UInt8>, isForm: Bool = false) -> String? {
        var result: [UInt8] = []
        var iterator = bytes.makeIterator()
        while let byte = iterator.next() {
            switch byte {
            case UInt8(ascii: "+") where isForm: result.append(UInt8(ascii: " "))
            case UInt8(ascii: "%"):
                guard let high = iterator.next().flatMap(digit), let low = iterator.next().flatMap(digit) else {
                    return nil
                }
                result.append(high << 4 | low)
            default: result.append(byte)
            }
        }
        return String(validating: result, as: UTF8.self)
    }

    /// The value of a parameter in the query of an address; nil when it is not there or can't be decoded.
    package static func parameter(_ name: String, inQuery query: String?) -> String? {
        for pair in (query ?? "").split(separator: "&") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts[0] == name { return parts.count == 2 ? decode(parts[1].utf8) : "" }
        }
        return nil
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}
