extension CallerLine {
    /// Reads the parameters of `+CLIP:`, `<number>,<type>[,<subaddr>,<satype>[,[<alpha>][,<validity>]]]` (27.007 §7.6).
    ///
    /// Returns nil for `<n>,<m>`, the answer to `AT+CLIP?`: no type of address is below 128.
    init?(clip fields: Fields) {
        self.init(fields, validityAt: 5)
    }

    /// Reads the parameters of `+CCWA:`, `<number>,<type>,<class>[,[<alpha>][,<validity>…]]` (27.007 §7.12).
    ///
    /// Returns nil for `<status>,<class>`, the answer to a query.
    init?(ccwa fields: Fields) {
        guard !ReplyForm.isCallWaitingAnswer(fields) else { return nil }
        self.init(fields, validityAt: 4)
    }

    private init?(_ fields: Fields, validityAt index: Int) {
        let type = fields[1].int
        guard fields.count > 0, type.map({ $0 >= 128 }) ?? true, fields[0].bytes.first != UInt8(ascii: "(") else {
            return nil
        }
        let number = phoneNumber(fields[0], type: type)
        let validity: Validity =
            switch fields[index].int {
            case .some(1): .withheld
            case .some(2), .some(3), .some(4): .unavailable
            default: number == nil ? .unavailable : .valid
            }
        self.init(number: number, type: type, validity: validity)
    }
}

/// Reads a number as a modem reports it; nil when it is empty.
///
/// A type of address that says international (145, 24.008 §10.5.4.7) puts a `+` in front where the modem left it out, and
/// in place of a `00`: no country code begins with a zero. What is no number, as a caller's name is none, stays as it is.
func phoneNumber(_ field: Field, type: Int?) -> String? {
    guard let digits = field.text else { return nil }
    guard let type, type & 0xF0 == 0x90, field.isDigits else { return digits }
    return "+" + (digits.hasPrefix("00") ? String(digits.dropFirst(2)) : digits)
}
