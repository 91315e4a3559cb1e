package import Settings
internal import TextCoding
internal import WebAccess

extension ControlServer.Settings {
    /// The settings of a configuration; reads the token.
    ///
    /// - Parameters:
    ///   - configuration: what the service runs with.
    ///   - environment: where credentials are found.
    /// - Throws: ``SecretError`` when the token can't be had.
    package init(_ configuration: Configuration, environment: ConfigurationEnvironment) throws(SecretError) {
        self.init(socket: configuration.gateway.socket)
        web = try Web(configuration, environment)
        guard let remote = configuration.control.remote else { return }
        let token = try remote.token.read(in: environment)
        tcp = TCP(
            host: remote.listen.host,
            port: remote.listen.port,
            token: token,
            readToken: try remote.readToken?.read(in: environment),
            names: remote.names
        )
    }
}

extension ControlServer.Settings.Web {
    /// The settings of a configuration; nil where the page is off.
    fileprivate init?(_ configuration: Configuration, _ environment: ConfigurationEnvironment) throws(SecretError) {
        let web = configuration.web
        guard web.isOn else { return nil }
        self.init(host: web.listen.host, port: web.listen.port)
        names = web.names + [configuration.gateway.name]
        isWanted = web.isWritten
        sessions = configuration.gateway.stateDirectory + "/web-sessions.json"
        for user in web.users {
            // A file that was read has one, and what is read of it is a hash.
            guard let text = try user.password?.read(in: environment).reveal(), let hash = PasswordHash(text) else {
                continue
            }
            users.append(WebUser(name: user.name, role: user.role, password: hash))
        }
        if let tls = web.tls { self.tls = (tls.certificate, try tls.key.read(in: environment)) }
    }
}
