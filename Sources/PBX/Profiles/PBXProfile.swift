/// A kind of PBX: what it can do, what its requests look like, and how its webhooks are read; a value, one file each.
package struct PBXProfile: Sendable {
    /// Its name in the configuration.
    package let name: String
    /// What a PBX of this kind can do with the settings it has.
    package let capabilities: @Sendable (PBXAccount) -> PBXCapabilities
    /// What an action is made of; throws when the PBX can't do it or the settings lack something.
    let begin: @Sendable (PBXAction, PBXAccount) throws(PBXError) -> PBXStep
    /// How its webhooks are checked and read; nil when it sends none.
    let webhooks: WebhookDialect?

    init(
        name: String,
        webhooks: WebhookDialect? = nil,
        capabilities: @escaping @Sendable (PBXAccount) -> PBXCapabilities,
        begin: @escaping @Sendable (PBXAction, PBXAccount) throws(PBXError) -> PBXStep
    ) {
        self.name = name
        self.webhooks = webhooks
        self.capabilities = capabilities
        self.begin = begin
    }

    /// Every profile there is.
    package static let all: [PBXProfile] = [
        .generic, .asteriskARI, .dtmf, .twilio, .sipgate, .placetel, .fonial, .fritzbox,
    ]

    /// The profile of a name.
    package static func named(_ name: String) -> PBXProfile? { all.first { $0.name == name } }
}
