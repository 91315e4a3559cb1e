// What the regulators' numbering plans say about special numbers. Germany is told in full; of the other countries only
// what costs more or less than an ordinary call, by what it begins with. Prefixes stand without trunk prefix.

extension [NumberRange] {
    static let germany: [NumberRange] = [
        NumberRange("900", .premium, "premium-rate number"),
        NumberRange("190", .premium, "premium-rate number of the old kind"),
        NumberRange("191", .premium, "dial-in of an online service"),
        NumberRange("192", .premium, "dial-in of an online service"),
        NumberRange("193", .premium, "dial-in of an online service"),
        NumberRange("194", .premium, "dial-in of an online service"),
        NumberRange("1377", .premium, "mass-traffic number at a premium"),
        NumberRange("1378", .premium, "mass-traffic number at a premium"),
        NumberRange("1379", .premium, "mass-traffic number at a premium"),
        NumberRange("118", .premium, "directory enquiry"),
        NumberRange("12", .premium, "innovative service"),
        NumberRange("137", .sharedCost, "mass-traffic number"),
        NumberRange("138", .sharedCost, "mass-traffic number"),
        NumberRange("18", .sharedCost, "number of a closed user group"),
        NumberRange("180", .sharedCost, "shared-cost service"),
        NumberRange("700", .sharedCost, "personal number"),
        NumberRange("800", .tollFree, "toll-free number"),
        NumberRange("32", .home, "national subscriber number", type: .voip, lengths: 9...11),
        NumberRange("15", .home, "mobile number", type: .mobile, lengths: 10...11),
        NumberRange("16", .home, "mobile number", type: .mobile, lengths: 10...11),
        NumberRange("17", .home, "mobile number", type: .mobile, lengths: 10...11),
        NumberRange("10", .callByCall, "prefix of another carrier"),
        NumberRange("1", .short, "special number without a known price"),
    ]

    static let germanyShort: [NumberRange] = [
        NumberRange("115", .home, "public authorities' number"),
        NumberRange("116", .tollFree, "harmonised service of social value"),
        NumberRange("118", .premium, "directory enquiry"),
        NumberRange("1", .short, "short number without a known price"),
    ]

    static let directory: [NumberRange] = [
        NumberRange("116", .tollFree, "harmonised service of social value"),
        NumberRange("118", .premium, "directory enquiry"),
    ]

    static let austria: [NumberRange] = [
        NumberRange("90", .premium, "premium-rate number"),
        NumberRange("93", .premium, "premium-rate number"),
        NumberRange("86", .premium, "routing number"),
        NumberRange("89", .premium, "routing number"),
        NumberRange("118", .premium, "directory enquiry"),
        NumberRange("50", .home, "number of a private network", type: .corporate),
        NumberRange("57", .home, "number of a private network", type: .corporate),
        NumberRange("59", .home, "number of a private network", type: .corporate),
        NumberRange("810", .sharedCost, "shared-cost service"),
        NumberRange("82", .sharedCost, "shared-cost service"),
        NumberRange("800", .tollFree, "toll-free number"),
    ]

    static let austriaShort: [NumberRange] = directory

    static let switzerland: [NumberRange] = [
        NumberRange("90", .premium, "premium-rate number"),
        NumberRange("84", .sharedCost, "shared-cost service"),
        NumberRange("878", .sharedCost, "personal number"),
        NumberRange("800", .tollFree, "toll-free number"),
        NumberRange("58", .home, "corporate number at the price of a fixed number"),
    ]

    static let switzerlandShort: [NumberRange] = [
        NumberRange("116", .tollFree, "harmonised service of social value"),
        NumberRange("18", .premium, "directory enquiry"),
    ]

    static let liechtenstein: [NumberRange] = [
        NumberRange("90", .premium, "premium-rate number"),
        NumberRange("87", .sharedCost, "corporate number"),
        NumberRange("80", .tollFree, "toll-free number"),
    ]

    static let netherlands: [NumberRange] = [
        NumberRange("90", .premium, "premium-rate number"),
        NumberRange("84", .sharedCost, "personal number"),
        NumberRange("87", .sharedCost, "personal number"),
        NumberRange("800", .tollFree, "toll-free number"),
    ]

    static let netherlandsShort: [NumberRange] = [
        NumberRange("116", .tollFree, "harmonised service of social value"),
        NumberRange("18", .premium, "directory enquiry"),
    ]

    static let belgium: [NumberRange] = [
        NumberRange("90", .premium, "premium-rate number"),
        NumberRange("70", .premium, "information service"),
        NumberRange("78", .sharedCost, "shared-cost service"),
        NumberRange("800", .tollFree, "toll-free number"),
    ]

    static let belgiumShort: [NumberRange] = [
        NumberRange("116", .tollFree, "harmonised service of social value"),
        NumberRange("12", .premium, "directory enquiry"),
        NumberRange("13", .premium, "directory enquiry"),
    ]

    static let france: [NumberRange] = [
        NumberRange("8", .premium, "special service number"),
        NumberRange("81", .sharedCost, "shared-cost service"),
        NumberRange("82", .sharedCost, "shared-cost service"),
        NumberRange("84", .sharedCost, "shared-cost service"),
        NumberRange("80", .tollFree, "toll-free number"),
        NumberRange("806", .home, "service at the price of a fixed number"),
        NumberRange("807", .home, "service at the price of a fixed number"),
        NumberRange("808", .home, "service at the price of a fixed number"),
        NumberRange("809", .home, "service at the price of a fixed number"),
    ]

    static let franceShort: [NumberRange] = [
        NumberRange("116", .tollFree, "harmonised service of social value"),
        NumberRange("118", .premium, "directory enquiry"),
        NumberRange("10", .short, "service number of an operator"),
        NumberRange("3", .short, "short service number"),
    ]

    static let britain: [NumberRange] = [
        NumberRange("3", .home, "number at the price of a fixed number"),
        NumberRange("9", .premium, "premium-rate number"),
        NumberRange("70", .premium, "personal number"),
        NumberRange("84", .sharedCost, "shared-cost service"),
        NumberRange("87", .sharedCost, "shared-cost service"),
        NumberRange("800", .tollFree, "toll-free number"),
        NumberRange("808", .tollFree, "toll-free number"),
    ]

    static let britainShort: [NumberRange] = [
        NumberRange("1", .short, "short number or code of a carrier"),
        NumberRange("101", .tollFree, "police line"),
        NumberRange("105", .tollFree, "power cut line"),
        NumberRange("111", .tollFree, "health line"),
        NumberRange("116", .tollFree, "harmonised service of social value"),
        NumberRange("118", .premium, "directory enquiry"),
    ]

    static let ireland: [NumberRange] =
        [
            NumberRange("818", .sharedCost, "shared-cost service"),
            NumberRange("700", .sharedCost, "personal number"),
        ] + irelandShort

    // Dublin's numbers begin with 1 as well, and are shorter.
    static let irelandShort: [NumberRange] = [
        NumberRange("15", .premium, "premium-rate number", length: 10),
        NumberRange("18", .sharedCost, "shared-cost service", length: 10),
        NumberRange("1800", .tollFree, "toll-free number", length: 10),
        NumberRange("118", .premium, "directory enquiry", length: 5),
        NumberRange("116", .tollFree, "harmonised service of social value", length: 6),
    ]

    static let italy: [NumberRange] = [
        NumberRange("89", .premium, "premium-rate number"),
        NumberRange("0878", .premium, "premium-rate number"),
        NumberRange("144", .premium, "premium-rate number"),
        NumberRange("163", .premium, "premium-rate number"),
        NumberRange("164", .premium, "premium-rate number"),
        NumberRange("166", .premium, "premium-rate number"),
        NumberRange("178", .sharedCost, "personal number"),
        NumberRange("199", .sharedCost, "shared-cost service", type: .sharedCost),
        NumberRange("84", .sharedCost, "shared-cost service"),
        NumberRange("800", .tollFree, "toll-free number"),
        NumberRange("803", .tollFree, "toll-free number"),
    ]

    static let italyShort: [NumberRange] = [
        NumberRange("116", .tollFree, "harmonised service of social value"),
        NumberRange("12", .premium, "directory enquiry"),
        NumberRange("4", .premium, "paid service"),
    ]

    static let spain: [NumberRange] = [
        NumberRange("80", .premium, "premium-rate number"),
        NumberRange("905", .premium, "mass-traffic number"),
        NumberRange("907", .premium, "premium-rate number"),
        NumberRange("901", .sharedCost, "shared-cost service"),
        NumberRange("902", .sharedCost, "shared-cost service"),
        NumberRange("70", .sharedCost, "personal number"),
        NumberRange("800", .tollFree, "toll-free number"),
        NumberRange("900", .tollFree, "toll-free number"),
    ]

    static let portugal: [NumberRange] = [
        NumberRange("60", .premium, "premium-rate number"),
        NumberRange("64", .premium, "premium-rate number"),
        NumberRange("76", .premium, "premium-rate number"),
        NumberRange("70", .sharedCost, "shared-cost service"),
        NumberRange("808", .sharedCost, "shared-cost service"),
        NumberRange("809", .sharedCost, "shared-cost service"),
        NumberRange("884", .sharedCost, "personal number"),
        NumberRange("80", .tollFree, "toll-free number"),
    ]

    static let portugalShort: [NumberRange] = [
        NumberRange("116", .tollFree, "harmonised service of social value"),
        NumberRange("118", .premium, "directory enquiry"),
        NumberRange("18", .premium, "directory enquiry"),
    ]

    static let poland: [NumberRange] = [
        NumberRange("70", .premium, "premium-rate number"),
        NumberRange("801", .sharedCost, "shared-cost service"),
        NumberRange("804", .sharedCost, "universal number"),
        NumberRange("800", .tollFree, "toll-free number"),
    ]

    static let czechia: [NumberRange] = [
        NumberRange("90", .premium, "premium-rate number"),
        NumberRange("976", .premium, "premium-rate number"),
        NumberRange("81", .sharedCost, "shared-cost service"),
        NumberRange("83", .sharedCost, "shared-cost service"),
        NumberRange("84", .sharedCost, "shared-cost service"),
        NumberRange("700", .sharedCost, "personal number"),
        NumberRange("800", .tollFree, "toll-free number"),
    ]

    static let denmark: [NumberRange] = [
        NumberRange("90", .premium, "premium-rate number"),
        NumberRange("80", .tollFree, "toll-free number"),
    ]

    static let sweden: [NumberRange] = [
        NumberRange("900", .premium, "premium-rate number"),
        NumberRange("939", .premium, "premium-rate number"),
        NumberRange("944", .premium, "premium-rate number"),
        NumberRange("99", .premium, "mass-traffic number"),
        NumberRange("649", .premium, "premium-rate number"),
        NumberRange("118", .premium, "directory enquiry"),
        NumberRange("77", .sharedCost, "shared-cost service"),
        NumberRange("20", .tollFree, "toll-free number"),
    ]

    static let norway: [NumberRange] = [
        NumberRange("82", .premium, "premium-rate number"),
        NumberRange("81", .sharedCost, "shared-cost service"),
        NumberRange("880", .sharedCost, "personal number"),
        NumberRange("80", .tollFree, "toll-free number"),
    ]

    static let norwayShort: [NumberRange] = [
        NumberRange("116", .tollFree, "harmonised service of social value"),
        NumberRange("18", .premium, "directory enquiry"),
    ]

    static let finland: [NumberRange] = [
        NumberRange("600", .premium, "premium-rate number"),
        NumberRange("700", .premium, "premium-rate number"),
        NumberRange("606", .sharedCost, "corporate number"),
        NumberRange("10", .sharedCost, "corporate number"),
        NumberRange("20", .sharedCost, "corporate number"),
        NumberRange("29", .sharedCost, "corporate number"),
        NumberRange("30", .sharedCost, "corporate number"),
        NumberRange("39", .sharedCost, "corporate number"),
        NumberRange("71", .sharedCost, "corporate number"),
        NumberRange("73", .sharedCost, "corporate number"),
        NumberRange("75", .sharedCost, "corporate number"),
        NumberRange("118", .premium, "directory enquiry"),
        NumberRange("800", .tollFree, "toll-free number"),
    ]

    static let luxembourg: [NumberRange] = [
        NumberRange("90", .premium, "premium-rate number"),
        NumberRange("801", .sharedCost, "shared-cost service"),
        NumberRange("800", .tollFree, "toll-free number"),
    ]

    static let northAmerica: [NumberRange] =
        [
            NumberRange("900", .premium, "premium-rate number"),
            NumberRange("976", .premium, "premium-rate number"),
        ]
        + [
            "500", "521", "522", "523", "524", "525", "526", "527", "528", "529", "532", "533", "544", "566", "577",
            "588",
        ]
        .map { NumberRange($0, .sharedCost, "personal number") }
        + ["800", "833", "844", "855", "866", "877", "888"].map { NumberRange($0, .tollFree, "toll-free number") }

    // The islands and territories share country code 1 and not the tariff of the mainland.
    static let northAmericanMainland: [NumberRange] =
        northAmerica
        + [
            "242", "246", "264", "268", "284", "340", "345", "441", "473", "649", "658", "664", "670", "671", "684",
            "721",
            "758", "767", "784", "787", "809", "829", "849", "868", "869", "876", "939",
        ]
        .map { NumberRange($0, .international, "area outside the mainland") }

    static let northAmericaShort: [NumberRange] = [
        NumberRange("411", .premium, "directory enquiry", length: 3),
        NumberRange("211", .tollFree, "community service", length: 3),
        NumberRange("511", .tollFree, "traffic information", length: 3),
        NumberRange("811", .tollFree, "utility location service", length: 3),
        NumberRange("988", .tollFree, "crisis line", length: 3),
        NumberRange("976", .premium, "premium-rate exchange", length: 7),
    ]

    /// Country codes that belong to no country: satellites, networks on ships and in aircraft, shared and premium
    /// services (ITU-T E.164.1, list of country codes assigned to networks and services).
    static let beyondCountries: [NumberRange] =
        ["870", "871", "872", "873", "874", "881", "88213", "88216"]
        .map { NumberRange($0, .satellite, "satellite phone", type: .satellite) }
        + ["882", "883", "888"].map { NumberRange($0, .satellite, "global network", type: .globalNetwork) }
        + [
            NumberRange("878", .satellite, "personal number without a country", type: .personal),
            NumberRange("808", .satellite, "shared-cost number without a country", type: .sharedCost),
            NumberRange("979", .satellite, "premium-rate number without a country", type: .premium),
        ]
}
