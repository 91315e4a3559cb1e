internal import ATProtocol
internal import Logging

/// What a look into the reasons tells beyond a ``ModemSurvey``.
package struct ModemDiagnosis: Sendable, Hashable {
    /// Tries left for the PIN; nil when the card is not asked for one, or the modem does not tell.
    package var pinTries: Int?
    /// The `<fun>` of `+CFUN?` (27.007 §8.2): 1 is full function, 0 and 4 have the radio off.
    package var functionality: Int?
    /// Voice over LTE, where the modem tells.
    package var ims: VoiceOverLTE?
    /// Whether the network shows callers' numbers to this card; nil where it does not say.
    package var callerShown: Bool?
    /// Whether the network lets this card hide its number; nil where it does not say.
    package var hiding: NumberHiding?
}

extension ModemDiagnosis {
    /// Reads what was answered to `AT+CLIP?` and `AT+CLIR?`.
    package init(callerNumbers lines: [String]) {
        self.init()
        let lines = lines.map { ATLine($0) }
        callerShown = lines.lazy.compactMap(Self.callerShown).first
        hiding = lines.lazy.compactMap { CallerRestriction(clir: $0)?.provision }.first?.ability
    }

    /// Reads `+CLIP: <n>,<m>`: 1 provisioned, 0 not (27.007 §7.6).
    fileprivate static func callerShown(_ line: ATLine) -> Bool? {
        let text = line.text
        guard text.hasPrefix("+CLIP:") else { return nil }
        switch text.dropFirst(6).split(separator: ",").dropFirst().first?.filter({ $0 != " " }) {
        case "0": return false
        case "1": return true
        default: return nil
        }
    }
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
            if try await cardState() == .pin { diagnosis.pinTries = await askPINTries() }
        } catch {
            log.debug("diagnosis: \(error)")
        }
        if let lines = await ask(.query("AT+CFUN?")) {
            diagnosis.functionality = lines.lazy.compactMap(Self.functionality).first
        }
        diagnosis.ims = await voiceOverLTE()
        if let lines = await ask(.query("AT+CLIP?", within: .seconds(3))) {
            diagnosis.callerShown = lines.lazy.compactMap(ModemDiagnosis.callerShown).first
        }
        diagnosis.hiding = await callerRestriction()?.ability
        return diagnosis
    }

    /// Reads `+CFUN: <fun>`, behind which some firmware has more.
    private static func functionality(_ line: ATLine) -> Int? {
        let text = line.text
        guard text.hasPrefix("+CFUN:") else { return nil }
        return Int(text.dropFirst(6).drop { $0 == " " }.prefix { $0.isNumber })
    }
}
