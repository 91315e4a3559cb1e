import NetworkSimulator

// The serial line: characters in, characters out, one command at a time.
extension SimulatedWorld {
    /// V.250 clause 5.6.1: characters this soon behind a command line do not abort it.
    static let abortGuard = Duration.milliseconds(125)

    mutating func accept(_ byte: UInt8, _ modem: Int, isReplay: Bool = false, _ now: ContinuousClock.Instant) {
        guard modems[modem].isPlugged, !modems[modem].isDeaf, !modems[modem].isStuck else { return }
        if modems[modem].messages.entry?.isOpen == true { return takeText(byte, modem, now) }
        guard modems[modem].inFlight == nil else {
            acceptWhileBusy(byte, modem, isReplay: isReplay, now)
            return
        }
        if modems[modem].settings.echo, byte != 0 { write([byte], modem, now) }
        switch modems[modem].editor.take(byte) {
        case .command(let body): execute(body, modem, now)
        case .tooLong: agenda.add(.modem(modem, .say(modems[modem].words(.error), .final)), at: now)
        case nil: break
        }
    }

    private mutating func acceptWhileBusy(_ byte: UInt8, _ modem: Int, isReplay: Bool, _ now: Instant) {
        guard byte != 0x0A, byte != 0, var flight = modems[modem].inFlight else { return }
        if flight.isAborting { return }
        if flight.dialledCall != nil {
            if modems[modem].dialect.readsWhileDialling { return readWhileDialling(byte, modem, now) }
            if flight.since.duration(to: now) >= Self.abortGuard { return abortDialling(modem, now) }
            if byte == 0x0D { return }
        } else if let call = flight.acceptedCall, modems[modem].call(call)?.connectedAt == nil {
            if flight.since.duration(to: now) >= Self.abortGuard { return abortDialling(modem, now) }
        } else if flight.isAbortable, flight.since.duration(to: now) >= Self.abortGuard {
            modems[modem].inFlight?.isAborting = true
            agenda.forget(answerOf: modem)
            return conclude(modem, .ok, after: .milliseconds(30), now)
        } else if modems[modem].typeAhead.count < CommandLineEditor.limit {
            modems[modem].typeAhead.append(byte)
        }
        guard !flight.isExcused, !isReplay else { return }
        record(byte, against: &flight, modem, now)
        modems[modem].inFlight = flight
    }

    /// Notes that characters came while a command was in flight; all of one line make one violation.
    private mutating func record(
        _ byte: UInt8,
        against flight: inout SimulatedModem.InFlight,
        _ modem: Int,
        _ now: ContinuousClock.Instant
    ) {
        if let violation = flight.violation {
            if byte == 0x0D {
                flight.violation = nil
                // What is none takes no place of one that is.
                if violation == observed.count - 1, observed[violation].isRepeatedProbe { observed.removeLast() }
            }
            guard byte != 0x0D, observed.indices.contains(violation) else { return }
            if observed[violation].written.utf8.count < 80 {
                observed[violation].written += String(decoding: [byte], as: UTF8.self)
            }
            return
        }
        guard byte != 0x0D, byte != 0x1B else { return }
        let isRecorded = recordViolation(
            .commandInFlight,
            modem,
            command: "AT" + flight.line,
            written: String(decoding: [byte], as: UTF8.self),
            now
        )
        if isRecorded { flight.violation = observed.count - 1 }
    }

    @discardableResult
    mutating func recordViolation(
        _ kind: ProtocolViolation.Kind,
        _ modem: Int,
        command: String,
        written: String,
        _ now: ContinuousClock.Instant
    ) -> Bool {
        guard observed.count < Self.violationLimit else { return false }
        observed.append(
            ProtocolViolation(modem: modem, kind: kind, command: command, written: written, at: now)
        )
        return true
    }

    /// A character aborts a waiting ATD: the call is given up and the result is NO CARRIER.
    private mutating func abortDialling(_ modem: Int, _ now: ContinuousClock.Instant) {
        guard let call = modems[modem].inFlight?.dialledCall ?? modems[modem].inFlight?.acceptedCall else { return }
        modems[modem].inFlight?.isAborting = true
        // The word for its acceptance may be planned already.
        agenda.forget(answerOf: modem)
        release(call, modem, byModem: true, cause: 16, now)
        end(call, by: .modem, cause: 16, now)
        conclude(modem, .noCarrier, after: .milliseconds(30), now)
    }

    /// Some sticks go on reading while ATD is silent; looking at the call list makes them give up the call without a
    /// word, and a hang-up is obeyed.
    private mutating func readWhileDialling(_ byte: UInt8, _ modem: Int, _ now: ContinuousClock.Instant) {
        guard var flight = modems[modem].inFlight, let call = flight.dialledCall else { return }
        if byte == 0x0D, modems[modem].typeAhead.isEmpty {
            if flight.since.duration(to: now) >= Self.abortGuard { abortDialling(modem, now) }
            return
        }
        guard byte == 0x0D else {
            if modems[modem].typeAhead.count < CommandLineEditor.limit { modems[modem].typeAhead.append(byte) }
            return
        }
        let line = Self.capitals(modems[modem].typeAhead)
        modems[modem].typeAhead = []
        log(line, modem)
        switch line {
        case "ATH", "ATH0", "AT+CHUP":
            flight.isAborting = true
            modems[modem].inFlight = flight
            release(call, modem, byModem: true, cause: 16, now)
            end(call, by: .modem, cause: 16, now)
            conclude(modem, .ok, after: .milliseconds(30), now)
        default:
            recordViolation(.commandInFlight, modem, command: "AT" + flight.line, written: line, now)
            guard line == "AT+CLCC" else { return }
            release(call, modem, byModem: true, cause: 16, now)
            end(call, by: .modem, cause: 16, now)
            modems[modem].inFlight = nil
            agenda.add(.modem(modem, .say(modems[modem].words(.ok), .final)), at: now + .milliseconds(5))
        }
    }

    static func capitals(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self).uppercased() }

    mutating func log(_ line: String, _ modem: Int) {
        if line.hasPrefix("ATD") { modems[modem].dialCommands += 1 }
        if modems[modem].log.count < Self.logLimit { modems[modem].log.append(line) }
    }

    // MARK: Out

    /// Puts bytes on the wire, in the manner of the faults.
    mutating func write(_ bytes: [UInt8], _ modem: Int, _ now: ContinuousClock.Instant) {
        guard modems[modem].isPlugged, !modems[modem].isDeaf, !bytes.isEmpty else { return }
        let faults = modems[modem].faults
        if faults.contains(.garbage), bytes.count > 2, Int.random(in: 0..<3, using: &random) == 0 {
            modems[modem].outbox += [0x00, 0xFF, 0x0D, 0x0A, 0x80, 0xFE, 0x7E, 0x7B, 0x0D, 0x0A]
        }
        modems[modem].outbox += bytes
        let isSplit = faults.contains(.splitWrites)
        let isGlued = faults.contains(.gluedWrites)
        if !isSplit, !isGlued { return flush(modem, now) }
        guard !modems[modem].isFlushPlanned else { return }
        modems[modem].isFlushPlanned = true
        agenda.add(.modem(modem, .flush), at: now + (isGlued ? .milliseconds(30) : .zero))
    }

    mutating func flush(_ modem: Int, _ now: ContinuousClock.Instant) {
        modems[modem].isFlushPlanned = false
        guard !modems[modem].outbox.isEmpty else { return }
        var piece = modems[modem].outbox
        modems[modem].outbox = []
        if modems[modem].faults.contains(.splitWrites) {
            let count = min(Int.random(in: 1...3, using: &random), piece.count)
            modems[modem].outbox = Array(piece[count...])
            piece.removeSubrange(count...)
            if !modems[modem].outbox.isEmpty {
                modems[modem].isFlushPlanned = true
                agenda.add(.modem(modem, .flush), at: now + .milliseconds(1))
            }
            outputs.append(.bytes(modem: modem, piece))
            return
        }
        if case .bytes(modem, let earlier) = outputs.last {
            outputs[outputs.count - 1] = .bytes(modem: modem, earlier + piece)
        } else {
            outputs.append(.bytes(modem: modem, piece))
        }
    }
}
