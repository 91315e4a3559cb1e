internal import Synchronization
internal import TextCoding
internal import WebAccess

/// What a new configuration can change of an interface that is open: names, and the page's certificate.
final class OpenInterface: Sendable {
    private struct State {
        var settings: ControlServer.Settings
        var control: HostNames
        var page: HostNames
        var identity: TLSIdentity?
        var door: WebDoor?
        /// The page's port, once it is open.
        var port: Int?
    }

    private let state: Mutex<State>

    init(_ settings: ControlServer.Settings) {
        state = Mutex(
            State(settings: settings, control: Self.control(settings), page: .page(settings.web?.names ?? []))
        )
    }

    /// The names under which the socket and TCP are asked.
    var control: HostNames { state.withLock { $0.control } }

    /// The names under which the page is asked.
    var page: HostNames { state.withLock { $0.page } }

    /// The page is open.
    func opened(_ door: WebDoor, identity: TLSIdentity?, port: Int) {
        let place = state.withLock { state in
            (state.door, state.identity, state.port) = (door, identity, port)
            return state.settings.web?.place(port)
        }
        if let place { door.open(at: place) }
    }

    /// Takes over what can be.
    ///
    /// - Returns: what can't be, in words, and what went wrong.
    func take(_ new: ControlServer.Settings) -> [String] {
        var notes: [String] = []
        let (old, identity, door, port) = state.withLock { ($0.settings, $0.identity, $0.door, $0.port) }
        let isElsewhere =
            old.web?.host != new.web?.host || old.web?.port != new.web?.port
            || (old.web?.tls == nil) != (new.web?.tls == nil)
        if isElsewhere {
            notes.append("web.enabled, web.listen, and whether there is TLS, are taken over at the next start only")
        }
        if old.tcp?.host != new.tcp?.host || old.tcp?.port != new.tcp?.port
            || old.tcp?.token.reveal() != new.tcp?.token.reveal()
            || old.tcp?.readToken?.reveal() != new.tcp?.readToken?.reveal()
        {
            notes.append("control.listen and its tokens are taken over at the next start only")
        }
        if let identity, let tls = new.web?.tls {
            do throws(WebhookListenerError) {
                try identity.renew(certificate: tls.certificate, key: tls.key)
            } catch {
                notes.append("the page keeps its certificate: \(error.words(below: "web.tls"))")
            }
        }
        state.withLock { state in
            state.settings.web?.names = new.web?.names ?? []
            state.settings.tcp?.names = new.tcp?.names ?? []
            state.control = Self.control(state.settings)
            state.page = .page(state.settings.web?.names ?? [])
        }
        if let door, let web = new.web { door.take(web.users) }
        if let door, let port, let place = state.withLock({ $0.settings.web?.place(port) }) { door.open(at: place) }
        return notes
    }

    private static func control(_ settings: ControlServer.Settings) -> HostNames {
        HostNames((settings.tcp?.names ?? []) + (settings.web?.names ?? []))
    }
}

extension ControlServer.Settings.Web {
    /// Where a browser finds the page.
    ///
    /// At this box's own address it is asked under that: a name that is configured may be a reverse proxy's.
    func place(_ port: Int) -> String {
        let scheme = tls == nil ? "http" : "https"
        let isLocal = host.hasPrefix("127.") || host == "::1"
        let isAny = host == "0.0.0.0" || host == "::"
        let address = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        let name = isLocal ? address : names.first ?? (isAny ? HostNames.ownName ?? address : address)
        return "\(scheme)://\(name):\(port)"
    }
}
