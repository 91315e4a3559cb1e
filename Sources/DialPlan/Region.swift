/// A country's rules for reading and writing numbers.
package struct Region: Sendable {
    /// The code of ISO 3166-1, such as `DE`.
    package let code: String
    /// The country code of ITU-T E.164, such as `49`.
    package let countryCode: String
    /// What stands before a national number when it is dialled inside the country; empty where nothing does.
    package let trunkPrefix: String
    /// What stands for the `+` when a number abroad is dialled from here.
    package let internationalPrefix: String
    /// The emergency numbers of this country; ``EmergencyNumbers/everywhere`` come on top.
    package internal(set) var emergencyNumbers: [String]
    /// How many digits a number has that is dialled in full, where the country has but one length (North America: 10).
    let fullLength: Int?
    /// The most digits of what is taken for a short number where no prefix says otherwise.
    let longestShort: Int
    /// The most digits that reach anybody without an area code; 0 where every number is dialled in full.
    let longestLocal: Int
    /// Whether a national number may begin with a zero that is part of it (Italy).
    let keepsZero: Bool
    /// What begins a prefix that picks another carrier for one call, and how long such prefixes are.
    let carrierSelection: CarrierSelection?
    /// Special numbers, by what they begin with behind country code or trunk prefix.
    let ranges: [NumberRange]
    /// Special numbers that are dialled without a trunk prefix, by what they begin with.
    let shortRanges: [NumberRange]
    /// Whether national numbers are told apart by libphonenumber's tables rather than by rules of our own.
    let readByLibrary: Bool

    /// Finds a region by its code, in either case.
    package init(code: String) throws(RegionError) {
        let wanted = code.uppercased()
        guard let region = Self.all.first(where: { $0.code == wanted }) else {
            throw RegionError(code: code)
        }
        self = region
    }

    /// The region whose country code a number in E.164 digits begins with; the largest where several share it.
    static func abroad(_ e164: String) -> Region? {
        // No country code begins with another one (ITU-T E.164 §6.2.1).
        (1...3).lazy.compactMap { byCountryCode[String(e164.prefix($0))] }.first
    }
}

extension Region: Hashable {
    /// Two regions are the same when their codes are.
    package static func == (left: Region, right: Region) -> Bool {
        left.code == right.code
    }

    /// Hashes the code.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }
}

extension Region: CustomStringConvertible {
    package var description: String { code }
}

/// A region's code that is not in the table.
package struct RegionError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was asked for.
    package let code: String

    /// What is wrong and what to write, in one line.
    package var description: String {
        let shown = code.unicodeScalars.prefix(8).allSatisfy { (0x20...0x7E).contains($0.value) } ? code.prefix(8) : "?"
        let remedy =
            Self.habits[code.uppercased()].map { "did you mean \($0)?" }
            ?? "write a country's two letters of ISO 3166-1, such as AT, CH, DE, FR, GB, NL or US"
        return "there is no region '\(shown)'; \(remedy)"
    }

    // What people write for a code that is another one.
    private static let habits = [
        "UK": "GB", "EN": "GB", "EL": "GR", "D": "DE", "A": "AT", "GER": "DE", "DEU": "DE", "AUT": "AT", "CHE": "CH",
        "SUI": "CH", "FRA": "FR", "ITA": "IT", "NLD": "NL", "GBR": "GB", "USA": "US", "GERMANY": "DE",
        "DEUTSCHLAND": "DE", "AUSTRIA": "AT", "SWITZERLAND": "CH",
    ]
}

/// Prefixes that pick another carrier for one call.
struct CarrierSelection: Sendable {
    /// What they begin with, such as `010`.
    var prefix: String
    /// How many digits they have, by what they begin with; the longest match counts.
    var lengths: [(prefix: String, length: Int)]
}

/// Numbers that begin alike and are alike.
struct NumberRange: Sendable {
    /// What they begin with.
    var prefix: String
    /// How many digits they have, where that tells them from others.
    var length: Int?
    /// What they are.
    var numberClass: NumberClass
    /// What people call them.
    var label: String
    /// What kind of number it is, where neither the class nor the library tells.
    var type: NumberType?
    /// How many digits are plausible even where the library's tables are stricter.
    var lengths: ClosedRange<Int>?

    init(
        _ prefix: String,
        _ numberClass: NumberClass,
        _ label: String,
        length: Int? = nil,
        type: NumberType? = nil,
        lengths: ClosedRange<Int>? = nil
    ) {
        self.prefix = prefix
        self.length = length
        self.type = type
        self.lengths = lengths
        self.numberClass = numberClass
        self.label = label
    }

    func matches(_ digits: String) -> Bool {
        digits.hasPrefix(prefix) && (length == nil || length == digits.utf8.count)
    }
}

extension [NumberRange] {
    /// The most specific range that holds these digits.
    func best(for digits: String) -> NumberRange? {
        var best: NumberRange?
        for range in self where range.matches(digits) {
            if range.prefix.utf8.count > best?.prefix.utf8.count ?? -1 {
                best = range
            }
        }
        return best
    }
}
