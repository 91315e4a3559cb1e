extension SimulatedModem {
    /// Registration, operator, signal, functionality and the other network settings of 3GPP TS 27.007.
    mutating func radio(_ command: ATCommand) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("+CREG", _), ("+CGREG", _), ("+CEREG", _):
            return registrationCommand(command)
        case ("+COPS", .read):
            return .text(operatorLine)
        case ("+COPS", .test):
            var outcome = CommandOutcome.text(
                "+COPS: (2,\"\(profile.operatorName)\",\"o2\",\"\(profile.operatorCode)\",2),"
                    + "(3,\"Telekom.de\",\"TDG\",\"26201\",2),,(0,1,2,3,4),(0,1,2)"
            )
            outcome.duration = .seconds(8)
            return outcome
        case ("+COPS", .set):
            if let format = command.number(1), (0...2).contains(format) { settings.operatorFormat = format }
            return .ok
        case ("+CSQ", .execute):
            return .text("+CSQ: \(effectiveRegistration == .none ? 99 : signal),99")
        case ("+CFUN", _):
            return functionality(command)
        case ("+CMEE", .set):
            guard let value = command.value, (0...2).contains(value) else { return .failure(50) }
            settings.errorReports = value
        case ("+CMEE", .read):
            return .text("+CMEE: \(settings.errorReports)")
        case ("+CIREG", .read) where dialect.isEvolved:
            // 3GPP TS 27.007: <n>,<registered>,<services>; bit 0 is voice, bit 2 messages.
            return .text(isInIMS ? "+CIREG: 0,1,5" : "+CIREG: 0,0")
        case ("+CAVIMS", .read) where dialect.isEvolved:
            return .text("+CAVIMS: \(isInIMS ? 1 : 0)")
        case ("+CLIR", .read):
            var outcome = profile.callerRestriction.map { CommandOutcome.text("+CLIR: 0,\($0)") } ?? .ok
            // The network is asked.
            outcome.duration = .milliseconds(600)
            return outcome
        case ("+CSSN", _), ("+CGDCONT", _), ("+CGACT", _), ("+CGATT", _), ("+CTZR", _), ("+CTZU", _),
            ("+CLVL", _), ("+CMUT", _), ("+CSTA", _), ("+CMOD", _), ("+FCLASS", _), ("+IPR", _), ("+IFC", _),
            ("+ICF", _), ("+CBST", _), ("+CLIR", _), ("+CCLK", _), ("+CRLP", _):
            return .ok
        default:
            return nil
        }
        return .ok
    }

    private mutating func registrationCommand(_ command: ATCommand) -> CommandOutcome {
        if command.name == "+CEREG", !dialect.isEvolved, profile.registration != .evolvedOnly {
            return CommandOutcome(result: .unsupported)
        }
        switch command.form {
        case .test:
            return .text("\(command.name): (0-2)")
        case .set:
            guard let value = command.value, (0...2).contains(value) else { return .failure(50) }
            settings.registrationReports[command.name] = value
            return .ok
        case .read:
            let reports = settings.registrationReports[command.name] ?? 0
            return .text("\(command.name): \(reports),\(registrationFields(command.name, reports))")
        case .execute:
            return .error
        }
    }

    /// `<stat>` and, with reports at 2, where the cell is.
    func registrationFields(_ name: String, _ reports: Int) -> String {
        let state = effectiveRegistration
        let status: Int
        switch name {
        case "+CREG": status = state.circuitSwitched
        case "+CEREG" where !dialect.isEvolved && state != .evolvedOnly && state != .messagesOnly: status = 0
        default: status = state.packetSwitched
        }
        return "\(status)" + (reports == 2 && (status == 1 || status == 5) ? dialect.cell(name) : "")
    }

    private var operatorLine: String {
        guard effectiveRegistration.carriesMessages else { return "+COPS: 0" }
        let name = settings.operatorFormat == 2 ? profile.operatorCode : profile.operatorName
        // A call without IMS has taken the modem to 3G.
        let isEvolved = dialect.isEvolved && (isInIMS || calls.isEmpty)
        let isInLTEAlone = registration == .evolvedOnly || registration == .messagesOnly
        let technology = isEvolved || isInLTEAlone ? 7 : 2
        return "+COPS: 0,\(settings.operatorFormat),\"\(name)\",\(technology)"
    }

    private mutating func functionality(_ command: ATCommand) -> CommandOutcome {
        switch command.form {
        case .read:
            return .text("+CFUN: \(settings.functionality)")
        case .test:
            return .text("+CFUN: (0,1,4),(0,1)")
        case .execute:
            return .error
        case .set:
            guard let level = command.value, [0, 1, 4].contains(level) else { return .failure(50) }
            if command.number(1) == 1 { return .effect(.reset(leavesBus: dialect.resetLeavesBus)) }
            let before = settings.functionality
            settings.functionality = level
            var outcome = CommandOutcome.ok
            if level != before { outcome.effects = [level == 1 ? .radioOn : .radioOff] }
            outcome.duration = .milliseconds(300)
            return outcome
        }
    }
}
