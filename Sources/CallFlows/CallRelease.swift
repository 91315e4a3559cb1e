internal import CallModel

extension OutgoingCallMachine {
    /// The modem's word that a call is gone, and why.
    package struct Release: Sendable, Equatable {
        /// What the modem's result or report said about the reason.
        package enum Kind: Sendable, Equatable, CaseIterable {
            /// `NO CARRIER`, or a report of an ordinary end.
            case normal
            /// `BUSY`.
            case busy
            /// `NO ANSWER`.
            case noAnswer
            /// `NO DIALTONE`, or a report that the network has no service.
            case noService
            /// The called side or the network turned the call down.
            case rejected
            /// The call vanished without a word.
            case unknown
        }

        /// What the modem said.
        package var kind: Kind
        /// The cause of 3GPP TS 24.008 §10.5.4.11, where known (`+CEER`, `^CEND`).
        package var cause: Int?

        /// Creates a release from what the modem said.
        package init(kind: Kind, cause: Int? = nil) {
            self.kind = kind
            self.cause = cause
        }
    }
}

extension OutgoingCallMachine.Release {
    /// What this release means for a call that was never answered.
    ///
    /// The modem's own word decides where it is specific; a bare `NO CARRIER` or `rejected` is read by its cause.
    var beforeAnswer: (outcome: CallOutcome, by: EndedBy) {
        switch kind {
        case .busy: (.busy, .remote)
        case .noAnswer: (.noAnswer, .remote)
        case .noService: (.noService, .network)
        case .normal, .rejected, .unknown:
            switch cause {
            case 17: (.busy, .remote)
            case 18, 19: (.noAnswer, .remote)
            case .some(let cause): (.rejected, Self.calledSideCauses.contains(cause) ? .remote : .network)
            case .none: (.rejected, kind == .rejected ? .remote : .network)
            }
        }
    }

    /// Who ended a call that had been answered: the called side, unless the network took the blame.
    var afterAnswer: EndedBy {
        if kind == .noService {
            return .network
        }
        guard let cause else { return .remote }
        return Self.networkCauses.contains(cause) ? .network : .remote
    }

    /// A clause that names the reason, where there is one to name.
    var clause: String? {
        guard let cause else {
            return switch kind {
            case .normal, .busy, .noAnswer: nil
            case .noService: "the modem has no service"
            case .rejected: "the call was turned down"
            case .unknown: "the call vanished without a reason from the modem"
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
