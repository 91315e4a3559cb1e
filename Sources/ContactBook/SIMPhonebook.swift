package import CallModel
internal import Contacts
internal import DialPlan
package import Modem

/// The phone book of a SIM as contacts, read on demand and never written.
package enum SIMPhonebook {
    /// Reads every entry that has a number that can be dialled; a name makes a contact, the number one without.
    ///
    /// - Parameter session: a modem whose SIM is unlocked.
    package static func contacts(_ session: ModemSession) async throws(PhonebookFailure) -> [Contact] {
        try await session.phonebook()
            .compactMap { entry in
                guard (try? DialString(typed: entry.number)) != nil else { return nil }
                let name = String(entry.name.split(separator: " ").joined(separator: " ").prefix(100))
                return Contact(name: name.isEmpty ? entry.number : name, numbers: [Contact.Number(entry.number)])
            }
    }
}
