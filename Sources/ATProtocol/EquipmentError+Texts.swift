extension EquipmentError {
    /// Reads what stands behind `+CME ERROR:`, a code or (with `AT+CMEE=2`) a text of 27.007 §9.2.
    init(equipment reason: Bytes) {
        self.init(reason, texts: Self.equipmentTexts)
    }

    /// Reads what stands behind `+CMS ERROR:`, a code or a text of 27.005 §3.2.5.
    init(message reason: Bytes) {
        self.init(reason, texts: Self.messageTexts)
    }

    /// Reads what stands behind a vendor's own error, where texts have no known code.
    init(vendor reason: Bytes, form: String) {
        self.init(reason, texts: [:])
        self.form = form
    }

    private init(_ reason: Bytes, texts: [String: Int]) {
        let text = Field(bytes: reason.trimmed, isQuoted: false)
        self.init(code: text.int ?? texts[Self.key(reason)], text: text.string)
    }

    /// The letters and digits of a text in lower case, and `USIM` or `(U)SIM` as `SIM`: what firmware agrees about.
    private static func key(_ reason: Bytes) -> String {
        var key: [UInt8] = []
        for byte in reason where byte.isLetter || byte.isDigit { key.append(byte | 0x20) }
        let text = String(decoding: key, as: UTF8.self)
        return text.hasPrefix("usim") ? String(text.dropFirst()) : text
    }

    private static let equipmentTexts: [String: Int] = [
        "phonefailure": 0, "noconnectiontophone": 1, "phoneadaptorlinkreserved": 2,
        "operationnotallowed": 3, "operationnotsupported": 4,
        "phsimpinrequired": 5, "phfsimpinrequired": 6, "phfsimpukrequired": 7,
        "simnotinserted": 10, "simpinrequired": 11, "simpukrequired": 12, "simfailure": 13, "simbusy": 14,
        "simwrong": 15,
        "incorrectpassword": 16, "simpin2required": 17, "simpuk2required": 18,
        "memoryfull": 20, "invalidindex": 21, "notfound": 22, "memoryfailure": 23, "textstringtoolong": 24,
        "invalidcharactersintextstring": 25, "dialstringtoolong": 26, "invalidcharactersindialstring": 27,
        "nonetworkservice": 30, "networktimeout": 31, "networknotallowedemergencycallsonly": 32,
        "networknotallowedemergencycallonly": 32,
        "networkpersonalizationpinrequired": 40, "networkpersonalizationpukrequired": 41,
        "networksubsetpersonalizationpinrequired": 42, "networksubsetpersonalizationpukrequired": 43,
        "serviceproviderpersonalizationpinrequired": 44, "serviceproviderpersonalizationpukrequired": 45,
        "corporatepersonalizationpinrequired": 46, "corporatepersonalizationpukrequired": 47, "hiddenkeyrequired": 48,
        "incorrectparameters": 50, "commandimplementedbutcurrentlydisabled": 51, "commandabortedbyuser": 52,
        "notattachedtonetworkduetomtfunctionalityrestrictions": 53,
        "modemnotallowedmtrestrictedtoemergencycallsonly": 54,
        "operationnotallowedbecauseofmtfunctionalityrestrictions": 55,
        "fixeddialnumberonlyallowedcallednumberisnotafixeddialnumber": 56,
        "temporarilyoutofserviceduetoothermtusage": 57, "languagealphabetnotsupported": 58,
        "unexpecteddatavalue": 59, "systemfailure": 60, "datamissing": 61, "callbarred": 62,
        "unknown": 100, "unknownerror": 100, "illegalms": 103, "illegalme": 106, "plmnnotallowed": 111,
        "locationareanotallowed": 112, "roamingnotallowedinthislocationarea": 113,
    ]

    /// What the codes of 27.007 §9.2 mean that calls and cards meet.
    static let meanings: [Int: String] = [
        0: "phone failure", 3: "operation not allowed", 4: "operation not supported", 10: "SIM not inserted",
        11: "SIM PIN required", 12: "SIM PUK required", 13: "SIM failure", 14: "SIM busy", 15: "SIM wrong",
        16: "incorrect password", 17: "SIM PIN2 required", 18: "SIM PUK2 required", 26: "dial string too long",
        27: "invalid characters in dial string", 30: "no network service", 31: "network timeout",
        32: "network not allowed, emergency calls only", 50: "incorrect parameters", 62: "call barred",
        100: "unknown error", 103: "illegal MS", 106: "illegal ME", 111: "PLMN not allowed",
        112: "location area not allowed", 113: "roaming not allowed in this location area",
    ]

    private static let messageTexts: [String: Int] = [
        "mefailure": 300, "smsserviceofmereserved": 301, "operationnotallowed": 302, "operationnotsupported": 303,
        "simnotinserted": 310, "simpinrequired": 311, "phsimpinrequired": 312, "simfailure": 313, "simbusy": 314,
        "simwrong": 315, "simpukrequired": 316, "simpin2required": 317, "simpuk2required": 318,
        "memoryfailure": 320, "invalidmemoryindex": 321, "memoryfull": 322, "smscaddressunknown": 330,
        "nonetworkservice": 331, "networktimeout": 332, "unknownerror": 500,
    ]
}
