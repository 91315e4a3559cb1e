package import DialPlan

extension Configuration {
    /// How many messages one SIM may send, part by part.
    package struct MessageBounds: Sendable {
        /// Within an hour; nil for any number.
        package var perHour: Int?
        /// On a day of the calendar.
        package var perDay: Int?
        /// In a month of the calendar.
        package var perMonth: Int?
        /// What a part costs.
        package var price: Money?
        /// What the parts of a month may cost.
        package var costPerMonth: Money?
    }
}

extension SettingTable<Configuration.MessageBounds> {
    static var messageBounds: Self {
        let count = ConfigurationForm<Int>.number(in: 0...100_000)
        let rows: [SettingRow<Configuration.MessageBounds>] = [
            .optional("max_per_hour", \.perHour, count).example("5")
                .help("how many parts it may send within an hour; a long text has several, and 0 sends none"),
            .optional("max_per_day", \.perDay, count).example("20").help("how many on a day of the calendar"),
            .optional("max_per_month", \.perMonth, count).example("50").help("how many in a month of the calendar"),
            .optional("price", \.price, .money).example("0.09").help("what a part costs over this SIM"),
            .optional("max_cost_per_month", \.costPerMonth, .money).example("5.00")
                .help("what the parts of a month may cost; needs `price`"),
        ]
        return Self(
            { _, _ in Configuration.MessageBounds() },
            rows,
            check: { reader, section, bounds in
                guard bounds?.costPerMonth != nil, bounds?.price == nil else { return }
                reader.report(
                    "what messages over this SIM cost is not known",
                    "add 'price: 0.09', what a part costs, or remove this key",
                    at: "max_cost_per_month",
                    in: section
                )
            }
        )
    }
}
