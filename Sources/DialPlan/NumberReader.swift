/// Turns typed digits into a number of a region: by the region's own rules, then by what libphonenumber says of it.
struct NumberReader {
    /// A number and what the library makes of it.
    typealias Result = (form: PhoneNumber.Form, reading: NumberLibrary.Reading?)

    /// The region whose rules count.
    let region: Region

    /// Reads a number that is no emergency number.
    func read(_ number: TypedNumber) throws(NumberError) -> Result {
        let digits = number.digits
        if number.hasPlus {
            return try international(digits)
        }
        let prefix = region.internationalPrefix
        // An international prefix of one digit (Cape Verde, Samoa) is left to the library, which looks at what follows.
        if prefix.utf8.count > 1, digits.hasPrefix(prefix) {
            return try international(String(digits.dropFirst(prefix.utf8.count)))
        }
        return region.readByLibrary ? try nationalByLibrary(digits) : try nationalByRules(digits)
    }

    /// Reads digits that begin with a country code.
    private func international(_ typed: String) throws(NumberError) -> Result {
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
                return (.nationalOnly(national), nil)
            }
        }
        guard digits.utf8.count >= PhoneNumber.shortestInternational else {
            throw .tooShort(digits: digits.utf8.count, least: PhoneNumber.shortestInternational)
        }
        guard digits.utf8.count <= DialString.longestInternational else {
            throw .tooLong(digits: digits.utf8.count, limit: DialString.longestInternational)
        }
        return try checked(digits)
    }

    private func nationalByRules(_ digits: String) throws(NumberError) -> Result {
        if region.carrierPrefixLength(of: digits) != nil {
            return (.nationalOnly(digits), nil)
        }
        let trunk = region.trunkPrefix
        if !trunk.isEmpty, digits.hasPrefix(trunk), region.isFull(String(digits.dropFirst(trunk.utf8.count))) {
            let e164 = region.countryCode + digits.dropFirst(trunk.utf8.count)
            guard e164.utf8.count <= DialString.longestInternational else {
                throw .tooLong(digits: e164.utf8.count, limit: DialString.longestInternational)
            }
            return e164.utf8.count >= PhoneNumber.shortestInternational
                ? try checked(e164) : (.nationalOnly(digits), nil)
        }
        guard region.needsNoTrunkPrefix(digits) else { return (.nationalOnly(digits), nil) }
        let e164 = region.countryCode + digits
        return e164.utf8.count <= DialString.longestInternational ? try checked(e164) : (.nationalOnly(digits), nil)
    }

    private func nationalByLibrary(_ digits: String) throws(NumberError) -> Result {
        guard case .number(let reading) = NumberLibrary.read(digits, in: region) else {
            return (.nationalOnly(digits), nil)
        }
        // What was given for a carrier's code may be an area code, as before Argentina's 15: it is one as long as
        // nothing was taken away, and nothing but the trunk prefix was missing.
        if reading.carrier != nil, reading.national != digits, reading.national != region.trunkPrefix + digits {
            return (.nationalOnly(digits), reading)
        }
        guard reading.isValid, NumberLibrary.shortNumber(digits, in: region) == nil else {
            return (.nationalOnly(digits), reading)
        }
        switch reading.origin {
        case .internationalPrefix: return try international(reading.e164)
        case .national: return (full(reading.e164, reading), reading)
        // "49…" without a plus is dialled as it stands, and it is not known what the far side takes it for.
        case .bareCountryCode, .plus: return (.nationalOnly(digits), nil)
        }
    }

    /// Accepts a number in E.164 that its country's plan leaves possible, or that our tables know as a special one.
    private func checked(_ e164: String) throws(NumberError) -> Result {
        let isKnown = [NumberRange].known(e164)?.isSpecial ?? false
        switch NumberLibrary.read("+" + e164, in: region) {
        case .number(let reading):
            if reading.isValid, reading.e164.utf8.count <= DialString.longestInternational {
                return (full(reading.e164, reading), reading)
            }
            guard isKnown || reading.length == .possible else { throw .wrongLength(digits: e164.utf8.count) }
            return (full(e164, reading), reading)
        case .unknownCountry:
            guard isKnown else { throw .unknownCountryCode }
        case .unreadable:
            guard isKnown else { throw .wrongLength(digits: e164.utf8.count) }
        case .unavailable:
            break
        }
        return (full(e164, nil), nil)
    }

    private func full(_ e164: String, _ reading: NumberLibrary.Reading?) -> PhoneNumber.Form {
        .full(e164: e164, national: region.readByLibrary ? national(e164, reading) : nil)
    }

    /// How a number is dialled in a region without rules of our own; nothing where its prefixes do.
    ///
    /// Some countries dial mobiles otherwise than fixed lines (Argentina's 15, China's missing 0). Only what is read
    /// back as the same number is taken.
    private func national(_ e164: String, _ reading: NumberLibrary.Reading?) -> String? {
        guard e164.hasPrefix(region.countryCode), let reading, reading.isValid else { return nil }
        for candidate in [reading.national, region.national(e164)]
        where (DialString.shortest...DialString.longest).contains(candidate.utf8.count) {
            if case .number(let again) = NumberLibrary.read(candidate, in: region), again.e164 == e164,
                NumberLibrary.shortNumber(candidate, in: region) == nil
            {
                return candidate
            }
        }
        return region.internationalPrefix + e164
    }
}

extension [NumberRange] {
    /// The range of our own tables that a number in E.164 lies in.
    static func known(_ e164: String) -> NumberRange? {
        if let range = beyondCountries.best(for: e164) { return range }
        guard let country = Region.abroad(e164) else { return nil }
        return country.ranges.best(for: String(e164.dropFirst(country.countryCode.utf8.count)))
    }
}

extension NumberRange {
    /// Whether its numbers are never ordinary ones, so that one of a strange length is still told for what it is.
    var isSpecial: Bool {
        switch numberClass {
        case .premium, .sharedCost, .satellite, .callByCall, .short: true
        case .emergency, .home, .international, .tollFree: false
        }
    }
}
