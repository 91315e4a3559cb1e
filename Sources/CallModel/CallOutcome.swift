/// How a call is made or taken (the contract's `method`).
package enum CallMethod: String, Sendable, CaseIterable, Codable {
    /// The modem dials the PBX, which leads on to the target it receives as tones.
    case callthrough
    /// The PBX calls the modem and the target, and joins them.
    case callback
    /// The PBX holds a caller until the modem has dialled in.
    case reverse
    /// The modem dials the target itself.
    case direct
    /// The box calls over an account at a PBX, or is called there; no modem has a part in it.
    case internet
}

/// How a call came out (the contract's `outcome`).
package enum CallOutcome: String, Sendable, CaseIterable, Codable {
    /// It was answered and ended normally, by either side.
    case completed
    /// The called side was busy.
    case busy
    /// There was no answer.
    case noAnswer = "no_answer"
    /// The called side or the network refused, or the number can't be reached.
    case rejected
    /// It was answered, but ended before the target had been handed over in full.
    case lost
    /// No usable modem was there.
    case noModem = "no_modem"
    /// The modem failed or vanished.
    case modemFailed = "modem_failed"
    /// There was no network, or none for voice.
    case noService = "no_service"
    /// The SIM was missing or locked.
    case sim
    /// The dial policy refused the number.
    case policy
    /// The PBX could not be reached.
    case pbxUnreachable = "pbx_unreachable"
    /// The PBX refused the request.
    case pbxRefused = "pbx_refused"
    /// The user interrupted.
    case interrupted

    /// The exit status of `gsmbridge dial` for this outcome (contract, section 1).
    package var exitStatus: Int32 {
        switch self {
        case .completed: 0
        case .busy: 10
        case .noAnswer: 11
        case .rejected: 12
        case .lost: 13
        case .noModem: 20
        case .modemFailed: 21
        case .noService: 22
        case .sim: 23
        case .policy: 30
        case .pbxUnreachable: 40
        case .pbxRefused: 41
        case .interrupted: 130
        }
    }
}

/// Who ended a call (the contract's `by`).
package enum EndedBy: String, Sendable, CaseIterable, Codable {
    /// This box: its user, a limit, or a failure of its modem.
    case local
    /// The called side.
    case remote
    /// The network between the two.
    case network
}
