/// One line of `AT+CNUM`, `+CNUM: [<name>],<number>,<type>`: a number that the SIM believes to be its own (27.007 §7.1).
///
/// Cards are often delivered with an empty or a wrong one: fit for display, not for decisions.
package struct SubscriberNumber: Sendable, Hashable {
    /// The name stored with the number; nil when empty.
    package var name: String?
    /// The number, `+` added where the type says international; nil when empty.
    package var number: String?

    /// Creates a line from its parts.
    package init(name: String?, number: String?) {
        self.name = name
        self.number = number
    }

    /// Reads one line of the answer; nil for another line.
    package init?(cnum line: ATLine) {
        let entry = line.withBytes { bytes -> SubscriberNumber? in
            guard let body = bytes.body(of: "+CNUM") else { return nil }
            let fields = Fields(body)
            return SubscriberNumber(name: fields[0].text, number: phoneNumber(fields[1], type: fields[2].int))
        }
        guard let entry else { return nil }
        self = entry
    }
}
