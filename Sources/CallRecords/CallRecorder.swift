internal import CallFlows
package import CallLog
internal import CallModel
package import FoundationEssentials
package import GatewayAPI
internal import Synchronization

/// Turns the events of calls into journal entries and records, for the service and for a single call alike.
///
/// Each call goes: ``begin(_:_:)`` or its `call.requested`, ``place(_:imei:imsi:tty:)`` once the modem is known, its
/// ``journal(for:)`` before anything is dialled, ``take(_:)`` for every event. What must be on the disk before a step is
/// awaited; everything else is handed on, so that a slow or full disk holds up no live call.
package final class CallRecorder: Sendable {
    private struct Live {
        var record: CallRecord
        var tty: String?
        /// When the machine began to dial; it counts from the moment that the command went out.
        var dialingAt: Date?
        var entries: [JournalEntry.ID] = []
        var wasDialled = false
    }

    /// The way to the log.
    package let writer: CallLogWriter
    private let live = Mutex<[UUID: Live]>([:])

    /// Creates a recorder.
    ///
    /// - Parameter writer: the way to the log, which begins to open at its creation.
    package init(writer: CallLogWriter) {
        self.writer = writer
    }

    /// What stands in the way of the log just now; nil when nothing does, or while it is being opened.
    ///
    /// A new call, unless it is for help, is to be refused for it before a modem is touched.
    package var refusal: CallLogError? { writer.failure }

    // MARK: A call's life

    /// Takes what is known of a call beside its events; nothing is written yet.
    package func begin(_ call: UUID, _ details: Details, at now: Date = Date()) {
        var record = CallRecord(
            call: call,
            method: details.method.rawValue,
            direction: details.direction.rawValue,
            requestedAt: now
        )
        record.target = details.target
        record.number = details.number
        record.pbx = details.pbx
        record.modem = details.modem
        record.payer = details.payer
        record.isEmergency = details.isEmergency
        record.legs = details.legs
        live.withLock { $0[call] = Live(record: record) }
    }

    /// Takes which modem and SIM the call is made on.
    package func place(_ call: UUID, modem: String? = nil, imei: String?, imsi: String?, tty: String?) {
        update(call) { live in
            if let modem { live.record.modem = modem }
            live.record.imei = imei
            live.record.imsi = imsi
            live.tty = tty
            guard let first = live.record.legs.indices.first else { return }
            live.record.legs[first].modem = live.record.modem
            live.record.legs[first].imei = imei
            live.record.legs[first].imsi = imsi
        }
    }

    /// Takes that the call goes on by another way; the leg that came to nothing stays the last one.
    package func turn(_ call: UUID, to details: Details, at now: Date = Date()) {
        update(call) { live in
            var left = live.record.legs
            for index in left.indices { left[index].endedAt = left[index].startedAt.map { _ in now } }
            live.record.method = details.method.rawValue
            (live.record.pbx, live.record.payer, live.record.number) = (details.pbx, details.payer, details.number)
            live.record.legs = details.legs + left
        }
    }

    /// Closes what dead programs left open over accounts: their calls end with them, as nobody answers for them any more.
    package func closeLeftOnAccounts() {
        writer.later { log in
            guard let entries = try? log.openEntries() else { return }
            for entry in entries where !entry.process.isAlive && entry.step.carrier == .sip {
                try? log.closeLost(entry)
            }
        }
    }

    /// Takes the card of the modem that a call has; nil is no news.
    package func identify(_ call: UUID, imsi: String?) {
        guard let imsi else { return }
        update(call) { live in
            live.record.imsi = imsi
            if let first = live.record.legs.indices.first { live.record.legs[first].imsi = imsi }
        }
    }

    /// Takes what the PBX calls this call.
    package func refer(_ call: UUID, to reference: String) {
        update(call) { $0.record.pbxReference = reference }
    }

    /// The journal for the dial step of a call.
    ///
    /// One of a call for help never refuses and never waits.
    package func journal(for call: UUID) -> any DialJournal { CallJournal(recorder: self, call: call) }

    /// Writes down a step of a call and waits until that is on the disk.
    ///
    /// The entry is settled when the call ends.
    ///
    /// - Throws: ``CallLogError``; then the step must not be taken.
    package func intend(
        _ kind: JournalStep.Kind,
        _ call: UUID,
        number: String? = nil
    ) async throws(CallLogError) {
        let (step, record) = step(kind, call, number)
        let id = try await writer.intend(step, record: record)
        let isLive = live.withLock { live in
            live[call]?.entries.append(id)
            return live[call] != nil
        }
        if !isLive { writer.settle(id, .over) }
    }

    /// Closes the steps of a call that were written down and not taken: it goes on on another modem.
    package func takeBack(_ call: UUID) {
        let entries = live.withLock { live in
            defer { live[call]?.entries = [] }
            return live[call]?.entries ?? []
        }
        for entry in entries { writer.settle(entry, .notTaken) }
    }

    /// Takes an event; never blocks.
    package func take(_ event: CallEvent) {
        switch event.kind {
        case .requested(let request):
            live.withLock { live in
                if live[event.call] != nil { return }
                var record = CallRecord(
                    call: event.call,
                    method: request.method.rawValue,
                    direction: request.direction.rawValue,
                    requestedAt: event.at
                )
                record.target = request.target
                record.pbx = request.pbx
                record.modem = request.modem
                live[event.call] = Live(record: record)
            }
        case .progress(let progress): take(progress, of: event.call, at: event.at)
        case .quality(let quality): update(event.call) { $0.record.editFirstLeg { $0.quality = quality } }
        case .audio, .dtmf, .joined: break
        }
    }

    private func take(_ progress: CallProgress, of call: UUID, at now: Date) {
        switch progress {
        case .dialing(let number):
            update(call) { live in
                live.record.number = number
                live.dialingAt = now
            }
        case .ringing(let number): update(call) { $0.record.number = number }
        case .alerting:
            save(call) { live in
                live.record.alertingAt = now
                live.record.editFirstLeg { $0.alertingAt = now }
            }
        case .connected:
            save(call) { live in
                live.record.connectedAt = now
                live.record.editFirstLeg { $0.answeredAt = now }
            }
        case .handover(_, let sent, let total):
            update(call) { $0.record.tones = sent }
            guard sent == total else { return }
            save(call) { live in
                live.record.handedOverAt = now
                live.record.editOtherLegs { $0.startedAt = now }
            }
        case .inProgress: break
        case .ended(let end): finish(call, end, at: now)
        }
    }

    private func finish(_ call: UUID, _ end: CallEnd, at now: Date) {
        guard var ended = live.withLock({ $0.removeValue(forKey: call) }) else { return }
        ended.record.endedAt = now
        ended.record.seconds = Double(end.seconds.inMilliseconds) / 1000
        ended.record.outcome = end.outcome.rawValue
        ended.record.cause = end.cause
        ended.record.by = end.by.rawValue
        ended.record.detail = end.detail
        for index in ended.record.legs.indices where ended.record.legs[index].startedAt != nil {
            ended.record.legs[index].endedAt = now
        }
        ended.record.editFirstLeg { leg in
            leg.cause = end.cause
            leg.by = end.by.rawValue
        }
        writer.save(ended.record)
        let isKnownToBeOver = end.hangUpVerified
        for entry in ended.entries {
            writer.settle(entry, !isKnownToBeOver ? .unverified : ended.wasDialled ? .over : .notTaken, at: now)
        }
    }

    // MARK: The log as a whole

    /// Removes a number from the log, behind everything that was noted before.
    package func erase(number: String) async throws(CallLogError) -> Int {
        try await writer.perform(within: .seconds(60)) { log throws(CallLogError) in try log.erase(number: number) }
    }

    /// Takes that a modem was seen without a call, before anything new is dialled on it: what a crash left open on it is
    /// closed as lost.
    ///
    /// Never blocks; what can't be closed now is closed the next time.
    package func modemIsIdle(imei: String?, tty: String?) {
        writer.later { log in
            guard let entries = try? log.openEntries() else { return }
            for entry in entries where !entry.process.isAlive {
                if entry.step.isAbout(imei: imei, tty: tty) { try? log.closeLost(entry) }
            }
        }
    }

    /// What dead programs left open about a modem, oldest first, and the record of the call of the last of it.
    package func leftBehind(
        imei: String?,
        tty: String?
    ) async throws(CallLogError) -> (entries: [JournalEntry], record: CallRecord?) {
        try await writer.perform { log throws(CallLogError) in
            let entries = try log.openEntries().filter { !$0.process.isAlive && $0.step.isAbout(imei: imei, tty: tty) }
            return (entries, try entries.last.flatMap { entry throws(CallLogError) in try log.call(entry.step.call) })
        }
    }

    /// Whether a dead program left something open on a modem; false where the log can't tell.
    package func hasLeftBehind(imei: String? = nil, tty: String?) async -> Bool {
        let entries = try? await writer.perform(within: .seconds(2)) { log throws(CallLogError) in
            try log.openEntries()
        }
        return entries?
            .contains { !$0.process.isAlive && ($0.step.isAbout(imei: imei, tty: tty) || $0.step.tty == tty) }
            ?? false
    }

    /// Makes a call that a dead program left up one of this program's; durable when it returns.
    package func adopt(_ adoption: Adoption, tty: String?) async throws(CallLogError) {
        let entries = adoption.entries
        let entry = try await writer.perform { log throws(CallLogError) in try log.adopt(entries) }
        var live = Live(record: adoption.record, tty: tty)
        live.dialingAt = adoption.record.dialingAt
        live.entries = entry.map { [$0] } ?? []
        live.wasDialled = true
        self.live.withLock { $0[adoption.record.call] = live }
    }

    /// What the log has of a call; nil when it has nothing.
    package func record(of call: UUID, within limit: Duration = .seconds(2)) async throws(CallLogError) -> CallRecord? {
        try await writer.perform(within: limit) { log throws(CallLogError) in try log.call(call) }
    }

    /// Whether the log has anything of a call.
    package func knows(_ call: UUID, within limit: Duration = .seconds(2)) async throws(CallLogError) -> Bool {
        try await writer.perform(within: limit) { log throws(CallLogError) in try log.knows(call) }
    }

    /// What a damaged log has lost of the limits and an operator has not accepted; nil also where the log can't say.
    package func openLoss(within limit: Duration = .seconds(1)) async -> CallLog.Loss? {
        do throws(CallLogError) {
            return try await writer.perform(within: limit) { log throws(CallLogError) in try log.openLoss() }
        } catch {
            // What is wrong with the log itself is the refusal's to tell.
            return nil
        }
    }

    /// Masks the numbers in calls that are older than some days.
    package func mask(olderThan days: Int, within limit: Duration = .seconds(2)) async throws(CallLogError) {
        _ = try await writer.perform(within: limit) { log throws(CallLogError) in try log.mask(olderThan: days) }
    }

    /// Waits until everything is on the disk.
    ///
    /// - Returns: false when it could not be written within the limit.
    package func drain(within limit: Duration = .seconds(5)) async -> Bool { await writer.drain(within: limit) }

    // MARK: Parts

    private func step(_ kind: JournalStep.Kind, _ call: UUID, _ number: String?) -> (JournalStep, CallRecord?) {
        let known = live.withLock { live in
            if let number { live[call]?.record.number = number }
            return live[call]
        }
        var step = JournalStep(kind, call: call, number: number)
        step.line = known?.record.modem
        if let leg = known?.record.legs.first, leg.kind == .sip { (step.carrier, step.line) = (.sip, leg.account) }
        step.imei = known?.record.imei
        step.imsi = known?.record.imsi
        step.tty = known?.tty
        return (step, known?.record)
    }

    fileprivate func isEmergency(_ call: UUID) -> Bool { live.withLock { $0[call]?.record.isEmergency ?? false } }

    fileprivate func didDial(_ call: UUID) {
        save(call) { live in
            live.wasDialled = true
            let start = live.dialingAt ?? Date()
            live.record.dialingAt = start
            live.record.editFirstLeg { $0.startedAt = start }
        }
    }

    private func update(_ call: UUID, _ change: (inout Live) -> Void) {
        live.withLock { live in
            guard var entry = live[call] else { return }
            change(&entry)
            live[call] = entry
        }
    }

    /// Changes the record of a live call, and writes it down.
    package func edit(_ call: UUID, _ change: (inout CallRecord) -> Void) { save(call) { change(&$0.record) } }

    private func save(_ call: UUID, _ change: (inout Live) -> Void) {
        update(call, change)
        if let record = live.withLock({ $0[call]?.record }) { writer.save(record) }
    }
}

extension JournalStep {
    /// Whether it was taken on a modem; one without an IMEI is known by its tty.
    fileprivate func isAbout(imei: String?, tty: String?) -> Bool {
        self.imei.map { $0 == imei } ?? (self.tty != nil && self.tty == tty)
    }
}

/// The journal of one call.
private struct CallJournal: DialJournal {
    let recorder: CallRecorder
    let call: UUID

    func willDial(_ number: String) async throws(CallLogError) {
        guard recorder.isEmergency(call) else { return try await recorder.intend(.dial, call, number: number) }
        // Help is called first and written down meanwhile: nothing waits for it, and the writer gives it up after 8 s.
        Task { [self] in try? await recorder.intend(.dial, call, number: number) }
    }

    func didDial() { recorder.didDial(call) }
}

extension CallRecord {
    /// Changes the leg over the air, which is the first one.
    fileprivate mutating func editFirstLeg(_ change: (inout Leg) -> Void) {
        if !legs.isEmpty { change(&legs[0]) }
    }

    /// Changes the legs that the PBX makes.
    fileprivate mutating func editOtherLegs(_ change: (inout Leg) -> Void) {
        for index in legs.indices.dropFirst() where legs[index].kind == .pbx { change(&legs[index]) }
    }
}
