package import DialPlan
internal import FoundationEssentials
package import PBX
package import Settings

extension PBXAccount {
    /// The PBX of a configuration; reads its secrets, so ask for it when it is needed.
    ///
    /// - Parameters:
    ///   - pbx: the PBX as it is configured.
    ///   - region: the region of national numbers.
    ///   - environment: where secrets are found.
    package init(
        _ pbx: Configuration.PBX,
        region: Region,
        environment: ConfigurationEnvironment
    ) throws(SecretError) {
        self.init(name: pbx.name, profile: pbx.profile.kind, region: region)
        address = pbx.url.flatMap { PBXAddress($0.absoluteString) }
        user = pbx.user
        password = try pbx.password?.read(in: environment).forPBX
        certificateAuthority = pbx.settings.certificateAuthority
        allowsPlainHTTP = pbx.settings.allowsPlainHTTP
        numberFormat = pbx.settings.numberFormat
        numberPrefix = pbx.settings.numberPrefix ?? ""
        accessNumber = pbx.callthrough?.accessNumber
        ownNumber = pbx.settings.ownNumber
        ringsUs = pbx.reverse != nil
        options.device = pbx.settings.device
        options.callerID = pbx.settings.callerID
        options.endpoint = pbx.settings.endpoint
        options.context = pbx.settings.context
        options.application = pbx.settings.application
        options.wantsToken = pbx.reverse?.wantsToken ?? true
        options.account = pbx.settings.account
        options.callbackBody = pbx.settings.callbackBody
        options.requests = pbx.settings.requests
        guard let configured = pbx.settings.webhook else { return }
        var secrets: [PBXSecret] = []
        if let secret = try configured.secret?.read(in: environment) { secrets.append(secret.forPBX) }
        if let secret = try configured.previousSecret?.read(in: environment) { secrets.append(secret.forPBX) }
        let publicURL = configured.publicURL.flatMap { PBXAddress($0.absoluteString) }
        var settings = WebhookSettings(path: "/pbx/" + pbx.name, publicURL: publicURL, secrets: secrets)
        settings.incoming =
            switch configured.incoming {
            case .pass: .pass
            case .reject: .reject
            case .hold: .hold
            case .forward: .forward(configured.forwardTo)
            }
        webhook = settings
    }
}

extension PBXConnection {
    /// The way to a PBX of a configuration, over the network; call ``PBXConnection/close()`` before letting go of it.
    package convenience init(
        _ pbx: Configuration.PBX,
        region: Region,
        environment: ConfigurationEnvironment
    ) throws(SecretError) {
        let account = try PBXAccount(pbx, region: region, environment: environment)
        let transport = AsyncHTTPTransport(
            certificateAuthority: account.certificateAuthority,
            allowsPlainHTTP: account.allowsPlainHTTP
        )
        self.init(account: account, transport: transport)
    }
}

extension Configuration.PBX.Profile {
    /// What the module `PBX` knows about this kind of PBX.
    package var kind: PBXProfile {
        switch self {
        case .fonial: .fonial
        case .placetel: .placetel
        case .sipgate: .sipgate
        case .asteriskARI: .asteriskARI
        case .fritzbox: .fritzbox
        case .twilio: .twilio
        case .generic: .generic
        case .dtmf: .dtmf
        }
    }
}

extension Secret {
    fileprivate var forPBX: PBXSecret { PBXSecret(reveal()) }
}
