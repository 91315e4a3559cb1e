import CallFlows
import CallLog
import CallModel
import Contacts
import FoundationEssentials
import GatewayAPI

/// A service without modems: it notes what it is asked for, and answers what the test wants.
actor FakeControl: LocalControl {
    struct Dial: Sendable, Equatable {
        var request: DialRequest
        var id: UUID
        var origin: RequestOrigin
    }

    nonisolated let events: EventHub
    private(set) var dialled: [Dial] = []
    private(set) var acts: [String] = []
    private var liveCalls: [CallStatus] = []
    private var allModems: [ModemStatus] = []
    private var isReady = true
    private var isStopping = false
    private var refusal: ControlError?
    /// What is published once a call is dialled.
    private var course: [String] = []

    init(events: EventHub = EventHub()) {
        self.events = events
    }

    // MARK: What the test says

    func set(calls: [CallStatus]) { liveCalls = calls }

    func set(modems: [ModemStatus]) { allModems = modems }

    func set(ready: Bool, stopping: Bool = false) { (isReady, isStopping) = (ready, stopping) }

    func refuse(_ error: ControlError?) { refusal = error }

    func set(course: [String]) { self.course = course }

    // MARK: MessageControl

    private var allMessages: [MessageRecord] = []

    func sendMessage(
        _ request: MessageRequest,
        id: UUID,
        origin: RequestOrigin
    ) async throws(ControlError) -> MessageRecord {
        if let refusal { throw refusal }
        acts.append("message \(request.number)")
        var record = MessageRecord(message: id, direction: "outgoing", state: .queued, parts: 1, at: Date())
        record.number = request.number
        record.text = request.text
        record.modem = request.modem
        allMessages.append(record)
        return record
    }

    func message(_ reference: String) async throws(ControlError) -> MessageRecord {
        if let refusal { throw refusal }
        return allMessages.first { $0.message.name.hasPrefix(reference) }
            ?? MessageRecord(message: Samples.id, direction: "incoming", state: .received, parts: 1, at: Date())
    }

    func messages(_ query: MessageQuery) async throws(ControlError) -> MessagePage {
        if let refusal { throw refusal }
        return MessagePage(messages: allMessages)
    }

    func messageThreads(limit: Int) async throws(ControlError) -> [MessageThread] {
        if let refusal { throw refusal }
        return allMessages.prefix(limit)
            .map { MessageThread(number: $0.number ?? "", messages: 1, failed: 0, last: $0) }
    }

    func eraseMessages(number: String) async throws(ControlError) -> ErasedMessages {
        if let refusal { throw refusal }
        return ErasedMessages(number: number, messages: allMessages.count)
    }

    func voiceReadiness(_ modem: String) async throws(ControlError) -> VoiceReadiness {
        if let refusal { throw refusal }
        return VoiceReadiness()
    }

    func enableVoice(_ modem: String) async throws(ControlError) -> VoiceReadiness {
        if let refusal { throw refusal }
        var readiness = VoiceReadiness()
        readiness.steps = [VoiceReadiness.Step(command: "AT+QCFG=\"ims\",1", result: "OK")]
        return readiness
    }

    func modemNow(_ modem: String) async throws(ControlError) -> ModemNow {
        if let refusal { throw refusal }
        return ModemNow(technology: "lte", number: nil)
    }

    func balances(of modem: String?, limit: Int) async throws(ControlError) -> [SIMBalance] {
        if let refusal { throw refusal }
        return [SIMBalance(modem: "o2", at: Date(timeIntervalSince1970: 1_795_953_600), amount: 12.34, currency: "EUR")]
    }

    func askBalance(_ modem: String) async throws(ControlError) {
        if let refusal { throw refusal }
        acts.append("\(modem): balance")
    }

    func beginService(_ code: String, modem: String, session: UUID) async throws(ControlError) -> ServiceAnswer {
        if let refusal { throw refusal }
        return ServiceAnswer(session: Samples.id, text: "1 Tarif", done: false)
    }

    func continueService(_ text: String, session: UUID) async throws(ControlError) -> ServiceAnswer {
        if let refusal { throw refusal }
        return ServiceAnswer(session: nil, text: text, done: true)
    }

    func endService(_ session: UUID) async throws(ControlError) { acts.append("end \(session.name)") }

    // MARK: The page

    private var seats: [UUID: Int32] = [:]

    func answerAtPage(_ call: UUID) async throws(ControlError) {
        if let refusal { throw refusal }
        acts.append("answer at the page")
    }

    /// Keeps a seat in a call.
    func keep(seat: Int32, in call: UUID) { seats[call] = seat }

    func seat(in call: UUID, isWide: Bool) async throws(ControlError) -> Int32 {
        acts.append(isWide ? "16 kHz" : "8 kHz")
        guard let seat = seats.removeValue(forKey: call) else { throw .conflict("there is no seat") }
        return seat
    }

    // MARK: GatewayControl

    func preview(_ request: DialRequest, origin: RequestOrigin) async throws(ControlError) -> RoutePreview {
        if let refusal { throw refusal }
        var preview = RoutePreview(
            method: "direct",
            reason: "asked for",
            target: request.number,
            number: request.number,
            targetOnTheWire: request.number,
            digits: ""
        )
        preview.allowed = true
        (preview.policyClass, preview.policyReason, preview.currency) = ("fixed", "home is allowed", "EUR")
        return preview
    }

    func modems() async -> [ModemStatus] { allModems }

    func accounts() async -> [AccountStatus] {
        [AccountStatus(name: "office", state: .registered, expires: 240, pbx: "office")]
    }

    func phones() async -> [PhoneStatus] {
        [PhoneStatus(name: "desk", kind: .phone, contact: "sip:desk@192.0.2.7:5060", expires: 300)]
    }

    func sipTrace(behind number: UInt64?, showsNumbers: Bool) async -> SIPTraceView {
        let text = "OPTIONS sip:192.0.2.10:5060 SIP/2.0"
        let message = SIPTraceView.Message(
            number: 1,
            at: Date(timeIntervalSince1970: 0),
            direction: .received,
            peer: "udp/[192.0.2.7]:5060",
            text: text
        )
        return SIPTraceView(last: 1, messages: number == 1 ? [] : [message])
    }

    func calls() async -> [CallStatus] { liveCalls }

    func status() async -> GatewayStatus {
        var status = GatewayStatus(
            name: "cabin",
            version: "1.2.3",
            pid: 42,
            startedAt: Date(timeIntervalSince1970: 1_700_000_000)
        )
        status.isReady = isReady
        status.isStopping = isStopping
        status.modems = allModems
        status.calls = liveCalls
        status.queued = liveCalls.count { $0.state == .queued }
        status.pbx = [.init(name: "office", profile: "asterisk_ari", reachable: "no", reason: "connection refused")]
        status.warnings = ["the clock is not synchronised"]
        return status
    }

    func dial(_ request: DialRequest, id: UUID, origin: RequestOrigin) async throws(ControlError) -> CallStatus {
        if let refusal { throw refusal }
        guard !dialled.contains(where: { $0.id == id }) else { throw .conflict("the id was used before") }
        dialled.append(Dial(request: request, id: id, origin: origin))
        for name in course { publish(name, call: id) }
        var status = Samples.call(id)
        status.target = request.number
        return status
    }

    func signals(of modem: String, hours: Int) async throws(ControlError) -> [SignalSpan] {
        if let refusal { throw refusal }
        guard hours <= 168 else { throw .invalid("hours: give a number from 1 to 168") }
        return [
            SignalSpan(
                at: Samples.record.requestedAt,
                signal: -71,
                lowest: -80,
                highest: -65,
                minutes: 5,
                registered: 4
            )
        ]
    }

    func limits() async throws(ControlError) -> [LimitStatus] {
        if let refusal { throw refusal }
        return [
            LimitStatus(
                key: "policy.max_calls_per_hour",
                modem: nil,
                unit: "calls",
                used: 16,
                allowed: 20,
                words: "16 of 20 calls within an hour",
                opens: "in 12 min"
            )
        ]
    }

    func hangUp(_ call: UUID) async throws(ControlError) { try act("hangup", call) }
    func interrupt(_ call: UUID) async throws(ControlError) { try act("interrupt", call) }

    func answer(_ call: UUID) async throws(ControlError) { try act("answer", call) }

    func sendTones(_ tones: String, in call: UUID) async throws(ControlError) { try act("tones \(tones)", call) }

    func command(
        _ command: String,
        modem: String,
        within limit: Duration,
        wait: Duration
    ) async throws(ControlError) -> CommandAnswer {
        if let refusal { throw refusal }
        acts.append("\(modem): \(command)" + (limit < CommandAnswer.longestAnswer ? " within \(limit)" : ""))
        let later = wait > .zero ? ["+CUSD: 0,\"\(wait)\",15"] : nil
        return CommandAnswer(lines: ["+CSQ: 20,99"], result: "OK", milliseconds: 12.5, later: later)
    }

    func perform(_ order: ModemOrder, modem: String) async throws(ControlError) -> ModemStatus {
        if let refusal { throw refusal }
        acts.append("\(modem): \(order.rawValue)")
        return Samples.modem
    }

    // MARK: RecordControl

    private(set) var queries: [CallLogQuery] = []
    private var book: [Contact] = []

    func loggedCalls(_ query: CallLogQuery) async throws(ControlError) -> LoggedCalls {
        if let refusal { throw refusal }
        queries.append(query)
        let id = Samples.id.uuidString.lowercased()
        return LoggedCalls(calls: [Samples.record], live: [id], next: id)
    }

    func loggedCall(_ reference: String) async throws(ControlError) -> LoggedCall {
        if let refusal { throw refusal }
        let step = LoggedCall.Step(
            step: "dial",
            at: Samples.record.requestedAt,
            settledAt: nil,
            result: nil,
            isAbandoned: true
        )
        return LoggedCall(call: Samples.record, journal: [step])
    }

    func callTotals(from start: Date, to end: Date) async throws(ControlError) -> CallTotals.Report {
        if let refusal { throw refusal }
        var report = CallTotals.Report()
        report.all.calls = 2
        report.byMethod = ["callthrough": report.all]
        return report
    }

    func eraseCalls(number: String) async throws(ControlError) -> ErasedNumber {
        if let refusal { throw refusal }
        acts.append("erase \(number)")
        return ErasedNumber(number: number, calls: 3)
    }

    func contacts() async throws(ControlError) -> ContactList {
        if let refusal { throw refusal }
        return ContactList(region: "DE", contacts: book)
    }

    func takeContacts(
        _ contacts: [Contact],
        replacing: Bool
    ) async throws(ControlError) -> ContactChanges {
        if let refusal { throw refusal }
        book = replacing ? contacts : book + contacts
        var changes = ContactChanges()
        changes.added = contacts.count
        return changes
    }

    func removeContacts(called name: String?) async throws(ControlError) -> Int {
        if let refusal { throw refusal }
        let kept = name.map { name in book.filter { $0.name != name } } ?? []
        defer { book = kept }
        return book.count - kept.count
    }

    private func act(_ what: String, _ call: UUID) throws(ControlError) {
        if let refusal { throw refusal }
        guard liveCalls.contains(where: { $0.call == call }) else { throw .notFound("there is no such call") }
        acts.append("\(what) \(call.uuidString.lowercased())")
    }

    /// Publishes an event of a call as the service would.
    nonisolated func publish(_ name: String, call: UUID, _ fields: String = "") {
        let json = #"{"event":"\#(name)","at":"2023-11-14T22:13:20.000Z","call":"\#(call.name)"\#(fields)}"#
        let event = EventText(name: name, subject: call, bytes: Array(json.utf8))
        if let known = event.callEvent { events.publish(known) } else { events.publish(event) }
    }
}

/// Values that a service could have.
enum Samples {
    static let id = UUID(uuidString: "0B5F0B5C-9D3C-4D53-8F1B-0A1B2C3D4E5F") ?? UUID()

    static func call(_ id: UUID = id, state: CallStatus.State = .dialing) -> CallStatus {
        var call = CallStatus(
            call: id,
            method: .callthrough,
            direction: .outgoing,
            state: state,
            requestedAt: Date(timeIntervalSince1970: 1_700_000_000.25)
        )
        call.target = "+4930123456"
        call.pbx = "office"
        call.modem = "o2"
        call.connectedAt = Date(timeIntervalSince1970: 1_700_000_004)
        return call
    }

    static var record: CallRecord {
        var record = CallRecord(
            call: id,
            method: "callthrough",
            direction: "outgoing",
            requestedAt: Date(timeIntervalSince1970: 1_700_000_000.25)
        )
        record.target = "+4930123456"
        record.connectedAt = Date(timeIntervalSince1970: 1_700_000_004)
        record.seconds = 12.5
        record.cause = 16
        var leg = CallRecord.Leg(number: "+4922166966966", direction: "outgoing", payer: "sim")
        leg.answeredAt = record.connectedAt
        record.legs = [leg]
        return record
    }

    static var modem: ModemStatus {
        var modem = ModemStatus(name: "o2", state: .ready)
        modem.imei = "353535011111116"
        modem.family = "quectel"
        modem.tty = "/dev/ttyUSB2"
        modem.registration = "home"
        modem.technology = "lte"
        modem.signal = -71
        modem.voice = "yes"
        modem.sim = "ready"
        modem.ports = [.init(path: "/dev/ttyUSB2", role: "at", interface: 2, driver: "option")]
        return modem
    }
}
