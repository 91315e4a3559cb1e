import CallFlows
import CallModel
import CallPlanning
import DialPlan
import GatewayAPI
import Testing

@testable import Calls

@Suite struct RouteTests {
    @Test("a trunk's call waits for no modem, a telephone's for a moment, and others as is configured")
    func waiting() {
        #expect(RequestOrigin.trunk("exchange").queuesFor == .zero)
        #expect(RequestOrigin.phone("desk").queuesFor == .seconds(3))
        #expect([RequestOrigin.local, .remote, .page, .rule].allSatisfy { $0.queuesFor == nil })
    }

    private static func number(_ text: String) throws -> PhoneNumber {
        try PhoneNumber(typed: text, region: try Region(code: "DE"))
    }

    private static func access(_ script: String = "{target}#", pin: String? = nil) throws -> Route.Access {
        Route.Access(
            pbx: "office",
            number: try DialString(typed: "+49 221 66966966"),
            script: try DTMFScript(script),
            pin: pin
        )
    }

    @Test("with an access number the call goes through the PBX, without one directly")
    func auto() throws {
        let through = try Route(
            to: try Self.number("+49 30 12345678"),
            via: .auto,
            access: try Self.access(),
            policy: DialPolicy()
        )
        #expect(through.method == .callthrough)
        #expect(through.dials == "+4922166966966")
        #expect(through.targetOnTheWire == "03012345678")
        #expect(through.plan(maxDuration: .seconds(60)).settle == .milliseconds(1500))
        #expect(through.legs.map(\.payer) == ["SIM", "PBX"])
        let direct = try Route(to: try Self.number("030 12345678"), via: .auto, access: nil, policy: DialPolicy())
        #expect(direct.method == .direct)
        #expect(direct.dials == "+493012345678")
        #expect(direct.steps.isEmpty)
        #expect(direct.legs.map(\.payer) == ["SIM"])
    }

    @Test("an emergency number goes out directly, whatever is asked for", arguments: ["110", "112", "+49112"])
    func emergency(_ text: String) throws {
        for via in Route.Via.allCases {
            let route = try Route(
                to: try Self.number(text),
                via: via,
                access: try Self.access(),
                policy: DialPolicy(allow: [])
            )
            #expect(route.method == .direct)
            #expect(route.isEmergency)
            #expect(route.verdict.isAllowed)
            #expect(["110", "112"].contains(route.dials))
        }
    }

    @Test(
        "costly numbers are refused by default, in every spelling",
        arguments: ["0900 1234567", "+49 900 1234567", "0137 7123456", "+881612345678", "01033 0900 123456"]
    )
    func costly(_ text: String) throws {
        let route = try Route(to: try Self.number(text), via: .auto, access: try Self.access(), policy: DialPolicy())
        #expect(!route.verdict.isAllowed)
    }

    @Test("a number is hidden in direct calls only, and never from help")
    func hidden() throws {
        let target = try Self.number("+49 30 12345678")
        var direct = try Route(to: target, via: .direct, access: nil, policy: DialPolicy())
        direct.hideNumber()
        #expect(direct.hidesNumber && direct.verdict.isAllowed)
        var through = try Route(to: target, via: .auto, access: try Self.access(), policy: DialPolicy())
        through.hideNumber()
        #expect(!through.hidesNumber && !through.verdict.isAllowed)
        #expect(through.verdict.reason.contains("the PBX knows who calls it by the number"))
        var callback = Route(callbackBy: "office", to: target, policy: DialPolicy())
        callback.hideNumber()
        #expect(!callback.hidesNumber && !callback.verdict.isAllowed)
        var help = try Route(to: try Self.number("112"), via: .auto, access: nil, policy: DialPolicy())
        help.hideNumber()
        #expect(!help.hidesNumber && help.verdict.isAllowed)
    }

    @Test("what can't be done says so")
    func impossible() throws {
        let target = try Self.number("030123456")
        #expect(throws: RouteError.callthroughNeedsAccessNumber) {
            try Route(to: target, via: .callthrough, access: nil, policy: DialPolicy())
        }
        #expect(throws: RouteError.callbackNeedsPBX) {
            try Route(to: target, via: .callback, access: try Self.access(), policy: DialPolicy())
        }
        #expect(throws: RouteError.self) {
            try Route(to: target, via: .auto, access: try Self.access("{pin}#{target}#"), policy: DialPolicy())
        }
    }

    @Test("a PIN in the script is sent and never shown")
    func secret() throws {
        let access = try Self.access("{pin}#,{target}#", pin: "4711")
        let route = try Route(to: try Self.number("030123456"), via: .auto, access: access, policy: DialPolicy())
        let digits = route.steps.compactMap { if case .digit(let digit, _) = $0 { digit } else { nil } }
        #expect(String(digits) == "4711#030123456#")
        #expect(!"\(route.steps)".contains("4711"))
    }
}
