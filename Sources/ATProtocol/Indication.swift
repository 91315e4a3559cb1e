package import CallModel

/// A line that no command asked for: an unsolicited result code.
///
/// What the families say in their own words is read by their drivers and comes as what it means; any other line is
/// ``unknown(name:)`` and harmless.
package enum Indication: Sendable, Hashable {
    /// `RING`, or `+CRING: <kind>` (27.007 §6.11); `kind` is `VOICE`, `FAX`, … where the modem told.
    case ring(kind: String?)
    /// `+CLIP: …`: who is calling (27.007 §7.6).
    case callerLine(CallerLine)
    /// `+CCWA: …`: a second caller is waiting (27.007 §7.12).
    case callWaiting(CallerLine)
    /// A row of the call list unasked (`+CLCC` of SIMCom after `AT+CLCC=1`, Cinterion's `^SLCC`); nil ends the list, or says that
    /// there is no call.
    case listed(CallListEntry?)
    /// A final word outside its command: `NO CARRIER`, `BUSY`, `NO ANSWER`, `NO DIALTONE`, `CONNECT`.
    case result(FinalResult)
    /// A family's own message about a call.
    case report(CallReport)

    /// `+CREG`, `+CGREG` or `+CEREG` unasked.
    case registration(Registration)
    /// `+CPIN: …` unasked, `+QSIMSTAT`, `#QSS`, `^SIMST`: the SIM came, went, or changed its state.
    case sim(SIMEvent)
    /// `+CSQ`, `^RSSI`, `^HCSQ`, `+QIND: "csq"`, …: signal strength in dBm where it can be told.
    case signal(dBm: Int?)
    /// A DTMF digit that the modem heard (`^DDTMF`, `+QTONEDET`, `+RXDTMF`, `+DTMF`, `#DTMFEV`, `+UUDTMFD`).
    case digitHeard(Character)
    /// The modem takes no sound of the call for now, or takes it again.
    case soundPaused(Bool)
    /// The modem has (re)started or finished starting (`RDY`, `PB DONE`, `SMS DONE`, `Call Ready`, `^BOOT`-less stages,
    /// `+READY`, `+CFUN: n`).
    case started(stage: String)
    /// `+CMTI`, `+CMT`, `+CDSI`: a message arrived.
    case message
    /// `+CMGS: <reference>` outside its command: a message was sent after all.
    case messageSent(reference: Int)
    /// `+CUSD: …`.
    case ussd
    /// Anything else; the name is what stands before the colon, or the whole line (at most 32 bytes of it).
    case unknown(name: String)
}

/// The caller of `+CLIP` and `+CCWA`.
package struct CallerLine: Sendable, Hashable {
    /// Why there is, or is not, a number (27.007 §7.6, CLI validity).
    package enum Validity: Sendable, Hashable {
        /// The number is the caller's.
        case valid
        /// The caller withheld it.
        case withheld
        /// The network could not deliver it.
        case unavailable
    }
    /// The digits as reported, with `+` where the type said international and the modem left it out; nil when empty.
    package var number: String?
    /// The type of address octet (145 international, 129 unknown, 161 national, 128 restricted).
    package var type: Int?
    /// Whether the number can be relied on to be present.
    package var validity: Validity
}

/// One line of `+CLCC` (27.007 §7.18) or `^SLCC`.
package struct CallListEntry: Sendable, Hashable {
    /// The `<stat>` of 27.007 §7.18, and SIMCom's 6.
    package enum State: Int, Sendable, Hashable {
        case active = 0
        case held = 1
        case dialing = 2
        case alerting = 3
        case incoming = 4
        case waiting = 5
        /// SIMCom only: the call is gone.
        case disconnected = 6
    }
    /// The call's index, 1 to 7 in practice.
    package var index: Int
    /// Who began it.
    package var direction: CallDirection
    /// Where it is.
    package var state: State
    /// The bearer: 0 voice, 1 data, 2 fax, 3 to 5 voice-capable alternations, 9 unknown.
    package var mode: Int
    /// Whether it is part of a multiparty call.
    package var multiparty: Bool
    /// The other side, `+` added where the type says international; nil when absent or empty.
    package var number: String?

    /// Whether this is a call that people talk on (modes 0, 3, 4, 5).
    package var isVoice: Bool { mode == 0 || (3...5).contains(mode) }

    /// Whether this may be a call that people talk on, of any kind that the modem names.
    ///
    /// Some list voice calls as data (1) or as unknown (9). A packet session has no number there, or a dial string with
    /// a star (`*99#`, 27.007 §10.2.1.1).
    package var mayBeCall: Bool {
        isVoice || (number.map { $0.contains { $0.isASCII && $0.isNumber } && !$0.contains("*") } ?? false)
    }

    /// Creates an entry from its parts.
    package init(
        index: Int,
        direction: CallDirection,
        state: State,
        mode: Int = 0,
        multiparty: Bool = false,
        number: String? = nil
    ) {
        self.index = index
        self.direction = direction
        self.state = state
        self.mode = mode
        self.multiparty = multiparty
        self.number = number
    }
}

/// One report of `+CREG`, `+CGREG` or `+CEREG` (27.007 §7.2, §10.1.20, §10.1.22).
package struct Registration: Sendable, Hashable {
    /// The part of the network that the report is about.
    package enum Domain: Sendable, Hashable {
        /// `+CREG`: circuit switched.
        case circuit
        /// `+CGREG`: packet switched, 2G and 3G.
        case packet
        /// `+CEREG`: packet switched, LTE.
        case evolved
    }
    /// The `<stat>` of the report.
    package enum State: Sendable, Hashable {
        case notRegistered
        case home
        case searching
        case denied
        case unknown
        case roaming
        /// 6 and 7: messages only, no calls.
        case messagesOnlyHome
        case messagesOnlyRoaming
        case emergencyOnly
        /// 9 and 10: registered, CSFB not preferred.
        case homeNoFallback
        case roamingNoFallback
        /// A number that the standard does not know (11 was seen).
        case other(Int)
    }
    /// What the report is about.
    package var domain: Domain
    /// Whether and how the modem is registered there.
    package var state: State
    /// The access technology `<AcT>` of 27.007 §7.3 (0 GSM, 2 UTRAN, 7 E-UTRAN, …) where it was given.
    package var technology: Int?

    /// Creates a report from its parts.
    package init(domain: Domain, state: State, technology: Int? = nil) {
        self.domain = domain
        self.state = state
        self.technology = technology
    }
}

/// What a modem says about its SIM without being asked.
package enum SIMEvent: Sendable, Hashable {
    /// The card is there (and perhaps still locked).
    case inserted
    /// The card is gone.
    case removed
    /// `+CPIN: …` unasked.
    case state(SIMState)
}

/// The answer to `AT+CPIN?` (27.007 §8.3).
package enum SIMState: Sendable, Hashable {
    /// `READY`: unlocked.
    case ready
    /// `SIM PIN`.
    case pin
    /// `SIM PUK`: the PIN was tried too often.
    case puk
    /// `PH-SIM PIN`, `PH-NET PIN`, … : the modem is locked to a card or network; the text as given.
    case deviceLock(String)
    /// `NOT INSERTED` or `+CME ERROR: 10`.
    case absent
    /// `NOT READY`, or `+CME ERROR: 14`: ask again in a moment.
    case busy
    /// `+CME ERROR: 13` or 15: the card does not work.
    case failed
    /// Something else; the text as given. (PIN2 and PUK2 count as ready.)
    case other(String)
}
