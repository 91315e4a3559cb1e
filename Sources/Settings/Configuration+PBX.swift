package import CallModel
package import DialPlan
package import FoundationEssentials
package import PBX
package import TextCoding

extension Configuration {
    /// What is set for one PBX.
    package struct PBX: Sendable {
        /// Its name: letters, digits, `-` and `_`.
        package var name: String
        /// Who hears and speaks in the calls with it; nil where that is left to the modem.
        package var audio: AudioSpec?
        package var profile = PBXProfile.dtmf
        /// The base of its HTTP interface, without user, password, query or fragment.
        package var url: URL?
        /// Who we are there.
        package var user: String?
        /// Where the password is found.
        package var password: SecretReference?
        /// How it leads our calls on, if it does.
        package var callthrough: Callthrough?
        /// How it hands us callers that it holds, if it does.
        package var reverse: Reverse?
        /// How it calls us back, if it does.
        package var callback: Callback?
        /// The tariff of the calls that it makes, by its name below `tariffs`.
        package var tariff: String?
        /// A PEM file with the only certificates to trust; nil for the system's.
        package var certificateAuthority: String?
        /// Whether plain HTTP outside the own network was decided on.
        package var allowsPlainHTTP = false
        /// How numbers are written in requests; nil for the profile's own way.
        package var numberFormat: NumberFormat?
        /// What goes before each number in requests: up to 8 digits.
        package var numberPrefix: String?
        /// The SIM's own number.
        package var ownNumber: PhoneNumber?
        /// What only some profiles know.
        package var options = PBXAccount.Options()
        /// How its webhooks are checked.
        package var webhook: Webhook?

        init(name: String) { self.name = name }
    }

    /// How a PBX leads our calls on.
    package struct Callthrough: Sendable {
        /// The number that the PBX answers.
        package var accessNumber: DialString
        /// The pause between the answer and the first tone, 0 to 60 s.
        package var settle = Duration.milliseconds(1500)
        /// How long the PBX's prompt tone is awaited instead; nil to go by the clock.
        package var promptWithin: Duration?
        /// What is sent after the answer.
        package var script = DTMFScript.targetOnly
        /// Where the secret for `{pin}` is found.
        package var pin: SecretReference?
        /// How the PBX wants the target written.
        package var numberFormat = NumberFormat.national
        /// How long each tone lasts, 50 ms to 5 s.
        package var tone = Duration.milliseconds(120)
        /// The silence between two tones, 50 ms to 5 s.
        package var gap = Duration.milliseconds(120)
        /// The keys that the target has to press before it counts as reached, 1 to 8; nil for none.
        package var confirm: String?

        init(accessNumber: DialString) { self.accessNumber = accessNumber }

        /// Both as they are written.
        var settling: Settle {
            get { promptWithin == nil ? .pause(settle) : .tone }
            set { (settle, promptWithin) = (newValue.pause, newValue.promptWithin) }
        }

        /// Reads the secret for `{pin}`; nil when none is configured.
        ///
        /// Ask for it when the call is made, not before.
        package func readPIN(in environment: ConfigurationEnvironment) throws(SecretError) -> Secret? {
            guard let pin else { return nil }
            return try pin.read(in: environment)
        }
    }

    /// How a PBX hands us callers that it holds.
    package struct Reverse: Sendable {
        /// The numbers that the PBX rings us from; empty only where this box itself holds its callers.
        package var ringFrom: [PhoneNumber]
        /// What is done with such a ring.
        package var mode = Mode.answer
        /// Who holds the caller until our call has come.
        package var hold = Hold.pbx
        /// What a caller hears whom this box holds: a WAV file; nil for two soft notes every four seconds.
        package var music: String?
        /// How long this box holds a caller, 10 s to 2 min.
        package var holdsFor = Duration.seconds(90)
        /// Whether a person is asked first.
        package var accept = Accept.auto
        /// Whether our call sends a token beside the number that it shows, where this box itself joins the two.
        package var wantsToken = true
        /// The keys that the caller has to press before our end is joined; nil for none.
        package var confirm: String?

        init(ringFrom: [PhoneNumber]) { self.ringFrom = ringFrom }

        /// Who holds the caller; the raw values are those of `reverse.hold`.
        package enum Hold: String, Sendable, CaseIterable {
            /// The PBX, which is asked for the caller.
            case pbx
            /// This box: the caller is sent to its account, where our call arrives too.
            case agent
        }

        /// Who decides; the raw values are those of `reverse.accept`.
        package enum Accept: String, Sendable, CaseIterable {
            /// Every caller is taken.
            case auto
            /// A person takes or refuses each, by command or over the control interface.
            case ask
        }

        /// What is done with the ring; the raw values are those of `reverse.mode`.
        package enum Mode: String, Sendable, CaseIterable {
            /// It is answered at once.
            case answer
            /// It is refused, and the held caller is fetched by a call to the PBX.
            case dialBack = "dial_back"
        }
    }

    /// How a PBX calls us back.
    package struct Callback: Sendable {
        /// The numbers that the PBX rings us from; never empty.
        package var ringFrom: [PhoneNumber]
        /// How long after the request the ring may come, 1 s to 10 min.
        package var expectWithin = Duration.seconds(30)
        /// The keys that the target has to press before it counts as reached, 1 to 8; nil for none.
        package var confirm: String?

        init?(ringFrom: [PhoneNumber]) {
            guard !ringFrom.isEmpty else { return nil }
            self.ringFrom = ringFrom
        }
    }
}

extension Configuration.PBX {
    /// The way into this PBX by tones, for ``Route``; nil when it has no callthrough.
    ///
    /// - Parameter pin: the secret for `{pin}`, from ``Configuration/Callthrough/readPIN(in:)``.
    package func access(pin: Secret?) -> Route.Access? {
        guard let callthrough else { return nil }
        return Route.Access(
            pbx: name,
            number: callthrough.accessNumber,
            script: callthrough.script,
            pin: pin?.reveal(),
            format: callthrough.numberFormat,
            settle: callthrough.settle,
            promptWithin: callthrough.promptWithin,
            tone: callthrough.tone,
            gap: callthrough.gap
        )
    }
}

extension Configuration.PBX {
    /// How the webhooks of a PBX are checked and answered.
    package struct Webhook: Sendable {
        /// The address under which the PBX reaches this box, if it matters.
        package var publicURL: URL?
        /// Where the secret of the signatures is found; nil for `sipgate`, which signs with a key of its own.
        package var secret: SecretReference?
        /// Where the secret before that is found, while it is being changed.
        package var previousSecret: SecretReference?
        /// What an incoming call gets that is neither expected nor ours.
        package var incoming = Incoming.pass
        /// Where such a call is led with ``Incoming/forward``.
        package var forwardTo: [String] = []

        /// What an incoming call gets; the raw values are those of `webhook.incoming`.
        package enum Incoming: String, Sendable, CaseIterable {
            /// Nothing: the PBX goes on by its own rules.
            case pass
            /// Busy.
            case reject
            /// It is held until it is claimed.
            case hold
            /// It is led on.
            case forward
        }
    }
}
