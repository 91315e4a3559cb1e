// What phones dial that begins with `*`.
extension SIPAgent {
    /// Why a code is not followed, for the phone's display.
    struct CodeRefusal: Error {
        var phrase: String
    }

    /// The call that is wanted with what was dialled.
    ///
    /// Codes are for phones: a trunk's PBX has its own.
    func call(_ id: DialogID, _ dialled: String, by caller: HouseCaller) throws(CodeRefusal) -> PhoneCall {
        var call = PhoneCall(id: id, caller: caller, number: dialled)
        guard case .phone(let name) = caller, dialled.hasPrefix("*") else { return call }
        // DECT bases send the key that ends a number.
        let hasKey = dialled.hasSuffix("#")
        let plain = hasKey ? String(dialled.dropLast()) : dialled
        // Help is help with a star before it.
        let behind = String(plain.dropFirst())
        if hasKey ? Self.isHelpEverywhere(behind) : settings.isHelp(behind) {
            call.number = behind
            return call
        }
        switch StarCode(dialled) ?? StarCode(plain).flatMap({ endsWithKey($0) ? $0 : nil }) {
        case .number(let number, let via): (call.number, call.via) = (number, via)
        case .redial:
            guard let latest = house.latest[name] else { throw CodeRefusal(phrase: "Nothing to redial") }
            (call.number, call.via) = (latest.number, latest.via)
        case .status: call.asksStatus = true
        case nil: throw CodeRefusal(phrase: "No such code, there are \(StarCode.words)")
        }
        // Help is called as it is without a code.
        if settings.isHelp(call.number) { call.via = nil }
        return call
    }

    /// Whether a code may have the key that ends a number behind it: where that is no code of the network then.
    private func endsWithKey(_ code: StarCode) -> Bool {
        switch code {
        case .number(let number, _): Self.isHelpEverywhere(number)
        case .redial, .status: true
        }
    }

    /// The numbers that each phone knows as help (3GPP TS 22.101 §10.1); others are codes of a network with the key behind them, such as
    /// `*100#`.
    private static func isHelpEverywhere(_ number: String) -> Bool { number == "112" || number == "911" }

    /// Takes that a number of a phone's call was really called: it is the one that is dialled again.
    package func remember(_ call: PhoneCall) {
        // Nobody calls for help by a blind key.
        guard !settings.isHelp(call.number), case .phone(let name) = call.caller,
            settings.phones.contains(where: { $0.name == name })
        else { return }
        house.latest[name] = call
    }

    /// Forgets what phones have called that there are no more.
    func forgetNumbers() {
        let names = Set(settings.phones.map(\.name))
        house.latest = house.latest.filter { names.contains($0.key) }
    }
}
