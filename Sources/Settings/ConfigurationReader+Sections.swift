internal import CallModel
internal import DialPlan

/// The blocks of the file, one function each.
extension ConfigurationReader {
    mutating func readGateway(
        _ section: ConfigurationSection,
        region standardRegion: Region
    ) -> Configuration.Gateway {
        Configuration.Gateway(
            name: value("name", in: section, default: environment.defaultName, as: .line(longest: 64)),
            region: value("region", in: section, default: standardRegion, as: .region),
            stateDirectory: value(
                "state_dir",
                in: section,
                default: environment.defaultStateDirectory,
                as: .absolutePath()
            ),
            // sockaddr_un has room for 108 bytes, one of them the end.
            socket: value("socket", in: section, default: environment.defaultSocket, as: .absolutePath(longest: 107)),
            queuesFor: value(
                "queue_for",
                in: section,
                default: .seconds(60),
                as: .duration(.seconds(0) ... .seconds(600))
            ),
            grace: value("grace", in: section, default: .seconds(10), as: .duration(.seconds(0) ... .seconds(3600))),
            modemChoice: value("modem_choice", in: section, default: .bestSignal, as: .choice),
            unknownCallers: value("unknown_callers", in: section, default: .ignore, as: .choice),
            afterCrash: value("after_crash", in: section, default: .hangUp, as: .choice)
        )
    }

    mutating func readPolicy(_ section: ConfigurationSection) -> Configuration.Policy {
        let classes = readClasses(section)
        return Configuration.Policy(
            dialPolicy: classes,
            maxDuration: value(
                "max_duration",
                in: section,
                default: .seconds(3600),
                as: .duration(.seconds(1) ... .seconds(86_400))
            ),
            maxCallsPerHour: value("max_calls_per_hour", in: section, default: 20, as: .number(in: 1...3600)),
            limits: readLimits(section, hasHours: false),
            quietHours: list("quiet_hours", in: section, default: [], as: .quietHours),
            prefer: list("prefer", in: section, default: [], as: .choice),
            currency: value("currency", in: section, default: "EUR", as: .currency)
        )
    }

    mutating func readModems(
        _ entries: [ConfigurationSection.Entry],
        region: Region,
        tariffs: [String]
    ) -> [Configuration.Modem] {
        var modems: [Configuration.Modem] = []
        for entry in entries {
            let path = "modems.\(entry.name)"
            guard let section = section(entry.node, path: path, line: entry.line, keys: ConfigurationKeys.modem) else {
                continue
            }
            let match = readMatch(section, line: entry.line)
            if let match, let other = modems.first(where: { $0.match.collides(with: match) }) {
                report(
                    "it matches the same modem as modems.\(other.name)",
                    "give each modem a match of its own",
                    key: path + ".match",
                    line: section["match"]?.line
                )
            }
            let number = value("number", in: section, as: .phoneNumber(region))
            let pin = secret("pin", in: section, for: .simPIN)
            let baud = value("baud", in: section, default: 115_200, as: .baud)
            let flow = value("rtscts", in: section, default: false, as: .flag)
            let tariff = value("tariff", in: section, as: .tariff(among: tariffs))
            let roamingTariff = value("roaming_tariff", in: section, as: .tariff(among: tariffs))
            let limits = self.section("limits", in: section, keys: ConfigurationKeys.limits)
                .map { readLimits($0, hasHours: true) }
            guard let match else { continue }
            var modem = Configuration.Modem(name: entry.name, match: match)
            modem.number = number
            modem.pin = pin
            modem.baud = UInt32(clamping: baud)
            modem.hardwareFlowControl = flow
            modem.tariff = tariff
            modem.roamingTariff = roamingTariff
            modem.limits = limits ?? UsageLimits()
            modems.append(modem)
        }
        return modems
    }

    private mutating func readMatch(_ modem: ConfigurationSection, line: Int) -> Configuration.Modem.Match? {
        let path = modem.path(of: "match")
        guard modem["match"] != nil else {
            report(
                "the modem has no match",
                "write 'match: { imei: \"...\" }', or iccid, usb_path or tty",
                key: path,
                line: line
            )
            return nil
        }
        guard let section = section("match", in: modem, keys: ConfigurationKeys.match) else { return nil }
        let given = section.entries.filter { ConfigurationKeys.match.contains($0.name) }
        guard let first = given.first else {
            if section.entries.isEmpty {
                report("it says nothing", "give one of imei, iccid, usb_path and tty", key: path, line: section.line)
            }
            return nil
        }
        if given.count > 1 {
            report(
                "more than one mark for one modem",
                "keep one of imei, iccid, usb_path and tty",
                key: path,
                line: given[1].line
            )
        }
        return value(first.name, in: section, as: .match(first.name))
    }
}

extension ConfigurationForm<Int> {
    /// A speed of a tty.
    fileprivate static var baud: Self {
        number(in: 300...4_000_000)
            .checked { baud throws(Complaint) in
                guard speeds.contains(baud) else {
                    let list = speeds.map(String.init).joined(separator: " ")
                    throw Complaint("no tty has the speed \(baud)", "take one of \(list)")
                }
            }
    }

    /// The speeds that a Linux tty knows by name (termios(3)).
    private static var speeds: [Int] {
        [
            300, 600, 1200, 2400, 4800, 9600, 19_200, 38_400, 57_600, 115_200, 230_400, 460_800, 500_000, 576_000,
            921_600, 1_000_000, 1_152_000, 1_500_000, 2_000_000, 2_500_000, 3_000_000, 3_500_000, 4_000_000,
        ]
    }
}

extension ConfigurationForm<Configuration.Modem.Match> {
    /// What a modem is recognised by.
    ///
    /// - Parameter kind: the key: `imei`, `iccid`, `usb_path` or `tty`.
    fileprivate static func match(_ kind: String) -> Self {
        Self(shownAs: \.shown) { written throws(Complaint) in
            let quoted = Spelling.quoted(written.text)
            switch kind {
            case "imei":
                guard let imei = IMEI(written.text) else {
                    throw Complaint(
                        "\(quoted) is not an IMEI",
                        "write its 14 to 16 digits, as 'gsmbridge modems' shows it"
                    )
                }
                return .imei(imei)
            case "iccid":
                guard let iccid = ICCID(written.text) else {
                    throw Complaint(
                        "\(quoted) is not the number of a SIM",
                        "write its 18 to 22 digits without spaces, as 'gsmbridge modems' shows it"
                    )
                }
                return .iccid(iccid)
            case "usb_path":
                guard isUSBPath(written.text) else {
                    throw Complaint(
                        "\(quoted) is not a USB socket",
                        "write it as in /sys/bus/usb/devices, such as 1-1.4"
                    )
                }
                return .usbPath(written.text)
            default:
                return .tty(try ConfigurationForm<String>.absolutePath().read(written))
            }
        }
    }

    /// Bus, `-`, and the ports on the way with dots between them, as the kernel names USB devices.
    private static func isUSBPath(_ text: String) -> Bool {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 32 else { return false }
        let numbers = [parts[0]] + parts[1].split(separator: ".", omittingEmptySubsequences: false)
        return numbers.allSatisfy { !$0.isEmpty && $0.utf8.allSatisfy { (0x30...0x39).contains($0) } }
    }
}

extension Configuration.Modem.Match {
    /// The mark as it is shown.
    fileprivate var shown: String {
        switch self {
        case .imei(let imei): imei.digits
        case .iccid(let iccid): iccid.digits
        case .usbPath(let path), .tty(let path): path
        }
    }
}
