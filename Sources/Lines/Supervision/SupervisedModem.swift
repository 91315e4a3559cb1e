internal import CallModel
internal import DeviceDiscovery
internal import Logging
internal import Modem
internal import SerialPort

/// One modem and everything that is done for it: performs what its ``SupervisionMachine`` wants and feeds back what
/// happens.
///
/// Lives on the fleet's loop, so that both see each other's state without waiting. At most one piece of work is under
/// way; what an abandoned one brings is closed, not used.
actor SupervisedModem {
    nonisolated let id: UInt64
    nonisolated let executor: any SerialExecutor
    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    let tools: Tools
    private let tell: @Sendable (SupervisedModem, Change) -> Void
    /// The configured name, or what stands in for it; set by the fleet.
    var name: String?
    var settings = Settings()
    private(set) var place: ModemPlace
    private(set) var machine: SupervisionMachine
    private(set) var connection: ModemConnection?
    var identity = ModemIdentity()
    /// Tries left for the PIN; nil for a card that wants none.
    var pinTries: Int?
    var health: ModemHealth?
    /// The radio networks that its family knows.
    var radios: Set<RadioTechnology> = []
    var voice: ModemSurvey.Voice?
    var family: String?
    /// How it can hand the sound of its calls over.
    var soundOffer: SoundOffer?
    /// The command of the family for a restart, where it has one.
    var hasOwnRestart = false
    /// Whether it answered once and stopped while it was being set up: a modem that fails, not none at all.
    private(set) var hasGoneDeaf = false
    /// Whether a person has taken it out of service.
    var isSwitchedOff = false
    /// The tty that answered last; a modem that is deaf can be written to there.
    var lastTTY: String?
    private var toldSignal: Int?
    /// The state that was told last; kept by the fleet.
    var toldState: LineState?
    private var isToldMessagesOnly = false
    private var timer: (any ModemTimer)?
    private var armedFor: ContinuousClock.Instant?
    private(set) var work: Task<Void, Never>?
    /// What still ends beside a lease; awaited by ``letGo()``.
    var preparation: Task<Void, Never>?
    var workNumber: UInt64 = 0
    var closing: Task<Void, Never>?

    init(id: UInt64, place: ModemPlace, tools: Tools, tell: @escaping @Sendable (SupervisedModem, Change) -> Void) {
        self.id = id
        self.place = place
        self.tools = tools
        self.tell = tell
        executor = tools.loop.serialExecutor
        machine = SupervisionMachine(limits: tools.limits)
    }

    var log: Logger {
        var log = tools.log
        log[metadataKey: "modem"] = "\(name ?? place.tty ?? place.stick?.path ?? "?")"
        return log
    }

    // MARK: What happens to it

    /// It is there, with these ports.
    func appear(at place: ModemPlace) {
        let moved = self.place != place
        self.place = place
        if isSwitchedOff { return handle(.appearedUnusable(Self.switchedOff)) }
        if let stick = place.stick {
            if let obstacle = stick.obstacle { return handle(.appearedUnusable(obstacle)) }
            if !moved || machine.state == .absent { tools.source.arrived(stick) }
        }
        // Ports under other names: what is open may not be the modem any more.
        if moved, connection != nil, let tty = connection?.tty, !uses(tty) { handle(.lineLost) }
        handle(.appeared)
    }

    private func uses(_ tty: String) -> Bool {
        switch place {
        case .tty(let path): path == tty
        case .stick(let stick): stick.ports.contains { $0.path == tty }
        }
    }

    /// Takes an event, and does what the machine wants.
    func handle(_ event: SupervisionMachine.Event) {
        machine.rungs = rungs
        let before = machine.state
        let actions = machine.handle(event, at: tools.loop.now)
        if before != machine.state { log.debug("\(before) -> \(machine.state)") }
        for action in actions { perform(action) }
        arm()
        let hasChanged = tellMessagesOnly()
        if before != machine.state || hasChanged { tell(self, .moved) }
    }

    /// Tells when the network begins to give a modem that is set up no calls but messages, and when that ends.
    ///
    /// - Returns: whether it did.
    private func tellMessagesOnly() -> Bool {
        guard isMessagesOnly != isToldMessagesOnly else { return false }
        switch machine.state {
        case .ready: break
        // What else it is says the machine.
        case .absent, .opening, .bringingUp, .leased, .settling, .blocked, .recovering, .awaitingReturn, .resting,
            .unusable, .stopped:
            return false
        }
        let news = messagesOnly.map { LineNews.degraded($0) } ?? .ready
        report(news)
        isToldMessagesOnly = isMessagesOnly
        tell(self, .news(news))
        return true
    }

    private var rungs: Set<SupervisionMachine.Rung> {
        var rungs: Set<SupervisionMachine.Rung> = [.radio]
        if connection != nil || lastTTY != nil { rungs.insert(.restart) }
        if connection != nil, hasOwnRestart { rungs.insert(.familyReset) }
        if let stick = place.stick, tools.source.canReconnect(stick) { rungs.insert(.usb) }
        return rungs
    }

    // MARK: Actions

    private func perform(_ action: SupervisionMachine.Action) {
        switch action {
        case .begin(let work): begin(work)
        case .abandon: abandon()
        case .close: close()
        case .tell(let news):
            report(news)
            tell(self, .news(news))
        case .alarm(let reason): log.error("given up for now: \(reason)")
        }
    }

    private func report(_ news: LineNews) {
        switch news {
        case .found: log.info("modem found")
        case .ready:
            isToldMessagesOnly = false
            log.info("modem ready")
        case .degraded(let reason):
            log.log(level: tools.isForOneCall ? .info : .warning, "modem not usable: \(reason)")
        case .lost(let reason):
            log.log(level: tools.isForOneCall ? .info : .warning, "modem gone\(reason.map { ": \($0)" } ?? "")")
        case .signal: break
        }
        if case .lost = news {
            health = nil
            toldSignal = nil
            isToldMessagesOnly = false
        }
    }

    private func arm() {
        guard armedFor != machine.deadline else { return }
        armedFor = machine.deadline
        timer?.cancel()
        timer = machine.deadline.map { deadline in
            tools.loop.schedule(at: deadline) { [weak self] in
                self?
                    .assumeIsolated { modem in
                        modem.armedFor = nil
                        modem.handle(.timer)
                    }
            }
        }
    }

    private func abandon() {
        work?.cancel()
        work = nil
        workNumber += 1
    }

    func close() {
        guard let connection else { return }
        self.connection = nil
        let earlier = closing
        closing = Task(executorPreference: tools.loop.taskExecutor) {
            await earlier?.value
            await connection.close()
        }
    }

    private func begin(_ kind: SupervisionMachine.Work) {
        abandon()
        let number = workNumber
        work = Task(executorPreference: tools.loop.taskExecutor) { [weak self] in
            switch kind {
            case .open: await self?.openPort(number)
            case .bringUp: await self?.bringUp(number)
            case .check(let extent): await self?.check(extent, number)
            case .perform(let rung): await self?.perform(rung, number)
            }
        }
    }

    // MARK: Work

    private func openPort(_ number: UInt64) async {
        // One port, one opener: the last one is closed first.
        await closing?.value
        guard number == workNumber else { return }
        do throws(ModemSourceError) {
            let connection = try await tools.source.open(place, settings: settings.serial, log: log)
            guard number == workNumber else { return await connection.close() }
            self.connection = connection
            lastTTY = connection.tty
            await connection.session.findSound { [weak self] in await self?.soundPlaces ?? SoundPlaces() }
            connectionNumber = number
            await connection.session.watchHealth { [weak self, loop = tools.loop] report in
                // From the session's loop to ours, in order.
                _ = loop.schedule(at: loop.now) { [weak self] in self?.assumeIsolated { $0.follow(report, of: number) }
                }
            }
            guard number == workNumber else { return }
            handle(.opened)
        } catch {
            guard number == workNumber else { return }
            switch error {
            case .silent(let reason): handle(.failed(.deaf(reason)))
            case .stuck(let reason): handle(.failed(.stuck(reason)))
            case .unopenable(let reason): handle(.failed(.unopenable(reason)))
            }
        }
    }

    /// Where the modem's sound may lie now.
    var soundPlaces: SoundPlaces {
        place.stick.map { SoundPlaces(settings.sound, on: $0) } ?? SoundPlaces(choice: settings.sound)
    }

    /// The number of the work that opened the connection.
    private var connectionNumber: UInt64 = 0

    private func follow(_ report: HealthReport, of number: UInt64) {
        guard number == connectionNumber, let connection else { return }
        switch report {
        case .closed:
            log.debug("\(connection.tty): closed")
            handle(.lineLost)
        case .registration(let registration):
            guard registration.verdict != health?.registration.verdict else { return }
            handle(.reported)
        case .sim: handle(.reported)
        case .restarted: handle(.restarted)
        case .signal(let dBm):
            health?.signal = dBm
            noteSignal(dBm)
        }
    }

    private func bringUp(_ number: UInt64) async {
        guard let session = connection?.session else { return handle(.lineLost) }
        await session.allowPreparation()
        var failure: ModemError?
        var options = settings.bringUp
        options.takesMessagesOnly = !tools.isForOneCall
        do throws(ModemError) { try await session.bringUp(options) } catch { failure = error }
        let registration = await session.registration
        let identity = await session.identity
        let pinTries = await session.pinTries
        let family = await session.family
        let hasOwnRestart = await session.hasOwnRestart
        let radios = await session.voiceTraits.radios
        let soundOffer = await session.soundOffer
        var voice: ModemSurvey.Voice?
        var adopted: (any SurvivingCall)?
        if failure == nil {
            voice = await session.voiceAbility()
            var status = status()
            status.identity.imei = identity.imei
            if let call = await session.leftBehindCall(), number == workNumber {
                adopted = await tools.adopt(call, status)
            }
            // Another call that was there before is followed by no program; it costs money for as long as it stays up.
            if adopted == nil, await !session.endLeftBehindCalls(isSuspected: tools.mayHaveCall(status)) {
                failure = .occupied("left behind, and it does not end")
            }
        }
        // One call chooses among sticks as soon as they are set up.
        let signal = tools.isForOneCall && place.stick != nil ? await session.signal() : nil
        let isClosed = await session.isClosed
        guard number == workNumber else {
            adopted?.drop()
            return
        }
        self.identity = identity
        self.pinTries = pinTries
        self.family = family
        self.hasOwnRestart = hasOwnRestart
        self.radios = radios
        self.soundOffer = soundOffer
        if let voice { self.voice = voice }
        if case .dataOnly = place.stick?.condition { self.voice = .no }
        tell(self, .identified)
        // Pulled out while it was being set up: nothing that failed for it says anything about the modem.
        if isClosed {
            adopted?.drop()
            return handle(.lineLost)
        }
        if case .stoppedAnswering? = failure { hasGoneDeaf = true } else if failure == nil { hasGoneDeaf = false }
        if let failure { return handle(.failed(Self.trouble(failure, registration))) }
        var health = ModemHealth()
        health.sim = .ready
        health.registration = registration
        health.technology = registration.technology
        health.signal = signal ?? self.health?.signal
        self.health = health
        tell(self, .session)
        if adopted != nil { tell(self, .adopting) }
        handle(.broughtUp)
        if let adopted { tell(self, .adopted(adopted)) }
    }

    private func check(_ extent: SupervisionMachine.Extent, _ number: UInt64) async {
        guard let session = connection?.session else { return handle(.lineLost) }
        var trouble = await lookForCalls(extent, session)
        let isAlive = await session.isAlive()
        let isClosed = await session.isClosed
        guard number == workNumber else { return }
        if isClosed { return handle(.lineLost) }
        guard isAlive else {
            return handle(.checked(.deaf(ModemError.stoppedAnswering(doing: "being checked").description)))
        }
        if extent != .alive, trouble == nil {
            do throws(ModemError) {
                let health = try await session.health()
                let known = await session.identity
                guard number == workNumber else { return }
                identity = known
                trouble = learn(health)
            } catch {
                trouble = Self.trouble(error, await session.registration)
            }
            if await session.isClosed {
                guard number == workNumber else { return }
                return handle(.lineLost)
            }
        }
        guard number == workNumber else { return }
        handle(.checked(trouble))
    }

    /// Takes what a check has found, and says what is wrong.
    private func learn(_ new: ModemHealth) -> SupervisionMachine.Trouble? {
        let old = health
        health = new
        // A question that went unanswered does not make the network nameless.
        if new.registration.allowsMessages {
            health?.operatorName = new.operatorName ?? old?.operatorName
            health?.signal = new.signal ?? old?.signal
        }
        if let signal = new.signal { noteSignal(signal) }
        tell(self, .learnt)
        return Self.trouble(new)
    }

    private func noteSignal(_ dBm: Int) {
        guard let before = toldSignal else {
            toldSignal = dBm
            return
        }
        guard abs(dBm - before) >= 5 else { return }
        toldSignal = dBm
        tell(self, .news(.signal(dBm: dBm)))
    }

    /// Ends supervision; returns when the port is closed.
    func stop() async {
        let under = work
        await endCalls()
        handle(.stop)
        timer?.cancel()
        timer = nil
        await closing?.value
        await under?.value
    }
}
