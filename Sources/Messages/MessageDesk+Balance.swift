package import CallLog
internal import DialPlan
internal import FoundationEssentials
package import GatewayAPI
internal import Logging
internal import Settings

// The balance of SIMs.
extension MessageDesk {
    /// Asks for every balance that is due; what is not told is asked for again at its next time only.
    func askForBalances() async {
        let due = settings.balances.filter { name, balance in
            guard boxes.values.contains(where: { $0.name == name }) else { return false }
            guard let last = balances[name]?.at else { return true }
            let age = Date().timeIntervalSince(last)
            // One that is dated in the future is of a clock that was wrong.
            return age < 0 || age >= Double(balance.every.components.seconds)
        }
        for (name, balance) in due.sorted(by: { $0.key < $1.key }) where !isStopping {
            do throws(ControlError) {
                try await ask(balance, name)
            } catch {
                tools.logger.warning("the balance of \(name) could not be asked for: \(error)")
            }
        }
    }

    /// Reads what was asked for before.
    func loadBalances() async {
        do throws(CallLogError) {
            let stored = try await tools.log.perform { log throws(CallLogError) in
                (try log.latestBalances(), try log.knownBalances())
            }
            for balance in stored.0 where balances[balance.modem] == nil { balances[balance.modem] = balance }
            for balance in stored.1 where tools.balances[balance.modem] == nil { tools.balances.note(balance) }
        } catch {
            tools.logger.warning("balances of before can't be read: \(error)")
        }
    }

    /// How long the answer to a message that asks may take; one that comes later, or unasked, says nothing.
    private static let answersWithin: Duration = .seconds(3600)

    /// Asks for the balance of a modem now; see ``MessageControl/askBalance(_:)``.
    package func askBalance(_ modem: String) async throws(ControlError) {
        guard let balance = settings.balances[modem] else {
            throw .notFound("modems.\(modem) has no `balance`: add how to ask for it")
        }
        guard try await ask(balance, modem) else { throw .conflict("the modem is busy, or not ready; try again") }
    }

    /// Asks for a balance.
    ///
    /// - Returns: false where the modem could not be had: nothing counts as asked then.
    /// - Throws: why there is no amount, after it was written down that it was asked for.
    @discardableResult
    private func ask(_ balance: Configuration.Balance, _ modem: String) async throws(ControlError) -> Bool {
        if let question = balance.message {
            try await send(question, balance, modem)
            return true
        }
        guard let code = balance.ask else { return true }
        let answer: ServiceAnswer
        do throws(ControlError) {
            answer = try await openService(code, modem: modem)
        } catch {
            // Before the code went out; behind that it may have cost something, and is not sent again by itself.
            if case .conflict = error { return false }
            await learn(nil, balance, modem)
            throw error
        }
        if let session = answer.session { endSession(session, "the balance is known") }
        let amount = Self.amount(in: answer.text, balance.find, places: Self.places(of: balance.currency))
        await learn(amount, balance, modem)
        guard amount != nil else { throw .configuration("modems.\(modem).balance.find finds no amount in the answer") }
        return true
    }

    /// Sends the message that asks.
    ///
    /// Its own limits hold, and no balance that is too low: it is how a higher one is learnt.
    private func send(
        _ question: Configuration.Balance.Question,
        _ balance: Configuration.Balance,
        _ modem: String
    ) async throws(ControlError) {
        asked[modem] = ContinuousClock.now + Self.answersWithin
        // Written down before it goes out: a crash must not have it asked again at once.
        await learn(nil, balance, modem)
        var request = MessageRequest(number: question.to, text: question.text)
        request.modem = modem
        _ = try await queue(request, to: question.to, id: UUID(), day: tools.today())
    }

    /// Takes a message that may be the answer: from where it was asked for, on that modem, and in time.
    func takeBalance(_ record: MessageRecord) async {
        guard let modem = record.modem, let balance = settings.balances[modem], let question = balance.message,
            let until = asked[modem], ContinuousClock.now < until, let text = record.text,
            Self.isSame(record.number ?? "", question.to)
        else { return }
        guard let amount = Self.amount(in: text, balance.find, places: Self.places(of: balance.currency)) else {
            tools.logger.warning("modems.\(modem).balance.find finds no amount in the message")
            return
        }
        asked[modem] = nil
        await learn(amount, balance, modem)
    }

    private static func isSame(_ sender: String, _ number: String) -> Bool {
        let (left, right) = (sender.filter(\.isNumber), number.filter(\.isNumber))
        // A short number may come with the country's code before it, or as a name.
        return left == right || right.utf8.count >= 6 && left.hasSuffix(right.suffix(8))
    }

    /// Writes down that it was asked for, and what it is, and tells.
    private func learn(_ amount: Money?, _ balance: Configuration.Balance, _ modem: String) async {
        let stored = StoredBalance(modem: modem, at: Date(), micros: amount?.micros, currency: balance.currency)
        balances[modem] = stored
        let before = tools.balances[modem]?.micros
        tools.balances.note(stored)
        do throws(CallLogError) {
            try await tools.log.perform { log throws(CallLogError) in try log.note(stored) }
        } catch {
            tools.logger.warning("a balance was not written down: \(error)")
        }
        guard let amount else { return }
        let value = Double(amount.micros) / 1e6
        tools.tell(BalanceEvent(.balance, modem: modem, amount: value, currency: balance.currency))
        // Told when it becomes so, not at each look.
        guard let least = [balance.warnBelow, balance.stopBelow].compactMap({ $0?.micros }).max() else { return }
        let (isLow, wasLow) = (amount.micros < least, before.map { $0 < least } ?? false)
        if isLow, !wasLow {
            tools.logger.warning("the balance of \(modem) is low: \(value) \(balance.currency)")
            tools.tell(BalanceEvent(.low, modem: modem, amount: value, currency: balance.currency))
        } else if wasLow, !isLow {
            tools.tell(BalanceEvent(.restored, modem: modem, amount: value, currency: balance.currency))
        }
    }

    /// The places behind the decimal sign (ISO 4217).
    static func places(of currency: String) -> Int {
        ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"].contains(currency.uppercased()) ? 3 : 2
    }

    /// The amount in a text: the first group of a pattern, or all that it matches.
    static func amount(in text: String, _ pattern: String, places: Int = 2) -> Money? {
        guard let regex = try? Regex(pattern), let match = try? regex.firstMatch(in: text) else { return nil }
        let found = match.output.count > 1 ? match.output[1].substring : match.output[0].substring
        guard let found, let value = amount(String(found), places: places) else { return nil }
        // The sign may stand before the group.
        let digits = found.firstIndex { $0.isASCII && $0.isNumber } ?? found.startIndex
        let isOwed = text[..<digits].last.map { "-\u{2212}".contains($0) } ?? false
        return isOwed ? Money(micros: -value.micros) : value
    }

    /// Reads `1.234,56`, `1,234.56`, `12,5` or `12`: the last comma or dot with one or two digits behind it is the decimal one, and
    /// one with three where the currency has as many.
    static func amount(_ text: String, places: Int = 2) -> Money? {
        let signs = text.filter { $0.isASCII && ($0.isNumber || $0 == "," || $0 == ".") }
        guard let last = signs.lastIndex(where: { $0 == "," || $0 == "." }) else { return Money(text: signs) }
        let fraction = signs[signs.index(after: last)...]
        let whole = signs[..<last].filter(\.isNumber)
        guard (1...places).contains(fraction.count) else { return Money(text: whole + fraction) }
        return Money(text: (whole.isEmpty ? "0" : whole) + "." + fraction)
    }
}

extension SIMBalance {
    /// Creates what is told of a balance in the log.
    package init(_ stored: StoredBalance) {
        self.init(
            modem: stored.modem,
            at: stored.at,
            amount: stored.micros.map { Double($0) / 1e6 },
            currency: stored.currency
        )
    }
}
