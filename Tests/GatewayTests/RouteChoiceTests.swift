import CallFlows
import CallModel
import CallPlanning
import GatewayAPI
import Testing

@testable import Calls
@testable import DialPlan
@testable import Settings

@Suite("The choice of a route")
struct RouteChoiceTests {
    private static let tariffs = """
        tariffs:
          cheap: { prices: { home: { per_minute: 0.05 } }, free_minutes: { flat: { minutes: 10 } } }
          basic: { prices: { home: { per_minute: 0.09 }, international: { per_minute: 1.99 } } }
          abroad: { prices: { home: { per_minute: 0.50 }, international: { per_minute: 0.60 } }, incoming: { per_minute: 0.02 } }
          landline: { prices: { home: { per_minute: 0.01 }, international: { per_minute: 0.03 } } }
        """

    private static func configuration(
        _ policy: String = "policy: { allow: [home, international] }"
    ) throws -> Configuration {
        try ConfigurationRig.read(
            """
            modems:
              o2: { match: { tty: /dev/ttyUSB2 }, tariff: basic, roaming_tariff: abroad }
              d1: { match: { tty: /dev/ttyUSB6 }, tariff: cheap }
            pbx:
              office:
                profile: asterisk_ari
                url: https://pbx.example.net/ari
                tariff: landline
                callthrough: { access_number: "+4922166966966" }
                callback: { ring_from: ["+4922166966961"] }
            \(policy)
            \(tariffs)
            """
        )
    }

    private static func route(_ number: String, _ facts: RouteFacts, _ policy: String? = nil) throws -> Route {
        let configuration = try policy.map { try Self.configuration($0) } ?? Self.configuration()
        var request = DialRequest(number: number)
        request.modem = facts.modem
        let planner = RoutePlanner(configuration: configuration, environment: ConfigurationRig.environment())
        return try planner.route(for: request, facts: facts)
    }

    @Test(
        "the cheapest that is possible is taken",
        arguments: [
            ("030 12345678", RouteFacts(modem: "o2"), CallMethod.direct),
            ("+43 1 58800", RouteFacts(modem: "o2"), .callthrough),
            ("030 12345678", RouteFacts(modem: "o2", isRoaming: true), .direct),
            ("+43 1 58800", RouteFacts(modem: "o2", isRoaming: true), .callthrough),
            ("+43 1 58800", RouteFacts(modem: "o2", isRoaming: true, canCallBack: true), .callback),
            ("030 12345678", RouteFacts(modem: "o2", isRoaming: true, canCallBack: true), .callback),
            (
                "030 12345678",
                RouteFacts(modem: "o2", isRoaming: true, unreachable: ["office": "no answer"], canCallBack: true),
                .direct
            ),
            ("112", RouteFacts(modem: "o2", isRoaming: true, canCallBack: true), .direct),
        ]
    )
    func cheapest(number: String, facts: RouteFacts, method: CallMethod) throws {
        let route = try Self.route(number, facts)
        #expect(route.method == method)
        guard number != "112" else {
            #expect(route.choice == nil)
            return
        }
        let choice = try #require(route.choice)
        #expect(choice.taken?.candidate.method == method)
        #expect(choice.options.count == 3)
        #expect(choice.options.allSatisfy { !$0.reason.isEmpty })
    }

    @Test("a preference goes before the price, and leaves out what it does not name")
    func preference() throws {
        let policy = "policy: { allow: [home], prefer: [callback, callthrough] }"
        let facts = RouteFacts(modem: "o2")
        let route = try Self.route("030 12345678", facts, policy)
        #expect(route.method == .callthrough)
        #expect(
            route.choice?.options.map(\.reason) == [
                "preferred (policy.prefer)", "no PBX can be asked for a callback as it is configured",
                "not in policy.prefer",
            ]
        )
        #expect(route.choice?.options.first?.candidate.sim == Money(micros: 90_000))
        #expect(route.choice?.options.first?.candidate.pbxCost == Money(micros: 10_000))
    }

    @Test("where a price is not known, the landline number comes first")
    func unknown() throws {
        let route = try Self.route("030 12345678", RouteFacts(modem: "/dev/ttyUSB9"))
        #expect(route.method == .callthrough)
        #expect(route.choice?.options.last?.reason == "its price can't be compared")
    }

    @Test("free minutes cost nothing for as long as there are any")
    func free() throws {
        let day = try #require(LocalDate(packed: 20_260_729))
        let facts = RouteFacts(modem: "d1", day: day)
        #expect(try Self.route("030 12345678", facts).choice?.options.last?.candidate.sim == .zero)
        var used = facts
        used.usage = Usage([
            UsageEntry(
                call: "a",
                at: 0,
                day: 20_260_701,
                modem: "d1",
                seconds: 600,
                cost: .zero,
                legs: [ReservedLeg(price: .free, account: "d1", free: [.init(bucket: "flat", seconds: 600)])],
                isOpen: false,
                deadline: 0
            )
        ])
        #expect(try Self.route("030 12345678", used).choice?.options.last?.candidate.sim == Money(micros: 50_000))
    }

    @Test("what the policy refuses is refused by every method, and says so")
    func refused() throws {
        let route = try Self.route("0900 1234567", RouteFacts(modem: "o2", canCallBack: true))
        #expect(!route.verdict.isAllowed)
        #expect(route.choice?.taken == nil)
        #expect(route.choice?.options.allSatisfy { $0.reason == "refused by the policy" } == true)
    }
}
