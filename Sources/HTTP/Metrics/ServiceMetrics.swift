internal import Gateway
internal import GatewayAPI
internal import Synchronization

/// What the service counts: calls and modems as the events tell, and the requests to the interface itself.
final class ServiceMetrics: Sendable {
    struct CallKey: Hashable {
        var method: String
        var direction: String
        var outcome: String
    }

    struct RequestKey: Hashable {
        var origin: String
        var status: Int
    }

    struct ModemKey: Hashable {
        var modem: String
        var event: String
    }

    struct Counters {
        var calls: [CallKey: Int] = [:]
        var callSeconds = 0.0
        var modemEvents: [ModemKey: Int] = [:]
        var missedEvents = 0
        var requests: [RequestKey: Int] = [:]
        var refusedTokens = 0
        var cutConnections = 0
        /// What the live calls are, by id, until they end.
        var live: [String: (method: String, direction: String)] = [:]
    }

    /// More live calls than a box could ever have, so that events without an end can't fill the memory.
    private static let mostLive = 4096
    /// More modems than a box could ever have; further names are counted together.
    private static let mostModems = 256

    private let counters = Mutex(Counters())

    /// A copy of what was counted.
    var snapshot: Counters { counters.withLock { $0 } }

    func answered(_ origin: RequestOrigin, status: Int) {
        counters.withLock { $0.requests[RequestKey(origin: origin.rawValue, status: status), default: 0] += 1 }
    }

    func tokenRefused() { counters.withLock { $0.refusedTokens += 1 } }

    func connectionCut() { counters.withLock { $0.cutConnections += 1 } }

    /// Events were published that this did not see.
    func missed() { counters.withLock { $0.missedEvents += 1 } }

    /// Counts what an event tells.
    func count(_ entry: EventHub.Entry) {
        switch entry.name {
        case "call.requested", "call.ringing":
            guard let call = entry.call, let fields = Self.fields(of: entry) else { return }
            counters.withLock { counters in
                guard counters.live[call] == nil, counters.live.count < Self.mostLive else { return }
                let isRing = entry.name == "call.ringing"
                counters.live[call] = (
                    fields.method ?? (isRing ? "incoming" : "unknown"),
                    fields.direction ?? (isRing ? "incoming" : "outgoing")
                )
            }
        case "call.ended":
            guard let fields = Self.fields(of: entry) else { return }
            counters.withLock { counters in
                let known = entry.call.flatMap { counters.live.removeValue(forKey: $0) } ?? ("unknown", "unknown")
                let key = CallKey(method: known.0, direction: known.1, outcome: fields.outcome ?? "unknown")
                counters.calls[key, default: 0] += 1
                counters.callSeconds += max(0, fields.seconds ?? 0)
            }
        case "modem.found", "modem.ready", "modem.degraded", "modem.lost":
            guard let name = Self.fields(of: entry)?.modem else { return }
            counters.withLock { counters in
                var key = ModemKey(modem: name, event: String(entry.name.dropFirst("modem.".count)))
                if counters.modemEvents[key] == nil, counters.modemEvents.count >= 4 * Self.mostModems {
                    key.modem = "others"
                }
                counters.modemEvents[key, default: 0] += 1
            }
        default: return
        }
    }

    private struct Fields: Decodable {
        var method: String?
        var direction: String?
        var outcome: String?
        var seconds: Double?
        var modem: String?
    }

    private static func fields(of entry: EventHub.Entry) -> Fields? {
        // What the gateway itself wrote is JSON; an event that is not has nothing to count.
        try? WireFormat.decode(Fields.self, from: entry.json)
    }
}
