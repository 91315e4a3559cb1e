/// What a modem is wanted for, the least first; which of two goes first, and who makes way, is decided by this alone.
///
/// A call for help and a ring can't wait: where no modem is free, a lease of a lower class makes way for them. All others
/// wait, a higher class before a lower one.
package enum LeaseClass: Sendable, Hashable, Comparable, CaseIterable {
    /// To talk to the modem: one that is not usable will do.
    case maintenance
    /// To send or fetch a message.
    case message
    case call
    /// A call for help: any modem with an open line will do, also without card or network.
    case help

    /// How long a holder has to end what it does once it must make way.
    ///
    /// A call is hung up and verified; what else is under way the session breaks off by itself (V.250 §5.6.1).
    var endsWithin: Duration { self < .call ? .zero : .seconds(4) }

    /// Whether a modem that can't make ordinary calls will do.
    var takesUnready: Bool {
        switch self {
        case .maintenance, .help: true
        case .message, .call: false
        }
    }
}

/// Which modem is wanted, and what for.
package struct ModemWish: Sendable, Hashable {
    /// A modem by its configured name, IMEI, tty or USB path; nil for any that is free.
    package var modem: String?
    package var leaseClass: LeaseClass
    /// The names of modems that are not wanted, where any will do.
    package var without: [String] = []

    package init(modem: String? = nil, for leaseClass: LeaseClass = .call, without: [String] = []) {
        self.modem = modem
        self.leaseClass = leaseClass
        self.without = without
    }
}
