package import CallModel
package import Logging

/// SIP: the accounts at PBXs, the phones of the house. It runs on a thread of its own, the stack's.
package actor SIPAgent {
    /// What it tells.
    package enum News: Sendable {
        /// An account stands differently.
        case account(AccountReport)
        /// A phone can be reached, or can't any more.
        case phone(PhoneReport)
        /// A phone calls.
        case call(PhoneCall)
        /// It does not want the call any more.
        case callGone(PhoneCall)
        /// A call comes in over an account.
        case accountCall(AccountCall)
        /// What becomes of that.
        case line(UInt64, LineNews)
        /// A call that rings at phones is taken: the number that its ringing was begun with, and who takes it.
        case taken(UInt64, AudioSpec)
        /// Nobody takes it: all are busy, refuse, or can't be reached.
        case nobody(UInt64)
        /// The phone that took it has hung up.
        case left(UInt64)
        /// A phone is heard elsewhere now.
        case moved(PhoneLeg)
        /// A phone holds its call, or takes it up again.
        case held(PhoneLeg, Bool)
        /// A phone wants its call transferred.
        case transfer(TransferWish)
        /// An address is locked out, for a phone or for names that nobody has, as it guesses passwords.
        case locked(phone: String?, source: String)
        /// An address tries the doors, by so many requests without a password; told once an hour.
        case flood(source: String)
    }

    nonisolated let loop: SIPLoop
    /// The stack's thread, so that its callbacks are in the actor already.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let log: Logger
    let tell: @Sendable (News) -> Void
    let stack: any SIPStack
    private(set) var settings: SIPSettings
    private var accounts: [SIPAccount] = []
    /// Those that are replaced or over, until their endpoints have closed.
    private var closing: [SIPAccount] = []
    private var lastNumber = 0
    private var lastDialog: DialogID = 0

    /// Names a dialog of ours.
    func nextDialog() -> DialogID {
        lastDialog += 1
        return lastDialog
    }

    /// The calls over accounts, by their dialogs.
    var lines: [DialogID: LineCall] = [:]
    /// Pairs of calls that a PBX was asked to join, by the dialog that it was asked in; each for 10 s at most.
    var joins: [DialogID: Join] = [:]

    /// An account that is configured.
    func account(named name: String) -> SIPAccount? { accounts.first { $0.settings.name == name } }

    /// An account, one that closes included.
    func account(numbered number: Int) -> SIPAccount? { (accounts + closing).first { $0.number == number } }

    /// The phones, and where they may come.
    var house = PhoneHouse()
    /// What goes over the wire, for those who look on.
    var tracing = SIPTrace()
    private var emptied: [CheckedContinuation<Void, Never>] = []
    private var isStopping = false

    /// Starts the thread; nil where the system has no more descriptors or threads.
    ///
    /// - Parameters:
    ///   - directory: a directory of our own for what the stack wants to find in files.
    ///   - tell: is told the news, in order, on the thread of SIP.
    package init?(directory: String, log: Logger, tell: @escaping @Sendable (News) -> Void) {
        guard let loop = SIPLoop() else { return nil }
        self.loop = loop
        self.log = log
        self.tell = tell
        settings = SIPSettings(directory: directory)
        stack = SofiaStack(loop)
        loop.listen { [weak self] in self?.assumeIsolated { $0.alarmWent() } }
    }

    // MARK: Life

    /// Takes settings: what is set as before goes on, what was refused is tried again.
    package func configure(_ settings: SIPSettings) {
        self.settings = settings
        for index in settings.trunks.indices {
            self.settings.trunks[index].address.host = RequestSource.canonical(settings.trunks[index].address.host)
        }
        let old = accounts
        accounts = settings.accounts.map { wanted in
            let before = old.first { $0.settings.name == wanted.name }
            if let before, before.settings.isSet(as: wanted), before.machine.phase != .refused {
                before.settings = wanted
                return before
            }
            lastNumber += 1
            return SIPAccount(wanted, number: lastNumber)
        }
        for account in old where !accounts.contains(where: { $0 === account }) {
            let goesOn = accounts.contains { $0.settings.name == account.settings.name }
            account.isRetiring = hasCalls(account)
            perform(account.machine.end(), of: account, isQuiet: goesOn)
        }
        for account in accounts { perform(account.machine.begin(), of: account) }
        configurePhones()
    }

    /// Takes every registration back.
    ///
    /// - Parameter limit: how long a registrar may take to answer; what is not answered by then lapses by itself.
    package func stop(within limit: Duration = .seconds(2)) async {
        isStopping = true
        let all = accounts
        accounts = []
        for account in all { perform(account.machine.end(), of: account) }
        for account in closing where account.isRetiring { close(account) }
        closePhones()
        guard isClosing else { return }
        let waker = Task {
            try? await Task.sleep(for: limit)
            self.giveUpWaiting()
        }
        await withCheckedContinuation { emptied.append($0) }
        waker.cancel()
    }

    private var isClosing: Bool { !closing.isEmpty || !house.doors.isEmpty }

    /// An endpoint has closed.
    func hasClosed() { if !isClosing { giveUpWaiting() } }

    private func giveUpWaiting() {
        for waiting in emptied { waiting.resume() }
        emptied = []
    }

    // MARK: Looking

    /// How the accounts stand, in the order of the settings.
    package func reports() -> [AccountReport] { accounts.map(\.report) }

    // MARK: Accounts

    private func perform(_ steps: [AccountMachine.Step], of account: SIPAccount, isQuiet: Bool = false) {
        for step in steps {
            switch step {
            case .register: register(account)
            case .authenticate(let realm): authenticate(account, realm: realm)
            case .close: close(account)
            case .alarm(let time):
                account.alarm = time
                setAlarm()
            case .tell:
                let report = account.report
                let reason = report.reason.map { ": \($0)" } ?? ""
                log.notice("account \(report.name): \(report.state.rawValue)\(reason)")
                if !isQuiet { tell(.account(report)) }
            }
        }
    }

    /// Opens an endpoint; nil where its address is taken or is none of this machine.
    func open(_ options: EndpointOptions, _ take: @escaping (SIPInput) -> Void) -> (any SIPEndpoint)? {
        let endpoint = stack.open(options, take)
        if tracing.isWanted(at: .now) { endpoint?.trace(true) }
        return endpoint
    }

    /// What is open.
    var endpoints: [any SIPEndpoint] {
        (accounts + closing).compactMap(\.endpoint) + house.doors.values.map(\.endpoint)
    }

    private func register(_ account: SIPAccount) {
        if account.endpoint == nil {
            let number = account.number
            account.endpoint = open(account.endpointOptions(in: settings.directory)) { [weak self] input in
                self?.assumeIsolated { $0.heard(input, of: number) }
            }
        }
        guard let endpoint = account.endpoint else {
            return perform(account.machine.give(up: "no socket could be opened for it"), of: account)
        }
        endpoint.forget(account.dialog)
        account.dialog = nextDialog()
        guard endpoint.register(account.dialog, account.order) else {
            return perform(account.machine.give(up: "its addresses can't be read by the stack"), of: account)
        }
    }

    private func authenticate(_ account: SIPAccount, realm: String) {
        let user = account.settings.loginName ?? account.settings.user
        let password: String
        do { password = try account.settings.password() } catch {
            return perform(account.machine.give(up: "\(error)"), of: account)
        }
        // sofia-sip takes them in one text with colons between.
        guard !password.contains(":"), !user.contains(":") else {
            let reason = "a colon in the user or the password can't be sent; have the PBX make another password"
            return perform(account.machine.give(up: reason), of: account)
        }
        account.endpoint?.authenticate(account.dialog, realm: realm, user: user, password: password)
    }

    private func close(_ account: SIPAccount) {
        account.alarm = nil
        guard let endpoint = account.endpoint else { return }
        if !closing.contains(where: { $0 === account }) { closing.append(account) }
        // Its calls go on; it is no more than the way that they go by.
        guard !account.isRetiring || isStopping else { return endpoint.forget(account.dialog) }
        account.isRetiring = false
        endpoint.close()
    }

    private func hasCalls(_ account: SIPAccount) -> Bool {
        lines.values.contains { $0.account == account.number }
            || house.rung.values.contains { $0.way == .account(account.number) }
    }

    /// Closes the accounts that were only kept for calls that are over.
    func closeRetiredAccounts() {
        for account in closing where account.isRetiring && !hasCalls(account) {
            account.isRetiring = false
            account.endpoint?.close()
        }
    }

    private func heard(_ input: SIPInput, of number: Int) {
        guard let account = (accounts + closing).first(where: { $0.number == number }) else { return }
        switch input.kind {
        case .closed:
            account.endpoint = nil
            // The stack tells no end of the calls that went over it.
            for call in lines where call.value.account == number { over(line: call.key) }
            for phone in house.rung where phone.value.way == .account(number) { overRung(phone.key) }
            closing.removeAll { $0 === account }
            hasClosed()
        case .register: account.endpoint?.respond(input.dialog, SIPAnswer(status: 405))
        case .invite where account.isRetiring: account.endpoint?.respond(input.dialog, SIPAnswer(status: 503))
        case .options(let request):
            account.endpoint?.respond(input.dialog, SIPAnswer(status: account.knows(request) ? 200 : 403))
        case .invite(let request): invited(input, request, at: account)
        case .answered(let answer):
            house.rung[input.dialog] == nil
                ? answered(line: input.dialog, answer) : answered(input.dialog, answer)
        case .gone(let cause):
            house.rung[input.dialog] == nil ? gone(line: input.dialog, cause: cause) : left(input.dialog)
        case .hungUp(let status): hungUp(line: input.dialog, status: status)
        case .over: house.rung[input.dialog] == nil ? over(line: input.dialog) : overRung(input.dialog)
        case .renewed(let request):
            let answer =
                house.rung[input.dialog] == nil
                ? renewed(line: input.dialog, request) : renewed(rung: input.dialog, request)
            account.endpoint?.respond(input.dialog, answer)
        case .probed(let status):
            house.rung[input.dialog] == nil
                ? probed(line: input.dialog, status: status) : probed(rung: input.dialog, status: status)
        case .acknowledged(let sdp): acknowledged(line: input.dialog, sdp)
        case .refer: account.endpoint?.respond(input.dialog, SIPAnswer(status: 405))
        case .referred(let status, let isLast):
            if isLast { decide(joinOf: input.dialog, 200..<300 ~= status) } else { joins[input.dialog]?.isTaken = true }
        case .keyed(let digit): keyed(input.dialog, digit)
        case .registered(let answer):
            guard input.dialog == account.dialog else { return }
            if 200..<300 ~= answer.status { learnAddresses(of: account) }
            if account.wantsLookup(answer) { return look(up: account, answer) }
            take(answer, of: account)
        }
    }

    private func take(_ answer: RegisterAnswer, of account: SIPAccount) {
        var random = SystemRandomNumberGenerator()
        perform(account.machine.take(answer, at: .now, &random), of: account)
    }

    /// Learns where the account's PBX calls from, where that is not written down; PBXs move, so with each refresh anew.
    private func learnAddresses(of account: SIPAccount) {
        guard !account.server.isNumeric else { return }
        let (host, number) = (account.server.host, account.number)
        Task {
            let addresses = await HostLookup.addresses(of: host)
            // A name server that fails takes nothing away.
            if !addresses.isEmpty { self.account(numbered: number)?.serverAddresses = Set(addresses) }
        }
    }

    /// The stack asks name servers alone; names that only this machine knows are looked up here.
    private func look(up account: SIPAccount, _ answer: RegisterAnswer) {
        let (server, dialog) = (account.server, account.dialog)
        account.isLookingUp = true
        Task {
            let address = await HostLookup.address(of: server.host)
            account.isLookingUp = false
            guard account.dialog == dialog, account.machine.phase == .asking else { return }
            guard let address else { return self.take(answer, of: account) }
            account.address = address
            self.register(account)
        }
    }

    // MARK: Time

    func setAlarm() {
        guard
            let next =
                (accounts.compactMap(\.alarm)
                + [house.registrar.nextEnd, house.knocks.nextEnd, house.nextTry].compactMap(\.self))
                .min()
        else {
            return
        }
        loop.setAlarm(in: next - .now)
    }

    private func alarmWent() {
        let now = ContinuousClock.now
        for account in accounts {
            guard let alarm = account.alarm, alarm <= now else { continue }
            account.alarm = nil
            // What the system said of a name may be true no more.
            if !account.isRegistered { account.address = nil }
            perform(account.machine.alarm(at: now), of: account)
        }
        expirePhones(at: now)
        if let next = house.nextTry, next <= now { configurePhones() }
        setAlarm()
    }
}
