/// A kind of PBX: what it can do, what its requests look like, and how its webhooks are read; a value, one file each.
package struct PBXProfile: Sendable {
    /// Its name in the configuration.
    package let name: String
    /// Whether it is asked over HTTP, and where.
    package let interface: Interface
    /// The keys of the configuration that it has beside those of all.
    package let keys: [PBXProfileKey]
    /// Gives its keys the defaults that depend on others, and tells what does not fit together.
    package let complete: @Sendable (inout PBXAccount.Options, Ways) -> [PBXProfileKey.Problem]
    /// What a PBX of this kind can do with the settings it has.
    package let capabilities: @Sendable (PBXAccount) -> PBXCapabilities
    /// What an action is made of; throws when the PBX can't do it or the settings lack something.
    let begin: @Sendable (PBXAction, PBXAccount) throws(PBXError) -> PBXStep
    /// How its webhooks are checked and read; nil when it sends none.
    let webhooks: WebhookDialect?

    /// Whether a PBX is asked over HTTP, and where.
    package enum Interface: Sendable {
        /// Never.
        case none
        /// At an address of its maker's, where none is configured.
        case known
        /// At the address that is configured.
        case configured
    }

    /// The ways to and from a PBX that are configured.
    package struct Ways: Sendable {
        /// There are an address, a user and a password.
        package var hasCredentials: Bool
        /// Our calls are led on.
        package var hasCallthrough: Bool
        /// Callers that it holds are fetched by a call.
        package var fetchesCallers: Bool

        /// Creates ways.
        package init(hasCredentials: Bool, hasCallthrough: Bool, fetchesCallers: Bool) {
            self.hasCredentials = hasCredentials
            self.hasCallthrough = hasCallthrough
            self.fetchesCallers = fetchesCallers
        }
    }

    init(
        name: String,
        interface: Interface = .known,
        keys: [PBXProfileKey] = [],
        webhooks: WebhookDialect? = nil,
        complete: @escaping @Sendable (inout PBXAccount.Options, Ways) -> [PBXProfileKey.Problem] = { _, _ in [] },
        capabilities: @escaping @Sendable (PBXAccount) -> PBXCapabilities,
        begin: @escaping @Sendable (PBXAction, PBXAccount) throws(PBXError) -> PBXStep
    ) {
        self.name = name
        self.interface = interface
        self.keys = keys
        self.webhooks = webhooks
        self.complete = complete
        self.capabilities = capabilities
        self.begin = begin
    }

    /// Every profile there is, in the order in which people are told of them.
    package static let all: [PBXProfile] = [
        .fonial, .placetel, .sipgate, .asteriskARI, .fritzbox, .twilio, .generic, .dtmf,
    ]

    package static func named(_ name: String) -> PBXProfile? { all.first { $0.name == name } }

    /// What its webhooks need to be set; nil when it sends none.
    package var webhookNeeds: WebhookNeeds? { webhooks?.needs }
}

extension PBXProfile: Equatable {
    /// Whether two are the same kind.
    package static func == (left: PBXProfile, right: PBXProfile) -> Bool { left.name == right.name }
}
