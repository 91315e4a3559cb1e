package import CallModel

/// A modem as it stands, found out by asking and without changing anything that matters.
package struct ModemSurvey: Sendable, Hashable {
    /// Whether a modem's firmware can make calls.
    package enum Voice: String, Sendable, Hashable {
        /// It says so, or its model is known for it.
        case yes
        /// It says not, or its model is known as a data module.
        case no
        /// It does not say.
        case unknown
    }

    /// What it says of itself.
    package var identity: ModemIdentity
    package var family: String
    /// The card's state; nil when it did not say in time.
    package var sim: CardState?
    /// Where it is registered.
    package var registration: RegistrationStatus
    /// The network's name, or its number; nil when on none.
    package var operatorName: String?
    /// The access technology `<AcT>` (27.007 §7.3); nil when it did not say.
    package var technology: Int?
    /// The signal strength in dBm; nil when unknown.
    package var signal: Int?
    /// Whether it can make calls.
    package var voice: Voice
    /// How it can hand the sound of its calls over; nil where it was not asked.
    package var sound: SoundOffer?
    /// Whether every question was asked in the time that was given.
    package var isComplete: Bool
    /// The network's country and network code; nil where it is not told.
    package var networkCode: String?
    /// The radio networks that the family knows.
    package var radios: Set<RadioTechnology> = []

    /// Why no call can be made with it as it stands; nil when one can be tried.
    package var obstacle: ModemError? {
        switch sim {
        case .ready, .busy, .other, nil: break
        case .pin: return .pinMissing
        case .puk: return .puk
        case .deviceLock(let lock): return .deviceLocked(lock)
        case .absent: return .simAbsent
        case .failed: return .simFailed("SIM failure")
        }
        if voice == .no { return .noService("this modem makes no calls: its firmware or hardware is for data only") }
        if !registration.allowsCalls { return .noService(registration.explanation) }
        return nil
    }
}

extension ModemIdentity {
    /// Whether the model is known to have no voice calls, with any USB numbers.
    ///
    /// SIM7000 and its relatives answer under the number of SIM7600; one A7670E version has no voice (vendor forums).
    var isDataOnly: Bool {
        modelMentions(
            "sim7000",
            "sim7020",
            "sim7070",
            "sim7080",
            "sim7090",
            "sim7670g",
            "a7670e-lnxy",
            "bg77",
            "bg95",
            "bg96",
            "bc95",
            "em73",
            "em74",
            "em75",
            "em91",
            "mc73",
            "mc74",
            "hl78",
            "me910",
            "sara-r4",
            "sara-n",
            "rc76"
        )
    }

    /// Whether the model is known to make calls, as its manual says or as other programs do with it.
    var isKnownForVoice: Bool {
        modelMentions(
            "sim7100",
            "sim7500",
            "sim7600",
            "sim5320",
            "sim5300",
            "sim800",
            "sim900",
            "sim868",
            "a7600",
            "a7670",
            "ec20",
            "ec21",
            "ec25",
            "eg21",
            "eg25",
            "eg91",
            "eg95",
            "ep06",
            "eg06",
            "uc15",
            "uc20",
            "mc55",
            "pls8",
            "phs8",
            "ehs5",
            "ehs6",
            "pls62",
            "gm862",
            "uc864",
            "he910",
            "le910",
            "lisa-u",
            "sara-u",
            "toby-l4",
            "k3565"
        )
    }
}
