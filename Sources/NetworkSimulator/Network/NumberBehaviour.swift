/// What a number of the simulated network does when it is called; all times count from the dialling.
package enum NumberBehaviour: Sendable, Equatable {
    /// Answers without having been alerted first.
    case answer(after: Duration)
    /// Rings, then answers.
    case alertThenAnswer(alerting: Duration, answer: Duration)
    /// Answers so fast that the first look at the call list already shows an active call.
    case immediateAnswer
    /// Plays an announcement before the answer (early media), which costs nothing and is no answer.
    case announcementThenAnswer(announcement: Duration, answer: Duration)
    /// Rings, answers, and hangs up by itself.
    case hangUp(alerting: Duration, answer: Duration, afterAnswered: Duration)
    /// The user is busy (cause 17).
    case busy(after: Duration)
    /// Rings until the network gives up (cause 19).
    case noAnswer(alerting: Duration, givesUpAfter: Duration)
    /// Rings, then the user rejects the call with this 3GPP TS 24.008 cause.
    case reject(alerting: Duration, after: Duration, cause: Int)
    /// The network ends the call with this 3GPP TS 24.008 cause before anything rings.
    case unreachable(after: Duration, cause: Int)

    /// Rings after 0.5 s and answers after 1.2 s: an ordinary subscriber.
    package static let ordinary = NumberBehaviour.alertThenAnswer(
        alerting: .milliseconds(500),
        answer: .milliseconds(1200)
    )

    /// The steps that the network takes for a call to such a number.
    package var steps: [(after: Duration, step: NetworkStep)] {
        switch self {
        case .answer(let answer):
            [(answer, .answer)]
        case .alertThenAnswer(let alerting, let answer):
            [(alerting, .alert), (answer, .answer)]
        case .immediateAnswer:
            [(.milliseconds(40), .answer)]
        case .announcementThenAnswer(let announcement, let answer):
            [(announcement, .announce), (answer, .answer)]
        case .hangUp(let alerting, let answer, let afterAnswered):
            [(alerting, .alert), (answer, .answer), (answer + afterAnswered, .end(by: .farSide, cause: 16))]
        case .busy(let after):
            [(after, .end(by: .farSide, cause: 17))]
        case .noAnswer(let alerting, let givesUpAfter):
            [(alerting, .alert), (givesUpAfter, .end(by: .network, cause: 19))]
        case .reject(let alerting, let after, let cause):
            [(alerting, .alert), (after, .end(by: .farSide, cause: cause))]
        case .unreachable(let after, let cause):
            [(after, .end(by: .network, cause: cause))]
        }
    }
}

/// Something that the network does for a call.
package enum NetworkStep: Sendable, Equatable {
    case alert
    case announce
    case answer
    /// The access number listens from now on.
    case prompt
    /// A tone arrives at the far side.
    case tone(Character)
    /// No tone came since this many had been counted.
    case silence(after: Int)
    /// The access number dials the target.
    case dialOn(String)
    /// The handover is over by the reckoning of the far side.
    case inProgress
    case end(by: SimulatedCall.Party, cause: Int)
}
