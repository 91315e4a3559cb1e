package import DialPlan

extension Configuration {
    /// How the balance of a SIM is asked for.
    package struct Balance: Sendable, Hashable {
        /// The code that asks for it.
        package var ask: String
        /// Finds the amount in the answer: the first group of the pattern, or all that it matches.
        package var find: String
        /// What it is counted in.
        package var currency = "EUR"
        /// How often it is asked for, 1 h to 30 d.
        package var every = Duration.seconds(86_400)
        /// Below which it is told.
        package var warnBelow: Money?

        init(ask: String, find: String) {
            self.ask = ask
            self.find = find
        }
    }
}

extension SettingTable<Configuration.Balance> {
    static var balance: Self {
        let (ask, find) = (
            SettingRow.optional("ask", \String?.self, .serviceCode).example("\"*100#\"")
                .needed("nothing says how to ask", "add 'ask: \"*100#\"'").help("the code that asks for it"),
            SettingRow.optional("find", \String?.self, .pattern).example("'([0-9]+,[0-9]{2}) EUR'")
                .needed("nothing says where the amount stands", "add 'find: ''([0-9]+,[0-9]{2}) EUR'''")
                .help("a regular expression whose first group is the amount, with a comma or a dot")
        )
        let rows: [SettingRow<Configuration.Balance>] = [
            .value("currency", \.currency, .currency).help("what it is counted in"),
            .value("every", \.every, .duration(.seconds(3600) ... .seconds(30 * 86_400)))
                .help("how often it is asked for, over restarts too"),
            .optional("warn_below", \.warnBelow, .money).example("2.00").help("below which `sim.balance_low` is told"),
        ]
        return Self(needs: ask, find, Configuration.Balance.init, rows)
    }
}

extension ConfigurationForm<String> {
    /// A regular expression.
    fileprivate static var pattern: Self {
        line(longest: 200)
            .checked("patterns") { pattern throws(Complaint) in
                guard (try? Regex(pattern)) != nil else {
                    throw Complaint(
                        "\(Spelling.quoted(pattern)) is no regular expression",
                        "write one such as '([0-9]+,[0-9]{2})'"
                    )
                }
            }
    }
}
