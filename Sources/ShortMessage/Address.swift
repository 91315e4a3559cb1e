/// Whom a message comes from or goes to (3GPP TS 23.040 §9.1.2.5).
package enum Address: Sendable, Hashable {
    /// Digits, perhaps with `+` in front, perhaps with `*` and `#`.
    case number(String)
    /// A name, as services use them; it can't be answered.
    case name(String)

    /// The number or the name.
    package var text: String {
        switch self {
        case .number(let text), .name(let text): text
        }
    }

    /// Type of number, bits 4 to 6 of the type octet: international, and alphanumeric.
    private static let international: UInt8 = 1
    private static let alphanumeric: UInt8 = 5
    /// Digits of the semi-octets 0 to 14 (23.040 §9.1.2.3, 24.008 table 10.5.118).
    private static let digits = Array("0123456789*#abc")

    /// The octets of a number: how many digits, the type, two digits in each octet, the first in the lower half.
    static func octets(of number: String) -> [UInt8]? {
        let isInternational = number.hasPrefix("+")
        let semi = number.dropFirst(isInternational ? 1 : 0).map { digit in digits.firstIndex(of: digit) }
        guard (1...20).contains(semi.count) else { return nil }
        var octets: [UInt8] = [UInt8(semi.count), isInternational ? 0x91 : 0x81]
        for start in stride(from: 0, to: semi.count, by: 2) {
            guard let low = semi[start] else { return nil }
            var high = 0x0F
            if start + 1 < semi.count {
                guard let next = semi[start + 1] else { return nil }
                high = next
            }
            octets.append(UInt8(high << 4 | low))
        }
        return octets
    }

    /// Reads an address whose length counts its digits.
    static func read(_ reader: inout OctetReader) throws(TPDUError) -> Address {
        let length = Int(try reader.octet("the length of an address"))
        let type = try reader.octet("the type of an address")
        let octets = try reader.octets((length + 1) / 2, "an address")
        guard type >> 4 & 7 == alphanumeric else { return number(octets, count: length, type: type) }
        return .name(Alphabet().text(of: Septets.unpack(octets, count: length * 4 / 7)))
    }

    /// Reads the address of a service centre, whose length counts its octets (24.011 §8.2.5.1); nil where there is none.
    static func readCentre(_ reader: inout OctetReader) throws(TPDUError) -> String? {
        let length = Int(try reader.octet("the length of the service centre's number"))
        guard length > 0 else { return nil }
        guard length <= 11 else { throw .malformed("the service centre's number is too long") }
        let type = try reader.octet("the type of the service centre's number")
        let octets = try reader.octets(length - 1, "the service centre's number")
        return number(octets, count: octets.count * 2, type: type).text
    }

    private static func number(_ octets: ArraySlice<UInt8>, count: Int, type: UInt8) -> Address {
        var text = type >> 4 & 7 == international ? "+" : ""
        var left = count
        for octet in octets {
            for semi in [octet & 0x0F, octet >> 4] where left > 0 {
                left -= 1
                // 15 fills the last octet up.
                if semi < 15 { text.append(digits[Int(semi)]) }
            }
        }
        return .number(text)
    }
}
