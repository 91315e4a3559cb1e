internal import DialPlan
internal import TextCoding

extension SettingRow<Configuration> {
    static var tariffs: Self {
        let home = "home: { per_minute: 0.09, setup: 0, billing: 60/60 }"
        return .named("tariffs", \.tariffs, .tariff).help("what calls cost: for `max_cost_…` and for `--via auto`")
            .entries([
                ("basic", ["prices: { \(home), international: { per_minute: 1.99 } }", "free_minutes"]),
                ("landline", ["prices: { home: { per_minute: 0.01, billing: 1/1 } }"]),
                (
                    "abroad",
                    ["prices: { home: { per_minute: 0.19 }, international: { per_minute: 0.19 } }", "incoming"]
                ),
            ])
    }
}

extension SettingTable<Tariff> {
    static var tariff: Self {
        let rows: [SettingRow<Tariff>] = [
            .section("prices", \.prices, .prices).place("CLASS").keys { SettingTable<CallPrice>.price.descriptions }
                .needed("the tariff has no prices", "add 'prices: { home: { per_minute: 0.09 } }'")
                .help(
                    "the price of each class of numbers; others have none that is known, and `toll_free` costs nothing"
                ),
            .block("incoming", \.incoming.asSet) { _ in .price }
                .standard("costs nothing").example("{ per_minute: 0.05, billing: 1/1 }")
                .help("what it costs to be called, as in some networks abroad"),
            .named("free_minutes", \.buckets, .freeMinutes)
                .example("{ flat: { minutes: 200, classes: [home], reset_day: 1 } }")
                .help("minutes that are paid for already, by names of your choice; used in the order of the file"),
        ]
        return Self({ _, section in Tariff(name: section.name, prices: [:]) }, rows)
    }
}

extension SettingTable<[NumberClass: CallPrice]> {
    fileprivate static var prices: Self {
        let classes = NumberClass.allCases.filter { $0 != .emergency }
        return Self({ _, _ in [:] }, classes.map { .block($0.rawValue, \.[$0]) { _ in .price } })
    }
}

extension SettingTable<CallPrice> {
    fileprivate static var price: Self {
        let perMinute = SettingRow.optional("per_minute", \Money?.self, .money).example("0.09")
            .needed("there is no price", "add 'per_minute: 0.09', or 'per_minute: 0' for calls that cost nothing")
            .help("what a minute costs; at most six places behind the dot")
        let rows: [SettingRow<CallPrice>] = [
            .value("setup", \.setup, .money)
                .help("what an answered call costs on top, unless free minutes cover all of it"),
            .value("billing", \.billing, .billing)
                .help("the seconds that are billed at least, and the steps behind them"),
        ]
        return Self(needs: perMinute, { price, _ in CallPrice(perMinute: price) }, rows)
    }
}

extension SettingTable<FreeMinutes> {
    fileprivate static var freeMinutes: Self {
        let minutes = SettingRow.optional("minutes", \Int?.self, .minutes).example("200")
            .needed("it does not say how many", "add 'minutes: 200'").help("how many there are in a month")
        let rows: [SettingRow<FreeMinutes>] = [
            .list("classes", \.classes.ordered, .numberClass).help("which numbers they hold for"),
            .value("reset_day", \.resetDay, .number(in: 1...31))
                .help("the day of the month on which they are renewed, or the month's last day"),
        ]
        return Self(needs: minutes, { FreeMinutes(name: $1.name, seconds: $0) }, rows)
    }
}

// MARK: Forms

/// How time is billed: at least so many seconds, then in steps.
private struct Billing: Equatable {
    var first: Int
    var step: Int
    var text: String { "\(first)/\(step)" }
}

extension CallPrice {
    fileprivate var billing: Billing {
        get { Billing(first: first, step: step) }
        set { (first, step) = (newValue.first, newValue.step) }
    }

    /// The price, as a block that need not be there.
    fileprivate var asSet: CallPrice? {
        get { self }
        set { if let newValue { self = newValue } }
    }
}

extension ConfigurationForm<Billing> {
    /// Two numbers of seconds, such as `60/1`.
    fileprivate static var billing: Self {
        Self("`FIRST/STEP`", shownAs: \.text) { written throws(Complaint) in
            let parts = written.text.split(separator: "/", omittingEmptySubsequences: false)
            guard parts.count == 2, parts.allSatisfy({ $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }),
                let first = Int(parts[0]), let step = Int(parts[1]), (1...3600).contains(first),
                (1...3600).contains(step)
            else {
                throw Complaint(
                    "\(Spelling.quoted(written.text)) is no way to bill",
                    "write the seconds that are billed at least and the step behind them, such as 60/60, 60/1 or 1/1"
                )
            }
            return Billing(first: first, step: step)
        }
    }
}

extension ConfigurationForm<Money> {
    /// An amount in the currency of the policy.
    static var money: Self {
        Self("amount", shownAs: \.description) { written throws(Complaint) in
            guard let money = Money(text: written.text) else {
                throw Complaint(
                    "\(Spelling.quoted(written.text)) is not an amount",
                    "write it as 0.09 or 12, with a dot, without a currency, below a million"
                )
            }
            return money
        }
    }
}

extension ConfigurationForm<String> {
    /// The name of a tariff of this file.
    static var tariff: Self {
        Self("name", shownAs: \.self) { written throws(Complaint) in
            guard written.tariffs.contains(written.text) else {
                let likely = Spelling.nearest(to: written.text, among: written.tariffs).map { "did you mean \($0)?" }
                throw Complaint(
                    "there is no tariff called \(Spelling.quoted(written.text))",
                    likely ?? "describe it below tariffs, or remove the line"
                )
            }
            return written.text
        }
    }
}
