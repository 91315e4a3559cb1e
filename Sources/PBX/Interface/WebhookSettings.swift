package import TextCoding
package import WebRequests

/// How the webhooks of one PBX are checked and answered.
package struct WebhookSettings: Sendable {
    /// What an incoming call gets that is neither expected nor ours.
    package enum Incoming: Sendable, Equatable {
        /// Nothing: the PBX goes on by its own rules.
        case pass
        /// Busy.
        case reject
        /// It is held until it is claimed, where the PBX can do that.
        case hold
        /// It is led to other numbers or users of the PBX.
        case forward([String])
    }

    /// The path under which the listener takes them, such as `/pbx/office`.
    package var path: String
    /// The same as the PBX sees it, such as `https://box.example.net/pbx/office`; Twilio signs it, sipgate and Twilio are
    /// told it.
    package var publicURL: WebAddress?
    /// What signatures are made with, newest first: two while the secret is being changed.
    package var secrets: [Secret]
    /// `sipgate`: its public key (PEM); nil for the one it published.
    package var publicKey: String?
    /// What an unexpected incoming call gets.
    package var incoming = Incoming.pass

    /// Makes settings.
    package init(path: String, publicURL: WebAddress? = nil, secrets: [Secret] = []) {
        self.path = path
        self.publicURL = publicURL
        self.secrets = secrets
    }
}
