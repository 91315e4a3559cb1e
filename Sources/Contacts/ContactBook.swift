package import CallModel
package import DialPlan

/// Contacts that can be found by name and by number.
package struct ContactBook: Sendable {
    /// A contact's number that a name may mean.
    package struct Match: Sendable, Hashable {
        package var contact: Contact
        package var number: Contact.Number

        /// `Anna Beispiel, mobile: +49 170 1234567`, for a person.
        package var description: String {
            contact.name + (contact.organization.map { $0 == contact.name ? "" : " (\($0))" } ?? "")
                + (number.label.map { ", \($0)" } ?? "") + ": " + number.number
        }
    }

    /// The contacts, by name.
    package let contacts: [Contact]
    private let region: Region
    private let names: [String: String]
    private let groups: [String: Set<String>]

    /// Creates a book.
    ///
    /// - Parameters:
    ///   - contacts: the contacts in any order.
    ///   - region: by whose rules their numbers are read.
    package init(_ contacts: [Contact], region: Region) {
        self.contacts =
            contacts.map { (key: SearchText.key($0.name), contact: $0) }
            .sorted { ($0.key, $0.contact.name) < ($1.key, $1.contact.name) }
            .map(\.contact)
        self.region = region
        var names: [String: String] = [:]
        var groups: [String: Set<String>] = [:]
        for contact in self.contacts {
            for number in contact.numbers {
                guard let e164 = Self.e164(number.number, region) else { continue }
                if let some = contact.groups { groups[e164, default: []].formUnion(some) }
                // A switchboard's number belongs to many: then the organization is the name.
                if let other = names[e164], other != contact.name {
                    names[e164] = contact.organization ?? other
                } else {
                    names[e164] = contact.name
                }
            }
        }
        self.names = names
        self.groups = groups
    }

    /// The name of the contact with a number; nil when no contact has it.
    ///
    /// - Parameter e164: the number in international format, with or without `+`.
    package func name(for e164: String) -> String? {
        names[e164.hasPrefix("+") ? String(e164.dropFirst()) : e164]
    }

    /// The groups of all contacts with a number.
    ///
    /// - Parameter e164: the number in international format, with or without `+`.
    package func groups(of e164: String) -> Set<String> {
        groups[e164.hasPrefix("+") ? String(e164.dropFirst()) : e164] ?? []
    }

    /// The contacts in whose name or organization a word begins with each word of the query, or that have a number that
    /// holds its digits.
    package func search(_ query: String) -> [Contact] {
        let forms = SearchText.forms(query)
        let digits = query.filter { ("0"..."9").contains($0) }
        let isNumber = digits.utf8.count >= 3 && !Self.isName(query)
        return contacts.filter { contact in
            let text = contact.name + " " + (contact.organization ?? "")
            if forms.contains(where: { SearchText.matches($0, text) }) { return true }
            guard isNumber else { return false }
            return contact.numbers.contains { number in
                number.number.filter { ("0"..."9").contains($0) }.contains(digits)
                    || Self.e164(number.number, region)?.contains(digits) == true
            }
        }
    }

    /// What a name may mean: one match is meant, several are to be asked about.
    ///
    /// Words of a label pick one of several numbers: `anna mobile`, `anna work fax`. A contact of exactly that name
    /// comes before those whose names only begin so. Faxes are left out unless asked for.
    package func resolve(_ text: String) -> [Match] {
        guard Self.isName(text) else { return [] }
        for form in SearchText.forms(text) {
            let found = contacts.flatMap { matches(of: form, in: $0) }
            guard !found.isEmpty else { continue }
            let key = form.joined(separator: " ")
            let exact = found.filter { match in
                SearchText.words(match.contact.name, spelledOut: false).joined(separator: " ") == key
                    || SearchText.words(match.contact.name, spelledOut: true).joined(separator: " ") == key
            }
            return unique(exact.isEmpty ? found : exact)
        }
        return []
    }

    /// Whether a text is meant as a name: it has a letter, and does not begin like a number.
    package static func isName(_ text: String) -> Bool {
        let first = text.unicodeScalars.first { !$0.properties.isWhitespace }
        guard let first, first.properties.isAlphabetic else { return false }
        return !text.lowercased().hasPrefix("tel:")
    }

    /// Why a name that means several numbers is not dialled.
    package static func words(forSeveral matches: [Match], called text: String) -> String {
        let shown = matches.prefix(8).map(\.description).joined(separator: "; ")
        let more = matches.count > 8 ? "; and \(matches.count - 8) more" : ""
        return "\(text) may mean several numbers, so give more of the name: \(shown)\(more)"
    }

    private func matches(of words: [String], in contact: Contact) -> [Match] {
        let text = contact.name + " " + (contact.organization ?? "")
        if SearchText.matches(words, text) {
            return contact.numbers.filter { !$0.isFax }.map { Match(contact: contact, number: $0) }
        }
        let picked = contact.numbers.compactMap { number in
            Self.isWholeLabel(number, of: words, text).map { (number: number, isWhole: $0) }
        }
        // Whose label was said in full is meant before those of whose label that is a part.
        let whole = picked.filter(\.isWhole)
        return (whole.isEmpty ? picked : whole).map { Match(contact: contact, number: $0.number) }
    }

    /// Whether the words name a number by the whole of its label or by a part, beside a name; nil where they don't.
    private static func isWholeLabel(_ number: Contact.Number, of words: [String], _ text: String) -> Bool? {
        var label = SearchText.forms(number.label ?? "").map { $0.map(Optional.some) }
        let count = label.first?.count ?? 0
        var rest = words
        var isFaxMeant = false
        // A label is said behind the name as a rule.
        for index in words.indices.reversed() {
            guard let place = label.lazy.compactMap({ $0.firstIndex(of: words[index]) }).first else { continue }
            for form in label.indices { label[form][place] = nil }
            rest.remove(at: index)
            isFaxMeant = isFaxMeant || SearchText.isFax(words[index])
            guard SearchText.matches(rest, text), isFaxMeant || !number.isFax else { continue }
            return words.count - rest.count == count
        }
        return nil
    }

    /// Each number once, however often it is written.
    private func unique(_ matches: [Match]) -> [Match] {
        var seen: Set<String> = []
        return matches.filter { match in
            seen.insert(Self.e164(match.number.number, region) ?? match.number.number).inserted
        }
    }

    private static func e164(_ number: String, _ region: Region) -> String? {
        (try? PhoneNumber(typed: number, region: region))?.e164
    }
}
