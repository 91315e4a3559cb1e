import ArgumentParser
import CallFlows
internal import Console
import Contacts
import DialPlan
import Gateway
import Messages
import Settings

/// `gsmbridge arrivals`: what a ring or a message of a number comes to, without doing it.
struct ArrivalsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "arrivals",
        abstract: "Explain what a ring or a message of a number comes to; nothing is done.",
        discussion: """
            Goes by `arrivals`, `messages.missed_call` and `incoming` of the configuration, as a dry run: no modem is asked and \
            no code is checked. Which rule of `incoming` takes a call may depend on the line that it comes in on and on the time.

            EXAMPLES
              gsmbridge arrivals "+49 171 1234567"
              gsmbridge arrivals 01711234567 --format json
              gsmbridge arrivals withheld --line o2 --at 22:30
            """
    )

    @Argument(help: "The number that rings or writes, or 'withheld'.")
    var number: String

    @Option(help: ArgumentHelp("The modem or the account that it comes in on.", valueName: "name"))
    var line: String?

    @Option(help: ArgumentHelp("When: HH:MM today, or 'YYYY-MM-DD HH:MM' (default: now).", valueName: "time"))
    var at: String?

    @Flag(help: "Only explain; it does nothing else in any case.")
    var dryRun = false

    @Option(help: "How to report: text or json (one object a line).")
    var format: OutputFormat = .text

    @OptionGroup var service: ServiceOptions

    @OptionGroup var options: ConfigOptions

    func run() async throws {
        let configuration = try options.load()
        guard let time = PolicyTime(typed: at) else {
            throw ValidationError("--at \(at ?? ""): write HH:MM, or 'YYYY-MM-DD HH:MM'")
        }
        var call = Configuration.IncomingRule.Call(line: line, number: nil, isContact: false, time: time)
        guard number != "withheld" else { return show([.incoming(call, configuration)]) }
        let caller: PhoneNumber
        do throws(NumberError) {
            caller = try PhoneNumber(typed: number, region: configuration.gateway.region)
        } catch {
            throw ValidationError("\(number): \(error)")
        }
        call.number = caller.description
        if let number = caller.e164, configuration.incoming.contains(where: { $0.from.contains(.contact) }) {
            call.isContact = try await ContactAccess(service, options).book().name(for: number) != nil
        }
        var lines = Self.explanations(caller, configuration)
        // What a rule of `arrivals` refuses rings nobody.
        if !lines.contains(where: { $0.on == "ring" && $0.action == "callback" }) {
            lines.insert(.incoming(call, configuration), at: 1)
        }
        show(lines)
    }

    private func show(_ lines: [Explanation]) {
        for line in lines {
            switch format {
            case .json: JSONOutput.line(line)
            case .text: Terminal.standardOutput("\(line.on.padding(to: 9))\(line.text)")
            }
        }
    }

    /// One thing that may come, and what it comes to.
    struct Explanation: Encodable {
        let on: String
        let number: String?
        let action: String
        var pbx: String?
        var allowed = true
        /// The place of the rule of `incoming`, from 1 on.
        var rule: Int?
        let text: String

        private enum CodingKeys: String, CodingKey {
            case on, number
            case action = "do"
            case pbx, allowed, rule, text
        }
    }

    private static func explanations(_ caller: PhoneNumber, _ configuration: Configuration) -> [Explanation] {
        var lines = configuration.arrivals
            .filter { CallerMatch([$0.number.description]).matches(caller.description) }
            .map { explain($0, configuration) }
        if !lines.contains(where: { $0.on == "ring" }) {
            lines.insert(missed(caller, configuration), at: 0)
        }
        if !lines.contains(where: { $0.on == "message" }) {
            lines.append(nothing("message", caller, "it is kept and told, and comes to nothing else"))
        }
        return lines
    }

    private static func explain(_ arrival: Configuration.Arrival, _ configuration: Configuration) -> Explanation {
        let verdict = configuration.policy.dialPolicy.verdict(on: arrival.number)
        let able = configuration.pbx.first { $0.callback != nil }?.name
        let pbx = arrival.action == .callback ? arrival.pbx ?? able : nil
        let deed =
            switch arrival.action {
            case .callback: "pbx.\(pbx ?? "?") is asked to call \(arrival.number) and this box"
            case .status: "\(arrival.number) gets a message that says how the box is"
            }
        let condition =
            switch arrival.trigger {
            case .ring: "it is refused, then "
            case .message: "with the text '\(arrival.action.rawValue) CODE' and the right code "
            }
        let limit = "; once in \(ArrivalRules.pause.components.seconds / 60) min at most"
        let refusal = verdict.isAllowed ? "" : "; but the policy refuses that number: \(verdict.reason)"
        let lock = arrival.trigger == .message ? "; \(ArrivalRules.mostWrong) wrong codes lock it for an hour" : ""
        return Explanation(
            on: arrival.trigger.rawValue,
            number: arrival.number.description,
            action: arrival.action.rawValue,
            pbx: pbx,
            allowed: verdict.isAllowed,
            text: condition + deed + limit + lock + refusal
        )
    }

    /// What a ring comes to that no rule of `arrivals` takes.
    private static func missed(_ caller: PhoneNumber, _ configuration: Configuration) -> Explanation {
        let other = "what `incoming` and `gateway.unknown_callers` say"
        guard configuration.messages.missedCall != nil else { return nothing("ring", caller, other) }
        let verdict = configuration.policy.dialPolicy.verdict(on: caller)
        guard MissedCalls.getsReply(caller), verdict.isAllowed else {
            let reason = verdict.isAllowed ? "it is no mobile number of the region" : verdict.reason
            return nothing("ring", caller, other + "; unanswered it gets no message: \(reason)")
        }
        return Explanation(
            on: "ring",
            number: caller.description,
            action: "missed_call",
            text: other + "; unanswered it gets the message of `messages.missed_call`, once in 24 h"
        )
    }

    private static func nothing(_ trigger: String, _ caller: PhoneNumber, _ text: String) -> Explanation {
        Explanation(on: trigger, number: caller.description, action: "nothing", text: text)
    }
}

extension String {
    fileprivate func padding(to width: Int) -> String { self + String(repeating: " ", count: max(1, width - count)) }
}
