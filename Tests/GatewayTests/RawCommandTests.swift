import Testing

@testable import Gateway

@Suite("a command that a person typed") struct RawCommandTests {
    @Test(
        "what dials, answers, presses keys or diverts calls is refused",
        arguments: [
            "ATD0301234567;", "atd>1;", "ATH;D112", "AT+CSQ;D030", "ATA", "AT+CKPD=\"0301234567S\"",
            "at+ccfc=0,3,\"+49900\"",
            "AT+CSQ;+CKPD=1", "AT", "CSQ", "AT\u{7}",
        ]
    )
    func refused(text: String) {
        #expect((RawCommand.problem(with: text) == nil) == (text == "AT"))
    }

    @Test("what asks is sent", arguments: ["AT+CSQ", "ATI", "AT&D2", "ATS0?", "AT+COPS=0", "AT+CUSD=1,\"*100#\""])
    func sent(text: String) { #expect(RawCommand.problem(with: text) == nil) }
}
