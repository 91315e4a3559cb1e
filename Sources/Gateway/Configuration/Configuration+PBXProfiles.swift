public import DialPlan
public import FoundationEssentials
public import PBX

extension Configuration.PBX {
    /// What the profile of a PBX needs besides address and credentials; which of it, the PBX's page in `docs/pbx/` says.
    public struct ProfileSettings: Sendable {
        /// A PEM file with the only certificates to trust; nil for the system's.
        public var certificateAuthority: String?
        /// Whether plain HTTP outside the own network was decided on.
        public var allowsPlainHTTP = false
        /// How numbers are written in requests; nil for the profile's own way.
        public var numberFormat: NumberFormat?
        /// What goes before each number in requests: up to 8 digits.
        public var numberPrefix: String?
        /// The SIM's own number.
        public var ownNumber: PhoneNumber?
        /// What the PBX rings first.
        public var device: String?
        /// The number that it shows to the target.
        public var callerID: DialString?
        /// How a number becomes an endpoint of Asterisk.
        public var endpoint: String?
        /// The context of Asterisk's dialplan in which targets are called.
        public var context: String?
        /// The application of Asterisk's under which callers are held for us.
        public var application: String?
        /// The account, when it is not the user.
        public var account: String?
        /// The body of fonial's `/call/initiate`.
        public var callbackBody: RequestTemplate?
        /// The requests of the profile `generic`.
        public var requests: GenericRequests?
        /// How its webhooks are checked.
        public var webhook: Webhook?

        /// Settings that say nothing.
        public init() {}
    }

    /// How the webhooks of a PBX are checked and answered.
    public struct Webhook: Sendable {
        /// The address under which the PBX reaches this box, if it matters.
        public var publicURL: URL?
        /// Where the secret of the signatures is found; nil for `sipgate`, which signs with a key of its own.
        public var secret: SecretReference?
        /// Where the secret before that is found, while it is being changed.
        public var previousSecret: SecretReference?
        /// What an incoming call gets that is neither expected nor ours.
        public var incoming = Incoming.pass
        /// Where such a call is led with ``Incoming/forward``.
        public var forwardTo: [String] = []

        /// What an incoming call gets; the raw values are those of `webhook.incoming`.
        public enum Incoming: String, Sendable, CaseIterable {
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
