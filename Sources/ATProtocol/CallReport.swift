package import CallModel

/// A message about a call, reduced to what it says.
///
/// What a family's own messages say is read in its driver's file; what the family *means* differently is in its
/// ``CallRules``.
package struct CallReport: Sendable, Hashable {
    /// What has become of the call.
    package enum Event: Sendable, Hashable {
        case dialing
        /// The set-up was confirmed; taken for alerting where no list can tell (Huawei `^CONF`).
        case alertingClaimed
        case alerting
        /// A caller rings, or waits behind another call.
        case ringing
        case connected
        case ended(CallRelease)
        /// Some call has ended: the word carries no index.
        case perhapsEnded(CallRelease)
        /// Nothing that matters for following a call for talking.
        case irrelevant
    }

    /// What has become of the call.
    package var event: Event
    /// The call's index, where the message tells.
    package var index: Int?
    /// Which side began it, where the message tells.
    package var direction: CallDirection?
    /// The other side, where the message tells.
    package var number: String?
    /// Whether a line like it may also answer a command that a person types.
    package var mayAnswer: Bool

    /// Creates a report from its parts.
    package init(
        _ event: Event,
        index: Int? = nil,
        direction: CallDirection? = nil,
        number: String? = nil,
        mayAnswer: Bool = false
    ) {
        self.event = event
        self.index = index
        self.direction = direction
        self.number = number
        self.mayAnswer = mayAnswer
    }

    /// What a message says about a call; nil when it says nothing about one.
    package init?(_ indication: Indication) {
        switch indication {
        case .report(let report): self = report
        case .listed(.some(let entry)):
            guard entry.mayBeCall else { return nil }
            self.init(Event(entry.state), index: entry.index, direction: entry.direction, number: entry.number)
        case .result(.noCarrier): self.init(.perhapsEnded(CallRelease(kind: .unknown)))
        case .result(.busy): self.init(.perhapsEnded(CallRelease(kind: .busy)))
        case .result(.noAnswer): self.init(.perhapsEnded(CallRelease(kind: .noAnswer)))
        case .result(.noDialtone): self.init(.perhapsEnded(CallRelease(kind: .noService)))
        case .result(.connect): self.init(.connected)
        case .result, .listed, .ring, .callerLine, .callWaiting, .registration, .sim, .signal, .digitHeard,
            .soundPaused, .started, .message, .messageSent, .ussd, .unknown:
            return nil
        }
    }
}

extension CallReport.Event {
    /// What a state of the call list says.
    init(_ state: CallListEntry.State) {
        switch state {
        case .active, .held: self = .connected
        case .dialing: self = .dialing
        case .alerting: self = .alerting
        case .incoming, .waiting: self = .ringing
        case .disconnected: self = .ended(CallRelease(kind: .unknown))
        }
    }

    /// What a number in a family's own message says, where it counts as `+CLCC` does (27.007 §7.18); -1 and 6 are a call
    /// that is gone.
    init(listState: Int) {
        self = CallListEntry.State(rawValue: listState == -1 ? 6 : listState).map(Self.init) ?? .irrelevant
    }
}
