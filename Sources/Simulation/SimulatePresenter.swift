internal import Console
import FoundationEssentials
internal import GatewayAPI
import Glibc
import ModemSimulator
internal import NetworkSimulator

/// Shows simulated modems, the numbers that they can call, and what happens at the far side.
struct SimulatePresenter {
    /// A number that `dial` reaches through the first access number.
    private static let exampleTarget = "03012345678"

    private let format: OutputFormat
    private let profiles: [ModemProfile]
    private let paths: [String]
    private let voicePaths: [String?]
    /// The address of the PBX's HTTP interface.
    private let pbx: String
    private let settings = SimulatedPBX.Settings()

    init(format: OutputFormat, profiles: [ModemProfile], paths: [String], voicePaths: [String?], pbx: String) {
        self.format = format
        self.profiles = profiles
        self.paths = paths
        self.voicePaths = voicePaths
        self.pbx = pbx
    }

    /// Shows what there is, ending with `ready`; returns whether it is read.
    func showModems() -> Bool {
        switch format {
        case .text: textLines.allSatisfy { Terminal.standardOutput($0) }
        case .json: showModemsAsJSON()
        }
    }

    /// Shows an event; returns whether it is read.
    func show(_ event: SimulatedEvent) -> Bool {
        switch format {
        case .text:
            let who = (event.modem.map { "modem \($0)" } ?? "").padded(to: 9)
            let family = (event.family?.rawValue ?? "").padded(to: 10)
            return Terminal.standardOutput("\(LocalTime.now)  \(who)\(family)\(event.text)")
        case .json: return Terminal.standardOutput(json: event)
        }
    }

    // MARK: Text

    private var textLines: [String] {
        var lines = ["modem  family     imei             own number     terminal"]
        for (index, profile) in profiles.enumerated() {
            let columns =
                String(index).padded(to: 7) + profile.family.rawValue.padded(to: 11) + profile.imei.padded(to: 17)
                + profile.ownNumber.padded(to: 15)
            lines.append(columns + Self.terminal(paths[index]))
        }
        let voices = voicePaths.enumerated()
            .compactMap { index, path in path.map { "\(index)".padded(to: 7) + Self.terminal($0) } }
        if !voices.isEmpty { lines += ["", "modem  voice tty (audio.tty of the modem)"] + voices }
        let directory = SimulatedNetwork.standardDirectory
        lines += ["", "The PBX: numbers for --access-number"]
        lines += directory.filter(\.isAccessNumber).map { "  \($0.number.padded(to: 16))\($0.outcome)" }
        lines += ["", "Subscribers: numbers to reach; any other number answers"]
        lines += directory.filter { !$0.isAccessNumber }.map { "  \($0.number.padded(to: 16))\($0.outcome)" }
        lines += pbxLines
        lines += [
            "", "Try, in another terminal (Ctrl-C here stops the simulation):", "  \(exampleCommand)", "", "ready",
        ]
        return lines
    }

    /// The PBX's HTTP interface, as a piece of the configuration, and how to call the PBX.
    private var pbxLines: [String] {
        let holding = settings.holdingNumbers.first ?? ""
        return [
            "", "The PBX's HTTP interface; for gsmbridge.yaml:", "  pbx:", "    simulated:", "      profile: generic",
            "      url: \(pbx)", "      callthrough: { access_number: \"\(settings.accessNumber)\" }",
            "      reverse: { ring_from: [\"\(settings.ringFrom)\"], mode: dial_back }",
            "      callback: { ring_from: [\"\(settings.callbackFrom)\"] }", "",
            "Callers of \(holding) are held, and modem 0 is rung. To call it: write `call 030555123` here, or",
            "  curl -d '{\"from\":\"030555123\"}' \(pbx)/outside/call",
        ]
    }

    private var exampleCommand: String {
        let access = SimulatedNetwork.standardDirectory.first { $0.isAccessNumber }?.number ?? ""
        let words = [
            CommandLine.arguments.first ?? "gsmbridge", "dial", Self.exampleTarget, "--access-number", access,
            "--modem",
            paths.first ?? "",
        ]
        return words.map(Self.quoted).joined(separator: " ")
    }

    private static func terminal(_ path: String) -> String {
        let device = resolved(path)
        return device == path ? path : "\(path) -> \(device)"
    }

    /// A word as a shell must be given it.
    private static func quoted(_ word: String) -> String {
        let isPlain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "/._-+,:@%=".utf8.contains(byte)
            }
        }
        if isPlain, !word.isEmpty { return word }
        return "'" + word.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''") + "'"
    }

    private static func resolved(_ path: String) -> String {
        guard let pointer = realpath(path, nil) else { return path }
        defer { free(pointer) }
        return String(cString: pointer)
    }

    // MARK: JSON

    private struct ModemLine: Encodable {
        let event = "sim.modem"
        let modem: Int
        let family: String
        let imei: String
        let number: String
        let tty: String
        let link: String?
        let voice: String?
        let voiceLink: String?

        private enum CodingKeys: String, CodingKey {
            case event
            case modem
            case family
            case imei
            case number
            case tty
            case link
            case voice
            case voiceLink = "voice_link"
        }
    }

    private struct NumberLine: Encodable {
        let event = "sim.number"
        let number: String
        let isAccessNumber: Bool
        let outcome: String

        private enum CodingKeys: String, CodingKey {
            case event
            case number
            case isAccessNumber = "access_number"
            case outcome
        }
    }

    private struct PBXLine: Encodable {
        let event = "sim.pbx"
        let url: String
        let holding: [String]
        let ringFrom: String
        let callbackFrom: String
        let accessNumber: String

        private enum CodingKeys: String, CodingKey {
            case event
            case url
            case holding
            case ringFrom = "ring_from"
            case callbackFrom = "callback_from"
            case accessNumber = "access_number"
        }
    }

    private struct PlainLine: Encodable {
        let event: String
    }

    private func showModemsAsJSON() -> Bool {
        for (index, profile) in profiles.enumerated() {
            let device = Self.resolved(paths[index])
            let voice = voicePaths[index].map { Self.resolved($0) }
            let line = ModemLine(
                modem: index,
                family: profile.family.rawValue,
                imei: profile.imei,
                number: profile.ownNumber,
                tty: device,
                link: device == paths[index] ? nil : paths[index],
                voice: voice,
                voiceLink: voice == voicePaths[index] ? nil : voicePaths[index]
            )
            guard Terminal.standardOutput(json: line) else { return false }
        }
        for entry in SimulatedNetwork.standardDirectory {
            let line = NumberLine(number: entry.number, isAccessNumber: entry.isAccessNumber, outcome: entry.outcome)
            guard Terminal.standardOutput(json: line) else { return false }
        }
        let pbxLine = PBXLine(
            url: pbx,
            holding: settings.holdingNumbers,
            ringFrom: settings.ringFrom,
            callbackFrom: settings.callbackFrom,
            accessNumber: settings.accessNumber
        )
        guard Terminal.standardOutput(json: pbxLine) else { return false }
        return Terminal.standardOutput(json: PlainLine(event: "sim.ready"))
    }
}

/// The time of day as people read it.
enum LocalTime {
    /// `14:03:07.120`, in the local zone.
    static var now: String {
        let instant = Date().timeIntervalSince1970
        var seconds = time_t(instant)
        var parts = tm()
        localtime_r(&seconds, &parts)
        let milliseconds = Int((instant - Double(seconds)) * 1000)
        let fields = [Int(parts.tm_hour), Int(parts.tm_min), Int(parts.tm_sec)]
            .map { ($0 < 10 ? "0" : "") + String($0) }
        return fields.joined(separator: ":") + "." + String(1000 + milliseconds).dropFirst()
    }
}

extension String {
    /// The text with spaces behind it up to a width, so that columns line up; one at least.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}

extension Terminal {
    /// Writes a value as one line of JSON to standard output; returns whether the reader is still there.
    static func standardOutput(json value: some Encodable) -> Bool {
        do {
            return standardOutput(try WireFormat.encode(value))
        } catch {
            standardError("gsmbridge: a line could not be written: \(error)")
            return true
        }
    }
}
