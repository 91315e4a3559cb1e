/// Which classes of numbers may be called.
///
/// Emergency numbers always pass. Of the rest, what is denied is refused even if it is allowed as well, and what is not
/// allowed is refused too. Toll-free numbers of the region pass along with ``NumberClass/home``.
package struct DialPolicy: Sendable, Equatable {
    /// The classes that may be called.
    package var allow: Set<NumberClass>
    /// The classes that may not, even if ``allow`` names them.
    package var deny: Set<NumberClass>

    /// Beginnings of international numbers, without `+`, that may be called although ``allow`` does not name their
    /// class.
    ///
    /// They open ordinary numbers of other countries and of the own one, never premium numbers and the like.
    package var allowPrefixes: [String]
    /// Beginnings of international numbers, without `+`, that may not be called, even if a class allows them.
    package var denyPrefixes: [String]

    /// Creates a policy; its defaults are those of the contract: numbers of the own region, and nothing that costs
    /// extra.
    package init(
        allow: Set<NumberClass> = [.home],
        deny: Set<NumberClass> = [.premium, .sharedCost, .satellite, .international],
        allowPrefixes: [String] = [],
        denyPrefixes: [String] = []
    ) {
        self.allow = allow
        self.deny = deny
        self.allowPrefixes = allowPrefixes
        self.denyPrefixes = denyPrefixes
    }

    /// Judges a number by what was typed and by what would go on the wire in a format; both must pass.
    package func verdict(on number: PhoneNumber, as format: NumberFormat = .plusE164) -> PolicyVerdict {
        let traits = number.traits + number.wireTraits(format)
        if let emergency = traits.first(where: { $0.numberClass == .emergency }) {
            return .allowed(.emergency, reason: "\(emergency.words) always passes")
        }
        if let denied = traits.first(where: { deny.contains($0.numberClass) }) {
            return .refused(
                denied.numberClass,
                reason: "this is \(denied.words), and the policy denies \(denied.numberClass.rawValue); "
                    + "take it out of policy.deny\(remedy(denied.numberClass, number)) to change that"
            )
        }
        if let refusal = prefixRefusal(of: number, as: format) {
            return .refused(traits.first?.numberClass ?? .short, reason: refusal)
        }
        let isOpened = !allowPrefixes.isEmpty && number.readings(format).allSatisfy { opens($0) }
        if let unlisted = traits.first(where: { !allows($0.numberClass, opened: isOpened) }) {
            let name = unlisted.numberClass.rawValue
            let prefix = Self.prefix(opening: unlisted.numberClass, number)
            return .refused(
                unlisted.numberClass,
                reason: "this is \(unlisted.words), and the policy does not allow \(name); add "
                    + (prefix.map { "\"\($0)\" to policy.allow_prefixes" } ?? "it to policy.allow") + " to change that"
            )
        }
        guard let first = traits.first else { return .refused(.short, reason: "nothing is known about this number") }
        return .allowed(first.numberClass, reason: "this is \(first.words), and the policy allows it")
    }

    /// What else has to be done for a class that is no longer denied; for a country the prefix, which opens no other.
    private func remedy(_ numberClass: NumberClass, _ number: PhoneNumber) -> String {
        if allows(numberClass, opened: false) { return "" }
        if let prefix = Self.prefix(opening: numberClass, number) {
            return " and add \"\(prefix)\" to policy.allow_prefixes"
        }
        return " and add it to policy.allow"
    }

    /// The prefix of another country, where that is all that keeps a number from being called.
    private static func prefix(opening numberClass: NumberClass, _ number: PhoneNumber) -> String? {
        guard numberClass == .international, number.isForeign, let e164 = number.e164,
            let country = Region.abroad(e164)
        else { return nil }
        // Under +1 there are two dozen countries, some of them dear: with their area they are one place.
        return "+" + (country.countryCode == "1" ? String(e164.prefix(4)) : country.countryCode)
    }

    /// Judges what a modem would dial, such as an access number, whether or not it can be read as a number.
    ///
    /// A network takes the digits that it needs and drops the rest: `0900112345678901234` reaches the premium number
    /// that it begins with. So what can't be read is refused, and named by what its beginning is. Help is never a way
    /// to anywhere else, with further digits behind it neither.
    package func verdict(onDialled dialled: DialString, region: Region) -> PolicyVerdict {
        if let prefix = EmergencyNumbers.prefix(of: dialled, region: region) {
            let what =
                prefix == dialled.digits ? "an emergency number" : "a number that begins with the emergency number"
            return .refused(.emergency, reason: "it is \(what), which is no way to another one")
        }
        let failure: NumberError
        do throws(NumberError) {
            return verdict(on: try PhoneNumber(typed: dialled.text, region: region))
        } catch {
            failure = error
        }
        let unreadable = "it can't be read as a number (\(failure))"
        // From the longest beginning that can be read on; what is refused outright is worth naming.
        for count in stride(from: dialled.digits.utf8.count - 1, through: DialString.shortest, by: -1) {
            let beginning = (dialled.isInternational ? "+" : "") + dialled.digits.prefix(count)
            guard let number = try? PhoneNumber(typed: beginning, region: region) else { continue }
            let verdict = verdict(on: number)
            guard !verdict.isAllowed, number.traits.contains(where: { deny.contains($0.numberClass) }) else { continue }
            return .refused(verdict.numberClass, reason: "\(unreadable), and by its beginning \(verdict.reason)")
        }
        return .refused(.short, reason: unreadable)
    }

    private func allows(_ numberClass: NumberClass, opened: Bool) -> Bool {
        allow.contains(numberClass) || (numberClass == .tollFree && allow.contains(.home))
            || (opened && (numberClass == .international || numberClass == .home))
    }

    private func opens(_ number: PhoneNumber) -> Bool {
        number.e164.map { e164 in allowPrefixes.contains { e164.hasPrefix($0) } } ?? false
    }

    /// Why a denied prefix refuses the number, as it was typed or as it will be read from the wire.
    private func prefixRefusal(of number: PhoneNumber, as format: NumberFormat) -> String? {
        for reading in number.readings(format) {
            if let e164 = reading.e164 {
                if let prefix = denyPrefixes.first(where: { e164.hasPrefix($0) }) {
                    return "it begins with +\(prefix), which policy.deny_prefixes names; take it out to change that"
                }
            } else if reading.numberClass == .home, !number.typed.digits.isEmpty,
                denyPrefixes.contains(where: { $0.hasPrefix(number.region.countryCode) })
            {
                // Without its area code it could be any of the numbers that are denied.
                return "without its area code it can't be compared with policy.deny_prefixes; type it in full"
            }
        }
        return nil
    }
}

/// What a policy says about one number, with a sentence that explains it and does not hold the number.
package enum PolicyVerdict: Sendable, Equatable {
    /// It may be called.
    case allowed(NumberClass, reason: String)
    /// It may not.
    case refused(NumberClass, reason: String)

    /// Whether the number may be called.
    package var isAllowed: Bool {
        switch self {
        case .allowed: true
        case .refused: false
        }
    }

    /// The class that decided.
    package var numberClass: NumberClass {
        switch self {
        case .allowed(let numberClass, _), .refused(let numberClass, _): numberClass
        }
    }

    /// The sentence for people.
    package var reason: String {
        switch self {
        case .allowed(_, let reason), .refused(_, let reason): reason
        }
    }
}

extension PhoneNumber {
    /// The number as it was typed, and as the far side will read it from the wire where that can be told.
    fileprivate func readings(_ format: NumberFormat) -> [PhoneNumber] {
        let wire = formatted(format)
        let text = format == .e164 && e164 != nil ? "+" + wire.digits : wire.text
        guard let read = try? PhoneNumber(typed: text, region: region) else { return [self] }
        return [self, read]
    }

    /// The traits of the number as the far side will read it from the wire.
    func wireTraits(_ format: NumberFormat) -> [NumberTrait] {
        let wire = formatted(format)
        let text: String
        switch (format, e164) {
        case (.national, _), (.plusE164, _), (_, nil): text = wire.text
        case (.e164, .some), (.international00, .some): text = "+" + wire.digits.drop { $0 == "0" }
        }
        guard let read = try? PhoneNumber(typed: text, region: region) else {
            return [NumberTrait(numberClass: .short, words: "a number that can't be read back from the wire")]
        }
        guard read.e164 == nil || read.e164 == e164 else {
            return [NumberTrait(numberClass: .short, words: "a number that the far side would read as another one")]
        }
        return read.traits
    }
}
