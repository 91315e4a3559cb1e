internal import DeviceDiscovery
internal import Modem

extension SupervisedModem {
    /// The modem as lists show it.
    ///
    /// - Parameter leaseClass: what it is lent for: one that is lent for messages, or for a talk although it is not ready, is shown
    ///   as it stands then.
    func status(lentFor leaseClass: LeaseClass? = nil) -> LineStatus {
        let isShownAsLent =
            switch leaseClass {
            case .message: false
            case .maintenance: machine.standing == .ready
            case .call, .help, nil: true
            }
        var status = LineStatus(
            name: name,
            state: state(shownFor: isShownAsLent ? machine.state : machine.standing),
            reason: reason
        )
        status.tty = connection?.tty ?? place.tty
        status.stick = place.stick
        status.usbPath = place.stick?.path
        status.identity = identity
        status.family = family
        status.radios = radios
        status.voice = voice ?? .unknown
        status.sound = soundOffer?.words(soundPlaces)
        if connection != nil {
            status.health = health
            status.pinTries = pinTries
        }
        return status
    }

    private func state(shownFor state: SupervisionMachine.State) -> LineState {
        switch state {
        case .absent, .stopped: .absent
        case .opening, .bringingUp: machine.wasReady ? .recovering : .starting
        case .ready: lack == nil ? .ready : .failed
        case .leased: .inCall
        case .settling, .recovering, .awaitingReturn: .recovering
        case .blocked(.noService(_, isSearching: true)): machine.wasReady ? .recovering : .starting
        case .resting(_, gaveUp: false): machine.wasReady ? .recovering : .starting
        case .blocked, .resting(_, gaveUp: true), .unusable: .failed
        }
    }

    private var reason: String? {
        switch machine.state {
        case .absent, .stopped: return place.tty.map { "\($0) is not there" } ?? "not plugged in"
        case .unusable(let reason): return reason
        case .ready where lack != nil: return lack
        case .ready:
            if case .dataOnly = health?.registration.verdict { return health?.registration.explanation }
            return connection?.remark
        case .opening, .bringingUp, .leased, .settling: return connection?.remark
        case .blocked, .recovering, .awaitingReturn, .resting: return machine.trouble?.reason
        }
    }

    private static let noVoice = "this modem makes no calls: its firmware or hardware is for data only"

    /// Why it makes no calls although it is set up; messages it has all the same.
    var lack: String? { voice == .no ? Self.noVoice : messagesOnly }

    /// What its network says where that gives it messages alone.
    var messagesOnly: String? {
        guard let registration = health?.registration, registration.verdict == .messagesOnly else { return nil }
        return registration.explanation
    }

    var isMessagesOnly: Bool { messagesOnly != nil }

    /// Why no call can be made with it now; nil for a modem that is free or busy.
    var obstacle: FleetError? {
        if voice == .no { return .noService(Self.noVoice) }
        switch machine.standing {
        case .ready, .leased: return messagesOnly.map { .noService($0) }
        case .absent, .stopped, .unusable: return .noModem(reason ?? "not there")
        case .opening, .bringingUp, .settling: return .noModem("still being set up")
        case .blocked(let trouble), .recovering(_, let trouble), .awaitingReturn(_, let trouble),
            .resting(let trouble, _):
            switch trouble {
            case .card(_, let reason), .cardFailure(let reason): return .sim(reason)
            case .noService(let reason, _): return .noService(reason)
            case .deaf(let reason), .stuck(let reason):
                return machine.wasReady || hasGoneDeaf ? .modemFailed(reason) : .noModem(reason)
            case .unopenable(let reason): return .noModem(reason)
            case .lineLost, .loop: return .modemFailed(trouble.reason)
            }
        }
    }

    // MARK: What errors and states mean

    static func trouble(_ error: ModemError, _ registration: RegistrationStatus) -> SupervisionMachine.Trouble {
        let reason = error.description
        return switch error {
        case .deaf, .stoppedAnswering, .occupied: .deaf(reason)
        case .vanished, .interrupted: .lineLost
        case .simAbsent: .card(.absent, reason)
        case .pinMissing, .pinNotTried, .pinWrong: .card(.pin, reason)
        case .puk: .card(.puk, reason)
        case .deviceLocked: .card(.lock, reason)
        case .simFailed: .cardFailure(reason)
        // Without the signal, which would make another reason of every change.
        case .noService: noService(registration)
        }
    }

    static func trouble(_ health: ModemHealth) -> SupervisionMachine.Trouble? {
        switch health.sim {
        case .absent: return .card(.absent, ModemError.simAbsent.description)
        case .pin: return .card(.pin, ModemError.pinMissing.description)
        case .puk: return .card(.puk, ModemError.puk.description)
        case .deviceLock(let lock): return .card(.lock, ModemError.deviceLocked(lock).description)
        case .failed: return .cardFailure(ModemError.simFailed("SIM failure").description)
        case .ready, .busy, .other, nil: break
        }
        return health.registration.allowsMessages ? nil : noService(health.registration)
    }

    private static func noService(_ registration: RegistrationStatus) -> SupervisionMachine.Trouble {
        switch registration.verdict {
        case .searching, .none: .noService(registration.explanation, isSearching: true)
        case .registered, .dataOnly, .messagesOnly, .emergencyOnly, .denied:
            .noService(registration.explanation, isSearching: false)
        }
    }
}

// What a modem may be lent for.
extension SupervisedModem {
    /// Whether it is ready for this; one without voice still has messages.
    func isAble(for leaseClass: LeaseClass) -> Bool {
        machine.isReady && (lack == nil || leaseClass == .message)
    }

    /// Whether it may be so by and by.
    func mayBeAble(for leaseClass: LeaseClass) -> Bool {
        machine.mayBeReady && (lack == nil || leaseClass == .message)
    }
}
