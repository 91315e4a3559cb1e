internal import ATProtocol
internal import Logging

/// Whether a modem calls over LTE.
package struct VoiceOverLTE: Sendable, Hashable {
    /// Whether it is switched off in the modem.
    package var isOff: Bool
    /// Whether the modem is registered for it; nil when it did not say.
    package var isRegistered: Bool?
}

/// What a look into the reasons tells beyond a ``ModemSurvey``.
package struct ModemDiagnosis: Sendable, Hashable {
    /// Tries left for the PIN; nil when the card is not asked for one, or the modem does not tell.
    package var pinTries: Int?
    /// The `<fun>` of `+CFUN?` (27.007 §8.2): 1 is full function, 0 and 4 have the radio off.
    package var functionality: Int?
    /// Voice over LTE, where the family tells.
    package var ims: VoiceOverLTE?
}

extension ModemSession {
    /// Asks for the reasons behind a survey, without changing anything: no PIN is tried.
    ///
    /// What the modem does not tell stays nil.
    ///
    /// - Parameter limit: after which time the session is closed and what is known so far is returned.
    package func diagnose(within limit: Duration = .seconds(6)) async -> ModemDiagnosis {
        let deadline = loop.schedule(at: loop.now + limit) { [weak self] in
            self?.assumeIsolated { $0.linkClosed() }
        }
        defer { deadline.cancel() }
        var diagnosis = ModemDiagnosis()
        do throws(ModemError) {
            try await identify()
            if try await cardState() == .pin { diagnosis.pinTries = await pinTries() }
        } catch {
            log.debug("diagnosis: \(error)")
        }
        if let lines = await ask(.query("AT+CFUN?")) {
            diagnosis.functionality = lines.lazy.compactMap(Self.functionality).first
        }
        if let question = driver.ims, let lines = await ask(question) {
            let state = lines.lazy.compactMap { IMSState(qcfg: $0) }.first
            diagnosis.ims = state.map { VoiceOverLTE(isOff: $0.setting == 2, isRegistered: $0.isRegistered) }
        }
        return diagnosis
    }

    /// Reads `+CFUN: <fun>`, behind which some firmware has more.
    private static func functionality(_ line: ATLine) -> Int? {
        let text = line.text
        guard text.hasPrefix("+CFUN:") else { return nil }
        return Int(text.dropFirst(6).drop { $0 == " " }.prefix { $0.isNumber })
    }
}
