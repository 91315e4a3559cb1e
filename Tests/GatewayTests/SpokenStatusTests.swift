import CallModel
import Testing

@testable import SIPCalls

@Suite("How the box is, said to a phone") struct SpokenStatusTests {
    @Test("the modems that can call, and the calls that live, digit by digit")
    func words() {
        let said = SIPLines.words(ready: 12, calls: 0)
        #expect(
            said == [
                .pause(milliseconds: 500), .digit("1"), .digit("2"), .pause(milliseconds: 1000), .digit("0"),
                .pause(milliseconds: 300),
            ]
        )
    }
}
