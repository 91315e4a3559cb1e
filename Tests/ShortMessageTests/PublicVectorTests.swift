import ShortMessage
import Testing

/// Messages that other projects have published with what is in them.
@Suite struct PublicVectorTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var source: String
        var line: String
        var centre: String?
        var sender: String
        /// Seconds since 1970.
        var at: Int64?
        var zone = 0
        var text: String?
        var data: [UInt8]?
        /// Part and count.
        var part: [Int]?

        var testDescription: String { "\(source): \(text ?? "data")" }
    }

    /// ModemManager's `src/tests/test-sms-part-3gpp.c` (commit 03223fe7), dreamfabric's GSM 03.40 tutorial, pygsm's test
    /// messages, warthog618/modem's `gsm/gsm_test.go`.
    static let rows: [Row] = [
        Row(
            source: "ModemManager pdu1",
            line: "07912104442961F4040B916171957291F80000112082110505"
                + "0A6AC8B2BC7C9A83C220F6DB7D2ECB41EDF27C1E3E97411BDE06"
                + "754FD3D1A0F9BB5D0695F1F4B29B5C2683C6E8B03C3CA697E5F34D6AE303D1D1F2F7DD0D4ABB59A0797D8C0685E7A000"
                + "28EC26832A960B28EC2683BE6050780EBA97D96C17",
            centre: "+12404492164",
            sender: "+16175927198",
            at: 1_298_911_850,
            zone: -300,
            text:
                "Here's a longer message [{with some extended characters}] thrown in, such as £ and ΩΠΨ and §¿ as well."
        ),
        Row(
            source: "ModemManager pdu2",
            line: "07919730071111F10414D04937BD2C7797E9D3E614000811309291024061080442043504410442",
            centre: "+79037011111",
            sender: "InternetSMS",
            at: 1_301_412_004,
            zone: 240,
            text: "тест"
        ),
        Row(
            source: "ModemManager pdu3",
            line: "07912143658709F1040B918100551512F200001110102143650" + "00AE8329BFD4697D9EC37",
            centre: "+12345678901",
            sender: "+18005551212",
            at: 1_293_885_296,
            text: "hellohello"
        ),
        Row(
            source: "ModemManager pdu3_nzpid",
            line: "07912143658709F1040B918100551512F2FF001110102143650" + "00AE8329BFD4697D9EC37",
            centre: "+12345678901",
            sender: "+18005551212",
            at: 1_293_885_296,
            text: "hellohello"
        ),
        Row(
            source: "ModemManager pdu3_natl",
            line: "07912143658709F1040B818100551512F200001110102143650" + "00AE8329BFD4697D9EC37",
            centre: "+12345678901",
            sender: "18005551212",
            at: 1_293_885_296,
            text: "hellohello"
        ),
        Row(
            source: "ModemManager pdu3_8bit",
            line: "07912143658709F1040B918100551512F200041110102143650" + "00AE8329BFD4697D9EC37DE",
            centre: "+12345678901",
            sender: "+18005551212",
            at: 1_293_885_296,
            data: [0xE8, 0x32, 0x9B, 0xFD, 0x46, 0x97, 0xD9, 0xEC, 0x37, 0xDE]
        ),
        Row(
            source: "ModemManager pdu_dcsf1",
            line: "0791330609109" + "3F00404858100"
                + "00F111604231805180A049B7F90D9A1AA5A01668F8769BD3E4B29B9E2EB359A03F"
                + "C85D06A9C3ED707A0EA2CBC3EE79BB4CA7CBCBA05643617DA7C76990FD4D979741EE77DD5E0ED741ED371D442E83E0E1F9"
                + "BC0CD281E677D9B84C06C1DF7539E85C9097E520FB9B2E2F83C6EF369C5E064D8D52D0BC2E07DDEF77D7DC2C7799E5A077"
                + "1D040FCB41F402BB0047BFDD6550B80ECAD966",
            centre: "+33609001390",
            sender: "1800",
            at: 1_308_913_695,
            zone: 120,
            text:
                "Info SFR - Confidentiel, à ne jamais transmettre -\r\nVoici votre nouveau mot de passe : sw2ced pour "
                + "gérer votre compte SFR sur www.sfr.fr ou par téléphone au 963"
        ),
        Row(
            source: "ModemManager pdu_udhi",
            line: "07911356131313F64004850120390011609232239180A006080400100201D7327BFD6EB340E2321BF46E83EA7790F59D1E97"
                + "DBE1341B442F83C465763D3DA797E56537C81D0ECB41AB59CC1693C16031D96C064241E5656838AF03A96230982A269BCD"
                + "462917C8FA4E8FCBED709A0D7ABBE9F6B0FB5C7683D27350984D4FABC9A0B33C4C4FCF5D20EBFB2D079DCB62793DBD06D9"
                + "C36E50FB2D4E97D9A0B49B5E96BBCB",
            centre: "+31653131316",
            sender: "1002",
            at: 1_309_383_139,
            zone: 120,
            text: "Welkom, bel om uw Voicemail te beluisteren naar +31612001233 (PrePay: *100*1233#). Voicemail "
                + "ontvangen is altijd gratis. Voor gebruik van mobiel interne",
            part: [1, 2]
        ),
        Row(
            source: "ModemManager multipart 1",
            line: "07912160130320F5440B916171056429F5000021405291650569A00500034C0201A9E8F41C949E83C2207B599E07B1DFEE33"
                + "885E9ED341E4F23C7D7697C920FA1B54C697E5E3F4BC0C6AD7D9F434081E96D341E3303C2C4EB3D3F4BC0B94A483E6E877"
                + "9D4D06CDD1EF3BA80E0785E7A0B7BB0C6A97E7F3F0B9CC02B9DF7450780EA2DFDF2C50780EA2A3CBA0BA9B5C96B3F369F7"
                + "1954768FDFE4B4FB0C9297E1F2F2BCECA6CF41",
            centre: "+12063130025",
            sender: "+16175046925",
            at: 1_335_398_210,
            zone: -240,
            text: "This is a very long test designed to exercise multi part capability. It should show up as one "
                + "message, not as two, as the underlying encoding represents ",
            part: [1, 2]
        ),
        Row(
            source: "ModemManager multipart 2",
            line: "07912160130320F6440B916171056429F5000021405291651569320500034C0202E9E8301D44479741F0B09C3E0785E56590"
                + "BCCC0ED3CB6410FD0D7ABBCBA0B0FB4D4797E52E10",
            centre: "+12063130026",
            sender: "+16175046925",
            at: 1_335_398_211,
            zone: -240,
            text: "that the parts are related to one another. ",
            part: [2, 2]
        ),
        Row(
            source: "dreamfabric.com/sms",
            line: "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37",
            centre: "+27381000015",
            sender: "27838890001",
            at: 922_713_419,
            zone: 120,
            text: "hellohello"
        ),
        Row(
            source: "pygsm",
            line: "07912180958729F6040B814151733717F500009070102230438A02D937",
            centre: "+12085978926",
            sender: "14153773715",
            text: "Yo"
        ),
        Row(
            source: "pygsm, UCS-2",
            line: "0791227167830001040C912271271640910008906012024514001C002E004020AC00A300680065006C006C006F002000E900"
                + "EC006B00F0",
            centre: "+221776380010",
            sender: "+221772610419",
            text: ".@€£hello éìkð"
        ),
        Row(
            source: "warthog618/modem",
            line: "00040B911234567890F000000250100173832305C8329BFD06",
            sender: "+21436587090",
            text: "Hello"
        ),
    ]

    @Test("what others have written down of their messages is read so here", arguments: rows)
    func vector(_ row: Row) throws {
        guard case .deliver(let message) = try ReceivedTPDU(line: row.line) else {
            Issue.record("it is no message")
            return
        }
        #expect(message.centre == row.centre)
        #expect(message.sender.text == row.sender)
        if let at = row.at { #expect(message.at?.seconds == at && message.at?.zone == row.zone) }
        #expect(message.userData.text == row.text)
        if let data = row.data { #expect(message.userData.content == .data(data)) }
        let part = message.userData.header.part.map { [Int($0.place), Int($0.count)] }
        #expect(part == row.part)
    }

    @Test("a report of ModemManager's tests is read as delivered")
    func report() throws {
        // test_pdu_not_stored: first octet 06, reference 5A.
        let line = "07914356060013F1065A098136397339F72190117004638021901170046380" + "00"
        guard case .statusReport(let report) = try ReceivedTPDU(line: line) else {
            Issue.record("it is no report")
            return
        }
        #expect(report.reference == 0x5A)
        #expect(report.recipient == .number("639337937"))
        #expect(report.at?.seconds == 1_347_342_036)
        #expect(report.outcome == .delivered)
    }

    @Test("a length that says more than is there leaves what is there", arguments: ["0B", "A0", "FF"])
    func wrongLength(_ length: String) throws {
        let line = "07912143658709F1040B918100551512F20000111010214365000" + ""
        let whole = String(line.dropLast()) + length + "E8329BFD4697D9EC37"
        guard case .deliver(let message) = try ReceivedTPDU(line: whole) else {
            Issue.record("it is no message")
            return
        }
        #expect(message.userData.text?.hasPrefix("hellohello") == true)
    }

    @Test(
        "what ends too early is refused",
        arguments: ["", "07", "0791", "07912143658709F104", "00040B9112345678", "0G"]
    )
    func tooShort(_ line: String) {
        #expect(throws: TPDUError.self) { try ReceivedTPDU(line: line) }
    }

    @Test(
        "a text is written as the tutorial of dreamfabric has it",
        arguments: [("+46708251358", "hellohello", "0011000B916407281553F80000A70AE8329BFD4697D9EC37")]
    )
    func submit(_ number: String, _ text: String, _ line: String) throws {
        let message = try OutgoingMessage(text, to: number, reference: 1, wantsReport: false)
        #expect(message.parts.map(\.line) == [line])
        #expect(message.parts.first?.length == 23)
    }

    @Test(
        "USSD texts are read in every form",
        arguments: [
            // python-gsmmodem, chan_dongle's tests, gammu's dump of an E160.
            ("Available Balance: R 96.45 .", 15, false, "Available Balance: R 96.45 ."),
            ("CF2135487D2E4130572D0682BB1A", 1, true, "OCTATOK 0.51 p."),
            ("003100320033", 0x48, false, "123"),
            ("12345678", 15, false, "12345678"),
            // UCS-2 that firmware calls seven-bit, and words that only look like digits.
            ("0047007500740068006100620065006E003A00200031002C0032003020AC", 15, false, "Guthaben: 1,20€"),
            ("04110430043B0430043D0441003A002000310030", 15, false, "Баланс: 10"),
            ("DEADBEEF", 15, false, "DEADBEEF"), ("00493012", 15, false, "00493012"),
            ("", 15, false, ""),
        ] as [(String, UInt8, Bool, String)]
    )
    func ussd(_ text: String, _ coding: UInt8, _ isPacked: Bool, _ expected: String) {
        let read = USSDText.decode(text, coding: coding, isPacked: isPacked)
        #expect(read == expected)
    }

    @Test("a code is packed as chan_dongle does")
    func packed() { #expect(USSDText.packed("*100#") == "AA180C3602") }

    @Test(
        "a text as it is has the codes of the seven-bit alphabet under +CSCS=\"GSM\" (27.007 5.5, 23.038 6.2.1)",
        arguments: [
            ("betr{gt 10,50 \u{1B}e", "beträgt 10,50 €"), ("gr}~e", "grñüe"), ("@Recarga\u{0}!", "¡Recarga@!"),
            // Firmware that writes ASCII all the same.
            ("info@example.net", "info@example.net"), ("cost: $5 {x}", "cost: $5 {x}"), ("a_b [1]", "a_b [1]"),
            ("schön {", "schön {"),
        ]
    )
    func codes(_ text: String, _ expected: String) {
        #expect(USSDText.decode(text, coding: 15, isPacked: false, isSevenBit: true) == expected)
        #expect(USSDText.decode(text, coding: 15, isPacked: false) == text)
    }
}
