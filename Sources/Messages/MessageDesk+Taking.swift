internal import CallLog
internal import DialPlan
internal import FoundationEssentials
internal import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import ShortMessage

/// A report that came before its message was written down as sent.
struct PendingReport: Sendable {
    var report: ReceivedTPDU.StatusReport
    var modem: String?
    /// When it came.
    var at = Date()
}

// Messages that come.
extension MessageDesk {
    /// Begins to empty a modem's stores, unless that is under way.
    func lookInto(_ key: ObjectIdentifier) {
        guard !isStopping, settings.areTaken, let box = boxes[key], box.isWaiting, box.fetching == nil else { return }
        boxes[key]?.fetching = Task {
            await fetch(key)
            boxes[key]?.fetching = nil
            // Something was said in the last moment.
            if boxes[key]?.isWaiting == true { lookInto(key) }
        }
    }

    private func fetch(_ key: ObjectIdentifier) async {
        var pause = Duration.seconds(1)
        while !isStopping, let box = boxes[key], box.isWaiting {
            boxes[key]?.isWaiting = false
            let isEmpty = await emptyStores(key, box)
            guard !isEmpty, await !box.session.isClosed, boxes[key] != nil else { return }
            // A call has the modem, or too much has come: later.
            boxes[key]?.isWaiting = true
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, .seconds(30))
        }
    }

    /// Empties both stores of a modem, in one lease.
    ///
    /// - Returns: false where there may be more.
    private func emptyStores(_ key: ObjectIdentifier, _ box: Box) async -> Bool {
        guard hasRoomInHour else { return false }
        let flag = PreemptionFlag()
        let lease: ModemLease
        do throws(FleetError) {
            lease = try await tools.fleet.lease(
                ModemWish(modem: box.reference, for: .message),
                within: .seconds(60)
            ) { flag.set() }
        } catch {
            return false
        }
        guard lease.session === box.session else {
            await lease.giveBack(clean: true)
            return true
        }
        let stores = await prepare(key, box)
        var isDone = true
        for name in stores {
            let result = await box.session.emptyStore(name) {
                !flag.isSet && !Task.isCancelled
            } take: { octets in
                await self.takeOff(octets, box)
            }
            switch result {
            case .done: continue
            case .interrupted: isDone = false
            case .failed:
                isDone = false
                tools.logger.warning("messages in \(name) could not be read", metadata: ["modem": "\(box.reference)"])
            }
        }
        await lease.giveBack(clean: true)
        return isDone && hasRoomInHour
    }

    /// Sets a modem up for messages, once.
    func prepare(_ key: ObjectIdentifier, _ box: Box) async -> [String] {
        if let stores = boxes[key]?.stores { return stores }
        let stores = await box.session.prepareMessages()
        if stores.isEmpty {
            tools.logger.notice("the modem has no messages in PDU mode", metadata: ["modem": "\(box.reference)"])
        }
        boxes[key]?.stores = stores
        return stores
    }

    /// Whether another message may be taken off a card within this hour.
    private var hasRoomInHour: Bool {
        let now = ContinuousClock.now
        takenAt.removeAll { now - $0 > .seconds(3600) }
        return takenAt.count < Self.mostPerHour
    }

    /// Takes a message off a card, as long as there are not too many.
    private func takeOff(_ octets: String, _ box: Box) async -> Bool {
        guard hasRoomInHour else { return false }
        guard await store(octets, of: box) else { return false }
        takenAt.append(.now)
        return true
    }

    /// Writes what came down, and tells of it.
    ///
    /// - Returns: whether it is safe.
    func store(_ octets: String, of box: Box) async -> Bool {
        var part: IncomingPart
        var order: MessageOrder?
        do throws(TPDUError) {
            switch try ReceivedTPDU(line: octets) {
            case .statusReport(let report):
                return await take(PendingReport(report: report, modem: box.name ?? box.reference))
            case .deliver(let message):
                part = Self.part(message, octets, box, region: settings.region)
                order = takeOrder(&part)
            }
        } catch {
            // Kept as it is: nothing that a card had is thrown away.
            tools.logger.warning("a message can't be read (\(error)); it is kept as data")
            var raw = IncomingPart(sim: box.sim, modem: box.name ?? box.reference, octets: octets, number: "unreadable")
            raw.data = [UInt8](hex: octets) ?? Array(octets.utf8)
            part = raw
        }
        do throws(CallLogError) {
            let mayOrder = settings.commanders.contains(part.number)
            let whole = try await tools.log.perform { [part] log throws(CallLogError) in
                // One in several parts is not followed, and its code is shown all the same to nobody; a half of it may hold it.
                try log.take(part) { text, isComplete in
                    guard mayOrder else { return nil }
                    guard !isComplete else {
                        // A half that was covered when it was a day old makes the whole none, but may not show the other half.
                        let isHalf = text.contains(MessageOrder.cover) && MessageOrder.mayBeOf(text)
                        return MessageOrder(text, from: part.number)?.shown ?? (isHalf ? MessageOrder.cover : nil)
                    }
                    return MessageOrder.mayBeOf(text) ? MessageOrder.cover : nil
                }
            }
            if let whole {
                await tellReceived(whole)
                // One that was known is not done again, and one that a crash left untold neither.
                if let order { tools.order(order) }
            }
            return true
        } catch {
            tools.logger.error("a message can't be written down, and stays where it is: \(error)")
            return false
        }
    }

    /// What a message asks for, if it is from a listed number; its code is not kept.
    private func takeOrder(_ part: inout IncomingPart) -> MessageOrder? {
        // Some phones number the only part too.
        guard (part.place?.count ?? 1) == 1, let units = part.units, settings.commanders.contains(part.number),
            var order = MessageOrder(String(decoding: units, as: UTF16.self), from: part.number)
        else { return nil }
        (order.modem, order.sentAt) = (part.modem, part.sentAt)
        part.units = Array(order.shown.utf16)
        return order
    }

    private static func part(
        _ message: ReceivedTPDU.Deliver,
        _ octets: String,
        _ box: Box,
        region: Region
    ) -> IncomingPart {
        var part = IncomingPart(
            sim: box.sim,
            modem: box.name ?? box.reference,
            octets: octets,
            number: canonical(message.sender, region)
        )
        switch message.userData.content {
        case .text(let units): part.units = units
        case .data(let data): part.data = data
        }
        part.sentAt = message.at.map { Date(timeIntervalSince1970: Double($0.seconds)) }
        if let place = message.userData.header.part {
            // References of both widths are apart.
            part.place = IncomingPart.Place(
                reference: Int(place.reference) + (place.isWide ? 0x1_0000 : 0),
                count: Int(place.count),
                place: Int(place.place)
            )
        }
        return part
    }

    private static func canonical(_ sender: Address, _ region: Region) -> String {
        guard case .number(let number) = sender else { return sender.text }
        return (try? PhoneNumber(typed: number, region: region))?.description ?? number
    }

    // MARK: Telling

    private func tellReceived(_ record: MessageRecord) async {
        var record = record
        record.name = record.number.flatMap { tools.name($0) }
        tools.logger.info("message received from \(CallLog.masked(record.number ?? "?"))")
        tools.tell(MessageEvent(.received, of: record))
        await takeBalance(record)
        let id = record.message
        tools.log.later { try? $0.messageWasTold(id) }
    }

    /// Waits until what an earlier run left open is settled: what is queued from then on is this run's.
    func recovered() async {
        let task = recovery ?? Task { await recover() }
        recovery = task
        await task.value
    }

    private func recover() async {
        do throws(CallLogError) {
            let left = try await tools.log.perform { log throws(CallLogError) in try log.recoverMessages() }
            for record in left { tools.tell(MessageEvent(record.state == .sent ? .sent : .failed, of: record)) }
        } catch {
            tools.logger.warning("messages of an earlier run can't be settled: \(error)")
        }
    }

    /// Removes old texts, and tells of messages whose parts did not come for a day.
    package func keepUp() async {
        let keptFor = settings.keptFor
        do throws(CallLogError) {
            let untold = try await tools.log.perform(within: .seconds(60)) { log throws(CallLogError) in
                try log.maskMessages(olderThan: keptFor)
                try log.coverFragments(shownAs: MessageOrder.cover)
                return try log.untoldMessages()
            }
            for record in untold { await tellReceived(record) }
        } catch {
            tools.logger.warning("old texts were not removed: \(error)")
        }
    }

    // MARK: Reports

    /// The most reports that wait for their messages.
    private static let mostReports = 64

    /// How long one waits: longer than a modem takes for a part.
    private static let reportsWaitFor: TimeInterval = 300

    /// Joins a report with its message; one that comes before its part is written down as sent waits for that.
    ///
    /// - Returns: whether it is done with. Until then it stays on the card that had it, where a crash does not reach it.
    func take(_ pending: PendingReport) async -> Bool {
        let report = pending.report
        guard report.outcome != .trying else { return true }
        let ending = String(report.recipient.text.filter { $0.isASCII && $0.isNumber }.suffix(6))
        let (reference, modem, isDelivered) = (Int(report.reference), pending.modem, report.outcome == .delivered)
        do throws(CallLogError) {
            let found = try await tools.log.perform { log throws(CallLogError) in
                try log.takeReport(
                    reference: reference,
                    modem: modem,
                    ending: ending,
                    isDelivered: isDelivered,
                    at: pending.at
                )
            }
            guard let found else {
                // Of another program's message, or of one that was forgotten.
                guard !sending.isEmpty else { return true }
                let isKnown = pendingReports.contains { $0.report == report && $0.modem == modem }
                if !isKnown, pendingReports.count < Self.mostReports { pendingReports.append(pending) }
                return false
            }
            if found.isNews { tools.tell(MessageEvent(isDelivered ? .delivered : .failed, of: found.record)) }
            return true
        } catch {
            tools.logger.error("a delivery report can't be written down: \(error)")
            return false
        }
    }

    /// A part was written down as sent: its report may be waiting.
    func retryReports() async {
        let waiting = pendingReports.filter { Date().timeIntervalSince($0.at) < Self.reportsWaitFor }
        pendingReports = []
        for pending in waiting { _ = await take(pending) }
    }
}
