package import DialPlan
internal import FoundationEssentials
package import PBX
package import Settings
internal import TextCoding
internal import WebRequests

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
        self.init(name: pbx.name, profile: pbx.profile, region: region)
        address = pbx.url.flatMap { WebAddress($0.absoluteString) }
        user = pbx.user
        password = try pbx.password?.read(in: environment)
        certificateAuthority = pbx.certificateAuthority
        allowsPlainHTTP = pbx.allowsPlainHTTP
        numberFormat = pbx.numberFormat
        numberPrefix = pbx.numberPrefix ?? ""
        accessNumber = pbx.callthrough?.accessNumber
        ownNumber = pbx.ownNumber
        ringsUs = pbx.reverse?.hold == .pbx
        options = pbx.options
        options.wantsToken = pbx.reverse?.wantsToken ?? true
        guard let configured = pbx.webhook else { return }
        var secrets: [Secret] = []
        if let secret = try configured.secret?.read(in: environment) { secrets.append(secret) }
        if let secret = try configured.previousSecret?.read(in: environment) { secrets.append(secret) }
        let publicURL = configured.publicURL.flatMap { WebAddress($0.absoluteString) }
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
