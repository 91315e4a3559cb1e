extension SimulatedModem {
    /// The phone book of the SIM, for reading (3GPP TS 27.007 clauses 5.5, 8.11 and 8.12).
    mutating func phonebook(_ command: ATCommand) -> CommandOutcome? {
        switch (command.name, command.form) {
        case ("+CSCS", .test):
            let known = knownCharacters.map { "\"\($0.rawValue)\"" }.joined(separator: ",")
            return .text("+CSCS: (\(known))")
        case ("+CSCS", .read):
            return .text("+CSCS: \"\(settings.characters.rawValue)\"")
        case ("+CSCS", .set):
            let name = command.fields.first?.text.uppercased() ?? ""
            guard let wanted = PhonebookCharacters(rawValue: name), knownCharacters.contains(wanted) else {
                return .failure(50)
            }
            settings.characters = wanted
            return .ok
        case ("+CPBS", .test):
            return ifReady { .text("+CPBS: (\"SM\")") }
        case ("+CPBS", .read):
            return ifReady { .text("+CPBS: \"SM\",\(profile.phonebook.count),\(SimulatedPhonebookEntry.places)") }
        case ("+CPBS", .set):
            let wantsCoded = settings.characters == .ucs2 && faults.contains(.ucs2Parameters)
            let name = wantsCoded ? PhonebookCharacters.ucs2.written("SM") : "SM"
            return ifReady { command.fields.first?.text.uppercased() == name ? .ok : .failure(50) }
        case ("+CPBR", .test):
            return ifReady { .text("+CPBR: (1-\(SimulatedPhonebookEntry.places)),40,20") }
        case ("+CPBR", .set):
            return ifReady { entries(command) }
        default:
            return nil
        }
    }

    private var knownCharacters: [PhonebookCharacters] {
        if faults.contains(.onlyUCS2) { return [.ucs2] }
        return PhonebookCharacters.allCases.filter { $0 != .ucs2 || !faults.contains(.noUCS2) }
    }

    /// The entries between two places; empty places are left out, and nothing but empty ones is *not found*.
    private func entries(_ command: ATCommand) -> CommandOutcome {
        let places = 1...SimulatedPhonebookEntry.places
        guard let first = command.number(0), command.fields.count <= 2 else { return .failure(50) }
        let last = command.fields.count == 2 ? command.number(1) : first
        guard let last, first <= last else { return .failure(50) }
        guard places.contains(first), places.contains(last) else { return .failure(21) }
        let found = profile.phonebook.filter { (first...last).contains($0.place) }.sorted { $0.place < $1.place }
        guard !found.isEmpty else { return .failure(22) }
        return CommandOutcome(lines: found.map(line))
    }

    private func line(_ entry: SimulatedPhonebookEntry) -> String {
        // Behind the text come group, second number and the like, and at last whether it is hidden.
        if entry.isHidden { return "+CPBR: \(entry.place),\"\",129,\"\",\"\",\"\",,\"\",\"\",\"\",\"\",1" }
        let type = entry.number.hasPrefix("+") ? 145 : 129
        let isCoded = settings.characters == .ucs2 && faults.contains(.ucs2Parameters)
        let number = isCoded ? PhonebookCharacters.ucs2.written(entry.number) : entry.number
        return "+CPBR: \(entry.place),\"\(number)\",\(type),\"\(settings.characters.written(entry.name))\""
    }
}
