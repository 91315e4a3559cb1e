package import CallModel

/// How a call will be made: the method, the numbers as they go on the wire, who pays, and whether it may be made.
///
/// Decided before any modem is touched; `--dry-run` shows it and stops.
package struct Route: Sendable {
    /// What the user asked for.
    package typealias Via = CallModel.Via

    /// The way into a PBX by tones.
    package struct Access: Sendable {
        /// The PBX's name in the configuration, if it comes from there.
        package var pbx: String?
        /// The number that the PBX answers, as it is dialled.
        package var number: DialString
        /// What is sent after the answer.
        package var script: DTMFScript
        /// The secret for `{pin}` in the script.
        package var pin: String?
        /// How the PBX wants the target written.
        package var format: NumberFormat
        /// The pause between the answer and the first tone.
        package var settle: Duration
        /// How long the PBX's prompt tone is awaited instead; nil to go by the clock.
        package var promptWithin: Duration?
        /// How long each tone lasts.
        package var tone: Duration
        /// The silence between two tones.
        package var gap: Duration

        /// Creates an access; the defaults are those of `--access-number` alone.
        package init(
            pbx: String? = nil,
            number: DialString,
            script: DTMFScript = .targetOnly,
            pin: String? = nil,
            format: NumberFormat = .national,
            settle: Duration = .milliseconds(1500),
            promptWithin: Duration? = nil,
            tone: Duration = .milliseconds(120),
            gap: Duration = .milliseconds(120)
        ) {
            self.pbx = pbx
            self.number = number
            self.script = script
            self.pin = pin
            self.format = format
            self.settle = settle
            self.promptWithin = promptWithin
            self.tone = tone
            self.gap = gap
        }
    }

    /// The method taken.
    package var method: CallMethod
    /// Whom the call shall reach.
    package var target: PhoneNumber
    /// What the modem dials.
    package var dials: String
    /// What is sent after the answer; nothing for a direct call.
    package var steps: [DTMFScript.Step]
    /// The target as it goes on the wire: dialled, or sent as tones.
    package var targetOnTheWire: String
    /// How the target is written there.
    package var format: NumberFormat
    /// The PBX's name, if it has one.
    package var pbx: String?
    /// The account that it goes over; nil where a modem makes it.
    package var account: String?
    /// The ways that are tried where the Internet fails before anybody answers, and the first call is known to be gone.
    package var alternatives: [Route] = []
    /// The pause between the answer and the first tone.
    package var settle: Duration
    /// How long the PBX's prompt tone is awaited instead; nil to go by the clock.
    package var promptWithin: Duration?
    /// How long each tone lasts.
    package var tone: Duration
    /// The silence between two tones.
    package var gap: Duration
    /// Whether the policy lets the call pass, with its reason.
    package var verdict: PolicyVerdict
    /// Why this method was taken.
    package var reason: String
    /// The methods that `--via auto` compared; nil where there was no choice.
    package var choice: RouteChoice?

    /// Whether our number is kept from the one who is called.
    package private(set) var hidesNumber = false

    /// Whether this is a call for help, which no limit and no card may stop.
    package var isEmergency: Bool { target.isEmergency }

    /// Decides.
    ///
    /// - Throws: ``RouteError`` when what was asked for is impossible.
    package init(
        to target: PhoneNumber,
        via: Via,
        access: Access?,
        policy: DialPolicy
    ) throws(RouteError) {
        if target.isEmergency {
            // An exchange elsewhere would send help to its own address: always from here, always at once.
            self.init(direct: target, reason: "emergency numbers are always dialled directly", policy: policy)
            return
        }
        switch (via, access) {
        case (.internet, _): throw .internetNeedsAccount
        case (.callback, _): throw .callbackNeedsPBX
        case (.callthrough, nil): throw .callthroughNeedsAccessNumber
        case (.direct, _): self.init(direct: target, reason: "asked for", policy: policy)
        case (.auto, nil): self.init(direct: target, reason: "no access number is known", policy: policy)
        case (.callthrough, let access?):
            try self.init(through: access, to: target, reason: "asked for", policy: policy)
        case (.auto, let access?):
            let reason = "the PBX's number is known, and the landline number is shown"
            try self.init(through: access, to: target, reason: reason, policy: policy)
        }
    }

    private init(
        through access: Access,
        to target: PhoneNumber,
        reason: String,
        policy: DialPolicy
    ) throws(RouteError) {
        self.target = target
        self.reason = reason
        let written = target.formatted(access.format).text
        do {
            steps = try access.script.instantiate(target: written, pin: access.pin, token: nil)
        } catch {
            throw .script(error.description)
        }
        method = .callthrough
        dials = access.number.text
        targetOnTheWire = written
        format = access.format
        pbx = access.pbx
        settle = access.settle
        promptWithin = access.promptWithin
        tone = access.tone
        gap = access.gap
        verdict = policy.verdict(on: target, as: access.format)
    }

    /// Keeps our number from the one who is called, where that can be; elsewhere the call is refused.
    package mutating func hideNumber() {
        guard !isEmergency else { return }
        hidesNumber = method == .direct
        guard !hidesNumber, verdict.isAllowed else { return }
        verdict = .refused(
            verdict.numberClass,
            reason: "our number can't be hidden: \(Self.reasonNotToHide(method)); "
                + "dial by --via direct, or without --hide-number"
        )
    }

    /// Why a method can't hide our number.
    package static func reasonNotToHide(_ method: CallMethod) -> String {
        switch method {
        case .callthrough: "the PBX knows who calls it by the number, and shows its own to the target"
        case .callback: "the PBX makes the call, and shows its own number"
        default: "it is no direct call"
        }
    }

    /// A route by which the PBX calls this box and the target; what it is asked for is the PBX's own affair.
    package init(callbackBy pbx: String?, to target: PhoneNumber, policy: DialPolicy) {
        self.init(direct: target, reason: "asked for", policy: policy)
        method = .callback
        self.pbx = pbx
        dials = ""
    }

    /// A route over an account; never for a call for help, which is made from here.
    ///
    /// - Parameters:
    ///   - account: its name.
    ///   - pbx: the PBX that it belongs to.
    ///   - format: how that wants the number written.
    package init(
        over account: String,
        pbx: String?,
        to target: PhoneNumber,
        format: NumberFormat,
        policy: DialPolicy
    ) {
        self.init(direct: target, reason: "asked for", policy: policy)
        guard !target.isEmergency else { return }
        method = .internet
        self.account = account
        self.pbx = pbx
        self.format = format
        dials = target.formatted(format).text
        targetOnTheWire = dials
        verdict = policy.verdict(on: target, as: format)
    }

    private init(direct target: PhoneNumber, reason: String, policy: DialPolicy) {
        self.target = target
        self.reason = reason
        method = .direct
        // International, so that it is right while roaming too; short numbers exist in no other form.
        dials = target.formatted(.plusE164).text
        targetOnTheWire = dials
        format = .plusE164
        steps = []
        pbx = nil
        settle = .zero
        tone = .milliseconds(120)
        gap = .milliseconds(120)
        verdict = policy.verdict(on: target)
    }

    /// Who pays which leg.
    package var legs: [(leg: String, payer: String)] {
        switch method {
        case .direct: [("this box to \(targetOnTheWire)", "SIM")]
        case .callthrough: [("this box to the PBX, \(dials)", "SIM"), ("the PBX to \(targetOnTheWire)", "PBX")]
        case .callback: [("the PBX to this box", "PBX"), ("the PBX to \(targetOnTheWire)", "PBX")]
        case .reverse: [("this box to the PBX, \(dials)", "SIM")]
        case .internet: [("the PBX, over account \(account ?? "-"), to \(targetOnTheWire)", "PBX")]
        }
    }
}

/// Why no route exists for what was asked.
package enum RouteError: Error, Sendable, Hashable, CustomStringConvertible {
    /// A callback needs a PBX that can be asked for one.
    case callbackNeedsPBX
    /// A call over the Internet needs an account.
    case internetNeedsAccount
    /// A callthrough needs a number to call.
    case callthroughNeedsAccessNumber
    /// The script can't be filled in; why.
    case script(String)

    /// One line for a person.
    package var description: String {
        switch self {
        case .callbackNeedsPBX:
            "no PBX is configured that can be asked to call back: give one a block 'callback', or dial --via callthrough or direct"
        case .internetNeedsAccount: "--via internet: no account is configured: describe one below sip.accounts"
        case .callthroughNeedsAccessNumber:
            "--via callthrough: give the PBX's number with --access-number"
        case .script(let reason): "the DTMF script can't be used: \(reason)"
        }
    }
}
