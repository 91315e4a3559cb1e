internal import ModemSimulator
internal import NetworkSimulator

/// What a webhook says.
struct WebhookText: Sendable {
    let json: String

    /// Writes news of the PBX down; nil for what is not told.
    ///
    /// - Parameters:
    ///   - news: what happened.
    ///   - key: how the program calls a call, by the PBX's reference.
    ///   - dial: where a held caller is fetched without a claim; nil where a claim is needed.
    ///   - present: the present instant of the world.
    init?(
        _ news: SimulatedPBX.Event,
        key: (String) -> String?,
        dial: String? = nil,
        present: ContinuousClock.Instant
    ) {
        var id: String
        var type: String
        var fields: [(name: String, value: JSONText?)] = []
        switch news {
        case .incoming(let call, let from, let to):
            (id, type) = (call, "call.incoming")
            fields = [("from", .string(from.isEmpty ? "anonymous" : from)), ("to", .string(to))]
        case .held(let call, let from, let to, let time):
            (id, type) = (call, "call.held")
            fields = [
                ("from", .string(from.isEmpty ? "anonymous" : from)), ("did", .string(to)),
                ("dial", dial.map(JSONText.string)),
                ("expiresAt", .string(TimeOfDay.text(present + time, present: present))),
            ]
        case .answered(let call): (id, type) = (call, "call.answered")
        case .joined(let call, _, _, _): (id, type) = (call, "call.bridged")
        case .expired(let call): (id, type) = (call, "call.expired")
        case .gaveUp(let call):
            (id, type) = (call, "call.ended")
            fields = [("cause", .string("cancelled"))]
        case .released(let call, _):
            (id, type) = (call, "call.ended")
            fields = [("cause", .string("diverted"))]
        case .unanswered(let call, let cause) where !call.hasPrefix("held"):
            (id, type) = (call, "call.ended")
            let reason = cause == 17 ? "busy" : cause == 16 ? "no_answer" : "failed"
            fields = [("cause", .string(reason))]
        case .ended(let call, let talked):
            (id, type) = (call, "call.ended")
            fields = [
                ("cause", .string(talked == nil ? "failed" : "normal")),
                ("seconds", talked.map { .number(Int($0.components.seconds)) }),
            ]
        case .ringing, .parked, .claimed, .turnedAway, .unanswered: return nil
        }
        let data: [(name: String, value: JSONText?)] = [("id", .string(id)), ("call", key(id).map(JSONText.string))]
        let root: [(name: String, value: JSONText?)] = [
            ("type", .string(type)), ("timestamp", .string(TimeOfDay.text(present, present: present))),
            ("data", .object(data + fields)),
        ]
        json = JSONText.object(root).text
    }
}
