import ATProtocol
import Testing

@Suite struct RegistrationTests {
    typealias State = Registration.State
    typealias Row = (line: ATLine, domain: Registration.Domain, state: State, technology: Int?)

    /// Answers to a query: a mode stands in front of the state.
    static let answers: [Row] = [
        ("+CREG: 1,3", .circuit, .denied, nil),
        ("+CREG: 0,1", .circuit, .home, nil),
        ("+CREG: 0,6", .circuit, .messagesOnlyHome, nil),
        ("+CREG: 2,3", .circuit, .denied, nil),
        ("+CREG: 1,1,84CD,00D30173", .circuit, .home, nil),
        ("+CREG: 2,1,\"CE00\",\"01CEAD8F\"", .circuit, .home, nil),
        ("+CREG: 2,0,00,0", .circuit, .notRegistered, nil),
        ("+CREG:002,001,\"18d8\",\"ffff\"", .circuit, .home, nil),
        ("+CREG:2,1,0001,0010", .circuit, .home, nil),
        ("+CREG: 2,6,\"8B37\",\"0A265185\",7", .circuit, .messagesOnlyHome, 7),
        ("+CREG: 2,1,000B,2816, B, C2816", .circuit, .home, nil),
        ("+CREG: 2,1,  0 5, 2715", .circuit, .home, nil),
        ("+CREG: 2,5,\"2AF5\",\"0B88E350\",2", .circuit, .roaming, 2),
        ("+CREG: 2,1,4CA,81DE445", .circuit, .home, nil),
        ("+CREG: 0,1,\"5E25\",\"605F\"", .circuit, .home, nil),
        ("+CREG: 0,1,\"5E25\",\"605F\",2", .circuit, .home, 2),
        ("+CREG: 2,1,\"0B,\"0100701\",7", .circuit, .home, 7),
        ("+CREG: 2,1,\"5E25", .circuit, .home, nil),
        ("+CREG: 2,1,\"\",\"605F\"", .circuit, .home, nil),
        ("+CREG: 2,1,XXXX,AAAA", .circuit, .home, nil),
        ("+CREG: 2,1,9110,7E6", .circuit, .home, nil),
        ("+CGREG: 1,3", .packet, .denied, nil),
        ("+CGREG: 2,1,\"8BE3\",\"00002B5D\",3", .packet, .home, 3),
        ("+CGREG: 2,1, 81ED, 1A9CEB", .packet, .home, nil),
        ("+CGREG:002,0011,\"0f0d\",\"14c3\"", .packet, .other(11), nil),
        ("+CGREG: 2,1,\"2616\",\"DDAEA01\",7", .packet, .home, 7),
        ("+CEREG: 1,3", .evolved, .denied, nil),
        ("+CEREG: 2,1, 1F00, 79D903 ,7", .evolved, .home, 7),
        ("+CEREG: 2,10,\"8d83\",\"671f98a\",7", .evolved, .roamingNoFallback, 7),
        ("+CEREG: 1, 2, 0001, 00000100, 7", .evolved, .searching, 7),
        ("+CEREG: 2,1,\"2616\",\"DDAEA01\",7", .evolved, .home, 7),
        ("+CREG: 2,8", .circuit, .emergencyOnly, nil),
        ("+CREG: 2,9", .circuit, .homeNoFallback, nil),
    ]

    /// Reports that came unasked: the state stands first, a location area follows.
    static let reports: [Row] = [
        ("+CREG: 3", .circuit, .denied, nil),
        ("+CREG: 11", .circuit, .other(11), nil),
        ("+CREG: 5", .circuit, .roaming, nil),
        ("+CREG: 1", .circuit, .home, nil),
        ("+CREG: 1,84CD,00D30156", .circuit, .home, nil),
        ("+CREG: 1,84CD,00D30173", .circuit, .home, nil),
        ("+CREG: 11,\"33FE\",\"a3fb477\"", .circuit, .other(11), nil),
        ("+CREG: 2,,", .circuit, .searching, nil),
        ("+CREG: 001,\"0001\",\"0010\",000", .circuit, .home, 0),
        ("+CREG: 5,\"0502\",\"0404736D\",2", .circuit, .roaming, 2),
        ("+CREG: 1,0011,14C3,7", .circuit, .home, 7),
        ("+CREG: 1,0011,14C3", .circuit, .home, nil),
        ("+CGREG: 0", .packet, .notRegistered, nil),
        ("+CGREG: 5,\"0502\",\"0404736D\",2", .packet, .roaming, 2),
        ("+CGREG: 1,\"1422\",\"00000142\",3,\"00\"", .packet, .home, 3),
        ("+CEREG: 11, 78FE, 20 ,14419E ,7", .evolved, .other(11), 7),
        ("+CEREG: 10,\"8d83\",\"671f98a\",7", .evolved, .roamingNoFallback, 7),
    ]

    @Test("an answer is told from a report by what stands behind the first number", arguments: answers)
    func readsAnswer(_ row: Row) {
        let expected = Registration(domain: row.domain, state: row.state, technology: row.technology)
        #expect(ReplyForm.registration(row.domain).claims(row.line))
        #expect(Registration(reply: row.line, domain: row.domain) == expected)
        // An answer that comes too late for its query still means what it says.
        #expect(Indication(row.line) == .registration(expected))
    }

    @Test("a report is not taken for the answer of a query in flight", arguments: reports)
    func readsReport(_ row: Row) {
        let expected = Registration(domain: row.domain, state: row.state, technology: row.technology)
        #expect(!ReplyForm.registration(row.domain).claims(row.line))
        #expect(Registration(reply: row.line, domain: row.domain) == nil)
        #expect(Registration(unsolicited: row.line, domain: row.domain) == expected)
        #expect(Indication(row.line) == .registration(expected))
    }

    @Test("the domains are kept apart")
    func keepsDomains() {
        #expect(!ReplyForm.registration(.circuit).claims("+CEREG: 2,1"))
        #expect(!ReplyForm.registration(.evolved).claims("+CREG: 2,1"))
        #expect(Registration(reply: "+CGREG: 2,1", domain: .circuit) == nil)
        #expect(Registration(unsolicited: "+CGREG: 1", domain: .evolved) == nil)
    }

    @Test(
        "a report without a state is none",
        arguments: ["+CREG: ", "+CREG: (0-2)", "+CREG: \"1\"", "+CREG: -1"] as [ATLine]
    )
    func rejects(_ line: ATLine) {
        #expect(Registration(unsolicited: line, domain: .circuit) == nil)
        #expect(Registration(reply: line, domain: .circuit) == nil)
    }

    @Test("messages-only and emergency registrations do not count as registered")
    func knowsRegistered() {
        let registered = (0...11).filter { Registration(domain: .circuit, state: State($0)).isRegistered }
        #expect(registered == [1, 5, 9, 10])
    }
}
