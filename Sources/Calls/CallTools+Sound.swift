internal import CallEndpoints
internal import CallModel
internal import FoundationEssentials
internal import GatewayAPI
internal import Logging
internal import Settings

extension CallTools {
    /// Has a call that comes in carry sound, as its rule says, its PBX's entry, or its modem's.
    ///
    /// - Parameter keys: what the other side has to press before anybody is joined with it; that needs sound in any case.
    func carrySound(
        _ call: Call,
        rule: Configuration.IncomingRule? = nil,
        asking keys: String? = nil,
        pbx: String? = nil,
        modem: String?
    ) {
        let entry = pbx.flatMap { name in configuration.pbx.first { $0.name == name } }
        var spec = rule?.audio ?? entry?.audio ?? modem.flatMap { configuration.modem($0) }?.audio.endpoint ?? .none
        if case .modem = spec {
            // A second call is placed for people who ask for one.
            log.warning("audio: \(spec.kind) is for calls that are dialled")
            spec = .none
        }
        let waitsForKey = (keys ?? rule?.confirm) != nil
        guard spec != .none || waitsForKey else { return }
        call.carry(CallSound(CallEndpoint(spec.naming(call.id.name)), of: call, waitsForKey: waitsForKey))
    }
}
