internal import CallModel
internal import ConfigurationText
internal import DialPlan
internal import FoundationEssentials
internal import PBX
internal import WebRequests

extension SettingRow<Configuration> {
    static var pbx: Self {
        .named("pbx", \.pbx, .pbx) { reader, section, pbx, others in
            let ring = pbx.reverse?.ringFrom ?? []
            for other in others where other.reverse?.ringFrom.contains(where: ring.contains) == true {
                reader.report(
                    "a number in it stands in pbx.\(other.name).reverse too, so that a ring could mean either",
                    "keep each number in one of them",
                    key: section.path + ".reverse.ring_from",
                    line: section["reverse"]?.node.line
                )
            }
        }
        .help("the PBXs; the first one with a callthrough is taken unless a command names another").entries(examples)
    }

    /// A PBX with every way, and one of each profile with keys of its own.
    private static var examples: [(name: String, lines: [String])] {
        let everything = [
            "profile", "url", "user", "password", "callthrough", "reverse", "callback", "audio", "tariff",
            "own_number",
            "caller_id", "request_format", "number_prefix", "ca_file", "endpoint", "context",
        ]
        let asterisk = [
            "profile: asterisk_ari", "url: http://127.0.0.1:8088/ari", "user: gsmbridge",
            "password: { credential: ari-password }", "app", "callthrough: { access_number: \"+4922166966966\" }",
            "reverse: { ring_from: [\"+4922166966962\"], mode: dial_back }",
        ]
        let twilio = [
            "profile: twilio", "user: SK00000000000000000000000000000001", "password: { credential: twilio-key }",
            "url: https://api.twilio.com/2010-04-01", "account", "webhook",
        ]
        let fonial = [
            "profile: fonial", "url: https://kundenkonto.fonial.de/api/2.0", "user: \"123456\"",
            "password: { credential: fonial }", "device", "callback_body",
        ]
        let requests =
            "request_callback: { path: /dial, body: '{\"to\": \"{target}\"}', reply: { reference: /call/id } }"
        let generic = ["profile: generic", "url: http://pbx.lan/api", "plain_http: true", "requests: { \(requests) }"]
        return [
            ("office", everything), ("asterisk", asterisk), ("cloud", twilio), ("phone", fonial), ("own", generic),
        ]
    }
}

extension SettingTable<Configuration.PBX> {
    static var pbx: Self {
        Self(
            { Configuration.PBX(name: $1.name) },
            all + ofProfiles + blocks,
            check: { reader, section, pbx in
                guard var checked = pbx else { return }
                reader.check(&checked, section)
                pbx = checked
            }
        )
    }

    /// The keys of every PBX.
    private static var all: [SettingRow<Configuration.PBX>] {
        [
            .value("profile", \.profile, .profile).example("asterisk_ari")
                .help("which PBX it is; `dtmf` is any PBX, by tones alone, without HTTP"),
            .optional("url", \.url, .webAddress).standard("the profile's own")
                .example("https://pbx.example.net:8089/ari")
                .help("the base of its HTTP interface, without user, password, query and fragment"),
            .optional("user", \.user, .line(longest: 256)).example("gsmbridge")
                .help("who we are there; not with `dtmf`"),
            .secret("password", \.password, .password).example("{ credential: ari-password }")
                .help("the password or token; not with `dtmf`"),
            .block("callthrough", \.callthrough) { _ in .callthrough }
                .help("the modem calls the PBX, and the PBX calls the target"),
            .block("reverse", \.reverse) { _ in .reverse }.help("the PBX holds a caller and rings the modem"),
            .block("callback", \.callback) { _ in .callback }
                .help("the PBX is asked to call the modem and the target"),
            .optional("audio", \.audio, .audioSpec).example("alsa")
                .help("who hears and speaks in the calls with it: as `--audio`"),
            .optional("tariff", \.tariff, .tariff).example("landline")
                .help("what the calls that the PBX makes cost: the name of an entry of `tariffs`"),
            .optional("ca_file", \.certificateAuthority, .absolutePath()).standard("the system's trust store")
                .example("/etc/gsmbridge/office-ca.pem")
                .help("a PEM file; only certificates of its authorities are trusted then"),
            .value("plain_http", \.allowsPlainHTTP, .flag, isShown: false)
                .help("whether `http://` may leave the own network: everybody between can read everything"),
            .optional("request_format", \.numberFormat, .choice).standard("the profile's own").example("plus_e164")
                .help("how numbers are written in requests"),
            .optional("number_prefix", \.numberPrefix, .outsideLine).example("\"0\"")
                .help("what goes before each number in requests, such as `\"0\"` for an outside line"),
            .optional("own_number", \.ownNumber, .phoneNumber).example("\"+4915112345678\"")
                .help("the SIM's number: the PBX calls it back, and recognises our calls by it"),
            .optional("caller_id", \.options.callerID, .dialString).example("\"+4922166966966\"")
                .help("the PBX's number that it shows to the target"),
        ]
    }

    private static var blocks: [SettingRow<Configuration.PBX>] {
        [
            .block("requests", \.options.requests) { _ in .requests }.standard("the project's own contract")
                .help("`generic`: the requests"),
            .block("webhook", \.webhook) { .webhook($0?.profile.webhookNeeds, $0?.profile.name ?? "") }
                .help("\(PBXProfile.names { $0.webhookNeeds != nil }): what the PBX tells this box"),
        ]
    }

    /// The keys that the profiles declare.
    private static var ofProfiles: [SettingRow<Configuration.PBX>] {
        var rows: [SettingRow<Configuration.PBX>] = []
        for key in PBXProfile.all.flatMap(\.keys) where !rows.contains(where: { $0.description.name == key.name }) {
            let form = ConfigurationForm<String>.of(key)
            var row = SettingRow.optional(key.name, \Configuration.PBX.options.values[key.name], form)
                .written(key.words ?? form.words).example(key.example)
                .help("\(PBXProfile.names { $0.has(key.name) }): \(key.help)")
            row.description.standard = key.standard
            rows.append(row)
        }
        return rows
    }
}

extension PBXProfile {
    /// Whether a key belongs to PBXs of this kind.
    fileprivate func has(_ key: String) -> Bool {
        switch key {
        case "url", "user", "password", "ca_file", "plain_http": interface != .none
        case "webhook": webhookNeeds != nil
        case "requests": self == .generic
        case _ where PBXProfile.all.contains { $0.keys.contains { $0.name == key } }: keys.contains { $0.name == key }
        default: true
        }
    }

    /// The names of some profiles, in Markdown.
    fileprivate static func names(_ isMeant: (PBXProfile) -> Bool) -> String {
        all.filter(isMeant).map { "`\($0.name)`" }.joined(separator: " ")
    }
}

// MARK: What only makes sense together

extension ConfigurationReader {
    fileprivate mutating func check(_ pbx: inout Configuration.PBX, _ section: ConfigurationSection) {
        if ["callthrough", "reverse", "callback", "url"].allSatisfy({ section[$0] == nil }) {
            report(
                "the PBX has nothing that it could be used for",
                "give it a callthrough, reverse or callback, or a url",
                key: section.path,
                line: section.line
            )
        }
        if pbx.profile.interface == .configured, section["url"] == nil, section["callback"] != nil {
            let remedy = "add url to \(section.path)"
            report("a callback is asked for over HTTP, and there is no url", remedy, at: "callback", in: section)
        }
        checkProfile(of: &pbx, section)
        // What would show passwords to everybody on the way is refused before it fails in a call.
        guard let address = pbx.url.flatMap({ WebAddress($0.absoluteString) }), !pbx.allowsPlainHTTP else { return }
        guard !address.isEncrypted, !address.isPrivate else { return }
        report(
            "plain HTTP to \(address.host) would show secrets to the network",
            "take https://, or write 'plain_http: true' if that network is yours",
            at: "url",
            in: section
        )
    }

    /// Reports keys that the profile has no use for: people who wrote them expect something of them.
    private mutating func checkProfile(of pbx: inout Configuration.PBX, _ section: ConfigurationSection) {
        for entry in section.entries where !pbx.profile.has(entry.name) {
            if ["url", "user", "password"].contains(entry.name) {
                report(
                    "the profile \(pbx.profile.name) has no HTTP interface",
                    "remove \(entry.name), or choose the profile of the PBX",
                    at: entry.name,
                    in: section
                )
            } else {
                let homes = PBXProfile.all.filter { $0.has(entry.name) }.map(\.name).sorted()
                report(
                    "the profile \(pbx.profile.name) has no use for it",
                    "remove it; it belongs to \(homes.joined(separator: ", "))",
                    at: entry.name,
                    in: section
                )
            }
        }
        let before = pbx.options.values
        let ways = PBXProfile.Ways(
            hasCredentials: pbx.url != nil && pbx.user != nil && pbx.password != nil,
            hasCallthrough: pbx.callthrough != nil,
            fetchesCallers: pbx.reverse?.mode == .dialBack && pbx.reverse?.hold == .pbx
        )
        for problem in pbx.profile.complete(&pbx.options, ways) {
            report(problem.message, problem.remedy, at: problem.key, in: section)
        }
        for (key, value) in pbx.options.values.sorted(by: { $0.key < $1.key }) where before[key] == nil {
            note(section.path(of: key), .text(value), line: nil)
        }
    }
}

// MARK: Forms

extension ConfigurationForm<PBXProfile> {
    /// The name of a profile.
    fileprivate static var profile: Self {
        let words = ConfigurationForm<String>.choice(of: PBXProfile.all.map(\.name))
        return Self(words.words, shownAs: \.name) { written throws(Complaint) in
            PBXProfile.named(try words.read(written)) ?? .dtmf
        }
    }
}

extension ConfigurationForm<String> {
    /// The form of a key of a profile.
    fileprivate static func of(_ key: PBXProfileKey) -> Self {
        let form: Self =
            switch key.form {
            case .line(let longest): .line(longest: longest)
            case .word: .word
            case .text: Self("text", shownAs: \.self) { written throws(Complaint) in written.text }
            }
        return form.checked { text throws(Complaint) in
            if let problem = key.check(text) { throw Complaint(problem.message, problem.remedy) }
        }
    }
}
