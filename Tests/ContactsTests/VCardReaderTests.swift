import CallModel
import Contacts
import DialPlan
import Testing

@Suite("vCards")
struct VCardReaderTests {
    private static func read(_ text: String) -> VCardReader { VCardReader(Array(text.utf8)) }

    private static func card(_ lines: String...) -> String {
        (["BEGIN:VCARD", "VERSION:3.0"] + lines + ["END:VCARD", ""]).joined(separator: "\r\n")
    }

    struct Vector: Sendable, CustomTestStringConvertible {
        let what: String
        let lines: [String]
        let name: String
        let numbers: [String]
        var testDescription: String { what }

        init(_ what: String, _ lines: [String], _ name: String, _ numbers: String...) {
            (self.what, self.lines, self.name, self.numbers) = (what, lines, name, numbers)
        }
    }

    private static let vectors: [Vector] = [
        Vector(
            "3.0",
            ["FN:Anna Beispiel", "TEL;TYPE=CELL,VOICE:+49 170 1234567"],
            "Anna Beispiel",
            "+49 170 1234567 mobile"
        ),
        Vector(
            "4.0 with an address",
            ["FN:Anna", "TEL;VALUE=uri;TYPE=\"voice,work\":tel:+49-221-669669;ext=12"],
            "Anna",
            "+49221669669 work"
        ),
        Vector(
            "groups and labels",
            ["FN:Anna", "item1.TEL:030123456", "item1.X-ABLabel:_$!<Home>!$_"],
            "Anna",
            "030123456 home"
        ),
        Vector(
            "an address with its context",
            [
                "FN:A", "TEL;VALUE=uri:tel:123469;phone-context=+4930",
                "TEL;VALUE=uri:tel:030-1234;phone-context=+49;ext=5",
                "TEL:tel:0158858;phone-context=+43", "TEL:123469;phone-context=+4930",
                "TEL;VALUE=uri:tel:+49-221-669669;postd=pp22", "TEL;VALUE=uri:tel:030123456",
            ],
            "A",
            "+4930123469",
            "+49301234",
            "+43158858",
            "+4930123469",
            "+49221669669",
            "030123456"
        ),
        Vector(
            "Apple's, Google's and Outlook's faxes",
            [
                "FN:A", "item1.TEL;type=WORK;type=FAX:030111111", "item1.X-ABLabel:_$!<WorkFAX>!$_",
                "item2.TEL:030222222", "item2.X-ABLabel:Work Fax", "item3.TEL;TYPE=FAX:030333333",
                "item3.X-ABLabel:Büro", "TEL;WORK;FAX:030444444", "TEL;TYPE=HOMEFAX:030555555",
                "item4.TEL:030666666", "item4.X-ABLabel:_$!<Main>!$_",
            ],
            "A",
            "030111111 work fax",
            "030222222 work fax",
            "030333333 büro fax",
            "030444444 fax",
            "030555555 fax",
            "030666666"
        ),
        Vector(
            "character sets of Europe and Japan",
            [
                "FN;CHARSET=WINDOWS-1252;ENCODING=QUOTED-PRINTABLE:=8A=80 =93x=94",
                "ORG;CHARSET=ISO-8859-2;ENCODING=QUOTED-PRINTABLE:=A3=F3d=BC",
                "TEL:030123456",
            ],
            "Š€ “x”",
            "030123456"
        ),
        Vector("folded lines", ["FN:Anna Bei", " spiel", "TEL:0301", "\t23456"], "Anna Beispiel", "030123456"),
        Vector(
            "escapes",
            ["FN:Beispiel\\, Anna\\; Dr. \\\\ x\\nzwei", "TEL:030123456"],
            "Beispiel, Anna; Dr. \\ x zwei",
            "030123456"
        ),
        Vector("N alone", ["N:Beispiel;Anna;Maria;Dr.;", "TEL:030123456"], "Anna Maria Beispiel", "030123456"),
        Vector("an organization alone", ["ORG:Muster GmbH;Einkauf", "TEL:030123456"], "Muster GmbH", "030123456"),
        Vector("nothing but a number", ["TEL:030123456"], "030123456", "030123456"),
        Vector(
            "2.1 in quoted-printable",
            ["N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=", "=B6rg", "TEL;CELL;VOICE:0170123456"],
            "Jörg Müller",
            "0170123456 mobile"
        ),
        Vector(
            "Latin-1",
            ["FN;CHARSET=ISO-8859-1;ENCODING=QUOTED-PRINTABLE:M=FCller", "TEL:030123456"],
            "Müller",
            "030123456"
        ),
        Vector(
            "several numbers",
            ["FN:A", "TEL;TYPE=home:030123456", "TEL;TYPE=work,fax:030123457", "TEL;type=WORK:030123458"],
            "A",
            "030123456 home",
            "030123457 fax",
            "030123458 work"
        ),
        Vector("the first of several names", ["FN:Anna", "FN;ALTID=1:Анна", "TEL:030123456"], "Anna", "030123456"),
        Vector("lower case", ["fn:Anna", "tel;type=cell:030123456"], "Anna", "030123456 mobile"),
        Vector("a quoted colon", ["FN;X=\"a:b;c\":Anna", "TEL:030123456"], "Anna", "030123456"),
        Vector("a quote that is never closed", ["FN;X=\"a:Anna", "TEL:030123456"], "Anna", "030123456"),
        Vector(
            "an extension",
            ["FN:A", "TEL:+49 221 669669,12", "TEL:0221 669669 ext. 5", "TEL:0221 669669\\;12"],
            "A",
            "+49 221 669669",
            "0221 669669",
            "0221 669669"
        ),
        Vector(
            "control and direction characters",
            ["FN:An\u{1B}[2Jna\u{202E}x", "TEL:030123456"],
            "An [2Jnax",
            "030123456"
        ),
    ]

    @Test("a card is read as it is meant", arguments: vectors)
    func vector(_ vector: Vector) throws {
        for ending in ["\r\n", "\n"] {
            let text = (["BEGIN:VCARD", "VERSION:4.0"] + vector.lines + ["END:VCARD"]).joined(separator: ending)
            let reader = Self.read(text)
            #expect(reader.problems == [])
            let contact = try #require(reader.contacts.first)
            #expect(contact.name == vector.name)
            #expect(contact.numbers.map { $0.number + ($0.label.map { " \($0)" } ?? "") } == vector.numbers)
        }
    }

    @Test(
        "a name is read in the character set that is named, and what is uncertain is told",
        arguments: [
            ("ISO-8859-2", [0xA3, 0xF3, 0x64, 0xBC], "Łódź", nil), ("iso_8859-15", [0xA4], "€", nil),
            ("Windows-1252", [0x80, 0x8A], "€Š", nil), ("latin1", [0x93, 0xFC], "“ü", nil),
            ("windows-1251", [0xC0, 0xED, 0xED, 0xE0], "Анна", nil), ("KOI8-R", [0xE1], "А", nil),
            ("Shift_JIS", [0x93, 0x63, 0x92, 0x86], "田中", nil), ("Shift_JIS", [0x95, 0x5C], "表", nil),
            ("EUC-JP", [0xC5, 0xC4], "田", nil), ("GB2312", [0xCD, 0xF5], "王", nil), ("Big5", [0xA4, 0xFD], "王", nil),
            ("EUC-KR", [0xB1, 0xE8], "김", nil), ("ISO-8859-7", [0xC1], "Α", nil),
            ("UTF-8", [0xC3, 0xBC], "ü", nil), (nil, [0xC3, 0xBC], "ü", nil),
            (nil, [0x4D, 0xFC], "Mü", "names no character set"), ("UTF-8", [0x4D, 0xFC], "Mü", "and is not"),
            ("X-OLD", [0x4D, 0xFC], "Mü", "'x-old' is not known"), ("X-OLD", [0x4D], "M", nil),
            ("ISO-8859-2//TRANSLIT", [0x4D], "M", nil), ("windows-1252", [0x4D, 0x81], "M\u{FFFD}", "no windows-1252"),
            ("Shift_JIS", [0x4D, 0x93], "M\u{FFFD}", "no shift_jis"),
        ] as [(String?, [UInt8], String, String?)]
    )
    func characterSets(label: String?, bytes: [UInt8], name: String, doubt: String?) throws {
        let head = "BEGIN:VCARD\r\nVERSION:2.1\r\nFN" + (label.map { ";CHARSET=\($0)" } ?? "")
        for isQuoted in [false, true] {
            let hex = bytes.map { "=" + ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
            let value = isQuoted ? Array((";ENCODING=QUOTED-PRINTABLE:" + hex).utf8) : Array(":".utf8) + bytes
            let reader = VCardReader(Array(head.utf8) + value + Array("\r\nTEL:030123456\r\nEND:VCARD\r\n".utf8))
            #expect(reader.contacts.map(\.name) == [name])
            #expect(reader.problems.map(\.line) == (doubt == nil ? [] : [3]))
            #expect(reader.problems.first?.reason.contains(doubt ?? "") ?? (doubt == nil))
        }
    }

    @Test("a file of UTF-16, and one whose lines end in CR alone, are named")
    func strangeForms() {
        let card = Self.card("FN:A", "TEL:030123456")
        let wide = card.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        let swapped = card.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
        for bytes in [wide, swapped, [0xFF, 0xFE] + wide, [0xFE, 0xFF] + swapped] {
            let reader = VCardReader(bytes)
            #expect(reader.contacts.isEmpty)
            #expect(reader.problems.map(\.line) == [1])
            #expect(reader.problems.first?.reason.contains("UTF-16") == true)
        }
        let reader = VCardReader(card.utf8.filter { $0 != 0x0A })
        #expect(reader.contacts.isEmpty)
        #expect(reader.problems.count == 1 && reader.problems[0].reason.contains("CR alone"))
    }

    @Test("a byte order mark, blank lines and pictures don't disturb")
    func around() {
        let picture = "PHOTO;ENCODING=b;TYPE=JPEG:" + String(repeating: "A", count: 300_000)
        let text =
            "\u{FEFF}" + Self.card("FN:A", picture, " AAAA", "TEL:030123456") + "\r\n\r\n"
            + Self.card("FN:B", "EMAIL:b@c")
        let reader = Self.read(text)
        #expect(reader.contacts.map(\.name) == ["A"])
        #expect(reader.problems.map(\.line) == [10])
        #expect(reader.cards == 2)
    }

    @Test(
        "whoever can't be called, and a file that is none, are told",
        arguments: [
            ("BEGIN:VCARD\nFN:Anna\nEMAIL:a@b\nEND:VCARD\n", 1, "the card of Anna has no number"),
            ("BEGIN:VCARD\nEMAIL:a@b\nEND:VCARD\n", 1, "the card has no number"),
            ("name,number\nAnna,030123456\n", 1, "BEGIN:VCARD"), ("", 1, "BEGIN:VCARD"),
            ("\u{0}\u{1}\u{2}\n\n", 1, "BEGIN:VCARD"),
        ]
    )
    func nobody(text: String, line: Int, words: String) {
        let reader = Self.read(text)
        #expect(reader.contacts.isEmpty)
        #expect(reader.problems.map(\.line) == [line])
        #expect(reader.problems.first?.reason.contains(words) == true)
    }

    @Test("a name that is too long is told, and the next best one is taken")
    func longName() {
        let reader = Self.read(
            Self.card("FN:" + String(repeating: "A", count: 17_000), "N:Beispiel;Anna;;;", "TEL:030123456")
        )
        #expect(reader.contacts.map(\.name) == ["Anna Beispiel"])
        #expect(reader.problems.map(\.line) == [3])
        #expect(reader.problems.first?.reason.contains("FN is longer") == true)
    }

    @Test(
        "what can't be read is skipped and told with its line, and the rest is read",
        arguments: [
            ("BEGIN:VCARD\nFN:A\nTEL:030123456\n", 1, "no end"),
            ("BEGIN:VCARD\nFN:A\nBEGIN:VCARD\nFN:B\nTEL:030123456\nEND:VCARD\n", 1, "no end"),
            ("FN:A\nEND:VCARD\n", 2, "never began"),
            ("BEGIN:VCARD\nFN:A\nTEL:*100#\nTEL:030123456\nEND:VCARD\n", 3, "service code"),
            ("BEGIN:VCARD\nFN:A\nTEL:\nTEL:030123456\nEND:VCARD\n", 3, "no number"),
            ("BEGIN:VCARD\nFN:A\nTEL;VALUE=uri:sip:a@b\nTEL:030123456\nEND:VCARD\n", 3, "address of a telephone"),
            (
                "BEGIN:VCARD\nFN:A\nTEL;VALUE=uri:tel:1234;phone-context=pbx.example\nTEL:030123456\nEND:VCARD\n",
                3, "private network"
            ),
            ("BEGIN:VCARD\nFN:A\nrubbish\nTEL:030123456\nEND:VCARD\n", 3, "NAME:value"),
        ]
    )
    func broken(text: String, line: Int, words: String) {
        let reader = Self.read(text + Self.card("FN:Z", "TEL:030123456"))
        #expect(reader.problems.first?.line == line)
        #expect(reader.problems.first?.reason.contains(words) == true)
        #expect(reader.contacts.last?.name == "Z")
    }

    @Test("no file is too large or too strange")
    func hostile() {
        var limits = VCardReader.Limits()
        limits.contacts = 2
        limits.numbers = 3
        let many = String(repeating: Self.card("FN:A", "TEL:030123456"), count: 5)
        let few = VCardReader(Array(many.utf8), limits: limits)
        #expect(few.contacts.count == 2)
        #expect(few.problemCount == 3)
        let numbers = VCardReader(
            Array(Self.card("FN:A", String(repeating: "TEL:030123456\r\n", count: 9) + "NOTE:x").utf8),
            limits: limits
        )
        #expect(numbers.contacts.first?.numbers.count == 3)
        limits.bytes = 10
        #expect(VCardReader(Array(many.utf8), limits: limits).contacts.isEmpty)
        var state: UInt64 = 7
        let alphabet = Array("BEGINVCARDTELFN:;=\"\\,\r\n \t.0+é\u{0}".utf8) + [0xFF, 0xC3]
        for _ in 0..<300 {
            var bytes = Array("BEGIN:VCARD\n".utf8)
            for _ in 0..<400 {
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                bytes.append(alphabet[Int(state >> 33) % alphabet.count])
            }
            bytes += Array(("\n" + Self.card("FN:Z", "TEL:030123456")).utf8)
            #expect(VCardReader(bytes).contacts.last?.name == "Z")
        }
    }

    @Test("the groups of a card are the contact's, and those of all who have a number are the number's")
    func groups() throws {
        let text =
            Self.card("FN:Anna", "CATEGORIES:Family,My  friends", "TEL:+49301234567")
            + Self.card("FN:Ben", "CATEGORIES:Work", "TEL:+49301234567") + Self.card("FN:Carl", "TEL:+49301234568")
        let contacts = Self.read(text).contacts
        #expect(contacts.map(\.groups) == [["Family", "My friends"], ["Work"], nil])
        let book = ContactBook(contacts, region: try Region(code: "DE"))
        #expect(book.groups(of: "+49301234567") == ["Family", "My friends", "Work"])
        #expect(book.groups(of: "+49301234568").isEmpty)
    }
}
