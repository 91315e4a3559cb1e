import ConfigurationText
import DialPlan
import Testing

@testable import Settings

@Suite("Limits and tariffs of the configuration")
struct ConfigurationLimitsTests {
    private static let full = """
        modems:
          o2:
            match: { tty: /dev/ttyUSB2 }
            tariff: basic
            roaming_tariff: abroad
            limits: { max_calls_per_hour: 3, max_minutes_per_day: 10, max_cost_per_day: 0.50 }
        pbx:
          office:
            tariff: landline
            callthrough: { access_number: "+4922166966966" }
        policy:
          allow: [home]
          deny: [premium]
          allow_prefixes: ["+43", "+4122"]
          deny_prefixes: ["+49176"]
          max_calls_per_minute: 2
          max_calls_per_day: 40
          max_minutes_per_day: 100
          max_minutes_per_month: 1000
          max_cost_per_day: 2.50
          max_cost_per_month: "20"
          quiet_hours: ["22:00-07:00", "sat,sun 00:00-24:00"]
          prefer: [callback, direct]
          currency: CHF
        tariffs:
          basic:
            prices:
              home: { per_minute: 0.09, setup: 0.05, billing: 60/1 }
              international: { per_minute: 1.99 }
            free_minutes:
              flat: { minutes: 200, classes: [home, international], reset_day: 31 }
          landline:
            prices: { home: { per_minute: 0 } }
          abroad:
            prices: { home: { per_minute: 0.19 } }
            incoming: { per_minute: 0.05, billing: 1/1 }
        """

    @Test("every key arrives where it is meant to")
    func keys() throws {
        let configuration = try ConfigurationRig.read(Self.full)
        let rules = configuration.dialRules
        #expect(rules.policy.allowPrefixes == ["43", "4122"])
        #expect(rules.policy.denyPrefixes == ["49176"])
        #expect(
            rules.limits.total
                == UsageLimits(
                    callsPerMinute: 2,
                    callsPerHour: 20,
                    callsPerDay: 40,
                    secondsPerDay: 6000,
                    secondsPerMonth: 60_000,
                    costPerDay: Money(micros: 2_500_000),
                    costPerMonth: Money(micros: 20_000_000)
                )
        )
        #expect(
            rules.limits.modems
                == ["o2": UsageLimits(callsPerHour: 3, secondsPerDay: 600, costPerDay: Money(micros: 500_000))]
        )
        #expect(rules.limits.quietHours.map(\.description) == ["22:00-07:00", "sat,sun 00:00-24:00"])
        #expect(rules.limits.currency == "CHF")
        #expect(rules.limits.secondsPerCall == 3600)
        #expect(configuration.policy.prefer == [.callback, .direct])
        let tariff = try #require(configuration.tariff(ofModem: "o2", isRoaming: false))
        #expect(
            tariff.price(of: .home)
                == CallPrice(perMinute: Money(micros: 90_000), setup: Money(micros: 50_000), first: 60, step: 1)
        )
        #expect(tariff.price(of: .premium) == nil)
        #expect(tariff.buckets.map(\.seconds) == [12_000])
        #expect(tariff.buckets.map(\.resetDay) == [31])
        #expect(configuration.tariff(ofModem: "o2", isRoaming: true)?.incoming.step == 1)
        #expect(configuration.tariff(ofModem: "/dev/ttyUSB2", isRoaming: false)?.name == "basic")
        #expect(configuration.tariff(ofPBX: "office")?.name == "landline")
        #expect(configuration.tariff(ofPBX: "home") == nil)
    }

    @Test("without a file the calls of an hour are not counted, with one they are")
    func hourWithoutFile() throws {
        let none = try Configuration.defaults(environment: ConfigurationRig.environment())
        #expect(none.dialRules.limits.total.callsPerHour == nil)
        #expect(!none.dialRules.limits.needUsage(modem: "/dev/ttyUSB2"))
        let file = try ConfigurationRig.read("gateway: { region: DE }")
        #expect(file.dialRules.limits.total.callsPerHour == 20)
    }

    @Test(
        "what can't be meant is told with its line, key and remedy",
        arguments: [
            ("policy: { max_calls_per_day: 0 }", "policy.max_calls_per_day", "from 1 to 100000"),
            ("policy: { max_cost_per_day: 5 EUR }", "policy.max_cost_per_day", "write it as 0.09 or 12"),
            ("policy: { max_cost_per_day: -1 }", "policy.max_cost_per_day", "write it as 0.09 or 12"),
            ("policy: { quiet_hours: [\"22-7\"] }", "policy.quiet_hours[1]", "write 22:00-07:00"),
            ("policy: { quiet_hours: \"22:00-07:00\" }", "policy.quiet_hours", "write [first, second]"),
            ("policy: { prefer: [reverse] }", "policy.prefer[1]", "known are internet, callthrough, callback, direct"),
            ("policy: { currency: euro }", "policy.currency", "three letters"),
            ("policy: { allow_prefixes: [\"0043\"] }", "policy.allow_prefixes[1]", "write '+' and digits"),
            ("policy: { deny_prefixes: [\"+43 1\"] }", "policy.deny_prefixes[1]", "write '+' and digits"),
            (
                "policy: { allow_prefixes: [\"+43\"], deny: [international] }", "policy.allow_prefixes",
                "take international out of policy.deny"
            ),
            ("policy: { tariff: x }", "policy.tariff", "belongs under modems.NAME"),
            (
                "modems: { a: { match: { tty: /dev/x }, tariff: basik }}\ntariffs: { basic: { prices: {} } }",
                "modems.a.tariff", "did you mean basic?"
            ),
            ("modems: { a: { match: { tty: /dev/x }, limits: { allow: [home] } }}", "modems.a.limits.allow", "policy"),
            ("tariffs: { basic: {} }", "tariffs.basic.prices", "add 'prices:"),
            ("tariffs: { basic: { prices: { home: {} } } }", "tariffs.basic.prices.home.per_minute", "add 'per_minute"),
            ("tariffs: { basic: { prices: { home: 0.09 } } }", "tariffs.basic.prices.home", "write 'key: value'"),
            (
                "tariffs: { basic: { prices: { emergency: { per_minute: 1 } } } }", "tariffs.basic.prices.emergency",
                "known"
            ),
            (
                "tariffs: { basic: { prices: { home: { per_minute: 1, billing: 60 } } } }",
                "tariffs.basic.prices.home.billing", "60/60, 60/1 or 1/1"
            ),
            (
                "tariffs: { basic: { prices: { home: { per_minute: 1, billing: 0/1 } } } }",
                "tariffs.basic.prices.home.billing", "60/60, 60/1 or 1/1"
            ),
            (
                "tariffs: { basic: { prices: {}, free_minutes: { flat: { classes: [home] } } } }",
                "tariffs.basic.free_minutes.flat.minutes", "add 'minutes: 200'"
            ),
            (
                "tariffs: { basic: { prices: {}, free_minutes: { flat: { minutes: 1, reset_day: 32 } } } }",
                "tariffs.basic.free_minutes.flat.reset_day", "from 1 to 31"
            ),
        ]
    )
    func wrong(text: String, key: String, remedy: String) {
        let problems = ConfigurationRig.problems(text)
        #expect(problems.contains { $0.key == key && $0.remedy.contains(remedy) }, "\(problems)")
    }

    @Test("a prefix opens its country although nobody took international out of a default")
    func defaultDeny() throws {
        let policy = try ConfigurationRig.read("policy: { allow_prefixes: [\"+43\"] }").policy.dialPolicy
        let region = try Region(code: "DE")
        #expect(try policy.verdict(on: PhoneNumber(typed: "+43 1 58800", region: region)).isAllowed)
        #expect(try !policy.verdict(on: PhoneNumber(typed: "+44 20 79460000", region: region)).isAllowed)
    }
}
