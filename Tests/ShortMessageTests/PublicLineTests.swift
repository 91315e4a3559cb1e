import ShortMessage
import Testing

/// More lines that others have published, with sender, text and place.
///
/// From the tests of python-gsmmodem (`test/test_pdu.py`, 0423e91a), python-messaging, node-pdu, oFono (`test-sms.c`), Firefox OS
/// (`ril_worker`), Qualcomm's telsdk, and a capture of qrild. Each was decoded by a second, independent program before it came here.
@Suite struct PublicLineTests {
    struct Line: Sendable, CustomTestStringConvertible {
        var source: String
        var octets: String
        var sender: String
        var text: String
        /// Part and count.
        var part: [Int]?

        init(_ source: String, _ octets: String, sender: String, text: String, part: [Int]?) {
            (self.source, self.octets, self.sender, self.text, self.part) = (source, octets, sender, text, part)
        }

        var testDescription: String { "\(source): \(text)" }
    }

    static let lines: [Line] = [
        Line(
            "python-gsmmodem",
            "06917228195339040B917228214365F700003130805120618005D4F29C2E03",
            sender: "+27821234567",
            text: "Test2",
            part: nil
        ),
        Line(
            "python-gsmmodem",
            "07915892000000F0040B915892214365F700007040213252242331493A283D0795C3F33C88FE06C9CB6132885EC6D341"
                + "EDF27C1E3E97E7207B3A0C0A5241E377BB1D7693E72E",
            sender: "+85291234567",
            text: "It is easy to read text messages via AT commands.",
            part: nil
        ),
        Line(
            "python-gsmmodem",
            "06917228195339040B917228214365F70000313062315352800A800D8A5E98D337A910",
            sender: "+27821234567",
            text: "@{tést}!",
            part: nil
        ),
        Line(
            "python-gsmmodem",
            "0591721891F1400781721881F800003160526104848059050003C30101916536FB1DCABEEB2074D85E064941B19CAB06"
                + "0319A5C522289C96D3D3ED32286C0FA7D96131BBEC024941B19CAB0603DDD36C36A88C87A7E565D0DB0D82C55EB0DB4B"
                + "068BCD5C20",
            sender: "2781188",
            text: "Hello!You have R 19.50 FREE airtime available. R 19.50 will expire on 01/07/2013. ",
            part: [1, 1]
        ),
        Line(
            "python-messaging",
            "07911326040000F0040B911346610089F60000208062917314080CC8F71D14969741F977FD07",
            sender: "+31641600986",
            text: "How are you?",
            part: nil
        ),
        Line(
            "python-messaging",
            "07914306073011F0040B914316709807F2000880604290224080084E2D5174901A8BAF",
            sender: "+34610789702",
            text: "中兴通讯",
            part: nil
        ),
        Line(
            "python-messaging",
            "0791447758100650040C914497716247010000909010711423400A2050EC468B81C4733A",
            sender: "+447917267410",
            text: "  1741 bst",
            part: nil
        ),
        Line(
            "python-messaging",
            "07919471060040340409D0C6A733390400009060920173018093CC74595C96838C4F6772085AD6DDE4320B444E9741D4"
                + "B03C6D7EC3E9E9B71B9474D3CB727799DEA286CFE5B9991DA6CBC3F432E85E9793CBA0F09A9EB6A7CB72BA0B9474D3CB"
                + "727799DE72D6E9FABAFB0CBAA7E56490BA4CD7D34170F91BE4ACD3F575F7794E0F9F4161F1B92C2F8FD1EE32DD054AA2"
                + "E520E3D3991C82A8E5701B",
            sender: "FONIC",
            text: "Lieber FONIC Kunde, die Tarifoption Internet-Tagesflatrate wurde aktiviert. Internet-Nutzu"
                + "ng wird jetzt pro Nutzungstag abgerechnet. Ihr FONIC Team",
            part: nil
        ),
        Line(
            "python-messaging",
            "07919333852804000412D0F7FBDD454FB75D693A0000903002801153402BCD301E9F0605D9E971191483C140412A3569"
                + "0D52832063D2F9040599A058EE05A3BD6430580E",
            sender: "www.tim.it",
            text: "Maxxi Alice 100 ATTIVATA FINO AL 19/04/2009",
            part: nil
        ),
        Line(
            "python-messaging",
            "07919471227210244405852122F039F101506271217180A005000319020198E9B2B82C0759DFE4B0F9ED2EB7967537B9"
                + "CC02B5D37450122D2FCB41EE303DFD7687D96537881A96A7CD6F383DFD7683F46134BBEC064DD36550DA0D22A7CBF372"
                + "1BE42CD3F5A0198B56036DCA20B8FC0D6A0A4170767D0EAAE540433A082E7F83A6E5F93CFD76BB40D7B2DB0D9AA6CB20"
                + "72BA3C2F83926EF31BE44E8FD17450BB8C9683CA",
            sender: "12220",
            text: "Lieber Vodafone-Kunde, mit Ihrer nationalen Tarifoption zahlen Sie in diesem Netz 3,45 € p"
                + "ro MB plus 59 Ct pro Session. Wenn Sie diese Info nicht mehr e",
            part: [1, 2]
        ),
        Line(
            "python-messaging",
            "07919471227210244405852122F039F1015062712181804F050003190202E4E8309B5E7683DAFC319A5E76B340F73D9A"
                + "5D7683A6E93268FD9ED3CB6EF67B0E5AD172B19B2C2693C9602E90355D6683A6F0B007946E8382F5393BEC26BB00",
            sender: "12220",
            text: "rhalten möchten, wählen Sie kostenlos +4917212220. Viel Spaß im Ausland.",
            part: [2, 2]
        ),
        Line(
            "node-pdu",
            "07919730071111F1000B919746121611F10000811170021222230DC8329BFD6681EE6F399B1C02",
            sender: "+79642161111",
            text: "Hello, world!",
            part: nil
        ),
        Line(
            "node-pdu",
            "07919730071111F1000B919746121611F100008111700212222B0DC8329BFD6681EE6F399B1C02",
            sender: "+79642161111",
            text: "Hello, world!",
            part: nil
        ),
        Line(
            "node-pdu",
            "07919730071111F1000B919746121611F10000811170021222230A1B5E583C2697CD1B1F",
            sender: "+79642161111",
            text: "[abcdef]",
            part: nil
        ),
        Line(
            "node-pdu",
            "07919730071111F1000B919746121611F1000081117002122223081B14BD3CA76F52",
            sender: "+79642161111",
            text: "{test}",
            part: nil
        ),
        Line(
            "node-pdu",
            "07919730071111F1000B919746121611F100088111800212222318041F04400438043204350442002C0020043C043804"
                + "400021",
            sender: "+79642161111",
            text: "Привет, мир!",
            part: nil
        ),
        Line(
            "node-pdu",
            "07911326060032F0000DD0D432DBFC96D30100001121313121114012D7327BFC6E9741F437885A669BDF723A",
            sender: "Telfort",
            text: "Welcome to Telfort",
            part: nil
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F10000811170021222230E06080412340201C8329BFD6601",
            sender: "+79642161111",
            text: "Hello,",
            part: [1, 2]
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F10000811170021232230F06080412340202A0FB5BCE268700",
            sender: "+79642161111",
            text: " world!",
            part: [2, 2]
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F10000811170021222230B06080412350201C8340B",
            sender: "+79642161111",
            text: "Hi,",
            part: [1, 2]
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F10000811170021232230F06080412350202A0FB5BCE268700",
            sender: "+79642161111",
            text: " world!",
            part: [2, 2]
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F10000811170021222230E060804123403015774987E9A03",
            sender: "+79642161111",
            text: "What's",
            part: [1, 3]
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F10000811170021232230C06080412340302A03A9C05",
            sender: "+79642161111",
            text: " up,",
            part: [2, 3]
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F10000811170021242230D06080412340303A076D8FD03",
            sender: "+79642161111",
            text: " man?",
            part: [3, 3]
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F10000100161916223230D0500032E020190E175DD1D06",
            sender: "+79642161111",
            text: "Hakuna",
            part: [1, 2]
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F10000100161916233230E0500032E020240ED303D4C0F03",
            sender: "+79642161111",
            text: " matata",
            part: [2, 2]
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F100008111701222322342140A030004100A030606200A030E09400A031C0D80"
                + "C2379BCC0225E961767ACC0255DDE4B29C9D76974161371934A5CBD3EB321D2D7FD7CF6817",
            sender: "+79642161111",
            text: "Bold, Italic, Underline and Strikethrough.",
            part: nil
        ),
        Line(
            "node-pdu",
            "07919730071111F1400B919746121611F100008111701222822310050A03000410846F3619F476B3F3",
            sender: "+79642161111",
            text: "Bold only",
            part: nil
        ),
        Line(
            "node-pdu",
            "07919730071111F1000B919746121611F10010811170021222231054747A0E4ACF416190991D9EA343",
            sender: "+79642161111",
            text: "This is a flash!",
            part: nil
        ),
        Line(
            "oFono",
            "0791447758100650040DD0F334FC1CA6970100008080312170224008D4F29CDE0EA7D9",
            sender: "sipgate",
            text: "Testmail",
            part: nil
        ),
        Line(
            "Firefox OS",
            "0791889653784434040c91889678674542000011211181027023044f74380d",
            sender: "+886987765424",
            text: "Ohai",
            part: nil
        ),
        Line(
            "telsdk",
            "0791889653784434040A81909733347900003290705105052336B0986C46ABD96EB81C081693CD6835DB0D9703C162B2"
                + "19AD66BBE17220584C36A3D56C375C0E048BC966B49AED86CB01",
            sender: "0979334397",
            text: "0123456789 0123456789 0123456789 0123456789 0123456789",
            part: nil
        ),
        Line(
            "telsdk",
            "0791889653784434040A819097333479000032907051053523169B5E0830126C2826152A15596D509B948EE7FB01",
            sender: "0979334397",
            text: "~!@#$^&*()_+{}:<>?",
            part: nil
        ),
        Line(
            "telsdk",
            "0791889653784434040A8190973334790000329070510574234755779A0EA297E7749059FE6E83E86576D8DC8AB94055"
                + "779A0EA297E7749059FE6E83E86576D8DC92B94055779A0EA297E7749059FE6E83E86576D8DC9AB900",
            sender: "0979334397",
            text: "Unit test from telaf-1. Unit test from telaf-2. Unit test from telaf-3.",
            part: nil
        ),
        Line(
            "qrild",
            "00040B913366336322F80000629042418444800D411B13C47EBFE1207A794E07",
            sender: "+33663336228",
            text: "A6L loop test",
            part: nil
        ),
    ]

    @Test("what others have written down is read so here", arguments: lines + notes)
    func line(_ line: Line) throws {
        guard case .deliver(let message) = try ReceivedTPDU(line: line.octets) else {
            Issue.record("it is no message")
            return
        }
        #expect(message.sender.text == line.sender)
        #expect(message.userData.text == line.text)
        #expect(message.userData.header.part.map { [Int($0.place), Int($0.count)] } == line.part)
    }
}
