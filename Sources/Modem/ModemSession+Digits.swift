internal import ATProtocol
internal import Logging

extension ModemSession {
    /// What became of a DTMF digit.
    package enum DigitResult: Sendable, Hashable {
        /// The modem has taken it; the tone lasts this long from when it was sent.
        case acknowledged(tone: Duration)
        /// The modem has not sent it; why.
        case refused(String)
        /// It was not sent, because the call is over; what became of the call is told on its own.
        case callIsOver
        /// It is not known whether it was sent. Never to be sent again.
        case ambiguous(String)
    }

    /// Sends one DTMF digit in the call and waits until the modem has acknowledged it.
    ///
    /// Where the modem plainly refuses the first digit in one form, another form of the command is tried; a digit whose
    /// fate is unknown, or that is refused in a form that has worked before, is given up.
    ///
    /// - Parameters:
    ///   - digit: one of `0`–`9`, `*`, `#`, `A`–`D`.
    ///   - tone: how long the tone should last; families that only know tenths of a second round it their way.
    package func sendDigit(_ digit: Character, tone: Duration) async -> DigitResult {
        guard driver.digitSet.contains(digit) else {
            return .refused("the modem can't send the digit in this family (\(driver.family))")
        }
        while digitCommand < driver.digits.count {
            guard follower.isTalking else { return .callIsOver }
            do throws(CommandExchange.Failure) {
                let reply = try await execute(digit: command(driver.digits[digitCommand], for: digit))
                if reply.isOK {
                    digitCommandIsProven = true
                    return .acknowledged(tone: max(tone, shortestTone))
                }
                if digitCommandIsProven { return .refused("the modem answered \(describe(reply.result))") }
                log.info("the digit was refused (\(describe(reply.result))); trying another form of the command")
            } catch {
                switch error {
                case .timedOut:
                    // The end of the call may have swallowed its result: then that is what became of it.
                    await lookForCall()
                    return follower.isEnding ? .callIsOver : .ambiguous("the modem did not acknowledge it")
                case .abandoned: return .ambiguous("the modem did not acknowledge it")
                case .unresponsive, .queueFull: return .refused("the modem stopped answering")
                // The command may have been out already.
                case .portClosed: return .ambiguous("the modem went away before it acknowledged it")
                }
            }
            // A refusal may mean that the call has just ended: the list knows.
            await lookForCall()
            digitCommand += 1
        }
        digitCommand = 0
        return .refused("the modem refuses every form of the command")
    }

    /// Has the list tell whether the call is still there, as often as it takes to be sure.
    private func lookForCall() async {
        // Every 300 ms, until the lists have left it out for long enough.
        let rounds = driver.rules.emptyListsToEnd + 4
        for round in 0..<rounds where !follower.isEnding && follower.reducer?.listIsUsable == true {
            if round > 0 { await pause(.milliseconds(300)) }
            guard let calls = await listCalls() else { return }
            follow { $0.saw(calls, at: $1) }
            if follower.reducer?.isMissed != true { return }
        }
    }

    /// The first of some digits that the modem has no tone for; nil where it can send all of them.
    package func unsendable(in digits: [Character]) -> Character? {
        digits.first { !driver.digitSet.contains($0) }
    }

    private func execute(digit command: ATCommand) async throws(CommandExchange.Failure) -> ATReply {
        let result = await withCheckedContinuation { continuation in
            follower.digitCommand = send(command) { continuation.resume(returning: $0) }
        }
        follower.digitReturned()
        return try result.get()
    }

    private func command(_ form: ModemDriver.DigitCommand, for digit: Character) -> ATCommand {
        // 5 s and half a second: the table of limits, for one digit.
        let limit: Duration = .milliseconds(5500)
        switch form {
        case .caret: return ATCommand("AT^DTMF=\(follower.reducer?.index ?? 1),\(digit)", within: limit)
        case .plain: return ATCommand("AT+VTS=\(digit)", within: limit)
        case .quoted: return ATCommand("AT+VTS=\"\(digit)\"", within: limit)
        }
    }

    private func describe(_ result: FinalResult) -> String {
        switch result {
        case .equipmentError(let error): "+CME ERROR: \(error.words)"
        case .messageError(let error): "+CMS ERROR: \(error.text)"
        case .vendorError(let error): "error \(error.text)"
        case .ok, .error, .commandNotSupported, .tooManyParameters, .noCarrier, .busy, .noAnswer, .noDialtone, .connect:
            "\(result)"
        }
    }
}
