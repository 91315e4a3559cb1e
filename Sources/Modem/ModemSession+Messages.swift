internal import ATProtocol
package import CallModel
internal import Logging

/// What a modem says by itself of messages.
package enum MessageNews: Sendable, Hashable {
    /// Something new is in a store.
    case stored
    /// A message, or a report, that is stored nowhere: its octets in hexadecimal digits.
    case direct(String)
    /// The network says something in USSD.
    case service(ServiceText)
}

/// What came of a message that was given to a modem.
package enum SendResult: Sendable, Hashable {
    /// The network has it, under this reference.
    case sent(reference: Int)
    /// Modem or network refused it; why, and what a call would have come to for the same reason.
    case refused(String, CallOutcome)
    /// It never left; why.
    case notSent(NoAnswer)
    /// Whether it left can't be told; why.
    case unknown(String)
}

// Messages (27.005), in PDU mode.
extension ModemSession {
    /// How long the network may take for a message: as long as the manuals of u-blox and SIMCom say at least.
    private static let sendsWithin: Duration = .seconds(60)

    /// How long after a send was broken off the modem's word for it may come.
    private static let lateWithin: Duration = .seconds(15)

    /// The errors behind a text that tell that nothing was sent: the network's (3GPP TS 24.011 table 8.4) and the service
    /// centre's (23.040 §9.2.3.22) refusals, and what the modem lacks (27.005 §3.2.5), but no general failure.
    private static let refusals: [ClosedRange<Int>] = [
        1...1, 8...8, 10...10, 21...22, 27...30, 38...38, 41...42, 47...47, 50...50, 69...69, 81...81, 95...99,
        111...111,
        // 127, interworking, and 197, a repetition, say nothing of what became of it.
        128...196, 198...255, 301...305, 310...318, 330...331,
    ]

    /// What a call would have come to: the card and the missing network are no refusals of the network (27.005 §3.2.5,
    /// 27.007 §9.2).
    private static func outcome(of result: FinalResult) -> CallOutcome {
        switch result {
        case .messageError(let error):
            switch error.code ?? 0 {
            case 310...313, 315...318: .sim
            case 331: .noService
            case 1...255: .rejected
            default: .modemFailed
            }
        case .equipmentError(let error):
            switch error.code ?? 0 {
            case 10...13, 15...18: .sim
            case 30...32: .noService
            default: .modemFailed
            }
        default: .modemFailed
        }
    }

    /// Ways to have new messages told, best first (27.005 §3.4.1).
    ///
    /// Stored and told, with reports directly or stored; then without reports; then handed over directly. Some firmware refuses a mode, or a way for reports.
    private static let routings = [
        "2,1,0,1,0", "2,1,0,2,0", "1,1,0,1,0", "1,1,0,2,0", "2,1,0,0,0", "1,1,0,0,0", "2,2,0,1,0", "2,2,0,0,0",
        "1,2,0,0,0",
    ]

    /// Has what the modem says of messages told, in order and on the session's loop; one listener.
    package func watchMessages(_ take: @escaping @Sendable (MessageNews) -> Void) {
        messageWatch = take
    }

    /// Sets the modem up for messages.
    ///
    /// - Returns: the stores that it has, out of those of card and modem; none where it can't be used for messages.
    package func prepareMessages() async -> [String] {
        guard await ask(ATCommand("AT+CMGF=0")) != nil else { return [] }
        // Messages that are handed over directly need no word of ours then (27.005 §3.2.1).
        _ = await ask(ATCommand("AT+CSMS=0", reply: .prefixes(["+CSMS:"])))
        for routing in Self.routings where await ask(ATCommand("AT+CNMI=\(routing)")) != nil {
            if routing != Self.routings[0] { log.info("new messages are told by AT+CNMI=\(routing)") }
            break
        }
        let test = ATCommand("AT+CPMS=?", reply: .prefixes(["+CPMS:"]))
        let names = await ask(test)?.lazy.map { StoreUsage.names($0) }.first { !$0.isEmpty } ?? ["SM", "ME"]
        return ["SM", "ME"].filter(names.contains)
    }

    /// Chooses the store to read from and delete in.
    ///
    /// - Returns: how many messages it has, and places for; nil where there is none of this name, or it does not tell.
    package func openStore(_ name: String) async -> (used: Int, places: Int)? {
        let lines = await ask(ATCommand("AT+CPMS=\"\(name)\"", reply: .prefixes(["+CPMS:"]), within: .seconds(10)))
        return lines?.lazy.compactMap { StoreUsage($0) }.first.map { ($0.used, $0.places) }
    }

    /// The messages of the store that is open, by place; nil where they can't be listed.
    ///
    /// A full card may take seconds for them: for few, ``readPlace(_:)`` lets a ring through sooner.
    package func listStore() async -> [(place: Int, octets: String, isWhole: Bool)]? {
        var command = ATCommand("AT+CMGL=4", reply: .messages, within: .seconds(30))
        command.patience = .milliseconds(300)
        var lines = await ask(command)
        if lines?.isEmpty == true, await isQuiet() { lines = await ask(command) }
        return lines.map { lines in
            StoredMessage.list(lines)
                .compactMap { message in
                    guard message.isReceived, let place = message.place else { return nil }
                    return (place, message.octets, message.isWhole)
                }
        }
    }

    /// What is in a place of a store.
    package enum Place: Sendable, Hashable {
        /// A message from the network, in hexadecimal digits.
        case message(String)
        /// One that was written here.
        case other
        case empty
        /// The modem did not say.
        case unknown
    }

    /// Reads one place of the store that is open.
    package func readPlace(_ place: Int) async -> Place {
        var command = ATCommand("AT+CMGR=\(place)", reply: .messages)
        command.patience = .milliseconds(300)
        do throws(CommandExchange.Failure) {
            let reply = try await execute(command)
            // An empty place is an error on most, OK alone on some.
            guard reply.isOK, var message = StoredMessage.entry(reply.lines) else { return .empty }
            if !message.isWhole {
                log.notice("a message came with bytes missing, and is read again")
                message = StoredMessage.entry(try await execute(command).lines) ?? message
            }
            return message.isReceived ? .message(message.octets) : .other
        } catch {
            return .unknown
        }
    }

    /// Lets answers that are still on their way arrive while nothing waits for one.
    ///
    /// An answer without a message may be that of the command before: when a caller gives up while `ATA` is under way, its
    /// `OK` may come behind the `NO CARRIER` that ended it. From then on each command would get the answer of the one before:
    /// every second message would be passed over, and a place be deleted that was not read.
    ///
    /// - Returns: whether it makes sense to ask again.
    func isQuiet() async -> Bool {
        await pause(Self.quiet)
        return !isClosed
    }

    /// Longer than a modem takes for one place.
    private static let quiet: Duration = .milliseconds(300)

    /// Deletes one place of the store that is open.
    ///
    /// - Returns: whether the modem says so.
    package func deletePlace(_ place: Int) async -> Bool {
        await ask(ATCommand("AT+CMGD=\(place)", within: .seconds(10))) != nil
    }

    /// Gives a message to the modem, once: nothing is ever repeated.
    ///
    /// - Parameters:
    ///   - line: the octets in hexadecimal digits.
    ///   - length: how many there are behind the service centre's.
    ///   - isTaken: whether a call has taken the modem meanwhile; nothing is begun then.
    package func sendMessage(
        line: String,
        length: Int,
        isTaken: @Sendable () -> Bool = { false }
    ) async -> SendResult {
        let command = ATCommand(
            "AT+CMGS=\(length)",
            reply: .prefixes(["+CMGS:"]),
            within: Self.sendsWithin,
            payload: Array(line.utf8)
        )
        lateReference = nil
        // Some program may have chosen texts; and a modem that has gone deaf is found out in seconds, not by a prompt that never
        // comes.
        do throws(CommandExchange.Failure) { _ = try await execute(ATCommand("AT+CMGF=0")) } catch {
            return .notSent(NoAnswer(error))
        }
        guard !isTaken() else { return .notSent(.brokenOff) }
        var id: Int?
        let result = await withCheckedContinuation { continuation in
            id = send(command) { continuation.resume(returning: $0) }
        }
        switch result {
        case .success(let reply):
            if reply.isOK {
                let reference = reply.lines.lazy
                    .compactMap { line -> Int? in
                        if case .messageSent(let reference)? = Indication(line) { reference } else { nil }
                    }
                    .first
                // OK alone is what some say that lost the reference.
                return exchange.lastPrompted == id
                    ? .sent(reference: reference ?? -1) : .refused("the modem asked for no text", .modemFailed)
            }
            let words = ModemAnswer(reply).result
            let outcome = Self.outcome(of: reply.result)
            guard exchange.lastPrompted == id else { return .refused(words, outcome) }
            if case .messageError(let error) = reply.result {
                if error.code == 332 { return .unknown("the network did not answer in time (+CMS ERROR: 332)") }
                if let code = error.code, Self.refusals.contains(where: { $0.contains(code) }) {
                    return .refused(words, outcome)
                }
            }
            // The text was given to the modem, and nothing says that the network does not have it.
            return .unknown("the modem says \(words), which does not tell whether it was sent")
        case .failure(let failure):
            let reason = NoAnswer(failure)
            guard exchange.lastPrompted == id else { return .notSent(reason) }
            // Broken off for a call: the modem goes on sending, and says so.
            let end = loop.now + (failure == .abandoned ? Self.lateWithin : .zero)
            while lateReference == nil, loop.now < end, !isClosed { await pause(.milliseconds(250)) }
            return lateReference.map { .sent(reference: $0) } ?? .unknown("\(reason)")
        }
    }
}
