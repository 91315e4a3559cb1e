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
