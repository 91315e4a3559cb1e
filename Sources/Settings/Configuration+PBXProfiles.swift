package import DialPlan
package import FoundationEssentials
package import PBX

extension Configuration.PBX {
    /// What the profile of a PBX needs besides address and credentials; which of it, the PBX's page in `docs/pbx/` says.
    package struct ProfileSettings: Sendable {
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
        /// What the PBX rings first.
        package var device: String?
        /// The number that it shows to the target.
        package var callerID: DialString?
        /// How a number becomes an endpoint of Asterisk.
        package var endpoint: String?
        /// The context of Asterisk's dialplan in which targets are called.
        package var context: String?
        /// The application of Asterisk's under which callers are held for us.
        package var application: String?
        /// The account, when it is not the user.
        package var account: String?
        /// The body of fonial's `/call/initiate`.
        package var callbackBody: RequestTemplate?
        /// The requests of the profile `generic`.
        package var requests: GenericRequests?
        /// How its webhooks are checked.
        package var webhook: Webhook?

        /// Settings that say nothing.
        package init() {}
    }

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
