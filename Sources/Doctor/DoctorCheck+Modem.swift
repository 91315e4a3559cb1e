internal import CallPlanning
internal import Calls
internal import DialPlan
internal import GatewayAPI
internal import Modem
internal import SerialPort

extension DoctorCheck {
    /// What concerns each modem: its tty, card, network, voice.
    static let modem: [DoctorCheck] = [
        serviceModems, ports, card, radio, registration, voice, sunset, callerNumbers, signal,
    ]

    /// How the modems stand that the service looks after; it is asked, not they.
    static let serviceModems = DoctorCheck("service_modems") { facts in
        (facts.service?.modems ?? [])
            .map { modem in
                let name = modem.name ?? modem.usbPath ?? modem.tty ?? "a modem"
                let subject = [name, modem.tty].compactMap(\.self).removingRepetition.joined(separator: ", ")
                let reason = modem.reason ?? "it gives no reason"
                let look = "gsmbridge modems; journalctl -u gsmbridge -n 50"
                switch modem.state {
                case .ready, .inCall:
                    let network = [modem.operatorName, modem.signal.map { "\($0) dBm" }].compactMap(\.self)
                    let words = modem.state == .ready ? "ready" : "in a call"
                    return .ok(subject, network.isEmpty ? words : "\(words) (\(network.joined(separator: ", ")))")
                case .starting: return .warning(subject, "still starting: \(reason)", do: look)
                case .recovering: return .warning(subject, "being brought back: \(reason)", do: look)
                case .failed: return .error(subject, "unusable: \(reason)", do: look)
                case .absent: return .error(subject, "configured, and not there", do: "gsmbridge modems --usb; lsusb")
                }
            }
    }

    /// Whether a tty of the modem can be opened and answers.
    static let ports = DoctorCheck("ports") { facts in
        facts.modems.map { modem in
            let subject = modem.tty.map { modem.name == $0 ? $0 : "\(modem.name), \($0)" } ?? modem.name
            if let failure = modem.failure { return verdict(on: failure, subject, facts) }
            guard modem.survey == nil else { return .ok(subject, "answers") }
            return .error(
                subject,
                modem.silence ?? "nothing answers AT",
                do: "unplug the stick and plug it in again; gsmbridge modems --usb"
            )
        }
    }

    private static func verdict(on failure: SerialError, _ subject: String, _ facts: DoctorFacts) -> Verdict {
        let replug = "unplug the stick and plug it in again; sudo dmesg | tail -n 30"
        switch failure {
        case .permissionDenied(_, let group?) where group != "root":
            let remedy = "sudo adduser \(facts.user.name) \(group)   # then log in again"
            return .error(subject, "\(facts.user.name) may not open it: it belongs to the group \(group)", do: remedy)
        case .permissionDenied(let path, _):
            let remedy = "install 70-gsmbridge.rules, or for now: sudo chgrp dialout \(path) && sudo chmod 660 \(path)"
            return .error(subject, "\(facts.user.name) may not open it: it belongs to root alone", do: remedy)
        case .busy(let path, let holder):
            if facts.service?.answer == .reachable, holder?.hasPrefix("gsmbridge ") ?? false {
                return .ok(subject, "in use by the service")
            }
            if holder?.hasPrefix("ModemManager ") ?? false {
                let remedy = "sudo systemctl restart ModemManager   # after installing 70-gsmbridge.rules"
                return .error(subject, "in use by ModemManager", do: remedy)
            }
            return .error(subject, "in use by \(holder ?? "another program")", do: "sudo fuser -v \(path)")
        case .notFound: return .error(subject, "does not exist", do: "ls -l /dev/serial/by-id/")
        case .isADirectory, .notATerminal:
            return .error(subject, "is not a serial port", do: "ls -l /dev/serial/by-id/")
        case .openTimedOut, .stillBlocked:
            return .error(subject, "hangs in open: its kernel driver is blocked", do: replug)
        case .cancelled, .failed, .unsupportedSpeed: return .error(subject, failure.description, do: replug)
        }
    }

    /// Whether the card is there and unlocked.
    static let card = DoctorCheck("sim") { facts in
        facts.surveyed.compactMap { modem, survey in
            let remedyInPhone = "put the card into a phone and unlock it there"
            switch survey.sim {
            case nil: return .warning(modem.name, "it does not tell how its card is", do: modem.command("AT+CPIN?"))
            case .ready: return .ok(modem.name, "SIM ready")
            case .absent:
                return .error(modem.name, "there is no SIM card", do: "seat the card; \(modem.command("AT+CPIN?"))")
            case .busy:
                return .warning(
                    modem.name,
                    "the SIM card is still starting",
                    do: "gsmbridge doctor   # again in a minute"
                )
            case .pin:
                let tries = modem.diagnosis?.pinTries
                let left = tries.map { $0 == 1 ? ", 1 try left" : ", \($0) tries left" } ?? ", tries left unknown"
                // One that is left is not ours to use.
                let remedy =
                    tries.map { $0 < 2 } ?? false
                    ? remedyInPhone
                    : "configure 'pin' for this modem (gsmbridge config init), or switch it off in a phone"
                return .error(modem.name, "the SIM card wants its PIN\(left)", do: remedy)
            case .puk: return .error(modem.name, "the SIM card is blocked and wants its PUK", do: remedyInPhone)
            case .deviceLock(let lock):
                return .error(
                    modem.name,
                    "bound to an operator (\(lock))",
                    do: "use that operator's card, or have it unlocked"
                )
            case .failed:
                return .error(
                    modem.name,
                    "the SIM card does not work",
                    do: "clean and reseat the card; try it in a phone"
                )
            case .other(let words):
                let said = words.isEmpty ? "" : " (\(words))"
                return .warning(modem.name, "its card's state is unclear\(said)", do: modem.command("AT+CPIN?"))
            }
        }
    }

    /// Whether the radio is on.
    static let radio = DoctorCheck("radio") { facts in
        facts.surveyed.compactMap { modem, _ in
            guard let functionality = modem.diagnosis?.functionality, functionality != 1 else { return nil }
            return .error(
                modem.name,
                "its radio is off (AT+CFUN? says \(functionality))",
                do: modem.command("AT+CFUN=1")
            )
        }
    }

    /// Whether the network takes the card.
    static let registration = DoctorCheck("registration") { facts in
        facts.surveyed.compactMap { modem, survey in
            // A locked card registers nowhere: that it says already.
            switch survey.sim {
            case .pin, .puk, .absent, .failed, .deviceLock: return nil
            case .ready, .busy, .other, nil: break
            }
            let explanation = survey.registration.explanation
            let network = survey.operatorName.map { " with \($0)" } ?? ""
            switch survey.registration.verdict {
            case .registered(let roaming):
                guard roaming else { return .ok(modem.name, "registered\(network)") }
                return .warning(
                    modem.name,
                    "roaming\(network): calls cost more",
                    do: "use a card of a network here, if that is not meant"
                )
            // How calls fare then is the next check's.
            case .dataOnly: return nil
            case .searching:
                return .error(modem.name, explanation, do: "move the antenna; \(modem.command("AT+CSQ", "AT+COPS?"))")
            case .denied, .messagesOnly, .emergencyOnly:
                return .error(
                    modem.name,
                    explanation,
                    do: "try the card in a phone; \(modem.command("AT+CREG?", "AT+CEREG?"))"
                )
            case .none: return .error(modem.name, explanation, do: modem.command("AT+CFUN?", "AT+COPS?"))
            }
        }
    }

    /// Whether the modem and the network make calls.
    static let voice = DoctorCheck("voice") { facts in
        facts.surveyed.compactMap { modem, survey in
            if survey.voice == .no {
                return .error(
                    modem.name,
                    "its firmware or hardware makes no calls: it is for data only",
                    do: "see docs/modems.md for switching voice on (Huawei AT^CVOICE=0), or use another stick"
                )
            }
            guard case .dataOnly = survey.registration.verdict else {
                guard survey.registration.allowsCalls else { return nil }
                return survey.voice == .yes
                    ? .ok(modem.name, "makes calls") : .ok(modem.name, "does not say that it makes no calls")
            }
            if let ims = modem.diagnosis?.ims {
                if ims.isRegistered == true { return .ok(modem.name, "calls over LTE (VoLTE)") }
                if ims.isOn == false {
                    return .error(
                        modem.name,
                        "registered for data only, and VoLTE is switched off: calls fail",
                        do: "gsmbridge volte \(modem.tty ?? modem.name) --enable"
                    )
                }
            }
            return .warning(
                modem.name,
                "registered for data only: without VoLTE, or a network with 2G or 3G to fall back to, calls fail",
                do: "let it use 2G and 3G, or: gsmbridge volte \(modem.tty ?? modem.name)"
            )
        }
    }

    /// How long before the end of a network is warned, in years.
    private static let warnsYears = 2

    /// Whether calls go on in the network where the modem is.
    static let sunset = DoctorCheck("sunset") { facts in
        let today = PolicyTime.now().day
        let remedy = "gsmbridge volte MODEM; docs/networks.md: switch VoLTE on, or use another stick or network"
        let asked: [Verdict] = facts.surveyed.compactMap { modem, survey in
            guard modem.diagnosis?.ims?.isRegistered != true else { return nil }
            let home = survey.registration.verdict.isRoaming == false ? survey.identity.imsi : nil
            let network = survey.networkCode ?? home
            guard let end = network.flatMap({ NetworkSunset.endOfCalls(in: $0, radios: survey.radios) }) else {
                return nil
            }
            return verdict(on: end, modem.name, today, do: remedy.replacing("MODEM", with: modem.tty ?? modem.name))
        }
        let served: [Verdict] = (facts.service?.modems ?? [])
            .compactMap { modem in
                guard let sunset = modem.sunset else { return nil }
                let name = modem.name ?? modem.tty ?? "a modem"
                return .warning(name, sunset.reason, do: remedy.replacing("MODEM", with: name))
            }
        return asked + served
    }

    private static func verdict(
        on end: NetworkSunset,
        _ name: String,
        _ today: LocalDate,
        do remedy: String
    ) -> Verdict {
        let words = "\(end.warning(on: today)) (\(end.source))"
        if end.isOver(on: today) { return .error(name, words, do: remedy) }
        return end.date.year - today.year > warnsYears ? .ok(name, words) : .warning(name, words, do: remedy)
    }

    /// Whether the network shows callers' numbers, and lets ours be hidden.
    static let callerNumbers = DoctorCheck("caller_numbers") { facts in
        let asked = facts.surveyed.compactMap { modem, _ in
            modem.diagnosis.flatMap { verdict(onNumbers: $0, modem.name) { modem.command($0) } }
        }
        let served = (facts.service?.callerNumbers ?? [:]).sorted { $0.key < $1.key }
            .compactMap { name, diagnosis in
                verdict(onNumbers: diagnosis, name) { "gsmbridge at \(name) '\($0)'" }
            }
        return asked + served
    }

    private static func verdict(
        onNumbers diagnosis: ModemDiagnosis,
        _ name: String,
        _ command: (String) -> String
    ) -> Verdict? {
        if diagnosis.callerShown == false {
            return .warning(
                name,
                "the network shows this card no callers' numbers: PBXs that call are not recognised",
                do: "have the operator add CLIP to the contract; \(command("AT+CLIP?"))"
            )
        }
        let shown = diagnosis.callerShown == true ? "callers' numbers are shown" : nil
        let hidden: String? =
            switch diagnosis.hiding {
            case .never: "our number can't be hidden"
            case .onDemand: "our number can be hidden (dial --hide-number)"
            case .always: nil
            case nil: nil
            }
        if diagnosis.hiding == .always {
            return .warning(
                name,
                "the subscription hides our number in every call: a PBX that knows callers by it takes none",
                do: "have the operator change CLIR; \(command("AT+CLIR?"))"
            )
        }
        let words = [shown, hidden].compactMap(\.self)
        return words.isEmpty ? nil : .ok(name, words.joined(separator: "; "))
    }

    /// Whether the modem hears the network well.
    static let signal = DoctorCheck("signal") { facts in
        facts.surveyed.compactMap { modem, survey in
            guard survey.sim == .ready, let signal = survey.signal else { return nil }
            // Below, calls are hard to set up and drop; on LTE some modems tell the reference signal, 25 dB lower.
            let isLTE = survey.technology == 7
            let weak = isLTE ? -118 : -105
            guard signal <= weak else { return .ok(modem.name, "received with \(signal) dBm") }
            return .warning(
                modem.name,
                "received with \(signal) dBm only: calls are hard to set up and drop",
                do: "move the antenna or the stick (a USB extension helps); \(modem.command("AT+CSQ"))"
            )
        }
    }
}

extension DoctorFacts {
    /// The modems that said something.
    fileprivate var surveyed: [(Modem, ModemSurvey)] { modems.compactMap { modem in modem.survey.map { (modem, $0) } } }
}

extension DoctorFacts.Modem {
    /// A command line that asks this modem.
    fileprivate func command(_ commands: String...) -> String {
        let words = commands.map { text in
            text.contains { "\"?*;&|<>()$ ".contains($0) } ? "'\(text)'" : text
        }
        return "gsmbridge at \(tty ?? name) \(words.joined(separator: " "))"
    }
}

extension [String] {
    /// The same without a last one that repeats the first.
    fileprivate var removingRepetition: [String] { count == 2 && first == last ? [self[0]] : self }
}
