import Modem
import Testing

@testable import Lines

@Suite("a SIM's phone book") struct SIMPhonebookTests {
    @Test(
        "the character set is what the modem says of it, and nothing that it says beside",
        arguments: [
            (["+CSCS: \"GSM\""], "GSM"), (["+ZPASR: \"UMTS\"", "+CSCS: \"IRA\""], "IRA"),
            (["+ZDONR: \"o2 - de\",262,03,\"CS_PS\""], nil), ([], nil), (["+CSCS: GSM"], nil),
        ] as [([String], String?)]
    )
    func characterSet(lines: [String], name: String?) {
        #expect(ModemSession.characterSet(in: lines) == name)
    }
}
