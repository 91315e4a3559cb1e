import CallModel
import Testing

@testable import SIP

@Suite("Digits in messages") struct KeyMessageTests {
    @Test(
        "what telephones send is read, and nothing else is a digit",
        arguments: [
            ("application/dtmf-relay", "Signal=5\r\nDuration=160\r\n", "5"),
            ("application/dtmf-relay", "Signal= #\n", "#"),
            ("Application/DTMF-Relay", "Duration=100\r\nSignal=*\r\n", "*"),
            ("application/dtmf-relay", "Signal:d", "D"),
            ("application/dtmf-relay", "Signal=10", "*"), ("application/dtmf-relay", "Signal=11", "#"),
            ("application/dtmf", "7", "7"), ("application/dtmf", "7\r\n", "7"), ("application/dtmf", "15", "D"),
            ("application/dtmf-relay", "Signal=16", nil), ("application/dtmf-relay", "Signal=", nil),
            ("application/dtmf-relay", "Signal=123", nil), ("application/dtmf-relay", "5", nil),
            ("application/dtmf", "", nil),
            ("application/dtmf", "x", nil), ("text/plain", "5", nil),
            ("application/dtmf-relay", "Signal=5\n" + String(repeating: "x", count: 200), nil),
        ]
    )
    func reads(type: String, body: String, digit: Character?) {
        #expect(KeyMessage.digit(type: type, body) == digit, "\(type): \(body)")
    }

    @Test("the way by which the first digit comes is the call's, and what nobody takes has an end")
    func once() {
        let byMessage = MessageKeys()
        byMessage.say("1")
        #expect(!byMessage.takesOther() && byMessage.next() == "1" && byMessage.next() == nil)
        let beside = MessageKeys()
        #expect(beside.takesOther())
        beside.say("1")
        #expect(beside.next() == nil && beside.takesOther())
        for _ in 0..<100 { byMessage.say("2") }
        #expect((0..<100).count { _ in byMessage.next() != nil } == 32)
    }
}
