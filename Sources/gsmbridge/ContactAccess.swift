import ArgumentParser
internal import CallModel
import Calls
internal import Console
internal import ContactBook
import Contacts
import DialPlan
internal import GatewayAPI
import HTTP
import Settings

/// Where the commands on contacts look: at the running service, which its users may ask, or without one at the file.
struct ContactAccess {
    private let client: ControlClient
    /// Warns of a mistake in the file, where the service is asked all the same.
    private let warn: () -> Void
    /// The configuration of the file, read where no service runs.
    private let configuration: () throws -> Configuration

    init(_ configuration: Configuration, _ client: ControlClient) {
        self.client = client
        warn = {}
        self.configuration = { configuration }
    }

    init(_ service: ServiceOptions, _ file: ConfigOptions) {
        let (client, warn) = service.clientAndWarning(file)
        self.client = client
        self.warn = warn
        configuration = { try file.load() }
    }

    /// Every contact, with its numbers read by the rules of the box's region.
    func book() async throws -> ContactBook {
        try await ask { client async throws(ControlError) in
            let list = try await client.contacts()
            do throws(RegionError) { return ContactBook(list.contacts, region: try Region(code: list.region)) } catch {
                throw .lost("\(error)")
            }
        } alone: { store, configuration throws(ContactStore.Failure) in
            try store.book(region: configuration.gateway.region)
        }
    }

    /// Takes contacts in.
    func take(_ contacts: [Contact], replacing: Bool) async throws -> ContactChanges {
        try await ask { client async throws(ControlError) in
            try await client.takeContacts(contacts, replacing: replacing)
        } alone: { store, _ throws(ContactStore.Failure) in
            try store.take(contacts, replacing: replacing)
        }
    }

    /// Removes the contacts that are called exactly so, or all of them for nil.
    func remove(called name: String?) async throws -> Int {
        try await ask { client async throws(ControlError) in
            try await client.removeContacts(called: name)
        } alone: { store, _ throws(ContactStore.Failure) in
            try store.remove(called: name)
        }
    }

    private func ask<Value>(
        _ running: (ControlClient) async throws(ControlError) -> Value,
        alone: (ContactStore, Configuration) throws(ContactStore.Failure) -> Value
    ) async throws -> Value {
        do throws(ControlError) {
            let value = try await running(client)
            warn()
            return value
        } catch {
            guard case .notRunning = error else {
                warn()
                throw ServiceRequest.failure(error)
            }
        }
        let configuration = try configuration()
        let store = ContactStore(directory: configuration.gateway.stateDirectory)
        do throws(ContactStore.Failure) { return try alone(store, configuration) } catch {
            Terminal.standardError("gsmbridge: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
    }
}
