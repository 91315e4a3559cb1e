extension SIMState {
    /// Reads what a modem answered to `AT+CPIN?`: the `+CPIN:` line if there is one, else the error.
    ///
    /// The last such line counts: while a card starts up, an unsolicited one may have come in front of the answer.
    package init(reply lines: [ATLine], result: FinalResult) {
        for line in lines.reversed() {
            let state = line.withBytes { $0.body(of: "+CPIN").map { SIMState(cpin: $0) } }
            if let state {
                self = state
                return
            }
        }
        self.init(result)
    }

    /// Reads the word behind `+CPIN:`, quoted or not (27.007 §8.3).
    init(cpin word: Bytes) {
        let word = Fields(word)[0].bytes
        if word.equals("READY") || word.equals("SIM PIN2") || word.equals("SIM PUK2") {
            self = .ready
        } else if word.equals("SIM PIN") {
            self = .pin
        } else if word.equals("SIM PUK") {
            self = .puk
        } else if word.equals("NOT INSERTED") || word.equals("SIM NOT INSERTED") || word.equals("SIM REMOVED") {
            self = .absent
        } else if word.equals("NOT READY") || word.equals("SIM BUSY") {
            self = .busy
        } else if word.equals("SIM FAILURE") {
            self = .failed
        } else if word.starts(with: "PH-") {
            self = .deviceLock(word.string)
        } else {
            self = .other(word.string)
        }
    }

    private init(_ result: FinalResult) {
        switch result {
        case .equipmentError(let error), .messageError(let error), .vendorError(let error):
            self.init(error)
        case .ok: self = .other("")
        case .error: self = .other("ERROR")
        case .commandNotSupported, .tooManyParameters, .noCarrier, .busy, .noAnswer, .noDialtone, .connect:
            self = .other("\(result)")
        }
    }

    private init(_ error: EquipmentError) {
        switch error.code {
        case .some(10), .some(310): self = .absent
        case .some(11), .some(311): self = .pin
        case .some(12), .some(316): self = .puk
        case .some(13), .some(15), .some(313), .some(315): self = .failed
        // 515 is what several Huawei sticks say while they start.
        case .some(14), .some(314), .some(515): self = .busy
        case .some(17), .some(18), .some(317), .some(318): self = .ready
        case .some(5), .some(312): self = .deviceLock("PH-SIM PIN")
        case .some(40): self = .deviceLock("PH-NET PIN")
        default: self = .other(error.text)
        }
    }
}
