internal import ATProtocol
internal import Contacts
internal import DialPlan
package import Modem

/// The phone book of a SIM, read on demand and never written.
package enum SIMPhonebook {
    /// Why it can't be read, in one line.
    package struct Failure: Error, Sendable, CustomStringConvertible {
        /// What the modem said, and to what.
        package let description: String
        /// Whether it is the card that is missing, locked or not ready yet.
        package var isOfCard = false
    }

    /// One entry, as the card has it.
    package struct Entry: Sendable, Hashable {
        package var name: String
        package var number: String
    }

    /// Entries that are asked for at once: more would take some modems longer than any limit.
    private static let block = 40

    /// Reads every entry, also those whose number can't be dialled.
    ///
    /// - Parameter session: a modem whose SIM is unlocked.
    package static func entries(_ session: ModemSession) async throws(Failure) -> [Entry] {
        // Without a reason an error would not tell whether it is the card or the command; `CPIN` says it in any case.
        _ = try? await answer(session, "AT+CMEE=1")
        try await requireCard(session)
        // UCS2 is the only character set that has every name; where a modem has no choice, its own is GSM.
        let before = Self.characterSet(in: try await answer(session, "AT+CSCS?"))
        let characters: TerminalCharacters =
            (try? await answer(session, "AT+CSCS=\"UCS2\"")) != nil ? .ucs2 : .gsm
        let entries: Result<[PhonebookEntry], Failure>
        do throws(Failure) { entries = .success(try await read(session, characters)) } catch {
            entries = .failure(error)
        }
        // Everything else that is said to this modem expects the character set that it had.
        if characters == .ucs2, let name = before {
            _ = try? await answer(session, "AT+CSCS=\"\(name)\"")
        }
        return try entries.get().map { Entry(name: $0.text, number: $0.number) }
    }

    /// The character set in an answer to `AT+CSCS?`, beside which the modem may say other things in quotes.
    static func characterSet(in lines: [ATLine]) -> String? {
        lines.first { $0.text.hasPrefix("+CSCS:") }?.text.split(separator: "\"").dropFirst().first.map { String($0) }
    }

    private static func requireCard(_ session: ModemSession) async throws(Failure) {
        let lines: [ATLine]
        do throws(Failure) { lines = try await answer(session, "AT+CPIN?") } catch {
            throw Failure(description: "the SIM can't be read: \(error)", isOfCard: error.isOfCard)
        }
        let state = lines.first { $0.text.hasPrefix("+CPIN:") }?.text.dropFirst(6) ?? ""
        let words = state.split(separator: " ").joined(separator: " ")
        guard words.isEmpty || words == "READY" else {
            throw Failure(
                description: "the SIM is locked (\(words)): enter its PIN, as 'gsmbridge at MODEM AT+CPIN=…' does",
                isOfCard: true
            )
        }
    }

    private static func read(
        _ session: ModemSession,
        _ characters: TerminalCharacters
    ) async throws(Failure) -> [PhonebookEntry] {
        // The storage's name is written in ASCII on most modems, in UCS2 on a few.
        if (try? await answer(session, "AT+CPBS=\"SM\"")) == nil {
            _ = try await answer(session, "AT+CPBS=\"0053004D\"")
        }
        let places = try await answer(session, "AT+CPBR=?").compactMap(PhonebookEntry.places).first
        guard let places else { throw Failure(description: "AT+CPBR=?: the modem names no places") }
        var entries: [PhonebookEntry] = []
        var first = places.lowerBound
        while first <= places.upperBound {
            let last = min(first + block - 1, places.upperBound)
            let lines = try await answer(session, "AT+CPBR=\(first),\(last)", mayBeEmpty: true)
            entries += lines.compactMap { PhonebookEntry(cpbr: $0, in: characters) }
            first = last + 1
        }
        return entries
    }

    private static func answer(
        _ session: ModemSession,
        _ text: String,
        mayBeEmpty: Bool = false
    ) async throws(Failure) -> [ATLine] {
        let reply: ATReply
        do throws(CommandExchange.Failure) {
            reply = try await session.execute(ATCommand(text, reply: .everything, within: .seconds(20)))
        } catch {
            throw Failure(description: "\(text): \(RawCommand.words(for: error))")
        }
        if reply.isOK { return reply.lines }
        // Places without an entry are told as an error by some: not found, invalid index (27.007 §9.2.2).
        if mayBeEmpty, case .equipmentError(let error) = reply.result, [21, 22].contains(error.code) { return [] }
        if mayBeEmpty, case .error = reply.result { return reply.lines }
        var isOfCard = false
        if case .equipmentError(let error) = reply.result, let code = error.code { isOfCard = (10...18).contains(code) }
        throw Failure(description: "\(text): \(reply.result.words)", isOfCard: isOfCard)
    }
}
