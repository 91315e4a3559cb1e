internal import CallModel
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
        /// Somebody takes a call that rings at phones, by the number that its ringing was begun with.
        case taken(UInt64)
        /// Nobody takes it: all are busy, refuse, or can't be reached.
        case nobody(UInt64)
        /// The phone that took it has hung up.
        case left(UInt64)
        /// An address is locked out, for a phone or for names that nobody has, as it guesses passwords.
        case locked(phone: String?, source: String)
        /// So many come without a password that somebody tries the doors; told once an hour.
        case flood(source: String)
    }

    private nonisolated let loop: SIPLoop
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

    /// The phones, and where they may come.
    var house = PhoneHouse()
    private var emptied: [CheckedContinuation<Void, Never>] = []

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
            perform(account.machine.end(), of: account, isQuiet: goesOn)
        }
        for account in accounts { perform(account.machine.begin(), of: account) }
        configurePhones()
    }

    /// Takes every registration back.
    ///
    /// - Parameter limit: how long a registrar may take to answer; what is not answered by then lapses by itself.
    package func stop(within limit: Duration = .seconds(2)) async {
        let all = accounts
        accounts = []
        for account in all { perform(account.machine.end(), of: account) }
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

    private func register(_ account: SIPAccount) {
        if account.endpoint == nil {
            let number = account.number
            account.endpoint = stack.open(account.endpointOptions(in: settings.directory)) { [weak self] input in
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
        closing.append(account)
        endpoint.close()
    }

    private func heard(_ input: SIPInput, of number: Int) {
        guard let account = (accounts + closing).first(where: { $0.number == number }) else { return }
        switch input.kind {
        case .closed:
            account.endpoint = nil
            closing.removeAll { $0 === account }
            hasClosed()
        case .gone, .over, .renewed, .answered: break
        case .register, .options, .invite:
            // Nobody is there who could take a call, and an account is no registrar.
            account.endpoint?.respond(input.dialog, SIPAnswer(status: 480))
        case .registered(let answer):
            guard input.dialog == account.dialog else { return }
            if account.wantsLookup(answer) { return look(up: account, answer) }
            take(answer, of: account)
        }
    }

    private func take(_ answer: RegisterAnswer, of account: SIPAccount) {
        var random = SystemRandomNumberGenerator()
        perform(account.machine.take(answer, at: .now, &random), of: account)
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
            guard server.transport != .tls || !account.settings.verifiesName else {
                let reason =
                    "\(server.host) is known to this machine alone, so that its certificate can't be checked by name;"
                    + " write a name that name servers know, or 'verify: authority'"
                return self.perform(account.machine.give(up: reason), of: account)
            }
            account.address = address
            self.register(account)
        }
    }

    // MARK: Time

    func setAlarm() {
        guard
            let next =
                (accounts.compactMap(\.alarm) + [house.registrar.nextEnd, house.knocks.nextEnd].compactMap(\.self))
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
            perform(account.machine.alarm(at: now), of: account)
        }
        expirePhones(at: now)
        setAlarm()
    }
}
