/// A person or company that can be called.
package struct Contact: Sendable, Hashable, Codable {
    /// One of their numbers.
    package struct Number: Sendable, Hashable, Codable {
        /// The number as it was written; it can be dialled, but whether it may be is for the policy to say.
        package var number: String
        /// What kind it is: `mobile`, `work`, `home`, `fax` or a word of the source; nil when it says nothing.
        package var label: String?

        package init(_ number: String, label: String? = nil) {
            self.number = number
            self.label = label
        }
    }

    /// What they are called.
    package var name: String
    /// The organization that they belong to.
    package var organization: String?
    /// Their numbers, in the order of the source; never empty for a contact that was read.
    package var numbers: [Number]
    /// What the source calls the contact, so that a later version of it takes its place.
    package var uid: String?
    /// The groups that the source has the contact in; nil for none.
    package var groups: [String]?

    package init(name: String, organization: String? = nil, numbers: [Number], uid: String? = nil) {
        self.name = name
        self.organization = organization
        self.numbers = numbers
        self.uid = uid
    }
}
