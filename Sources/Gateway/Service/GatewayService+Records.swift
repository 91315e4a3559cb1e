internal import CallLog
package import CallModel
internal import CallRecords
internal import Calls
internal import ContactBook
internal import Contacts
internal import DialPlan
internal import Dispatch
package import FoundationEssentials
package import GatewayAPI
internal import Logging
internal import Settings

// What the box remembers of people. The files are read and written on threads that may wait for a disk.
extension GatewayService {
    /// See ``RecordControl/loggedCalls(_:)``.
    package func loggedCalls(_ query: CallLogQuery) async throws(ControlError) -> LoggedCalls {
        let archive = CallArchive(configuration)
        return try await Self.onDisk { () throws(ControlError) in try archive.list(query) }
    }

    /// See ``RecordControl/loggedCall(_:)``.
    package func loggedCall(_ reference: String) async throws(ControlError) -> LoggedCall {
        let archive = CallArchive(configuration)
        return try await Self.onDisk { () throws(ControlError) in try archive.call(reference) }
    }

    /// See ``RecordControl/callTotals(from:to:)``.
    package func callTotals(from start: Date, to end: Date) async throws(ControlError) -> CallTotals.Report {
        let archive = CallArchive(configuration)
        return try await Self.onDisk { () throws(ControlError) in try archive.totals(from: start, to: end) }
    }

    /// See ``RecordControl/eraseCalls(number:)``.
    package func eraseCalls(number: String) async throws(ControlError) -> ErasedNumber {
        let number = try CallArchive(configuration).canonical(number)
        do throws(CallLogError) {
            let erased = ErasedNumber(number: number, calls: try await recorder.erase(number: number))
            log.notice("a number was erased from the call log: \(CallLog.masked(number)), in \(erased.calls) calls")
            return erased
        } catch {
            throw .unavailable("\(error)")
        }
    }

    /// See ``RecordControl/contacts()``.
    package func contacts() async throws(ControlError) -> ContactList {
        let region = configuration.gateway.region.code
        let contacts = try await withContacts { store throws(ContactStore.Failure) in try store.contacts() }
        return ContactList(region: region, contacts: contacts)
    }

    /// See ``RecordControl/takeContacts(_:replacing:)``.
    package func takeContacts(
        _ contacts: [Contact],
        replacing: Bool
    ) async throws(ControlError) -> ContactChanges {
        let changes = try await withContacts { store throws(ContactStore.Failure) in
            try store.take(contacts, replacing: replacing)
        }
        names.refresh(configuration, log)
        return changes
    }

    /// See ``RecordControl/removeContacts(called:)``.
    package func removeContacts(called name: String?) async throws(ControlError) -> Int {
        let count = try await withContacts { store throws(ContactStore.Failure) in try store.remove(called: name) }
        names.refresh(configuration, log)
        return count
    }

    private func withContacts<Value: Sendable>(
        _ body: @escaping @Sendable (ContactStore) throws(ContactStore.Failure) -> Value
    ) async throws(ControlError) -> Value {
        let store = ContactStore(directory: configuration.gateway.stateDirectory)
        return try await Self.onDisk { () throws(ControlError) in
            do throws(ContactStore.Failure) { return try body(store) } catch { throw .unavailable("\(error)") }
        }
    }

    private static let records = DispatchQueue(label: "gsmbridge.records")

    /// Does something that waits for a disk, one after the other: two imports must not write over each other.
    private static func onDisk<Value: Sendable>(
        _ body: @escaping @Sendable () throws(ControlError) -> Value
    ) async throws(ControlError) -> Value {
        let result: Result<Value, ControlError> = await withCheckedContinuation { continuation in
            Self.records.async { continuation.resume(returning: Result { () throws(ControlError) in try body() }) }
        }
        return try result.get()
    }
}
