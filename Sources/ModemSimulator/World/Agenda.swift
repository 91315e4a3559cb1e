import NetworkSimulator

/// What a world still has to do, by time.
struct Agenda: Sendable {
    struct Entry: Sendable {
        let time: ContinuousClock.Instant
        let event: WorldEvent
    }

    /// The latest first, so that the next one is taken off the end; among equals the newest first.
    private var entries: [Entry] = []

    /// When the next event is due.
    var next: ContinuousClock.Instant? { entries.last?.time }

    var count: Int { entries.count }

    mutating func add(_ event: WorldEvent, at time: ContinuousClock.Instant) {
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            if entries[middle].time > time { low = middle + 1 } else { high = middle }
        }
        entries.insert(Entry(time: time, event: event), at: low)
    }

    /// Removes and returns the earliest event that is due.
    mutating func takeDue(at now: ContinuousClock.Instant) -> Entry? {
        guard let next, next <= now else { return nil }
        return entries.removeLast()
    }

    /// Forgets everything planned for a call.
    mutating func forget(call: Int) {
        entries.removeAll {
            guard case .network(call, _) = $0.event else { return false }
            return true
        }
    }

    /// Forgets when a modem was to leave the bus, to come back, or to restart.
    mutating func forget(plugging modem: Int) {
        let comings: [WorldEvent] = [
            .plug(modem), .unplug(modem), .reboot(modem, isQuiet: false), .reboot(modem, isQuiet: true),
        ]
        entries.removeAll { comings.contains($0.event) }
    }

    /// Forgets the answer that a modem was to give.
    mutating func forget(answerOf modem: Int) {
        entries.removeAll {
            guard case .modem(modem, let event) = $0.event else { return false }
            switch event {
            case .say(_, .information), .say(_, .final), .finish: return true
            default: return false
            }
        }
    }

    /// Forgets everything planned for a modem that lost its power.
    mutating func forget(modem: Int) {
        entries.removeAll {
            guard case .modem(modem, _) = $0.event else { return false }
            return true
        }
    }
}

/// Something that is due at a time.
enum WorldEvent: Sendable, Equatable {
    case network(Int, NetworkStep)
    case modem(Int, ModemEvent)
    case pbx(PBXStep)
    case message(MessageStep)
    case unplug(Int)
    /// Restarts without leaving the bus, and perhaps without a word.
    case reboot(Int, isQuiet: Bool)
    case plug(Int)
}

/// Something that happens inside a modem; forgotten when it loses power.
enum ModemEvent: Sendable, Equatable {
    /// A line leaves the firmware.
    case say(String, LineKind)
    /// What the firmware has said goes over the wire.
    case flush
    /// A text is asked for.
    case prompt
    /// What waits at the service centre may come.
    case messagesWait
    /// The command in flight is done.
    case finish
    case ring(call: Int)
    case callerID(call: Int)
    /// The network has taken a call over.
    case originated(call: Int)
    /// The modem takes a call for failed that it is still setting up.
    case forget(call: Int)
    /// It has the call all the same.
    case remember(call: Int)
    case goDeaf
    /// The next chunk of sound is due.
    case voice(since: ContinuousClock.Instant)
    /// The voice tty alone goes, or comes back.
    case voicePort(isThere: Bool)
    case simReady(isAnnounced: Bool)
    case registered
    case noise
    /// Unsolicited bytes, again and again until a time.
    case chatter([UInt8], every: Duration, until: ContinuousClock.Instant)
    /// The registration is told again, as a modem does that never stops.
    case registrationAgain
    /// The firmware is up again after a reset that did not leave the bus.
    case booted(isQuiet: Bool)
}
