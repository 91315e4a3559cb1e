internal import CallModel
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import Settings

extension CallTools {
    /// Has a call that comes in carry sound, as its rule says, its PBX's entry, or its modem's.
    func carrySound(_ call: Call, rule: Configuration.IncomingRule? = nil, pbx: String? = nil, modem: String?) {
        let entry = pbx.flatMap { name in configuration.pbx.first { $0.name == name } }
        let spec = rule?.audio ?? entry?.audio ?? modem.flatMap { configuration.modem($0) }?.audio.endpoint
        guard let spec, spec != .none else { return }
        switch spec {
        // A second call is placed for people who ask for one.
        case .modem: return log.warning("audio: \(spec.kind) is for calls that are dialled")
        default:
            let endpoint = CallEndpoint(spec.naming(call.id.name))
            call.carry(CallSound(endpoint, of: call, waitsForKey: rule?.confirm != nil))
        }
    }
}
