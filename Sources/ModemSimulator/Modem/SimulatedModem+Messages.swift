import NetworkSimulator

/// What a modem knows of messages.
struct MessageState: Sendable {
    /// A text that is being typed behind the prompt.
    struct Entry: Sendable {
        var length: Int
        var text: [UInt8] = []
        var fault: FaultState.ReplyFault?
        /// Whether the prompt has been shown.
        var isOpen = false
    }

    /// Where messages can be: on the card, and in the modem.
    var stores: [String: MessageStore]
    /// `+CPMS`: where is read and deleted, where written and sent from, where new ones go.
    var chosen = ["SM", "SM", "SM"]
    /// `+CNMI`: mode, messages, broadcasts, reports, buffer.
    var routing = [0, 0, 0, 0, 0]
    /// `+CMGF`.
    var isTextMode = false
    var entry: Entry?
    /// TP-MR of the next message.
    var reference: UInt8 = 0
    /// The USSD session: what the network waits for.
    var session: ServiceMenu?
    var sessionNumber = 0

    init(places: Int, first: Int) {
        stores = ["SM": MessageStore(places: places, first: first), "ME": MessageStore(places: 100, first: first)]
    }

    /// A loss of power takes what was set, not what is stored.
    mutating func restart() {
        chosen = ["SM", "SM", "SM"]
        routing = [0, 0, 0, 0, 0]
        isTextMode = false
        entry = nil
        session = nil
    }
}

extension SimulatedModem {
    /// Messages (3GPP TS 27.005), in PDU mode, and USSD (27.007 clause 7.15).
    mutating func messageCommand(_ command: ATCommand) -> CommandOutcome? {
        if ["+CPMS", "+CMGL", "+CMGR", "+CMGD", "+CMGS"].contains(command.name), let failure = messageFailure {
            return .messageFailure(failure)
        }
        switch (command.name, command.form) {
        case ("+CSCA", .read):
            return ifReady { .text("+CSCA: \"+491760000443\",145") }
        case ("+CMGF", .set):
            guard let value = command.value, (0...1).contains(value) else { return .failure(50) }
            messages.isTextMode = value == 1
            return .ok
        case ("+CMGF", .read): return .text("+CMGF: \(messages.isTextMode ? 1 : 0)")
        case ("+CSMS", _): return command.form == .set ? .text("+CSMS: 1,1,1") : .ok
        case ("+CSMP", _): return .ok
        case ("+CNMI", .set): return chooseRouting(command)
        case ("+CNMI", .read):
            return .text("+CNMI: \(messages.routing.map(String.init).joined(separator: ","))")
        case ("+CNMI", .test): return .text("+CNMI: (0-2),(0-3),(0,2),(0-2),(0,1)")
        case ("+CPMS", _): return chooseStores(command)
        case ("+CMGL", .set), ("+CMGL", .execute): return list(command.value ?? 0)
        case ("+CMGR", .set): return read(command.value ?? -1)
        case ("+CMGD", .set): return delete(command)
        case ("+CMGS", .set):
            // Invalid PDU mode parameter, no network service (27.005 clause 3.2.5).
            guard !messages.isTextMode, let length = command.value, (8...164).contains(length) else {
                return .messageFailure(304)
            }
            guard effectiveRegistration.carriesMessages else { return .messageFailure(331) }
            var outcome = CommandOutcome.effect(.prompt(length: length))
            outcome.result = .pending
            return outcome
        case ("+CUSD", .set): return serviceCommand(command)
        case ("+CUSD", .read): return .text("+CUSD: 1")
        case ("+CUSD", .test): return .text("+CUSD: (0-2)")
        default: return nil
        }
    }

    /// What the card keeps from messages (27.005 clause 3.2.5).
    private var messageFailure: Int? {
        switch sim.state {
        case .absent: 310
        case .busy: 314
        case .pinRequired: 311
        case .pukRequired: 316
        case .ready: nil
        }
    }

    private mutating func chooseRouting(_ command: ATCommand) -> CommandOutcome {
        var routing = messages.routing
        let limits = [2, 3, 2, 2, 1]
        for (index, field) in command.fields.enumerated() {
            guard index < 5, let value = field.number, (0...limits[index]).contains(value) else { return .failure(50) }
            routing[index] = value
        }
        // Some firmware has no way for reports, or none for messages in the store (see the faults).
        if routing[3] > 0, faults.contains(.noReportRouting) { return .messageFailure(303) }
        if routing[1] == 1 || routing[1] == 3, faults.contains(.directMessages) { return .messageFailure(303) }
        messages.routing = routing
        return .ok
    }

    private mutating func chooseStores(_ command: ATCommand) -> CommandOutcome {
        func counts(_ name: String) -> String {
            let store = messages.stores[name]
            return "\(store?.entries.count ?? 0),\(store?.places ?? 0)"
        }
        switch command.form {
        case .test: return .text("+CPMS: (\"ME\",\"SM\"),(\"ME\",\"SM\"),(\"ME\",\"SM\")")
        case .read:
            return .text("+CPMS: " + messages.chosen.map { "\"\($0)\",\(counts($0))" }.joined(separator: ","))
        case .set:
            let names = command.fields.map { $0.text.uppercased() }
            // Invalid memory (clause 3.2.5: 302 is not allowed, 303 not supported).
            guard names.count <= 3, names.allSatisfy({ messages.stores[$0] != nil }) else {
                return .messageFailure(303)
            }
            for (index, name) in names.enumerated() { messages.chosen[index] = name }
            return .text("+CPMS: " + messages.chosen.map(counts).joined(separator: ","))
        case .execute: return .error
        }
    }

    private func line(_ entry: MessageStore.Entry) -> (length: Int, text: String) {
        let length = entry.octets.count - 1 - Int(entry.octets.first ?? 0)
        return (length + (faults.contains(.wrongLengths) ? 3 : 0), ShortMessageText.hex(entry.octets))
    }

    /// 0 unread, 1 read, 4 all (clause 3.4.2); what is listed counts as read.
    private mutating func list(_ state: Int) -> CommandOutcome {
        guard let store = messages.stores[messages.chosen[0]], (0...4).contains(state) else {
            return .messageFailure(303)
        }
        var outcome = CommandOutcome.ok
        for (place, entry) in store.entries.sorted(by: { $0.key < $1.key }) where state == 4 || entry.state == state {
            let line = line(entry)
            outcome.lines.append("+CMGL: \(place),\(entry.state),,\(line.length)\r\n\(line.text)")
            messages.stores[messages.chosen[0]]?.entries[place]?.state = 1
            // A card is read at some 10 ms a record.
            outcome.duration += .milliseconds(10)
        }
        return outcome
    }

    private mutating func read(_ place: Int) -> CommandOutcome {
        guard let entry = messages.stores[messages.chosen[0]]?.entries[place] else { return .messageFailure(321) }
        let line = line(entry)
        messages.stores[messages.chosen[0]]?.entries[place]?.state = 1
        var outcome = CommandOutcome.text("+CMGR: \(entry.state),,\(line.length)\r\n\(line.text)")
        outcome.duration = .milliseconds(10)
        return outcome
    }

    private mutating func delete(_ command: ATCommand) -> CommandOutcome {
        guard let place = command.value, command.fields.count == 1 || command.number(1) == 0 else {
            return .messageFailure(303)
        }
        guard messages.stores[messages.chosen[0]]?.entries.removeValue(forKey: place) != nil else {
            return .messageFailure(321)
        }
        var outcome = CommandOutcome.effect(.storeHasRoom)
        outcome.duration = .milliseconds(20)
        return outcome
    }

    // MARK: USSD

    private mutating func serviceCommand(_ command: ATCommand) -> CommandOutcome {
        let fields = command.fields
        guard let mode = command.value, (0...2).contains(mode) else { return .failure(50) }
        if mode == 2 {
            messages.session = nil
            return .ok
        }
        guard fields.count > 1, !fields[1].text.isEmpty else { return .ok }
        guard effectiveRegistration.carriesCalls else { return .failure(30) }
        if faults.contains(.noServiceCodes) { return .failure(30) }
        var text = fields[1].text
        if dialect.packsServiceCodes {
            guard let octets = ShortMessageText.octets(hex: text) else { return .failure(50) }
            var codes = ShortMessageText.codes(octets: octets, count: octets.count * 8 / 7, behind: 0)
            if codes.count % 8 == 0, codes.last == 0x0D { codes.removeLast() }
            text = ShortMessageText.text(codes: codes)
        }
        return .effect(.serviceText(text))
    }

    /// A text from the network as this firmware writes it: as it is, as packed septets, or as UCS2, both in hexadecimal digits.
    func serviceLine(_ state: Int, _ text: String?) -> String {
        guard let text else { return "+CUSD: \(state)" }
        guard let codes = ShortMessageText.codes(text)?.flatMap({ $0 }) else {
            let units = text.utf16.flatMap { [UInt8($0 >> 8), UInt8($0 & 0xFF)] }
            return "+CUSD: \(state),\"\(ShortMessageText.hex(units))\",72"
        }
        guard dialect.packsServiceCodes else { return "+CUSD: \(state),\"\(text)\",15" }
        let padded = codes.count % 8 == 7 ? codes + [0x0D] : codes
        return "+CUSD: \(state),\"\(ShortMessageText.hex(ShortMessageText.octets(codes: padded, behind: 0)))\",15"
    }
}

extension CommandOutcome {
    static func messageFailure(_ code: Int) -> CommandOutcome { CommandOutcome(result: .message(code)) }
}
