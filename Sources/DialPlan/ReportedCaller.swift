/// Who calls, as a modem, a SIM or a PBX reports it.
///
/// Networks and exchanges write numbers in more ways than people do: E.164 without `+`, national numbers without the
/// trunk prefix, `"Anna" <sip:+49221…@host>`, words such as `anonymous`. Nothing here is a reason to dial anything: a
/// number that is called back is read again and judged like any other.
package struct ReportedCaller: Sendable, Hashable {
    /// What is known of the number.
    package enum Identity: Sendable, Hashable {
        /// A number that the world can call.
        case number(PhoneNumber)
        /// An extension, a short number, or what else has a meaning only where it comes from; at most 32 characters.
        case local(String)
        /// The caller did not want it to be shown.
        case withheld
        /// The network did not know it.
        case unavailable
    }

    /// What is known of the number.
    package let identity: Identity
    /// The name that came along, at most 80 characters, without control characters.
    package let name: String?

    /// Reads a report.
    ///
    /// - Parameters:
    ///   - text: The number, an address (`tel:`, `sip:`, `sips:`), or one in angle brackets behind a name (RFC 3261
    /// §20.10).
    ///   - typeOfAddress: The octet behind the number in `+CLIP` and `+CLCC`: 145 international, 161 national, 129
    /// unknown
    ///     (3GPP TS 24.008 §10.5.4.7).
    ///   - format: How the reporting PBX writes numbers, where that is known; ``NumberFormat/e164`` settles what the
    /// digits
    ///     alone leave open.
    ///   - region: The region of national numbers.
    package init(_ text: String, typeOfAddress: Int? = nil, format: NumberFormat? = nil, region: Region) {
        let (name, address) = Self.parts(of: text)
        self.name = name
        let user = Self.userPart(of: address)
        identity =
            Self.words[user.lowercased()]
            ?? Self.number(user, typeOfAddress: typeOfAddress, isE164: format == .e164, region: region)
    }

    // What exchanges and networks write in place of a number; 266696687 spells ANONYMOUS on a telephone's keys.
    private static let words: [String: Identity] = [
        "anonymous": .withheld, "restricted": .withheld, "private": .withheld, "withheld": .withheld,
        "unbekannt": .unavailable, "anonym": .withheld, "266696687": .withheld, "+266696687": .withheld,
        "unknown": .unavailable, "unavailable": .unavailable, "asterisk": .unavailable, "": .unavailable,
        "<unknown>": .unavailable, "s": .unavailable,
    ]

    private static func number(_ user: String, typeOfAddress: Int?, isE164: Bool, region: Region) -> Identity {
        guard let typed = try? TypedNumber(user, internationalPrefix: region.internationalPrefix),
            !typed.digits.isEmpty
        else { return .local(printable(user, limit: 32)) }
        let candidates = readings(of: typed, typeOfAddress: typeOfAddress, isE164: isE164, region: region)
        for candidate in candidates {
            guard let number = try? PhoneNumber(candidate, region: region), number.e164 != nil else { continue }
            // Guesses have to be right; what is written in full is believed.
            if candidate == typed || number.reading?.isValid == true {
                return .number(number)
            }
        }
        return .local(printable(user, limit: 32))
    }

    /// The ways to read a number, the likeliest first.
    private static func readings(
        of typed: TypedNumber,
        typeOfAddress: Int?,
        isE164: Bool,
        region: Region
    ) -> [TypedNumber] {
        guard !typed.hasPlus, !EmergencyNumbers.contains(typed.digits, region: region) else { return [typed] }
        let zeros = typed.digits.hasPrefix("00") ? String(typed.digits.dropFirst(2)) : typed.digits
        let international = TypedNumber(hasPlus: true, digits: zeros)
        let national = TypedNumber(digits: region.trunkPrefix + typed.digits)
        // The bits for the type of number; the others say which plan (24.008 table 10.5.118).
        switch typeOfAddress.map({ $0 & 0x70 }) {
        case 0x10: return [international, typed]
        case 0x20: return typed.digits.hasPrefix("0") ? [typed, national] : [national, typed]
        default: break
        }
        guard typed.digits.utf8.count >= 7 else { return [typed] }
        if isE164 { return [international, typed] }
        return typed.digits.hasPrefix(region.countryCode) && !typed.digits.hasPrefix("0")
            ? [typed, international, national] : [typed, national]
    }

    /// The name and the address of `"Name" <address>`.
    private static func parts(of text: String) -> (name: String?, address: Substring) {
        guard let open = text.lastIndex(of: "<"), let close = text[open...].firstIndex(of: ">") else {
            return (nil, text[...])
        }
        let name = printable(text[..<open].filter { $0 != "\"" }, limit: 80)
        return (name.isEmpty ? nil : name, text[text.index(after: open)..<close])
    }

    /// The part of an address that names the line.
    private static func userPart(of address: Substring) -> String {
        let trimmed = address.drop { $0 == " " || $0 == "\t" }
        let lowered = trimmed.lowercased()
        guard lowered.hasPrefix("sip:") || lowered.hasPrefix("sips:") else {
            return String(trimmed.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        }
        let user = trimmed[trimmed.index(after: trimmed.firstIndex(of: ":") ?? trimmed.startIndex)...]
            .prefix { $0 != "@" && $0 != ";" && $0 != "?" }
        // RFC 3261 §19.1.2 lets a plus be written as its code.
        return user.lowercased().hasPrefix("%2b") ? "+" + user.dropFirst(3) : String(user)
    }

    private static func printable(_ text: some StringProtocol, limit: Int) -> String {
        var kept = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar.properties.generalCategory {
            // Controls, direction marks and the like would let a caller write elsewhere on a terminal.
            case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator: continue
            default: kept.append(scalar)
            }
            if kept.count == limit { break }
        }
        let words = String(kept).split(separator: " ")
        return words.joined(separator: " ")
    }
}

extension TypedNumber {
    init(hasPlus: Bool = false, digits: String) {
        self.hasPlus = hasPlus
        self.digits = digits
    }
}
