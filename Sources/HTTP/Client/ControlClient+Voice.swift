package import GatewayAPI
internal import TextCoding

// Whether the service's modems can call.
extension ControlClient {
    /// Looks whether a modem can call where it is now.
    package func voiceReadiness(_ modem: String) async throws(ControlError) -> VoiceReadiness {
        try await get("/v1/modems/\(PercentCoding.encode(modem))/volte")
    }

    /// Switches a modem's calls over LTE on, and reads back what is set.
    package func enableVoice(_ modem: String) async throws(ControlError) -> VoiceReadiness {
        try await slowPost("/v1/modems/\(PercentCoding.encode(modem))/volte")
    }

    /// Asks a modem where it is at this moment, and for its number.
    package func modemNow(_ modem: String) async throws(ControlError) -> ModemNow {
        try await get("/v1/modems/\(PercentCoding.encode(modem))/now")
    }
}
