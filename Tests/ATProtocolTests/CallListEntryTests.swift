import ATProtocol
import CallModel
import Testing

@Suite struct CallListEntryTests {
    private static func entry(
        _ index: Int,
        _ direction: CallDirection,
        _ state: CallListEntry.State,
        mode: Int = 0,
        multiparty: Bool = false,
        _ number: String? = nil
    ) -> CallListEntry {
        CallListEntry(
            index: index,
            direction: direction,
            state: state,
            mode: mode,
            multiparty: multiparty,
            number: number
        )
    }

    static let calls: [(line: ATLine, entry: CallListEntry)] = [
        ("+CLCC: 1,1,0,0,0,\"123456789\",161", entry(1, .incoming, .active, "123456789")),
        ("+CLCC: 1,1,4,0,0,\"123456789\",129,\"\",,0", entry(1, .incoming, .incoming, "123456789")),
        ("+CLCC: 1,1,0,0,1", entry(1, .incoming, .active, multiparty: true)),
        ("+CLCC: 2,1,0,0,1,\"123456789\",161", entry(2, .incoming, .active, multiparty: true, "123456789")),
        ("+CLCC: 3,1,0,0,1,\"987654321\",161,\"Alice\"", entry(3, .incoming, .active, multiparty: true, "987654321")),
        ("+CLCC: 4,1,0,0,1,\"000000000\",161,\"Bob\",1", entry(4, .incoming, .active, multiparty: true, "000000000")),
        ("+CLCC: 5,1,5,0,0,\"555555555\",161,\"Mallory\",2,0", entry(5, .incoming, .waiting, "555555555")),
        ("+CLCC: 1,1,4,0,0,\"987654321\",161", entry(1, .incoming, .incoming, "987654321")),
        ("+CLCC: 2,1,4,1,0,\"123456789\",161", entry(2, .incoming, .incoming, mode: 1, "123456789")),
        ("+CLCC: 3,1,4,2,0,\"000000000\",161", entry(3, .incoming, .incoming, mode: 2, "000000000")),
        ("+CLCC: 4,1,4,3,0,\"111111111\",161", entry(4, .incoming, .incoming, mode: 3, "111111111")),
        ("+CLCC: 5,1,4,4,0,\"222222222\",161", entry(5, .incoming, .incoming, mode: 4, "222222222")),
        ("+CLCC: 6,1,4,5,0,\"333333333\",161", entry(6, .incoming, .incoming, mode: 5, "333333333")),
        ("+CLCC: 7,1,4,6,0,\"444444444\",161", entry(7, .incoming, .incoming, mode: 6, "444444444")),
        ("+CLCC: 8,1,4,7,0,\"555555555\",161", entry(8, .incoming, .incoming, mode: 7, "555555555")),
        ("+CLCC: 9,1,4,8,0,\"666666666\",161", entry(9, .incoming, .incoming, mode: 8, "666666666")),
        ("+CLCC: 10,1,4,9,0,\"777777777\",161", entry(10, .incoming, .incoming, mode: 9, "777777777")),
        ("+CLCC: 1,1,0,0,0", entry(1, .incoming, .active)),
        ("+CLCC: 3,1,0,0,0,\"987654321\",161,\"Alice\"", entry(3, .incoming, .active, "987654321")),
        ("+CLCC: 2,1,5,0,0,\"987654321\",161", entry(2, .incoming, .waiting, "987654321")),
        ("+CLCC: 1,1,4,0,0,\"\",145", entry(1, .incoming, .incoming)),
        ("+CLCC: 1,1,4,0,0,\"+79139131234\",145", entry(1, .incoming, .incoming, "+79139131234")),
        ("+CLCC: 1,1,4,0,0,\"0079139131234\",145", entry(1, .incoming, .incoming, "+79139131234")),
        ("+CLCC: 1,1,4,0,0,\"+7913913ABCA\",145", entry(1, .incoming, .incoming, "+7913913ABCA")),
        ("+CLCC: 1,0,2,0,0,\"{0}\",129", entry(1, .outgoing, .dialing, "{0}")),
        ("+CLCC: 1,0,0,0,0,\"{0}\",129", entry(1, .outgoing, .active, "{0}")),
        ("+CLCC: 1,1,4,0,0,\"13900000000\",129", entry(1, .incoming, .incoming, "13900000000")),
        ("+CLCC: 1,0,0,0,0,\"10000\",129", entry(1, .outgoing, .active, "10000")),
        ("+CLCC: 1,0,2,0,0,\"phone_number\",129,\"\"", entry(1, .outgoing, .dialing, "phone_number")),
        ("+CLCC: 1,0,3,0,0,\"13801000841\",129", entry(1, .outgoing, .alerting, "13801000841")),
        ("+CLCC: 1,0,0,0,0", entry(1, .outgoing, .active)),
        ("+CLCC: 1,0,2,0,0,\"1455\",129,\"\"", entry(1, .outgoing, .dialing, "1455")),
        ("+CLCC: 1,0,6,0,0,\"1455\",129,\"\"", entry(1, .outgoing, .disconnected, "1455")),
        ("+CLCC:1,0,1,0,0,4930123456,145", entry(1, .outgoing, .held, "+4930123456")),
        ("+CLCC: 1,0,3", entry(1, .outgoing, .alerting)),
    ]

    @Test("a line of the call list is read, asked for or not", arguments: calls)
    func readsCall(_ row: (line: ATLine, entry: CallListEntry)) {
        #expect(CallListEntry(clcc: row.line) == row.entry)
        #expect(Indication(row.line) == .listed(row.entry))
    }

    static let cinterion: [(line: ATLine, entry: CallListEntry)] = [
        ("^SLCC: 1,1,0,0,0,0,\"123456789\",161", entry(1, .incoming, .active, "123456789")),
        ("^SLCC: 1,1,0,0,1,0", entry(1, .incoming, .active, multiparty: true)),
        ("^SLCC: 2,1,0,0,1,0,\"123456789\",161", entry(2, .incoming, .active, multiparty: true, "123456789")),
        ("^SLCC: 3,1,0,0,1,0,\"987654321\",161,\"Alice\"", entry(3, .incoming, .active, multiparty: true, "987654321")),
        ("^SLCC: 2,1,5,0,0,0,\"987654321\",161", entry(2, .incoming, .waiting, "987654321")),
    ]

    @Test("a line of Cinterion's call list is read, asked for or not", arguments: cinterion)
    func readsCinterion(_ row: (line: ATLine, entry: CallListEntry)) {
        #expect(CallListEntry(slcc: row.line) == row.entry)
        #expect(Indication(row.line) == .listed(row.entry))
    }

    static let others: [ATLine] = [
        "+CLCC: ", "+CLCC: (0-1)", "+CLCC: 1", "+CLCC: 1,0", "+CLCC: 1,2,0,0,0", "+CLCC: 1,0,7,0,0",
        "+CLCC: 1,0,-1,0,0",
        "+CLCC: -1,0,0,0,0", "+CLCC: x,0,0", "+CLCC 1,0,0,0,0", "^SLCC: 1,1,0,0,0,0", "CLCC: 1,0,0,0,0",
    ]

    @Test("what is no line of the call list is none", arguments: others)
    func rejects(_ line: ATLine) {
        #expect(CallListEntry(clcc: line) == nil)
    }

    @Test("people talk in modes 0 and 3 to 5 only")
    func knowsVoice() {
        let voice = (0...9).filter { Self.entry(1, .incoming, .active, mode: $0).isVoice }
        #expect(voice == [0, 3, 4, 5])
    }
}
