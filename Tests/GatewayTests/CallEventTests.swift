import CallFlows
import CallModel
import Foundation
import Gateway
import GatewayAPI
import Testing

@Suite struct CallEventTests {
    private static let id = UUID()
    private static let time = Date(timeIntervalSince1970: 1_795_410_367.5)

    private static func fields(_ kind: CallEvent.Kind) throws -> [String: Any] {
        let line = try CallEvent(kind, call: id, at: time).jsonLine()
        #expect(!line.contains(0x0A))
        return try #require(try JSONSerialization.jsonObject(with: Data(line)) as? [String: Any])
    }

    @Test("every event has its name, its time in UTC with milliseconds, and its call")
    func common() throws {
        let fields = try Self.fields(.progress(.alerting))
        #expect(fields["event"] as? String == "call.alerting")
        #expect(fields["at"] as? String == "2026-11-23T05:06:07.500Z")
        #expect(fields["call"] as? String == Self.id.uuidString.lowercased())
        #expect(fields.count == 3)
    }

    @Test("a request names method, direction, target, PBX and modem, the unknown ones as null")
    func requested() throws {
        let request = CallEvent.Request(method: .callthrough, target: "+493012345678", modem: "/dev/ttyUSB2")
        let fields = try Self.fields(.requested(request))
        #expect(fields["event"] as? String == "call.requested")
        #expect(fields["method"] as? String == "callthrough")
        #expect(fields["direction"] as? String == "outgoing")
        #expect(fields["target"] as? String == "+493012345678")
        #expect(fields["pbx"] is NSNull)
        #expect(fields["modem"] as? String == "/dev/ttyUSB2")
    }

    @Test("a call that comes in says so, and rings with its number if it has one")
    func incoming() throws {
        let request = CallEvent.Request(method: .direct, direction: .incoming, target: "+493012345678", modem: "o2")
        #expect(try Self.fields(.requested(request))["direction"] as? String == "incoming")
        let ringing = try Self.fields(.progress(.ringing(number: "+493012345678")))
        #expect(ringing["event"] as? String == "call.ringing")
        #expect(ringing["number"] as? String == "+493012345678")
        #expect(try Self.fields(.progress(.ringing(number: nil)))["number"] == nil)
    }

    @Test("progress has the contract's fields")
    func progress() throws {
        #expect(try Self.fields(.progress(.dialing(number: "+4922166966966")))["number"] as? String == "+4922166966966")
        #expect(try Self.fields(.progress(.connected(setup: .milliseconds(3217))))["setup_ms"] as? Int == 3217)
        let handover = try Self.fields(.progress(.handover(digits: "••••#0", sent: 6, total: 17)))
        #expect(handover["digits"] as? String == "••••#0")
        #expect(handover["sent"] as? Int == 6)
        #expect(handover["total"] as? Int == 17)
        #expect(try Self.fields(.progress(.inProgress))["event"] as? String == "call.in_progress")
    }

    @Test("an end tells outcome, cause, side, seconds and exit status, and warns where the modem may still be up")
    func ended() throws {
        let busy = CallEnd(outcome: .busy, cause: 17, by: .remote)
        let fields = try Self.fields(.progress(.ended(busy)))
        #expect(fields["event"] as? String == "call.ended")
        #expect(fields["outcome"] as? String == "busy")
        #expect(fields["cause"] as? Int == 17)
        #expect(fields["by"] as? String == "remote")
        #expect(fields["seconds"] as? Double == 0)
        #expect(fields["exit"] as? Int == 10)
        #expect(fields["idle"] == nil)
        var unverified = CallEnd(outcome: .modemFailed, by: .local, seconds: .milliseconds(12_345), detail: "gone")
        unverified.hangUpVerified = false
        let failed = try Self.fields(.progress(.ended(unverified)))
        #expect(failed["seconds"] as? Double == 12.345)
        #expect(failed["cause"] == nil)
        #expect(failed["idle"] as? Bool == false)
        #expect(failed["detail"] as? String == "gone")
    }
}
