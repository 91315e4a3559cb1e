extension SimulatedModem {
    /// Executes one command: the family's own meaning first, then the common one.
    mutating func execute(_ command: ATCommand, _ now: ContinuousClock.Instant) -> CommandOutcome {
        let written = "AT" + command.name + Self.suffix(command)
        if faults.refuses(written) { return .error }
        var outcome = outcome(of: command, now)
        if faults.contains(.noCallList), command.name == "+CLCC" { outcome = .error }
        if faults.ignoresHangUp(written) {
            outcome.effects.removeAll {
                guard case .hangUp = $0 else { return false }
                return true
            }
        }
        return outcome
    }

    private static func suffix(_ command: ATCommand) -> String {
        switch command.form {
        case .set: "=" + command.argument.uppercased()
        case .read: "?"
        case .test: "=?"
        case .execute: command.argument.uppercased()
        }
    }

    private mutating func outcome(of command: ATCommand, _ now: ContinuousClock.Instant) -> CommandOutcome {
        if let own = dialect.answer(command, &self, now) { return own }
        if dialect.absentCommands.contains(command.name) { return CommandOutcome(result: .unsupported) }
        return basic(command, now) ?? identity(command) ?? subscription(command) ?? messageCommand(command)
            ?? phonebook(command)
            ?? radio(command) ?? callControl(command, now) ?? tone(command, now) ?? CommandOutcome(result: .unsupported)
    }

    /// V.250 and the settings that only shape answers.
    private mutating func basic(_ command: ATCommand, _ now: ContinuousClock.Instant) -> CommandOutcome? {
        let value = Int(command.argument) ?? 0
        switch command.name {
        case "E":
            guard value <= 1 else { return .error }
            settings.echo = value == 1
        case "V":
            guard value <= 1 else { return .error }
            settings.verbose = value == 1
        case "Q":
            guard value <= 1 else { return .error }
            settings.quiet = value == 1
        case "X":
            guard value <= 4 else { return .error }
            settings.resultSelection = value
        case "Z":
            var outcome = CommandOutcome.ok
            outcome.effects = calls.isEmpty ? [] : [.hangUp(calls.map(\.call), cause: 16)]
            restoreDefaults()
            return outcome
        case "&F":
            restoreDefaults()
        case "&C", "&D", "&W", "&K", "&S", "L", "M", "O", "P", "T":
            return .ok
        case "I":
            if let named = faults.identity { return .text("Manufacturer: \(named.maker)", "Model: \(named.model)") }
            return CommandOutcome(
                lines: dialect.identity.information.map { $0 == "{imei}" ? "IMEI: \(profile.imei)" : $0 }
            )
        case "D":
            return dial(command.argument, now)
        case "A":
            return answerCall()
        case "H":
            return hangUpByH()
        case "S0":
            if command.form == .read { return .text(Self.padded(settings.autoAnswerRings)) }
            settings.autoAnswerRings = min(Int(command.argument) ?? 0, 255)
        case _
        where command.name.hasPrefix("S") && command.name.utf8.dropFirst().allSatisfy({ (0x30...0x39).contains($0) }):
            return command.form == .read ? .text("000") : .ok
        default:
            return nil
        }
        return .ok
    }

    private mutating func restoreDefaults() {
        let functionality = settings.functionality
        settings = dialect.defaults
        settings.functionality = functionality
        settings.verbose = !startsNumeric
    }

    private static func padded(_ value: Int) -> String {
        let text = String(value)
        return String(repeating: "0", count: max(0, 3 - text.count)) + text
    }

    private func identity(_ command: ATCommand) -> CommandOutcome? {
        guard command.form == .execute || command.form == .test else { return nil }
        if command.form == .test {
            return ["+CGMI", "+CGMM", "+CGMR", "+CGSN", "+GMI", "+GMM", "+GMR", "+GSN", "+CIMI"].contains(command.name)
                ? .ok : nil
        }
        switch command.name {
        case "+CGMI", "+GMI": return .text(faults.identity?.maker ?? dialect.identity.manufacturer)
        case "+CGMM", "+GMM": return .text(faults.identity?.model ?? dialect.identity.model)
        case "+CGMR", "+GMR": return .text(dialect.identity.revision)
        case "+CGSN", "+GSN": return .text(profile.imei)
        case "+GCAP": return .text("+GCAP: +CGSM,+FCLASS,+DS")
        default: return nil
        }
    }
}
