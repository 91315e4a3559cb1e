internal import CallLog
package import CallModel
package import Contacts
package import DialPlan
internal import FoundationEssentials
package import GatewayAPI
internal import Glibc
internal import Settings
internal import SmallFiles

/// The contacts of this box: a file with one JSON object a line in the state directory.
///
/// Replaced as a whole, so that neither a crash nor a full disk leaves half of it.
package struct ContactStore: Sendable {
    /// Why the file can't be used, in one line.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        /// Which file, what is wrong, and what to do.
        package let description: String
    }

    private static let limit = 64 << 20

    /// The file.
    package let path: String

    /// Creates a store.
    ///
    /// - Parameter directory: the state directory, which need not exist yet.
    package init(directory: String) {
        path = directory + "/contacts.jsonl"
    }

    /// Reads the contacts; none where there is no file.
    package func contacts() throws(Failure) -> [Contact] {
        let bytes: [UInt8]
        do throws(FileError) {
            bytes = try SmallFile.read(path, limit: Self.limit)
        } catch {
            if error == .absent { return [] }
            throw Failure(description: "contacts \(path): \(error.words)")
        }
        var contacts: [Contact] = []
        for (index, line) in bytes.split(separator: 0x0A).enumerated() {
            do { contacts.append(try JSONDecoder().decode(Contact.self, from: Data(line))) } catch {
                throw Failure(
                    description: "contacts \(path):\(index + 1): this is not a contact; remove the line, or the file"
                )
            }
        }
        return contacts
    }

    package func book(region: Region) throws(Failure) -> ContactBook {
        ContactBook(try contacts(), region: region)
    }

    /// Takes contacts in: those that are there already are brought up to date and keep the numbers they have.
    ///
    /// - Parameter replacing: whether everything that was there goes.
    package func take(_ new: [Contact], replacing: Bool = false) throws(Failure) -> ContactChanges {
        var all = replacing ? [] : try contacts()
        var changes = ContactChanges()
        var places: [String: Int] = [:]
        for (index, contact) in all.enumerated() { for key in Self.keys(contact) { places[key] = index } }
        for contact in new {
            guard let index = Self.keys(contact).lazy.compactMap({ places[$0] }).first, all[index].isSame(as: contact)
            else {
                for key in Self.keys(contact) { places[key] = all.count }
                all.append(contact)
                changes.added += 1
                continue
            }
            var merged = contact
            merged.uid = contact.uid ?? all[index].uid
            let known = Set(contact.numbers.map { Self.digits($0.number) })
            merged.numbers += all[index].numbers.filter { !known.contains(Self.digits($0.number)) }
            if merged == all[index] { changes.unchanged += 1 } else { changes.changed += 1 }
            all[index] = merged
        }
        try write(all)
        return changes
    }

    /// Removes the contacts that are called exactly so (case and accents don't matter), or all of them for nil.
    ///
    /// - Returns: how many there were.
    package func remove(called name: String?) throws(Failure) -> Int {
        let wanted = name.map { Contact(name: $0, numbers: []).searchKey }
        return try remove { contact in
            wanted.map { Contact(name: contact.name, numbers: []).searchKey == $0 } ?? true
        }
    }

    /// Removes contacts.
    ///
    /// - Returns: how many there were.
    package func remove(where isMeant: (Contact) -> Bool) throws(Failure) -> Int {
        let all = try contacts()
        let kept = all.filter { !isMeant($0) }
        if kept.count < all.count { try write(kept) }
        return all.count - kept.count
    }

    private static func digits(_ number: String) -> String { number.filter { $0 == "+" || $0.isASCII && $0.isNumber } }

    /// What a contact is found by in the file: its source's name for it, and its own.
    private static func keys(_ contact: Contact) -> [String] {
        (contact.uid.map { ["uid " + $0] } ?? []) + ["name " + contact.searchKey]
    }

    private func write(_ contacts: [Contact]) throws(Failure) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        var bytes: [UInt8] = []
        for contact in contacts {
            do { bytes += Array(try encoder.encode(contact)) + [0x0A] } catch {
                throw Failure(description: "contacts \(path): \(error)")
            }
        }
        do throws(FileError) { try SmallFile.replace(path, with: bytes) } catch {
            throw Failure(description: "contacts \(path): it can't be written: \(error.words)")
        }
    }
}
