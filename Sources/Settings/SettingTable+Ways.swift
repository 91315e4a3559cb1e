internal import CallModel
internal import DialPlan
internal import FoundationEssentials
internal import Yams

extension SettingTable<Configuration.Callthrough> {
    static var callthrough: Self {
        // Shorter ones get lost in the voice codecs of mobile networks.
        let lengths = ConfigurationForm<Duration>.duration(.milliseconds(50) ... .seconds(5))
        let number = SettingRow.optional("access_number", \DialString?.self, .dialString).example("\"+4922166966966\"")
            .needed("the access number is missing", "add 'access_number: \"+49...\"'")
            .help("the number that the PBX answers")
        let rows: [SettingRow<Configuration.Callthrough>] = [
            .value("settle", \.settling, .settle)
                .help(
                    "the pause between the answer and the first tone; `tone` waits for the PBX's prompt tone, 5 s at most"
                ),
            .value("script", \.script, .script).example("\"{pin}# ,, {target}#\"")
                .help(
                    "the tones: digits `*` `#` A-D, `,` pauses 2 s, `w` half a second; {pin}, {target}, {token} are filled in"
                ),
            .secret("pin", \.pin, .tones).example("{ credential: office-pin }").help("what `{pin}` stands for"),
            .value("number_format", \.numberFormat, .formatOfTones)
                .help("how the PBX wants the target: as `030123456`, `4930123456` or `004930123456`"),
            .value("tone", \.tone, lengths).help("how long a tone takes at least before the gap begins"),
            .value("gap", \.gap, lengths).help("the silence between two tones"),
            .optional("confirm", \.confirm, .keys).example("\"1\"")
                .help("keys that the target has to press before it counts as reached, so that a mailbox does not"),
        ]
        return Self(
            needs: number,
            { number, _ in Configuration.Callthrough(accessNumber: number) },
            rows,
            check: {
                reader,
                section,
                callthrough in
                guard let needsPIN = callthrough?.script.placeholders.contains(.pin) else { return }
                if needsPIN, section["pin"] == nil {
                    let remedy = "add 'pin: { credential: NAME }', or take {pin} out of the script"
                    reader.report("the script needs a {pin}, and there is none", remedy, at: "script", in: section)
                }
                if !needsPIN, section["pin"] != nil {
                    let remedy = "put {pin} into the script, or remove the pin"
                    reader.report("the script never sends the pin", remedy, at: "pin", in: section)
                }
            }
        )
    }
}

extension SettingTable<Configuration.Reverse> {
    static var reverse: Self {
        let rows: [SettingRow<Configuration.Reverse>] = [
            .value("mode", \.mode, .choice)
                .help("take the ring, or refuse it and fetch the held caller by a call to the PBX"),
            .value("accept", \.accept, .choice)
                .help("take every caller, or let somebody decide with `gsmbridge answer` or `hangup`"),
            .value("token", \.wantsToken, .flag)
                .help(
                    "`asterisk_ari` with `app`, or `hold: agent`: the call that fetches a caller sends a token of eight tones"
                ),
            .optional("confirm", \.confirm, .keys).example("\"1\"")
                .help("keys that the caller has to press before our end is joined, so that no machine is"),
            .value("hold", \.hold, .choice)
                .help(
                    "who holds the caller: the `pbx`, or with `agent` this box, as an account of `sip.accounts` with this `pbx`"
                ),
            .optional("music", \.music, .absolutePath()).standard("two soft notes every four seconds")
                .help("`hold: agent`: what the caller hears meanwhile, a WAV file of 8 or 16 kHz, again and again"),
            .value("hold_for", \.holdsFor, .duration(.seconds(10) ... .seconds(120)), isShown: false)
                .help("`hold: agent`: how long a caller is held until our call has come"),
        ]
        var numbers = SettingRow.ringFrom("\"+4922166966960\"")
            .help(
                "the numbers that the PBX rings the modem from; not in `reverse` of another PBX too, and not with `hold: agent`"
            )
        numbers.read = { [read = numbers.read] reader, section, owner in
            // There nothing rings the modem.
            guard section["ring_from"] == nil, section["hold"]?.node.string == Configuration.Reverse.Hold.agent.rawValue
            else { return read(&reader, section, &owner) }
            owner = .some([])
        }
        return Self(
            needs: numbers,
            { numbers, _ in Configuration.Reverse(ringFrom: numbers) },
            rows,
            check: { reader, section, reverse in
                guard let reverse else { return }
                guard reverse.hold == .agent else {
                    for key in ["music"] where section[key] != nil {
                        reader.report(
                            "the PBX itself holds its callers",
                            "remove it, or write 'hold: agent'",
                            at: key,
                            in: section
                        )
                    }
                    return
                }
                if reverse.mode != .dialBack {
                    let remedy = "write 'mode: dial_back' beside it"
                    reader.report("callers whom this box holds are fetched by a call", remedy, at: "hold", in: section)
                }
                if section["confirm"] != nil {
                    // The caller's keys come to the account, and are not led to the call that asks for them.
                    let remedy = "remove it, or take 'hold: pbx'"
                    reader.report("callers whom this box holds can't answer it", remedy, at: "confirm", in: section)
                }
                if section["ring_from"] != nil {
                    let remedy = "remove it, or take 'hold: pbx'"
                    reader.report(
                        "the PBX does not ring for callers whom this box holds",
                        remedy,
                        at: "ring_from",
                        in: section
                    )
                }
            }
        )
    }
}

extension SettingTable<Configuration.Callback> {
    static var callback: Self {
        let limit =
            SettingRow.value(
                "expect_within",
                \Configuration.Callback.expectWithin,
                .duration(.seconds(1) ... .seconds(600))
            )
            .help("how long after the request the ring may come")
        let numbers = SettingRow.ringFrom("\"+4922166966961\"").help("the numbers that the PBX calls the modem from")
        let keys = SettingRow.optional("confirm", \Configuration.Callback.confirm, .keys).example("\"1\"")
            .help("keys that the target has to press before it counts as reached, so that a mailbox does not")
        return Self(needs: numbers, { numbers, _ in Configuration.Callback(ringFrom: numbers) }, [limit, keys])
    }
}

extension SettingRow<[PhoneNumber]?> {
    fileprivate static func ringFrom(_ example: String) -> Self {
        Self("ring_from", "list of phone numbers") { reader, section, numbers in
            numbers = reader.list("ring_from", in: section, as: .phoneNumber)
        }
        .needed("the numbers that the PBX rings from are missing", "add 'ring_from: [\"+49...\"]'")
        .example("[\(example)]")
    }
}

// MARK: Forms

extension ConfigurationForm<String> {
    /// Keys that the other side has to press.
    static var keys: Self {
        Self("1 to 8 keys", shownAs: \.self) { written throws(Complaint) in
            guard (1...8).contains(written.text.count), written.text.allSatisfy({ "0123456789*#".contains($0) }) else {
                throw Complaint("these are no keys", "write 1 to 8 of the digits 0 to 9, * and #, in quotes")
            }
            return written.text
        }
    }
}

extension ConfigurationForm<NumberFormat> {
    /// How the target is written in tones.
    fileprivate static var formatOfTones: Self {
        choice.checked("`national` `e164` `00`") { format throws(Complaint) in
            guard format != .plusE164 else {
                throw Complaint("a '+' can't be sent as a tone", "take e164, 00 or national")
            }
        }
    }
}

extension ConfigurationForm<DTMFScript> {
    /// What is sent after the answer; it must hand over the target.
    fileprivate static var script: Self {
        Self("script", shownAs: \.description) { written throws(Complaint) in
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
        Self("address", shownAs: \.absoluteString) { written throws(Complaint) in
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
