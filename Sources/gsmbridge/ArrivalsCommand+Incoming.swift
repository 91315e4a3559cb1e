import CallFlows
import CallModel
import CallPlanning
import DialPlan
import FoundationEssentials
internal import Presenters
import Settings

extension ArrivalsCommand.Explanation {
    /// What a call comes to that rings, in the order in which the service asks.
    static func incoming(_ call: Configuration.IncomingRule.Call, _ configuration: Configuration) -> Self {
        let holder = configuration.pbx.first {
            CallerMatch($0.reverse?.ringFrom.map(\.description) ?? []).matches(call.number)
        }
        if let holder {
            let text = "pbx.\(holder.name) rings from there for a caller whom it holds; `incoming` is not asked"
            return Self(on: "incoming", number: call.number, action: "reverse", pbx: holder.name, text: text)
        }
        if let disa = configuration.disa, disa.line == "any" || disa.line == call.line,
            CallerMatch(disa.from.map(\.description)).matches(call.number)
        {
            let text = "it is answered, and may call on with the PIN of `disa`; `incoming` is not asked"
            return Self(on: "incoming", number: call.number, action: "disa", text: text)
        }
        var others: [String] = []
        for (place, rule) in configuration.incoming.enumerated() {
            if let key = configuration.exclusion(of: call, by: rule) {
                others.append("incoming[\(place + 1)] does not fit: \(key)")
                continue
            }
            let text = (["incoming[\(place + 1)] \(rule.words)"] + others).joined(separator: "; ")
            let action = rule.audio == nil ? "ring" : "audio"
            return Self(on: "incoming", number: call.number, action: action, rule: place + 1, text: text)
        }
        let wish = configuration.gateway.unknownCallers.rawValue
        let text = (["no rule of `incoming` fits; gateway.unknown_callers: \(wish)"] + others).joined(separator: "; ")
        return Self(on: "incoming", number: call.number, action: wish, text: text)
    }
}

extension Configuration.IncomingRule {
    /// What it does, for people.
    fileprivate var words: String {
        let key = confirm.map { "; \($0) has to be pressed" } ?? ""
        if let audio { return "answers it for \(audio)" + key }
        let steps = [(Duration.zero, ring)] + then.map { ($0.after, $0.ring) }
        let rings = steps.map { after, people in
            (after == .zero ? "" : "after \(after.configurationText) ")
                + people.map(\.description).joined(separator: ", ")
        }
        return "rings \(rings.joined(separator: "; "))\(key); after \(ringsFor.configurationText): \(otherwise)"
    }
}

extension PolicyTime {
    /// Reads `HH:MM` of today, or what commands take as a time; nil for anything else.
    ///
    /// - Parameter text: nil for now.
    init?(typed text: String?) {
        self = .now()
        guard let text else { return }
        let isClock = text.utf8.count <= 5
        guard let date = try? LogTime.parse(isClock ? "\(day) \(text)" : text) else { return nil }
        self = .at(Int64(date.timeIntervalSince1970))
    }
}
