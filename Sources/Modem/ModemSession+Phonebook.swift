internal import ATProtocol

/// An entry of a card's phone book.
package struct CardEntry: Sendable, Hashable {
    /// The number as it is stored.
    package let number: String
    /// The name, as far as the modem can write it.
    package let name: String
}

/// Why a card's phone book can't be read, in one line.
package struct PhonebookFailure: Error, Sendable, CustomStringConvertible {
    /// What the modem said, and to what.
    package let description: String
    /// Whether it is the card that is missing, locked or not ready yet.
    package var isOfCard = false
}

extension ModemSession {
    /// Entries that are asked for at once: more would take some modems longer than any limit.
    private static let block = 40

    /// Reads the phone book of an unlocked card, and writes nothing.
    package func phonebook() async throws(PhonebookFailure) -> [CardEntry] {
        // Without a reason an error would not tell whether it is the card or the command; `CPIN` says it in any case.
        _ = try? await lines("AT+CMEE=1")
        try await requireCard()
        // UCS2 is the only character set that has every name; where a modem has no choice, its own is GSM.
        let before = Self.characterSet(in: try await lines("AT+CSCS?").map(\.text))
        let characters: TerminalCharacters = (try? await lines("AT+CSCS=\"UCS2\"")) != nil ? .ucs2 : .gsm
        let entries: Result<[PhonebookEntry], PhonebookFailure>
        do throws(PhonebookFailure) { entries = .success(try await readEntries(in: characters)) } catch {
            entries = .failure(error)
        }
        // Everything else that is said to this modem expects the character set that it had.
        if characters == .ucs2, let name = before { _ = try? await lines("AT+CSCS=\"\(name)\"") }
        return try entries.get().map { CardEntry(number: $0.number, name: $0.text) }
    }

    /// The character set in an answer to `AT+CSCS?`, beside which the modem may say other things in quotes.
    package static func characterSet(in lines: [String]) -> String? {
        lines.first { $0.hasPrefix("+CSCS:") }?.split(separator: "\"").dropFirst().first.map { String($0) }
    }

    private func requireCard() async throws(PhonebookFailure) {
        let answer: [ATLine]
        do throws(PhonebookFailure) { answer = try await lines("AT+CPIN?") } catch {
            throw PhonebookFailure(description: "the SIM can't be read: \(error)", isOfCard: error.isOfCard)
        }
        let state = answer.first { $0.text.hasPrefix("+CPIN:") }?.text.dropFirst(6) ?? ""
        let words = state.split(separator: " ").joined(separator: " ")
        guard words.isEmpty || words == "READY" else {
            throw PhonebookFailure(
                description: "the SIM is locked (\(words)): enter its PIN, as 'gsmbridge at MODEM AT+CPIN=…' does",
                isOfCard: true
            )
        }
    }

    private func readEntries(in characters: TerminalCharacters) async throws(PhonebookFailure) -> [PhonebookEntry] {
        // The storage's name is written in ASCII on most modems, in UCS2 on a few.
        if (try? await lines("AT+CPBS=\"SM\"")) == nil { _ = try await lines("AT+CPBS=\"0053004D\"") }
        let places = try await lines("AT+CPBR=?").compactMap { PhonebookEntry.places($0) }.first
        guard let places else { throw PhonebookFailure(description: "AT+CPBR=?: the modem names no places") }
        var entries: [PhonebookEntry] = []
        var first = places.lowerBound
        while first <= places.upperBound {
            let last = min(first + Self.block - 1, places.upperBound)
            let lines = try await lines("AT+CPBR=\(first),\(last)", mayBeEmpty: true)
            entries += lines.compactMap { PhonebookEntry(cpbr: $0, in: characters) }
            first = last + 1
        }
        return entries
    }

    private func lines(_ text: String, mayBeEmpty: Bool = false) async throws(PhonebookFailure) -> [ATLine] {
        let reply: ATReply
        do throws(CommandExchange.Failure) {
            reply = try await execute(ATCommand(text, reply: .everything, within: .seconds(20)))
        } catch {
            throw PhonebookFailure(description: "\(text): \(NoAnswer(error))")
        }
        let answer = ModemAnswer(reply)
        if answer.isOK { return reply.lines }
        // Places without an entry are told as an error by some: not found, invalid index (27.007 §9.2.2).
        if mayBeEmpty, let code = answer.code, [21, 22].contains(code) { return [] }
        if mayBeEmpty, answer.isBareError { return reply.lines }
        let isOfCard = answer.code.map { (10...18).contains($0) } ?? false
        throw PhonebookFailure(description: "\(text): \(answer.result)", isOfCard: isOfCard)
    }
}
