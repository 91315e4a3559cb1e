extension Configuration {
    /// How an Asterisk brings the sound of calls by its AudioSocket protocol.
    package struct AudioSocket: Sendable {
        /// Where its connections are taken; nil for nowhere.
        package var listen: ListenAddress?
    }
}

extension SettingTable<Configuration.AudioSocket> {
    static var audioSocket: Self {
        Self(
            { _, _ in Configuration.AudioSocket() },
            [
                .optional("listen", \.listen, .listenAddress).example("127.0.0.1:9092")
                    .help(
                        "the IP address and the port for `AudioSocket()` and `Dial(AudioSocket/…)`: neither password nor encryption"
                    )
            ]
        )
    }
}
