package import CallModel
package import DialPlan
internal import TextCoding

extension Configuration {
    /// What is done with calls that come in and that nobody else expects: the first rule that fits is taken.
    package struct IncomingRule: Sendable {
        /// The modem or the account that it comes in on, by its name, or `any`.
        package var line = "any"
        /// Who calls: one of these.
        package var from: [Caller] = [.any]
        /// When it holds, in the time of the box: in one of these; empty for always.
        package var time: [WeekHours] = []
        /// Who is rung, all at once: phones, numbers over accounts, addresses of SIP, who is at this box.
        package var ring: [AudioSpec] = []
        /// Who is rung beside them a while later, the earliest first.
        package var then: [Step] = []
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

        /// Who calls.
        package enum Caller: Sendable, Hashable {
            case any
            /// One of the contacts.
            case contact
            /// Whose number is shown.
            case known
            /// Whose number `arrivals` or `disa` names.
            case listed
            /// Whose number is not shown.
            case withheld
            /// One of a pattern's numbers, as they are written internationally.
            case number(String)
        }

        /// Who is rung beside the first, once they have rung for a while.
        package struct Step: Sendable {
            /// How long the first have rung then.
            package var after = Duration.seconds(10)
            package var ring: [AudioSpec] = []
        }

        /// What is done when nobody takes it.
        package enum Otherwise: Sendable, Hashable {
            /// It is refused as busy.
            case reject
            /// It rings on until a person decides, 2 min in all.
            case ask
            /// It is answered, and the caller may leave a message.
            case voicemail
            /// Another one is rung, as long again, 2 min in all; then it is refused as busy.
            case ring(AudioSpec)
        }

        /// A call that comes in, as rules look at it.
        package struct Call: Sendable {
            /// The name of the modem or the account.
            package var line: String?
            /// The caller's number as people see it; nil where it is not shown.
            package var number: String?
            package var isContact = false
            package var time: PolicyTime

            package init(line: String?, number: String?, isContact: Bool, time: PolicyTime) {
                (self.line, self.number, self.isContact, self.time) = (line, number, isContact, time)
            }
        }

        /// All who may be rung.
        package var everybody: [AudioSpec] {
            let last: [AudioSpec] = if case .ring(let person) = otherwise { [person] } else { [] }
            return ring + then.flatMap(\.ring) + last
        }
    }

    /// The key by which a call is none of a rule's; nil where it is one.
    package func exclusion(of call: IncomingRule.Call, by rule: IncomingRule) -> String? {
        guard rule.line == "any" || rule.line == call.line else { return "line" }
        let isMeant = rule.from.contains { caller in
            switch caller {
            case .any: true
            case .contact: call.isContact
            case .known: call.number != nil
            case .listed: call.number.map(lists) ?? false
            case .withheld: call.number == nil
            case .number(let pattern): call.number.map { NumberPattern.fits(pattern, $0) } ?? false
            }
        }
        guard isMeant else { return "from" }
        return rule.time.isEmpty || rule.time.contains { $0.contains(call.time) } ? nil : "time"
    }

    /// The first rule for a call that comes in; nil where there is none.
    package func rule(for call: IncomingRule.Call) -> IncomingRule? {
        incoming.first { exclusion(of: call, by: $0) == nil }
    }

    /// Whether a number stands under `arrivals` or `disa`.
    private func lists(_ number: String) -> Bool {
        arrivals.contains { $0.number.description == number }
            || disa?.from.contains { $0.description == number } ?? false
    }
}

extension SettingTable<Configuration.IncomingRule> {
    static var incoming: Self {
        Self(
            { _, _ in Configuration.IncomingRule() },
            who + what,
            check: { reader, section, rule in
                guard let rule else { return }
                checkRinging(&reader, section, rule)
                checkAudio(&reader, section, rule.audio)
            }
        )
    }

    private static var who: [SettingRow<Configuration.IncomingRule>] {
        [
            .value("line", \.line, .line(longest: 64), isShown: false)
                .help("the modem or the account that it comes in on, by its name, or `any`"),
            .several("from", \.from, .caller)
                .help(
                    "who calls: a `contact`, `known` with a number that is shown, `listed` under `arrivals` or `disa`, `withheld` without a number, `any`, or a number; `*` stands for any digits, `?` for one"
                ),
            .several("time", \.time, .weekHours).standard("always").example("\"mon-fri 08:00-18:00\"")
                .help(
                    "when it holds, by the clock on the wall; a time over midnight belongs to the day on which it begins"
                ),
        ]
    }

    private static var what: [SettingRow<Configuration.IncomingRule>] {
        [
            .optionalList("ring", \.ring, .ringing).example("[\"phone:desk\"]")
                .help(
                    "who is rung, all at once, and the first to answer has the call: a phone, a number over an account, an address, who is at the page (`browser`), or who is at the box with a headset (`alsa`)"
                ),
            .then,
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
                .help("how long they ring, all together"),
            .value("else", \.otherwise, .otherwise, isShown: false)
                .help(
                    "what is done when nobody takes it: `reject` as busy, `ask`: it rings on for `gsmbridge answer`, `voicemail`: the caller may leave a message, or another one, who is rung as long again"
                ),
        ]
    }

    private static func checkRinging(
        _ reader: inout ConfigurationReader,
        _ section: ConfigurationSection,
        _ rule: Configuration.IncomingRule
    ) {
        if section["ring"] == nil, section["audio"] == nil {
            reader.report("nobody is rung", "add 'ring: [\"phone:NAME\"]'", at: "ring", in: section)
        }
        var last = Duration.zero
        for (place, step) in rule.then.enumerated() {
            let key = "\(section.path(of: "then"))[\(place + 1)].after"
            let line = section["then"]?.line
            if step.after >= rule.ringsFor {
                let remedy = "take a shorter time, or a longer one for 'for'"
                reader.report(
                    "after \(rule.ringsFor.configurationText) nobody is rung any more",
                    remedy,
                    key: key,
                    line: line
                )
            }
            if step.after <= last {
                reader.report("it is not later than the step before", "write the earliest first", key: key, line: line)
            }
            last = step.after
        }
        let people = rule.everybody
        if let twice = people.indices.first(where: { people[..<$0].contains(people[$0]) }) {
            let isElse = if case .ring = rule.otherwise { twice == people.endIndex - 1 } else { false }
            let key = isElse ? "else" : rule.ring.count > twice ? "ring" : "then"
            reader.report("\(people[twice]) rings already then", "name another one", at: key, in: section)
        }
    }

    private static func checkAudio(
        _ reader: inout ConfigurationReader,
        _ section: ConfigurationSection,
        _ audio: AudioSpec?
    ) {
        guard section["audio"] != nil else { return }
        if section["ring"] != nil {
            let remedy = "remove one of the two"
            reader.report("the call can't ring and be answered at once", remedy, at: "audio", in: section)
        }
        for key in ["then", "for", "else"] where section[key] != nil {
            let what = "nobody is rung, the call is answered at once"
            reader.report(what, "remove '\(key)', or write 'ring:' in place of 'audio:'", at: key, in: section)
        }
        switch audio {
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
}

extension SettingRow<Configuration.IncomingRule> {
    fileprivate static var then: Self {
        .blocks(
            "then",
            \.then,
            .step,
            most: (8, "steps", "ring more of them at once"),
            form: "write a line '- { after: 10s, ring: [\"phone:NAME\"] }' for each step"
        ) { _, _, _, _ in }
        .example("[{ after: 10s, ring: [\"account:office/100\"] }]")
        .help("who is rung beside those of `ring` a while later, the earliest first")
    }
}

extension SettingTable<Configuration.IncomingRule.Step> {
    fileprivate static var step: Self {
        Self(
            { _, _ in Configuration.IncomingRule.Step() },
            [
                .value("after", \.after, .duration(.seconds(1) ... .seconds(109)), isShown: false)
                    .help("how long the first have rung then"),
                .optionalList("ring", \.ring, .ringing).needed("nobody is rung", "add 'ring: [\"phone:NAME\"]'")
                    .example("[\"account:office/100\"]").help("who is rung from then on, as under `ring`"),
            ]
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
            for spec in rule.everybody {
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
