extension Configuration {
    /// The page for people.
    package struct Web: Sendable {
        /// Whether there is one.
        package var isOn = true
        /// The address and port.
        package var listen = ListenAddress(host: "127.0.0.1", port: 8470, isLoopback: true)
        /// Whether a person chose where it is.
        package var isWritten = false
        /// The names under which browsers ask, beside IP addresses and the box's own.
        package var names: [String] = []
        /// Certificate and key; nil for plain HTTP.
        package var tls: Webhooks.Identity?
        var isExposed = false
        /// Who may log in with a password, in the order of the file.
        package var users: [User] = []

        /// A person with a password.
        package struct User: Sendable {
            /// The name.
            package var name: String
            /// What they may do.
            package var role = WebRole.see
            /// Where the hash of the password is found; there is one in every file that was read.
            package var password: SecretReference?
        }

        /// More are refused: each costs memory, and the page is for a house.
        static let mostUsers = 64
    }
}

extension SettingTable<Configuration.Web> {
    static var web: Self {
        let rows: [SettingRow<Configuration.Web>] = [
            .value("enabled", \.isOn, .flag, isShown: false).help("whether there is a page at all"),
            .value("listen", \.listen, .listenAddress).example("127.0.0.1:8470")
                .help("the IP address and the port of the page; beyond 127.0.0.1 give it `tls`"),
            .optionalList("names", \.names, .hostName).example("[box.example.net]")
                .help("names under which browsers ask, without scheme and port; others are refused (421)"),
            .block("tls", \.tls) { _ in .identity }
                .example("{ certificate: /etc/gsmbridge/box.pem, key: /etc/gsmbridge/box.key }")
                .help(
                    "certificate and key, such as those of `gsmbridge web cert`; the microphone needs it away from this box"
                ),
            .named("users", \.users, .webUser)
                .example("{ anna: { role: call, password: { credential: anna-page } } }")
                .help(
                    "people who log in with a password; without any the links of `gsmbridge web login` are the only way in"
                ),
            .value("expose_unencrypted", \.isExposed, .flag, isShown: false)
                .help("whether `listen` may be an address that others reach without `tls`: all between can read along"),
        ]
        return Self(
            { _, section in
                var web = Configuration.Web()
                web.isWritten = section["listen"] != nil
                return web
            },
            rows,
            check: { reader, section, web in
                if let web, web.users.count > Configuration.Web.mostUsers {
                    reader.report(
                        "there are \(web.users.count) people",
                        "leave at most \(Configuration.Web.mostUsers)",
                        at: "users",
                        in: section
                    )
                }
                guard let web, web.isOn, !web.listen.isLoopback, section["tls"] == nil, !web.isExposed else { return }
                reader.report(
                    "sessions and numbers would cross the network unencrypted",
                    "listen at 127.0.0.1 behind a reverse proxy with TLS, add a block tls (gsmbridge web cert makes what it"
                        + " needs), or write 'expose_unencrypted: true' if everything between is trusted",
                    at: "listen",
                    in: section
                )
            }
        )
    }
}

extension SettingTable<Configuration.Web.User> {
    fileprivate static var webUser: Self {
        Self(
            { Configuration.Web.User(name: $1.name) },
            [
                .value("role", \.role, .choice)
                    .help("what they may do: `see`, `call` (and see), or `admin` (everything that the page can)"),
                .secret("password", \.password, .passwordHash)
                    .needed(
                        "there is no password",
                        "add 'password: { credential: NAME }', made by: gsmbridge web password"
                    )
                    .example("{ credential: anna-page }")
                    .help("the hash of their password, as `gsmbridge web password` prints it"),
            ]
        )
    }
}
