/// Why octets are no message, in one line.
package enum TPDUError: Error, Sendable, Hashable, CustomStringConvertible {
    /// They end before this.
    case tooShort(String)
    /// They can't be what they should be; why.
    case malformed(String)

    /// One line for a log.
    package var description: String {
        switch self {
        case .tooShort(let what): "it ends before \(what)"
        case .malformed(let reason): reason
        }
    }
}

/// Reads octets from the front.
struct OctetReader {
    private(set) var rest: ArraySlice<UInt8>

    init(_ octets: [UInt8]) { rest = octets[...] }

    mutating func octet(_ what: @autoclosure () -> String) throws(TPDUError) -> UInt8 {
        guard let octet = rest.popFirst() else { throw .tooShort(what()) }
        return octet
    }

    mutating func octets(_ count: Int, _ what: @autoclosure () -> String) throws(TPDUError) -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw .tooShort(what()) }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }
}

extension [UInt8] {
    /// Reads pairs of hexadecimal digits; nil for anything else.
    package init?(hex text: String) {
        let digits = text.utf8
        guard digits.count % 2 == 0 else { return nil }
        self = []
        reserveCapacity(digits.count / 2)
        var high: UInt8?
        for digit in digits {
            guard let value = Self.value(digit) else { return nil }
            if let upper = high {
                append(upper << 4 | value)
                high = nil
            } else {
                high = value
            }
        }
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit & 0x0F
        case UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "a")...UInt8(ascii: "f"): (digit & 0x0F) + 9
        default: nil
        }
    }

    /// The octets as hexadecimal digits in upper case.
    package var hex: String {
        let digits = [UInt8]("0123456789ABCDEF".utf8)
        return String(decoding: flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0x0F)]] }, as: UTF8.self)
    }
}
