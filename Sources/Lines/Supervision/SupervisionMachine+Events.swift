extension SupervisionMachine {
    /// What keeps a modem from being used; the reason is one line for a person.
    enum Trouble: Sendable, Hashable {
        /// Nothing answers any more, or on any port.
        case deaf(String)
        /// The kernel driver never came back from opening a port.
        case stuck(String)
        /// A port can't be opened: taken, no permission, gone.
        case unopenable(String)
        /// The line went down: unplugged, or a reset of the modem's own.
        case lineLost
        /// It restarts again and again.
        case loop
        /// The card: nothing but a person helps.
        case card(CardObstacle, String)
        /// The card does not work, which a restart may mend.
        case cardFailure(String)
        /// No network for calls; whether the modem is still looking.
        case noService(String, isSearching: Bool)

        /// One line for a person.
        var reason: String {
            switch self {
            case .deaf(let reason), .stuck(let reason), .unopenable(let reason), .card(_, let reason),
                .cardFailure(let reason), .noService(let reason, _):
                reason
            case .lineLost: "the modem was unplugged or has reset"
            case .loop: "the modem restarts again and again: its supply of power may be too weak"
            }
        }

        /// Whether switching the radio or the modem off and on may help a modem that answers.
        var mayHelpItself: Bool {
            switch self {
            case .cardFailure, .noService(_, isSearching: true): true
            case .deaf, .stuck, .unopenable, .lineLost, .loop, .card, .noService: false
            }
        }
    }

    /// What a card wants that only a person can give.
    enum CardObstacle: Sendable, Hashable {
        case absent
        case pin
        case puk
        case lock
    }

    /// The rungs of the ladder that do something to the modem, gentlest first; each wears it a little.
    enum Rung: Int, Sendable, Hashable, CaseIterable, Comparable, CustomStringConvertible {
        /// `AT+CFUN=0`, `AT+CFUN=1`.
        case radio
        /// `AT+CFUN=1,1`.
        case restart
        /// The family's own command for a restart.
        case familyReset
        /// Taking the right to be used from the USB device, and giving it back.
        case usb

        static func < (one: Rung, other: Rung) -> Bool { one.rawValue < other.rawValue }

        var description: String {
            switch self {
            case .radio: "switching the radio off and on"
            case .restart: "restarting the modem (AT+CFUN=1,1)"
            case .familyReset: "restarting the modem by its own command"
            case .usb: "disconnecting and reconnecting it on the USB bus"
            }
        }
    }

    /// How thorough a look at a modem is.
    enum Extent: Sendable, Hashable {
        /// A bare `AT`.
        case alive
        /// Card, registration, network and signal too.
        case full
        /// First of all that no call is left.
        case afterCall
    }

    /// What happens.
    enum Event: Sendable, Hashable {
        /// It is there, with ports that may be tried.
        case appeared
        /// It is there, and can't be used as it is; why.
        case appearedUnusable(String)
        /// It is gone.
        case vanished
        /// A port answers.
        case opened
        /// It is set up and may call.
        case broughtUp
        /// A check has ended; what is wrong, if anything.
        case checked(Trouble?)
        /// Opening or setting up has failed.
        case failed(Trouble)
        /// A rung was performed, or could not be.
        case rungDone(Bool)
        /// The open line has gone down.
        case lineLost
        /// The modem said something of its card or registration.
        case reported
        /// The modem has restarted on a line that stayed, or lost its settings.
        case restarted
        /// It is lent.
        case leased
        /// The call is over; whether the modem is known to be idle.
        case givenBack(isClean: Bool)
        /// Something has changed (the configuration, or help is called for): worth a new try at once.
        case retry
        /// A person wants it restarted.
        case restart
        /// Its last call showed that its sound gets worse from call to call until it is restarted.
        case soundIsWorn
        /// The deadline has come.
        case timer
        /// Supervision ends.
        case stop
    }

    /// Something that takes a while; one at a time.
    enum Work: Sendable, Hashable {
        case open
        case bringUp
        case check(Extent)
        case perform(Rung)
    }

    /// What the shell has to do.
    enum Action: Sendable, Hashable {
        /// Start this; its end is told by an event. What was being done before is abandoned.
        case begin(Work)
        /// Let go of what is being done; its end is of no interest.
        case abandon
        /// Close the port.
        case close
        /// Tell people.
        case tell(LineNews)
        /// Tell the operator: the ladder is at its end.
        case alarm(String)
    }

    /// Every time and count of the supervision.
    struct Limits: Sendable, Equatable {
        /// How often an idle modem is asked for a sign of life (chan_dongle: 10 s).
        var pingInterval: Duration = .seconds(10)
        /// Every how many signs of life the whole state is asked for.
        var pingsPerCheck = 3
        /// How often a card that wants something is looked at.
        var cardInterval: Duration = .seconds(30)
        /// How soon a report of the modem is followed up.
        var reportPause: Duration = .milliseconds(300)
        /// How long a modem must have been ready for earlier trouble to be forgotten.
        var provenAfter: Duration = .seconds(60)
        /// The pauses before a line is tried again, before anything else is done.
        var reopenPauses: [Duration] = [.seconds(1), .seconds(3), .seconds(5), .seconds(10)]
        /// How long a modem may look for a network, or its card fail, before the first intervention, and between others.
        var patience: [Duration] = [.seconds(120), .seconds(480), .seconds(3600)]
        /// The most interventions within an hour: they wear the flash, and some firmware counts them.
        var interventionsPerHour = 6
        /// How long a modem rests after the first surrender; doubled with each further one.
        var firstRest: Duration = .seconds(60)
        var longestRest: Duration = .seconds(3600)
        /// How long a modem that was told to restart may take to leave the bus; after that it is taken to have stayed.
        var leavesWithin: Duration = .seconds(8)
        /// How long a modem that has left may take to come back.
        var returnsWithin: Duration = .seconds(60)
        /// How long the word that it was unplugged is waited for when a line has gone.
        var lineLossPause: Duration = .milliseconds(1500)
        /// How long after a restart for its sound it is not restarted for that again.
        var soundRestartsApart: Duration = .seconds(3600)
        /// The longest that each kind of work may take; far beyond what its parts allow.
        var openingWithin: Duration = .seconds(60)
        var bringUpWithin: Duration = .seconds(240)
        var checkWithin: Duration = .seconds(120)
        var rungWithin: Duration = .seconds(90)
    }
}

extension SupervisionMachine {
    /// Whether a call can be made with it now.
    var isReady: Bool { state == .ready }

    /// Whether it has left after a restart and is expected back.
    var isAway: Bool {
        if case .awaitingReturn(isGone: true, _) = state { true } else { false }
    }

    /// Whether it is ready, once it is given back at least, or may become so by itself before long.
    var mayBeReady: Bool {
        switch standing {
        case .ready, .opening, .bringingUp, .settling, .recovering, .awaitingReturn: true
        case .resting(_, let gaveUp): !gaveUp
        case .blocked(.noService(_, let isSearching)): isSearching
        case .absent, .leased, .blocked, .unusable, .stopped: false
        }
    }

    /// Where it stands, and where a lent one stood.
    var standing: State {
        if case .leased(let before) = state { before } else { state }
    }

    /// Whether a session is open and nothing is being done to it that would have to be waited for.
    ///
    /// What a call has left in doubt is looked at first, unless help is called for.
    func canBeLent(for leaseClass: LeaseClass) -> Bool {
        switch state {
        case .settling: leaseClass == .help
        case .bringingUp, .ready, .blocked: true
        case .absent, .opening, .leased, .recovering, .awaitingReturn, .resting, .unusable, .stopped: false
        }
    }

    /// What is wrong, if something is.
    var trouble: Trouble? {
        switch standing {
        case .blocked(let trouble), .recovering(_, let trouble), .awaitingReturn(_, let trouble),
            .resting(let trouble, _):
            trouble
        case .absent, .opening, .bringingUp, .ready, .leased, .settling, .unusable, .stopped: nil
        }
    }
}

extension SupervisionMachine {
    /// Where a modem is on the way up, and what was done to it lately.
    struct Ladder: Sendable, Equatable {
        enum Step: Sendable, Equatable {
            /// Close, wait, open again.
            case rest(Duration)
            case perform(Rung)
            /// At the end, or out of budget: a long rest.
            case giveUp(Duration)
        }

        /// How often the end was reached in a row.
        private(set) var surrenders = 0
        private var reopened = 0
        private var highest: Rung?
        private var gentle = 0
        private var interventions: [ContinuousClock.Instant] = []
        private var restartedAt: ContinuousClock.Instant?

        /// The next step for a line that is out of order.
        mutating func next(
            for trouble: Trouble,
            _ rungs: Set<Rung>,
            _ limits: Limits,
            at now: ContinuousClock.Instant
        ) -> Step {
            if reopened < limits.reopenPauses.count {
                defer { reopened += 1 }
                return .rest(limits.reopenPauses[reopened])
            }
            let candidates: [Rung] =
                switch trouble {
                case .deaf: [.restart, .familyReset, .usb]
                case .stuck: [.usb]
                case .unopenable, .lineLost, .loop, .card, .cardFailure, .noService: []
                }
            let rung = candidates.first { rungs.contains($0) && $0 > highest ?? .radio }
            if let rung, spend(limits, at: now) {
                highest = rung
                return .perform(rung)
            }
            surrenders += 1
            // A port that another program has is free again sooner or later; nothing was tried that wears anything.
            if case .unopenable = trouble { return .giveUp(min(.seconds(30), rest(limits))) }
            return .giveUp(rest(limits))
        }

        /// How long the trouble of a modem that answers is borne before the next intervention.
        func patience(_ limits: Limits) -> Duration {
            limits.patience.isEmpty ? .seconds(3600) : limits.patience[min(gentle, limits.patience.count - 1)]
        }

        /// The next intervention for a modem that answers: the radio, then a restart, and so on in turn.
        mutating func nextGentle(_ rungs: Set<Rung>, _ limits: Limits, at now: ContinuousClock.Instant) -> Rung? {
            let rung: Rung = gentle % 2 == 1 && rungs.contains(.restart) ? .restart : .radio
            guard rungs.contains(rung), spend(limits, at: now) else { return nil }
            gentle += 1
            return rung
        }

        /// Notes that the modem has restarted by itself.
        ///
        /// - Returns: whether it does that again and again, so that it has to rest before it is set up anew.
        mutating func isLoop(_ limits: Limits, at now: ContinuousClock.Instant) -> Bool {
            defer { restartedAt = now }
            return restartedAt.map { now - $0 < limits.provenAfter } ?? false
        }

        /// Begins at the bottom again; what was done is still counted.
        mutating func rewind() {
            reopened = 0
            highest = nil
        }

        /// Forgets earlier trouble.
        mutating func reset() {
            rewind()
            surrenders = 0
            gentle = 0
        }

        private mutating func spend(_ limits: Limits, at now: ContinuousClock.Instant) -> Bool {
            interventions.removeAll { now - $0 >= .seconds(3600) }
            guard interventions.count < limits.interventionsPerHour else { return false }
            interventions.append(now)
            return true
        }

        private func rest(_ limits: Limits) -> Duration {
            var rest = limits.firstRest
            for _ in 1..<max(1, surrenders) where rest < limits.longestRest { rest *= 2 }
            return min(rest, limits.longestRest)
        }
    }
}
