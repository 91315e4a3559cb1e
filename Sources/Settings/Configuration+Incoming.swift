package import CallModel
internal import DialPlan

extension Configuration {
    /// What is done with calls that come in and that nobody else expects: the first rule that fits is taken.
    package struct IncomingRule: Sendable {
        /// The modem or the account that it comes in on, by its name, or `any`.
        package var line = "any"
        /// Who calls.
        package var from = Caller.any
        /// Who is rung, all at once: phones, numbers over accounts, addresses of SIP.
        package var ring: [AudioSpec] = []
        /// Who hears and speaks in the call, which is answered at once; nil where people are rung.
        package var audio: AudioSpec?
        /// The keys that the caller has to press before he is joined with `audio`, or who takes the call before it is answered.
        package var confirm: String?
        /// How long they ring.
        package var ringsFor = Duration.seconds(30)
        /// What is done when nobody takes it.
        package var otherwise = Otherwise.reject

        /// A rule for every call, that rings nobody yet.
        package init() {}

        /// Who calls; the raw values are those of `from`.
        package enum Caller: String, Sendable, CaseIterable {
            case any
            /// One of the contacts.
            case contact
            /// Whose number is shown.
            case known
            /// Whose number is not shown.
            case withheld
        }

        /// What is done when nobody takes it; the raw values are those of `else`.
        package enum Otherwise: String, Sendable, CaseIterable {
            /// It is refused as busy.
            case reject
            /// It rings on until a person decides, 2 min in all.
            case ask
            /// It is answered, and the caller may leave a message.
            case voicemail
        }

        /// Whether a call is one of this rule's.
        ///
        /// - Parameters:
        ///   - name: the name of the modem or the account.
        ///   - number: the caller's number; nil where it is not shown.
        package func fits(line name: String?, number: String?, isContact: Bool) -> Bool {
            guard line == "any" || line == name else { return false }
            return switch from {
            case .any: true
            case .contact: isContact
            case .known: number != nil
            case .withheld: number == nil
            }
        }
    }
}

extension SettingTable<Configuration.IncomingRule> {
    static var incoming: Self {
        let rows: [SettingRow<Configuration.IncomingRule>] = [
            .value("line", \.line, .line(longest: 64), isShown: false)
                .help("the modem or the account that it comes in on, by its name, or `any`"),
            .value("from", \.from, .choice, isShown: false)
                .help("who calls: a `contact`, `known` with a number that is shown, `withheld` without, or `any`"),
            .optionalList("ring", \.ring, .ringing).example("[\"phone:desk\"]")
                .help(
                    "who is rung, all at once, and the first to answer has the call: a phone, a number over an account, an address"
                ),
            // Without an example, as it and `ring` exclude each other.
            .optional("audio", \.audio, .audioSpec)
                .help(
                    "who hears and speaks, in place of `ring`: the call is answered at once; a file, a sound card or an AudioSocket"
                ),
            .optional("confirm", \.confirm, .keys).example("\"1\"")
                .help(
                    "keys that who takes the call has to press before it is answered, so that no mailbox is; with `audio` the caller, before he is joined"
                ),
            .value("for", \.ringsFor, .duration(.seconds(5) ... .seconds(110)), isShown: false)
                .help("how long they ring"),
            .value("else", \.otherwise, .choice, isShown: false)
                .help(
                    "what is done when nobody takes it: `reject` as busy, `ask`: it rings on for `gsmbridge answer`, or `voicemail`: the caller may leave a message"
                ),
        ]
        return Self(
            { _, _ in Configuration.IncomingRule() },
            rows,
            check: { reader, section, rule in
                guard let rule else { return }
                if section["ring"] == nil, section["audio"] == nil {
                    reader.report("nobody is rung", "add 'ring: [\"phone:NAME\"]'", at: "ring", in: section)
                }
                if section["ring"] != nil, section["audio"] != nil {
                    let remedy = "remove one of the two"
                    reader.report("the call can't ring and be answered at once", remedy, at: "audio", in: section)
                }
                if section["audio"] != nil {
                    for key in ["for", "else"] where section[key] != nil {
                        let what = "nobody is rung, the call is answered at once"
                        reader.report(
                            what,
                            "remove '\(key)', or write 'ring:' in place of 'audio:'",
                            at: key,
                            in: section
                        )
                    }
                }
                switch rule.audio {
                case .modem, .account:
                    let remedy = "take another endpoint; `disa` is for callers who call on"
                    let what = "a second call is placed for people who ask for one"
                    reader.report(what, remedy, at: "audio", in: section)
                case .phone, .sip, .browser:
                    let remedy = "write 'ring: [\"phone:NAME\"]'; who is at the page answers what rings"
                    reader.report("people are rung, and not answered for", remedy, at: "audio", in: section)
                case AudioSpec.none?:
                    reader.report(
                        "each caller would be answered, and nobody would hear him",
                        "name who hears: a file, a sound card, an AudioSocket; or write 'ring:'",
                        at: "audio",
                        in: section
                    )
                case nil, .wave, .play, .record, .alsa, .audioSocket, .audioSocketCall: break
                }
            }
        )
    }
}

extension SettingRow<Configuration> {
    static var incoming: Self {
        .blocks(
            "incoming",
            \.incoming,
            .incoming,
            most: (32, "rules", "write one with `from: any` at the end"),
            form: "write a line '- { ring: [\"phone:NAME\"] }' for each rule"
        ) { _, _, _, _ in }
        .help(
            "whom calls ring that come in and that no PBX expects; the first rule that fits is taken, else `unknown_callers`"
        )
    }
}

extension Configuration {
    /// Reports rules that ring phones or accounts which are not in the file.
    static func checkRings(_ reader: inout ConfigurationReader, _ configuration: Configuration) {
        let phones = configuration.sip.phones.map(\.name)
        let accounts = configuration.sip.accounts.map(\.name)
        for (place, rule) in configuration.incoming.enumerated() {
            for spec in rule.ring {
                let (what, name, known, block): (String, String, [String], String)
                switch spec {
                case .phone(let phone): (what, name, known, block) = ("phone", phone, phones, "sip.phones")
                case .account(let account, let number):
                    if isEmergency(number, reader.region) {
                        reader.report("this calls for help", "write another number", incoming: place)
                    }
                    (what, name, known, block) = ("account", account, accounts, "sip.accounts")
                default: continue
                }
                guard !known.contains(name) else { continue }
                let likely = Spelling.nearest(to: name, among: known).map { "did you mean \($0)?" }
                reader.report(
                    "there is no \(what) called \(Spelling.quoted(name))",
                    likely ?? "describe it below \(block), or remove it here",
                    incoming: place
                )
            }
        }
    }

    private static func isEmergency(_ number: String, _ region: Region) -> Bool {
        EmergencyNumbers.contains(number, region: region)
            || (try? PhoneNumber(typed: number, region: region))?.isEmergency == true
    }
}

extension ConfigurationReader {
    /// Reports what is wrong with whom a rule rings.
    fileprivate mutating func report(_ message: String, _ remedy: String, incoming place: Int) {
        let key = "incoming[\(place + 1)].ring"
        let line = settings.first { $0.key == key }
            .flatMap { setting -> Int? in if case .file(_, let line) = setting.origin { line } else { nil } }
        report(message, remedy, key: key, line: line)
    }
}

// MARK: Forms

extension ConfigurationForm<AudioSpec> {
    /// A phone, number or address that can be rung.
    fileprivate static var ringing: Self {
        Self("`phone:NAME`, `account:NAME/NUMBER` or `sip:USER@HOST`", shownAs: \.description) {
            written throws(Complaint) in
            if let spec = try? AudioSpec(written.text) {
                switch spec {
                case .phone: return spec
                case .account(_, let number) where SIPAddress.isUser(number): return spec
                case .sip(let address) where SIPAddress(address) != nil: return spec
                default: break
                }
            }
            throw Complaint(
                "\(Spelling.quoted(written.text)) can't be rung",
                "write phone:NAME, a name of sip.phones, account:NAME/NUMBER or sip:USER@HOST"
            )
        }
    }
}
