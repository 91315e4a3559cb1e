internal import CallModel

extension ModemDriver {
    /// Quectel UC15/UC20, EC20 to EC25, EG25-G, EG91/95, EP06 and relatives.
    ///
    /// No progress is reported unless `ccinfo` (or, on older firmware, `^DSCI`) is switched on, and none arrives here
    /// unless the reports are routed to this port.
    static let quectel: ModemDriver = {
        var driver = ModemDriver("quectel", words: "quectel")
        driver.messages = [
            "+QIND": { indication($0) },
            "^DSCI": { callStatus(Fields($0)) },
            "+QSIMSTAT": { .card(isPresent: Fields($0)[1].int) },
            "+QCSQ": { $0.isEmpty ? nil : .signal(dBm: SignalStrength(qcsq: Fields($0)).dBm) },
            "+QTONEDET": { .digit(code: Fields($0)[0].int) },
            "+RXDTMF": { .digit(Fields($0)[0]) },
            // `<takes sound>,<port>`: 0 asks for a pause, 1 for more (callpilot, audio_bridge.py).
            "+QPCMV": { Fields($0)[0].int.map { .soundPaused($0 == 0) } },
        ]
        driver.chatter = ["+QLDTMF", "+QURC", "+QUSIM"]
        driver.setUp = [
            ATCommand("AT+QURCCFG=\"urcport\",\"all\""),
            ATCommand("AT+QINDCFG=\"ccinfo\",1,0"),
            ATCommand("AT^DSCI=1"),
            ATCommand("AT+QSIMSTAT=1"),
            ATCommand("AT+QTONEDET=1"),
        ]
        driver.digits = [.quoted, .plain]
        driver.hangUp = [
            .command(.hangUp), .command(ATCommand("AT+QHUP=16", within: .seconds(10))), .hook, .releaseIndexed,
            .radioCycle,
        ]
        driver.cardNumber = [.query("AT+QCCID"), .query("AT+CCID")]
        driver.volte = volte
        driver.pinTries = ATCommand("AT+QPINC?", reply: .prefixes(["+QPINC:"]))
        driver.sound = [pcm(.card, port: 2), pcm(.tty, port: 0)]
        driver.sources = "chan_quectel, gsm-sip-bridge, ModemManager; Quectel EC25 and UGxx AT manuals"
        driver.caveats = [
            "calls in LTE need IMS: `gsmbridge volte MODEM`",
            "UC15, UC20 and M10 have no LTE",
        ]
        return driver
    }()

    /// The operator's profile is chosen by the card, then IMS is forced on: some firmware says ERROR to that and does it all the same.
    private static let volte: VoiceOverLTEWay = {
        var way = VoiceOverLTEWay()
        let question = ATCommand.query("AT+QCFG=\"ims\"")
        way.questions = [question, .query("AT+CIREG?")]
        way.enable = [ATCommand("AT+QMBNCFG=\"AutoSel\",1"), ATCommand("AT+QCFG=\"ims\",1")]
        way.before = [.query("AT+QMBNCFG=\"AutoSel\""), question]
        way.readBack = question
        way.needsRestart = true
        way.caveats = [
            "the profile ROW_Generic_3GPP keeps IMS off: where it is active, AT+QMBNCFG=\"Deactivate\" comes first",
            "an operator that bars data for the card bars its VoLTE too",
            "UC15 and UC20 have 2G and 3G only; EC200 modules count restarts: at most 30 a day",
        ]
        way.source = "gsm-sip-bridge docs/ec20-volte-setup.md; asterisk-chan-quectel HOMENICHAT.md"
        return way
    }()

    /// PCM over the USB sound card (port 2) or over the NMEA tty (port 0).
    ///
    /// What was on in an earlier call reads back as on and carries nothing, so it is switched off first in each call
    /// (chan_quectel, callpilot). The module's echo canceller only spoils what has no echo (gsm-sip-bridge); it is on again after
    /// a restart. Positions would come over the NMEA tty too.
    private static func pcm(_ carrier: SoundWay.Carrier, port: Int) -> SoundWay {
        var way = SoundWay(carrier)
        way.prepare = [ATCommand("AT+QEEC=2,0")]
        if carrier == .tty { way.prepare.append(ATCommand("AT+QGPSCFG=\"outport\",\"none\"")) }
        way.arm = [ATCommand("AT+QPCMV=0"), ATCommand("AT+QPCMV=1,\(port)")]
        way.attempts = 3
        way.disarm = [ATCommand("AT+QPCMV=0")]
        return way
    }

    /// Reads `+QIND: "<what>",…`, or `+QIND: SMS DONE`; `ccinfo` has the states of `+CLCC`, and -1 for a call that is gone.
    private static func indication(_ list: Bytes) -> Indication? {
        let fields = Fields(list)
        let what = fields[0].bytes
        if what.equals("csq") { return fields[1].int.map { .signal(dBm: SignalStrength(csq: $0).dBm) } }
        if what.equals("SMS DONE") || what.equals("PB DONE") { return .started(stage: what.string) }
        guard what.equals("ccinfo"), let index = fields[1].int, let direction = CallDirection(fields[2]),
            let state = fields[3].int
        else { return nil }
        let mode = fields[4].int ?? 0
        let event = CallReport.Event(listState: state)
        // A call for data or fax is of no interest.
        let isForTalking = event != .ringing || direction == .incoming && (mode == 0 || (3...5) ~= mode)
        let number = phoneNumber(fields[6], type: fields[7].int)
        return .report(
            CallReport(isForTalking ? event : .irrelevant, index: index, direction: direction, number: number)
        )
    }

    /// Reads `^DSCI`, which two makers lay out differently.
    ///
    /// - Quectel: `<id>,<dir>,<stat>,<type>,<number>,<number type>[,<tone info>]`, the states being its own;
    /// - UNISOC (its radio layers parse and log it so): `<id>,<dir>,<stat>,<mode>,<mpty>,<number>,<number type>[,<bearer>,
    ///   <cause>,<transaction>,<subaddress>,<type>]`, the states being those of `+CLCC`.
    ///
    /// A type of number is 128 or more (24.008 §10.5.4.7), so the place where one stands tells them apart.
    private static func callStatus(_ fields: Fields) -> Indication? {
        guard let index = fields[0].int, let direction = CallDirection(fields[1]), let state = fields[2].int else {
            return nil
        }
        let mayBeMultiparty = !fields[4].isQuoted && fields[4].int.map { (0...1).contains($0) } == true
        if mayBeMultiparty, fields.count > 7 || fields[5].isQuoted || fields[6].int.map({ $0 >= 128 }) == true {
            return CallListEntry(fields, numberAt: 5).map { .report(unisocReport($0, cause: fields[8].int)) }
        }
        guard fields.count <= 7 else { return nil }
        let event: CallReport.Event =
            switch state {
            case 1, 3: .connected
            case 2: .dialing
            // Type 0 is a call for talking.
            case 4, 5: direction == .incoming && (fields[3].int ?? 0) == 0 ? .ringing : .irrelevant
            case 6: .ended(CallRelease(kind: .unknown))
            case 7: .alerting
            default: .irrelevant
            }
        let number = phoneNumber(fields[4], type: fields[5].int)
        return .report(CallReport(event, index: index, direction: direction, number: number))
    }

    private static func unisocReport(_ entry: CallListEntry, cause: Int?) -> CallReport {
        var event = CallReport.Event(entry.state)
        if case .ended = event { event = .ended(CallRelease(cause: cause)) }
        let isForTalking = entry.isVoice || event == .ringing && entry.mode == 9
        return CallReport(
            isForTalking ? event : .irrelevant,
            index: entry.index,
            direction: entry.direction,
            number: entry.number
        )
    }
}
