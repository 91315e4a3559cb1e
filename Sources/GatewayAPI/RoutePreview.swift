/// What a call would be, of which nobody has dialled anything: the answer to `POST /v1/routes` and of `dial --dry-run`.
package struct RoutePreview: Sendable, Hashable, Codable {
    /// One connection, and who pays for it.
    package struct Leg: Sendable, Hashable, Codable {
        /// Between whom it is.
        package var leg: String
        package var payer: String

        package init(leg: String, payer: String) {
            self.leg = leg
            self.payer = payer
        }
    }

    /// A method that was compared with the others.
    package struct Method: Sendable, Hashable, Codable {
        package var method: String
        package var pbx: String?
        /// What a minute costs at the SIM; nil where that is not known.
        package var simPerMinute: String?
        /// What a minute costs at the PBX; nil where that is not known.
        package var pbxPerMinute: String?
        /// Whether it is the one that is used.
        package var taken: Bool
        /// Why, or why not.
        package var reason: String

        package init(method: String, taken: Bool, reason: String) {
            self.method = method
            self.taken = taken
            self.reason = reason
        }

        private enum CodingKeys: String, CodingKey {
            case method
            case pbx
            case simPerMinute = "sim_per_minute"
            case pbxPerMinute = "pbx_per_minute"
            case taken
            case reason
        }
    }

    /// How the call would be made.
    package var method: String
    /// Why in this way.
    package var reason: String
    /// Whom it reaches, as the number was read.
    package var target: String
    /// What may have been meant instead.
    package var note: String?
    /// What the modem dials.
    package var number: String
    /// How the target is written for whom it is told.
    package var targetOnTheWire: String
    /// The tones behind the answer, secrets hidden, pauses as commas.
    package var digits: String
    package var pbx: String?
    /// The modem as it was asked for.
    package var modem: String?
    /// The account that it goes over.
    package var account: String?
    /// The methods that are tried where the Internet fails; nil for none.
    package var alternatives: [String]?
    package var legs: [Leg]
    /// Whether the policy lets the call through, its limits included.
    package var allowed: Bool
    /// The class of the number, such as `mobile`.
    package var policyClass: String
    /// Why it is let through or refused.
    package var policyReason: String
    /// The limit that refuses it.
    package var limit: String?
    /// How long it may last.
    package var maxSeconds: Int?
    /// What it costs at most, in ``currency``; nil where no price is known.
    package var maxCost: String?
    package var currency: String
    /// Why it may last less long than was asked for.
    package var cut: String?
    /// The limits that are nearly used up, one line each.
    package var warnings: [String]
    /// The methods that were compared; empty where one was named.
    package var methods: [Method]

    /// Creates one of what is always known.
    package init(
        method: String,
        reason: String,
        target: String,
        number: String,
        targetOnTheWire: String,
        digits: String
    ) {
        self.method = method
        self.reason = reason
        self.target = target
        self.number = number
        self.targetOnTheWire = targetOnTheWire
        self.digits = digits
        legs = []
        allowed = false
        policyClass = ""
        policyReason = ""
        currency = ""
        warnings = []
        methods = []
    }

    /// The ``policyClass`` of what is no number.
    package static let unreadable = "unreadable"

    /// Creates one of what is no number: nobody is called, and here is why.
    package init(unreadable text: String, because reason: String, modem: String?, currency: String) {
        self.init(method: "none", reason: reason, target: text, number: "", targetOnTheWire: "", digits: "")
        policyClass = Self.unreadable
        policyReason = reason
        self.modem = modem
        self.currency = currency
    }

    private enum CodingKeys: String, CodingKey {
        case method
        case reason
        case target
        case note
        case number
        case targetOnTheWire = "target_on_the_wire"
        case digits
        case pbx
        case modem
        case account
        case alternatives
        case legs
        case allowed
        case policyClass = "policy_class"
        case policyReason = "policy_reason"
        case limit
        case maxSeconds = "max_seconds"
        case maxCost = "max_cost"
        case currency
        case cut
        case warnings
        case methods
    }
}
