extension SimulatedModem {
    /// Commands about the SIM (3GPP TS 27.007 clauses 8.3 and 5.6).
    mutating func subscription(_ command: ATCommand) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("+CPIN", .read):
            return pinStatus
        case ("+CPIN", .set):
            return enterPIN(command)
        case ("+CPIN", .test):
            return .ok
        case ("+CIMI", .execute):
            return ifReady { .text(profile.imsi) }
        case ("+CCID", .execute), ("+CCID", .read):
            return ifPresent { .text("+CCID: \(profile.iccid)") }
        case ("+CNUM", .execute):
            return ifReady { .text("+CNUM: \"\",\"\(profile.ownNumber)\",145") }
        case ("+CSIM", .set):
            return genericAccess(command)
        case ("+CLCK", .set):
            guard command.fields.first?.text.uppercased() == "SC", command.number(1) == 2 else { return .failure(4) }
            return ifReady {
                if case .pin = profile.sim { return .text("+CLCK: 1") }
                return .text("+CLCK: 0")
            }
        default:
            return nil
        }
    }

    /// The answer to `+CPIN?`.
    var pinStatus: CommandOutcome {
        switch sim.state {
        case .ready: .text("+CPIN: READY")
        case .pinRequired: .text("+CPIN: SIM PIN")
        case .pukRequired: .text("+CPIN: SIM PUK")
        case .absent: .failure(10)
        case .busy: .failure(14)
        }
    }

    /// Tries left for PIN and PUK.
    var tries: (pin: Int, puk: Int) { (sim.pinTries, 10) }

    func ifReady(_ body: () -> CommandOutcome) -> CommandOutcome { sim.failure.map { .failure($0) } ?? body() }

    /// The card's serial number is readable before the PIN.
    func ifPresent(_ body: () -> CommandOutcome) -> CommandOutcome {
        switch sim.state {
        case .absent: .failure(10)
        case .busy: .failure(14)
        case .pinRequired, .pukRequired, .ready: body()
        }
    }

    private mutating func enterPIN(_ command: ATCommand) -> CommandOutcome {
        guard let pin = command.fields.first?.text, (4...8).contains(pin.count),
            pin.utf8.allSatisfy({ (0x30...0x39).contains($0) })
        else { return .failure(50) }
        if let failure = sim.enter(pin) { return .failure(failure) }
        var outcome = CommandOutcome.effect(.simUnlocked)
        outcome.duration = .milliseconds(120)
        return outcome
    }

    /// `AT+CSIM=10,"0020000100"` asks for the PIN counter: VERIFY without data (3GPP TS 31.101 clause 11.1.9).
    private func genericAccess(_ command: ATCommand) -> CommandOutcome {
        guard sim.state != .absent else { return .failure(10) }
        guard command.fields.count == 2, command.fields[1].text == "0020000100" else { return .failure(50) }
        switch sim.state {
        case .absent, .busy: return .failure(14)
        case .pukRequired: return .text("+CSIM: 4,\"6983\"")
        case .pinRequired: return .text("+CSIM: 4,\"63C\(sim.pinTries)\"")
        case .ready:
            if case .pin = profile.sim { return .text("+CSIM: 4,\"9000\"") }
            return .text("+CSIM: 4,\"63C3\"")
        }
    }
}
