/// Something that goes wrong on a simulated modem.
///
/// The text form, as given on a command line:
///
/// | text | meaning |
/// |---|---|
/// | `late-reply:AT+CLCC:7s[:N]` | the answer to the first N (default 1, `*` all) such commands comes 7 s late |
/// | `lost-reply:AT+VTS[:N]` | the first N (default 1, `*` all) such commands work, but their answer is lost |
/// | `stuck:AT+CHUP` | such a command is never answered and the modem is deaf afterwards |
/// | `refused:AT+CHUP` | such a command gets `ERROR` and does nothing |
/// | `hangup-ignored:AT+CHUP` | such a command says OK, but the call goes on |
/// | `ath-ignored` | short for `hangup-ignored:ATH` |
/// | `deaf-after:STAGE` | from this stage on the modem reads nothing and says nothing |
/// | `unplug:STAGE` | the modem is unplugged at this stage |
/// | `replug-after:3s` | after `unplug` it is plugged in again |
/// | `spontaneous-reset[:STAGE]` | the modem reboots at this stage (default `answered`) without leaving the bus |
/// | `vts-error:3` | the third tone is refused |
/// | `no-clcc` | `+CLCC` is refused |
/// | `empty-list[:N]` | the first N (default 2, `*` all) call lists asked for while a call is up are empty |
/// | `list-mode:9` | `+CLCC` lists calls under this mode: 1 data, 9 unknown |
/// | `list-gap:3s` | `+CLCC` leaves a call out for this long after its answer |
/// | `stray-lists` | one `+CLCC` in four is answered by a bare `OK` |
/// | `unlisted-incoming` | `+CLCC` never shows a call that came in |
/// | `late-fallback:3s` | `NO CARRIER` half a second after a dial command; the call comes up this long after it all the same |
/// | `list-dialling` | `+CLCC` lists calls of ours as being dialled for as long as they last |
/// | `no-voice` | a dial command gets `+CME ERROR: 4` |
/// | `identity:MAKER/MODEL` | calls itself that |
/// | `no-indications` | unsolicited lines never come |
/// | `garbage` | bytes that mean nothing between the lines |
/// | `split-writes` | everything comes in pieces of one to three bytes |
/// | `glued-writes` | everything within 30 ms comes in one piece |
/// | `echo-returns` | echo is on again after a call began |
/// | `numeric-results` | the modem starts with `ATV0` |
/// | `no-ucs2` | the character set UCS2 is refused |
/// | `quiet-reset[:STAGE]` | the same without a word, and with everything forgotten that was set |
/// | `chatter:60ms` | the modem tells its registration again and again, that far apart |
/// | `unisoc-reports` | calls are reported by `^DSCI` as UNISOC's modules do, unasked |
/// | `longsung-reports` | the end of a call is reported by `+DISC` as Longsung's modules do |
/// | `data-rings` | a data call rings before each call that comes in |
/// | `silent-at` | a bare `AT` is passed over |
/// | `stored-settings` | a restart keeps what is stored by `AT&W` on some: `+CMEE`, `+CRC`, `+CSCS` |
/// | `error-text` | `ERROR` has a text behind it |
/// | `no-report-routing` | `+CNMI` has no way for reports |
/// | `direct-messages` | messages can't be stored: `+CNMI` knows them only as `+CMT` |
/// | `wrong-lengths` | messages are told with a length that is not theirs |
/// | `no-ussd` | a service code gets `+CME ERROR: 30` |
/// | `left-in-ucs2` | another program left it in UCS2, numbers and names included |
/// | `only-ucs2` | the same, and it can't be told otherwise |
/// | `ucs2-parameters` | while UCS2 is chosen, the phone book's name is wanted in it, and numbers are written in it |
///
/// Those of the sound are at ``VoiceFault``.
///
/// A stage is `dialling`, `alerting`, `answered`, `handover` (the first digit was heard) or `in_progress` (the access
/// number has the whole target; on other numbers one second after the answer). Commands are compared without regard
/// to case; a longer command line that begins with the text matches too, but `AT` means just that.
package enum SimulatedFault: Sendable, Equatable {
    /// How often a fault strikes.
    package enum Count: Sendable, Equatable {
        case first(Int)
        case always
    }

    /// How far a call has come.
    package enum Stage: String, CaseIterable, Sendable {
        case dialling
        case alerting
        case answered
        case handover
        case inProgress = "in_progress"
    }

    case lateReply(command: String, delay: Duration, Count)
    case lostReply(command: String, Count)
    case stuck(command: String)
    case refused(command: String)
    case hangUpIgnored(command: String)
    case deafAfter(Stage)
    case unplug(Stage)
    case replugAfter(Duration)
    case spontaneousReset(Stage)
    case quietReset(Stage)
    case chatter(Duration)
    case unisocReports
    case longsungReports
    case dataRings
    case silentAttention
    case errorText
    case storedSettings
    case leftInUCS2
    case onlyUCS2
    case toneError(tone: Int)
    case noCallList
    case emptyList(Count)
    case listMode(Int)
    case listGap(Duration)
    case strayLists
    case unlistedIncoming
    case listDialling
    case noVoice
    case identity(maker: String, model: String)
    case lateFallback(Duration)
    case noIndications
    case garbage
    case splitWrites
    case gluedWrites
    case echoReturns
    case numericResults
    case noUCS2
    case ucs2Parameters
    case noReportRouting
    case directMessages
    case wrongLengths
    case noServiceCodes
    /// Something with the sound; see ``VoiceFault``.
    case voice(VoiceFault)
}

/// Why the text of a fault can't be understood.
package struct SimulatedFaultError: Error, Equatable, CustomStringConvertible {
    /// One sentence for people.
    package let description: String
}

extension SimulatedFault {
    /// Reads the text form; throws an error that says what is wrong with it.
    package init(parsing text: String) throws(SimulatedFaultError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        func fail(_ reason: String) -> SimulatedFaultError {
            SimulatedFaultError(description: "fault \"\(text)\": \(reason)")
        }
        func expect(_ range: ClosedRange<Int>, _ form: String) throws(SimulatedFaultError) {
            guard range.contains(parts.count - 1) else { throw fail("write it as \(form)") }
        }
        func command(_ form: String) throws(SimulatedFaultError) -> String {
            guard parts.count > 1, parts[1].uppercased().hasPrefix("AT") else {
                throw fail("a command begins with AT; write it as \(form)")
            }
            return parts[1].uppercased()
        }
        func stage(_ index: Int, _ form: String) throws(SimulatedFaultError) -> Stage {
            let name = parts[index].lowercased() == "dialing" ? "dialling" : parts[index].lowercased()
            guard let stage = Stage(rawValue: name) else {
                let known = Stage.allCases.map(\.rawValue).joined(separator: ", ")
                throw fail("no stage \"\(parts[index])\"; write it as \(form), stages are \(known)")
            }
            return stage
        }
        func duration(_ index: Int) throws(SimulatedFaultError) -> Duration {
            guard let duration = Self.duration(parts[index]) else {
                throw fail("\"\(parts[index])\" is no duration; write 500ms, 7s or 2m")
            }
            return duration
        }
        func count(_ index: Int, default usual: Int = 1) throws(SimulatedFaultError) -> Count {
            guard parts.count > index else { return .first(usual) }
            if parts[index] == "*" { return .always }
            guard let number = Int(parts[index]), (1...1000).contains(number) else {
                throw fail("\"\(parts[index])\" is no count; write 1 to 1000 or *")
            }
            return .first(number)
        }
        switch parts[0].lowercased() {
        case "late-reply":
            let form = "late-reply:AT+CLCC:7s[:count]"
            try expect(2...3, form)
            self = .lateReply(command: try command(form), delay: try duration(2), try count(3))
        case "lost-reply":
            let form = "lost-reply:AT+VTS[:count]"
            try expect(1...2, form)
            self = .lostReply(command: try command(form), try count(2))
        case "empty-list":
            try expect(0...1, "empty-list:2")
            self = .emptyList(try count(1, default: 2))
        case "stuck":
            try expect(1...1, "stuck:AT+CHUP")
            self = .stuck(command: try command("stuck:AT+CHUP"))
        case "refused":
            try expect(1...1, "refused:AT+CHUP")
            self = .refused(command: try command("refused:AT+CHUP"))
        case "hangup-ignored":
            try expect(1...1, "hangup-ignored:AT+CHUP")
            self = .hangUpIgnored(command: try command("hangup-ignored:AT+CHUP"))
        case "ath-ignored":
            try expect(0...0, "ath-ignored")
            self = .hangUpIgnored(command: "ATH")
        case "deaf-after":
            try expect(1...1, "deaf-after:answered")
            self = .deafAfter(try stage(1, "deaf-after:answered"))
        case "unplug":
            try expect(1...1, "unplug:alerting")
            self = .unplug(try stage(1, "unplug:alerting"))
        case "replug-after":
            try expect(1...1, "replug-after:3s")
            self = .replugAfter(try duration(1))
        case "spontaneous-reset":
            try expect(0...1, "spontaneous-reset:answered")
            self = .spontaneousReset(parts.count > 1 ? try stage(1, "spontaneous-reset:answered") : .answered)
        case "quiet-reset":
            try expect(0...1, "quiet-reset:answered")
            self = .quietReset(parts.count > 1 ? try stage(1, "quiet-reset:answered") : .answered)
        case "chatter":
            try expect(1...1, "chatter:60ms")
            let pause = try duration(1)
            guard pause >= .milliseconds(1) else { throw fail("write it as chatter:60ms, with 1ms at least") }
            self = .chatter(pause)
        case "list-mode":
            try expect(1...1, "list-mode:9")
            guard let mode = Int(parts[1]), (0...9).contains(mode) else {
                throw fail("\"\(parts[1])\" is no mode; write 0 to 9")
            }
            self = .listMode(mode)
        case "identity":
            try expect(1...1, "identity:MAKER/MODEL")
            let names = parts[1].split(separator: "/", maxSplits: 1).map(String.init)
            guard names.count == 2 else { throw fail("write it as identity:MAKER/MODEL") }
            self = .identity(maker: names[0], model: names[1])
        case "list-gap":
            try expect(1...1, "list-gap:3s")
            self = .listGap(try duration(1))
        case "late-fallback":
            try expect(1...1, "late-fallback:3s")
            self = .lateFallback(try duration(1))
        case "vts-error":
            try expect(1...1, "vts-error:3")
            guard let tone = Int(parts[1]), (1...1000).contains(tone) else {
                throw fail("\"\(parts[1])\" is no tone; write vts-error:3 for the third one")
            }
            self = .toneError(tone: tone)
        case let name where VoiceFault.names.contains(name):
            guard let fault = VoiceFault([name] + parts.dropFirst(), duration: Self.duration) else {
                throw fail("write it without a value, or with one such as \(name):2s; voice-drift:200 is in millionths")
            }
            self = .voice(fault)
        default:
            guard parts.count == 1, let plain = Self.plain[parts[0].lowercased()] else {
                throw fail("unknown; faults are \(Self.names.joined(separator: ", "))")
            }
            self = plain
        }
    }

    /// The names of all faults, as the text form begins.
    package static let names: [String] =
        ([
            "late-reply", "lost-reply", "stuck", "refused", "hangup-ignored", "ath-ignored", "deaf-after", "unplug",
            "replug-after", "spontaneous-reset", "quiet-reset", "chatter", "vts-error", "empty-list", "identity",
            "list-mode", "list-gap",
            "late-fallback",
        ] + plain.keys + VoiceFault.names)
        .sorted()

    private static let plain: [String: SimulatedFault] = [
        "no-clcc": .noCallList,
        "stray-lists": .strayLists,
        "unlisted-incoming": .unlistedIncoming,
        "list-dialling": .listDialling,
        "no-voice": .noVoice,
        "no-indications": .noIndications,
        "garbage": .garbage,
        "split-writes": .splitWrites,
        "glued-writes": .gluedWrites,
        "echo-returns": .echoReturns,
        "numeric-results": .numericResults,
        "no-ucs2": .noUCS2,
        "ucs2-parameters": .ucs2Parameters,
        "no-report-routing": .noReportRouting,
        "direct-messages": .directMessages,
        "wrong-lengths": .wrongLengths,
        "no-ussd": .noServiceCodes,
        "unisoc-reports": .unisocReports,
        "longsung-reports": .longsungReports,
        "data-rings": .dataRings,
        "silent-at": .silentAttention,
        "error-text": .errorText,
        "stored-settings": .storedSettings,
        "left-in-ucs2": .leftInUCS2,
        "only-ucs2": .onlyUCS2,
    ]

    private static func duration(_ text: String) -> Duration? {
        let unit = text.drop { $0.isASCII && $0.isNumber }
        guard let amount = Int(text.dropLast(unit.count)), amount <= 86_400_000 else { return nil }
        switch unit {
        case "ms": return .milliseconds(amount)
        case "s": return .seconds(amount)
        case "m": return .seconds(60 * amount)
        default: return nil
        }
    }
}
