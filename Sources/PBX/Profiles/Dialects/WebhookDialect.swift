package import WebRequests

/// What must, and what may be set for the webhooks of a kind of PBX.
package struct WebhookNeeds: Sendable {
    /// A secret that signatures are made with; without it the PBX has a key of its own.
    package var secret = true
    /// The address under which the PBX reaches this box.
    package var publicURL = false
    /// Whether a caller can be held in the answer.
    package var canHold = false
    /// Whether the secret is one of Standard Webhooks, in which `whsec_` means something.
    package var isStandard = false
}

/// How one kind of PBX signs and writes its webhooks.
struct WebhookDialect: Sendable {
    /// What a webhook says, once its signature is found right.
    struct Reading: Sendable {
        /// What it is recognised by when it comes again.
        var identity: String
        /// The signature, where it does not tell every change of the fields; a second webhook with the same one is the same.
        var signature: [UInt8]?
        /// What happened.
        var events: [PBXEvent]
        /// The PBX's call, if the webhook is about one.
        var call: CallReference?
        /// Whether the call is over with it.
        var isEnd = false
    }

    /// What must be set for it.
    var needs = WebhookNeeds()
    /// The content type that it must have.
    let contentType: String
    /// Checks the signature; nil when it is right.
    let refusal: @Sendable (WebhookRequest, Context) -> WebhookVerdict.Refusal?
    /// Reads the body; nil when it can't be understood.
    let read: @Sendable (WebhookRequest, Context) -> Reading?
    /// What the PBX gets, and what happens by that; asked once for each webhook that is new.
    let answer: @Sendable (inout Reading, Context) -> WebhookAnswer

    /// What checking, reading and answering need to know.
    struct Context: Sendable {
        let account: PBXAccount
        let settings: WebhookSettings
        /// What of the target is behind the path of the PBX, such as `/voice`.
        let rest: String
        let now: UnixTime
    }
}

/// Takes the webhooks of one PBX: checks, reads and answers them, without I/O and without a clock.
///
/// | order | check | else |
/// |---|---|---|
/// | 1 | the method is `POST` | 405 |
/// | 2 | the body is not longer than 64 KiB | 413 |
/// | 3 | the content type is the PBX's | 415 |
/// | 4 | the signature fits the bytes, and is in time where it has one | 401 |
/// | 5 | the body is understood | 400 |
/// | 6 | it did not come before | the answer of the first time, no events |
/// | 7 | its call is not over already | 204, no events |
package struct WebhookReceiver: Sendable {
    private let account: PBXAccount
    private let settings: WebhookSettings
    private let dialect: WebhookDialect
    private var seen: ReplayGuard
    private var ended: ReplayGuard

    /// Makes a receiver; nil when the profile sends no webhooks or the account has no settings for them.
    package init?(account: PBXAccount) {
        guard let settings = account.webhook, let dialect = account.profile.webhooks else { return nil }
        self.account = account
        self.settings = settings
        self.dialect = dialect
        seen = ReplayGuard()
        ended = ReplayGuard()
    }

    /// The same receiver for a PBX whose configuration was read again: what came before stays known.
    package func renewed(account: PBXAccount) -> WebhookReceiver? {
        guard var new = WebhookReceiver(account: account) else { return nil }
        // Another kind of PBX names its calls in other ways.
        guard account.profile.name == self.account.profile.name else { return new }
        new.seen = seen
        new.ended = ended
        return new
    }

    /// What is remembered of the webhooks of one PBX, as it is kept over a restart.
    package struct Memories: Sendable, Hashable {
        /// Those that were taken.
        package var seen: [ReplayGuard.Memory]
        /// Calls that are over.
        package var ended: [ReplayGuard.Memory]

        /// Creates memories.
        package init(seen: [ReplayGuard.Memory] = [], ended: [ReplayGuard.Memory] = []) {
            self.seen = seen
            self.ended = ended
        }

        /// Whether there is nothing to keep.
        package var isEmpty: Bool { seen.isEmpty && ended.isEmpty }
    }

    /// Takes what is to be kept since this was asked last.
    package mutating func takeNews() -> Memories { Memories(seen: seen.takeNews(), ended: ended.takeNews()) }

    /// Remembers what an earlier run of the program kept, oldest first.
    package mutating func restore(_ memories: Memories, now: UnixTime) {
        seen.restore(memories.seen, now: now)
        ended.restore(memories.ended, now: now)
    }

    /// The PBX's name in the configuration.
    package var name: String { account.name }

    /// The host under which the PBX reaches this box; nil when it is not known.
    package var publicHost: String? { settings.publicURL?.host }

    /// Whether a path is this PBX's.
    package func serves(_ target: String) -> Bool { rest(of: target) != nil }

    /// Takes a webhook: the answer goes out first, then the events are dealt with.
    package mutating func receive(_ request: WebhookRequest, now: UnixTime) -> WebhookVerdict {
        guard let rest = rest(of: request.target) else { return .refused(.path) }
        guard request.method == "POST" else { return .refused(.method) }
        guard request.body.count <= WebhookRequest.longestBody else { return .refused(.size) }
        guard request.contentType == dialect.contentType else { return .refused(.contentType) }
        let context = WebhookDialect.Context(account: account, settings: settings, rest: rest, now: now)
        if let refusal = dialect.refusal(request, context) { return .refused(refusal) }
        guard var reading = dialect.read(request, context) else { return .refused(.body) }
        let signature = reading.signature.map { "signature \(HexText.encode($0))" }
        if case .repetition(let answer) = seen.admit(reading.identity, now: now) {
            return WebhookVerdict(answer ?? .taken, isRepetition: true)
        }
        if let signature, case .repetition(let answer) = seen.admit(signature, now: now) {
            return WebhookVerdict(answer ?? .taken, isRepetition: true)
        }
        if let call = reading.call {
            if ended.knows(call.text, now: now) { return WebhookVerdict(.taken, isRepetition: true) }
            if reading.isEnd { _ = ended.admit(call.text, now: now) }
        }
        let answer = dialect.answer(&reading, context)
        for identity in [reading.identity, signature].compactMap(\.self) { seen.answered(identity, answer) }
        return WebhookVerdict(answer, events: reading.events)
    }

    /// What is behind this PBX's path; nil for other paths.
    private func rest(of target: String) -> String? {
        guard target.utf8.count <= 2048, target.hasPrefix(settings.path) else { return nil }
        let rest = String(target.dropFirst(settings.path.count))
        return rest.isEmpty || rest.hasPrefix("/") || rest.hasPrefix("?") ? rest : nil
    }
}
