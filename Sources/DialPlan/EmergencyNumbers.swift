/// The numbers that call for help.
///
/// They are matched exactly, never by their beginning: 1120 is no emergency number.
package enum EmergencyNumbers {
    /// Emergency numbers on every mobile network, with any SIM (3GPP TS 22.101 §10.1.1).
    package static let everywhere = ["112", "911"]

    /// Whether what a person typed is an emergency number in a region, also behind the region's own country code.
    package static func contains(_ typed: String, region: Region) -> Bool {
        guard let number = try? TypedNumber(typed, internationalPrefix: region.internationalPrefix) else {
            return false
        }
        return match(number, region: region) != nil
    }

    /// The emergency number that dialled digits are, or begin with as a network could take them; nil for others.
    ///
    /// Only digits that are no ordinary number otherwise begin with one: `112…` in a country where numbers begin with a
    /// zero.
    static func prefix(of dialled: DialString, region: Region) -> String? {
        if contains(dialled.text, region: region) { return dialled.digits }
        guard !dialled.isInternational, (try? PhoneNumber(typed: dialled.text, region: region))?.e164 == nil else {
            return nil
        }
        return (everywhere + region.emergencyNumbers).first { $0.utf8.count > 2 && dialled.digits.hasPrefix($0) }
    }

    /// The emergency number as it is to be dialled.
    static func match(_ number: TypedNumber, region: Region) -> String? {
        let digits = number.digits
        if !number.hasPlus {
            if everywhere.contains(digits) || region.emergencyNumbers.contains(digits) {
                return digits
            }
            guard digits.hasPrefix(region.internationalPrefix) else { return nil }
        }
        let international = number.hasPlus ? digits[...] : digits.dropFirst(region.internationalPrefix.utf8.count)
        guard international.hasPrefix(region.countryCode) else { return nil }
        // Only the region's own numbers here: +49 911 is the way to Nuremberg.
        let rest = String(international.dropFirst(region.countryCode.utf8.count))
        return rest == "112" || region.emergencyNumbers.contains(rest) ? rest : nil
    }
}
