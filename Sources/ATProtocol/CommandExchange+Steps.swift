extension CommandExchange {
    /// Why a command has no answer.
    package enum Failure: Error, Sendable, Hashable {
        /// The modem said nothing final within the command's limit. It may still have acted on it.
        case timedOut(after: Duration)
        /// Given up before its time, because something urgent had to go out. The modem may still have acted on it.
        case abandoned
        /// The modem answers nothing any more; the command was not sent.
        case unresponsive
        /// The port is gone.
        case portClosed
        /// More commands are waiting than is reasonable; the command was not sent.
        case queueFull
    }

    /// Something worth a line in a log or a counter, without consequence for the caller.
    package enum Note: Sendable, Hashable {
        /// The modem repeats what it is sent; `ATE0` is wanted.
        case echo
        /// An answer came after its command had failed.
        case lateAnswer(FinalResult)
        /// A final result that no command waits for.
        case strayResult(FinalResult)
        /// Results come as numbers (`ATV0`); `ATV1` is wanted.
        case numericResults
        /// Commands and answers are in step again.
        case resynchronised
        /// The modem answers nothing any more.
        case unresponsive
        /// A line that is neither an answer nor a known shape of message: garbage, most likely.
        case unexpected(ATLine)
        /// An unexpected `> ` prompt was left with ESC.
        case promptEscaped
    }

    /// What the shell has to do, in order.
    package enum Step: Sendable, Hashable {
        /// Write these bytes.
        case write([UInt8])
        /// Call ``CommandExchange/timerFired(at:)`` at this time; replaces an earlier one.
        case arm(ContinuousClock.Instant)
        /// No timer is needed.
        case disarm
        /// The command with this id is over.
        case finish(id: Int, Result<ATReply, Failure>)
        /// An unsolicited line.
        case indication(ATLine)
        /// See ``Note``.
        case note(Note)
    }

    /// The times of the clean-up after a lost or late answer.
    package struct Limits: Sendable, Hashable {
        /// How long it must be quiet after a time-out before the modem is probed.
        package var quiet: Duration = .milliseconds(200)
        /// How long draining may take at most, however much the modem talks.
        package var drain: Duration = .seconds(2)
        /// The limits of the successive probes.
        package var probes: [Duration] = [.seconds(1), .seconds(2), .seconds(5)]
        /// How long it must be quiet after a probe's `OK`, in case that `OK` was a late one.
        package var settle: Duration = .milliseconds(120)
        /// How long that quiet is waited for at most, however much the modem talks.
        package var settleAtMost: Duration = .seconds(1)
        /// How long a command in flight may still take once an urgent one waits.
        package var patience: Duration = .milliseconds(1500)
        /// How long an urgent command waits at most for a late answer.
        package var late: Duration = .milliseconds(400)
        /// How long a modem takes no notice of a character that is to break a command off (V.250 §5.6.1).
        package var abortGuard: Duration = .milliseconds(125)
        /// How long after one prompt was left the next one may be.
        package var promptPause: Duration = .seconds(1)
        /// How long after a lost answer each new answer is followed by a quiet time.
        package var owedFor: Duration = .seconds(30)
        /// The most commands that may wait.
        package var queue = 32
        /// The most urgent ones that may wait beside them.
        package var urgent = 8
        /// The most lines that are kept of one answer.
        package var lines = 512
        /// The same of a list of messages: two for each of as many as fit into a modem.
        package var list = 1200

        /// Creates the limits that suit real modems.
        package init() {}
    }
}
