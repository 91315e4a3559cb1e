internal import WebRequests

/// Something that Asterisk tells over its connection for events, as far as holding and joining callers need it
/// (rest-api/api-docs/events.json of the Asterisk sources).
enum StasisEvent: Sendable, Equatable {
    /// A channel that the dialplan handed to the application.
    struct Channel: Sendable, Equatable {
        /// Its unique id.
        let id: CallReference
        /// Whether it is answered.
        let isUp: Bool
        /// The caller's number as the trunk brought it; empty when withheld.
        let caller: String
        /// The number that was called.
        let dialled: String?
    }

    /// A channel came in, with the arguments of `Stasis()` behind the application's name.
    case entered(Channel, arguments: [String])
    /// A channel is the application's no more: it goes on in the dialplan, or is gone.
    case left(CallReference)
    /// A key was pressed.
    case digit(CallReference, Character)
    /// Another program connected under the application's name.
    case replaced

    /// Reads an event; nil for one that nothing is done about, or that lacks what it must have.
    init?(_ value: JSONValue) {
        switch value["type"]?.scalar {
        case "StasisStart":
            guard let channel = Channel(value["channel"]) else { return nil }
            var arguments: [String] = []
            if case .array(let list)? = value["args"] { arguments = list.prefix(8).compactMap(\.scalar) }
            self = .entered(channel, arguments: arguments)
        case "StasisEnd", "ChannelDestroyed":
            guard let id = value["channel"]?.reference else { return nil }
            self = .left(id)
        case "ChannelDtmfReceived":
            guard let id = value["channel"]?.reference, let text = value["digit"]?.scalar, text.utf8.count == 1,
                let digit = text.first
            else { return nil }
            self = .digit(id, digit)
        case "ApplicationReplaced": self = .replaced
        default: return nil
        }
    }
}

extension StasisEvent.Channel {
    fileprivate init?(_ value: JSONValue?) {
        guard let value, let id = value.reference else { return nil }
        self.id = id
        isUp = value["state"]?.scalar == "Up"
        caller = Printable.line(value["caller"]?["number"]?.scalar ?? "")
        let dialled = Printable.line(value["dialplan"]?["exten"]?.scalar ?? "")
        // `s` is how the dialplan calls what has no number.
        self.dialled = dialled.isEmpty || dialled == "s" ? nil : dialled
    }
}

extension JSONValue {
    /// The id of a channel or bridge.
    var reference: CallReference? { self["id"]?.scalar.flatMap { CallReference($0) } }
}

/// What Asterisk has of an application's when a connection for events begins.
struct StasisSnapshot: Sendable, Equatable {
    /// Two channels, or what is left of them, that the application joined.
    struct Bridge: Sendable, Equatable {
        let id: String
        /// Who is in it.
        let members: [CallReference]
    }

    /// The application's channels.
    var channels: Set<CallReference> = []
    /// The application's bridges for two.
    var bridges: [Bridge] = []

    /// More channels and bridges than any box has to do with.
    private static let most = 256

    /// Reads `GET /applications/NAME` and `GET /bridges`.
    ///
    /// - Parameters:
    ///   - application: the first answer.
    ///   - bridges: the second one.
    ///   - prefix: how the ids of the application's bridges for two begin.
    init(application: JSONValue, bridges: JSONValue, prefix: String) {
        channels = Set(Self.references(application["channel_ids"]))
        guard case .array(let list) = bridges else { return }
        self.bridges = list.prefix(Self.most)
            .compactMap { bridge in
                guard let id = bridge.reference, id.text.hasPrefix(prefix) else { return nil }
                return Bridge(id: id.text, members: Self.references(bridge["channels"]))
            }
    }

    init(channels: Set<CallReference> = [], bridges: [Bridge] = []) {
        self.channels = channels
        self.bridges = bridges
    }

    private static func references(_ value: JSONValue?) -> [CallReference] {
        guard case .array(let list)? = value else { return [] }
        return list.prefix(most).compactMap { $0.scalar.flatMap { CallReference($0) } }
    }
}
