internal import CallModel
package import ConfigurationText
package import DialPlan
internal import FoundationEssentials
internal import TextCoding

/// Everything that a person can set, with the contract's default where nothing was set.
///
/// Read it with ``load(path:environment:)``; a value of this type has passed every check.
package struct Configuration: Sendable {
    /// This box.
    package var gateway: Gateway
    /// The modems that have a name, in the order of the file; a modem without an entry is used all the same.
    package var modems: [Modem] = []
    /// The PBXs, in the order of the file.
    package var pbx: [PBX] = []
    /// What may be called, how long and how often.
    package var policy = Policy()
    /// The accounts at PBXs.
    package var sip = SIP()
    /// Who may call on through the box; nil for nobody.
    package var disa: DISA?
    /// Whom calls ring that come in, in the order of the file.
    package var incoming: [IncomingRule] = []
    /// What rings and messages of listed numbers come to, in the order of the file.
    package var arrivals: [Arrival] = []
    /// In which order the ways to a number are tried, in the order of the file.
    package var routes: [RouteRule] = []
    /// What calls cost, in the order of the file.
    package var tariffs: [Tariff] = []
    /// How the call log is kept.
    package var calls = Calls()
    /// What concerns short messages.
    package var messages = Messages()
    /// What may be asked of networks by USSD.
    package var service = Service()
    /// How an Asterisk brings the sound of calls.
    package var audioSocket = AudioSocket()
    /// How the running service can be reached beside its socket.
    package var control = Control()
    /// The page for people.
    package var web = Web()
    /// What PBXs tell this box, and what this box tells others.
    package var webhooks = Webhooks()
    /// The file that was read; nil when there is none and everything is a default.
    package let file: String?
    /// Every effective value and where it comes from, in the order of the reference.
    package private(set) var settings: [Setting] = []

    /// Every secret that the configuration refers to, in the order of the reference.
    package private(set) var secrets: [SecretReference] = []

    /// The defaults of everything.
    init(_ environment: ConfigurationEnvironment, region: Region, file: String?) {
        gateway = Gateway(environment, region: region)
        self.file = file
    }

    /// Takes what was noted while the file was read.
    mutating func take(_ reader: ConfigurationReader) {
        settings = reader.settings
        secrets = reader.secrets
    }
}

extension SettingTable<Configuration> {
    /// The blocks of the file.
    static var root: Self {
        let rows: [SettingRow<Configuration>] = [
            .section("gateway", \.gateway, .gateway).followed { $0.region = $1.gateway.region }.help("this box"),
            .modems, .pbx,
            .section("sip", \.sip, .sip).help("SIP: the way to PBXs over the Internet"),
            .incoming,
            .arrivals,
            .routes,
            .disa,
            .section("policy", \.policy, .policy).help("what may be called, how long and how often"),
            .tariffs,
            .section("calls", \.calls, .calls).help("the call log"),
            .section("messages", \.messages, .messages).help("short messages"),
            .section("ussd", \.service, .service).help("codes for the network, such as one that tells the balance"),
            .section("audiosocket", \.audioSocket, .audioSocket)
                .help("an Asterisk that brings the sound of calls with `--audio audiosocket`"),
            .section("control", \.control, .control)
                .help("how the service is reached over TCP; over its socket it always is"),
            .section("web", \.web, .web).help("the page for people: see, dial, understand, by a browser"),
            .section("webhooks", \.webhooks, .webhooks)
                .help("what PBXs tell this box (their block `webhook`), and what this box tells others"),
        ]
        return Self(
            { reader, _ in Configuration(reader.environment, region: reader.region, file: reader.file) },
            rows,
            check: { reader, _, configuration in
                if let configuration {
                    Configuration.checkRings(&reader, configuration)
                    Configuration.checkHolds(&reader, configuration)
                    Configuration.checkDISA(&reader, configuration)
                    Configuration.checkArrivals(&reader, configuration)
                    Configuration.checkListeners(&reader, configuration)
                }
                // What is said for all PBXs holds for each that says nothing else.
                guard let url = configuration?.webhooks.publicURL, let list = configuration?.pbx else { return }
                for (index, pbx) in list.enumerated() where pbx.webhook?.publicURL == nil {
                    configuration?.pbx[index].webhook?.publicURL = url.appending(path: "pbx/" + pbx.name)
                }
            }
        )
    }
}

// MARK: Finding things by what the user calls them

extension Configuration {
    /// Finds a modem as `--modem` names it: by its name, by the IMEI or by the tty of its `match`.
    ///
    /// - Returns: nil when no entry fits; a tty or an IMEI may then still be a modem without an entry.
    package func modem(_ reference: String) -> Modem? {
        modems.first { $0.name == reference }
            ?? modems.first { $0.match.accepts(imei: reference) || $0.match.accepts(tty: reference) }
    }

    /// Finds a PBX by its name; without a name, the only one, or the first that has a callthrough.
    ///
    /// - Returns: nil when there is none.
    /// - Throws: ``UnknownName`` when a name was given that no PBX has.
    package func pbx(_ name: String?) throws(UnknownName) -> PBX? {
        guard let name else { return pbx.first { $0.callthrough != nil } ?? pbx.first }
        guard let found = pbx.first(where: { $0.name == name }) else {
            throw UnknownName(what: "PBX", name: name, known: pbx.map(\.name))
        }
        return found
    }

    /// The service's control socket for a command: the one of `--socket`, else of `$GSMBRIDGE_SOCKET`, else the
    /// configured one.
    package func controlSocket(option: String?, environment: ConfigurationEnvironment = .current) -> String {
        option ?? environment.variable("GSMBRIDGE_SOCKET") ?? gateway.socket
    }

    /// A name that is not in the configuration.
    package struct UnknownName: Error, Sendable, CustomStringConvertible {
        let what: String
        let name: String
        let known: [String]

        /// What is wrong and which names there are, in one line.
        package var description: String {
            let list = known.isEmpty ? "none is configured" : "configured: " + known.joined(separator: ", ")
            let likely = Spelling.nearest(to: name, among: known).map { "; did you mean \($0)?" } ?? ""
            return "there is no \(what) called \(Spelling.quoted(name)) (\(list))\(likely)"
        }
    }
}

// MARK: Where values come from

extension Configuration {
    /// One effective value and where it comes from.
    package struct Setting: Sendable, Equatable {
        /// The key with its sections, such as `pbx.office.callthrough.settle`.
        package let key: String
        /// The value as it is shown; a secret is never in it.
        package let value: Value
        /// Who decided it.
        package let origin: Origin

        /// A value as it is shown.
        package enum Value: Sendable, Equatable {
            case text(String)
            case number(Int)
            case flag(Bool)
            case list([String])
            /// A secret; only where it would be read from.
            case hidden(source: String)
        }
    }

    /// Who decided a value.
    package enum Origin: Sendable, Equatable, CustomStringConvertible {
        /// No person: it is the default.
        case standard
        /// The configuration file, in this line.
        case file(String, line: Int)

        /// `default`, or the file and the line.
        package var description: String {
            switch self {
            case .standard: "default"
            case .file(let path, let line): "\(path):\(line)"
            }
        }
    }
}

extension Configuration.Setting.Value: CustomStringConvertible {
    /// The value in one line, written as in the file.
    package var description: String {
        switch self {
        case .text(let text): text
        case .number(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        case .list(let values): "[\(values.joined(separator: ", "))]"
        case .hidden(let source): "(hidden, from \(source))"
        }
    }
}

extension Configuration {
    /// A problem that shows only when what a value names is looked at, such as a file; told at the value's place.
    package func problem(_ message: String, at key: String, remedy: String) -> ConfigurationProblem {
        let setting = settings.first { $0.key == key }
        guard case .file(let path, let line)? = setting?.origin else {
            return ConfigurationProblem(file: file, key: key, message: message, remedy: remedy)
        }
        return ConfigurationProblem(file: path, line: line, key: key, message: message, remedy: remedy)
    }
}
