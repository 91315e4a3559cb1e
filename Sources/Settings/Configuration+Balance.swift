package import DialPlan
internal import TextCoding

extension Configuration {
    /// How the balance of a SIM is asked for.
    package struct Balance: Sendable, Hashable {
        /// The code that asks for it; nil where a message does.
        package var ask: String?
        /// The message that asks for it; nil where a code does.
        package var message: Question?
        /// Finds the amount in the answer: the first group of the pattern, or all that it matches.
        package var find: String
        /// What it is counted in.
        package var currency = "EUR"
        /// How often it is asked for, 1 h to 30 d.
        package var every = Duration.seconds(86_400)
        /// Below which it is told.
        package var warnBelow: Money?
        /// Below which calls that cost the SIM something are refused, and messages.
        package var stopBelow: Money?

        init(find: String) { self.find = find }

        /// A message that asks for it, and who answers.
        package struct Question: Sendable, Hashable {
            /// Where to, as it goes on the wire; the answer comes from there.
            package var to: String
            /// What is sent.
            package var text: String
        }
    }
}

extension SettingTable<Configuration.Balance> {
    static var balance: Self {
        let find = SettingRow.optional("find", \String?.self, .pattern).example("'([0-9]+,[0-9]{2}) EUR'")
            .needed("nothing says where the amount stands", "add 'find: ''([0-9]+,[0-9]{2}) EUR'''")
            .help("a regular expression whose first group is the amount, with a comma or a dot")
        let rows: [SettingRow<Configuration.Balance>] = [
            .optional("ask", \.ask, .serviceCode).example("\"*100#\"").help("the code that asks for it"),
            .block("sms", \.message) { _ in .question }.example("{ to: \"22922\", text: \"balance\" }")
                .help(
                    "the message that asks for it, instead of a code; it costs what messages cost, and the answer may take an hour"
                ),
            .value("currency", \.currency, .currency).help("what it is counted in"),
            .value("every", \.every, .duration(.seconds(3600) ... .seconds(30 * 86_400)))
                .help("how often it is asked for, over restarts too"),
            .optional("warn_below", \.warnBelow, .money).example("2.00").help("below which `sim.balance_low` is told"),
            .optional("stop_below", \.stopBelow, .money).example("0.50")
                .help("below which calls that cost the SIM something are refused, and messages; help never is"),
        ]
        return Self(
            needs: find,
            { pattern, _ in Configuration.Balance(find: pattern) },
            rows,
            check: { reader, section, balance in
                guard let balance, (balance.ask == nil) == (balance.message == nil) else { return }
                guard section["ask"] == nil || section["sms"] != nil else { return }
                reader.report(
                    balance.ask == nil ? "nothing says how to ask" : "a code and a message ask for it",
                    "give one: 'ask: \"*100#\"', or 'sms: { to: \"22922\", text: balance }'",
                    key: section.path,
                    line: section.line
                )
            }
        )
    }
}

extension SettingTable<Configuration.Balance.Question> {
    fileprivate static var question: Self {
        Self(
            needs: .optional("to", \String?.self, .messageNumber).example("\"22922\"")
                .needed("nothing says where to", "add 'to: \"22922\"'")
                .help(
                    "where to: a short number of the operator, or one in international format; the answer comes from there"
                ),
            .optional("text", \String?.self, .line(longest: 160)).example("\"balance\"")
                .needed("nothing says what to send", "add 'text: balance'").help("what is sent"),
            { Configuration.Balance.Question(to: $0, text: $1) }
        )
    }
}

extension ConfigurationForm<String> {
    /// A number for messages that the owner of the box has chosen: digits, perhaps behind a plus.
    fileprivate static var messageNumber: Self {
        line(longest: 21)
            .checked("numbers") { number throws(Complaint) in
                let digits = number.hasPrefix("+") ? number.dropFirst() : number[...]
                let isNumber =
                    (2...20).contains(digits.utf8.count) && digits.utf8.allSatisfy { (0x30...0x39).contains($0) }
                guard isNumber, !EmergencyNumbers.everywhere.contains(String(digits)) else {
                    throw Complaint("\(Spelling.quoted(number)) can't be asked", "write digits, such as \"22922\"")
                }
            }
    }

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
