internal import ATProtocol
internal import CallModel

/// A family's message about a call, reduced to what it says.
///
/// The names of the messages tell the families apart, so one table serves them all; what a family *means* differently
/// is in its ``CallReducer/Rules``.
struct CallReport: Sendable, Equatable {
    enum Event: Sendable, Equatable {
        case dialing
        /// The set-up was confirmed; taken for alerting where no list can tell (Huawei `^CONF`).
        case alertingClaimed
        case alerting
        case connected
        case ended(CallRelease)
        /// Some call has ended: the word carries no index.
        case perhapsEnded(CallRelease)
    }
    var event: Event
    var index: Int?
    var direction: CallDirection?
    /// The other side, where the message tells.
    var number: String?

    init?(_ indication: Indication) {
        switch indication {
        // Types 0 (voice) and 9 (emergency) are calls that people talk on.
        case .huaweiOriginated(let index, let type) where type == 0 || type == 9: self.init(.dialing, index)
        case .huaweiConfirmed(let index): self.init(.alertingClaimed, index)
        case .huaweiConnected(let index, let type) where type == 0 || type == 9: self.init(.connected, index)
        case .huaweiEnded(let index, _, _, let cause): self.init(.ended(CallRelease(cause: cause)), index)
        case .quectelCallInfo(let index, let direction, let state, _, let number):
            guard let event = Event(listState: state) else { return nil }
            self.init(event, index, direction, number)
        case .quectelCallStatus(let index, let direction, let state, _, let number):
            guard let event = Event(quectelStatus: state) else { return nil }
            self.init(event, index, direction, number)
        case .call(let entry), .cinterionCall(.some(let entry)):
            guard entry.mayBeCall, let event = Event(listState: entry.state.rawValue) else { return nil }
            self.init(event, entry.index, entry.direction, entry.number)
        case .unisocCall(let entry, let cause):
            guard entry.isVoice, let event = Event(listState: entry.state.rawValue) else { return nil }
            if case .ended = event {
                self.init(.ended(CallRelease(cause: cause)), entry.index, entry.direction, entry.number)
            } else {
                self.init(event, entry.index, entry.direction, entry.number)
            }
        case .longsungEnded(let index, let direction, let cause):
            self.init(.ended(CallRelease(cause: cause)), index, direction)
        case .voiceCallBegin, .remoteAnswered: self.init(.connected)
        case .voiceCallEnd, .zteHangUp: self.init(.ended(CallRelease(kind: .unknown)))
        case .remoteAlerting: self.init(.alerting)
        case .missedCall: self.init(.ended(CallRelease(kind: .noAnswer)), nil, .incoming)
        case .telitCall(_, let state, let type, _):
            guard type <= 1, let event = Event(indicatorState: state) else { return nil }
            self.init(event)
        case .ericssonCall(_, let state, _):
            guard let event = Event(indicatorState: state) else { return nil }
            self.init(event)
        case .ubloxCall(_, let state), .infineonCall(_, let state):
            guard let event = Event(callStatus: state) else { return nil }
            self.init(event)
        case .wavecom(let event, _):
            switch event {
            case 5: self.init(.dialing)
            case 2: self.init(.alertingClaimed)
            case 6: self.init(.perhapsEnded(CallRelease(kind: .unknown)))
            default: return nil
            }
        case .result(.noCarrier): self.init(.perhapsEnded(CallRelease(kind: .unknown)))
        case .result(.busy): self.init(.perhapsEnded(CallRelease(kind: .busy)))
        case .result(.noAnswer): self.init(.perhapsEnded(CallRelease(kind: .noAnswer)))
        case .result(.noDialtone): self.init(.perhapsEnded(CallRelease(kind: .noService)))
        case .result(.connect): self.init(.connected)
        default: return nil
        }
    }

    private init(
        _ event: Event,
        _ index: Int? = nil,
        _ direction: CallDirection? = nil,
        _ number: String? = nil
    ) {
        self.event = event
        self.index = index
        self.direction = direction
        self.number = number
    }
}

extension CallReport.Event {
    /// The states of `+CLCC`, with Quectel's -1 and SIMCom's 6 for a call that is gone.
    fileprivate init?(listState: Int) {
        switch listState {
        case -1, 6: self = .ended(CallRelease(kind: .unknown))
        case 0, 1: self = .connected
        case 2: self = .dialing
        case 3: self = .alerting
        default: return nil
        }
    }

    /// The states of Quectel's `^DSCI`.
    fileprivate init?(quectelStatus: Int) {
        switch quectelStatus {
        case 1, 3: self = .connected
        case 2: self = .dialing
        case 6: self = .ended(CallRelease(kind: .unknown))
        case 7: self = .alerting
        default: return nil
        }
    }

    /// The states of `+UCALLSTAT` and `+XCALLSTAT`.
    fileprivate init?(callStatus: Int) {
        switch callStatus {
        case 0, 1, 7: self = .connected
        case 2: self = .dialing
        case 3: self = .alerting
        case 6: self = .ended(CallRelease(kind: .unknown))
        default: return nil
        }
    }

    /// The states of `#ECAM` and `*ECAV`; 6 is an incoming call alerting.
    fileprivate init?(indicatorState: Int) {
        switch indicatorState {
        case 0: self = .ended(CallRelease(kind: .unknown))
        case 1, 2: self = .dialing
        case 3, 4: self = .connected
        case 7: self = .ended(CallRelease(kind: .busy))
        default: return nil
        }
    }
}
