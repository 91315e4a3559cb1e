package import DialPlan
internal import TextCoding

extension Configuration {
    /// What concerns short messages.
    package struct Messages: Sendable {
        /// Whether messages are taken from cards and modems.
        package var areTaken = true
        /// How long texts are kept, 1 h to 10 years.
        package var keptFor = Duration.seconds(30 * 86_400)
        /// How many parts may be sent within an hour, 0 to 3600; 0 sends none.
        package var maxPerHour = 20
        /// How many on a day of the calendar.
        package var maxPerDay: Int?
        /// How many in a month of the calendar.
        package var maxPerMonth: Int?
        /// What a part costs.
        package var price: Money?
        /// What the parts of a month may cost.
        package var maxCostPerMonth: Money?
        /// The language whose letters are sent in seven bits.
        package var alphabet = Alphabet.standard
        /// What is sent to a caller whom nobody answered; nil for nothing.
        package var missedCall: String?

        /// Whose letters are sent in seven bits; the raw values are those of `messages.alphabet`.
        package enum Alphabet: String, Sendable, CaseIterable {
            /// Nobody's but the default's: other texts are sent in UCS-2.
            case standard = "default"
            case turkish
            case spanish
            case portuguese
        }
    }

    /// What may be asked of networks by USSD.
    package struct Service: Sendable {
        /// The codes that may be sent.
        package var allow: [String] = []
    }
}

extension SettingTable<Configuration.Messages> {
    static var messages: Self {
        let count = ConfigurationForm<Int>.number(in: 1...100_000)
        let rows: [SettingRow<Configuration.Messages>] = [
            .value("receive", \.areTaken, .flag)
                .help("whether messages are taken from cards and modems, and deleted there once they are written down"),
            .value("keep", \.keptFor, .duration(.seconds(3600) ... .seconds(3650 * 86_400)))
                .help("how long texts are kept; behind that they are removed, and their numbers masked"),
            .value("max_per_hour", \.maxPerHour, .number(in: 0...3600))
                .help("how many parts may be sent within an hour; a long text has several"),
            .optional("max_per_day", \.maxPerDay, count).example("50").help("how many on a day of the calendar"),
            .optional("max_per_month", \.maxPerMonth, count).example("300").help("how many in a month of the calendar"),
            .optional("price", \.price, .money).example("0.09").help("what a part costs"),
            .optional("max_cost_per_month", \.maxCostPerMonth, .money).example("5.00")
                .help("what the parts of a month may cost; needs `price`"),
            .value("alphabet", \.alphabet, .choice)
                .help("whose letters are sent in seven bits, 160 in a part; phones from before 2010 don't know them"),
            .optional("missed_call", \.missedCall, .line(longest: 300)).example("\"I will call you back.\"")
                .help(
                    "what is sent to a caller whom nobody answered: to mobile numbers of the region that `policy` allows, "
                        + "and to each once in 24 hours"
                ),
        ]
        return Self(
            { _, _ in Configuration.Messages() },
            rows,
            check: { reader, section, messages in
                guard messages?.maxCostPerMonth != nil, messages?.price == nil else { return }
                reader.report(
                    "what messages cost is not known",
                    "add 'price: 0.09', what a part costs, or remove this key",
                    at: "max_cost_per_month",
                    in: section
                )
            }
        )
    }
}

extension SettingTable<Configuration.Service> {
    static var service: Self {
        let codes = SettingRow.list("allow", \Configuration.Service.allow, .serviceCode)
            .example("[\"*100#\", \"*101#\"]")
            .help("the codes that may be sent by `gsmbridge ussd`; those that divert or bar calls never are")
        return Self({ _, _ in Configuration.Service() }, [codes])
    }
}

extension ConfigurationForm<String> {
    /// A code for USSD: one that asks, and changes nothing.
    static var serviceCode: Self {
        line(longest: 64)
            .checked("codes") { code throws(Complaint) in
                if let problem = ServiceCode.problem(with: code) {
                    throw Complaint(
                        "\(Spelling.quoted(code)) can't be allowed: \(problem)",
                        "write a code such as \"*100#\""
                    )
                }
            }
    }
}
