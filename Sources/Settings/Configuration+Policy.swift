package import DialPlan
internal import TextCoding

extension Configuration {
    /// What may be called, how long and how often.
    package struct Policy: Sendable {
        /// The classes of numbers that may be called, and those that may not.
        package var dialPolicy = DialPolicy()
        /// How long a call may last from its answer on, 1 s to 24 h.
        package var maxDuration = Duration.seconds(3600)
        /// How many calls may be begun within an hour, 1 to 3600.
        package var maxCallsPerHour = 20
        /// The limits of all modems together, but for the calls within an hour.
        package var limits = UsageLimits()
        /// The times in which no call may be begun.
        package var quietHours: [WeekHours] = []
        /// The methods that `--via auto` may take, the preferred one first; empty where the price alone decides.
        package var prefer: [Preference] = []
        /// What costs are counted in: three letters.
        package var currency = "EUR"
    }
}

extension Configuration.Policy {
    /// A method in `policy.prefer`; the raw values are those of `--via`.
    package enum Preference: String, Sendable, Hashable, CaseIterable {
        case internet
        case callthrough
        case callback
        case direct
    }
}

// MARK: Its keys

extension SettingTable<Configuration.Policy> {
    static var policy: Self {
        let limits = SettingRow<UsageLimits>.limits.map { $0.inside(\Configuration.Policy.limits) }
        return Self(
            { _, _ in Configuration.Policy() },
            classes + calls + limits + others,
            check: { reader, section, policy in
                if policy?.dialPolicy.deny.contains(.international) == true, section["allow_prefixes"] != nil {
                    reader.report(
                        "policy.deny names international, which wins over every prefix",
                        "take international out of policy.deny; numbers without an allowed prefix stay refused",
                        at: "allow_prefixes",
                        in: section
                    )
                }
            }
        )
    }

    private static var classes: [SettingRow<Configuration.Policy>] {
        let deniable = ConfigurationForm<NumberClass>.numberClass
            .checked { numberClass throws(Complaint) in
                guard numberClass != .emergency else {
                    throw Complaint("emergency calls always pass", "remove emergency from the list")
                }
            }
        return [
            .list("allow", \.dialPolicy.allow.ordered, .numberClass).set()
                .help("the classes of numbers that may be called; others are refused, and emergency calls always pass"),
            .list("deny", \.dialPolicy.deny.ordered, deniable).set()
                .example("[premium, shared_cost, satellite, international]")
                .standard("`[premium, shared_cost, satellite, international]`, without what `allow` names")
                // What is allowed in so many words is not denied by a default that people may not know of.
                .preceded { section, policy in
                    let allowed = section["allow"] == nil ? [] : policy?.dialPolicy.allow ?? []
                    policy?.dialPolicy.deny.subtract(allowed)
                    if section["allow_prefixes"] != nil { policy?.dialPolicy.deny.remove(.international) }
                }
                .help("what may not be called, even if `allow` names it"),
            .optionalList("allow_prefixes", \.dialPolicy.allowPrefixes, .prefix)
                .help("one country on top of `allow`, such as [\"+43\"]; `deny` must not name international then"),
            .optionalList("deny_prefixes", \.dialPolicy.denyPrefixes, .prefix).example("[\"+49176\"]")
                .help("beginnings of international numbers that may not be called, whatever else is allowed"),
        ]
    }

    private static var calls: [SettingRow<Configuration.Policy>] {
        [
            .value("max_duration", \.maxDuration, .duration(.seconds(1) ... .seconds(86_400))).set()
                .help("how long a call may last from its answer on"),
            .value("max_calls_per_hour", \.maxCallsPerHour, .number(in: 1...3600)).set()
                .help("how many calls may be begun within an hour; not counted where there is no configuration file"),
        ]
    }

    private static var others: [SettingRow<Configuration.Policy>] {
        [
            .list("quiet_hours", \.quietHours, .weekHours).example("[\"22:00-07:00\"]")
                .help(
                    "when no call is begun, by the clock on the wall; also on days: \"sat,sun 00:00-24:00\", \"mon-fri 08:00-18:00\""
                ),
            .list("prefer", \.prefer, .choice).example("[internet, callthrough, callback, direct]")
                .help("the methods that `--via auto` may take, the preferred one first; else the cheapest is taken"),
            .value("currency", \.currency, .currency).help("what every amount of the file is counted in"),
        ]
    }
}

extension SettingRow<UsageLimits> {
    /// The limits that a policy and a modem share; none has a default here.
    static var limits: [Self] {
        let count = ConfigurationForm<Int>.number(in: 1...100_000)
        return [
            .optional("max_calls_per_minute", \.callsPerMinute, count).example("5")
                .help("how many calls may be begun within a minute"),
            .optional("max_calls_per_day", \.callsPerDay, count).example("100")
                .help("how many on a day of the calendar"),
            .optional("max_minutes_per_day", \.secondsPerDay, .minutes).example("240")
                .help("how many minutes may be talked in calls that begin on a day"),
            .optional("max_minutes_per_month", \.secondsPerMonth, .minutes).example("2000")
                .help("how many in those of a month of the calendar"),
            .optional("max_cost_per_day", \.costPerDay, .money).example("5.00")
                .help("what calls of a day may cost; a call whose price is not known (`tariffs`) is then refused"),
            .optional("max_cost_per_month", \.costPerMonth, .money).example("50.00")
                .help("what those of a month may cost"),
        ]
    }
}

extension SettingTable<UsageLimits> {
    /// The limits of one modem.
    static var limits: Self {
        let perHour = SettingRow.optional("max_calls_per_hour", \UsageLimits.callsPerHour, .number(in: 1...100_000))
            .help("how many calls may be begun within an hour")
        return Self({ _, _ in UsageLimits() }, [perHour] + SettingRow.limits)
    }
}

// MARK: Forms

extension Set<NumberClass> {
    /// Its classes in the order of the list of all.
    var ordered: [NumberClass] {
        get { NumberClass.allCases.filter(contains) }
        set { self = Set(newValue) }
    }
}

extension ConfigurationForm<NumberClass> {
    static var numberClass: Self {
        var form = choice
        form.plural = "classes"
        return form
    }
}

extension ConfigurationForm<Int> {
    /// Minutes, which become seconds.
    static var minutes: Self {
        let minutes = number(in: 1...100_000)
        return Self(
            minutes.words,
            show: { minutes.show($0 / 60) },
            read: { written throws(Complaint) in
                try minutes.read(written) * 60
            }
        )
    }
}

extension ConfigurationForm<WeekHours> {
    /// A time of the day, on some days of the week.
    static var weekHours: Self {
        Self("time", plural: "times", shownAs: \.description) { written throws(Complaint) in
            guard let hours = WeekHours(text: written.text) else {
                throw Complaint(
                    "\(Spelling.quoted(written.text)) is not a time of the day",
                    "write 22:00-07:00, 'mon-fri 08:00-18:00' or 'sat,sun 00:00-24:00', in quotes"
                )
            }
            return hours
        }
    }
}

extension ConfigurationForm<String> {
    /// The beginning of an international number; without its `+` when it has been read.
    fileprivate static var prefix: Self {
        Self(
            "`\"+…\"`",
            show: { .text("+" + $0) },
            read: { written throws(Complaint) in
                let bytes = written.text.utf8
                guard bytes.first == UInt8(ascii: "+"), (2...16).contains(bytes.count),
                    bytes.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }), bytes.dropFirst().first != 0x30
                else {
                    throw Complaint(
                        "\(Spelling.quoted(written.text)) is not the beginning of an international number",
                        "write '+' and digits without spaces, such as \"+43\" or \"+49176\", in quotes"
                    )
                }
                return String(written.text.dropFirst())
            }
        )
    }

    /// The three letters of a currency (ISO 4217).
    static var currency: Self {
        Self("three letters", shownAs: \.self) { written throws(Complaint) in
            guard written.text.utf8.count == 3, written.text.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
                throw Complaint(
                    "\(Spelling.quoted(written.text)) is not a currency",
                    "write its three letters, such as EUR"
                )
            }
            return written.text
        }
    }
}
