/// A number as somebody typed it in a region, understood as far as it can be.
///
/// In full: its country code and everything behind it is known, and every ``NumberFormat`` can be written. National only:
/// short numbers (115, 116117, 11833), emergency numbers, numbers without their area code, and numbers behind another
/// carrier's prefix; they are written as they are in every format and never get a prefix.
public struct PhoneNumber: Sendable, Hashable {
    /// The fewest digits of an international number, the country code included.
    static let shortestInternational = 6

    private enum Form: Sendable, Hashable {
        case full(e164: String)
        case nationalOnly(String)
    }

    /// What was typed, without what people put between digits.
    public let typed: DialString
    /// The region whose rules it was read by.
    public let region: Region
    private let form: Form

    /// Reads a number: with `+`, with the region's international prefix, with its trunk prefix, or as it stands.
    ///
    /// Throws where it is no number at all; whether it may be dialled is for ``DialPolicy`` to say.
    public init(typed text: String, region: Region) throws(NumberError) {
        let number = try TypedNumber(text, internationalPrefix: region.internationalPrefix)
        self.typed = try DialString(number)
        self.region = region
        self.form = try Self.form(of: number, region: region)
    }

    /// The digits of the number in E.164, without `+`; nothing for a number that is national only.
    public var e164: String? {
        switch form {
        case .full(let e164): e164
        case .nationalOnly: nil
        }
    }

    /// Whether it belongs to another country than its region; short and local numbers never do.
    public var isForeign: Bool {
        switch form {
        case .full(let e164): !e164.hasPrefix(region.countryCode)
        case .nationalOnly: false
        }
    }

    /// Whether it is an emergency number of the region.
    public var isEmergency: Bool {
        EmergencyNumbers.contains(typed.text, region: region)
    }

    /// Writes the number in a format; one that is national only is written as it is in all of them.
    public func formatted(_ format: NumberFormat) -> DialString {
        switch form {
        case .nationalOnly(let digits): DialString(known: digits)
        case .full(let e164):
            switch format {
            case .e164: DialString(known: e164)
            case .plusE164: DialString(known: "+" + e164)
            case .international00: DialString(known: "00" + e164)
            case .national:
                isForeign
                    ? DialString(known: region.internationalPrefix + e164)
                    : DialString(known: region.trunkPrefix + e164.dropFirst(region.countryCode.utf8.count))
            }
        }
    }

    private static func form(of number: TypedNumber, region: Region) throws(NumberError) -> Form {
        if let emergency = EmergencyNumbers.match(number, region: region), emergency.utf8.count >= DialString.shortest {
            return .nationalOnly(emergency)
        }
        let digits = number.digits
        if number.hasPlus {
            return try international(digits, region: region)
        }
        if digits.hasPrefix(region.internationalPrefix) {
            return try international(String(digits.dropFirst(region.internationalPrefix.utf8.count)), region: region)
        }
        if region.carrierPrefixLength(of: digits) != nil {
            return .nationalOnly(digits)
        }
        let trunk = region.trunkPrefix
        if !trunk.isEmpty, digits.hasPrefix(trunk), region.isFull(String(digits.dropFirst(trunk.utf8.count))) {
            let e164 = region.countryCode + digits.dropFirst(trunk.utf8.count)
            guard e164.utf8.count <= DialString.longestInternational else {
                throw .tooLong(digits: e164.utf8.count, limit: DialString.longestInternational)
            }
            return e164.utf8.count >= shortestInternational ? .full(e164: e164) : .nationalOnly(digits)
        }
        guard region.needsNoTrunkPrefix(digits) else { return .nationalOnly(digits) }
        let e164 = region.countryCode + digits
        return e164.utf8.count <= DialString.longestInternational ? .full(e164: e164) : .nationalOnly(digits)
    }

    /// Reads digits that begin with a country code.
    private static func international(_ typed: String, region: Region) throws(NumberError) -> Form {
        guard !typed.hasPrefix("0") else { throw .zeroCountryCode }
        var digits = typed
        // "+49 0221…" is how many write it; no national number of a country with a trunk zero begins with one.
        if let country = Region.abroad(digits), country.trunkPrefix == "0" {
            let national = digits.dropFirst(country.countryCode.utf8.count)
            if national.hasPrefix("0") {
                digits = country.countryCode + national.dropFirst()
            }
        }
        if digits.hasPrefix(region.countryCode) {
            let national = String(digits.dropFirst(region.countryCode.utf8.count))
            if national.utf8.count >= DialString.shortest, region.isDialledWithoutTrunk(national) {
                return .nationalOnly(national)
            }
        }
        guard digits.utf8.count >= shortestInternational else {
            throw .tooShort(digits: digits.utf8.count, least: shortestInternational)
        }
        guard digits.utf8.count <= DialString.longestInternational else {
            throw .tooLong(digits: digits.utf8.count, limit: DialString.longestInternational)
        }
        return .full(e164: digits)
    }
}

extension PhoneNumber: CustomStringConvertible {
    /// The number in international format, or as it is where it has none.
    public var description: String { formatted(.plusE164).text }
}

extension Region {
    /// The length of the prefix with which these digits pick another carrier, where they do and a number follows.
    func carrierPrefixLength(of digits: String) -> Int? {
        guard let selection = carrierSelection, digits.hasPrefix(selection.prefix) else { return nil }
        var best: (prefix: String, length: Int)?
        for candidate in selection.lengths where digits.hasPrefix(candidate.prefix) {
            if candidate.prefix.utf8.count > best?.prefix.utf8.count ?? -1 {
                best = candidate
            }
        }
        return best.flatMap { digits.utf8.count > $0.length ? $0.length : nil }
    }

    /// Whether a national number is complete as far as its length can tell.
    func isFull(_ national: String) -> Bool {
        guard let fullLength else { return !national.isEmpty }
        guard let first = national.first, first != "0", first != "1" else { return false }
        return national.utf8.count == fullLength
    }

    /// Whether digits without any prefix are a complete national number here.
    func needsNoTrunkPrefix(_ digits: String) -> Bool {
        guard digits.utf8.count > longestShort, shortRanges.best(for: digits) == nil else { return false }
        if fullLength != nil {
            return isFull(digits)
        }
        return trunkPrefix.isEmpty && (keepsZero || !digits.hasPrefix("0"))
    }

    /// Whether a national number that was typed behind the country code is one of those that are dialled bare.
    func isDialledWithoutTrunk(_ national: String) -> Bool {
        guard let range = shortRanges.best(for: national) else { return false }
        return national.utf8.count <= longestShort || range.length != nil
    }
}
