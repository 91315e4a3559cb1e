internal import DialPlan

/// Limits and tariffs.
extension ConfigurationReader {
    /// The limits that a policy and a modem share; none has a default here.
    mutating func readLimits(_ section: ConfigurationSection, hasHours: Bool) -> UsageLimits {
        let calls = ConfigurationForm<Int>.number(in: 1...100_000)
        let minutes = ConfigurationForm<Int>.number(in: 1...100_000)
        var limits = UsageLimits()
        limits.callsPerMinute = value("max_calls_per_minute", in: section, as: calls)
        if hasHours { limits.callsPerHour = value("max_calls_per_hour", in: section, as: calls) }
        limits.callsPerDay = value("max_calls_per_day", in: section, as: calls)
        limits.secondsPerDay = value("max_minutes_per_day", in: section, as: minutes).map { $0 * 60 }
        limits.secondsPerMonth = value("max_minutes_per_month", in: section, as: minutes).map { $0 * 60 }
        limits.costPerDay = value("max_cost_per_day", in: section, as: .money)
        limits.costPerMonth = value("max_cost_per_month", in: section, as: .money)
        return limits
    }

    /// Which classes and prefixes may be called.
    mutating func readClasses(_ section: ConfigurationSection) -> DialPolicy {
        let standard = DialPolicy()
        let ordered = { (classes: Set<NumberClass>) in NumberClass.allCases.filter(classes.contains) }
        let allow = Set(list("allow", in: section, default: ordered(standard.allow), as: .choice))
        // What the owner allows in so many words is not denied by a default that they may not know of.
        var denied = section["allow"] == nil ? standard.deny : standard.deny.subtracting(allow)
        if section["allow_prefixes"] != nil { denied.remove(.international) }
        let deniable = ConfigurationForm<NumberClass>.choice
            .checked { numberClass throws(Complaint) in
                guard numberClass != .emergency else {
                    throw Complaint("emergency calls always pass", "remove emergency from the list")
                }
            }
        let deny = Set(list("deny", in: section, default: ordered(denied), as: deniable))
        let allowPrefixes = list("allow_prefixes", in: section, as: .prefix) ?? []
        let denyPrefixes = list("deny_prefixes", in: section, as: .prefix) ?? []
        if deny.contains(.international), let entry = section["allow_prefixes"] {
            report(
                "policy.deny names international, which wins over every prefix",
                "take international out of policy.deny; numbers without an allowed prefix stay refused",
                key: section.path(of: "allow_prefixes"),
                line: entry.line
            )
        }
        return DialPolicy(allow: allow, deny: deny, allowPrefixes: allowPrefixes, denyPrefixes: denyPrefixes)
    }

    mutating func readTariffs(_ entries: [ConfigurationSection.Entry]) -> [Tariff] {
        var tariffs: [Tariff] = []
        for entry in entries {
            let path = "tariffs.\(entry.name)"
            guard let section = section(entry.node, path: path, line: entry.line, keys: ConfigurationKeys.tariff) else {
                continue
            }
            var prices: [NumberClass: CallPrice] = [:]
            let known = ConfigurationKeys.prices
            if let classes = self.section("prices", in: section, keys: known) {
                for name in known where classes[name] != nil {
                    guard let numberClass = NumberClass(rawValue: name) else { continue }
                    prices[numberClass] = readPrice(name, in: classes)
                }
            } else if section["prices"] == nil {
                report(
                    "the tariff has no prices",
                    "add 'prices: { home: { per_minute: 0.09 } }'",
                    key: section.path(of: "prices"),
                    line: entry.line
                )
            }
            let incoming = readPrice("incoming", in: section) ?? .free
            var buckets: [FreeMinutes] = []
            for bucket in names("free_minutes", in: section) {
                if let bucket = readBucket(bucket, path: section.path(of: "free_minutes")) { buckets.append(bucket) }
            }
            tariffs.append(Tariff(name: entry.name, prices: prices, incoming: incoming, buckets: buckets))
        }
        return tariffs
    }

    private mutating func readPrice(_ name: String, in parent: ConfigurationSection) -> CallPrice? {
        guard let section = section(name, in: parent, keys: ConfigurationKeys.price) else { return nil }
        let perMinute = value("per_minute", in: section, as: .money)
        if section["per_minute"] == nil {
            report(
                "there is no price",
                "add 'per_minute: 0.09', or 'per_minute: 0' for calls that cost nothing",
                key: section.path(of: "per_minute"),
                line: section.line
            )
        }
        let setup = value("setup", in: section, default: Money.zero, as: .money)
        let billing = value("billing", in: section, default: Billing(first: 60, step: 60), as: .billing)
        guard let perMinute else { return nil }
        return CallPrice(perMinute: perMinute, setup: setup, first: billing.first, step: billing.step)
    }

    private mutating func readBucket(_ entry: ConfigurationSection.Entry, path: String) -> FreeMinutes? {
        let keys = ConfigurationKeys.bucket
        let path = "\(path).\(entry.name)"
        guard let section = section(entry.node, path: path, line: entry.line, keys: keys) else { return nil }
        let minutes = value("minutes", in: section, as: .number(in: 1...100_000))
        if section["minutes"] == nil {
            report("it does not say how many", "add 'minutes: 200'", key: section.path(of: "minutes"), line: entry.line)
        }
        let classes = list("classes", in: section, default: [NumberClass.home], as: .choice)
        let day = value("reset_day", in: section, default: 1, as: .number(in: 1...31))
        return minutes.map {
            FreeMinutes(name: entry.name, seconds: $0 * 60, classes: Set(classes), resetDay: day)
        }
    }
}

/// How time is billed: at least so many seconds, then in steps.
struct Billing: Equatable {
    var first: Int
    var step: Int
    var text: String { "\(first)/\(step)" }
}

extension ConfigurationForm<Billing> {
    /// Two numbers of seconds, such as `60/1`.
    fileprivate static var billing: Self {
        Self(shownAs: \.text) { written throws(Complaint) in
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
        Self(shownAs: \.description) { written throws(Complaint) in
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

extension ConfigurationForm<QuietHours> {
    /// A time of the day.
    static var quietHours: Self {
        Self(shownAs: \.description) { written throws(Complaint) in
            guard let hours = QuietHours(text: written.text) else {
                throw Complaint(
                    "\(Spelling.quoted(written.text)) is not a time of the day",
                    "write 22:00-07:00, or 'sat,sun 00:00-24:00', in quotes"
                )
            }
            return hours
        }
    }
}

extension ConfigurationForm<String> {
    /// The beginning of an international number; without its `+` when it has been read.
    fileprivate static var prefix: Self {
        let show = { (digits: String) in Configuration.Setting.Value.text("+" + digits) }
        return Self(show: show) { written throws(Complaint) in
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
    }

    /// The three letters of a currency (ISO 4217).
    static var currency: Self {
        Self(shownAs: \.self) { written throws(Complaint) in
            guard written.text.utf8.count == 3, written.text.utf8.allSatisfy({ (0x41...0x5A).contains($0) }) else {
                throw Complaint(
                    "\(Spelling.quoted(written.text)) is not a currency",
                    "write its three letters, such as EUR"
                )
            }
            return written.text
        }
    }

    /// The name of a tariff of this file.
    static func tariff(among names: [String]) -> Self {
        Self(shownAs: \.self) { written throws(Complaint) in
            guard names.contains(written.text) else {
                let likely = Spelling.nearest(to: written.text, among: names).map { "did you mean \($0)?" }
                throw Complaint(
                    "there is no tariff called \(Spelling.quoted(written.text))",
                    likely ?? "describe it below tariffs, or remove the line"
                )
            }
            return written.text
        }
    }
}
