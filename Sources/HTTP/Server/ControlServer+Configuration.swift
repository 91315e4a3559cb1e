package import Settings

extension ControlServer.Settings {
    /// The settings of a configuration; reads the token.
    ///
    /// - Parameters:
    ///   - configuration: what the service runs with.
    ///   - environment: where credentials are found.
    /// - Throws: ``SecretError`` when the token can't be had.
    package init(_ configuration: Configuration, environment: ConfigurationEnvironment) throws(SecretError) {
        self.init(socket: configuration.gateway.socket)
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
