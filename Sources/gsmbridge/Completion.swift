import ArgumentParser
internal import CallModel
import Contacts
import FoundationEssentials
internal import GatewayAPI
import HTTP
import Settings

/// What a shell offers behind an option, where only this box knows.
///
/// A shell that completes has no place for messages: where something goes wrong, nothing is offered.
enum Completion {
    /// The live calls, by the beginning of their ids.
    static let calls = CompletionKind.custom { _, _, _ async in
        let calls = (try? await client.calls()) ?? []
        return calls.map { String($0.call.uuidString.lowercased().prefix(LiveCallName.shown)) }
    }

    /// The modems of the running service and of the configuration, by name.
    static let modems = CompletionKind.custom { _, _, _ async in
        let running = ((try? await client.modems()) ?? []).compactMap(\.name)
        let configured = (configuration?.modems ?? []).map(\.name)
        return plain(running + configured.filter { !running.contains($0) })
    }

    /// The PBXs of the configuration.
    static let pbx = CompletionKind.custom { _, _, _ in plain((configuration?.pbx ?? []).map(\.name)) }

    /// The contacts, by name.
    static let contacts = CompletionKind.custom { _, _, _ async in
        guard let configuration = try? configuration ?? Configuration.defaults() else { return [] }
        let book = try? await ContactAccess(configuration, client).book()
        return plain((book?.contacts ?? []).map(\.name))
    }

    private static var configuration: Configuration? { try? Configuration.load(path: nil) }

    private static var client: ControlClient {
        ControlClient(socket: Configuration.socketPlace(option: nil, file: nil).path)
    }

    /// A line is one word to the shell: a name with a control character in it is not offered.
    private static func plain(_ names: [String]) -> [String] {
        names.filter { name in name.unicodeScalars.allSatisfy { $0.properties.generalCategory != .control } }
    }
}
