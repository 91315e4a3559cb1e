/// A result as a number, the way a modem writes it after `ATV0` (V.250 §6.2.6, table 1).
///
/// A number alone may also be an answer's text; only the command in flight tells which it is.
package enum NumericResult: Int, Sendable, Hashable {
    case ok = 0
    case connect = 1
    case ring = 2
    case noCarrier = 3
    case error = 4
    case noDialtone = 6
    case busy = 7
    case noAnswer = 8

    /// Reads a result from a line that is exactly one such number.
    package init?(_ line: ATLine) {
        let bytes = line.text.utf8
        guard bytes.count == 1, let byte = bytes.first, byte.isDigit else { return nil }
        self.init(rawValue: Int(byte & 0x0F))
    }

    /// The same result in words; nil for ``ring``, which is no final result.
    package var finalResult: FinalResult? {
        switch self {
        case .ok: .ok
        case .connect: .connect("")
        case .ring: nil
        case .noCarrier: .noCarrier
        case .error: .error
        case .noDialtone: .noDialtone
        case .busy: .busy
        case .noAnswer: .noAnswer
        }
    }
}
