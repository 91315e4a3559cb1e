/// The network a modem is on, from `+COPS: <mode>[,<format>,<operator>[,<AcT>]]` (27.007 §7.3).
package struct Operator: Sendable, Hashable {
    /// The network's name, or its number where the modem was told to answer in numbers; nil when on none.
    package var name: String?
    /// Whether ``name`` is country and network code, five or six digits.
    package var isNumeric: Bool
    /// The access technology `<AcT>` (0 GSM, 2 UTRAN, 7 E-UTRAN, …) where it was given.
    package var technology: Int?

    /// Creates an operator from its parts.
    package init(name: String?, isNumeric: Bool = false, technology: Int? = nil) {
        self.name = name
        self.isNumeric = isNumeric
        self.technology = technology
    }

    /// Reads the answer to `AT+COPS?`; nil for another line and for the list that `AT+COPS=?` answers.
    package init?(cops line: ATLine) {
        let network = line.withBytes { bytes -> Operator? in
            guard let body = bytes.body(of: "+COPS") else { return nil }
            let fields = Fields(body)
            guard fields[0].int != nil else { return nil }
            return Operator(name: fields[2].text, isNumeric: fields[1].int == 2, technology: fields[3].int)
        }
        guard let network else { return nil }
        self = network
    }
}
