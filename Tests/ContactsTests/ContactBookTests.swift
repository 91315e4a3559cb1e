import CallModel
import Contacts
import DialPlan
import Testing

@Suite("The book of contacts")
struct ContactBookTests {
    private static func book() throws -> ContactBook {
        ContactBook(
            [
                Contact(
                    name: "Anna Beispiel",
                    numbers: [.init("+49 170 1234567", label: "mobile"), .init("0221 669669", label: "work")]
                ),
                Contact(name: "Jörg Müller", organization: "Muster GmbH", numbers: [.init("030 12345678")]),
                Contact(name: "Annabel Muster", organization: "Muster GmbH", numbers: [.init("030 12345678")]),
                Contact(name: "Éric O\u{2019}Neill", numbers: [.init("+33 1 23456789")]),
                Contact(
                    name: "Anna",
                    numbers: [.init("030 999999"), .init("+49 30 999999"), .init("030 999998", label: "fax")]
                ),
                Contact(
                    name: "Carl Zeiss",
                    numbers: [
                        .init("030 888881", label: "work"), .init("030 888882", label: "work fax"),
                        .init("030 888883", label: "Fax Büro"), .init("030 888884", label: "mobile work"),
                        .init("030 888885", label: "Telefax"), .init("030 888886", label: "2nd home"),
                    ]
                ),
            ],
            region: try Region(code: "DE")
        )
    }

    @Test(
        "a name means whom people mean by it",
        arguments: [
            ("Anna Beispiel mobile", ["+49 170 1234567"]), ("beispiel", ["+49 170 1234567", "0221 669669"]),
            ("ANNA BEISPIEL", ["+49 170 1234567", "0221 669669"]), ("bei ann work", ["0221 669669"]),
            ("Anna", ["030 999999"]), ("anna fax", ["030 999998"]), ("muller", ["030 12345678"]),
            ("Mueller", ["030 12345678"]),
            ("jorg", ["030 12345678"]), ("JÖRG", ["030 12345678"]), ("joerg mu", ["030 12345678"]),
            ("Jo\u{308}rg", ["030 12345678"]), ("eric oneill", ["+33 1 23456789"]), ("O'Neill", ["+33 1 23456789"]),
            ("nobody", []), ("anna anna anna", []), ("0301234", []), ("112", []), ("", []), ("+49", []),
            ("tel:112", []),
            ("nna", []), ("mobile", []),
            ("carl", ["030 888881", "030 888884", "030 888886"]), ("carl work", ["030 888881"]),
            ("carl work fax", ["030 888882"]), ("fax carl work", ["030 888882"]), ("zeiss fax büro", ["030 888883"]),
            ("zeiss Büro Fax", ["030 888883"]), ("carl buero fax", ["030 888883"]),
            ("carl work mobile", ["030 888884"]),
            ("carl mobile", ["030 888884"]), ("carl telefax", ["030 888885"]), ("carl 2nd home", ["030 888886"]),
            ("carl büro", []), ("carl fax", ["030 888882", "030 888883"]), ("work fax", []),
        ]
    )
    func resolve(text: String, numbers: [String]) throws {
        #expect(try Self.book().resolve(text).map(\.number.number) == numbers)
    }

    @Test("a caller has a name, and a number that several share has that of their organization")
    func callers() throws {
        let book = try Self.book()
        #expect(book.name(for: "+491701234567") == "Anna Beispiel")
        #expect(book.name(for: "49221669669") == "Anna Beispiel")
        #expect(book.name(for: "+493012345678") == "Muster GmbH")
        #expect(book.name(for: "+49301234567") == nil)
    }

    @Test(
        "the book is searched by words and by digits",
        arguments: [
            ("mus", ["Annabel Muster", "Jörg Müller"]),
            ("1234567", ["Anna Beispiel", "Annabel Muster", "Éric O\u{2019}Neill", "Jörg Müller"]),
            ("170", ["Anna Beispiel"]), ("49170", ["Anna Beispiel"]), ("xyz", []), ("12", []),
        ]
    )
    func search(query: String, names: [String]) throws {
        #expect(try Self.book().search(query).map(\.name) == names)
    }
}
