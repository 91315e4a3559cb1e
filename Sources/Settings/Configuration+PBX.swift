package import CallModel
package import DialPlan
package import FoundationEssentials

extension Configuration {
    /// What is set for one PBX.
    package struct PBX: Sendable {
        /// Its name: letters, digits, `-` and `_`.
        package var name: String
        /// Which PBX it is.
        package var profile: Profile
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
        /// What its profile needs besides.
        package var settings = ProfileSettings()

        /// A PBX that we know how to talk to; the raw values are those of `profile`.
        package enum Profile: String, Sendable, CaseIterable {
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
    package struct Callthrough: Sendable {
        /// The number that the PBX answers.
        package var accessNumber: DialString
        /// The pause between the answer and the first tone, 0 to 60 s.
        package var settle: Duration
        /// What is sent after the answer.
        package var script: DTMFScript
        /// Where the secret for `{pin}` is found.
        package var pin: SecretReference?
        /// How the PBX wants the target written.
        package var numberFormat: NumberFormat
        /// How long each tone lasts, 50 ms to 5 s.
        package var tone: Duration
        /// The silence between two tones, 50 ms to 5 s.
        package var gap: Duration

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
        /// The numbers that the PBX rings us from; never empty.
        package var ringFrom: [PhoneNumber]
        /// What is done with such a ring.
        package var mode: Mode
        /// Whether a person is asked first.
        package var accept: Accept
        /// Whether our call sends a token beside the number that it shows, where this box itself joins the two.
        package var wantsToken = true

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
        package var expectWithin: Duration
    }
}
