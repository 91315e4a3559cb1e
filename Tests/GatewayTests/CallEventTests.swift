import CallFlows
import CallModel
import Foundation
import GatewayAPI
import Testing

@Suite struct CallEventTests {
    private static let id = UUID()
    private static let time = Date(timeIntervalSince1970: 1_795_410_367.5)

    private static func fields(_ kind: CallEvent.Kind) throws -> [String: Any] {
        let line = try CallEvent(kind, call: id, at: time).json()
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

    @Test("a key that was heard is told with who heard it", arguments: [DigitSource.modem, .tone, .rtp])
    func dtmf(source: DigitSource) throws {
        let fields = try Self.fields(.dtmf("#", from: source))
        #expect(fields["event"] as? String == "call.dtmf")
        #expect(fields["digit"] as? String == "#")
        #expect(fields["from"] as? String == source.rawValue)
        let line = try CallEvent(.dtmf("#", from: source), call: Self.id, at: Self.time).json()
        guard case .dtmf("#", let read)? = CallEvent(json: line)?.kind else {
            Issue.record("it is not read again")
            return
        }
        #expect(read == source)
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

    /// Every kind of event as the contract writes it, byte for byte, but for time and id.
    private static let lines: [(CallEvent.Kind, String)] = {
        var unverified = CallEnd(outcome: .modemFailed, by: .local, seconds: .milliseconds(12_345), detail: "gone/away")
        unverified.hangUpVerified = false
        return [
            (
                .requested(CallEvent.Request(method: .callthrough, target: "+4930123456", modem: "o2")),
                #"{"at":AT,"call":ID,"direction":"outgoing","event":"call.requested","line":"o2","method":"callthrough","modem":"o2","pbx":null,"#
                    + #""target":"+4930123456"}"#
            ),
            (
                .progress(.dialing(number: "+4922166966966")),
                #"{"at":AT,"call":ID,"event":"call.dialing","number":"+4922166966966"}"#
            ),
            (.progress(.alerting), #"{"at":AT,"call":ID,"event":"call.alerting"}"#),
            (.progress(.ringing(number: nil)), #"{"at":AT,"call":ID,"event":"call.ringing"}"#),
            (
                .progress(.ringing(number: "+4930123456")),
                #"{"at":AT,"call":ID,"event":"call.ringing","number":"+4930123456"}"#
            ),
            (
                .progress(.connected(setup: .milliseconds(3217))),
                #"{"at":AT,"call":ID,"event":"call.connected","setup_ms":3217}"#
            ),
            (
                .progress(.handover(digits: "••#0", sent: 4, total: 17)),
                #"{"at":AT,"call":ID,"digits":"••#0","event":"call.handover","sent":4,"total":17}"#
            ),
            (.progress(.inProgress), #"{"at":AT,"call":ID,"event":"call.in_progress"}"#),
            (
                .progress(.ended(CallEnd(outcome: .busy, cause: 17, by: .remote))),
                #"{"at":AT,"by":"remote","call":ID,"cause":17,"event":"call.ended","exit":10,"outcome":"busy","seconds":0}"#
            ),
            (
                .progress(.ended(unverified)),
                #"{"at":AT,"by":"local","call":ID,"detail":"gone/away","event":"call.ended","exit":21,"idle":false,"outcome":"modem_failed","#
                    + #""seconds":12.345}"#
            ),
        ]
    }()

    @Test("an event is written as the contract has it, and read back as the same", arguments: lines)
    func bothWays(kind: CallEvent.Kind, line: String) throws {
        let id = try #require(UUID(uuidString: "0B5F0B5C-9D3C-4D53-8F1B-0A1B2C3D4E5F"))
        var event = CallEvent(kind, call: id, at: Self.time)
        let bytes = try event.json()
        let expected = line.replacing("AT", with: #""2026-11-23T05:06:07.500Z""#)
            .replacing("ID", with: #""0b5f0b5c-9d3c-4d53-8f1b-0a1b2c3d4e5f""#)
        #expect(String(decoding: bytes, as: UTF8.self) == expected)
        let read = try #require(CallEvent(json: bytes))
        #expect(try read.json() == bytes)
        guard case .progress(.ringing) = kind else { return }
        (event.modem, event.callerName) = ("o2", "Ada")
        let again = try #require(CallEvent(json: try event.json()))
        #expect(again.modem == "o2" && again.callerName == "Ada")
    }

    @Test("what is no event of a call, or lacks what it must have, is read as none")
    func none() {
        for text in [
            "{}", "[]", #"{"event":"modem.ready"}"#,
            #"{"event":"call.dialing","at":"2026-11-23T05:06:07.500Z","call":"0b5f0b5c-9d3c-4d53-8f1b-0a1b2c3d4e5f"}"#,
            #"{"event":"call.moved","at":"2026-11-23T05:06:07.500Z","call":"0b5f0b5c-9d3c-4d53-8f1b-0a1b2c3d4e5f"}"#,
        ] { #expect(CallEvent(json: Array(text.utf8)) == nil) }
    }
}
