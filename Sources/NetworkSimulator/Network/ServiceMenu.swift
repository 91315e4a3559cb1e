/// What the network answers to a service code, and to what is chosen behind it (3GPP TS 22.090).
package struct ServiceMenu: Sendable, Equatable {
    /// The text.
    package var text: String
    /// What may be chosen; empty where the session is over with the text.
    package var choices: [String: ServiceMenu]
    /// How long the network takes for it; nil for one that never comes.
    package var delay: Duration?

    /// Makes a menu, or an answer that ends the session.
    package init(_ text: String, choices: [String: ServiceMenu] = [:], delay: Duration? = .milliseconds(500)) {
        self.text = text
        self.choices = choices
        self.delay = delay
    }

    /// How long the network waits for a choice (24.090: the session's own timer).
    package static let patience = Duration.seconds(90)

    package static let standard: [String: ServiceMenu] = [
        "*100#": ServiceMenu("Ihr Guthaben beträgt 12,34 EUR."),
        "*101#": ServiceMenu(
            "1 Tarif\n2 Guthaben\n3 Русский",
            choices: [
                "1": ServiceMenu("Tarif S: 9 ct je Minute"),
                "2": ServiceMenu(
                    "1 Jetzt\n2 Monat",
                    choices: ["1": ServiceMenu("12,34 EUR"), "2": ServiceMenu("3,21 EUR")]
                ),
                "3": ServiceMenu("Баланс 12,34 €"),
            ]
        ),
        "*199#": ServiceMenu("", delay: nil),
    ]
}
