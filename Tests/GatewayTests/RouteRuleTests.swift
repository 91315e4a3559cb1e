import CallModel
import CallPlanning
import ConfigurationText
import DialPlan
import GatewayAPI
import Testing

@testable import Calls
@testable import Settings

@Suite("Rules for routes") struct RouteRuleTests {
    /// The example of the contract, section 6, as it stands there.
    private static let contract = """
        sip:
          listen: ["udp:127.0.0.1:5060", "tcp:127.0.0.1:5060"]     # tls: with certificate and key
          accounts:
            office: { registrar: "sip:pbx.example.net;transport=tls", user: "10", password: { credential: sip-office }, pbx: office, srtp: optional }
          phones:
            desk: { password: { credential: desk-phone }, name: "Desk" }
          trunks:
            asterisk: { address: "192.0.2.10:5060" }
        incoming:                          # first match wins
          - { line: any, from: any, ring: ["phone:desk", "account:office/100"], for: 30s, else: reject }
        routes:                            # first match wins; absent: by price
          - { number: "+49*", when: { internet: good }, via: [internet, callthrough] }

        """

    @Test("the contract's example is read")
    func example() { #expect(ConfigurationRig.problems(Self.contract).map(\.description) == []) }

    @Test(
        "what can't be is told",
        arguments: [
            ("incoming:\n  - { ring: [\"account:office/112\"] }\n", "calls for help"),
            ("incoming:\n  - { ring: [\"account:offce/100\"] }\n", "no account called"),
            ("incoming:\n  - { ring: [\"modem:o2/100\"] }\n", "can't be rung"),
            ("routes:\n  - { number: \"abc\", via: [internet] }\n", "no pattern"),
            ("routes:\n  - { number: \"+49*\" }\n", "no way is named"),
            ("routes:\n  - { via: [auto] }\n", "not known here"),
            ("sip:\n  listen: [\"tls:127.0.0.1:5061\"]\n", "certificate"),
        ]
    )
    func wrong(text: String, message: String) {
        let problems = ConfigurationRig.problems(text).map(\.description)
        #expect(problems.contains { $0.contains(message) }, "\(problems)")
    }

    @Test(
        "a pattern has its numbers",
        arguments: [
            ("+49*", "+4930123", true), ("+49*", "+4330123", false), ("*", "110", true), ("+4930???", "+4930123", true),
            ("+4930???", "+49301234", false), ("+49*5*1", "+4955551", true), ("+49*5*1", "+4955552", false),
            ("+49", "+49", true),
        ]
    )
    func patterns(pattern: String, number: String, fits: Bool) {
        var rule = Configuration.RouteRule()
        rule.number = pattern
        #expect(rule.fits(number) == fits)
    }

    private func route(_ text: String, _ facts: RouteFacts, via: Via? = nil) throws -> Route {
        let configuration = try ConfigurationRig.read(text)
        let planner = RoutePlanner(configuration: configuration, environment: .current)
        var request = DialRequest(number: "030123456")
        request.via = via
        return try planner.route(for: request, facts: facts)
    }

    private static let box =
        contract + "pbx:\n  office: { profile: dtmf, callthrough: { access_number: \"+4922166966966\" } }\n"

    @Test("the first rule decides while the Internet is good, and GSM is what is left where it fails")
    func chooses() throws {
        var facts = RouteFacts()
        facts.accounts = [.init(name: "office", obstacle: nil)]
        let good = try route(Self.box, facts)
        #expect(good.method == .internet && good.account == "office" && good.dials == "030123456")
        #expect(good.reason.contains("routes[1]: +49*"), "\(good.reason)")
        #expect(good.alternatives.map(\.method) == [.callthrough])
        facts.accounts = [.init(name: "office", obstacle: "it is not registered")]
        let bad = try route(Self.box, facts)
        #expect(bad.method == .callthrough && bad.alternatives.isEmpty)
        facts.accounts = nil
        #expect(try route(Self.box, facts).method == .callthrough)
        // Registered, but people could not talk over it of late.
        facts.accounts = [.init(name: "office", obstacle: nil, weakness: "12 % of the packets are lost")]
        #expect(try route(Self.box, facts).method == .callthrough)
        #expect(try route(Self.box, facts, via: .internet).method == .internet)
        let free = Self.box.replacing(/routes:[^\n]*\n[^\n]*\n/, with: "")
        let auto = try route(free, facts)
        #expect(auto.method == .callthrough)
        facts.accounts = [.init(name: "office", obstacle: nil)]
        #expect(try route(free, facts).method == .internet)
    }

    @Test("a rule may be for a group of contacts and for times, and its reason names both")
    func conditions() throws {
        let rules = """
            routes:
              - { when: { group: Family, time: ["sat,sun 00:00-24:00", "mon-fri 18:00-24:00"] }, via: [direct] }

            """
        let box = Self.box.replacing(/routes:[^\n]*\n/, with: rules)
        // A Monday.
        let day = try #require(LocalDate(packed: 20_261_130))
        var facts = RouteFacts()
        facts.accounts = [.init(name: "office", obstacle: nil)]
        facts.groups = ["family", "work"]
        #expect(try route(box, facts).method == .internet, "no time is known")
        facts.time = PolicyTime(seconds: 0, day: day, minute: 18 * 60)
        let evening = try route(box, facts)
        #expect(evening.method == .direct, "\(evening.reason)")
        #expect(evening.reason.contains("routes[1]: *, the group Family, mon-fri 18:00-24:00"), "\(evening.reason)")
        facts.time = PolicyTime(seconds: 0, day: day, minute: 12 * 60)
        #expect(try route(box, facts).method == .internet)
        facts.time = PolicyTime(seconds: 0, day: day, minute: 18 * 60)
        facts.groups = ["work"]
        let other = try route(box, facts)
        #expect(other.method == .internet && other.reason.contains("routes[2]"), "\(other.reason)")
    }

    @Test("help never goes over an account, and what the policy refuses is refused there too")
    func refused() throws {
        var facts = RouteFacts()
        facts.accounts = [.init(name: "office", obstacle: nil)]
        let planner = RoutePlanner(configuration: try ConfigurationRig.read(Self.box), environment: .current)
        var help = DialRequest(number: "112")
        help.via = .internet
        #expect(try planner.route(for: help, facts: facts).method == .direct)
        var dear = DialRequest(number: "0900 1234567")
        dear.via = .internet
        #expect(try !planner.route(for: dear, facts: facts).verdict.isAllowed)
    }
}
