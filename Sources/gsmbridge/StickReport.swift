internal import Console
internal import DeviceDiscovery
import Gateway
internal import GatewayAPI
import HTTP
internal import LineStatuses
internal import Lines
import Logging
internal import Modem
import Settings
import TextCoding

/// What the project needs to know of a stick that it does not have, to paste into a report; without what is its owner's.
///
/// Of the IMEI the first eight digits stay, which are those of the model (3GPP TS 23.003 §6.2); card, subscriber, number and the
/// network's cell are left out, and no answer keeps seven digits in a row.
struct StickReport {
    /// A stick, and what it answered.
    struct Stick {
        var status: ModemStatus
        var voice: VoiceReadiness?
        /// Each question of ``questions``, and the answer; empty where it could not be asked.
        var dialect: [(question: String, answer: String)] = []
    }

    /// Questions that change nothing, whose answers tell a dialect: what there is for calls, digits, messages, USSD and sound.
    static let questions = [
        "ATI", "AT+GCAP", "AT+CLCC=?", "AT+CHUP=?", "AT+VTS=?", "AT+CNMI=?", "AT+CPMS=?", "AT+CMGF=?", "AT+CSCS=?",
        "AT+CUSD=?", "AT+CLIR=?", "AT+CIREG?", "AT^DSCI=?", "AT^CVOICE?", "AT+QCFG=\"ims\"", "AT+CPCMREG=?",
        "AT#ECAM=?",
        "AT+UCALLSTAT=?", "AT^SLCC=?", "AT^DDSETEX=?",
    ]

    let sticks: [Stick]

    /// The report, line by line.
    var lines: [String] {
        var lines = ["gsmbridge \(Version.current), report of \(sticks.count) modem\(sticks.count == 1 ? "" : "s")"]
        for stick in sticks {
            lines += ["", "## \(Self.plain(stick.status.model) ?? "modem")"] + Self.rows(stick)
        }
        lines += [
            "", "## To be filled in by you",
            "calls out, calls in, digits, sound, messages, USSD: yes, no, not tried", "operator and country:",
            "what went wrong, with the output of the command with --verbose:",
        ]
        return lines
    }

    private static func rows(_ stick: Stick) -> [String] {
        let (modem, voice) = (stick.status, stick.voice)
        let fields: [(String, String?)] = [
            ("manufacturer", modem.manufacturer), ("model", modem.model), ("firmware", modem.revision),
            ("family", modem.family), ("model number", modem.imei.map { "\($0.prefix(8))•••••••" }),
            ("usb", modem.usbID), ("sim", modem.sim), ("network", modem.networkCode),
            ("registration", modem.registration), ("technology", modem.technology),
            ("signal", modem.signal.map { "\($0) dBm" }), ("voice", modem.voice),
            ("sound", modem.audio.map { String($0.prefix { $0 != ":" }) }), ("state", modem.state.rawValue),
            ("calls here", voice.map { "\($0.calls.rawValue): \($0.reason)" }), ("ims", voice?.ims.rawValue),
            ("ims switched on", voice?.enabled.rawValue),
        ]
        var rows = fields.compactMap { name, value in plain(value).map { "\(name): \($0)" } }
        rows += modem.ports.map { port in
            let interface = port.interface.map { "interface \($0)" } ?? "no interface"
            return "port: \(interface), \(port.role), driver \(port.driver ?? "none")"
        }
        rows += stick.dialect.map { "\($0.question): \(plain(redacted($0.answer)) ?? "nothing")" }
        let words = [modem.manufacturer, modem.model].compactMap { plain($0)?.lowercased() }
        rows.append(
            modem.family == "generic" || modem.family == nil
                ? "row to begin with: ModemDriver(\"NAME\", words: \(words.map { "\"\($0)\"" }.joined(separator: ", ")))"
                : "row that was taken: \(modem.family ?? "")"
        )
        return rows
    }

    /// An answer without what may be an IMEI, the number of a card, or a telephone's.
    static func redacted(_ answer: String) -> String {
        var text = ""
        var digits = ""
        for character in answer + "\n" {
            if character.isASCII, character.isNumber {
                digits.append(character)
                continue
            }
            text += digits.count < 7 ? digits : "•••"
            digits = ""
            text.append(character)
        }
        return String(text.dropLast())
    }

    /// A modem's words as text on one line; nil for none.
    private static func plain(_ text: String?) -> String? {
        guard let text, !text.isEmpty else { return nil }
        return TerminalText.safe(text) { _ in " " }
    }
}

extension StickReport {
    /// The report of a running service's modems; nil where none runs.
    ///
    /// A modem that is not open, or has a call, tells less, and the rest is worth telling.
    static func served(_ client: ControlClient, modem: String?) async throws(ControlError) -> StickReport? {
        let modems: [ModemStatus]
        do throws(ControlError) { modems = try await client.modems() } catch {
            if case .notRunning = error { return nil }
            throw error
        }
        var sticks: [Stick] = []
        for status in modems where modem.map({ status.isCalled($0) }) ?? true {
            var stick = Stick(status: status)
            guard let name = status.name ?? status.tty else { continue }
            stick.voice = try? await client.voiceReadiness(name)
            for question in questions {
                guard let answer = try? await client.command(question, modem: name, within: .seconds(5)) else { break }
                stick.dialect.append((question, (answer.lines + [answer.result]).joined(separator: " ")))
            }
            sticks.append(stick)
        }
        return StickReport(sticks: sticks)
    }

    /// The report of a tty, or of the sticks on the bus, without a service.
    static func alone(tty: String?, log: Logger) async -> StickReport {
        let inspections: [ModemInspection]
        if let tty {
            inspections = await ModemInspection.inspect(ttys: [tty], log: log)
        } else {
            let sticks = (try? DeviceDiscovery.enumerate()) ?? []
            inspections = await ModemInspection.inspect(sticks.filter { $0.condition != .serialAdapter }, log: log)
        }
        var sticks: [Stick] = []
        for inspection in inspections {
            let line = LineStatus(inspection)
            var stick = Stick(status: ModemStatus(line))
            if let tty = line.tty, let port = try? await ModemPort.open(tty, log: log) {
                if await port.session.answers(), await port.session.recognise() {
                    stick.voice = await VoiceReadiness(line, port.session)
                    for question in questions {
                        guard let answer = try? await port.session.typed(question, within: .seconds(5)) else { break }
                        stick.dialect.append((question, (answer.lines + [answer.result]).joined(separator: " ")))
                    }
                }
                await port.close()
            }
            sticks.append(stick)
        }
        return StickReport(sticks: sticks)
    }
}
