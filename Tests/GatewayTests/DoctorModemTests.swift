import ATProtocol
import GatewayAPI
import SerialPort
import Testing

@testable import Doctor
@testable import Modem

@Suite struct DoctorModemTests {

    private static func served(
        _ state: ModemStatus.State,
        reason: String? = nil,
        tty: String? = "/dev/ttyUSB2"
    ) -> DoctorRow.Change {
        { facts in
            var modem = ModemStatus(name: "o2", state: state)
            modem.tty = tty
            modem.reason = reason
            modem.operatorName = "o2 - de"
            modem.signal = -71
            facts.service = service(.reachable)
            facts.service?.modems = [modem]
        }
    }

    private static let servedRows: [DoctorRow] = [
        DoctorRow("the service could not be asked", nil) { $0.service = service(.reachable) },
        DoctorRow("ready", (.ok, "service_modems", "o2, /dev/ttyUSB2: ready (o2 - de, -71 dBm)"), served(.ready)),
        DoctorRow("in a call", (.ok, "service_modems", "in a call"), served(.inCall)),
        DoctorRow(
            "starting",
            (.warning, "service_modems", "still starting: no network yet"),
            served(.starting, reason: "no network yet")
        ),
        DoctorRow(
            "recovering",
            (.warning, "service_modems", "brought back: deaf"),
            served(.recovering, reason: "deaf")
        ),
        DoctorRow(
            "failed",
            (.error, "service_modems", "unusable: PUK; do: gsmbridge modems"),
            served(.failed, reason: "PUK")
        ),
        DoctorRow("absent", (.error, "service_modems", "o2: configured, and not there"), served(.absent, tty: nil)),
    ]

    @Test("modems of the service", arguments: servedRows)
    func served(_ row: DoctorRow) { row.expect(in: .serviceModems) }

    @Test("a modem of the service is known by its ttys and its place on the bus")
    func belongs() {
        var modem = ModemStatus(name: "o2", state: .ready)
        modem.tty = "/dev/ttyUSB2"
        modem.usbPath = "1-1"
        modem.ports = [ModemStatus.Port(path: "/dev/ttyUSB3", role: "modem")]
        let service = DoctorFacts.Service(socket: "/s", answer: .reachable, hasUnit: true, modems: [modem])
        #expect(service.has(tty: "/dev/ttyUSB2", usbPath: nil))
        #expect(service.has(tty: "/dev/ttyUSB3", usbPath: nil))
        #expect(service.has(tty: nil, usbPath: "1-1"))
        #expect(!service.has(tty: "/dev/ttyUSB4", usbPath: "1-2"))
        #expect(!service.has(tty: nil, usbPath: nil))
    }

    private static func modem(failure: SerialError) -> DoctorFacts.Modem {
        DoctorFacts.Modem(name: "1-1 EC25", tty: "/dev/ttyUSB2", failure: failure)
    }

    private static let portRows: [DoctorRow] = [
        DoctorRow("group", (.error, "ports", "do: sudo adduser anna dialout ")) {
            $0.modems = [modem(failure: .permissionDenied(path: "/dev/ttyUSB2", group: "dialout"))]
        },
        DoctorRow("root's", (.error, "ports", "sudo chgrp dialout /dev/ttyUSB2")) {
            $0.modems = [modem(failure: .permissionDenied(path: "/dev/ttyUSB2", group: "root"))]
        },
        DoctorRow("ModemManager has it", (.error, "ports", "in use by ModemManager; do: sudo systemctl restart")) {
            $0.modems = [modem(failure: .busy(path: "/dev/ttyUSB2", holder: "ModemManager (process 7), which leaves"))]
        },
        DoctorRow(
            "another program has it",
            (.error, "ports", "in use by minicom (process 7); do: sudo fuser -v /dev/ttyUSB2")
        ) {
            $0.modems = [modem(failure: .busy(path: "/dev/ttyUSB2", holder: "minicom (process 7)"))]
        },
        DoctorRow("somebody has it", (.error, "ports", "in use by another program")) {
            $0.modems = [modem(failure: .busy(path: "/dev/ttyUSB2", holder: nil))]
        },
        DoctorRow("the service has it", (.ok, "ports", "in use by the service")) {
            $0.modems = [modem(failure: .busy(path: "/dev/ttyUSB2", holder: "gsmbridge (process 7)"))]
            $0.service = service(.reachable)
        },
        DoctorRow("another gsmbridge has it", (.error, "ports", "in use by gsmbridge (process 7)")) {
            $0.modems = [modem(failure: .busy(path: "/dev/ttyUSB2", holder: "gsmbridge (process 7)"))]
            $0.service = service(.deserted)
        },
        DoctorRow("hangs", (.error, "ports", "hangs in open")) {
            $0.modems = [modem(failure: .openTimedOut(path: "/dev/ttyUSB2", limit: .seconds(2)))]
        },
        DoctorRow("hung before", (.error, "ports", "hangs in open")) {
            $0.modems = [modem(failure: .stillBlocked(path: "/dev/ttyUSB2"))]
        },
        DoctorRow("gone", (.error, "ports", "ls -l /dev/serial/by-id/")) {
            $0.modems = [modem(failure: .notFound(path: "/dev/ttyUSB2"))]
        },
        DoctorRow("silent", (.error, "ports", "1-1 EC25, /dev/ttyUSB2: nothing answers AT; do: unplug")) {
            $0.modems = [DoctorFacts.Modem(name: "1-1 EC25", tty: "/dev/ttyUSB2")]
        },
        DoctorRow("answers", (.ok, "ports", "/dev/ttyUSB2: answers")) { $0.modems = [modem()] },
    ]

    @Test("ports", arguments: portRows) func ports(_ row: DoctorRow) { row.expect(in: .ports) }

    private static func registration(
        _ states: [(Registration.Domain, Registration.State)]
    ) -> RegistrationStatus {
        var status = RegistrationStatus()
        for (domain, state) in states { status.update(Registration(domain: domain, state: state, technology: nil)) }
        return status
    }

    private static func modem(
        sim: CardState? = .ready,
        _ states: [(Registration.Domain, Registration.State)] = [(.circuit, .home)],
        signal: Int? = -71,
        technology: Int? = nil,
        voice: ModemSurvey.Voice = .yes,
        diagnosis: ModemDiagnosis? = nil
    ) -> DoctorFacts.Modem {
        let survey = ModemSurvey(
            identity: ModemIdentity(),
            family: "quectel",
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

    private static let cards: [DoctorRow] = [
        DoctorRow("ready", (.ok, "sim", "SIM ready")) { $0.modems = [modem()] },
        DoctorRow("absent", (.error, "sim", "no SIM card")) { $0.modems = [modem(sim: .absent)] },
        DoctorRow("locked", (.error, "sim", "PIN, tries left unknown; do: configure 'pin'")) {
            $0.modems = [modem(sim: .pin)]
        },
        DoctorRow("locked with tries", (.error, "sim", "PIN, 3 tries left; do: configure 'pin'")) {
            $0.modems = [modem(sim: .pin, diagnosis: ModemDiagnosis(pinTries: 3))]
        },
        DoctorRow("locked with one try", (.error, "sim", "PIN, 1 try left; do: put the card into a phone")) {
            $0.modems = [modem(sim: .pin, diagnosis: ModemDiagnosis(pinTries: 1))]
        },
        DoctorRow("blocked", (.error, "sim", "PUK")) { $0.modems = [modem(sim: .puk)] },
        DoctorRow("bound", (.error, "sim", "PH-NET PIN")) { $0.modems = [modem(sim: .deviceLock("PH-NET PIN"))] },
        DoctorRow("broken", (.error, "sim", "does not work")) { $0.modems = [modem(sim: .failed)] },
        DoctorRow("starting", (.warning, "sim", "still starting")) { $0.modems = [modem(sim: .busy)] },
        DoctorRow("unclear", (.warning, "sim", "(ERROR); do: gsmbridge at /dev/ttyUSB2 'AT+CPIN?'")) {
            $0.modems = [modem(sim: .other("ERROR"))]
        },
        DoctorRow("untold", (.warning, "sim", "does not tell")) { $0.modems = [modem(sim: nil)] },
    ]

    @Test("cards", arguments: cards) func card(_ row: DoctorRow) { row.expect(in: .card) }

    private static let registrations: [DoctorRow] = [
        DoctorRow("home", (.ok, "registration", "registered with o2")) { $0.modems = [modem()] },
        DoctorRow("roaming", (.warning, "registration", "roaming with o2")) {
            $0.modems = [modem([(.circuit, .roaming)])]
        },
        DoctorRow("denied", (.error, "registration", "refuses this card")) {
            $0.modems = [modem([(.circuit, .denied)])]
        },
        DoctorRow("searching", (.error, "registration", "'AT+COPS?'")) {
            $0.modems = [modem([(.circuit, .searching)])]
        },
        DoctorRow("messages only", (.error, "registration", "messages only")) {
            $0.modems = [modem([(.circuit, .messagesOnlyHome)])]
        },
        DoctorRow("nothing", (.error, "registration", "not registered and not searching")) { $0.modems = [modem([])] },
        DoctorRow("data only is the next check's", nil) { $0.modems = [modem([(.evolved, .home)])] },
        DoctorRow("a locked card has said so already", nil) { $0.modems = [modem(sim: .pin, [(.circuit, .denied)])] },
    ]

    @Test("registrations", arguments: registrations)
    func registration(_ row: DoctorRow) { row.expect(in: .registration) }

    private static let lte: [(Registration.Domain, Registration.State)] = [(.evolved, .home), (.circuit, .denied)]

    private static let voices: [DoctorRow] = [
        DoctorRow("yes", (.ok, "voice", "makes calls")) { $0.modems = [modem()] },
        DoctorRow("unknown", (.ok, "voice", "does not say")) { $0.modems = [modem(voice: .unknown)] },
        DoctorRow("no", (.error, "voice", "for data only")) { $0.modems = [modem(voice: .no)] },
        DoctorRow("LTE alone", (.warning, "voice", "without VoLTE")) { $0.modems = [modem(lte)] },
        DoctorRow("VoLTE", (.ok, "voice", "VoLTE")) {
            $0.modems = [modem(lte, diagnosis: ModemDiagnosis(ims: VoiceOverLTE(isOn: true, isRegistered: true)))]
        },
        DoctorRow("VoLTE off", (.error, "voice", "gsmbridge volte /dev/ttyUSB2 --enable")) {
            $0.modems = [modem(lte, diagnosis: ModemDiagnosis(ims: VoiceOverLTE(isOn: false, isRegistered: false)))]
        },
        DoctorRow("VoLTE not there yet", (.warning, "voice", "without VoLTE")) {
            $0.modems = [modem(lte, diagnosis: ModemDiagnosis(ims: VoiceOverLTE(isOn: true, isRegistered: false)))]
        },
        DoctorRow("not registered at all", nil) { $0.modems = [modem([])] },
    ]

    @Test("voice", arguments: voices) func voice(_ row: DoctorRow) { row.expect(in: .voice) }

    private static let radios: [DoctorRow] = [
        DoctorRow("unknown", nil) { $0.modems = [modem()] },
        DoctorRow("on", nil) { $0.modems = [modem(diagnosis: ModemDiagnosis(functionality: 1))] },
        DoctorRow("off", (.error, "radio", "says 4); do: gsmbridge at /dev/ttyUSB2 AT+CFUN=1")) {
            $0.modems = [modem(diagnosis: ModemDiagnosis(functionality: 4))]
        },
    ]

    @Test("radio", arguments: radios) func radio(_ row: DoctorRow) { row.expect(in: .radio) }

    private static func served(_ lines: String...) -> DoctorRow.Change {
        { facts in
            facts.service = service(.reachable)
            facts.service?.callerNumbers = ["o2": ModemDiagnosis(callerNumbers: lines)]
        }
    }

    private static let numbers: [DoctorRow] = [
        DoctorRow("not told", nil, served()),
        DoctorRow("errors", nil, served("+CLIP: 0", "+CLIR: 0,2")),
        DoctorRow(
            "both",
            (.ok, "caller_numbers", "are shown; our number can be hidden"),
            served("+CLIP: 1,1", "+CLIR: 0,4")
        ),
        DoctorRow("never hidden", (.ok, "caller_numbers", "our number can't be hidden"), served("+CLIR: 0,0")),
        DoctorRow("none shown", (.warning, "caller_numbers", "gsmbridge at o2 'AT+CLIP?'"), served("+CLIP: 1,0")),
        DoctorRow("always hidden", (.warning, "caller_numbers", "hides our number"), served("+CLIR: 1,1")),
        DoctorRow("asked without a service", (.ok, "caller_numbers", "can be hidden")) {
            $0.modems = [modem(diagnosis: ModemDiagnosis(callerShown: true, hiding: .onDemand))]
        },
    ]

    @Test("callers' numbers", arguments: numbers) func callerNumbers(_ row: DoctorRow) {
        row.expect(in: .callerNumbers)
    }

    private static let signals: [DoctorRow] = [
        DoctorRow("unknown", nil) { $0.modems = [modem(signal: nil)] },
        DoctorRow("good", (.ok, "signal", "-104 dBm")) { $0.modems = [modem(signal: -104)] },
        DoctorRow("weak", (.warning, "signal", "-105 dBm only")) { $0.modems = [modem(signal: -105)] },
        DoctorRow("the same on LTE", (.ok, "signal", "-105 dBm")) { $0.modems = [modem(signal: -105, technology: 7)] },
        DoctorRow("weak on LTE", (.warning, "signal", "-118 dBm only")) {
            $0.modems = [modem(signal: -118, technology: 7)]
        },
        DoctorRow("without a card", nil) { $0.modems = [modem(sim: .absent, signal: -110)] },
    ]

    @Test("signal", arguments: signals) func signal(_ row: DoctorRow) { row.expect(in: .signal) }

    private static func service(_ answer: DoctorFacts.Service.Answer, hasUnit: Bool = true) -> DoctorFacts.Service {
        DoctorFacts.Service(socket: "/run/gsmbridge/control.sock", answer: answer, hasUnit: hasUnit)
    }
}
