extension SimulatedModem {
    /// `+VTS` and `+VTD` (3GPP TS 27.007 clauses C.2.11 and C.2.12).
    mutating func tone(_ command: ATCommand, _ now: ContinuousClock.Instant) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("+VTS", .set):
            guard let digits = dialect.tones(command) else { return .failure(50) }
            return send(digits)
        case ("+VTS", .test):
            return .text("+VTS: (0-9,*,#,A,B,C,D)")
        case ("+VTD", .set):
            guard let tenths = command.value, (0...255).contains(tenths) else { return .failure(50) }
            settings.toneTenths = tenths
            return .ok
        case ("+VTD", .read):
            return .text("+VTD: \(settings.toneTenths)")
        default:
            return nil
        }
    }

    /// Plays digits into the active call; refused without one.
    mutating func send(_ digits: [Character], length: Duration? = nil) -> CommandOutcome {
        guard let call = calls.first(where: { $0.status == .active }) else { return .failure(3) }
        let length = length ?? .milliseconds(100 * max(settings.toneTenths, 1))
        var outcome = CommandOutcome.ok
        for digit in digits {
            toneCount += 1
            if faults.refusesTone(toneCount) {
                outcome.result = .error
                break
            }
            outcome.effects.append(.tone(call: call.call, digit: digit, length: length))
        }
        return outcome
    }
}
