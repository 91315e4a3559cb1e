package import FoundationEssentials

/// A short message, as the API and `sms list --format json` show it (the contract's section 7).
package struct MessageRecord: Sendable, Hashable, Codable {
    /// How a message stands.
    package enum State: String, Sendable, Hashable, Codable, CaseIterable {
        /// It came, whole.
        case received
        /// Parts of it have yet to come.
        case incomplete
        /// It is to be sent, or is being sent.
        case queued
        /// The network has it.
        case sent
        /// The far phone has it.
        case delivered
        /// It was not sent in whole, or never arrived.
        case failed
        /// Whether it was sent can't be told; it is never sent again.
        case unknown
    }

    /// Its id.
    @Name package var message: UUID
    /// `incoming` or `outgoing`.
    package var direction: String
    /// The other side: a number, or a name that a service uses for one; null where it was erased.
    @OrNull package var number: String?
    /// What the contacts call that number.
    @OrNull package var name: String?
    /// The text; null for one that is none, or was masked or erased.
    @OrNull package var text: String?
    /// What is no text, in base 64.
    package var data: Data?
    /// The modem's name.
    @OrNull package var modem: String?
    /// When it came, or was to be sent.
    package var at: Date
    /// When the service centre took it, as that says.
    package var sentAt: Date?
    /// How it stands.
    package var state: State
    /// How many parts it has.
    package var parts: Int
    /// Why it failed, or is not known, in one line.
    package var reason: String?
    /// The exit status of the command that sends it; nil while it is queued, and for a message that came.
    package var exit: Int32?

    /// Creates a record.
    package init(message: UUID, direction: String, state: State, parts: Int, at: Date) {
        self.message = message
        self.direction = direction
        self.state = state
        self.parts = parts
        self.at = at
    }

    private enum CodingKeys: String, CodingKey {
        case message, direction, number, name, text, data, modem, at
        case sentAt = "sent_at"
        case state, parts, reason, exit
    }
}

/// What was erased of a number's messages.
package struct ErasedMessages: Sendable, Hashable, Codable {
    /// The number in the form in which they had it.
    package var number: String
    /// How many messages were with it.
    package var messages: Int

    package init(number: String, messages: Int) {
        self.number = number
        self.messages = messages
    }
}

/// A message to be sent: the body of `POST /v1/messages`.
package struct MessageRequest: Sendable, Hashable, Codable {
    /// Where to, as a person types it.
    package var number: String
    /// The text.
    package var text: String
    /// The modem to use; nil for any.
    package var modem: String?
    /// Whether the network shall report what becomes of it.
    package var report: Bool?

    /// Creates a request.
    package init(number: String, text: String, modem: String? = nil, report: Bool? = nil) {
        self.number = number
        self.text = text
        self.modem = modem
        self.report = report
    }
}

/// Which messages are asked for.
package struct MessageQuery: Sendable, Hashable {
    /// The most messages of one answer.
    package static let longestPage = 500

    /// At this time or later.
    package var since: Date?
    /// Before this time.
    package var until: Date?
    /// With this number, as a person types it, or the name of a service.
    package var number: String?
    /// On the modem with this name.
    package var modem: String?
    /// How they stand.
    package var state: MessageRecord.State?
    /// The message behind which the list begins.
    package var after: String?
    /// The most messages.
    package var limit = 50

    /// Creates a query for the newest messages.
    package init() {}
}

/// Some messages, newest first.
package struct MessagePage: Sendable, Hashable, Codable {
    /// The messages.
    package var messages: [MessageRecord]
    /// The message behind which the next page begins; nil when this is the last one.
    package var next: String?

    /// Creates a page.
    package init(messages: [MessageRecord], next: String? = nil) {
        self.messages = messages
        self.next = next
    }
}

/// What was written with one number, as far as its texts are kept.
package struct MessageThread: Sendable, Hashable, Codable {
    /// The other side: a number, or a name that a service uses for one.
    package var number: String
    /// What the contacts call that number.
    @OrNull package var name: String?
    /// How many messages there are.
    package var messages: Int
    /// How many of them were not sent, or of how many that is not known.
    package var failed: Int
    /// The latest.
    package var last: MessageRecord

    /// Creates a thread.
    package init(number: String, messages: Int, failed: Int, last: MessageRecord) {
        self.number = number
        self.messages = messages
        self.failed = failed
        self.last = last
    }
}

/// What the network said in a session of USSD.
package struct ServiceAnswer: Sendable, Hashable, Codable {
    /// The session, for a reply; nil where it is over.
    package var session: UUID?
    /// The text.
    package var text: String
    /// Whether the session is over.
    package var done: Bool

    /// Creates an answer.
    package init(session: UUID?, text: String, done: Bool) {
        self.session = session
        self.text = text
        self.done = done
    }

    private enum CodingKeys: String, CodingKey {
        case session, text, done
    }

    /// Writes the answer; the session in lower case.
    package func encode(to encoder: any Encoder) throws {
        var fields = encoder.container(keyedBy: CodingKeys.self)
        try fields.encodeIfPresent(session?.name, forKey: .session)
        try fields.encode(text, forKey: .text)
        try fields.encode(done, forKey: .done)
    }
}

/// Messages and USSD.
package protocol MessageControl: Sendable {
    /// Takes a message to be sent, and returns as soon as it is written down; ``message(_:)`` and events tell what becomes of it.
    ///
    /// - Parameters:
    ///   - request: what is sent, and where to.
    ///   - id: the message's id; a second request with it is refused, after a restart too.
    ///   - origin: who asks.
    func sendMessage(
        _ request: MessageRequest,
        id: UUID,
        origin: RequestOrigin
    ) async throws(ControlError) -> MessageRecord

    /// One message, by its id or the beginning of it.
    func message(_ reference: String) async throws(ControlError) -> MessageRecord

    /// The messages that a query lets through, newest first.
    func messages(_ query: MessageQuery) async throws(ControlError) -> MessagePage

    /// The latest threads, the one with the newest message first; at most ``MessageQuery/longestPage``.
    func messageThreads(limit: Int) async throws(ControlError) -> [MessageThread]

    /// Removes a number and what was written with it.
    func eraseMessages(number: String) async throws(ControlError) -> ErasedMessages

    /// What SIMs had, newest first; of one modem, or of all.
    func balances(of modem: String?, limit: Int) async throws(ControlError) -> [SIMBalance]

    /// Has the balance of a modem's SIM asked for now, as it is configured; events and ``balances(of:limit:)`` tell it.
    func askBalance(_ modem: String) async throws(ControlError)

    /// Begins a session of USSD with a code, and returns what the network says.
    func beginService(_ code: String, modem: String, session: UUID) async throws(ControlError) -> ServiceAnswer

    /// Answers in a session, and returns what the network says.
    func continueService(_ text: String, session: UUID) async throws(ControlError) -> ServiceAnswer

    /// Ends a session; one that is over already stays so.
    func endService(_ session: UUID) async throws(ControlError)
}
