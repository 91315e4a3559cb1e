internal import ATProtocol
internal import CallModel
internal import Logging

// A modem that restarts and keeps its tty: everything that was set is gone, and nothing but small signs tells.
extension ModemSession {
    /// By what a restart shows.
    enum RestartSign: Sendable, Equatable {
        /// The modem says so.
        case message(String)
        /// It repeats what it is sent, which was switched off.
        case echo
        /// It answers in numbers, having answered in words.
        case numericResults
        /// A setting reads otherwise than when it was set.
        case setting(String)

        var words: String {
            switch self {
            case .message(let stage): "it says \(stage)"
            case .echo: "its echo is on again"
            case .numericResults: "its results are numbers again"
            case .setting(let question): "\(question) is answered otherwise than before"
            }
        }
    }

    /// What is remembered of the set-up, to know a restart by.
    struct SetUpMemory {
        /// Whether the set-up is complete and no sign against it was seen since.
        var isComplete = false
        /// Whether the modem said in the middle of it that it had just started.
        var wasDisturbed = false
        /// Whether it echoes although it was told not to, as some do at all times.
        var echoesAnyway = false
        /// Whether it had obeyed, and echoed nothing, when all was set.
        var wasQuiet = false
        /// How many echoes came.
        var echoes = 0
        /// When the last sign was followed up.
        var followedAt: ContinuousClock.Instant?
        /// What the questions about settings were answered when all was set.
        var answers: [String: String] = [:]
    }

    /// How long after one sign the next small one counts: a modem that shows them all the time must not be set up for ever.
    private static let signsApart: Duration = .seconds(60)

    /// Questions that cost nothing and show whether what was set still holds.
    ///
    /// Not `AT+CLIP?`, which asks the network (27.007 §7.6).
    private static let questions = ["AT+CMEE?", "AT+CRC?", "AT+CSCS?"]

    /// Follows a sign of a restart up: the modem is set up anew, once it has no call.
    func notice(_ sign: RestartSign) {
        if sign == .echo { setUpMemory.echoes &+= 1 }
        if sign == .echo, setUpMemory.echoesAnyway { return }
        follower.suspectRestart()
        guard setUpMemory.isComplete else {
            switch sign {
            case .message: setUpMemory.wasDisturbed = true
            case .echo: setUpMemory.echoesAnyway = isEchoOff
            case .numericResults, .setting: break
            }
            return
        }
        if case .message = sign {
        } else if let last = setUpMemory.followedAt, loop.now - last < Self.signsApart {
            return
        }
        setUpMemory.isComplete = false
        setUpMemory.followedAt = loop.now
        if let more = repeatedLines.tell(.restart, at: loop.now) {
            log.warning("the modem has restarted, or lost its settings (\(sign.words)); it is set up anew\(more)")
        }
        healthWatch?(.restarted)
    }

    /// Writes down what the questions about settings are answered now that all is set.
    func rememberSettings() async {
        setUpMemory.answers = await readSettings()
    }

    /// Compares what the questions are answered with what they were; one that is not answered says nothing.
    func lookAtSettings() async {
        guard setUpMemory.isComplete else { return }
        let before = setUpMemory.answers
        for (question, answer) in await readSettings() {
            if let old = before[question], old != answer { return notice(.setting(question)) }
        }
    }

    private func readSettings() async -> [String: String] {
        var answers: [String: String] = [:]
        for question in Self.questions {
            guard let lines = await ask(.query(question)) else { continue }
            answers[question] = lines.map(\.text).joined(separator: "\n")
        }
        return answers
    }

    /// Finds out whether the modem restarted in a call that has just ended without a word, and tells the follower.
    func lookForRestart() {
        guard let question = Self.questions.first(where: { setUpMemory.answers[$0] != nil }) else {
            return follow { $0.lookedForRestart(found: false, at: $1) }
        }
        // Some firmware switches its echo on again in a call. Where nothing told of the end either, an echo of this question
        // is a modem that has lost what it was told.
        let echoes = setUpMemory.wasQuiet && follower.release?.isInferred == true ? setUpMemory.echoes : .max
        send(.query(question)) { result in
            var isOtherwise = false
            if case .success(let reply) = result, reply.isOK {
                isOtherwise = reply.lines.map(\.text).joined(separator: "\n") != self.setUpMemory.answers[question]
            }
            let isFound = self.setUpMemory.echoes > echoes || isOtherwise
            self.follow { $0.lookedForRestart(found: isFound, at: $1) }
        }
    }
}
