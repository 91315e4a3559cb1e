/// One thing that is true of a number and matters to the policy.
struct NumberTrait: Sendable, Equatable {
    /// The class that follows from it.
    var numberClass: NumberClass
    /// A noun phrase for people, such as `a premium-rate number (0900)`.
    var words: String

    // A range that is in no plan is what those like who collect money for calls to it.
    static let unknownRange = NumberTrait(
        numberClass: .short,
        words: "a number of a range that is not known to be in use"
    )
    static let unchecked = NumberTrait(numberClass: .short, words: "a number that could not be checked")
    static let incomplete = NumberTrait(
        numberClass: .short,
        words: "a short or incomplete number without a known price"
    )
}

extension PhoneNumber {
    /// What kind of number it is; where several are true, the one that the policy would look at first.
    package var numberClass: NumberClass { traits.first?.numberClass ?? .short }

    /// Everything that is true of the number, the most telling first; never empty.
    ///
    /// Our own tables come first, for they know prices; what the library says is added where it is stricter.
    var traits: [NumberTrait] {
        if isEmergency {
            return [NumberTrait(numberClass: .emergency, words: "an emergency number")]
        }
        guard let e164 else { return bareTraits(formatted(.national).text) }
        return isForeign ? foreignTraits(e164) : homeTraits(e164)
    }

    private func homeTraits(_ e164: String) -> [NumberTrait] {
        let dialled = region.national(e164)
        if region.carrierPrefixLength(of: dialled) != nil {
            return bareTraits(dialled)
        }
        let national = String(e164.dropFirst(region.countryCode.utf8.count))
        guard let range = region.ranges.best(for: national) else { return libraryTraits }
        let trait = range.trait(shownBehind: region.trunkPrefix)
        guard range.numberClass == .home || range.numberClass == .tollFree else { return [trait] }
        guard let reading else { return [trait, .unchecked] }
        guard reading.isValid else {
            return range.lengths?.contains(national.utf8.count) == true ? [trait] : [trait, .unknownRange]
        }
        return [trait] + [reading.type.pricedTrait].compactMap { $0 }
    }

    /// The traits of a number with the region's country code in a range that our own tables leave out.
    private var libraryTraits: [NumberTrait] {
        guard let reading else { return [.unchecked] }
        guard reading.isValid else { return [.unknownRange] }
        let priced = reading.type.pricedTrait ?? reading.type.unpricedTrait(of: region)
        guard !reading.isValidInRegion, let other = reading.region, !region.sharesTariff(with: other) else {
            return [priced]
        }
        let abroad = NumberTrait(
            numberClass: .international,
            words: "a number of \(other), which shares the country code of \(region.code)"
        )
        return priced.numberClass == .home ? [abroad] : [priced, abroad]
    }

    private func foreignTraits(_ e164: String) -> [NumberTrait] {
        let abroad = NumberTrait(numberClass: .international, words: "a number of another country than \(region.code)")
        if let range = [NumberRange].beyondCountries.best(for: e164) {
            return [range.trait(shownBehind: "+")] + [range.type?.pricedTrait].compactMap { $0 } + [abroad]
        }
        if let country = Region.abroad(e164),
            let range = country.ranges.best(for: String(e164.dropFirst(country.countryCode.utf8.count)))
        {
            switch range.numberClass {
            case .premium, .sharedCost: return [range.trait(shownBehind: "+\(country.countryCode) "), abroad]
            // What is cheap or special for people there says nothing about the price from here.
            case .emergency, .home, .international, .satellite, .tollFree, .short, .callByCall: break
            }
        }
        guard let reading else { return [abroad, .unchecked] }
        guard reading.isValid else { return [abroad, .unknownRange] }
        return reading.type == .corporate ? [abroad] : [reading.type.pricedTrait].compactMap { $0 } + [abroad]
    }

    /// The traits of digits that are dialled as they stand.
    private func bareTraits(_ digits: String) -> [NumberTrait] {
        let carrier = NumberTrait(numberClass: .callByCall, words: "a number behind another carrier's prefix")
        if let length = region.carrierPrefixLength(of: digits) {
            // What is hidden behind the prefix counts as well. The rest is shorter, so this ends.
            let rest = try? PhoneNumber(typed: String(digits.dropFirst(length)), region: region)
            let hidden = rest?.traits ?? [NumberTrait(numberClass: .short, words: "an incomplete number")]
            // An emergency number that is dialled this way reaches no help, so it must not open the door either.
            return [carrier] + hidden.filter { $0.numberClass != .emergency }
        }
        if reading?.carrier != nil {
            return [carrier] + libraryTraits
        }
        let short = NumberLibrary.shortNumber(digits, in: region)
        if let range = region.shortRanges.best(for: digits) {
            let trait = range.trait(shownBehind: "")
            return short == .premium && range.numberClass != .premium ? [trait, .shortPremium] : [trait]
        }
        if digits.hasPrefix("00")
            || (region.internationalPrefix.utf8.count > 1 && digits.hasPrefix(region.internationalPrefix))
        {
            return [NumberTrait(numberClass: .international, words: "a number behind an international prefix")]
        }
        if let short {
            return [short.trait]
        }
        return localTraits(digits)
    }

    /// The traits of digits without an area code, if that is what they are.
    private func localTraits(_ digits: String) -> [NumberTrait] {
        let isLocal =
            region.readByLibrary
            ? reading?.length == .localOnly && digits.utf8.count >= Region.shortestLocal
            : digits.utf8.count > region.longestShort && digits.utf8.count <= region.longestLocal
        let local =
            isLocal && (region.keepsZero || !digits.hasPrefix("0"))
            ? NumberTrait(numberClass: .home, words: "a number of \(region.code) without its area code") : .incomplete
        // An exchange may well add the zero that is missing.
        guard let range = region.ranges.best(for: digits), range.isSpecial else { return [local] }
        return [range.trait(shownBehind: region.trunkPrefix), local]
    }
}

extension NumberRange {
    func trait(shownBehind prefix: String) -> NumberTrait {
        let article = label.first.map { "aeio".contains($0) } == true ? "an" : "a"
        return NumberTrait(numberClass: numberClass, words: "\(article) \(label) (\(prefix)\(self.prefix)…)")
    }
}

extension NumberTrait {
    static let shortPremium = NumberTrait(numberClass: .premium, words: "a short number at a price of its own")
}

extension NumberLibrary.ShortNumber {
    /// What follows for the policy.
    var trait: NumberTrait {
        switch self {
        case .tollFree: NumberTrait(numberClass: .tollFree, words: "a toll-free short number")
        case .standard: NumberTrait(numberClass: .home, words: "a short number at the price of an ordinary call")
        case .premium: .shortPremium
        case .unknown: NumberTrait(numberClass: .short, words: "a short number without a known price")
        }
    }
}

extension NumberType {
    /// What follows for the policy, where numbers of this type cost more than an ordinary call.
    var pricedTrait: NumberTrait? {
        switch self {
        case .premium: NumberTrait(numberClass: .premium, words: "a premium-rate number")
        case .sharedCost: NumberTrait(numberClass: .sharedCost, words: "a shared-cost number")
        case .personal: NumberTrait(numberClass: .sharedCost, words: "a personal number, which costs extra")
        case .pager: NumberTrait(numberClass: .sharedCost, words: "a pager's number, which costs extra")
        case .corporate, .fixed, .mobile, .fixedOrMobile, .tollFree, .voip, .voicemail, .satellite, .globalNetwork,
            .emergency, .short, .local, .callByCall, .unknown:
            nil
        }
    }

    /// What follows for the policy otherwise.
    func unpricedTrait(of region: Region) -> NumberTrait {
        switch self {
        case .tollFree: NumberTrait(numberClass: .tollFree, words: "a toll-free number")
        case .corporate:
            NumberTrait(numberClass: .sharedCost, words: "a company's number, which flat rates often leave out")
        default: NumberTrait(numberClass: .home, words: "a fixed or mobile number of \(region.code)")
        }
    }
}

extension Region {
    /// The fewest digits of what is taken for a local number where the library reads.
    static let shortestLocal = 6

    // Regions that share a country code and, as far as their operators publish it, the price of a call.
    private static let tariffAreas: [Set<String>] = [
        ["IT", "VA"], ["NO", "SJ"], ["FI", "AX"], ["AU", "CC", "CX"], ["GP", "BL", "MF"], ["RE", "YT"], ["CW", "BQ"],
        ["MA", "EH"], ["SH", "TA"],
    ]

    /// Whether calls to another region with the same country code cost what calls inside do.
    func sharesTariff(with other: String) -> Bool {
        other == code || Self.tariffAreas.contains { $0.contains(code) && $0.contains(other) }
    }
}
