extension Registration {
    /// Reads the answer to a query, `+CREG: <n>,<stat>[,<lac>,<ci>[,<AcT>…]]`, for one domain (27.007 §7.2).
    ///
    /// Returns nil for the line of another domain and for the unsolicited form, which has no `<n>`.
    package init?(reply line: ATLine, domain: Domain) {
        let report = line.withBytes { bytes -> Registration? in
            guard let body = bytes.body(of: domain.name) else { return nil }
            let fields = Fields(body)
            return Self.isAnswer(fields) ? Registration(fields, domain: domain, stateAt: 1) : nil
        }
        guard let report else { return nil }
        self = report
    }

    /// Reads `+CREG: <stat>[,<lac>,<ci>[,<AcT>…]]` as it comes unasked, for one domain.
    ///
    /// A line in the shape of an answer (one that came too late for its query) is read as an answer.
    package init?(unsolicited line: ATLine, domain: Domain) {
        let report = line.withBytes { bytes in
            bytes.body(of: domain.name).flatMap { Registration(unsolicited: Fields($0), domain: domain) }
        }
        guard let report else { return nil }
        self = report
    }

    init?(unsolicited fields: Fields, domain: Domain) {
        self.init(fields, domain: domain, stateAt: Self.isAnswer(fields) ? 1 : 0)
    }

    private init?(_ fields: Fields, domain: Domain, stateAt index: Int) {
        guard !fields[index].isQuoted, let number = fields[index].int, number >= 0 else { return nil }
        self.init(domain: domain, state: State(number), technology: Self.technology(fields, from: index + 3))
    }

    /// Tells an answer from an unsolicited report, which differ only by the `<n>` in front.
    ///
    /// An answer's first value is a mode, 0 to 5, and its second a state: a small decimal number without quotes. In that
    /// place a report has a location area, which is quoted, empty, hexadecimal, or has leading zeros to four digits.
    static func isAnswer(_ fields: Fields) -> Bool {
        let second = fields[1]
        guard fields.count >= 2, !fields[0].isQuoted, let mode = fields[0].int, (0...5).contains(mode),
            !second.isQuoted, second.isDigits, let state = second.int, state <= 15
        else { return false }
        if fields.count == 2 || second.bytes.count <= 3 { return true }
        return fields[2].isQuoted || (fields.count >= 4 && fields[3].bytes.count > 2)
    }

    /// The `<AcT>` behind location area and cell; some firmware puts the routing area in between.
    private static func technology(_ fields: Fields, from index: Int) -> Int? {
        technology(fields[index]) ?? technology(fields[index + 1])
    }

    private static func technology(_ field: Field) -> Int? {
        guard !field.isQuoted, field.isDigits, field.bytes.count <= 3, let number = field.int, number <= 15 else {
            return nil
        }
        return number
    }

    /// Whether calls can be expected to work as far as this domain is concerned.
    package var isRegistered: Bool {
        switch state {
        case .home, .roaming, .homeNoFallback, .roamingNoFallback: true
        case .notRegistered, .searching, .denied, .unknown, .messagesOnlyHome, .messagesOnlyRoaming, .emergencyOnly,
            .other:
            false
        }
    }
}

extension Registration.Domain {
    /// The result code that reports about the domain.
    var name: StaticString {
        switch self {
        case .circuit: "+CREG"
        case .packet: "+CGREG"
        case .evolved: "+CEREG"
        }
    }
}

extension Registration.State {
    /// Maps the `<stat>` of 27.007 §7.2.
    package init(_ number: Int) {
        switch number {
        case 0: self = .notRegistered
        case 1: self = .home
        case 2: self = .searching
        case 3: self = .denied
        case 4: self = .unknown
        case 5: self = .roaming
        case 6: self = .messagesOnlyHome
        case 7: self = .messagesOnlyRoaming
        case 8: self = .emergencyOnly
        case 9: self = .homeNoFallback
        case 10: self = .roamingNoFallback
        default: self = .other(number)
        }
    }
}
