internal import ModemSimulator
internal import NIOHTTP1
internal import NetworkSimulator
internal import SimulatedTerminals

/// A bridge of the simulated Asterisk.
struct PBXBridge: Sendable {
    /// Whether it plays music to the caller who waits in it, instead of joining two.
    var isHolding: Bool
    /// The channels in it.
    var members: [String] = []
}

// Bridges of Asterisk's REST interface, with the statuses of res/ari/resource_bridges.c:
//
// | request | no such bridge | the bridge is there | other statuses |
// |---|---|---|---|
// | `POST /bridges`, `POST /bridges/ID` | 200 | 409 (22.5, 20.19 and later; 500 with `type` in earlier ones) | |
// | `GET`, `DELETE /bridges/ID`, `…/moh` | 404 | 200, 204 | 409: not in Stasis |
// | `…/addChannel` | 404 | 204, and the channel leaves the bridge in which it was (`control_add_channel_to_bridge` in res/stasis/control.c) | 400: no such channel; 422: not in Stasis |
// | `…/removeChannel` | 404 | 204 | 400: no such channel; 422: not in this bridge |
extension PBXDesk {
    func bridges(_ path: [String], _ message: PBXMessage) -> PBXAnswer {
        let isHolding = message.query["type"]?.contains("holding") == true
        switch (message.method, path.count) {
        case (.GET, 0):
            let all = withBridges { $0 }
            return .json(200, .list(all.keys.sorted().map { Self.bridge($0, all[$0]) } + conversations))
        case (.POST, 0):
            return withBridges { bridges in
                let id = message.query["bridgeId"] ?? "bridge-\(bridges.count + 1)"
                guard bridges[id] == nil else { return .problem(409, "Bridge with the same ID already exists") }
                bridges[id] = PBXBridge(isHolding: isHolding)
                return .json(200, Self.bridge(id, bridges[id]))
            }
        case (.POST, 1):
            return withBridges { bridges in
                guard bridges[path[0]] == nil else {
                    return .problem(409, "Bridge with id '\(path[0])' already exists")
                }
                bridges[path[0]] = PBXBridge(isHolding: isHolding)
                return .json(200, Self.bridge(path[0], bridges[path[0]]))
            }
        case (.GET, 1):
            guard let bridge = withBridges({ $0[path[0]] }) else { return .problem(404, "Bridge not found") }
            return .json(200, Self.bridge(path[0], bridge))
        case (.DELETE, 1):
            return withBridges { $0.removeValue(forKey: path[0]) != nil }
                ? .empty(204) : .problem(404, "Bridge not found")
        case (.POST, 2) where path[1] == "addChannel":
            return add(message.query["channel"] ?? "", to: path[0])
        case (.POST, 2) where path[1] == "removeChannel":
            return remove(message.query["channel"] ?? "", from: path[0])
        case (.POST, 2) where path[1] == "moh":
            return withBridges { $0[path[0]] != nil } ? .empty(204) : .problem(404, "Bridge not found")
        default: return .problem(404, "Resource not found")
        }
    }

    /// Takes a channel that is gone out of every bridge.
    func forget(channel: String) {
        withBridges { bridges in
            for id in bridges.keys { bridges[id]?.members.removeAll { $0 == channel } }
        }
    }

    /// The bridges that Dial() makes for calls that were placed by the dialplan.
    private var conversations: [JSONText] {
        host.withWorld { world, _ in
            world.pbx.originations.filter { $0.state == .bridged && !isPlaced(forApplication: $0.id) }
                .map { Self.bridge("dial-\($0.id)", PBXBridge(isHolding: false, members: [$0.id, "\($0.id)-target"])) }
        }
    }

    private static func bridge(_ id: String, _ bridge: PBXBridge?) -> JSONText {
        .object([
            ("id", .string(id)), ("bridge_type", .string(bridge?.isHolding == true ? "holding" : "mixing")),
            ("channels", .list((bridge?.members ?? []).map(JSONText.string))),
        ])
    }

    private func add(_ list: String, to id: String) -> PBXAnswer {
        guard let bridge = withBridges({ $0[id] }) else { return .problem(404, "Bridge not found") }
        let open = Set(openChannels.map(\.id))
        let new = list.split(separator: ",").map(String.init)
        guard !new.isEmpty, new.allSatisfy(open.contains) else { return .problem(400, "Channel not found") }
        guard new.allSatisfy(isInStasis) else { return .problem(422, "Channel not in Stasis application") }
        for channel in new { forget(channel: channel) }
        let all = bridge.members + new.filter { !bridge.members.contains($0) }
        if !bridge.isHolding {
            guard all.count <= 2 else { return .problem(409, "the simulated bridge has room for two") }
            if all.count == 2 {
                let answer = map(host.withWorld { world, now in world.ask(.connect(all[0], all[1]), at: now) })
                guard answer.status == 204 else { return answer }
            }
        }
        withBridges { $0[id]?.members = all }
        return .empty(204)
    }

    private func remove(_ list: String, from id: String) -> PBXAnswer {
        let gone = list.split(separator: ",").map(String.init)
        let open = Set(openChannels.map(\.id))
        guard !gone.isEmpty, gone.allSatisfy(open.contains) else { return .problem(400, "Channel not found") }
        return withBridges { bridges in
            guard let bridge = bridges[id] else { return .problem(404, "Bridge not found") }
            guard gone.allSatisfy(bridge.members.contains) else { return .problem(422, "Channel not in this bridge") }
            bridges[id]?.members.removeAll { gone.contains($0) }
            return .empty(204)
        }
    }
}
