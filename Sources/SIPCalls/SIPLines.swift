internal import CallModel
package import Calls
package import DialPlan
internal import FoundationEssentials
package import GatewayAPI
package import Logging
internal import SIP
package import Settings
internal import Synchronization
internal import TextCoding

/// What the service has to do with SIP; without anything configured nothing of it runs.
package final class SIPLines: Sendable {
    private let environment: ConfigurationEnvironment
    private let events: EventHub
    let log: Logger
    private let agent = Mutex<SIPAgent?>(nil)
    /// What phones want, as it came; it waits for moments.
    let wishes: AsyncStream<PhoneWish>
    let wish: AsyncStream<PhoneWish>.Continuation
    /// Whether a look at the lines is on its way already.
    let isLooking = Mutex(false)
    /// The calls that ring people.
    let people = Mutex(PeopleRings())
    /// The calls of the service that phones have made, by theirs.
    let made = Mutex<[UInt64: UUID]>([:])
    /// What is being said to phones that have asked how the box is.
    let sayings = Mutex<[UUID: Task<String?, Never>]>([:])
    /// The calls from whose telephones nothing comes, and who asks each time whether it still has the call.
    let silent = Mutex<[UUID: Task<Void, Never>]>([:])
    /// Who is heard elsewhere now, until that was looked at: once for all that has changed until then.
    let moving = Mutex<Set<PhoneLeg>>([])
    /// The calls that their phones hold.
    let held = Mutex<Set<UUID>>([])
    /// The transfers under way, by their calls.
    let transfers = Mutex<[UUID: Transfer]>([:])
    /// How the way over each account was in its last call, and when.
    private let measured = Mutex<[String: (quality: NetworkQuality, at: ContinuousClock.Instant)]>([:])
    /// The legs of calls that come in over accounts.
    let legs = AccountLegs()

    /// What calls work with that begin now; nil before the service is complete.
    let tools: @Sendable () -> CallTools?

    package init(
        _ environment: ConfigurationEnvironment,
        events: EventHub,
        log: Logger,
        tools: @escaping @Sendable () -> CallTools?
    ) {
        self.tools = tools
        self.environment = environment
        self.events = events
        self.log = log
        // 64 calls, each with a few of these; what may come often is there once.
        (wishes, wish) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(1024))
    }

    /// Takes a configuration: what is set as before goes on.
    package func configure(_ configuration: Configuration) async {
        let settings = SIPSettings(configuration, environment, log)
        people.withLock { $0.accounts = Set(configuration.sip.accounts.map(\.name)) }
        let agent = agent.withLock { agent in
            if agent == nil, settings.isWanted {
                agent = SIPAgent(directory: settings.directory, log: log) { [weak self, events, wish, legs] news in
                    switch news {
                    case .account(let report): events.publish(AccountEvent(AccountStatus(report)))
                    case .phone(let report): events.publish(PhoneEvent(PhoneStatus(report)))
                    case .locked(let phone, let source): events.publish(SIPAlarm(.locked(phone: phone), source: source))
                    case .flood(let source): events.publish(SIPAlarm(.flood, source: source))
                    case .call(let call): self?.take(call)
                    case .callGone(let call): wish.yield(.end(call))
                    case .accountCall(let call): self?.take(call)
                    case .line(let id, let news): legs[id]?.take(news)
                    case .taken(let ring, let who): wish.yield(.taken(ring, who))
                    case .nobody(let ring): wish.yield(.nobody(ring))
                    case .left(let ring): wish.yield(.left(ring))
                    case .moved(let leg): self?.note(leg)
                    case .held(let leg, let isHeld): wish.yield(.held(leg, isHeld))
                    case .transfer(let transfer): wish.yield(.transfer(transfer))
                    }
                }
                if agent == nil { log.error("SIP can't begin: the system has no descriptors or threads left") }
            }
            return agent
        }
        await agent?.configure(settings)
    }

    /// Takes a call of a phone; where nobody does any more, the phone is told to go elsewhere.
    private func take(_ call: PhoneCall) {
        if case .enqueued = wish.yield(.call(call)) { return }
        Task { await present?.end(call.id, CallRefusal(status: 503, retryAfter: 10)) }
    }

    private func take(_ call: AccountCall) {
        if case .enqueued = wish.yield(.accountCall(call)) { return }
        Task { await present?.hangUp(line: call.id) }
    }

    private func note(_ moved: PhoneLeg) {
        if moving.withLock({ $0.insert(moved).inserted }) { wish.yield(.moved(moved)) }
    }

    /// What speaks SIP; nil while nothing is configured.
    var present: SIPAgent? { agent.withLock { $0 } }

    /// How the accounts stand.
    package func accounts() async -> [AccountStatus] {
        guard let agent = present else { return [] }
        return await agent.reports()
            .map { report in
                var status = AccountStatus(report)
                if status.state == .registered {
                    status.reason = weakness(of: report.name).map { "the Internet is bad: \($0)" }
                }
                return status
            }
    }

    /// Which accounts calls can be made over; nil where nothing speaks SIP.
    package func facts() async -> [RouteFacts.Account]? {
        present == nil ? nil : await accounts().map { RouteFacts.Account($0) }
    }

    /// Takes how good the sound of a leg was.
    func take(_ quality: SoundQuality) {
        guard let network = quality.network, people.withLock({ $0.accounts.contains(quality.leg) }) else { return }
        measured.withLock { $0[quality.leg] = (network, .now) }
        guard let weakness = network.weakness else { return }
        log.notice("account \(quality.leg): the Internet is bad: \(weakness)")
    }

    /// Why people could not talk well over an account; ways mend, so what is older than a quarter of an hour is forgotten.
    private func weakness(of account: String) -> String? {
        measured.withLock { measured in
            measured[account].flatMap { ContinuousClock.now - $0.at < .seconds(900) ? $0.quality.weakness : nil }
        }
    }

    /// How the phones stand.
    package func phones() async -> [PhoneStatus] {
        guard let agent = present else { return [] }
        let phones = await agent.phones().map { PhoneStatus($0) }
        var trunks: [PhoneStatus] = []
        for trunk in await agent.trunks() {
            let calls = await agent.calls(ofTrunk: trunk.name)
            trunks.append(PhoneStatus(name: trunk.name, kind: .trunk, contact: trunk.address.description, calls: calls))
        }
        return phones + trunks
    }

    /// See ``GatewayControl/sipTrace(behind:showsNumbers:)``.
    package func trace(behind number: UInt64?, showsNumbers: Bool) async -> SIPTraceView {
        guard let agent = present else { return SIPTraceView() }
        let (messages, last) = await agent.trace(behind: number)
        return SIPTraceView(
            last: last,
            messages: messages.map { message in
                SIPTraceView.Message(
                    number: message.number,
                    at: Date(timeIntervalSince1970: Double(message.time) / 1000),
                    direction: message.isSent ? .sent : .received,
                    peer: message.peer,
                    text: showsNumbers ? message.text : MaskedText.numbers(in: message.text)
                )
            }
        )
    }

    /// Takes registrations back.
    package func stop() async { await present?.stop() }
}

/// The legs of calls that come in over accounts, by their names at the agent, for as long as anybody has them.
final class AccountLegs: Sendable {
    private struct Entry: Sendable {
        weak var leg: SIPLeg?
    }

    private let legs = Mutex<[UInt64: Entry]>([:])

    subscript(id: UInt64) -> SIPLeg? { legs.withLock { $0[id]?.leg } }

    /// Enters a leg; those that are gone are forgotten.
    func add(_ leg: SIPLeg, _ id: UInt64) {
        legs.withLock { legs in
            legs = legs.filter { $0.value.leg != nil }
            legs[id] = Entry(leg: leg)
        }
    }
}

extension AccountStatus {
    init(_ report: AccountReport) {
        let state: State =
            switch report.state {
            case .registered: .registered
            case .trying: .trying
            case .refused: .refused
            case .off: .off
            }
        let seconds = report.until.map { max(0, Int((($0 - .now) / .seconds(1)).rounded())) }
        self.init(name: report.name, state: state, reason: report.reason, expires: seconds, pbx: report.pbx)
    }
}

extension PhoneStatus {
    init(_ report: PhoneReport) {
        let seconds = report.until.map { max(0, Int((($0 - .now) / .seconds(1)).rounded())) }
        self.init(name: report.name, kind: .phone, contact: report.contact, expires: seconds)
        contacts = report.contacts.isEmpty ? nil : report.contacts
        title = report.title
        userAgent = report.userAgent
        calls = report.calls
    }
}

extension SIPSettings {
    /// Whether anything is configured.
    var isWanted: Bool { !accounts.isEmpty || !phones.isEmpty || !trunks.isEmpty }

    /// What a configuration says of SIP.
    init(_ configuration: Configuration, _ environment: ConfigurationEnvironment, _ log: Logger) {
        self.init(directory: configuration.gateway.stateDirectory + "/sip")
        accounts = configuration.sip.accounts.compactMap { account in
            guard let reference = account.password else { return nil }
            var settings = Account(name: account.name, registrar: account.registrar, user: account.user) {
                try reference.read(in: environment).reveal()
            }
            settings.loginName = account.loginName
            settings.proxy = account.proxy
            settings.expires = account.expires
            settings.pbx = account.pbx
            settings.encryption =
                switch account.encryption {
                case .optional: .optional
                case .required: .required
                case .off: .off
                }
            settings.codecs = account.codecs
            settings.verifiesName = account.verify == .name
            settings.authorities = account.certificateAuthority ?? Self.systemAuthorities
            return settings
        }
        listen = configuration.sip.listen.map { Listener(transport: $0.transport, address: $0.address) }
        (certificate, key) = (configuration.sip.certificate, configuration.sip.key)
        allowsPublic = configuration.sip.allowsPublic
        let region = configuration.gateway.region
        isHelp = { EmergencyNumbers.contains($0, region: region) }
        trunks = configuration.sip.trunks.map { Trunk(name: $0.name, address: $0.address) }
        phones = configuration.sip.phones.compactMap { phone in
            guard let reference = phone.password else { return nil }
            do throws(SecretError) {
                let password = try reference.read(in: environment).reveal()
                var settings = Phone(name: phone.name, title: phone.title, password: password)
                settings.codecs = phone.codecs
                return settings
            } catch {
                log.error("phone \(phone.name) can't register: \(error)")
                return nil
            }
        }
    }
}
