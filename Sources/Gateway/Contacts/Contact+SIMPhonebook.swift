package import CallModel
internal import Contacts
internal import DialPlan
package import Lines

extension Contact {
    /// Creates a contact from an entry of a SIM, called as its number where it has no name; nil where that can't be dialled.
    package init?(_ entry: SIMPhonebook.Entry) {
        guard (try? DialString(typed: entry.number)) != nil else { return nil }
        let name = String(entry.name.split(separator: " ").joined(separator: " ").prefix(100))
        self.init(name: name.isEmpty ? entry.number : name, numbers: [Contact.Number(entry.number)])
    }
}
