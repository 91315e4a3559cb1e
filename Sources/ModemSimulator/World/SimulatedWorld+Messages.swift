package import NetworkSimulator

/// Something that happens to a message, or in a USSD session.
enum MessageStep: Sendable, Equatable {
    /// The network takes a part that a modem has sent.
    case take(modem: Int, SubmittedPart, reference: UInt8)
    /// The modem has the network's word for it.
    case accepted(modem: Int, life: Int, reference: UInt8, isTold: Bool)
    case refused(modem: Int, life: Int)
    /// A message or a report reaches a modem.
    case arrive(modem: Int, [UInt8])
    /// The network answers in a USSD session.
    case answer(modem: Int, session: Int, ServiceMenu)
    case sessionOver(modem: Int, session: Int)
}

// Short messages between the modems, the service centre and people outside, and USSD.
extension SimulatedWorld {
    /// Sends a message to a modem; what can't be taken waits at the service centre.
    package mutating func send(_ message: SimulatedMessage, to modem: Int, at now: ContinuousClock.Instant) {
        let now = run(until: now)
        guard modems.indices.contains(modem) else { return }
        messages.references = (messages.references + 1) & 0xFFFF
        let parts = message.deliveries(reference: messages.references, seconds: seconds(now))
        for (index, part) in parts.enumerated() {
            let due = now + .milliseconds(50 + 150 * index)
            for _ in 0..<(messages.sendsTwice ? 2 : 1) { agenda.add(.message(.arrive(modem: modem, part)), at: due) }
        }
    }

    /// Sends further parts of the message that was sent last, under its reference.
    package mutating func resend(_ message: SimulatedMessage, to modem: Int, at now: ContinuousClock.Instant) {
        messages.references = (messages.references &- 1) & 0xFFFF
        send(message, to: modem, at: now)
    }

    /// Sends octets to a modem as they are: TS 23.040, without the number of the service centre.
    package mutating func send(octets: [UInt8], to modem: Int, at now: ContinuousClock.Instant) {
        let now = run(until: now)
        guard modems.indices.contains(modem) else { return }
        agenda.add(.message(.arrive(modem: modem, octets)), at: now)
    }

    /// Puts a message into a modem's store as if it had come while nobody looked; false where there is no place left.
    package mutating func store(
        _ message: SimulatedMessage,
        in name: String,
        of modem: Int,
        at now: ContinuousClock.Instant
    ) -> Bool {
        let now = run(until: now)
        guard modems.indices.contains(modem) else { return false }
        messages.references = (messages.references + 1) & 0xFFFF
        return message.deliveries(reference: messages.references, seconds: seconds(now))
            .allSatisfy { modems[modem].messages.stores[name]?.store(Self.centre + $0) != nil }
    }

    /// How many messages a modem has stored.
    package func stored(on modem: Int, in name: String) -> Int {
        modems.indices.contains(modem) ? modems[modem].messages.stores[name]?.entries.count ?? 0 : 0
    }

    /// How many messages wait at the service centre for a modem.
    package func heldMessages(for modem: Int) -> Int { messages.held[modem]?.count ?? 0 }

    /// What the network has taken from modems, oldest first, part by part.
    package var takenMessages: [TakenMessage] { messages.taken }

    /// A text from the network in no session, such as what a call has cost.
    package mutating func tell(_ text: String, to modem: Int, at now: ContinuousClock.Instant) {
        let now = run(until: now)
        guard modems.indices.contains(modem) else { return }
        announce(modems[modem].serviceLine(0, text), modem, after: .zero, now)
    }

    private static let centre: [UInt8] = [7, 0x91, 0x94, 0x71, 0x06, 0x00, 0x04, 0x34]

    private func seconds(_ now: Instant) -> Int64 {
        messages.epoch + (began.map { $0.duration(to: now).components.seconds } ?? 0)
    }

    mutating func perform(_ step: MessageStep, _ now: Instant) {
        switch step {
        case .take(let modem, let part, let reference): take(part, reference, from: modem, now)
        case .accepted(let modem, let life, let reference, let isTold):
            guard modems[modem].life == life else { return }
            guard isTold else { return agenda.add(.modem(modem, .finish), at: now) }
            agenda.add(.modem(modem, .say("+CMGS: \(reference)", .information)), at: now)
            conclude(modem, .ok, after: .milliseconds(1), now)
        case .refused(let modem, let life):
            guard modems[modem].life == life else { return }
            // Network out of order (24.011 annex E-2).
            conclude(modem, .message(38), after: .zero, now)
        case .arrive(let modem, let octets): arrive(octets, modem, now)
        case .answer(let modem, let session, let menu): answer(menu, session, modem, now)
        case .sessionOver(let modem, let session):
            guard modems[modem].messages.sessionNumber == session, modems[modem].messages.session != nil else { return }
            modems[modem].messages.session = nil
            announce(modems[modem].serviceLine(5, nil), modem, after: .zero, now)
        }
    }

    // MARK: Sent by a modem

    /// The prompt is shown; what is typed from here on is the text (27.005 clause 3.5.1).
    mutating func prompt(_ modem: Int, _ now: Instant) {
        guard modems[modem].messages.entry != nil else { return }
        modems[modem].messages.entry?.isOpen = true
        write(Array("\r\n> ".utf8), modem, now)
    }

    mutating func takeText(_ byte: UInt8, _ modem: Int, _ now: Instant) {
        guard var entry = modems[modem].messages.entry else { return }
        switch byte {
        case 0x1B:
            modems[modem].messages.entry = nil
            conclude(modem, .ok, after: .milliseconds(2), now)
        case 0x1A:
            modems[modem].messages.entry = nil
            submit(entry, modem, now)
        default:
            if entry.text.count < 1024 { entry.text.append(byte) }
            modems[modem].messages.entry = entry
        }
    }

    private mutating func submit(_ entry: MessageState.Entry, _ modem: Int, _ now: Instant) {
        let text = String(decoding: entry.text.filter { $0 > 0x20 }, as: UTF8.self)
        let octets = ShortMessageText.octets(hex: text) ?? []
        let centreLength = octets.first.map { Int($0) + 1 } ?? 0
        // The length that was told is that behind the number of the service centre (clause 4.3).
        guard octets.count - centreLength == entry.length,
            let part = SubmittedPart(Array(octets.dropFirst(centreLength)))
        else { return conclude(modem, .message(304), after: .milliseconds(5), now) }
        if entry.fault == .stuck { modems[modem].isStuck = true }
        let reference = modems[modem].messages.reference
        modems[modem].messages.reference &+= 1
        let life = modems[modem].life
        var delay = messages.delay
        guard !messages.refused.contains(SimulatedNetwork.international(part.number)) else {
            agenda.add(.message(.refused(modem: modem, life: life)), at: now + delay)
            return
        }
        agenda.add(.message(.take(modem: modem, part, reference: reference)), at: now + delay / 2)
        var isTold = true
        switch entry.fault {
        case .late(let extra): delay += extra
        case .lost, .stuck: isTold = false
        case nil: break
        }
        agenda.add(
            .message(.accepted(modem: modem, life: life, reference: reference, isTold: isTold)),
            at: now + delay
        )
    }

    private mutating func take(_ part: SubmittedPart, _ reference: UInt8, from modem: Int, _ now: Instant) {
        let number = SimulatedNetwork.international(part.number)
        let taken = TakenMessage(
            modem: modem,
            number: number,
            text: part.text,
            place: part.place,
            count: part.count,
            reference: part.reference
        )
        if messages.taken.count < 10_000 { messages.taken.append(taken) }
        outputs.append(.farSide(.message(taken)))
        let isReachable = !messages.unreachable.contains(number)
        if let other = modems.indices.first(where: { modems[$0].profile.ownNumber == number }), isReachable {
            var message = SimulatedMessage(from: modems[modem].profile.ownNumber, text: part.text)
            message.order = nil
            for octets in message.deliveries(reference: 0, seconds: seconds(now)) {
                agenda.add(.message(.arrive(modem: other, octets)), at: now + .milliseconds(200))
            }
        }
        guard part.wantsReport else { return }
        // Clause 9.2.2.3: type 10, reference, number, both times, status; 0x46 is that the time for it has passed.
        let report =
            [0x06, reference] + part.address + SimulatedMessage.time(seconds(now))
            + SimulatedMessage.time(seconds(now) + 1)
            + [isReachable ? 0x00 : 0x46]
        agenda.add(.message(.arrive(modem: modem, report)), at: now + messages.delay / 2 + messages.reportDelay)
    }

    // MARK: For a modem

    private mutating func arrive(_ octets: [UInt8], _ modem: Int, _ now: Instant) {
        let isWaited = messages.held[modem]?.isEmpty == false
        guard !isWaited, offer(octets, modem, now) else {
            if heldMessages(for: modem) < MessageCentre.mostHeld { messages.held[modem, default: []].append(octets) }
            return
        }
    }

    /// Hands a message over; false where the modem can't take it now (clause 9.3.3: the centre tries again).
    private mutating func offer(_ octets: [UInt8], _ modem: Int, _ now: Instant) -> Bool {
        guard modems[modem].isPlugged, !modems[modem].isDeaf, modems[modem].effectiveRegistration.carriesMessages else {
            return false
        }
        let routing = modems[modem].messages.routing
        let whole = Self.centre + octets
        let isReport = octets.first.map { $0 & 3 == 2 } ?? false
        let length = octets.count + (modems[modem].faults.contains(.wrongLengths) ? 3 : 0)
        if isReport {
            switch routing[3] {
            case 1: announce("+CDS: \(length)\r\n\(ShortMessageText.hex(whole))", modem, after: .zero, now)
            case 2: return keep(whole, modem, now, notice: "+CDSI")
            default: break
            }
            return true
        }
        if routing[1] == 2 {
            announce("+CMT: ,\(length)\r\n\(ShortMessageText.hex(whole))", modem, after: .zero, now)
            return true
        }
        return keep(whole, modem, now, notice: routing[1] == 0 ? nil : "+CMTI")
    }

    private mutating func keep(_ octets: [UInt8], _ modem: Int, _ now: Instant, notice: String?) -> Bool {
        let name = modems[modem].messages.chosen[2]
        guard let place = modems[modem].messages.stores[name]?.store(octets) else { return false }
        if let notice { announce("\(notice): \"\(name)\",\(place)", modem, after: .zero, now) }
        return true
    }

    /// There is room again, or the modem is back: what waits comes.
    mutating func deliverHeld(_ modem: Int, _ now: Instant) {
        guard let octets = messages.held[modem]?.first, offer(octets, modem, now) else { return }
        messages.held[modem]?.removeFirst()
        guard messages.held[modem]?.isEmpty == false else { return }
        agenda.add(.modem(modem, .messagesWait), at: now + .milliseconds(100))
    }

    // MARK: USSD

    mutating func serviceText(_ text: String, _ modem: Int, _ now: Instant) {
        outputs.append(.farSide(.serviceCode(modem: modem, code: text)))
        let menu: ServiceMenu?
        if let session = modems[modem].messages.session {
            menu = session.choices[text]
        } else {
            modems[modem].messages.sessionNumber += 1
            menu = network.serviceCodes[text]
        }
        let number = modems[modem].messages.sessionNumber
        guard let menu else {
            modems[modem].messages.session = nil
            return announce(modems[modem].serviceLine(4, nil), modem, after: .milliseconds(300), now)
        }
        // Open until the network has answered.
        modems[modem].messages.session = ServiceMenu("", delay: nil)
        if let delay = menu.delay {
            agenda.add(.message(.answer(modem: modem, session: number, menu)), at: now + delay)
        }
    }

    private mutating func answer(_ menu: ServiceMenu, _ session: Int, _ modem: Int, _ now: Instant) {
        guard modems[modem].messages.sessionNumber == session, modems[modem].messages.session != nil else { return }
        let isOver = menu.choices.isEmpty
        modems[modem].messages.session = isOver ? nil : menu
        announce(modems[modem].serviceLine(isOver ? 0 : 1, menu.text), modem, after: .zero, now)
        guard !isOver else { return }
        agenda.add(.message(.sessionOver(modem: modem, session: session)), at: now + ServiceMenu.patience)
    }
}
