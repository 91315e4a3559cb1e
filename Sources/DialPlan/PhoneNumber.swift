/// A number as a person typed it in a region, understood as far as it can be.
///
/// In full: its country code and everything behind it is known, and every ``NumberFormat`` can be written. National
/// only: short numbers (115, 116117, 11833), emergency numbers, numbers without their area code, and numbers behind
/// another carrier's prefix; they are written as they are in every format and never get a prefix.
package struct PhoneNumber: Sendable, Hashable {
    /// The fewest digits of an international number, the country code included.
    static let shortestInternational = 6

    /// The number in its widest form.
    enum Form: Sendable, Hashable {
        /// With its country code, and as dialled inside its region where that is not just the trunk prefix and the
        /// rest.
        case full(e164: String, national: String?)
        case nationalOnly(String)
    }

    /// What was typed, without what people put between digits.
    package let typed: DialString
    /// The region whose rules it was read by.
    package let region: Region
    let form: Form
    /// What libphonenumber makes of it; nothing for emergency numbers, which do not ask it, and where it failed.
    let reading: NumberLibrary.Reading?

    /// Reads a number: with `+`, with the region's international prefix, with its trunk prefix, or as it stands.
    ///
    /// Throws where it is no number at all: a wrong sign, a country code that is none, a length that no number of its
    /// country has. Whether it may be dialled is for ``DialPolicy`` to say.
    package init(typed text: String, region: Region) throws(NumberError) {
        try self.init(TypedNumber(text, internationalPrefix: region.internationalPrefix), region: region)
    }

    init(_ number: TypedNumber, region: Region) throws(NumberError) {
        self.region = region
        if let emergency = EmergencyNumbers.match(number, region: region) {
            // Before anything that could fail, and without its tables.
            self.typed = DialString(known: (number.hasPlus ? "+" : "") + number.digits)
            self.form = .nationalOnly(emergency)
            self.reading = nil
            return
        }
        self.typed = try DialString(number)
        (form, reading) = try NumberReader(region: region).read(number)
    }

    /// The digits of the number in E.164, without `+`; nothing for a number that is national only.
    package var e164: String? {
        switch form {
        case .full(let e164, _): e164
        case .nationalOnly: nil
        }
    }

    /// Whether it has another country code than its region; short and local numbers never do.
    package var isForeign: Bool {
        switch form {
        case .full(let e164, _): !e164.hasPrefix(region.countryCode)
        case .nationalOnly: false
        }
    }

    /// Whether it is an emergency number of the region.
    package var isEmergency: Bool {
        EmergencyNumbers.contains(typed.text, region: region)
    }

    /// What else its digits mean when a `+` is put in front of them; nil where that makes no difference.
    ///
    /// `3906123456` is a mobile number in Italy, and `+3906123456` a line in Rome.
    package var readingWithPlus: String? {
        guard !typed.isInternational, let e164, typed.digits != e164, typed.digits.hasPrefix(region.countryCode),
            case .number(let other) = NumberLibrary.read("+" + typed.digits, in: region), other.isValid,
            other.e164 != e164
        else { return nil }
        return "+" + other.e164
    }

    /// Writes the number in a format; one that is national only is written as it is in all of them.
    package func formatted(_ format: NumberFormat) -> DialString {
        switch form {
        case .nationalOnly(let digits): DialString(known: digits)
        case .full(let e164, let national):
            switch format {
            case .e164: DialString(known: e164)
            case .plusE164: DialString(known: "+" + e164)
            case .international00: DialString(known: "00" + e164)
            case .national: DialString(known: national ?? region.national(e164))
            }
        }
    }
}

extension PhoneNumber: CustomStringConvertible {
    /// The number in international format, or as it is where it has none.
    package var description: String { formatted(.plusE164).text }
}

extension Region {
    /// A number as it is dialled here by the region's prefixes.
    func national(_ e164: String) -> String {
        e164.hasPrefix(countryCode)
            ? trunkPrefix + e164.dropFirst(countryCode.utf8.count)
            : internationalPrefix + e164
    }

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
        // No short number begins with a zero where one is part of ordinary numbers (Italy).
        let isLong = digits.utf8.count > longestShort || (keepsZero && digits.hasPrefix("0"))
        guard isLong, shortRanges.best(for: digits) == nil else { return false }
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
