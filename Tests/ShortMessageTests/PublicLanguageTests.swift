import ShortMessage
import Testing

/// Texts in the tables of a language (3GPP TS 23.038, annex A), as others have published them.
///
/// No public message in the locking table of Portuguese was found; Spanish has none (A.3.2).
@Suite struct PublicLanguageTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var source: String
        var line: String
        var text: String
        /// The language whose table their program writes with; nil where they don't say how it is written.
        var language: Alphabet.Language?

        var testDescription: String { "\(source): \(text)" }
    }

    private static let android = "Android, com.android.unit_tests.SmsNationalCharactersTest"
    private static let cinterion = "Cinterion's module tests, TC0095036.001 TpNationalLanguageIdentifierBasic"

    /// Cinterion's are what a module is given by `AT+CMGW`, without the address; what stands for it is this one.
    private static let head = "0051000681214365000000"

    static let rows: [Row] = [
        Row(
            source: android,
            line: "004100068121436500001303240101D81C37C9CD7433DE9C37E9CD1C",
            text: "ĞİŞçğış",
            language: .turkish
        ),
        Row(
            source: android,
            line: "004100068121436500001703240102D82436C14D72F3DC5437E14D7AF3DED401",
            text: "çÁÍÓÚáíóú",
            language: .spanish
        ),
        Row(
            source: android,
            line: "004100068121436500003403240103D8143689CD62C3D838360FC9A462B960329BCF26B8496E9E9BEA66"
                + "BBE16EC29BF4E6BDA96FF61BFEE60F",
            text: "êçÔôÁáΦΓΩΠΨΣΘÊÀÍÓÚÃÕÂíóúãõâ",
            language: .portuguese
        ),
        Row(source: cinterion, line: head + "06032501015A00", text: "Ğ"),
        Row(
            source: cinterion,
            line: head + "1D03240101076EA6E0CD98B0991F36C7C5E6CCD824399B74675306",
            text: "¡Ş¿çèşìĞØğøİÆıæ€"
        ),
        Row(
            source: cinterion,
            line: head + "2006250101240101C0CD14BC191336F3C3E6B8D89C199B246793EE6CCA",
            text: "İŞçç€şıĞĞğğİŞış€"
        ),
        // A message of a Spanish operator, as its receiver has it in text mode too; that shows the ¡ as @.
        Row(
            source: "a note in sms.c of a Spanish modem program, November 2016",
            line:
                "07914356060053F54005A12214F2000061119121927040960324010298A7DBF9B70ED82CABDFF270FB3D07B1C373103D2C4F9BC3"
                + "F31068761482C46175181406C564AC1AA85C97BFE72C10ED2804A1C2E8B73C0CAA1D85299038AC0E83C2A0D8AD5C97BFE7A03C2806"
                + "3B0A41E2B03A0C0A83663050B92E7FCF412B50DA6D7E83CA6E10BD0E2AB7DAE1341BF40695DD2031FB7D76CDD3EDFCDB559E03",
            text:
                "simyo:¡Mejoramos las tarifas! 3GB baja a 12,5 euros, 4GB (ahora 5GB) baja a 17euros y 10GB baja a 30 euros "
                + "+ info en tu e-mail o en blog.simyo.es"
        ),
    ]

    @Test("what others have written in a language's tables is read so here", arguments: rows)
    func read(_ row: Row) throws {
        guard case .deliver(let message) = try ReceivedTPDU(line: PublicTableTests.deliver(of: row.line)) else {
            Issue.record("it is no message")
            return
        }
        #expect(message.userData.text == row.text)
    }

    @Test("what others write in a language's table is written so here", arguments: rows.filter { $0.language != nil })
    func written(_ row: Row) throws {
        let message = try OutgoingMessage(
            row.text,
            to: "123456",
            reference: 1,
            wantsReport: false,
            language: row.language
        )
        #expect(message.parts.count == 1)
        // Behind the address, the protocol and the coding; ours has a validity before it.
        let theirs = row.line.dropFirst(20)
        #expect(message.parts.first?.line.hasSuffix(theirs) == true, "\(message.parts)")
    }
}
