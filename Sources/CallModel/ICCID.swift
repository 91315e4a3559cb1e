/// A SIM card's serial number (ITU-T E.118; 3GPP TS 31.102 §4.2.2).
///
/// Modems ask for it in many ways: `AT+CCID`, `+CICCID`, `+ICCID`, `+QCCID`, `^ICCID?`, `#CCID`, `^SCID`.
package struct ICCID: Sendable, Hashable, CustomStringConvertible {
    /// The digits as the modem gives them, 18 to 22 of them, without the `F` that fills the last byte.
    ///
    /// Some firmware swaps each pair (`9894…` for `8949…`) and some cards have letters A to F; both are left as they are,
    /// the value is only compared with itself.
    package let digits: String

    /// Creates a number from text that is exactly one; nil for all other text.
    package init?(_ text: String) {
        var bytes = Array(text.utf8)
        while bytes.last.map({ $0 | 0x20 }) == UInt8(ascii: "f") { bytes.removeLast() }
        guard (18...22).contains(bytes.count) else { return nil }
        let isTelecom = bytes.starts(with: "89".utf8) || bytes.starts(with: "98".utf8)
        guard bytes.allSatisfy({ (48...57).contains($0) || isTelecom && (97...102).contains($0 | 0x20) }) else {
            return nil
        }
        digits = String(decoding: bytes, as: UTF8.self)
    }

    package var description: String { digits }
}
