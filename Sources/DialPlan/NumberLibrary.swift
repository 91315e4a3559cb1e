import CPhoneNumber

/// libphonenumber, as far as it is needed here: whether a number is plausible in its country, and of what kind it is.
///
/// Its tables are read at the first call (some 5 ms). It may be called from any thread.
enum NumberLibrary {
    /// What it makes of a number.
    enum Outcome: Sendable, Hashable {
        case number(Reading)
        /// No country has the country code.
        case unknownCountry
        /// It takes it for no number; too long or too short as a rule.
        case unreadable
        /// It failed and said nothing.
        case unavailable
    }

    /// Whether numbers of this length exist.
    enum Length: Sendable, Hashable {
        case possible
        /// Only without an area code.
        case localOnly
        case tooShort
        case tooLong
        case unknown
    }

    /// How the country code was found.
    enum Origin: Sendable, Hashable {
        case national
        case plus
        case internationalPrefix
        /// It was there without anything in front.
        case bareCountryCode
    }

    /// A number as the library understands it.
    struct Reading: Sendable, Hashable {
        var type: NumberType
        var length: Length
        var origin: Origin
        /// Whether its range is in use anywhere under its country code.
        var isValid: Bool
        /// Whether its range is in use in the region that was asked for.
        var isValidInRegion: Bool
        /// The region that it belongs to; nothing for a country code without a country.
        var region: String?
        /// The digits of E.164.
        var e164: String
        /// The digits as dialled inside its own country.
        var national: String
        /// The code of another carrier, where one was dialled along with it.
        var carrier: String?
    }

    /// What a short number costs.
    enum ShortNumber: Sendable, Hashable {
        case tollFree
        case standard
        case premium
        case unknown
    }

    /// Reads digits behind an optional `+` in a region.
    static func read(_ text: String, in region: Region) -> Outcome {
        var number = cpn_number()
        switch cpn_read(text, region.code, &number) {
        case CPN_NUMBER: return .number(Reading(number))
        case CPN_UNKNOWN_COUNTRY: return .unknownCountry
        case CPN_UNREADABLE: return .unreadable
        default: return .unavailable
        }
    }

    /// What digits cost that are dialled as they stand; nothing where they are no short number of the region.
    static func shortNumber(_ digits: String, in region: Region) -> ShortNumber? {
        switch cpn_short_number(digits, region.code) {
        case CPN_NOT_SHORT: nil
        case CPN_SHORT_TOLL_FREE: .tollFree
        case CPN_SHORT_STANDARD: .standard
        case CPN_SHORT_PREMIUM: .premium
        default: .unknown
        }
    }
}

extension NumberLibrary.Reading {
    init(_ number: cpn_number) {
        type = NumberType(number.kind)
        length =
            switch number.length {
            case CPN_POSSIBLE: .possible
            case CPN_LOCAL_ONLY: .localOnly
            case CPN_TOO_SHORT: .tooShort
            case CPN_TOO_LONG: .tooLong
            default: .unknown
            }
        origin =
            switch number.origin {
            case CPN_PLUS: .plus
            case CPN_INTERNATIONAL_PREFIX: .internationalPrefix
            case CPN_BARE_COUNTRY_CODE: .bareCountryCode
            default: .national
            }
        isValid = number.valid
        isValidInRegion = number.valid_in_region
        e164 = Self.text(number.e164)
        national = Self.text(number.national)
        let region = Self.text(number.region)
        // 001 is the library's code for the world (UN M.49).
        self.region = region.isEmpty || region == "001" ? nil : region
        let carrier = Self.text(number.carrier)
        self.carrier = carrier.isEmpty ? nil : carrier
    }

    /// The text in an array of bytes that a zero ends; nothing where none does.
    private static func text<Bytes>(_ bytes: Bytes) -> String {
        withUnsafeBytes(of: bytes) { buffer in
            String(decoding: buffer.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}

extension NumberType {
    init(_ kind: cpn_kind) {
        self =
            switch kind {
            case CPN_FIXED: .fixed
            case CPN_MOBILE: .mobile
            case CPN_FIXED_OR_MOBILE: .fixedOrMobile
            case CPN_TOLL_FREE: .tollFree
            case CPN_PREMIUM: .premium
            case CPN_SHARED_COST: .sharedCost
            case CPN_VOIP: .voip
            case CPN_PERSONAL: .personal
            case CPN_PAGER: .pager
            case CPN_CORPORATE: .corporate
            case CPN_VOICEMAIL: .voicemail
            default: .unknown
            }
    }
}
