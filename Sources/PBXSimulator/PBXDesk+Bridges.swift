internal import ModemSimulator
internal import NIOHTTP1

/// A bridge of the simulated Asterisk.
struct PBXBridge: Sendable {
    /// Whether it plays music to whoever waits in it, instead of joining two.
    var isHolding: Bool
    /// The channels in it.
    var members: [String] = []
}

// Bridges of Asterisk's REST interface.
extension PBXDesk {
    func bridges(_ path: [String], _ message: PBXMessage) -> PBXAnswer {
        let isHolding = message.query["type"]?.contains("holding") == true
        switch (message.method, path.count) {
        case (.GET, 0):
            let all = withBridges { $0 }
            return .json(200, .list(all.keys.sorted().map { Self.bridge($0, all[$0]) }))
        case (.POST, 0):
            return withBridges { bridges in
                let id = message.query["bridgeId"] ?? "bridge-\(bridges.count + 1)"
                guard bridges[id] == nil else { return .problem(409, "Bridge with the same ID already exists") }
                bridges[id] = PBXBridge(isHolding: isHolding)
                return .json(200, Self.bridge(id, bridges[id]))
            }
        // With its id in the path, the one that is there is updated.
        case (.POST, 1):
            return withBridges { bridges in
                bridges[path[0], default: PBXBridge(isHolding: isHolding)].isHolding = isHolding
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
        let elsewhere = withBridges { bridges in
            bridges.contains { other, bridge in other != id && bridge.members.contains(where: new.contains) }
        }
        guard !elsewhere else { return .problem(409, "the channel is in another bridge") }
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
        return withBridges { bridges in
            guard let bridge = bridges[id] else { return .problem(404, "Bridge not found") }
            guard gone.allSatisfy(bridge.members.contains) else { return .problem(422, "Channel not in this bridge") }
            bridges[id]?.members.removeAll { gone.contains($0) }
            return .empty(204)
        }
    }
}
