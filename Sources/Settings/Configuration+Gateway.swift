package import CallModel
package import DialPlan

extension Configuration {
    /// What concerns the box as a whole.
    package struct Gateway: Sendable {
        /// What the box is called in events and lists; the host's name unless set.
        package var name: String
        /// How national numbers are read; Germany unless set.
        package var region: Region
        /// Where journal, call log and ledgers lie.
        package var stateDirectory: String
        /// The service's control socket, at most 107 bytes long.
        package var socket: String
        /// How long a call may wait for a modem when all are busy, 0 to 10 min.
        package var queuesFor = Duration.seconds(60)
        /// How long live calls may go on when the service is to stop, 0 to 1 h; then they are hung up.
        package var grace = Duration.seconds(10)
        /// How one of several free modems is chosen for a call.
        package var modemChoice = ModemChoice.bestSignal
        /// What is done with calls that are not expected.
        package var unknownCallers = UnknownCallers.ignore
        /// What becomes of a call that a crashed service left up.
        package var afterCrash = AfterCrash.hangUp

        init(_ environment: ConfigurationEnvironment, region: Region) {
            name = environment.defaultName
            self.region = region
            stateDirectory = environment.defaultStateDirectory
            socket = environment.defaultSocket
        }

        /// What becomes of a call that a crashed service left up; the raw values are those of `gateway.after_crash`.
        package enum AfterCrash: String, Sendable, CaseIterable {
            /// It is hung up.
            case hangUp = "hang_up"
            /// It goes on as a call of the new service, if nothing about it is in doubt; else it is hung up.
            case adopt
        }

        /// What is done with a call that is not expected; the raw values are those of `gateway.unknown_callers`.
        package enum UnknownCallers: String, Sendable, CaseIterable {
            /// It is refused as busy.
            case reject
            /// It rings until the caller gives up, and the modem waits for that.
            case ignore
            /// It rings until a decision, by command or over the control interface, and is refused after 2 min.
            case ask
            case answer
            /// It is answered, asked to leave a message, and recorded for 3 min at most.
            case voicemail
        }
    }
}

extension SettingTable<Configuration.Gateway> {
    static var gateway: Self {
        let rows: [SettingRow<Configuration.Gateway>] = [
            .value("name", \.name, .line(longest: 64)).standard("the host's name").example("cabin")
                .help("what the box is called in lists and events"),
            .value("region", \.region, .region).set()
                .help("how national numbers are read and written: a country's two letters (ISO 3166-1)"),
            .value("state_dir", \.stateDirectory, .absolutePath()).example("/var/lib/gsmbridge")
                .standard("`/var/lib/gsmbridge`, or the user's own state directory")
                .help("where the call log, the contacts and the record of PIN attempts lie"),
            // sockaddr_un has room for 108 bytes, one of them the end.
            .value("socket", \.socket, .absolutePath(longest: 107)).example("/run/gsmbridge/control.sock")
                .standard("`/run/gsmbridge/control.sock`, or in the user's own runtime directory")
                .help("the service's control socket"),
            .value("queue_for", \.queuesFor, .duration(.zero ... .seconds(600)))
                .help("how long a call may wait for a modem when all that fit are busy"),
            .value("grace", \.grace, .duration(.zero ... .seconds(3600)))
                .help("how long live calls may go on when the service is to stop; then they are hung up"),
            .value("modem_choice", \.modemChoice, .choice)
                .help("which of several free modems makes a call; those sure of voice go before others that are equal"),
            .value("unknown_callers", \.unknownCallers, .choice)
                .help("what a call gets that nobody expects; `ask` rings until `gsmbridge answer` or `hangup` decides"),
            .value("after_crash", \.afterCrash, .choice)
                .help(
                    "what becomes of a call that a crashed service left up; `adopt` goes on with it, if nothing is in doubt"
                ),
        ]
        return Self({ reader, _ in Configuration.Gateway(reader.environment, region: reader.region) }, rows)
    }
}
