package import CallModel

extension Contact {
    /// Name and organization without case and accents: equal for two that are the same to a person.
    package var searchKey: String { SearchText.key(name) + "\u{1F}" + SearchText.key(organization ?? "") }

    /// Whether another contact is the same one: by what the source calls it, else by name and organization.
    package func isSame(as other: Contact) -> Bool {
        if let uid, let other = other.uid { return uid == other }
        return searchKey == other.searchKey
    }
}

extension Contact.Number {
    /// Whether its label says that a fax answers there, in the words of address books of any language.
    package var isFax: Bool { label.map { SearchText.words($0).contains(where: SearchText.isFax) } ?? false }
}
