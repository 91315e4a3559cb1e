internal import FoundationEssentials
internal import ModemSimulator
internal import NIOHTTP1
internal import NetworkSimulator
internal import SimulatedTerminals

// The part of Asterisk's REST interface (ARI) that call control needs; rest-api/api-docs of the Asterisk sources, with the
// statuses of res/ari/resource_channels.c (`find_control`, `ari_channels_handle_originate_with_id`):
//
// | request | no such channel | in the dialplan | in Stasis | other statuses |
// |---|---|---|---|---|
// | `POST /channels`, `/channels/ID` | 200 | 409 | 409 | 400: the endpoint is no TECH/NAME, or nothing says where to; 500 Allocation failed: the endpoint can't be called |
// | `GET`, `DELETE /channels/ID` | 404 | 200, 204 | 200, 204 | |
// | `POST /channels/ID/answer`, `…/continue`, `…/variable` | 404 | 409 | 204 | 400: no variable is named |
// | `POST /asterisk/variable` | | | | 400: no variable is named; else 204 |
extension PBXDesk {
    func asterisk(_ message: PBXMessage) -> PBXAnswer {
        let path = Array(message.path.dropFirst())
        switch (path.first, path.count) {
        case ("asterisk", 2) where path[1] == "info" && message.method == .GET:
            let system = JSONText.object([("version", .string("22.0.0-simulated")), ("entity_id", .string("00:00"))])
            return .json(200, .object([("system", system)]))
        case ("asterisk", 2) where path[1] == "variable" && message.method == .POST:
            return setVariable(message.query)
        case ("channels", 1): return channels(message)
        case ("channels", 2): return channel(path[1], message)
        case ("channels", 3) where ["continue", "answer", "variable"].contains(path[2]) && message.method == .POST:
            guard openChannels.contains(where: { $0.id == path[1] }) else { return .problem(404, "Channel not found") }
            guard isInStasis(path[1]) else { return .problem(409, "Channel not in Stasis application") }
            if path[2] == "variable", message.query["variable"] == nil {
                return .problem(400, "Variable name is required")
            }
            return path[2] == "continue" ? goOn(path[1], message.query) : .empty(204)
        case ("applications", 2) where message.method == .GET: return application(path[1])
        case ("bridges", _): return bridges(Array(path.dropFirst()), message)
        default: return .problem(404, "Resource not found")
        }
    }

    /// Whether a channel is an application's: those that the dialplan hands over, and those that were placed for one.
    func isInStasis(_ channel: String) -> Bool {
        let isOriginated = host.withWorld { world, _ in world.pbx.origination(channel) != nil }
        return !isOriginated || isPlaced(forApplication: channel)
    }

    /// A channel goes on in the dialplan: behind `Stasis()`, or at an extension of a context, whose number is called.
    private func goOn(_ channel: String, _ query: [String: String]) -> PBXAnswer {
        let target = query["context"] == nil ? nil : query["extension"]
        if target != nil, let name = application { leave(channel, name) }
        return map(
            host.withWorld { world, now in
                guard world.pbx.parkedCall(channel) != nil else {
                    return world.ask(.release(held: channel, reason: "continue"), at: now)
                }
                // Behind Stasis() the dialplan of the access number hangs up.
                return world.ask(target.map { .lead(channel, target: $0) } ?? .hangUp(channel), at: now)
            }
        )
    }

    func map(_ reply: SimulatedPBX.Reply) -> PBXAnswer {
        switch reply {
        case .done, .ticket, .accepted, .state: .empty(204)
        case .taken, .exists: .problem(409, "Channel not in Stasis application")
        case .gone, .unknown: .problem(404, "Channel not found")
        case .refused(let why): .problem(409, why)
        }
    }

    // MARK: Channels

    struct Channel {
        var id: String
        var state: String
        var caller: String
        var dialled: String

        var json: JSONText {
            .object([
                ("id", .string(id)), ("name", .string("PJSIP/trunk-\(id)")), ("state", .string(state)),
                ("caller", .object([("name", .string("")), ("number", .string(caller))])),
                ("dialplan", .object([("context", .string("held")), ("exten", .string(dialled))])),
            ])
        }
    }

    var openChannels: [Channel] {
        host.withWorld { world, _ in
            let held = world.pbx.held.filter { $0.isWaiting || $0.state == .joined }
                .map { Channel(id: $0.id, state: "Up", caller: $0.from, dialled: $0.to) }
            let placed = world.pbx.originations.filter { $0.state != .ended }
                .map { call in
                    let state =
                        switch call.state {
                        case .pending: "Down"
                        case .ringing: "Ringing"
                        case .answered, .bridged, .ended: "Up"
                        }
                    return Channel(id: call.id, state: state, caller: call.party, dialled: call.target ?? "")
                }
            let parked = world.pbx.parked.filter(\.isLive)
                .map { Channel(id: $0.id, state: "Up", caller: $0.caller, dialled: $0.number) }
            return held + placed + parked
        }
    }

    private func channels(_ message: PBXMessage) -> PBXAnswer {
        switch message.method {
        case .GET: return .json(200, .list(openChannels.map(\.json)))
        case .POST: return originate(message.query, message.query["channelId"])
        default: return .problem(405, "Method not allowed")
        }
    }

    private func channel(_ id: String, _ message: PBXMessage) -> PBXAnswer {
        switch message.method {
        case .GET:
            guard let channel = openChannels.first(where: { $0.id == id }) else {
                return .problem(404, "Channel not found")
            }
            return .json(200, channel.json)
        case .POST: return originate(message.query, id)
        case .DELETE: return map(host.withWorld { world, now in world.ask(.hangUp(id), at: now) })
        default: return .problem(405, "Method not allowed")
        }
    }

    private func originate(_ query: [String: String], _ id: String?) -> PBXAnswer {
        guard let endpoint = query["endpoint"], endpoint.contains("/") else {
            return .problem(400, "Invalid endpoint specified")
        }
        guard query["app"] != nil || query["extension"] != nil else {
            return .problem(400, "Application or extension must be specified")
        }
        // No such technology or trunk.
        guard let number = Self.number(in: endpoint) else { return .problem(500, "Allocation failed") }
        let request = SimulatedPBX.Request.originate(party: number, target: query["extension"], id: id)
        switch host.withWorld({ world, now in world.ask(request, at: now) }) {
        case .accepted(let id):
            remember(id, of: id)
            if query["app"] != nil { notePlaced(forApplication: id) }
            return .json(200, Channel(id: id, state: "Down", caller: number, dialled: query["extension"] ?? "").json)
        case .exists: return .problem(409, "Channel with given unique ID already exists")
        case .refused, .ticket, .done, .state, .taken, .gone, .unknown: return .problem(500, "Allocation failed")
        }
    }

    /// The number in `PJSIP/+49151…@trunk` or `PJSIP/trunk/+49151…`.
    private static func number(in endpoint: String) -> String? {
        let parts = endpoint.split(separator: "/").dropFirst()
        let words = parts.map { String($0.prefix { $0 != "@" }) }
        return words.first { word in word.contains { $0.isNumber } && word.allSatisfy { "+0123456789".contains($0) } }
    }

    /// The variable that the dialplan of the access number reads: whom the next call of a number with such an end is for.
    private func setVariable(_ query: [String: String]) -> PBXAnswer {
        guard let name = query["variable"] else { return .problem(400, "Variable name is required") }
        let prefix = "GSMBRIDGE_DIAL_"
        guard name.hasPrefix(prefix) else { return .empty(204) }
        let digits = name.dropFirst(prefix.count)
        let value = String((query["value"] ?? "").prefix { $0 != "|" })
        host.withWorld { world, now in
            guard let own = world.profiles.map(\.ownNumber).first(where: { $0.hasSuffix(digits) }) else { return }
            for ticket in world.pbx.tickets where ticket.state == .open && ticket.caller == own {
                _ = world.ask(.hangUp(ticket.id), at: now)
            }
            // A variable can always be set; whether it is of use shows when the call comes.
            if !value.isEmpty { _ = world.ask(.announce(target: value, caller: own), at: now) }
        }
        return .empty(204)
    }
}
