extension FinalResult {
    /// Reads a final result from a line that is one as a whole; nil for every other line.
    ///
    /// `OK` inside a text is never a result. Letter case and spaces at the ends do not matter.
    package init?(_ line: ATLine) {
        guard let result = line.withBytes({ FinalResult(bytes: $0) }) else { return nil }
        self = result
    }

    /// Reads a final result from the bytes of one line; nil when the line is something else.
    package init?(bytes: UnsafeBufferPointer<UInt8>) {
        let line = bytes.trimmed
        switch line.first?.uppercased {
        case UInt8(ascii: "O"):
            guard line.equals("OK") else { return nil }
            self = .ok
        case UInt8(ascii: "E"):
            if line.equals("ERROR") {
                self = .error
            } else if let reason = line.body(of: "ERROR") {
                self = .vendorError(EquipmentError(vendor: reason, form: "ERROR"))
            } else {
                return nil
            }
        case UInt8(ascii: "+"):
            // All three have it at the same place, and hardly any other line has: most lines end here.
            guard line.from(5).starts(with: "ERROR") else { return nil }
            if let reason = Self.reason(in: line, after: "+CME ERROR") {
                self = .equipmentError(EquipmentError(equipment: reason))
            } else if let reason = Self.reason(in: line, after: "+CMS ERROR") {
                self = .messageError(EquipmentError(message: reason))
            } else if let reason = Self.reason(in: line, after: "+EXT ERROR") {
                self = .vendorError(EquipmentError(vendor: reason, form: "+EXT ERROR"))
            } else {
                return nil
            }
        case UInt8(ascii: "M"):
            guard let reason = line.body(of: "MODEM ERROR") else { return nil }
            self = .vendorError(EquipmentError(vendor: reason, form: "MODEM ERROR"))
        case UInt8(ascii: "N"):
            if line.equals("NO CARRIER") {
                self = .noCarrier
            } else if line.equals("NO ANSWER") {
                self = .noAnswer
            } else if line.equals("NO DIALTONE") || line.equals("NO DIAL TONE") {
                self = .noDialtone
            } else {
                return nil
            }
        case UInt8(ascii: "B"):
            guard line.equals("BUSY") else { return nil }
            self = .busy
        case UInt8(ascii: "C"):
            if let detail = Self.connectDetail(line) {
                self = .connect(detail)
            } else if line.equals("COMMAND NOT SUPPORT") || line.equals("COMMAND NOT SUPPORTED") {
                self = .commandNotSupported
            } else {
                return nil
            }
        case UInt8(ascii: "U"):
            guard line.equals("UNKNOWN COMMAND") else { return nil }
            self = .commandNotSupported
        case UInt8(ascii: "T"):
            guard line.equals("TOO MANY PARAMETERS") else { return nil }
            self = .tooManyParameters
        default:
            return nil
        }
    }

    /// What follows an error's name and colon; empty when the name stands alone.
    private static func reason(in line: Bytes, after name: StaticString) -> Bytes? {
        if line.equals(name) { return line.from(line.count) }
        return line.body(of: name)
    }

    /// What follows `CONNECT`, a colon between them or not; nil for `CONNECTED` and the like.
    private static func connectDetail(_ line: Bytes) -> String? {
        guard line.starts(with: "CONNECT") else { return nil }
        var rest = line.from(7)
        guard let next = rest.first else { return "" }
        guard next == .space || next == .colon else { return nil }
        rest = rest.trimmed
        if rest.first == .colon { rest = rest.from(1).trimmed }
        return rest.string
    }
}
