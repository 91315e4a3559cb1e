extension PBXServer {
    /// What can go wrong between a program and the PBX.
    package enum Fault: Sendable, Equatable {
        /// Acts at once, but answers so much later.
        case slow(Duration)
        /// Does nothing and answers with this status, 500 for instance.
        case status(Int)
        /// Does nothing and answers 429, to be asked again after so many seconds.
        case tooMany(retryAfter: Int)
        /// Does nothing and answers every request with 401.
        case refusesAuthorization
        /// Acts, but answers with something that is no JSON.
        case garbage
        /// Acts, but resets the connection in the middle of the answer.
        case halfBody
        /// Acts, but closes the connection without an answer.
        case lostReply
        /// Closes the connection without having acted.
        case hangsUp

        /// Whether the PBX does what it is asked for all the same.
        var acts: Bool {
            switch self {
            case .slow, .garbage, .halfBody, .lostReply: true
            case .status, .tooMany, .refusesAuthorization, .hangsUp: false
            }
        }
    }

    /// What the PBX is asked for over HTTP; the raw values name it on the command line and in counters.
    package enum Action: String, Sendable, CaseIterable {
        case callthrough
        case callback
        case list
        case claim
        case release
        case hangUp = "hangup"
        case status
        case health
        /// The REST interface of Asterisk, with any path.
        case ari
        /// The connection for the events of Asterisk.
        case events
        /// A person outside calls or hangs up.
        case outside
    }
}
