internal import CallModel
internal import FoundationEssentials
package import GatewayAPI
internal import Synchronization

/// What the service counts: calls and modems as the events tell, and the requests to the interface itself.
package final class ServiceMetrics: Sendable {
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
        var soundFrames = 0
        var soundHoles = 0
        var soundLost = 0
        var soundStalls = 0
        /// Calls over RTP, and those of them whose way was too bad to talk well.
        var networkCalls = 0
        var badNetworkCalls = 0
        var modemEvents: [ModemKey: Int] = [:]
        var missedEvents = 0
        var requests: [RequestKey: Int] = [:]
        var refusedTokens = 0
        var cutConnections = 0
        /// What the live calls are, by id, until they end.
        var live: [UUID: (method: String, direction: String)] = [:]
    }

    /// More live calls than a box could ever have, so that events without an end can't fill the memory.
    fileprivate static let mostLive = 4096
    /// More modems than a box could ever have; further names are counted together.
    private static let mostModems = 256

    private let counters = Mutex(Counters())

    /// Counts from nothing.
    package init() {}

    /// A copy of what was counted.
    var snapshot: Counters { counters.withLock { $0 } }

    package func answered(_ origin: RequestOrigin, status: Int) {
        let side = origin == .local ? "local" : "remote"
        counters.withLock { $0.requests[RequestKey(origin: side, status: status), default: 0] += 1 }
    }

    package func tokenRefused() { counters.withLock { $0.refusedTokens += 1 } }

    package func connectionCut() { counters.withLock { $0.cutConnections += 1 } }

    /// Events were published that this did not see.
    package func missed() { counters.withLock { $0.missedEvents += 1 } }

    /// Counts what an event tells.
    package func count(_ event: any GatewayEvent) {
        switch event {
        case let event as CallEvent: count(event)
        case let event as ModemEvent: count(event)
        default: return
        }
    }

    private func count(_ event: CallEvent) {
        counters.withLock { counters in
            switch event.kind {
            case .requested(let request):
                counters.began(event.call, request.method.rawValue, request.direction.rawValue)
            case .progress(.ringing): counters.began(event.call, "incoming", "incoming")
            case .progress(.ended(let end)):
                let known = counters.live.removeValue(forKey: event.call) ?? ("unknown", "unknown")
                let key = CallKey(method: known.0, direction: known.1, outcome: end.outcome.rawValue)
                counters.calls[key, default: 0] += 1
                counters.callSeconds += max(0, end.seconds / .seconds(1))
            case .quality(let quality): counters.heard(quality)
            case .audio(let report):
                if report.state == .stalled { counters.soundStalls += 1 }
            case .progress, .dtmf, .joined: return
            }
        }
    }

    private func count(_ event: ModemEvent) {
        guard event.kind != .signal, event.kind != .state, let name = event.modem else { return }
        counters.withLock { counters in
            var key = ModemKey(modem: name, event: String(event.name.dropFirst("modem.".count)))
            if counters.modemEvents[key] == nil, counters.modemEvents.count >= 4 * Self.mostModems {
                key.modem = "others"
            }
            counters.modemEvents[key, default: 0] += 1
        }
    }
}

extension ServiceMetrics.Counters {
    fileprivate mutating func heard(_ quality: SoundQuality) {
        soundFrames += quality.frames
        soundHoles += quality.underruns
        soundLost += quality.overruns
        guard let network = quality.network else { return }
        networkCalls += 1
        if network.weakness != nil { badNetworkCalls += 1 }
    }

    fileprivate mutating func began(_ call: UUID, _ method: String, _ direction: String) {
        guard live[call] == nil, live.count < ServiceMetrics.mostLive else { return }
        live[call] = (method, direction)
    }
}
