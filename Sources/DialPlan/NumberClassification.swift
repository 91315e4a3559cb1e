/// One thing that is true of a number and matters to the policy.
struct NumberTrait: Sendable, Equatable {
    /// The class that follows from it.
    var numberClass: NumberClass
    /// A noun phrase for people, such as `a premium-rate number (0900)`.
    var words: String
}

extension PhoneNumber {
    /// What kind of number it is; where several are true, the one that the policy would look at first.
    public var numberClass: NumberClass { traits.first?.numberClass ?? .short }

    /// Everything that is true of the number, the most telling first; never empty.
    var traits: [NumberTrait] {
        if isEmergency {
            return [NumberTrait(numberClass: .emergency, words: "an emergency number")]
        }
        guard let e164 else { return bareTraits(formatted(.national).text) }
        if isForeign {
            return foreignTraits(e164)
        }
        let national = String(e164.dropFirst(region.countryCode.utf8.count))
        guard let range = region.ranges.best(for: national) else {
            return [NumberTrait(numberClass: .home, words: "a fixed or mobile number of \(region.code)")]
        }
        return [range.trait(shownBehind: region.trunkPrefix)]
    }

    /// The traits of digits that are dialled as they stand.
    private func bareTraits(_ digits: String) -> [NumberTrait] {
        if let length = region.carrierPrefixLength(of: digits) {
            let carrier = NumberTrait(numberClass: .callByCall, words: "a number behind another carrier's prefix")
            // What is hidden behind the prefix counts as well. The rest is shorter, so this ends.
            let rest = try? PhoneNumber(typed: String(digits.dropFirst(length)), region: region)
            let hidden = rest?.traits ?? [NumberTrait(numberClass: .short, words: "an incomplete number")]
            // An emergency number that is dialled this way reaches nobody, so it must not open the door either.
            return [carrier] + hidden.filter { $0.numberClass != .emergency }
        }
        if let range = region.shortRanges.best(for: digits) {
            return [range.trait(shownBehind: "")]
        }
        if digits.hasPrefix("00") || digits.hasPrefix(region.internationalPrefix) {
            return [NumberTrait(numberClass: .international, words: "a number behind an international prefix")]
        }
        if digits.utf8.count <= region.longestShort || (digits.hasPrefix("0") && !region.keepsZero) {
            return [NumberTrait(numberClass: .short, words: "a short or incomplete number without a known price")]
        }
        return [NumberTrait(numberClass: .home, words: "a number of \(region.code) without its area code")]
    }

    private func foreignTraits(_ e164: String) -> [NumberTrait] {
        let abroad = NumberTrait(numberClass: .international, words: "a number of another country than \(region.code)")
        if let range = [NumberRange].beyondCountries.best(for: e164) {
            return [range.trait(shownBehind: "+"), abroad]
        }
        guard let country = Region.abroad(e164),
            let range = country.ranges.best(for: String(e164.dropFirst(country.countryCode.utf8.count)))
        else { return [abroad] }
        switch range.numberClass {
        case .premium, .sharedCost: return [range.trait(shownBehind: "+\(country.countryCode) "), abroad]
        // What is cheap or special for people there says nothing about the price from here.
        case .emergency, .home, .international, .satellite, .tollFree, .short, .callByCall: return [abroad]
        }
    }
}

extension NumberRange {
    func trait(shownBehind prefix: String) -> NumberTrait {
        let article = label.first.map { "aeio".contains($0) } == true ? "an" : "a"
        return NumberTrait(numberClass: numberClass, words: "\(article) \(label) (\(prefix)\(self.prefix)…)")
    }
}
