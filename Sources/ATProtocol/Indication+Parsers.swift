internal import CallModel

extension Indication {
    /// What reads the parameters of each known message; nil from one of them means that they make no sense.
    ///
    /// A new message is one row here. The names carry their sigil; all of them fit into fifteen bytes.
    static let parsers: [String: @Sendable (UnsafeBufferPointer<UInt8>) -> Indication?] = [
        "+CRING": { .ring(kind: Fields($0)[0].text) },
        "+CLIP": { CallerLine(clip: Fields($0)).map(callerLine) },
        "+CCWA": { CallerLine(ccwa: Fields($0)).map(callWaiting) },
        "+CLCC": { CallListEntry(Fields($0), numberAt: 5).map(call) },

        "^ORIG": { index(in: $0) { .huaweiOriginated(index: $0, type: $1[1].int ?? 0) } },
        "^CONF": { index(in: $0) { index, _ in .huaweiConfirmed(index: index) } },
        "^CONN": { index(in: $0) { .huaweiConnected(index: $0, type: $1[1].int ?? 0) } },
        "^CEND": { huaweiEnd(Fields($0)) },

        "+QIND": { quectelIndication($0) },
        "^DSCI": { callStatus(Fields($0)) },
        "+DISC": { longsungEnd(Fields($0)) },

        "^SLCC": { $0.isEmpty ? .cinterionCall(nil) : CallListEntry(Fields($0), numberAt: 6).map(cinterionCall) },
        "#ECAM": { telitCall(Fields($0)) },
        "+UCALLSTAT": { state(in: $0) { .ubloxCall(index: $0, state: $1) } },
        "+XCALLSTAT": { state(in: $0) { .infineonCall(index: $0, state: $1) } },
        "*ECAV": { ericssonCall(Fields($0)) },
        "+WIND": { index(in: $0) { .wavecom(event: $0, index: $1[1].int) } },

        "+CREG": { Registration(unsolicited: Fields($0), domain: .circuit).map(registration) },
        "+CGREG": { Registration(unsolicited: Fields($0), domain: .packet).map(registration) },
        "+CEREG": { Registration(unsolicited: Fields($0), domain: .evolved).map(registration) },

        "+CPIN": { $0.isEmpty ? nil : .sim(.state(SIMState(cpin: $0))) },
        "+QSIMSTAT": { cardPresence(Fields($0)[1].int) },
        "+CSMINS": { cardPresence(Fields($0)[1].int) },
        "#QSS": { telitSIM(Fields($0)) },
        "^SIMST": { huaweiSIM(Fields($0)) },
        "^SCKS": { cinterionCard(Fields($0)) },

        "+CSQ": { csq(Fields($0)[0]) },
        "+CSQN": { csq(Fields($0)[0]) },
        "^RSSI": { csq(Fields($0)[0]) },
        "^HCSQ": { $0.isEmpty ? nil : .signal(dBm: SignalStrength(hcsq: Fields($0)).dBm) },
        "+QCSQ": { $0.isEmpty ? nil : .signal(dBm: SignalStrength(qcsq: Fields($0)).dBm) },
        "+CESQ": { Fields($0)[0].int == nil ? nil : .signal(dBm: SignalStrength(cesq: Fields($0)).dBm) },

        "^DDTMF": { digit(Fields($0)[0]) },
        "+RXDTMF": { digit(Fields($0)[0]) },
        "+DTMF": { digit(Fields($0)[0]) },
        "#DTMFEV": { digit(Fields($0)[0]) },
        "+UUDTMFD": { digit(Fields($0)[0]) },
        "+QTONEDET": { digit(code: Fields($0)[0].int) },

        "+CFUN": { Fields($0)[0].int == nil ? nil : .started(stage: "+CFUN: \($0.string)") },
        "+READY": { _ in .started(stage: "+READY") },
        "*ATREADY": { .started(stage: "*ATREADY: \($0.string)") },
        "^SYSSTART": { _ in .started(stage: "^SYSSTART") },

        "+CMTI": { _ in .message },
        "+CMT": { _ in .message },
        "+CDSI": { _ in .message },
        "+CDS": { _ in .message },
        "+CUSD": { _ in .ussd },
    ]

    /// Reads a leading index, and leaves the rest to `make`.
    private static func index(in list: Bytes, _ make: (Int, Fields) -> Indication) -> Indication? {
        let fields = Fields(list)
        return fields[0].int.map { make($0, fields) }
    }

    /// Reads `<index>,<state>`.
    private static func state(in list: Bytes, _ make: (Int, Int) -> Indication) -> Indication? {
        let fields = Fields(list)
        guard let index = fields[0].int, let state = fields[1].int else { return nil }
        return make(index, state)
    }

    /// Reads `^CEND`, of which only the index has to be there: that a call is over matters more than why.
    private static func huaweiEnd(_ fields: Fields) -> Indication? {
        guard let index = fields[0].int else { return nil }
        return .huaweiEnded(
            index: index,
            seconds: fields[1].int ?? 0,
            endStatus: fields[2].int ?? 255,
            cause: fields[3].int
        )
    }

    /// Reads `+QIND: "<what>",…`, or `+QIND: SMS DONE`.
    private static func quectelIndication(_ list: Bytes) -> Indication? {
        let fields = Fields(list)
        let what = fields[0].bytes
        if what.equals("csq") { return csq(fields[1]) }
        if what.equals("SMS DONE") || what.equals("PB DONE") { return .started(stage: what.string) }
        guard what.equals("ccinfo"), let index = fields[1].int, let direction = CallDirection(fields[2]),
            let state = fields[3].int
        else { return nil }
        return .quectelCallInfo(
            index: index,
            direction: direction,
            state: state,
            mode: fields[4].int ?? 0,
            number: phoneNumber(fields[6], type: fields[7].int)
        )
    }

    /// Reads `^DSCI`, which two makers lay out differently.
    ///
    /// - Quectel: `<id>,<dir>,<stat>,<type>,<number>,<number type>[,<tone info>]`, the states being its own;
    /// - UNISOC (its radio layers parse and log it so): `<id>,<dir>,<stat>,<mode>,<mpty>,<number>,<number type>[,<bearer>,
    ///   <cause>,<transaction>,<subaddress>,<type>]`, the states being those of `+CLCC`.
    ///
    /// A type of number is 128 or more (24.008 §10.5.4.7), so the place where one stands tells them apart.
    private static func callStatus(_ fields: Fields) -> Indication? {
        guard let index = fields[0].int, let direction = CallDirection(fields[1]), let state = fields[2].int else {
            return nil
        }
        let mayBeMultiparty = !fields[4].isQuoted && fields[4].int.map { (0...1).contains($0) } == true
        if mayBeMultiparty, fields.count > 7 || fields[5].isQuoted || fields[6].int.map({ $0 >= 128 }) == true {
            return CallListEntry(fields, numberAt: 5).map { .unisocCall($0, cause: fields[8].int) }
        }
        guard fields.count <= 7 else { return nil }
        return .quectelCallStatus(
            index: index,
            direction: direction,
            state: state,
            type: fields[3].int ?? 0,
            number: phoneNumber(fields[4], type: fields[5].int)
        )
    }

    /// Reads Longsung's `+DISC: <id>,<dir>,<type>,<cause>[,<number>,<type>]`; data calls (type 1) are told by it too.
    private static func longsungEnd(_ fields: Fields) -> Indication? {
        guard let index = fields[0].int, let direction = CallDirection(fields[1]), fields[2].int == 0 else {
            return nil
        }
        return .longsungEnded(index: index, direction: direction, cause: fields[3].int)
    }

    /// Reads `#ECAM: <ccid>,<status>,<type>,,,[<number>,<type>]`.
    private static func telitCall(_ fields: Fields) -> Indication? {
        guard let index = fields[0].int, let state = fields[1].int else { return nil }
        return .telitCall(
            index: index,
            state: state,
            type: fields[2].int ?? 0,
            number: phoneNumber(fields[5], type: fields[6].int)
        )
    }

    /// Reads `*ECAV: <id>,<status>,<type>[,<process>,<cause>][,<number>,<type>]`: the number is the quoted value.
    private static func ericssonCall(_ fields: Fields) -> Indication? {
        guard let index = fields[0].int, let state = fields[1].int else { return nil }
        let number = fields.firstQuoted(from: 3).flatMap { phoneNumber(fields[$0], type: fields[$0 + 1].int) }
        return .ericssonCall(index: index, state: state, number: number)
    }

    /// Maps the `<inserted>` of Quectel's `+QSIMSTAT` and SIMCom's `+CSMINS`; 2 is "not known yet".
    private static func cardPresence(_ value: Int?) -> Indication? {
        switch value {
        case .some(0): .sim(.removed)
        case .some(1): .sim(.inserted)
        default: nil
        }
    }

    /// Reads Telit's `#QSS: [<mode>,]<status>`: 0 none, 1 inserted, 2 unlocked, 3 ready.
    private static func telitSIM(_ fields: Fields) -> Indication? {
        switch fields[fields.count - 1].int {
        case .some(0): .sim(.removed)
        case .some(1): .sim(.inserted)
        case .some(2), .some(3): .sim(.state(.ready))
        default: nil
        }
    }

    /// Reads Huawei's `^SIMST: <state>[,<lock>]`: 255 no card, 0 to 4 and 240 a card in whatever state.
    private static func huaweiSIM(_ fields: Fields) -> Indication? {
        guard let state = fields[0].int else { return nil }
        return state == 255 ? .sim(.removed) : .sim(.inserted)
    }

    /// Reads Cinterion's `^SCKS: [<mode>,]<connected>`.
    private static func cinterionCard(_ fields: Fields) -> Indication? {
        cardPresence(fields[fields.count - 1].int)
    }

    private static func csq(_ field: Field) -> Indication? {
        field.int.map { .signal(dBm: SignalStrength(csq: $0).dBm) }
    }

    private static func digit(_ field: Field) -> Indication? {
        guard field.bytes.count == 1 else { return nil }
        return digit(code: field.bytes.first.map(Int.init))
    }

    /// Maps the ASCII code of a key; letters are given in upper case.
    private static func digit(code: Int?) -> Indication? {
        guard let code, let byte = UInt8(exactly: code), byte.isKey else { return nil }
        return .digitHeard(Character(UnicodeScalar(byte.uppercased)))
    }
}
