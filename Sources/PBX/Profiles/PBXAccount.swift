package import DialPlan
package import TextCoding
package import WebRequests

/// One PBX as it is configured: which kind, where, who we are there, and what its profile needs to know.
package struct PBXAccount: Sendable {
    /// Its name in the configuration.
    package var name: String
    /// Which kind it is.
    package var profile: PBXProfile
    /// The base of its HTTP interface; nil for the profile's own.
    package var address: WebAddress?
    /// Who we are there.
    package var user: String?
    /// The password or token.
    package var password: Secret?
    /// A PEM file with the only certificates to trust; nil for the system's.
    package var certificateAuthority: String?
    /// Whether plain HTTP outside the own network was decided on.
    package var allowsPlainHTTP = false
    /// The region whose rules national numbers follow.
    package var region: Region
    /// How numbers are written in requests; nil for the profile's own way.
    package var numberFormat: NumberFormat?
    /// What goes before each number, such as the digit for an outside line.
    package var numberPrefix = ""
    /// The number that our calls go to.
    package var accessNumber: DialString?
    /// The SIM's own number, which the PBX calls back and recognises us by; requests may name another.
    package var ownNumber: PhoneNumber?
    /// Whether the PBX rings us for callers whom it has.
    package var ringsUs = false
    /// What only some profiles know.
    package var options = Options()
    /// How its webhooks are checked; nil when none are expected.
    package var webhook: WebhookSettings?
    /// The calls of ours that it will ask about; copies of this value share it.
    package let expected = ExpectedCallBoard()
    /// The callers that its application holds; copies of this value share it.
    let stasis = StasisBoard()

    /// What only some profiles know; which keys, each profile says (``PBXProfile/keys``).
    package struct Options: Sendable {
        /// The values of the profile's own keys, by their names in the configuration.
        package var values: [String: String] = [:]
        /// The number of the PBX's that it shows to the target.
        package var callerID: DialString?
        /// `asterisk_ari`: whether our call sends a token to fetch a held caller, beside the number that it shows.
        package var wantsToken = true
        /// `generic`: the requests; nil for those of the project's own contract.
        package var requests: GenericRequests?
        /// The PBX's own device or extension that it rings first.
        package var device: String? {
            get { values["device"] }
            set { values["device"] = newValue }
        }

        /// Makes options that say nothing.
        package init() {}
    }

    /// Makes an account with nothing but its name and kind.
    package init(name: String, profile: PBXProfile, region: Region) {
        self.name = name
        self.profile = profile
        self.region = region
    }

    /// Writes a number the way this PBX wants it.
    func write(_ number: PhoneNumber, _ standard: NumberFormat) -> String {
        numberPrefix + number.formatted(numberFormat ?? standard).text
    }

    /// The base of the HTTP interface.
    ///
    /// - Parameter standard: the address that the PBX's maker runs; nil when there is none.
    func base(_ standard: String? = nil, for action: PBXAction) throws(PBXError) -> RequestURL {
        guard let address = address ?? standard.flatMap({ WebAddress($0) }) else { throw .missing("url", for: action) }
        return RequestURL(address)
    }

    /// User and password, both of which are needed.
    func credentials(for action: PBXAction) throws(PBXError) -> (user: String, password: Secret) {
        guard let user else { throw .missing("user", for: action) }
        guard let password else { throw .missing("password", for: action) }
        return (user, password)
    }

    /// The SIM's number, from the request or the settings.
    func caller(_ requested: PhoneNumber?, for action: PBXAction) throws(PBXError) -> PhoneNumber {
        guard let number = requested ?? ownNumber else {
            throw PBXError(
                .misconfigured,
                "\(action.name) needs the number of the SIM, and the SIM does not tell it",
                remedy: "set number of the modem, or own_number in the PBX's section"
            )
        }
        return number
    }
}
