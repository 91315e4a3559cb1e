package import DialPlan
internal import WebRequests

/// Who calls, as a PBX told it.
package enum CallerIdentity: Sendable, Hashable {
    /// A number that can be called back.
    case number(PhoneNumber)
    /// An extension of the PBX, or a number that only means something there.
    case local(String)
    /// None: the number was withheld or not told.
    case withheld

    /// Reads what a PBX wrote: a number with or without `+`, an extension, a word such as `anonymous`, or nothing.
    ///
    /// - Parameters:
    ///   - text: the PBX's text.
    ///   - isE164: whether numbers come with their country code but without `+`.
    ///   - region: the region of national numbers.
    package init(_ text: String?, isE164: Bool = false, region: Region) {
        guard let text, !text.isEmpty, !Self.words.contains(text.lowercased()) else {
            self = .withheld
            return
        }
        let digits = text.utf8.allSatisfy { (0x30...0x39).contains($0) }
        let full = isE164 && digits && text.utf8.count >= 7 ? "+" + text : text
        if let number = try? PhoneNumber(typed: full, region: region), number.e164 != nil {
            self = .number(number)
            return
        }
        self = .local(Printable.text(text, limit: 32))
    }

    private static let words: Set<String> = [
        "anonymous", "unknown", "restricted", "private", "unavailable", "withheld", "+266696687", "266696687", "",
    ]
}
