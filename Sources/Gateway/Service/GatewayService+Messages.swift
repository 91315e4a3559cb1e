internal import CallLog
internal import CallPlanning
internal import CallRecords
internal import Calls
internal import ContactBook
internal import DialPlan
package import FoundationEssentials
package import GatewayAPI
internal import Lines
internal import Logging
internal import Messages
internal import Settings

// Messages and USSD.
extension GatewayService {
    /// The desk for the messages of a fleet.
    static func desk(
        _ parts: Parts,
        _ fleet: ModemFleet,
        _ names: CallerNames,
        _ events: EventHub,
        _ balances: BalanceBook,
        order: @escaping @Sendable (MessageOrder) -> Void,
        _ log: Logger
    ) -> MessageDesk {
        MessageDesk(
            MessageDesk.Tools(
                fleet: fleet,
                log: parts.recorder.writer,
                balances: balances,
                logger: log,
                name: { number in names[number] },
                tell: { event in events.publish(event) },
                order: order,
                today: {
                    let day = PolicyTime.now().day
                    return (day.packed, day.startOfMonth.packed)
                }
            ),
            settings: MessageSettings(parts.configuration)
        )
    }

    /// See ``MessageControl/balances(of:limit:)``.
    package func balances(of modem: String?, limit: Int) async throws(ControlError) -> [SIMBalance] {
        guard (1...1000).contains(limit) else { throw .invalid("limit: give a number from 1 to 1000") }
        return try await onLog { log throws(CallLogError) in try log.balances(of: modem, limit: limit) }
            .map { SIMBalance($0) }
    }

    /// See ``MessageControl/askBalance(_:)``.
    package func askBalance(_ modem: String) async throws(ControlError) {
        let name = await fleet.modem(modem)?.status.name ?? modem
        try await messages.askBalance(name)
    }

    /// Modems with what their SIMs have.
    func withBalances(_ modems: [ModemStatus]) -> [ModemStatus] {
        modems.map { modem in
            var modem = modem
            modem.balance = modem.name.flatMap { balances[$0] }.map { SIMBalance($0) }
            return modem
        }
    }

    /// Sets below which SIMs are spared.
    static func spare(_ configuration: Configuration, _ balances: BalanceBook) {
        let stops = configuration.modems.compactMap { modem in
            modem.balance?.stopBelow.map { (modem.name, $0.micros) }
        }
        balances.spare(below: Dictionary(stops) { first, _ in first })
    }

    /// Reads what SIMs had last, for one call that a limit may keep from being made.
    func learnBalances() async {
        guard balances.isNeeded else { return }
        do throws(CallLogError) {
            let known = try await recorder.writer.perform { log throws(CallLogError) in try log.knownBalances() }
            for balance in known { balances.note(balance) }
        } catch {
            log.warning("balances can't be read, and limit nothing: \(error)")
        }
    }

    /// See ``MessageControl/sendMessage(_:id:origin:)``; nothing that is remote opens more than what is local.
    package func sendMessage(
        _ request: MessageRequest,
        id: UUID,
        origin: RequestOrigin
    ) async throws(ControlError) -> MessageRecord {
        let day = PolicyTime.now().day
        return try await messages.send(request, id: id, day: (day.packed, day.startOfMonth.packed))
    }

    /// See ``MessageControl/message(_:)``.
    package func message(_ reference: String) async throws(ControlError) -> MessageRecord {
        let found = try await onLog { log throws(CallLogError) in try log.messages(beginning: reference) }
        guard let first = found.first else { throw .notFound("there is no message \(reference)") }
        guard found.count == 1 else { throw .invalid("several messages begin with \(reference); write more of the id") }
        return named(first)
    }

    /// See ``MessageControl/messages(_:)``.
    package func messages(_ query: MessageQuery) async throws(ControlError) -> MessagePage {
        let number = query.number.map { canonical($0) }
        var page = try await onLog { log throws(CallLogError) in try log.messages(query, number: number) }
        page.messages = page.messages.map { named($0) }
        return page
    }

    /// See ``MessageControl/messageThreads(limit:)``.
    package func messageThreads(limit: Int) async throws(ControlError) -> [MessageThread] {
        try await onLog { log throws(CallLogError) in try log.messageThreads(limit: limit) }
            .map { thread in
                var thread = thread
                thread.last = named(thread.last)
                thread.name = thread.last.name
                return thread
            }
    }

    /// See ``MessageControl/eraseMessages(number:)``.
    package func eraseMessages(number: String) async throws(ControlError) -> ErasedMessages {
        let number = canonical(number)
        let count = try await onLog { log throws(CallLogError) in try log.eraseMessages(number: number) }
        log.notice("a number was erased from the messages: \(CallLog.masked(number)), in \(count) messages")
        return ErasedMessages(number: number, messages: count)
    }

    /// See ``MessageControl/beginService(_:modem:session:)``.
    package func beginService(
        _ code: String,
        modem: String,
        session: UUID
    ) async throws(ControlError) -> ServiceAnswer {
        try await messages.beginService(code, modem: modem, session: session)
    }

    /// See ``MessageControl/continueService(_:session:)``.
    package func continueService(_ text: String, session: UUID) async throws(ControlError) -> ServiceAnswer {
        try await messages.continueService(text, session: session)
    }

    /// See ``MessageControl/endService(_:)``.
    package func endService(_ session: UUID) async throws(ControlError) {
        await messages.endSession(session, "ended by hand")
    }

    private func named(_ record: MessageRecord) -> MessageRecord {
        var record = record
        record.name = record.number.flatMap { names[$0] }
        return record
    }

    /// A number as messages have it; the name of a service stays as it is.
    private func canonical(_ text: String) -> String {
        (try? PhoneNumber(typed: text, region: configuration.gateway.region))?.description ?? text
    }

    private func onLog<Value: Sendable>(
        _ body: @escaping @Sendable (CallLog) throws(CallLogError) -> Value
    ) async throws(ControlError) -> Value {
        do throws(CallLogError) { return try await recorder.writer.perform(body) } catch {
            throw .unavailable("\(error)")
        }
    }
}
