internal import FoundationEssentials
internal import ModemSimulator
internal import NIOHTTP1

// The part of Asterisk's REST interface (ARI) that call control needs; rest-api/api-docs of the Asterisk sources.
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
        case ("channels", 3) where path[2] == "continue" && message.method == .POST:
            return map(
                host.withWorld { world, now in
                    // Behind Stasis() the dialplan of the access number hangs up.
                    let isParked = world.pbx.parkedCall(path[1]) != nil
                    return world.ask(
                        isParked ? .hangUp(path[1]) : .release(held: path[1], reason: "continue"),
                        at: now
                    )
                }
            )
        case ("channels", 3) where (path[2] == "answer" || path[2] == "variable") && message.method == .POST:
            return openChannels.contains { $0.id == path[1] } ? .empty(204) : .problem(404, "Channel not found")
        case ("applications", 2) where message.method == .GET: return application(path[1])
        case ("bridges", _): return bridges(Array(path.dropFirst()), message)
        default: return .problem(404, "Resource not found")
        }
    }

    func map(_ reply: SimulatedPBX.Reply) -> PBXAnswer {
        switch reply {
        case .done, .ticket, .accepted, .state: .empty(204)
        case .taken, .exists: .problem(409, "Channel is not in a Stasis application")
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
        guard let endpoint = query["endpoint"], let number = Self.number(in: endpoint) else {
            return .problem(400, "Endpoint not found")
        }
        guard query["app"] != nil || query["extension"] != nil else {
            return .problem(400, "Application or extension must be specified")
        }
        let request = SimulatedPBX.Request.originate(party: number, target: query["extension"], id: id)
        switch host.withWorld({ world, now in world.ask(request, at: now) }) {
        case .accepted(let id):
            remember(id, of: id)
            return .json(200, Channel(id: id, state: "Down", caller: number, dialled: query["extension"] ?? "").json)
        case .exists: return .problem(409, "Channel with given unique ID already exists")
        case .refused(let why): return .problem(400, why)
        case .ticket, .done, .state, .taken, .gone, .unknown: return .problem(500, "Allocation failed")
        }
    }

    /// The number in `PJSIP/+49151…@trunk` or `PJSIP/trunk/+49151…`.
    private static func number(in endpoint: String) -> String? {
        let parts = endpoint.split(separator: "/").dropFirst()
        let words = parts.map { String($0.prefix { $0 != "@" }) }
        return words.first { word in word.contains { $0.isNumber } && word.allSatisfy { "+0123456789".contains($0) } }
    }

    /// The variables that the dialplan of the access number reads: whom the next call of a number is for.
    private func setVariable(_ query: [String: String]) -> PBXAnswer {
        guard let name = query["variable"] else { return .problem(400, "Variable name is required") }
        let value = String((query["value"] ?? "").prefix { $0 != "|" })
        for (prefix, isTarget) in [("GSMBRIDGE_DIAL_", true), ("GSMBRIDGE_JOIN_", false)] where name.hasPrefix(prefix) {
            let digits = name.dropFirst(prefix.count)
            guard !digits.isEmpty, !value.isEmpty else { continue }
            let caller = digits.hasPrefix("+") ? String(digits) : "+\(digits)"
            let request: SimulatedPBX.Request =
                isTarget ? .announce(target: value, caller: caller) : .claim(held: value, caller: caller)
            // A variable can always be set; whether it is of use shows when the call comes.
            _ = host.withWorld { world, now in world.ask(request, at: now) }
        }
        return .empty(204)
    }
}
