public import CallFlows
public import DialPlan
public import FoundationEssentials

extension Configuration {
    /// What is set for one PBX.
    public struct PBX: Sendable {
        /// Its name: letters, digits, `-` and `_`.
        public var name: String
        /// Which PBX it is.
        public var profile: Profile
        /// The base of its HTTP interface, without user, password, query or fragment.
        public var url: URL?
        /// Who we are there.
        public var user: String?
        /// Where the password is found.
        public var password: SecretReference?
        /// How it leads our calls on, if it does.
        public var callthrough: Callthrough?
        /// How it hands us callers that it holds, if it does.
        public var reverse: Reverse?
        /// How it calls us back, if it does.
        public var callback: Callback?
        /// The tariff of the calls that it makes, by its name below `tariffs`.
        public var tariff: String?
        /// What its profile needs besides.
        public var settings = ProfileSettings()

        /// A PBX that we know how to talk to; the raw values are those of `profile`.
        public enum Profile: String, Sendable, CaseIterable {
            case fonial
            case placetel
            case sipgate
            case asteriskARI = "asterisk_ari"
            case fritzbox
            case twilio
            case generic
            /// Any PBX, without HTTP: by tones alone.
            case dtmf
        }
    }

    /// How a PBX leads our calls on.
    public struct Callthrough: Sendable {
        /// The number that the PBX answers.
        public var accessNumber: DialString
        /// The pause between the answer and the first tone, 0 to 60 s.
        public var settle: Duration
        /// What is sent after the answer.
        public var script: DTMFScript
        /// Where the secret for `{pin}` is found.
        public var pin: SecretReference?
        /// How the PBX wants the target written.
        public var numberFormat: NumberFormat
        /// How long each tone lasts, 50 ms to 5 s.
        public var tone: Duration
        /// The silence between two tones, 50 ms to 5 s.
        public var gap: Duration

        /// Reads the secret for `{pin}`; nil when none is configured.
        ///
        /// Ask for it when the call is made, not before.
        public func readPIN(in environment: ConfigurationEnvironment) throws(SecretError) -> Secret? {
            guard let pin else { return nil }
            return try pin.read(in: environment)
        }
    }

    /// How a PBX hands us callers that it holds.
    public struct Reverse: Sendable {
        /// The numbers that the PBX rings us from; never empty.
        public var ringFrom: [PhoneNumber]
        /// What is done with such a ring.
        public var mode: Mode
        /// Whether somebody is asked first.
        public var accept: Accept
        /// Whether our call sends a token beside the number that it shows, where this box itself joins the two.
        public var wantsToken = true

        /// Who decides; the raw values are those of `reverse.accept`.
        public enum Accept: String, Sendable, CaseIterable {
            /// Every caller is taken.
            case auto
            /// Somebody takes or refuses each, by command or over the control interface.
            case ask
        }

        /// What is done with the ring; the raw values are those of `reverse.mode`.
        public enum Mode: String, Sendable, CaseIterable {
            /// It is answered at once.
            case answer
            /// It is refused, and the held caller is fetched by a call to the PBX.
            case dialBack = "dial_back"
        }
    }

    /// How a PBX calls us back.
    public struct Callback: Sendable {
        /// The numbers that the PBX rings us from; never empty.
        public var ringFrom: [PhoneNumber]
        /// How long after the request the ring may come, 1 s to 10 min.
        public var expectWithin: Duration
    }
}

extension Configuration.PBX {
    /// The way into this PBX by tones, for ``Route``; nil when it has no callthrough.
    ///
    /// - Parameter pin: the secret for `{pin}`, from ``Configuration/Callthrough/readPIN(in:)``.
    public func access(pin: Secret?) -> Route.Access? {
        guard let callthrough else { return nil }
        return Route.Access(
            pbx: name,
            number: callthrough.accessNumber,
            script: callthrough.script,
            pin: pin?.reveal(),
            format: callthrough.numberFormat,
            settle: callthrough.settle,
            tone: callthrough.tone,
            gap: callthrough.gap
        )
    }
}
