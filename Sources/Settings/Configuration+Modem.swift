package import CallModel
package import DialPlan
internal import TextCoding

extension Configuration {
    /// What is set for one modem.
    package struct Modem: Sendable {
        /// Its name: letters, digits, `-` and `_`.
        package var name: String
        /// How it is recognised.
        package var match: Match
        /// The number of its SIM, where that is told to PBXs that call it back.
        package var number: PhoneNumber?
        /// Where its SIM's PIN is found, if it has one.
        package var pin: SecretReference?
        /// The speed of its tty in bits per second; USB sticks ignore it.
        package var baud: UInt32 = 115_200
        /// Whether RTS and CTS pace its tty.
        package var hardwareFlowControl = false
        /// How the sound of its calls comes to this box, and who hears it.
        package var audio = ModemAudio()
        /// The tariff of its SIM, by its name below `tariffs`.
        package var tariff: String?
        /// The tariff of its SIM in networks abroad.
        package var roamingTariff: String?
        /// What calls over it may use up.
        package var limits = UsageLimits()
        /// How many messages its SIM may send, beside what `messages` says for all.
        package var messages = MessageBounds()
        /// How its balance is asked for; nil where it is not.
        package var balance: Balance?

        /// A modem of which nothing is set but how it is recognised.
        package init(name: String, match: Match) {
            self.name = name
            self.match = match
        }

        /// How a modem is recognised.
        package typealias Match = ModemMatch

        /// The tty to open, when the modem is recognised by it; others must be discovered.
        package var tty: String? {
            if case .tty(let path) = match { return path }
            return nil
        }

        /// Reads the SIM's PIN each time it is called; nil when none is configured.
        ///
        /// Fits `ModemSession.BringUp.pin`; what it throws is a ``SecretError``.
        package func pinProvider(in environment: ConfigurationEnvironment) -> (@Sendable () throws -> String)? {
            guard let pin else { return nil }
            return { try pin.read(in: environment).reveal() }
        }
    }
}

extension Configuration.Modem.Match {
    /// Whether two entries would claim the same modem.
    fileprivate func collides(with other: Self) -> Bool {
        switch other {
        case .imei(let imei): accepts(imei: imei.digits)
        case .iccid(let iccid): accepts(iccid: iccid.digits)
        case .usbPath(let path): accepts(usbPath: path)
        case .tty(let path): accepts(tty: path)
        }
    }

    /// The mark as it is shown.
    fileprivate var text: String {
        switch self {
        case .imei(let imei): imei.digits
        case .iccid(let iccid): iccid.digits
        case .usbPath(let path), .tty(let path): path
        }
    }

    /// Bus, `-`, and the ports on the way with dots between them, as the kernel names USB devices.
    fileprivate static func usbPath(from text: String) -> Self? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 32 else { return nil }
        let numbers = [parts[0]] + parts[1].split(separator: ".", omittingEmptySubsequences: false)
        let areNumbers = numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
        return areNumbers ? .usbPath(text) : nil
    }
}

// MARK: Its keys

extension SettingRow<Configuration> {
    static var modems: Self {
        .named("modems", \.modems, .modem) { reader, section, modem, others in
            guard let other = others.first(where: { $0.match.collides(with: modem.match) }) else { return }
            reader.report(
                "it matches the same modem as modems.\(other.name)",
                "give each modem a match of its own",
                at: "match",
                in: section
            )
        }
        .help("every usable modem is taken by itself; an entry here gives one a name, a PIN or settings")
        .entries([
            ("o2", ["match", "number", "pin"]),
            (
                "serial",
                [
                    "match: { tty: /dev/ttyUSB2 }", "tariff", "roaming_tariff", "limits", "messages", "balance",
                    "audio",
                    "baud", "rtscts",
                ]
            ),
        ])
    }
}

extension SettingTable<Configuration.Modem> {
    static var modem: Self {
        let match = SettingRow.block("match", \Configuration.Modem.Match?.self) { _ in .match }
            .needed("the modem has no match", "write 'match: { imei: \"...\" }', or iccid, usb_path or tty")
            .example("{ imei: \"353535011111116\" }")
            .help("what the modem is recognised by, each by another: one of `imei`, `iccid`, `usb_path` and `tty`")
        let rows: [SettingRow<Configuration.Modem>] = [
            .optional("number", \.number, .phoneNumber).example("\"+4915112345678\"")
                .help("the number of its SIM, for callbacks; of one modem alone `own_number` of the PBX will do"),
            .secret("pin", \.pin, .simPIN).example("{ credential: sim-pin }")
                .help("the SIM's PIN; it is tried once, and after a refusal not again until somebody has looked at it"),
            .value("baud", \.baud, .baud)
                .help("the speed of a real serial line as termios knows them; USB sticks ignore it"),
            .value("rtscts", \.hardwareFlowControl, .flag)
                .help("whether RTS and CTS pace a real serial line; most sticks leave CTS unwired"),
            .section("audio", \.audio, .modemAudio).example("{ tty: /dev/ttyUSB1 }")
                .help("the sound of its calls: how it comes to this box, and who hears it"),
            .optional("tariff", \.tariff, .tariff).example("basic")
                .help("what the calls of its SIM cost: the name of an entry of `tariffs`"),
            .optional("roaming_tariff", \.roamingTariff, .tariff).example("abroad").help("the same in networks abroad"),
            .section("limits", \.limits, .limits).example("{ max_calls_per_day: 50 }")
                .help("what calls over this modem may use up: the `max_…` keys of `policy`, but `max_duration`"),
            .section("messages", \.messages, .messageBounds).example("{ max_per_month: 50 }")
                .help("how many messages its SIM may send: `max_…` keys and `price` as in `messages`"),
            .block("balance", \.balance) { _ in .balance }
                .example("{ ask: \"*100#\", find: '([0-9]+,[0-9]{2}) EUR' }")
                .help("how the balance of its SIM is asked for; events `sim.balance` and `sim.balance_low` tell it"),
        ]
        return Self(needs: match, { Configuration.Modem(name: $1.name, match: $0) }, rows)
    }
}

extension SettingTable<Configuration.Modem.Match> {
    fileprivate static var match: Self {
        let rows: [SettingRow<Configuration.Modem.Match>] = [
            .mark("imei", .imei).help("the modem's own number; only its first 14 digits count"),
            .mark("iccid", .iccid).help("the number of the SIM in it"),
            .mark("usb_path", .usbPath).help("the USB socket, as it is called in `/sys/bus/usb/devices`"),
            .mark("tty", .tty).help("the tty of its command port, which is opened as it is"),
        ]
        return Self(
            { _, _ in nil },
            rows,
            check: { reader, section, _ in
                let given = section.entries.filter { entry in rows.contains { $0.description.name == entry.name } }
                let (key, list) = (section.path, "one of imei, iccid, usb_path and tty")
                if section.entries.isEmpty {
                    reader.report("it says nothing", "give \(list)", key: key, line: section.line)
                }
                guard given.count > 1 else { return }
                reader.report("more than one mark for one modem", "keep \(list)", key: key, line: given[1].line)
            }
        )
    }
}

extension SettingRow<Configuration.Modem.Match> {
    /// One mark, which is all that there is.
    fileprivate static func mark(_ name: String, _ form: ConfigurationForm<Owner>) -> Self {
        Self(name, form.words) { reader, section, match in
            if let value = reader.value(name, in: section, as: form) { match = value }
        }
    }
}

// MARK: Forms

extension ConfigurationForm<Configuration.Modem.Match> {
    fileprivate static var imei: Self {
        let remedy = "write its 14 to 16 digits, as 'gsmbridge modems' shows it"
        return Self("14 to 16 digits", "an IMEI", remedy) { IMEI($0).map { .imei($0) } }
    }

    fileprivate static var iccid: Self {
        let remedy = "write its 18 to 22 digits without spaces, as 'gsmbridge modems' shows it"
        return Self("18 to 22 digits", "the number of a SIM", remedy) { ICCID($0).map { .iccid($0) } }
    }

    fileprivate static var usbPath: Self {
        let remedy = "write it as in /sys/bus/usb/devices, such as 1-1.4"
        return Self("such as `1-1.4`", "a USB socket", remedy, Value.usbPath(from:))
    }

    fileprivate static var tty: Self {
        Self("path", shownAs: \.text) { written throws(Complaint) in
            .tty(try ConfigurationForm<String>.absolutePath().read(written))
        }
    }

    private init(_ words: String, _ what: String, _ remedy: String, _ read: @escaping (String) -> Value?) {
        self.init(words, shownAs: \.text) { written throws(Complaint) in
            guard let match = read(written.text) else {
                throw Complaint("\(Spelling.quoted(written.text)) is not \(what)", remedy)
            }
            return match
        }
    }
}

extension ConfigurationForm<UInt32> {
    /// A speed of a tty.
    fileprivate static var baud: Self {
        let number = ConfigurationForm<Int>.number(in: 300...4_000_000)
        return Self(
            "number",
            show: { .number(Int($0)) },
            read: { written throws(Complaint) in
                let baud = UInt32(clamping: try number.read(written))
                guard speeds.contains(baud) else {
                    let list = speeds.map(String.init).joined(separator: " ")
                    throw Complaint("no tty has the speed \(baud)", "take one of \(list)")
                }
                return baud
            }
        )
    }

    /// The speeds that a Linux tty knows by name (termios(3)).
    private static var speeds: [UInt32] {
        [
            300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000,
            921_600, 1_000_000, 1_152_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_000_000,
        ]
    }
}
