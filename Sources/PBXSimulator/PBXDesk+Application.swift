internal import ModemSimulator
internal import NetworkSimulator
internal import SimulatedTerminals

/// Whom the dialplan hands channels to by `Stasis()`.
struct StasisApplication: Sendable {
    /// Writes an event on the connection for events; nil while there is none.
    var write: (@Sendable (String) -> Void)?
    /// Ends that connection.
    var close: (@Sendable () -> Void)?
    var connection = 0
    /// The channels that it has.
    var members: Set<String> = []
}

// The part of Asterisk that hands channels to applications, and tells them what becomes of these.
extension PBXDesk {
    /// What `GET /applications/NAME` says.
    func application(_ name: String) -> PBXAnswer {
        guard let application = withApplications({ $0[name] }) else { return .problem(404, "Application not found") }
        let channels = application.members.sorted().map(JSONText.string)
        return .json(
            200,
            .object([
                ("name", .string(name)), ("channel_ids", .list(channels)), ("bridge_ids", .list([])),
                ("endpoint_ids", .list([])), ("device_names", .list([])),
            ])
        )
    }

    /// A connection for the events of an application begins; an older one of the same name ends.
    ///
    /// - Returns: which connection it is, for ``eventsEnded(_:_:)``.
    func eventsBegin(
        _ name: String,
        write: @escaping @Sendable (String) -> Void,
        close: @escaping @Sendable () -> Void
    ) -> Int {
        let (old, number) = withApplications { applications in
            let old = applications[name]
            var new = old ?? StasisApplication()
            new.write = write
            new.close = close
            new.connection += 1
            applications[name] = new
            return (old, new.connection)
        }
        if let old, let write = old.write {
            write(JSONText.object([("type", .string("ApplicationReplaced")), ("application", .string(name))]).text)
            old.close?()
        }
        return number
    }

    /// A connection for events is over; the channels stay where they are.
    func eventsEnded(_ name: String, _ connection: Int) {
        withApplications { applications in
            guard applications[name]?.connection == connection else { return }
            applications[name]?.write = nil
            applications[name]?.close = nil
        }
    }

    /// Tells the application what happened.
    func follow(_ event: FarSideEvent) {
        guard let name = application else { return }
        switch event {
        case .pbx(.held(let id, let from, let to, _)):
            enter(Channel(id: id, state: "Up", caller: from, dialled: to), "held", name)
        case .pbx(.parked(let id, _, let number, let from)):
            enter(Channel(id: id, state: "Up", caller: from, dialled: number), "dialin", name)
        case .pbx(.gaveUp(let id)), .pbx(.expired(let id)), .pbx(.released(let id, _)), .pbx(.ended(let id, _)):
            leave(id, name)
        case .digit(let call, _, let digit, _):
            let id = host.withWorld { world, _ in world.pbx.parked.last { $0.call == call && $0.isLive }?.id }
            guard let id else { return }
            tell(
                name,
                [
                    ("type", .string("ChannelDtmfReceived")), ("digit", .string(String(digit))),
                    ("duration_ms", .number(100)), ("channel", .object([("id", .string(id))])),
                ]
            )
        default: break
        }
    }

    private func enter(_ channel: Channel, _ argument: String, _ name: String) {
        let isThere = withApplications { applications in
            guard applications[name]?.write != nil else { return false }
            applications[name]?.members.insert(channel.id)
            return true
        }
        guard isThere else {
            // Stasis() fails at once, and the dialplan goes on.
            host.withWorld { world, now in
                _ = world.ask(
                    argument == "held" ? .release(held: channel.id, reason: "no application") : .hangUp(channel.id),
                    at: now
                )
            }
            return
        }
        tell(
            name,
            [
                ("type", .string("StasisStart")), ("args", .list([.string(argument)])), ("channel", channel.json),
            ]
        )
    }

    func leave(_ channel: String, _ name: String) {
        forget(channel: channel)
        guard withApplications({ $0[name]?.members.remove(channel) != nil }) else { return }
        for type in ["StasisEnd", "ChannelDestroyed"] {
            tell(name, [("type", .string(type)), ("channel", .object([("id", .string(channel))]))])
        }
    }

    private func tell(_ name: String, _ fields: [(name: String, value: JSONText?)]) {
        let write = withApplications { $0[name]?.write }
        write?(JSONText.object(fields + [("application", .string(name))]).text)
    }
}
