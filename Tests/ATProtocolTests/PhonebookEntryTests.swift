import ATProtocol
import Testing

@Suite("Phone book entries")
struct PhonebookEntryTests {
    @Test(
        "an entry is read in the character set that was chosen",
        arguments: [
            ("+CPBR: 1,\"+491701234567\",145,\"Anna\"", TerminalCharacters.ira, 1, "+491701234567", "Anna"),
            ("+CPBR: 2,\"491701234567\",145,\"0041006E006E0061\"", .ucs2, 2, "+491701234567", "Anna"),
            ("+CPBR: 3,\"030123456\",129,\"004D00FC006C006C00650072FFFFFFFF\"", .ucs2, 3, "030123456", "Müller"),
            ("+CPBR: 4,\"002B003400390031003700300031\",145,\"D83DDE00\"", .ucs2, 4, "+491701", "😀"),
            ("+CPBR: 5,\"030123456\",129,\"Not hex\"", .ucs2, 5, "030123456", "Not hex"),
            ("+CPBR: 6,\"030123456\",129,\"M~ller\"", .gsm, 6, "030123456", "Müller"),
            ("+CPBR: 7,\"030123456\",129,\"80004D00FC\"", .gsm, 7, "030123456", "Mü"),
            ("+CPBR: 8,\"112\",129,\"\",\"friends\",\"\",0", .gsm, 8, "112", ""),
        ]
    )
    func entry(line: String, characters: TerminalCharacters, index: Int, number: String, text: String) throws {
        let entry = try #require(PhonebookEntry(cpbr: ATLine(line), in: characters))
        #expect(entry == PhonebookEntry(index: index, number: number, text: text))
    }

    @Test(
        "what is no entry is none",
        arguments: [
            "", "OK", "+CPBR:", "+CPBR: x,\"1\",129,\"a\"", "+CPBR: 1,\"\",129,\"a\"", "+CPBF: 1,\"1\",129,\"a\"",
        ]
    )
    func none(line: String) {
        #expect(PhonebookEntry(cpbr: ATLine(line), in: .gsm) == nil)
    }

    @Test(
        "the places of a card",
        arguments: [
            ("+CPBR: (1-250),40,20", 1, 250), ("+CPBR: (1,250),40,20", 1, 1), ("+CPBR: (1-99999),20,14", 1, 1000),
        ]
    )
    func places(line: String, first: Int, last: Int) throws {
        let places = try #require(PhonebookEntry.places(ATLine(line)))
        #expect(places.lowerBound == first)
        #expect(places.upperBound == last)
    }
}
