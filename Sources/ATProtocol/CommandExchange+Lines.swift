// What the modem says: an answer, a late one, or something by itself.
extension CommandExchange {
    /// A line has arrived.
    package mutating func received(_ line: ATLine, at now: ContinuousClock.Instant) -> [Step] {
        if line.isPrompt { return prompt(at: now) }
        if recent.contains(line.text) { return [.note(.echo)] }
        switch state {
        case .waiting(let flight): return received(line, for: flight, at: now)
        case .draining(let command, _), .probing(let command, _), .settling(let command, _):
            return receivedLate(line, of: command, at: now)
        case .guarding, .idle, .unresponsive:
            return receivedUnasked(line, at: now)
        case .closed: return []
        }
    }

    private mutating func received(_ line: ATLine, for flight: InFlight, at now: ContinuousClock.Instant) -> [Step] {
        var flight = flight
        if let result = FinalResult(line), !result.isAboutACall || flight.command.kind != .ordinary {
            speaksWords = true
            // Behind what a person typed it may be either: the end of the command, or news of a call.
            let news: [Step] = result.isAboutACall && flight.command.kind == .typed ? [.indication(line)] : []
            return news + finish(flight, result, at: now)
        }
        if FinalResult(line) == nil, flight.command.reply.claims(line) {
            if flight.lines.count < (flight.command.reply == .messages ? limits.list : limits.lines) {
                flight.lines.append(line)
            }
            state = .waiting(flight)
            return []
        }
        if !speaksWords, let numeric = NumericResult(line)?.finalResult,
            !numeric.isAboutACall || flight.command.kind != .ordinary
        {
            return [.note(.numericResults)] + finish(flight, numeric, at: now)
        }
        return unsolicited(line)
    }

    private mutating func finish(
        _ flight: InFlight,
        _ result: FinalResult,
        at now: ContinuousClock.Instant
    ) -> [Step] {
        let reply = ATReply(lines: flight.lines, result: result)
        let finished = Step.finish(id: flight.id, .success(reply))
        // A caller who gives up at this moment: the word is news, and the command's own result follows.
        if flight.command.text == ATCommand.answer.text, result == .noCarrier { owe(1, at: now) }
        if mayStillBeOwed(at: now), !urgentWaits {
            state = .guarding(hardLimit: now + limits.settleAtMost)
            return [finished] + arm(now + limits.settle)
        }
        state = .idle
        let next = sendNext(at: now)
        return next.isEmpty ? disarm() + [finished] : [finished] + next
    }

    private mutating func receivedLate(
        _ line: ATLine,
        of command: ATCommand,
        at now: ContinuousClock.Instant
    ) -> [Step] {
        guard let result = FinalResult(line) ?? lateNumeric(line) else {
            // That a message was sent is news, however late.
            if command.reply.claims(line), !line.hasPrefix("+CMGS:") { return activity(at: now) }
            return unsolicited(line) + activity(at: now)
        }
        // A word about a call is news even when it is also the late answer of a dial command.
        let news: [Step] = result.isAboutACall ? [.indication(line)] : []
        if result.isAboutACall, command.kind == .ordinary { return news + activity(at: now) }
        let late = news + [.note(.lateAnswer(result))]
        switch state {
        case .draining:
            settle(1)
            return late + (urgentWaits ? sendNext(at: now) : probe(of: command, attempt: 0, at: now))
        case .probing:
            // The probe's own answer or a late one before it: any other line in the quiet time settles the debt.
            let told = result == .ok ? news : late
            if FinalResult(line) == nil, speaksWords {
                // A modem that answered in words and now does in numbers has restarted.
                speaksWords = false
                return told + [.note(.numericResults)] + settleDown(command, at: now)
            }
            return told + settleDown(command, at: now)
        case .settling(_, let hardLimit):
            settle(1)
            return late + arm(min(now + limits.settle, hardLimit))
        case .idle, .waiting, .guarding, .unresponsive, .closed:
            return late
        }
    }

    private mutating func settleDown(_ command: ATCommand, at now: ContinuousClock.Instant) -> [Step] {
        if urgentWaits { return sendNext(at: now) }
        state = .settling(of: command, hardLimit: now + limits.settleAtMost)
        return arm(now + limits.settle)
    }

    /// A number as a result, where words are not expected; to a probe it always is one.
    private func lateNumeric(_ line: ATLine) -> FinalResult? {
        if case .probing = state { return NumericResult(line)?.finalResult }
        return speaksWords ? nil : NumericResult(line)?.finalResult
    }

    private mutating func receivedUnasked(_ line: ATLine, at now: ContinuousClock.Instant) -> [Step] {
        guard let result = FinalResult(line), !result.isAboutACall else { return unsolicited(line) + activity(at: now) }
        settle(1)
        return [.note(.strayResult(result))] + activity(at: now)
    }

    private func unsolicited(_ line: ATLine) -> [Step] {
        if let result = FinalResult(line) {
            return result.isAboutACall ? [.indication(line)] : [.note(.strayResult(result))]
        }
        return Indication(line) != nil ? [.indication(line)] : [.note(.unexpected(line))]
    }

    private mutating func prompt(at now: ContinuousClock.Instant) -> [Step] {
        guard case .waiting(let flight) = state, let payload = flight.command.payload else {
            // Any character would break a dial command off.
            if isWaitingForCall { return [] }
            // One ESC at a time: a modem that shows prompts and reads nothing must not have them pile up.
            if let promptLeftAt, now - promptLeftAt < limits.promptPause { return [] }
            promptLeftAt = now
            return [.write([0x1B]), .note(.promptEscaped)]
        }
        var answered = flight
        answered.command.payload = nil
        lastPrompted = flight.id
        state = .waiting(answered)
        return [.write(payload + [0x1A])]
    }
}
