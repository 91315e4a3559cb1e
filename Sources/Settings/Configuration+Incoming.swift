extension Configuration {
    /// What is done with calls that come in and that nobody else expects: the first rule that fits is taken.
    package struct IncomingRule: Sendable {
        /// The modem that it rings on, by its name, or `any`.
        package var line = "any"
        /// Who calls.
        package var from = Caller.any
        /// The phones that ring, by their names, all at once.
        package var ring: [String] = []
        /// How long they ring.
        package var ringsFor = Duration.seconds(30)
        /// What is done when nobody takes it.
        package var otherwise = Otherwise.reject

        /// Who calls; the raw values are those of `from`.
        package enum Caller: String, Sendable, CaseIterable {
            case any
            /// Somebody among the contacts.
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
        }

        /// Whether a call is one of this rule's.
        ///
        /// - Parameters:
        ///   - modem: the modem's name.
        ///   - number: the caller's number; nil where it is not shown.
        package func fits(modem: String?, number: String?, isContact: Bool) -> Bool {
            guard line == "any" || line == modem else { return false }
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
                .help("the modem that it rings on, by its name, or `any`"),
            .value("from", \.from, .choice, isShown: false)
                .help("who calls: a `contact`, `known` with a number that is shown, `withheld` without, or `any`"),
            .optionalList("ring", \.ring, .ringingPhone).needed("nobody is rung", "add 'ring: [\"phone:NAME\"]'")
                .example("[\"phone:desk\"]")
                .help("the phones that ring, all at once; the first to answer has the call"),
            .value("for", \.ringsFor, .duration(.seconds(5) ... .seconds(110)), isShown: false)
                .help("how long they ring"),
            .value("else", \.otherwise, .choice, isShown: false)
                .help(
                    "what is done when nobody takes it: `reject` as busy, or `ask`: it rings on for `gsmbridge answer`"
                ),
        ]
        return Self({ _, _ in Configuration.IncomingRule() }, rows)
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
    /// Reports rules that ring phones which are not in the file.
    static func checkRings(_ reader: inout ConfigurationReader, _ configuration: Configuration) {
        let known = configuration.sip.phones.map(\.name)
        for (place, rule) in configuration.incoming.enumerated() {
            for phone in rule.ring where !known.contains(phone) {
                let likely = Spelling.nearest(to: phone, among: known).map { "did you mean \($0)?" }
                let key = "incoming[\(place + 1)].ring"
                let line = reader.settings.first { $0.key == key }
                    .flatMap { setting -> Int? in
                        if case .file(_, let line) = setting.origin { line } else { nil }
                    }
                reader.report(
                    "there is no phone called \(Spelling.quoted(phone))",
                    likely ?? "describe it below sip.phones, or remove it here",
                    key: key,
                    line: line
                )
            }
        }
    }
}

// MARK: Forms

extension ConfigurationForm<String> {
    /// `phone:NAME`, whose name is kept.
    fileprivate static var ringingPhone: Self {
        Self("`phone:NAME`", shownAs: \.ringText) { written throws(Complaint) in
            guard written.text.hasPrefix("phone:"), written.text.utf8.count <= 70 else {
                throw Complaint(
                    "\(Spelling.quoted(written.text)) can't be rung",
                    "write phone:NAME, a name of sip.phones"
                )
            }
            return String(written.text.dropFirst(6))
        }
    }
}

extension String {
    fileprivate var ringText: String { "phone:\(self)" }
}
