/// How many more times the SIM's codes may be tried, as far as a modem tells.
///
/// A wrong PIN costs one try of three, and a used-up PUK costs the card: an unknown count is never a permission.
package struct PINRetries: Sendable, Hashable {
    /// Tries left for the PIN.
    package var pin: Int?
    /// Tries left for the PUK.
    package var puk: Int?
    /// Tries left for the PIN2.
    package var pin2: Int?
    /// Tries left for the PUK2.
    package var puk2: Int?
    /// Tries left for whichever code the SIM waits for now, where the modem does not say which one that is.
    package var current: Int?

    /// Creates counts from their parts.
    package init(pin: Int? = nil, puk: Int? = nil, pin2: Int? = nil, puk2: Int? = nil, current: Int? = nil) {
        self.pin = pin
        self.puk = puk
        self.pin2 = pin2
        self.puk2 = puk2
        self.current = current
    }

    /// Tells how many tries are left for the code that a SIM in this state asks for; nil when unknown or when it asks none.
    package func remaining(for state: SIMState) -> Int? {
        switch state {
        case .pin: pin ?? current
        case .puk: puk ?? current
        case .ready, .deviceLock, .absent, .busy, .failed, .other: nil
        }
    }

    /// Finds the counts in the answer of any vendor's command; nil when no line of it has any.
    ///
    /// | vendor | command | answer |
    /// |---|---|---|
    /// | Quectel | `AT+QPINC?` | `+QPINC: "SC",<pin>,<puk>` and `"P2",<pin2>,<puk2>` |
    /// | Huawei | `AT^CPIN?` | `^CPIN: <state>,[<current>],<puk>,<pin>,<puk2>,<pin2>` |
    /// | Cinterion | `AT^SPIC` | `^SPIC: <current>` |
    /// | SIMCom | `AT+SPIC` | `+SPIC: <pin>,<puk>,<pin2>,<puk2>` |
    /// | u-blox | `AT+UPINCNT` | `+UPINCNT: <pin>,<pin2>,<puk>,<puk2>` |
    /// | Telit | `AT#PCT` | `#PCT: <current>` |
    /// | any | `AT+CSIM=10,"0020000100"` | `+CSIM: <length>,"…63Cx"` or `"…6983"` (ETSI TS 102 221 §11.1.9) |
    package init?(reply lines: [ATLine]) {
        self.init()
        for line in lines {
            line.withBytes { read($0) }
        }
        if self == PINRetries() { return nil }
    }

    private mutating func read(_ line: Bytes) {
        if let fields = line.body(of: "+QPINC").map({ Fields($0) }) {
            let first = Self.count(fields[1])
            let second = Self.count(fields[2])
            if fields[0].bytes.equals("SC") { (pin, puk) = (first, second) }
            if fields[0].bytes.equals("P2") { (pin2, puk2) = (first, second) }
        } else if let fields = line.body(of: "^CPIN").map({ Fields($0) }) {
            current = Self.count(fields[1])
            puk = Self.count(fields[2])
            pin = Self.count(fields[3])
            puk2 = Self.count(fields[4])
            pin2 = Self.count(fields[5])
        } else if let fields = line.body(of: "+SPIC").map({ Fields($0) }) {
            pin = Self.count(fields[0])
            puk = Self.count(fields[1])
            pin2 = Self.count(fields[2])
            puk2 = Self.count(fields[3])
        } else if let fields = line.body(of: "+UPINCNT").map({ Fields($0) }) {
            pin = Self.count(fields[0])
            pin2 = Self.count(fields[1])
            puk = Self.count(fields[2])
            puk2 = Self.count(fields[3])
        } else if let body = line.body(of: "^SPIC") ?? line.body(of: "#PCT") {
            current = Self.count(Fields(body)[0])
        } else if let body = line.body(of: "+CSIM") {
            pin = Self.count(statusWord: Fields(body)[1].bytes)
        }
    }

    /// A count of tries; negative and absurd ones are no counts.
    private static func count(_ field: Field) -> Int? {
        field.int.flatMap { (0...99).contains($0) ? $0 : nil }
    }

    /// Reads the last four digits of a card's answer: `63Cx` leaves x tries, `6983` none.
    private static func count(statusWord response: Bytes) -> Int? {
        guard response.count >= 4, response.count.isMultiple(of: 2) else { return nil }
        let word = response.from(response.count - 4)
        if word.equals("6983") { return 0 }
        guard word.starts(with: "63C"), word[3].isHexDigit else { return nil }
        return Int(word.from(3).string, radix: 16)
    }
}
