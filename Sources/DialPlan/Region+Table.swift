extension Region {
    /// The regions whose special numbers are known from the regulators' own plans and not from the library alone.
    ///
    /// Country codes, prefixes and emergency numbers as published by the national regulators (ITU-T E.164 national
    /// numbering plans); in France some emergency numbers have two digits.
    static let detailed: [Region] = [
        Region(
            "AT",
            "43",
            longestLocal: 9,
            emergency: ["122", "133", "144"],
            .austria,
            short: .austriaShort,
            carrier: ("10", [("10", 4)])
        ),
        Region("BE", "32", emergency: ["100", "101"], .belgium, short: .belgiumShort),
        Region(
            "CH",
            "41",
            emergency: ["117", "118", "144"],
            .switzerland,
            short: .switzerlandShort,
            carrier: ("10", [("10", 5)])
        ),
        Region("CZ", "420", trunk: "", emergency: ["150", "155", "156", "158"], .czechia, short: .directory),
        Region(
            "DE",
            "49",
            longestLocal: 9,
            emergency: ["110"],
            .germany,
            short: .germanyShort,
            carrier: ("010", [("010", 5), ("0100", 6)])
        ),
        Region("DK", "45", trunk: "", emergency: ["114"], .denmark, short: .directory),
        Region(
            "ES",
            "34",
            trunk: "",
            emergency: ["061", "062", "080", "085", "088", "091", "092"],
            .spain,
            short: .directory
        ),
        Region("FI", "358", longestLocal: 8, emergency: [], .finland, short: .directory),
        Region("FR", "33", emergency: ["15", "17", "18", "114", "191", "196", "197"], .france, short: .franceShort),
        Region("GB", "44", longestLocal: 8, emergency: ["999"], .britain, short: .britainShort),
        Region("IE", "353", longestLocal: 7, emergency: ["999"], .ireland, short: .irelandShort),
        Region("IT", "39", trunk: "", keepsZero: true, emergency: ["113", "115", "118"], .italy, short: .italyShort),
        Region("LI", "423", trunk: "", emergency: ["117", "118", "144"], .liechtenstein, short: .switzerlandShort),
        Region("LU", "352", trunk: "", longestShort: 5, emergency: ["113"], .luxembourg, short: .directory),
        Region("NL", "31", longestLocal: 7, emergency: [], .netherlands, short: .netherlandsShort),
        Region("NO", "47", trunk: "", emergency: ["110", "113"], .norway, short: .norwayShort),
        Region("PL", "48", trunk: "", emergency: ["997", "998", "999"], .poland, short: .directory),
        Region("PT", "351", trunk: "", emergency: ["115"], .portugal, short: .portugalShort),
        Region("SE", "46", longestLocal: 8, emergency: ["90000"], .sweden, short: .directory),
        Region(
            "US",
            "1",
            trunk: "1",
            international: "011",
            fullLength: 10,
            longestLocal: 7,
            emergency: ["911"],
            .northAmericanMainland,
            short: .northAmericaShort,
            carrier: ("101", [("101", 7)])
        ),
        Region(
            "CA",
            "1",
            trunk: "1",
            international: "011",
            fullLength: 10,
            longestLocal: 7,
            emergency: ["911"],
            .northAmericanMainland,
            short: .northAmericaShort,
            carrier: ("101", [("101", 7)])
        ),
    ]

    init(
        _ code: String,
        _ countryCode: String,
        trunk: String = "0",
        international: String = "00",
        fullLength: Int? = nil,
        longestShort: Int = 6,
        longestLocal: Int = 0,
        keepsZero: Bool = false,
        emergency: [String],
        _ ranges: [NumberRange],
        short: [NumberRange],
        carrier: (prefix: String, lengths: [(prefix: String, length: Int)])? = nil,
        readByLibrary: Bool = false
    ) {
        self.code = code
        self.countryCode = countryCode
        self.trunkPrefix = trunk
        self.internationalPrefix = international
        self.emergencyNumbers = emergency
        self.fullLength = fullLength
        self.longestShort = longestShort
        self.longestLocal = longestLocal
        self.keepsZero = keepsZero
        self.carrierSelection = carrier.map { CarrierSelection(prefix: $0.prefix, lengths: $0.lengths) }
        self.ranges = ranges
        self.shortRanges = short
        self.readByLibrary = readByLibrary
    }
}
