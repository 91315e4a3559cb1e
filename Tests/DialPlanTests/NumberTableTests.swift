import DialPlan
import Testing

/// One line of ``numberTable``.
struct TableRow: Sendable, CustomTestStringConvertible {
    struct Meaning: Sendable, Equatable {
        var numberClass: String
        var type: String
        var e164: String?
        var national: String
    }

    var region: String
    var typed: String
    var meaning: Meaning?
    var isAllowed: Bool

    init?(_ line: Substring) {
        let columns = line.split(separator: "|").map { String($0.trimming(" ")) }
        guard columns.count == 3 || columns.count == 7 else { return nil }
        region = columns[0]
        typed = columns[1]
        isAllowed = columns.last == "yes"
        if columns.count == 7 {
            meaning = Meaning(
                numberClass: columns[2],
                type: columns[3],
                e164: columns[4] == "-" ? nil : columns[4],
                national: columns[5]
            )
        }
    }

    var testDescription: String { "\(region) \(typed)" }
}

extension Substring {
    fileprivate func trimming(_ character: Character) -> Substring {
        var rest = drop { $0 == character }
        while rest.last == character { rest.removeLast() }
        return rest
    }
}

@Suite("Numbers of many countries")
struct NumberTableTests {
    static let lines = numberTable.split(separator: "\n").filter { !$0.trimming(" ").hasPrefix("#") }
    static let rows = lines.compactMap(TableRow.init)

    @Test("the table is read whole")
    func whole() {
        #expect(Self.rows.count == Self.lines.count)
        #expect(Self.rows.count >= 300)
        #expect(Set(Self.rows.map(\.region)).count >= 6)
    }

    @Test("a number has its class, its type and all its forms", arguments: rows)
    func meaning(row: TableRow) throws {
        let region = try Region(code: row.region)
        guard let expected = row.meaning else {
            #expect(throws: NumberError.self) { try PhoneNumber(typed: row.typed, region: region) }
            return
        }
        let number = try PhoneNumber(typed: row.typed, region: region)
        let found = TableRow.Meaning(
            numberClass: number.numberClass.rawValue,
            type: number.type.rawValue,
            e164: number.e164,
            national: number.formatted(.national).text
        )
        #expect(found == expected)
        #expect(number.formatted(.plusE164).text == expected.e164.map { "+" + $0 } ?? expected.national)
        #expect(number.formatted(.international00).text == expected.e164.map { "00" + $0 } ?? expected.national)
        #expect(number.formatted(.e164).text == expected.e164 ?? expected.national)
        for format in NumberFormat.allCases {
            let verdict = DialPolicy().verdict(on: number, as: format)
            #expect(verdict.isAllowed == row.isAllowed, "\(format): \(verdict.reason)")
        }
    }

    @Test("what goes on the wire is read back as the same number", arguments: rows)
    func wire(row: TableRow) throws {
        let region = try Region(code: row.region)
        guard row.meaning != nil else { return }
        let number = try PhoneNumber(typed: row.typed, region: region)
        for format in [NumberFormat.national, .plusE164] {
            let again = try PhoneNumber(typed: number.formatted(format).text, region: region)
            if row.isAllowed {
                #expect(again.isSameNumber(as: number))
                #expect(again.numberClass == number.numberClass)
            } else {
                // Behind the country code some special numbers can't be told from short ones; neither passes.
                #expect(!DialPolicy().verdict(on: again, as: format).isAllowed)
            }
        }
    }

    @Test("many threads may read numbers at once")
    func threads() async {
        let counts = await withTaskGroup(of: Int.self) { group in
            for offset in 0..<8 {
                group.addTask { @concurrent in
                    let rows = Self.rows.dropFirst(offset * 13) + Self.rows.prefix(offset * 13)
                    return rows.count { row in
                        guard let region = try? Region(code: row.region) else { return false }
                        let number = try? PhoneNumber(typed: row.typed, region: region)
                        return number?.e164 == row.meaning?.e164
                            && number?.numberClass.rawValue == row.meaning?.numberClass
                    }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(counts == Array(repeating: Self.rows.count, count: 8))
    }
}
