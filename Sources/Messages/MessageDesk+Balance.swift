internal import CallLog
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
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
        for (name, balance) in due.sorted(by: { $0.key < $1.key }) where !isStopping { await ask(balance, name) }
    }

    /// Reads what was asked for before.
    func loadBalances() async {
        do throws(CallLogError) {
            let stored = try await tools.log.perform { log throws(CallLogError) in try log.latestBalances() }
            for balance in stored where balances[balance.modem] == nil { balances[balance.modem] = balance }
        } catch {
            tools.logger.warning("balances of before can't be read: \(error)")
        }
    }

    private func ask(_ balance: Configuration.Balance, _ modem: String) async {
        var amount: Money?
        do throws(ControlError) {
            let answer = try await openService(balance.ask, modem: modem)
            if let session = answer.session { endSession(session, "the balance is known") }
            amount = Self.amount(in: answer.text, balance.find)
            if amount == nil { tools.logger.warning("modems.\(modem).balance.find finds no amount in the answer") }
        } catch {
            // A modem that has a call, or is not ready: soon again.
            if case .conflict = error { return }
            tools.logger.warning("the balance of \(modem) could not be asked for: \(error)")
        }
        let stored = StoredBalance(modem: modem, at: Date(), micros: amount?.micros, currency: balance.currency)
        balances[modem] = stored
        do throws(CallLogError) {
            try await tools.log.perform { log throws(CallLogError) in try log.note(stored) }
        } catch {
            tools.logger.warning("a balance was not written down: \(error)")
        }
        guard let amount else { return }
        let value = Double(amount.micros) / 1e6
        tools.tell(BalanceEvent(.balance, modem: modem, amount: value, currency: balance.currency))
        if let least = balance.warnBelow, amount < least {
            tools.logger.warning("the balance of \(modem) is low: \(value) \(balance.currency)")
            tools.tell(BalanceEvent(.low, modem: modem, amount: value, currency: balance.currency))
        }
    }

    /// The amount in a text: the first group of a pattern, or all that it matches.
    static func amount(in text: String, _ pattern: String) -> Money? {
        guard let regex = try? Regex(pattern), let match = try? regex.firstMatch(in: text) else { return nil }
        let found = match.output.count > 1 ? match.output[1].substring : match.output[0].substring
        guard let found, let value = amount(String(found)) else { return nil }
        // The sign may stand before the group.
        let digits = found.firstIndex { $0.isASCII && $0.isNumber } ?? found.startIndex
        let isOwed = text[..<digits].last.map { "-\u{2212}".contains($0) } ?? false
        return isOwed ? Money(micros: -value.micros) : value
    }

    /// Reads `1.234,56`, `1,234.56`, `12,5` or `12`: the last comma or dot with one or two digits behind it is the decimal one.
    static func amount(_ text: String) -> Money? {
        let signs = text.filter { $0.isASCII && ($0.isNumber || $0 == "," || $0 == ".") }
        guard let last = signs.lastIndex(where: { $0 == "," || $0 == "." }) else { return Money(text: signs) }
        let fraction = signs[signs.index(after: last)...]
        let whole = signs[..<last].filter(\.isNumber)
        guard (1...2).contains(fraction.count) else { return Money(text: whole + fraction) }
        return Money(text: (whole.isEmpty ? "0" : whole) + "." + fraction)
    }
}
