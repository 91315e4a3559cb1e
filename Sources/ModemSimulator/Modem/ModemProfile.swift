/// What one simulated modem is and how it misbehaves.
package struct ModemProfile: Sendable, Equatable {
    /// Whose dialect it speaks.
    package var family: ModemFamily
    /// The IMEI: 15 digits, the last one a Luhn check digit.
    package var imei: String
    /// The SIM's serial number, 19 digits.
    package var iccid: String
    /// The SIM's IMSI, 15 digits.
    package var imsi: String
    /// The modem's own number in international format; the simulated network routes calls to it.
    package var ownNumber: String
    /// The state in which the SIM starts, and to which it returns after a reset.
    package var sim: SIMCondition
    /// What is in the SIM's phone book, in any order.
    package var phonebook: [SimulatedPhonebookEntry]
    /// How many messages the card has places for.
    package var messagePlaces: Int
    /// How the modem is registered once the SIM is ready.
    package var registration: NetworkRegistration
    /// Signal strength as in `+CSQ`: 0 to 31, 99 for unknown.
    package var signal: Int
    /// The operator's name as in `+COPS`.
    package var operatorName: String
    /// The operator's MCC and MNC.
    package var operatorCode: String
    /// The `<m>` of `+CLIR` (3GPP TS 27.007 clause 7.7): 0 not provisioned, so that no number is hidden; 4 hidden where asked for.
    ///
    /// Nil: the modem says `OK` and nothing of it.
    package var callerRestriction: Int?
    /// Whether the network has calls over LTE for the card.
    package var offersIMS: Bool
    /// Whether the modem comes with calls over LTE switched on, as far as its family has them.
    package var startsWithIMS: Bool
    /// What goes wrong.
    package var faults: [SimulatedFault]
    /// Whether results are numeric (`ATV0`) when the modem starts.
    package var startsNumeric: Bool
    /// Whether an open data session is listed by `+CLCC` as a call of mode 1, as some LTE modules do.
    package var listsDataCall: Bool
    /// How long a USB reset keeps the modem away.
    package var replugDelay: Duration
    /// How long the modem searches for the network after the SIM became ready.
    package var registrationDelay: Duration

    /// Makes a healthy modem of a family, with identities that differ by `number` (0 to 9999).
    package init(_ family: ModemFamily, number: Int = 0) {
        let suffix = Self.padded(number, to: 4)
        self.family = family
        self.imei = Self.withCheckDigit("3535350111" + suffix)
        self.iccid = Self.withCheckDigit("89492011112222" + suffix)
        self.imsi = "262031111" + "11" + suffix
        self.ownNumber = "+49171392" + suffix
        self.sim = .ready
        self.phonebook = SimulatedPhonebookEntry.samples
        self.messagePlaces = 50
        self.registration = .home
        self.signal = 20
        self.operatorName = "o2 - de"
        self.operatorCode = "26203"
        self.callerRestriction = 4
        self.offersIMS = true
        self.startsWithIMS = true
        self.faults = []
        self.startsNumeric = false
        self.listsDataCall = false
        self.replugDelay = .seconds(3)
        self.registrationDelay = .milliseconds(1500)
    }

    private static func padded(_ number: Int, to width: Int) -> String {
        let text = String(number.magnitude % 10_000)
        return String(repeating: "0", count: width - text.count) + text
    }

    /// Appends the Luhn check digit (ISO/IEC 7812-1) that IMEI and ICCID end with.
    private static func withCheckDigit(_ digits: String) -> String {
        var sum = 0
        for (position, digit) in digits.utf8.reversed().enumerated() {
            var value = Int(digit) - Int(UInt8(ascii: "0"))
            if position.isMultiple(of: 2) {
                value *= 2
                if value > 9 { value -= 9 }
            }
            sum += value
        }
        return digits + String((10 - sum % 10) % 10)
    }
}
