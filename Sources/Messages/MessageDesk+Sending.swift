internal import CallLog
internal import CallModel
internal import DialPlan
package import FoundationEssentials
package import GatewayAPI
internal import Lines
internal import Logging
internal import Modem
internal import ShortMessage

// Messages that are sent.
extension MessageDesk {
    /// The most messages that may wait for being sent.
    private static let mostWaiting = 64

    /// Checks a message, writes it down, and has it sent; see ``MessageControl/sendMessage(_:id:origin:)``.
    package func send(
        _ request: MessageRequest,
        id: UUID,
        day: (today: Int, firstOfMonth: Int)
    ) async throws(ControlError) -> MessageRecord {
        guard !isStopping else { throw .unavailable("the service is stopping") }
        guard sending.count < Self.mostWaiting else { throw .unavailable("too many messages wait already") }
        let number: PhoneNumber
        do throws(NumberError) { number = try PhoneNumber(typed: request.number, region: settings.region) } catch {
            throw .invalid("number: \(error)")
        }
        let verdict = settings.policy.verdict(on: number)
        guard verdict.numberClass != .emergency else { throw .policy("messages are not sent to emergency numbers") }
        guard verdict.isAllowed else { throw .policy(verdict.reason) }
        guard !settings.limits.isClosed else { throw .policy("messages.max_per_hour is 0: no message is sent") }
        if let modem = request.modem {
            // The request may give its IMEI or tty: the balance stands under its name.
            let name = await tools.fleet.modem(modem)?.status.name ?? modem
            if let reason = tools.balances.refusal(of: name) { throw .policy(reason) }
        }
        return try await queue(
            request,
            to: number.formatted(.plusE164).text,
            known: number.description,
            id: id,
            day: day
        )
    }

    /// Writes a message down and has it sent, to a number that is decided on.
    func queue(
        _ request: MessageRequest,
        to number: String,
        known: String? = nil,
        id: UUID,
        day: (today: Int, firstOfMonth: Int)
    ) async throws(ControlError) -> MessageRecord {
        guard !isStopping else { throw .unavailable("the service is stopping") }
        let parts: [OutgoingMessage.Part]
        do throws(OutgoingMessage.Failure) {
            parts = try OutgoingMessage(
                request.text,
                to: number,
                reference: UInt8.random(in: 0...255),
                wantsReport: request.report ?? false,
                language: settings.language
            )
            .parts
        } catch {
            throw .invalid("text: \(error)")
        }
        let outgoing = OutgoingRecord(
            message: id,
            number: known ?? number,
            text: request.text,
            modem: request.modem,
            parts: parts.count,
            day: day.today,
            firstOfMonth: day.firstOfMonth
        )
        await recovered()
        let record = try await queue(outgoing)
        sending[id] = Task {
            await deliver(outgoing, parts)
            sending[id] = nil
        }
        return record
    }

    private func queue(_ outgoing: OutgoingRecord) async throws(ControlError) -> MessageRecord {
        let limits = settings.limits
        let queued: Queued
        do throws(CallLogError) {
            queued = try await tools.log.perform { log throws(CallLogError) in try log.queue(outgoing, limits: limits) }
        } catch {
            throw .unavailable("messages are refused, as they can't be written down: \(error)")
        }
        switch queued {
        case .taken(let record): return record
        case .repeated: throw .conflict("a message of the id \(outgoing.message.name) was made before; take another id")
        case .limit(let limit): throw .policy("a limit for messages is used up (\(limit))")
        }
    }

    /// What came of a part.
    private enum Giving {
        /// The modem was needed for something else before it got the part, which waits again.
        case gaveWay
        /// It can't be written down, and was not given to the modem.
        case notWritten(String)
        /// A limit of its SIM is used up.
        case usedUp(String)
        case ended(SendResult)

        /// Whether the modem is well, for all that is known.
        var isClean: Bool {
            switch self {
            case .gaveWay, .notWritten, .usedUp, .ended(.sent), .ended(.refused), .ended(.unknown): true
            case .ended(.notSent): false
            }
        }
    }

    /// How often a part gives way to calls before it is given up.
    private static let mostAttempts = 16

    /// Gives the parts to a modem, one after the other; between two of them a call may take it.
    private func deliver(_ outgoing: OutgoingRecord, _ parts: [OutgoingMessage.Part]) async {
        let (id, modem) = (outgoing.message, outgoing.modem)
        var wanted = modem
        // Modems that failed before they had anything of it, or may send no more, and how the last one did.
        var (failed, unsent, usedUp): ([String], NoAnswer?, String?) = ([], nil, nil)
        let latest = ContinuousClock.now + settings.queuesFor
        for (index, part) in parts.enumerated() {
            let sent = index > 0 ? "; \(index) of \(parts.count) parts were sent" : ""
            var result: SendResult?
            for _ in 0..<Self.mostAttempts where result == nil {
                guard !isStopping else {
                    return await conclude(id, .failed, exit: 1, reason: "the service is stopping" + sent)
                }
                let flag = PreemptionFlag()
                let lease: ModemLease
                do throws(FleetError) {
                    lease = try await tools.fleet.lease(
                        ModemWish(modem: wanted, for: .message, without: failed),
                        within: unsent == nil && usedUp == nil ? settings.queuesFor : max(.zero, latest - .now)
                    ) { flag.set() }
                } catch {
                    if let usedUp {
                        return await conclude(id, .failed, exit: CallOutcome.policy.exitStatus, reason: usedUp)
                    }
                    if let unsent { return await conclude(id, .failed, exit: Self.failedExit, reason: "\(unsent)") }
                    return await conclude(id, .failed, exit: error.outcome.exitStatus, reason: error.reason + sent)
                }
                // Of any modem it may be one whose SIM is to be spared; with the balance's own question that is said before.
                if modem == nil, let name = lease.status.name, let reason = tools.balances.refusal(of: name) {
                    await lease.giveBack(clean: true)
                    return await conclude(id, .failed, exit: CallOutcome.policy.exitStatus, reason: reason + sent)
                }
                // All parts from one number.
                wanted = lease.status.name ?? lease.status.imei ?? lease.status.tty
                let giving = await give(part, index + 1, of: outgoing, to: lease, flag)
                await lease.giveBack(clean: giving.isClean)
                switch giving {
                case .gaveWay: await wait(index + 1, of: id)
                case .ended(.notSent(let reason)) where modem == nil && index == 0 && lease.status.name != nil:
                    // Nothing went out: another one may.
                    await wait(index + 1, of: id)
                    failed.append(lease.status.name ?? "")
                    (unsent, wanted) = (reason, nil)
                case .usedUp(let limit):
                    let reason = "a limit for messages of its SIM is used up (\(limit))"
                    guard modem == nil, let name = lease.status.name else {
                        return await conclude(id, .failed, exit: CallOutcome.policy.exitStatus, reason: reason)
                    }
                    failed.append(name)
                    (usedUp, wanted) = (reason, nil)
                case .notWritten(let reason): return await conclude(id, .failed, exit: 1, reason: reason + sent)
                case .ended(let ended): result = ended
                }
            }
            switch result ?? .notSent(unsent ?? .brokenOff) {
            case .sent: continue
            case .refused(let reason, let outcome):
                return await conclude(id, .failed, exit: outcome.exitStatus, reason: reason + sent)
            case .notSent(let reason):
                return await conclude(id, .failed, exit: Self.failedExit, reason: "\(reason)" + sent)
            case .unknown(let reason):
                return await conclude(id, .unknown, exit: Self.unknownExit, reason: reason + sent)
            }
        }
        await conclude(id, .sent, exit: 0, reason: nil)
    }

    /// The exit status of a message of which it is not known whether it was sent (the contract's section 7).
    private static let unknownExit: Int32 = 14
    private static var failedExit: Int32 { CallOutcome.modemFailed.exitStatus }

    private func give(
        _ part: OutgoingMessage.Part,
        _ place: Int,
        of outgoing: OutgoingRecord,
        to lease: ModemLease,
        _ flag: PreemptionFlag
    ) async -> Giving {
        let id = outgoing.message
        let key = ObjectIdentifier(lease.session)
        if let box = boxes[key] { _ = await prepare(key, box) } else { _ = await lease.session.prepareMessages() }
        guard !flag.isSet else { return .gaveWay }
        let modem = lease.status.name ?? lease.status.imei ?? lease.status.tty
        let limits = modem.flatMap { settings.limitsOfSIM[$0] }
        do throws(CallLogError) {
            let limit: String? = try await tools.log.perform { log throws(CallLogError) in
                if place == 1, let modem, let limits {
                    return try log.beginMessage(outgoing, over: modem, limits: limits)
                }
                try log.beginPart(place, of: id, modem: modem)
                return nil
            }
            if let limit { return .usedUp(limit) }
        } catch {
            return .notWritten("it can't be written down: \(error)")
        }
        guard !flag.isSet else { return .gaveWay }
        // From here on the part is on its way, and is waited for.
        let result = await lease.session.sendMessage(line: part.line, length: part.length) { flag.isSet }
        if case .sent(let reference) = result { await wasSent(place, of: id, reference: reference) }
        if case .notSent(.brokenOff) = result { return .gaveWay }
        return .ended(result)
    }

    private func wasSent(_ place: Int, of id: UUID, reference: Int) async {
        do throws(CallLogError) {
            try await tools.log.perform { log throws(CallLogError) in
                try log.partWasSent(place, of: id, reference: reference >= 0 ? reference : nil)
            }
            await retryReports()
        } catch {
            tools.logger.error("a part that was sent can't be written down: \(error)")
        }
    }

    /// A part that was not given to its modem waits again; where that can't be written down, an end of the service makes it
    /// *unknown*.
    private func wait(_ place: Int, of id: UUID) async {
        do throws(CallLogError) {
            try await tools.log.perform { log throws(CallLogError) in try log.partWaits(place, of: id) }
        } catch {
            tools.logger.warning("a part that waits again can't be written down: \(error)")
        }
    }

    private func conclude(_ id: UUID, _ state: MessageRecord.State, exit: Int32, reason: String?) async {
        do throws(CallLogError) {
            let record = try await tools.log.perform { log throws(CallLogError) in
                try log.conclude(id, state, exit: exit, reason: reason)
            }
            guard var record else { return }
            record.name = record.number.flatMap { tools.name($0) }
            tools.logger.info("message to \(CallLog.masked(record.number ?? "?")): \(state.rawValue)")
            tools.tell(MessageEvent(state == .sent ? .sent : .failed, of: record))
        } catch {
            tools.logger.error("what became of a message can't be written down: \(error)")
        }
    }
}

extension MessageLimits {
    /// Whether nothing may be sent at all.
    var isClosed: Bool { perHour == 0 }
}
