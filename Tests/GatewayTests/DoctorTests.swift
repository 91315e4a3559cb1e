import ATProtocol
import DeviceDiscovery
import FoundationEssentials
import SerialPort
import Testing

@testable import Gateway
@testable import Modem

/// A row of a table: what is the case, and what the doctor says about it.
private struct Row: Sendable, CustomTestStringConvertible {
    let name: String
    let facts: DoctorFacts
    /// Severity, check, and a part of the line; nil when nothing is to be said.
    let expected: (DoctorFinding.Severity, String, String)?

    init(
        _ name: String,
        _ expected: (DoctorFinding.Severity, String, String)?,
        _ change: (inout DoctorFacts) -> Void
    ) {
        self.name = name
        self.expected = expected
        var facts = DoctorFacts(user: DoctorFacts.User(name: "anna", id: 1000))
        change(&facts)
        self.facts = facts
    }

    var testDescription: String { name }
}

@Suite struct DoctorTests {
    private static func expect(_ row: Row, in check: DoctorCheck, _ location: SourceLocation = #_sourceLocation) {
        let findings = check.findings(row.facts)
        guard let (severity, name, part) = row.expected else {
            #expect(findings == [], sourceLocation: location)
            return
        }
        guard let finding = findings.first, findings.count == 1 else {
            Issue.record("findings: \(findings)", sourceLocation: location)
            return
        }
        #expect(finding.severity == severity, sourceLocation: location)
        #expect(finding.check == name, sourceLocation: location)
        #expect("\(finding)".contains(part), "\(finding)", sourceLocation: location)
        // What is wrong has a way out.
        #expect(severity == .ok || finding.remedy != nil, sourceLocation: location)
    }

    // MARK: The box

    private static let box: [Row] = [
        Row("no clock was looked at", nil) { _ in },
        Row("a clock without a battery", (.error, "clock", "the year 1970; do: sudo timedatectl set-ntp true")) {
            $0.clock = DoctorFacts.Clock(year: 1970, isSynchronised: true)
        },
        Row("a clock that nothing keeps", (.warning, "clock", "not synchronised")) {
            $0.clock = DoctorFacts.Clock(year: 2026, isSynchronised: false)
        },
        Row("a clock that can't be asked", nil) { $0.clock = DoctorFacts.Clock(year: 2026, isSynchronised: nil) },
        Row("a good clock", (.ok, "clock", "synchronised")) {
            $0.clock = DoctorFacts.Clock(year: 2025, isSynchronised: true)
        },
    ]

    @Test("the clock", arguments: box) fileprivate func clock(_ row: Row) { Self.expect(row, in: .clock) }

    private static func directory(
        exists: Bool = true,
        isWritable: Bool,
        owner: String? = "root",
        free: UInt64? = 5_000_000_000
    ) -> DoctorFacts.StateDirectory {
        DoctorFacts.StateDirectory(
            path: "/var/lib/gsmbridge",
            exists: exists,
            isWritable: isWritable,
            owner: owner,
            freeBytes: free
        )
    }

    private static let directories: [Row] = [
        Row("not looked at", nil) { _ in },
        Row("writable", (.ok, "state_directory", "writable")) { $0.stateDirectory = directory(isWritable: true) },
        Row("to be made", (.ok, "state_directory", "will be created")) {
            $0.stateDirectory = directory(exists: false, isWritable: true)
        },
        Row("can't be made", (.error, "state_directory", "sudo install -d -o anna -m 750 /var/lib/gsmbridge")) {
            $0.stateDirectory = directory(exists: false, isWritable: false, owner: nil)
        },
        Row("somebody else's", (.error, "state_directory", "it belongs to root")) {
            $0.stateDirectory = directory(isWritable: false)
        },
        Row("the service's, seen by somebody else", (.ok, "state_directory", "belongs to the service")) {
            $0.stateDirectory = directory(isWritable: false, owner: "gsmbridge")
        },
        Row("the service's, and it can't write", (.error, "state_directory", "gsmbridge can't write there")) {
            $0.user = DoctorFacts.User(name: "gsmbridge", id: 990)
            $0.stateDirectory = directory(isWritable: false, owner: "gsmbridge")
        },
        Row("not the service's", (.error, "state_directory", "install -d -o gsmbridge")) {
            $0.stateDirectory = directory(isWritable: false)
            $0.service = DoctorFacts.Service(socket: "/s", answer: .absent, hasUnit: true)
        },
    ]

    @Test("the state directory", arguments: directories)
    fileprivate func stateDirectory(_ row: Row) { Self.expect(row, in: .stateDirectory) }

    @Test(
        "the disk",
        arguments: [
            (nil, nil), (0, .error), (19_999_999, .error), (20_000_000, .warning), (199_999_999, .warning),
            (200_000_000, .ok),
        ] as [(UInt64?, DoctorFinding.Severity?)]
    )
    func disk(_ free: UInt64?, _ severity: DoctorFinding.Severity?) {
        var facts = DoctorFacts(user: DoctorFacts.User(name: "anna", id: 1000))
        facts.stateDirectory = Self.directory(isWritable: true, free: free)
        #expect(DoctorCheck.disk.findings(facts).map(\.severity) == [severity].compactMap(\.self))
    }

    private static func service(_ answer: DoctorFacts.Service.Answer, hasUnit: Bool = true) -> DoctorFacts.Service {
        DoctorFacts.Service(socket: "/run/gsmbridge/control.sock", answer: answer, hasUnit: hasUnit)
    }

    private static let services: [Row] = [
        Row("not looked at", nil) { _ in },
        Row("running", (.ok, "service", "running")) { $0.service = service(.reachable) },
        Row("not installed", (.ok, "service", "not installed")) { $0.service = service(.absent, hasUnit: false) },
        Row("not running", (.warning, "service", "systemctl enable --now gsmbridge")) { $0.service = service(.absent) },
        Row("dead", (.error, "service", "systemctl restart gsmbridge")) { $0.service = service(.deserted) },
        Row("not for us", (.error, "service", "do: sudo adduser anna phone ")) {
            $0.service = service(.denied(group: "phone"))
        },
        Row("not for us, group unknown", (.error, "service", "do: sudo adduser anna gsmbridge ")) {
            $0.service = service(.denied(group: nil))
        },
        Row("something else", (.error, "service", "(errno 40)")) { $0.service = service(.failed(errno: 40)) },
    ]

    @Test("the service", arguments: services) fileprivate func service(_ row: Row) { Self.expect(row, in: .service) }

    private static let problem = ConfigurationProblem(
        file: "/etc/g.yaml",
        line: 7,
        key: "pbx.office.url",
        message: "it is no address",
        remedy: "write it as https://…"
    )

    private static let configurations: [Row] = [
        Row("not looked at", nil) { _ in },
        Row("no file", (.ok, "configuration", "there is no file")) {
            $0.configuration = DoctorFacts.ConfigurationState(file: nil)
        },
        Row("valid", (.ok, "configuration", "/etc/g.yaml: valid")) {
            $0.configuration = DoctorFacts.ConfigurationState(file: "/etc/g.yaml")
        },
        Row("wrong", (.error, "configuration", "/etc/g.yaml:7: pbx.office.url: it is no address; do: write it")) {
            $0.configuration = DoctorFacts.ConfigurationState(file: nil, problems: [problem])
        },
    ]

    @Test("the configuration", arguments: configurations)
    fileprivate func configuration(_ row: Row) { Self.expect(row, in: .configuration) }

    private static func credential(
        path: String? = "/etc/c/pin",
        mode: UInt32? = nil,
        isAbsent: Bool = false
    ) -> DoctorFacts.ConfigurationState {
        let credential = DoctorFacts.Credential(
            name: "pin",
            key: "modems.o2.pin",
            path: path,
            mode: mode,
            isAbsent: isAbsent
        )
        return DoctorFacts.ConfigurationState(file: "/etc/g.yaml", credentials: [credential])
    }

    private static let credentialRows: [Row] = [
        Row("none", nil) { $0.configuration = DoctorFacts.ConfigurationState(file: nil) },
        Row("no unit loads it", (.warning, "credentials", "LoadCredential=pin:/etc/gsmbridge/credentials/pin")) {
            $0.configuration = credential(path: nil)
        },
        Row("its file is missing", (.error, "credentials", "/etc/c/pin, which does not exist")) {
            $0.configuration = credential(isAbsent: true)
        },
        Row("others can read it", (.error, "credentials", "do: sudo chmod 600 /etc/c/pin")) {
            $0.configuration = credential(mode: 0o644)
        },
        Row("private", (.ok, "credentials", "loaded from /etc/c/pin")) { $0.configuration = credential(mode: 0o600) },
        Row("not to be seen", (.ok, "credentials", "loaded from /etc/c/pin")) { $0.configuration = credential() },
    ]

    @Test("credentials", arguments: credentialRows) fileprivate func credentials(_ row: Row) {
        Self.expect(row, in: .credentials)
    }

    @Test("secrets that can't be read are errors")
    func secrets() {
        let state = DoctorFacts.ConfigurationState(file: "/etc/g.yaml", secretProblems: [Self.problem])
        let row = Row("secret", (.error, "secrets", "it is no address; do:")) { $0.configuration = state }
        Self.expect(row, in: .secrets)
    }

    @Test("PBXs are judged by whoever has asked them")
    func pbx() {
        let rows = [
            Row("asked nobody", nil) { _ in },
            Row("reachable", (.ok, "pbx", "PBX office: reachable")) {
                $0.pbx = [DoctorFacts.PBX(name: "office", trouble: nil, remedy: nil)]
            },
            Row("not", (.error, "pbx", "PBX office: no route; do: ping pbx")) {
                $0.pbx = [DoctorFacts.PBX(name: "office", trouble: "no route", remedy: "ping pbx")]
            },
        ]
        for row in rows { Self.expect(row, in: .pbx) }
    }

    // MARK: The sticks

    private static func stick(
        _ condition: Condition = .usable,
        id: USBID = USBID(vendor: 0x2C7C, product: 0x0125),
        properties: [String: String] = [:],
        power: String? = "on"
    ) -> DoctorFacts.Stick {
        DoctorFacts.Stick(
            usb: USBModem(path: "1-1", sysPath: "/sys/devices/1-1", id: id, name: "EC25", condition: condition),
            properties: properties,
            powerControl: power
        )
    }

    private static func udev(rules: String? = "/lib/r", manager: Bool = true, daemon: Bool = true) -> DoctorFacts.Udev {
        DoctorFacts.Udev(daemonRuns: daemon, rules: rules, modemManagerRuns: manager)
    }

    private static let stickRows: [Row] = [
        Row("the bus was not looked at", nil) { _ in },
        Row("none", (.error, "sticks", "lsusb")) { $0.sticks = [] },
        Row("none, but a tty that was named", nil) {
            $0.sticks = []
            $0.modems = [DoctorFacts.Modem(name: "/dev/ttyS0", tty: "/dev/ttyS0")]
        },
        Row("usable", (.ok, "sticks", "1-1 EC25: usable")) { $0.sticks = [stick()] },
        Row("storage mode", (.error, "sticks", "usb_modeswitch -v 12d1 -p 1446 -J")) {
            $0.sticks = [stick(.storage, id: USBID(vendor: 0x12D1, product: 0x1446))]
        },
        Row("no driver", (.error, "sticks", "modprobe option")) { $0.sticks = [stick(.driverMissing)] },
        Row("HiLink", (.warning, "sticks", "HiLink")) { $0.sticks = [stick(.networkOnly)] },
        Row("for data only", (.warning, "sticks", "no voice; do: use another stick")) {
            $0.sticks = [stick(.dataOnly("no voice"))]
        },
        Row("a serial adapter only", (.error, "sticks", "no modem on the USB bus")) {
            $0.sticks = [stick(.serialAdapter)]
        },
    ]

    @Test("sticks", arguments: stickRows) fileprivate func sticks(_ row: Row) { Self.expect(row, in: .sticks) }

    private static let managers: [Row] = [
        Row("ModemManager does not run", nil) {
            $0.udev = udev(manager: false)
            $0.sticks = [stick()]
        },
        Row("kept off", (.ok, "modem_manager", "leaves it alone")) {
            $0.udev = udev()
            $0.sticks = [stick(properties: ["ID_MM_DEVICE_IGNORE": "1"])]
        },
        Row("no rules", (.error, "modem_manager", "do: sudo systemctl mask --now ModemManager")) {
            $0.udev = udev(rules: nil)
            $0.sticks = [stick()]
        },
        Row("rules not applied", (.error, "modem_manager", "not been applied to it; do: sudo udevadm control --reload"))
        {
            $0.udev = udev()
            $0.sticks = [stick(properties: ["ID_MM_DEVICE_IGNORE": "0"])]
        },
        Row("an unlisted stick", (.error, "modem_manager", #"ATTRS{idVendor}=="0abc", ATTRS{idProduct}=="0012", "#)) {
            $0.udev = udev()
            $0.sticks = [stick(id: USBID(vendor: 0x0ABC, product: 0x12))]
        },
        Row("a stick that is not ours", nil) {
            $0.udev = udev()
            $0.sticks = [stick(.excluded)]
        },
    ]

    @Test("ModemManager", arguments: managers) fileprivate func modemManager(_ row: Row) {
        Self.expect(row, in: .modemManager)
    }

    private static let ruleFiles: [Row] = [
        Row("no udev here", nil) { $0.udev = udev(rules: nil, daemon: false) },
        Row("not installed", (.warning, "udev_rules", "sudo cp udev-rules/70-gsmbridge.rules")) {
            $0.udev = udev(rules: nil)
        },
        Row("installed", (.ok, "udev_rules", "/lib/r")) { $0.udev = udev() },
    ]

    @Test("udev rules", arguments: ruleFiles) fileprivate func rules(_ row: Row) { Self.expect(row, in: .rules) }

    private static let powers: [Row] = [
        Row("unknown", nil) { $0.sticks = [stick(power: nil)] },
        Row("awake", (.ok, "usb_power", "no autosuspend")) { $0.sticks = [stick(power: "on")] },
        Row("may sleep", (.warning, "usb_power", "tee /sys/devices/1-1/power/control")) {
            $0.sticks = [stick(power: "auto")]
        },
        Row("sleeps, and is not ours", nil) { $0.sticks = [stick(.networkOnly, power: "auto")] },
    ]

    @Test("USB power", arguments: powers) fileprivate func power(_ row: Row) { Self.expect(row, in: .power) }

    // MARK: The modems

    private static func modem(failure: SerialError) -> DoctorFacts.Modem {
        DoctorFacts.Modem(name: "1-1 EC25", tty: "/dev/ttyUSB2", failure: failure)
    }

    private static let portRows: [Row] = [
        Row("group", (.error, "ports", "do: sudo adduser anna dialout ")) {
            $0.modems = [modem(failure: .permissionDenied(path: "/dev/ttyUSB2", group: "dialout"))]
        },
        Row("root's", (.error, "ports", "sudo chgrp dialout /dev/ttyUSB2")) {
            $0.modems = [modem(failure: .permissionDenied(path: "/dev/ttyUSB2", group: "root"))]
        },
        Row("ModemManager has it", (.error, "ports", "in use by ModemManager; do: sudo systemctl restart")) {
            $0.modems = [modem(failure: .busy(path: "/dev/ttyUSB2", holder: "ModemManager (process 7), which leaves"))]
        },
        Row(
            "another program has it",
            (.error, "ports", "in use by minicom (process 7); do: sudo fuser -v /dev/ttyUSB2")
        ) {
            $0.modems = [modem(failure: .busy(path: "/dev/ttyUSB2", holder: "minicom (process 7)"))]
        },
        Row("somebody has it", (.error, "ports", "in use by another program")) {
            $0.modems = [modem(failure: .busy(path: "/dev/ttyUSB2", holder: nil))]
        },
        Row("the service has it", (.ok, "ports", "in use by the service")) {
            $0.modems = [modem(failure: .busy(path: "/dev/ttyUSB2", holder: "gsmbridge (process 7)"))]
            $0.service = service(.reachable)
        },
        Row("another gsmbridge has it", (.error, "ports", "in use by gsmbridge (process 7)")) {
            $0.modems = [modem(failure: .busy(path: "/dev/ttyUSB2", holder: "gsmbridge (process 7)"))]
            $0.service = service(.deserted)
        },
        Row("hangs", (.error, "ports", "hangs in open")) {
            $0.modems = [modem(failure: .openTimedOut(path: "/dev/ttyUSB2", limit: .seconds(2)))]
        },
        Row("hung before", (.error, "ports", "hangs in open")) {
            $0.modems = [modem(failure: .stillBlocked(path: "/dev/ttyUSB2"))]
        },
        Row("gone", (.error, "ports", "ls -l /dev/serial/by-id/")) {
            $0.modems = [modem(failure: .notFound(path: "/dev/ttyUSB2"))]
        },
        Row("silent", (.error, "ports", "1-1 EC25, /dev/ttyUSB2: nothing answers AT; do: unplug")) {
            $0.modems = [DoctorFacts.Modem(name: "1-1 EC25", tty: "/dev/ttyUSB2")]
        },
        Row("answers", (.ok, "ports", "/dev/ttyUSB2: answers")) { $0.modems = [modem()] },
    ]

    @Test("ports", arguments: portRows) fileprivate func ports(_ row: Row) { Self.expect(row, in: .ports) }

    private static func registration(
        _ states: [(Registration.Domain, Registration.State)]
    ) -> RegistrationStatus {
        var status = RegistrationStatus()
        for (domain, state) in states { status.update(Registration(domain: domain, state: state, technology: nil)) }
        return status
    }

    private static func modem(
        sim: SIMState? = .ready,
        _ states: [(Registration.Domain, Registration.State)] = [(.circuit, .home)],
        signal: Int? = -71,
        technology: Int? = nil,
        voice: ModemSurvey.Voice = .yes,
        diagnosis: ModemDiagnosis? = nil
    ) -> DoctorFacts.Modem {
        let survey = ModemSurvey(
            identity: ModemIdentity(),
            family: .quectel,
            sim: sim,
            registration: registration(states),
            operatorName: "o2",
            technology: technology,
            signal: signal,
            voice: voice,
            isComplete: true
        )
        return DoctorFacts.Modem(name: "/dev/ttyUSB2", tty: "/dev/ttyUSB2", survey: survey, diagnosis: diagnosis)
    }

    private static let cards: [Row] = [
        Row("ready", (.ok, "sim", "SIM ready")) { $0.modems = [modem()] },
        Row("absent", (.error, "sim", "no SIM card")) { $0.modems = [modem(sim: .absent)] },
        Row("locked", (.error, "sim", "PIN, tries left unknown; do: configure 'pin'")) {
            $0.modems = [modem(sim: .pin)]
        },
        Row("locked with tries", (.error, "sim", "PIN, 3 tries left; do: configure 'pin'")) {
            $0.modems = [modem(sim: .pin, diagnosis: ModemDiagnosis(pinTries: 3))]
        },
        Row("locked with one try", (.error, "sim", "PIN, 1 try left; do: put the card into a phone")) {
            $0.modems = [modem(sim: .pin, diagnosis: ModemDiagnosis(pinTries: 1))]
        },
        Row("blocked", (.error, "sim", "PUK")) { $0.modems = [modem(sim: .puk)] },
        Row("bound", (.error, "sim", "PH-NET PIN")) { $0.modems = [modem(sim: .deviceLock("PH-NET PIN"))] },
        Row("broken", (.error, "sim", "does not work")) { $0.modems = [modem(sim: .failed)] },
        Row("starting", (.warning, "sim", "still starting")) { $0.modems = [modem(sim: .busy)] },
        Row("unclear", (.warning, "sim", "(ERROR); do: gsmbridge at /dev/ttyUSB2 'AT+CPIN?'")) {
            $0.modems = [modem(sim: .other("ERROR"))]
        },
        Row("untold", (.warning, "sim", "does not tell")) { $0.modems = [modem(sim: nil)] },
    ]

    @Test("cards", arguments: cards) fileprivate func card(_ row: Row) { Self.expect(row, in: .card) }

    private static let registrations: [Row] = [
        Row("home", (.ok, "registration", "registered with o2")) { $0.modems = [modem()] },
        Row("roaming", (.warning, "registration", "roaming with o2")) { $0.modems = [modem([(.circuit, .roaming)])] },
        Row("denied", (.error, "registration", "refuses this card")) { $0.modems = [modem([(.circuit, .denied)])] },
        Row("searching", (.error, "registration", "'AT+COPS?'")) { $0.modems = [modem([(.circuit, .searching)])] },
        Row("messages only", (.error, "registration", "messages only")) {
            $0.modems = [modem([(.circuit, .messagesOnlyHome)])]
        },
        Row("nothing", (.error, "registration", "not registered and not searching")) { $0.modems = [modem([])] },
        Row("data only is the next check's", nil) { $0.modems = [modem([(.evolved, .home)])] },
        Row("a locked card has said so already", nil) { $0.modems = [modem(sim: .pin, [(.circuit, .denied)])] },
    ]

    @Test("registrations", arguments: registrations)
    fileprivate func registration(_ row: Row) { Self.expect(row, in: .registration) }

    private static let lte: [(Registration.Domain, Registration.State)] = [(.evolved, .home), (.circuit, .denied)]

    private static let voices: [Row] = [
        Row("yes", (.ok, "voice", "makes calls")) { $0.modems = [modem()] },
        Row("unknown", (.ok, "voice", "does not say")) { $0.modems = [modem(voice: .unknown)] },
        Row("no", (.error, "voice", "for data only")) { $0.modems = [modem(voice: .no)] },
        Row("LTE alone", (.warning, "voice", "without VoLTE")) { $0.modems = [modem(lte)] },
        Row("VoLTE", (.ok, "voice", "VoLTE")) {
            $0.modems = [modem(lte, diagnosis: ModemDiagnosis(ims: IMSState(setting: 1, isRegistered: true)))]
        },
        Row("VoLTE off", (.error, "voice", #"at /dev/ttyUSB2 'AT+QCFG="ims",1' AT+CFUN=1,1"#)) {
            $0.modems = [modem(lte, diagnosis: ModemDiagnosis(ims: IMSState(setting: 2, isRegistered: false)))]
        },
        Row("VoLTE not there yet", (.warning, "voice", "without VoLTE")) {
            $0.modems = [modem(lte, diagnosis: ModemDiagnosis(ims: IMSState(setting: 1, isRegistered: false)))]
        },
        Row("not registered at all", nil) { $0.modems = [modem([])] },
    ]

    @Test("voice", arguments: voices) fileprivate func voice(_ row: Row) { Self.expect(row, in: .voice) }

    private static let radios: [Row] = [
        Row("unknown", nil) { $0.modems = [modem()] },
        Row("on", nil) { $0.modems = [modem(diagnosis: ModemDiagnosis(functionality: 1))] },
        Row("off", (.error, "radio", "says 4); do: gsmbridge at /dev/ttyUSB2 AT+CFUN=1")) {
            $0.modems = [modem(diagnosis: ModemDiagnosis(functionality: 4))]
        },
    ]

    @Test("radio", arguments: radios) fileprivate func radio(_ row: Row) { Self.expect(row, in: .radio) }

    private static let signals: [Row] = [
        Row("unknown", nil) { $0.modems = [modem(signal: nil)] },
        Row("good", (.ok, "signal", "-104 dBm")) { $0.modems = [modem(signal: -104)] },
        Row("weak", (.warning, "signal", "-105 dBm only")) { $0.modems = [modem(signal: -105)] },
        Row("the same on LTE", (.ok, "signal", "-105 dBm")) { $0.modems = [modem(signal: -105, technology: 7)] },
        Row("weak on LTE", (.warning, "signal", "-118 dBm only")) { $0.modems = [modem(signal: -118, technology: 7)] },
        Row("without a card", nil) { $0.modems = [modem(sim: .absent, signal: -110)] },
    ]

    @Test("signal", arguments: signals) fileprivate func signal(_ row: Row) { Self.expect(row, in: .signal) }

    // MARK: All of it

    @Test("nothing looked at, nothing found")
    func nothing() {
        #expect(DoctorCheck.findings(DoctorFacts(user: DoctorFacts.User(name: "anna", id: 1000))) == [])
    }

    @Test("every check has a name of its own")
    func names() {
        let names = DoctorCheck.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test("a finding is one line, whatever a stick calls itself")
    func oneLine() {
        let finding = DoctorFinding(.error, "sticks", "1-1 Ev\u{1B}il\nok", "gone", remedy: "lsusb")
        #expect(finding.description == #"error   1-1 Ev\u{1b}il\nok: gone; do: lsusb"#)
    }

    @Test("a finding as JSON has every key")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let bytes = try encoder.encode(DoctorFinding(.ok, "clock", "clock", "synchronised"))
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"check":"clock","message":"synchronised","remedy":null,"severity":"ok","subject":"clock"}"#
        )
    }
}
