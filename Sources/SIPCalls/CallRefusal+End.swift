internal import CallModel
internal import GatewayAPI
internal import SIP

extension CallRefusal {
    /// How long a phone shall wait where no modem is free, in seconds.
    private static let pause = 10

    /// What a phone is told of a call that ended before its answer (contract, section 6; docs/sip.md).
    init(_ end: CallEnd) {
        switch end.outcome {
        case .busy: self.init(status: 486, cause: end.cause ?? 17)
        case .noAnswer: self.init(status: 480, cause: end.cause)
        case .rejected: self.init(status: end.cause.flatMap { Self.status(of: $0) } ?? 603, cause: end.cause)
        case .policy: self.init(status: 403)
        case .noModem, .noService, .sim, .modemFailed: self.init(status: 503, retryAfter: Self.pause, cause: end.cause)
        case .pbxUnreachable: self.init(status: 502)
        case .pbxRefused: self.init(status: 603)
        case .lost, .completed: self.init(status: 480, cause: end.cause)
        case .interrupted: self.init(status: 480)
        }
    }

    /// What a phone is told of a call that is not even begun.
    init(_ error: ControlError) {
        switch error {
        case .invalid, .notFound: self.init(status: 404)
        case .policy: self.init(status: 403)
        case .conflict: self.init(status: 486)
        case .configuration, .unavailable, .failed, .notRunning, .notPermitted, .foreign, .lost, .callMayGoOn:
            self.init(status: 503, retryAfter: Self.pause)
        }
    }

    /// The status of a cause of the network (3GPP TS 29.163 §7.2.3.2.5, table 8a; RFC 3398 §7.2.4.1); nil for none of its own.
    private static func status(of cause: Int) -> Int? {
        switch cause {
        case 1, 2, 3, 26: 404
        case 17: 486
        case 18, 19, 20, 31: 480
        case 21: 603
        case 22: 410
        case 27: 502
        case 28: 484
        case 29, 69, 79: 501
        case 34, 38, 41, 42, 47: 503
        case 55, 57, 87: 403
        case 65, 88: 488
        case 102: 504
        default: nil
        }
    }
}
