internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import PBX

extension ConfigurationReader {
    mutating func readPBXs(
        _ entries: [ConfigurationSection.Entry],
        region: Region,
        tariffs: [String]
    ) -> [Configuration.PBX] {
        var list: [Configuration.PBX] = []
        for entry in entries {
            let path = "pbx.\(entry.name)"
            guard let section = section(entry.node, path: path, line: entry.line, keys: ConfigurationKeys.pbx) else {
                continue
            }
            var pbx = readPBX(section, name: entry.name, line: entry.line, region: region)
            pbx.tariff = value("tariff", in: section, as: .tariff(among: tariffs))
            let ring = pbx.reverse?.ringFrom ?? []
            for other in list where other.reverse?.ringFrom.contains(where: ring.contains) == true {
                report(
                    "a number in it stands in pbx.\(other.name).reverse too, so that a ring could mean either",
                    "keep each number in one of them",
                    key: path + ".reverse.ring_from",
                    line: section["reverse"]?.node.line
                )
            }
            list.append(pbx)
        }
        return list
    }

    private mutating func readPBX(
        _ section: ConfigurationSection,
        name: String,
        line: Int,
        region: Region
    ) -> Configuration.PBX {
        let profile = value("profile", in: section, default: Configuration.PBX.Profile.dtmf, as: .choice)
        let url = value("url", in: section, as: .webAddress)
        let user = value("user", in: section, as: .line(longest: 256))
        let password = secret("password", in: section, for: .password)
        let callthrough = self.section("callthrough", in: section, keys: ConfigurationKeys.callthrough)
            .flatMap { readCallthrough($0, region: region) }
        let reverse = self.section("reverse", in: section, keys: ConfigurationKeys.reverse)
            .flatMap { readReverse($0, region: region) }
        let callback = self.section("callback", in: section, keys: ConfigurationKeys.callback)
            .flatMap { readCallback($0, region: region) }
        var settings = readProfileSettings(section, profile: profile, region: region)
        checkWays(section, line: line, profile: profile)
        checkEncryption(section, url: url, isPlain: settings.allowsPlainHTTP)
        if profile == .asteriskARI {
            settings.application = readApplication(
                section,
                isComplete: url != nil && user != nil && password != nil,
                fetches: reverse?.mode == .dialBack && callthrough != nil,
                leads: settings.context != nil && callthrough != nil
            )
        }
        return Configuration.PBX(
            name: name,
            profile: profile,
            url: url,
            user: user,
            password: password,
            callthrough: callthrough,
            reverse: reverse,
            callback: callback,
            settings: settings
        )
    }

    /// Refuses what would show passwords to others on the way, before it fails in a call.
    private mutating func checkEncryption(_ section: ConfigurationSection, url: URL?, isPlain: Bool) {
        guard let url, let address = PBXAddress(url.absoluteString), !isPlain else { return }
        guard !address.isEncrypted, !address.isPrivate else { return }
        report(
            "plain HTTP to \(address.host) would show secrets to the network",
            "take https://, or write 'plain_http: true' if that network is yours",
            key: section.path(of: "url"),
            line: section["url"]?.line
        )
    }

    /// Reads the application under which Asterisk hands callers over; `none` is none.
    ///
    /// It needs a connection, and a way to fetch whom it holds.
    private mutating func readApplication(
        _ section: ConfigurationSection,
        isComplete: Bool,
        fetches: Bool,
        leads: Bool
    ) -> String? {
        guard let entry = section["app"] else {
            guard isComplete, fetches else { return nil }
            return value("app", in: section, default: "gsmbridge", as: .application)
        }
        guard let name = value("app", in: section, as: .application), name != "none" else { return nil }
        let key = section.path(of: "app")
        let line = entry.line
        if !isComplete {
            report(
                "the connection for events needs url, user and password",
                "add what is missing to the PBX's section",
                key: key,
                line: line
            )
        }
        if !fetches, !leads {
            report(
                "an application has callers to be fetched by a call, or calls to be led on to a context",
                "add 'reverse: { mode: dial_back, ... }' or a context, and a callthrough.access_number, or remove app",
                key: key,
                line: line
            )
        }
        return name
    }

    /// Looks for what only makes sense together.
    private mutating func checkWays(_ section: ConfigurationSection, line: Int, profile: Configuration.PBX.Profile) {
        if ["callthrough", "reverse", "callback", "url"].allSatisfy({ section[$0] == nil }) {
            report(
                "the PBX has nothing that it could be used for",
                "give it a callthrough, reverse or callback, or a url",
                key: section.path,
                line: line
            )
        }
        if profile == .dtmf {
            for key in ["url", "user", "password"] {
                guard let entry = section[key] else { continue }
                report(
                    "the profile dtmf has no HTTP interface",
                    "remove \(key), or choose the profile of the PBX",
                    key: section.path(of: key),
                    line: entry.line
                )
            }
        }
        if profile == .asteriskARI || profile == .generic, section["url"] == nil, let callback = section["callback"] {
            report(
                "a callback is asked for over HTTP, and there is no url",
                "add url to \(section.path)",
                key: section.path(of: "callback"),
                line: callback.line
            )
        }
    }

    private mutating func readCallthrough(
        _ section: ConfigurationSection,
        region: Region
    ) -> Configuration.Callthrough? {
        let number = value("access_number", in: section, as: .dialString(region))
        if section["access_number"] == nil {
            report(
                "the access number is missing",
                "add 'access_number: \"+49...\"'",
                key: section.path(of: "access_number"),
                line: section.line
            )
        }
        let settle = value(
            "settle",
            in: section,
            default: .milliseconds(1500),
            as: .duration(.zero ... .seconds(60))
        )
        let script = value("script", in: section, default: .targetOnly, as: .script)
        let pin = secret("pin", in: section, for: .tones)
        let format = value("number_format", in: section, default: NumberFormat.national, as: .formatOfTones)
        // Shorter ones get lost in the voice codecs of mobile networks.
        let lengths = Duration.milliseconds(50) ... .seconds(5)
        let tone = value("tone", in: section, default: .milliseconds(120), as: .duration(lengths))
        let gap = value("gap", in: section, default: .milliseconds(120), as: .duration(lengths))
        if script.placeholders.contains(.pin), section["pin"] == nil {
            report(
                "the script needs a {pin}, and there is none",
                "add 'pin: { credential: NAME }', or take {pin} out of the script",
                key: section.path(of: "script"),
                line: section["script"]?.node.line
            )
        }
        if !script.placeholders.contains(.pin), let entry = section["pin"] {
            report(
                "the script never sends the pin",
                "put {pin} into the script, or remove the pin",
                key: section.path(of: "pin"),
                line: entry.line
            )
        }
        guard let number else { return nil }
        return Configuration.Callthrough(
            accessNumber: number,
            settle: settle,
            script: script,
            pin: pin,
            numberFormat: format,
            tone: tone,
            gap: gap
        )
    }

    private mutating func readReverse(_ section: ConfigurationSection, region: Region) -> Configuration.Reverse? {
        let numbers = ringFrom(section, region: region)
        let mode = value("mode", in: section, default: Configuration.Reverse.Mode.answer, as: .choice)
        let accept = value("accept", in: section, default: Configuration.Reverse.Accept.auto, as: .choice)
        let wantsToken = value("token", in: section, default: true, as: .flag)
        return numbers.map { Configuration.Reverse(ringFrom: $0, mode: mode, accept: accept, wantsToken: wantsToken) }
    }

    private mutating func readCallback(_ section: ConfigurationSection, region: Region) -> Configuration.Callback? {
        let numbers = ringFrom(section, region: region)
        let limit = value(
            "expect_within",
            in: section,
            default: .seconds(30),
            as: .duration(.seconds(1) ... .seconds(600))
        )
        return numbers.map { Configuration.Callback(ringFrom: $0, expectWithin: limit) }
    }

    private mutating func ringFrom(_ section: ConfigurationSection, region: Region) -> [PhoneNumber]? {
        if section["ring_from"] == nil {
            report(
                "the numbers that the PBX rings from are missing",
                "add 'ring_from: [\"+49...\"]'",
                key: section.path(of: "ring_from"),
                line: section.line
            )
        }
        return list("ring_from", in: section, as: .phoneNumber(region))
    }
}

extension ConfigurationForm<NumberFormat> {
    /// How the target is written in tones.
    fileprivate static var formatOfTones: Self {
        choice.checked { format throws(Complaint) in
            guard format != .plusE164 else {
                throw Complaint("a '+' can't be sent as a tone", "take e164, 00 or national")
            }
        }
    }
}

extension ConfigurationForm<DTMFScript> {
    /// What is sent after the answer; it must hand over the target.
    fileprivate static var script: Self {
        Self(shownAs: \.description) { written throws(Complaint) in
            let script: DTMFScript
            do throws(DTMFScriptError) {
                script = try DTMFScript(written.text)
            } catch {
                throw Complaint(sentence: error.description)
            }
            guard script.placeholders.contains(.target) else {
                throw Complaint("the script never sends the target", "put {target} into it")
            }
            return script
        }
    }
}

extension ConfigurationForm<URL> {
    /// A base address of HTTP.
    ///
    /// What is wrong with it is told without it, because people put passwords into addresses.
    static var webAddress: Self {
        Self(shownAs: \.absoluteString) { written throws(Complaint) in
            let text = try ConfigurationForm<String>.line(longest: 2048).read(written)
            let example = "write it as https://HOST/PATH"
            guard text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }), let parts = URLComponents(string: text),
                let url = URL(string: text)
            else { throw Complaint("this is not a web address", example) }
            guard parts.user == nil, parts.password == nil else {
                throw Complaint("a user or a password stands in the address", "use the keys user and password")
            }
            guard let scheme = parts.scheme?.lowercased(), scheme == "https" || scheme == "http" else {
                throw Complaint("the address begins neither with https:// nor with http://", example)
            }
            guard let host = parts.host, !host.isEmpty else { throw Complaint("the address names no host", example) }
            guard parts.port.map({ (1...65_535).contains($0) }) ?? true else {
                throw Complaint("the port of the address is out of range", "write a port from 1 to 65535, or none")
            }
            guard parts.query == nil, parts.fragment == nil else {
                throw Complaint("the address has a query or a fragment", "remove everything from '?' or '#' on")
            }
            return url
        }
    }
}
