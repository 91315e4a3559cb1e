extension CallRelease {
    /// What this release means for a call that was never answered.
    ///
    /// The modem's own word decides where it is specific; a bare `NO CARRIER` or `rejected` is read by its cause.
    package var beforeAnswer: (outcome: CallOutcome, by: EndedBy) {
        switch kind {
        case .busy: (.busy, .remote)
        case .noAnswer: (.noAnswer, .remote)
        case .noService: (.noService, .network)
        case .noCard: (.sim, .local)
        case .unreachable: (.pbxUnreachable, .network)
        case .refusedByPBX: (.pbxRefused, .remote)
        case .unknown, .rejected, .vanished, .refusedByModem, .modemSilent:
            switch cause {
            case 17: (.busy, .remote)
            case 18, 19: (.noAnswer, .remote)
            case .some(let cause): (.rejected, Self.calledSideCauses.contains(cause) ? .remote : .network)
            case .none: (.rejected, kind == .rejected ? .remote : .network)
            }
        }
    }

    /// Why the modem did not dial at all, where that is what it says; nil where a call was there.
    package var notDialled: String? {
        switch kind {
        case .refusedByModem, .modemSilent: text ?? "the modem did not dial"
        case .busy, .noAnswer, .noService, .noCard, .rejected, .unknown, .vanished, .unreachable, .refusedByPBX: nil
        }
    }

    /// Who ended a call that had been answered: the called side, unless the network took the blame.
    package var afterAnswer: EndedBy {
        if kind == .noService || kind == .unreachable { return .network }
        guard let cause else { return .remote }
        return Self.networkCauses.contains(cause) ? .network : .remote
    }

    /// A clause that names the reason, where there is one to name.
    package var clause: String? {
        guard let cause else {
            return switch kind {
            case .unknown, .busy, .noAnswer: nil
            case .noService: text ?? "the modem has no service"
            case .noCard: text ?? "the SIM card is missing or locked"
            case .rejected: text ?? "the call was turned down"
            case .refusedByModem, .modemSilent, .unreachable, .refusedByPBX: text
            case .vanished: "the call vanished without a reason from the modem"
            }
        }
        return Self.causeNames[cause].map { "cause \(cause), \($0)" } ?? "cause \(cause)"
    }

    /// Causes that tell of the called side rather than of the way to it.
    private static let calledSideCauses: Set<Int> = [1, 16, 21, 22, 26, 27, 28, 31]

    /// Causes that tell of the network: no route, no channel, congestion, failures, lost radio.
    private static let networkCauses: Set<Int> = [2, 3, 25, 34, 38, 41, 42, 43, 44, 47]

    /// Causes of 3GPP TS 24.008, table 10.5.123, that users meet.
    private static let causeNames: [Int: String] = [
        1: "the number is not assigned",
        3: "there is no route to the number",
        8: "the operator bars this call",
        16: "normal end",
        17: "busy",
        18: "the called phone does not respond",
        19: "it rang, and nobody answered",
        21: "the call was rejected",
        22: "the number has changed",
        27: "the called line is out of order",
        28: "the number is incomplete or malformed",
        29: "the network refused a facility",
        31: "normal end, unspecified",
        34: "no channel is free",
        38: "the network is out of order",
        41: "temporary failure of the network",
        42: "the switching equipment is congested",
        44: "the requested channel is not available",
        47: "no resources are available",
        50: "the SIM has no subscription to this service",
        57: "the SIM is not authorised for this service",
        58: "the service is not available at present",
        63: "the service is not available",
        65: "the network does not offer voice calls here",
        68: "the account's advice-of-charge limit is reached",
        79: "the service is not implemented",
        88: "the called side can't take this kind of call",
        102: "a timer of the network expired",
        111: "protocol error",
        127: "interworking, unspecified",
    ]
}
