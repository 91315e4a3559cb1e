import CallFlows
import CallModel
internal import Console
internal import GatewayAPI
import ModemSimulator
internal import NetworkSimulator

/// Shows the demo as a timeline with both sides next to each other, and then what came of it.
struct DemoPresenter {
    private static let timeWidth = 7
    private static let familyWidth = 11
    private static let hereWidth = 29

    private let format: OutputFormat
    private let families: [ModemFamily]

    init(format: OutputFormat, families: [ModemFamily]) {
        self.format = format
        self.families = families
    }

    func begin() {
        guard format == .text else { return }
        let modems = families.count == 1 ? "a simulated modem" : "each of \(families.count) simulated modems"
        for line in [
            "A callthrough on \(modems), over real pseudo-terminals:",
            "dial the PBX at \(Demo.accessNumber), wait until it is truly answered, hand over",
            "\(Demo.expectedDigits) as tones; the PBX dials \(Demo.targetNumber) and joins the two.",
            "",
            Self.row(" time", "modem", "this side", "far side"),
        ] { Terminal.standardOutput(line) }
    }

    func show(_ step: Demo.Step) {
        switch (format, step.kind) {
        case (.json, .here(let event)):
            do {
                Terminal.standardOutput(try event.json())
            } catch {
                Terminal.standardError("gsmbridge: an event could not be written: \(error)")
            }
        case (.json, .farSide(let event)): _ = Terminal.standardOutput(json: event)
        case (.text, .here(let event)):
            if let text = Self.text(for: event) { showRow(step, here: text, farSide: "") }
        case (.text, .farSide(let event)):
            if let text = Self.text(for: event) { showRow(step, here: "", farSide: text) }
        }
    }

    func show(_ summary: Demo.Summary) {
        switch format {
        case .text: showTable(summary)
        case .json: showJSON(summary)
        }
    }

    func show(_ stories: [DemoStories.Outcome]) {
        guard !stories.isEmpty else { return }
        switch format {
        case .json: for story in stories { JSONOutput.line(story) }
        case .text:
            Terminal.standardOutput("")
            let rows = stories.map { story in
                [
                    story.story, story.joined ?? "nobody",
                    story.isGood ? "good" : story.differences.joined(separator: "; "),
                ]
            }
            Table.show([["calls that the PBX begins", "the PBX has joined", "verdict"]] + rows)
        }
    }

    func show(_ phone: DemoPhone.Outcome) {
        switch format {
        case .json: JSONOutput.line(phone)
        case .text:
            Terminal.standardOutput("")
            let verdict = phone.isGood ? "good" : "wrong"
            Table.show([
                ["a telephone calls, by SIP", "the far side heard", "the telephone heard", "verdict"],
                ["keys \(DemoPhone.keyed), hears \(DemoPhone.said)", phone.heardThere, phone.heardHere, verdict],
            ])
            for difference in phone.differences { Terminal.standardOutput(difference) }
        }
    }

    // MARK: Timeline

    private func showRow(_ step: Demo.Step, here: String, farSide: String) {
        Terminal.standardOutput(Self.row(Self.seconds(step.after), step.family?.rawValue ?? "", here, farSide))
    }

    private static func row(_ time: String, _ family: String, _ here: String, _ farSide: String) -> String {
        let left = time.padded(to: timeWidth) + family.padded(to: familyWidth)
        return farSide.isEmpty ? left + here : left + here.padded(to: hereWidth) + farSide
    }

    /// Seconds with two decimals, right-aligned in five columns.
    private static func seconds(_ duration: Duration) -> String {
        let hundredths = duration.inMilliseconds / 10
        let text = "\(hundredths / 100)." + String(100 + hundredths % 100).dropFirst()
        return String(repeating: " ", count: max(0, 5 - text.count)) + text
    }

    private static func text(for event: CallEvent) -> String? {
        switch event.kind {
        case .requested: "opens and readies the modem"
        case .audio(let report): "sound \(report.state.rawValue): \(report.endpoint)"
        case .joined(let other): "joined with \(other)"
        case .dtmf(let digit, let source): "key \(digit), by \(source.rawValue)"
        case .quality(let quality): "sound: \(quality.frames) frames, \(quality.underruns) holes"
        case .progress(.dialing(let number)): "dials \(number)"
        case .progress(.alerting): "ringing"
        case .progress(.ringing(let number)): "rung by \(number ?? "a withheld number")"
        case .progress(.connected(let setup)): "answered after \(setup.spoken)"
        case .progress(.handover(let digits, let sent, let total)):
            sent == 1 ? "sends the target" : sent == total ? "sent \(digits)" : nil
        case .progress(.inProgress): "in progress: people talk"
        case .progress(.ended(let end)):
            "ended: \(end.outcome.rawValue)" + (end.seconds > .zero ? ", \(end.seconds.spoken)" : "")
        }
    }

    private static func text(for event: SimulatedEvent) -> String? {
        switch event.event {
        case .arrived(_, let number, _, _) where event.isLegOfPBX: "PBX dials \(number)"
        case .arrived(_, let number, let caller, _):
            number == Demo.accessNumber ? "PBX is called by \(caller)" : "\(number) is called"
        case .answered: event.isLegOfPBX ? "target answers" : "PBX answers"
        case .digit: event.digits.hasSuffix("#") ? "PBX has heard \(event.digits)" : nil
        case .ignoredDigit(_, _, let digit): "PBX does not listen: \(digit) is lost"
        case .sound(_, _, let seconds): seconds == 0 ? "\(event.isLegOfPBX ? "target" : "PBX") hears sound" : nil
        case .joined: "target joined"
        case .ended(_, _, let party, _):
            switch (event.isLegOfPBX, party) {
            case (true, .farSide): "target hangs up"
            case (true, _): "target released"
            case (false, .farSide): "PBX hangs up"
            case (false, .modem): "caller hangs up"
            case (false, .network): "network ends the call"
            }
        case .serviceCode(_, let code): "service code \(code)"
        case .message(let part): "message to \(part.number): \(part.text)"
        case .pbx(let news): "\(news)"
        }
    }

    // MARK: Result

    private func showTable(_ summary: Demo.Summary) {
        Terminal.standardOutput("")
        Terminal.standardOutput(Self.line("modem", "outcome", "the PBX heard", "joined with", "verdict"))
        for verdict in summary.verdicts {
            Terminal.standardOutput(
                Self.line(
                    verdict.family.rawValue,
                    verdict.end.outcome.rawValue,
                    verdict.heard.isEmpty ? "-" : verdict.heard,
                    verdict.joined ?? "-",
                    verdict.isGood ? "good" : "WRONG"
                )
            )
        }
        Terminal.standardOutput("")
        for verdict in summary.verdicts where !verdict.isGood {
            for difference in verdict.differences {
                Terminal.standardOutput("\(verdict.family.rawValue): \(difference)")
            }
        }
        Terminal.standardOutput(text: Self.sentence(for: summary))
    }

    private static func line(
        _ family: String,
        _ outcome: String,
        _ heard: String,
        _ joined: String,
        _ verdict: String
    ) -> String {
        family.padded(to: 11) + outcome.padded(to: 14) + heard.padded(to: 16) + joined.padded(to: 16) + verdict
    }

    private static func sentence(for summary: Demo.Summary) -> String {
        let good = summary.verdicts.count(where: \.isGood)
        let total = summary.verdicts.count
        if summary.isInterrupted {
            return "Interrupted after \(summary.took.spoken): \(good) of \(total) had reached the target."
        }
        let calls = total == 1 ? "The call" : "All \(total) calls"
        guard summary.isGood else { return "\(total - good) of \(total) went wrong." }
        return "\(calls) reached the target in \(summary.took.spoken). Every digit was heard once and in\n"
            + "order, and no call is left up in the network."
    }

    private struct FamilyLine: Encodable {
        let event = "demo.family"
        let family: String
        let outcome: String
        let digits: String
        let joined: String?
        let good: Bool
        let differences: [String]
    }

    private struct EndLine: Encodable {
        let event = "demo.ended"
        let good: Bool
        let interrupted: Bool
        let seconds: Double
    }

    private func showJSON(_ summary: Demo.Summary) {
        for verdict in summary.verdicts {
            let line = FamilyLine(
                family: verdict.family.rawValue,
                outcome: verdict.end.outcome.rawValue,
                digits: verdict.heard,
                joined: verdict.joined,
                good: verdict.isGood,
                differences: verdict.differences
            )
            _ = Terminal.standardOutput(json: line)
        }
        let seconds = Double(summary.took.inMilliseconds) / 1000
        _ = Terminal.standardOutput(
            json: EndLine(good: summary.isGood, interrupted: summary.isInterrupted, seconds: seconds)
        )
    }
}
