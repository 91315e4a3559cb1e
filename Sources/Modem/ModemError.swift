/// Why a modem can't be used, or no longer.
///
/// The description is one line: what is wrong, and what to do.
package enum ModemError: Error, Sendable, Hashable {
    /// Nothing answers `AT`.
    case deaf
    /// Stopped answering while it was in use; what it was doing then.
    case stoppedAnswering(doing: String)
    /// The device is gone.
    case vanished
    /// No card.
    case simAbsent
    /// The card wants its PIN and none is configured.
    case pinMissing
    /// The card wants its PIN, and trying is not safe; why.
    case pinNotTried(String)
    /// The card refused the PIN.
    case pinWrong
    /// The card wants its PUK.
    case puk
    /// The modem is locked to a card or network; the lock's name.
    case deviceLocked(String)
    /// The card does not work; the modem's words.
    case simFailed(String)
    /// No network for calls; why.
    case noService(String)
    /// The modem has a call already; what is known of it.
    case occupied(String)
    /// The user interrupted before anything was dialled.
    case interrupted

    /// What the error means for a call, in the terms of the contract's exit statuses.
    package enum Category: Sendable, Hashable {
        /// No usable modem.
        case unusable
        /// The modem failed or vanished.
        case failed
        /// No network, or no voice service.
        case noService
        /// The SIM is missing or locked.
        case sim
    }

    /// See ``Category``.
    package var category: Category {
        switch self {
        case .deaf, .occupied: .unusable
        case .stoppedAnswering, .vanished, .interrupted: .failed
        case .noService: .noService
        case .simAbsent, .pinMissing, .pinNotTried, .pinWrong, .puk, .deviceLocked, .simFailed: .sim
        }
    }
}

extension ModemError: CustomStringConvertible {
    /// One line for a person.
    package var description: String {
        switch self {
        case .deaf:
            "nothing answers AT: no modem behind this tty, or not its command port (try the stick's other ttys)"
        case .stoppedAnswering(let doing):
            "the modem stopped answering while \(doing); unplug and replug it if it stays so"
        case .vanished: "the modem was unplugged or has reset"
        case .simAbsent: "no SIM card in the modem"
        case .pinMissing: "the SIM card wants its PIN: configure `pin` for this modem, or switch the PIN off"
        case .pinNotTried(let reason): "the SIM card wants its PIN, which was not tried: \(reason)"
        case .pinWrong: "the SIM card refused the PIN; it will not be tried again: correct it first"
        case .puk: "the SIM card is blocked and wants its PUK: unblock it in a phone"
        case .deviceLocked(let lock): "the modem is locked (\(lock)): it takes the card of its own operator only"
        case .simFailed(let words): "the SIM card does not work (\(words)): clean or reseat it"
        case .noService(let reason): reason
        case .occupied(let call): "the modem has a call already (\(call))"
        case .interrupted: "interrupted before anything was dialled"
        }
    }
}
