package import CallModel
package import GatewayAPI
package import Lines
package import Modem

// Whether a line can call, in the contract's words.
extension VoiceReadiness {
    /// Judges by how a line stands, what its family has, and what the modem tells of IMS.
    ///
    /// - Parameter radio: where the modem says that it is; nil where it was not asked, or does not say.
    package init(_ line: LineStatus, _ traits: VoiceTraits, _ ims: VoiceOverLTE?, radio: RadioTechnology?) {
        self.init()
        let radio = radio ?? line.health?.radio
        let status = ModemStatus(line)
        (modem, model, revision, family) = (status.name, status.model, status.revision, status.family)
        (registration, technology) = (status.registration, radio?.rawValue)
        (canEnable, caveats, source) = (traits.canEnable, traits.caveats, traits.source)
        self.ims = Self.registration(traits, ims)
        enabled = Self.answer(ims?.isOn)
        if enabled == .unknown, ims?.isRegistered == true { enabled = .yes }
        if traits.lack != nil { enabled = .no }
        (calls, reason) = Self.verdict(line, traits, ims, radio)
    }

    /// An answer that is yes, no or not known.
    package static func answer(_ known: Bool?) -> Answer { known.map { $0 ? .yes : .no } ?? .unknown }

    private static func registration(_ traits: VoiceTraits, _ ims: VoiceOverLTE?) -> Registration {
        if traits.lack != nil { return .lacking }
        if ims?.isRegistered == true { return .registered }
        if ims?.isOn == false { return .off }
        return ims?.isRegistered == false ? .notRegistered : .unknown
    }

    private static func verdict(
        _ line: LineStatus,
        _ traits: VoiceTraits,
        _ ims: VoiceOverLTE?,
        _ radio: RadioTechnology?
    ) -> (Answer, String) {
        if line.voice == .no { return (.no, "its firmware or hardware makes no calls: it is for data only") }
        guard let health = line.health else { return (.unknown, line.reason ?? "it was not asked yet") }
        guard health.registration.allowsCalls else { return (.no, health.registration.explanation) }
        guard let radio else {
            guard !traits.radios.isEmpty, traits.radios.allSatisfy(\.switchesCircuits) else {
                return (.unknown, "it does not tell in which radio network it is")
            }
            return (.yes, "registered, and in whichever network its family knows calls are carried by that itself")
        }
        if radio.switchesCircuits { return (.yes, "in \(radio.generation), which carries calls by itself") }
        if ims?.isRegistered == true { return (.yes, "calls over LTE: registered with the network's IMS") }
        if case .registered = health.registration.verdict {
            let why = "registered for calls too, so the network has it fall back to 2G or 3G for them"
            return (.yes, "in \(radio.generation), and \(why)")
        }
        guard ims?.isRegistered == false || ims?.isOn == false else {
            return (.unknown, "in \(radio.generation) for data only, and it does not tell whether IMS is registered")
        }
        return (.no, "in \(radio.generation) for data only, and IMS is not registered: calls fail")
    }
}
