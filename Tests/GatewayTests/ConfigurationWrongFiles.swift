import Testing

/// A wrong file, and what must be said about it: line, key, and a part of the words.
struct WrongFile: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int
    let key: String?
    let words: String

    init(_ text: String, _ line: Int, _ key: String?, _ words: String) {
        self.text = text
        self.line = line
        self.key = key
        self.words = words
    }

    var testDescription: String { "\(key ?? "-"): \(words)" }

    private static func modem(_ lines: String) -> String { "modems:\n  a:\n    \(lines)\n" }

    private static func pbx(_ lines: String) -> String { "pbx:\n  a:\n    \(lines)\n" }

    private static func generic(_ lines: String) -> String { "pbx:\n  a:\n    profile: generic\n    \(lines)\n" }

    private static func asterisk(_ lines: String) -> String { "pbx:\n  a:\n    profile: asterisk_ari\n    \(lines)\n" }

    private static func callthrough(_ lines: String) -> String {
        "pbx:\n  a:\n    callthrough:\n      access_number: \"+4922166966966\"\n      \(lines)\n"
    }

    private static func tty(_ lines: String) -> String { "modems:\n  a:\n    match: { tty: /x }\n    \(lines)\n" }

    static let shapes = [
        WrongFile("", 1, nil, "says nothing"),
        WrongFile("# only a remark\n", 1, nil, "says nothing"),
        WrongFile("---\n", 1, nil, "says nothing"),
        WrongFile("just text\n", 1, nil, "not a block of keys"),
        WrongFile("- gateway\n", 1, nil, "not a block of keys"),
        WrongFile("gateway: yes\n", 1, "gateway", "not a block of keys"),
        WrongFile("\ngateway:\n  - name\n", 3, "gateway", "not a block of keys"),
        WrongFile("gatway:\n  name: a\n", 1, "gatway", "did you mean gateway?"),
        WrongFile("gateway:\n  name: a\n  state-dir: /x\n", 3, "gateway.state-dir", "did you mean state_dir?"),
        WrongFile("gateway:\n  Region: DE\n", 2, "gateway.Region", "did you mean region?"),
        WrongFile(
            "gateway:\n  zzz: 1\n",
            2,
            "gateway.zzz",
            "known here: name, region, state_dir, socket, queue_for, grace"
        ),
        WrongFile("region: DE\n", 1, "region", "it belongs under gateway"),
        WrongFile("gateway:\n  max_duration: 1h\n", 2, "gateway.max_duration", "it belongs under policy"),
        WrongFile(
            generic("url: https://h\n    access_number: 030123456"),
            5,
            "pbx.a.access_number",
            "it belongs under pbx.NAME.callthrough"
        ),
        WrongFile("gateway: &g { name: a }\npolicy:\n  <<: *g\n", 3, "policy.<<", "can't be merged"),
        WrongFile("gateway:\n  [a, b]: 1\n", 2, "gateway", "not plain text"),
        WrongFile("gateway:\n  name: a\n\n  name: b\n", 4, "gateway.name", "given twice, first in line 2"),
        WrongFile("gateway:\n  \"name\": a\n  name: b\n", 3, "gateway.name", "given twice, first in line 2"),
        WrongFile(
            "modems:\n  a: { match: { tty: /a } }\n  a: { match: { tty: /b } }\n",
            3,
            "modems.a",
            "given twice"
        ),
        WrongFile("gateway:\n  name:\n", 2, "gateway.name", "there is no value"),
        WrongFile("gateway:\n  name: ~\n", 2, "gateway.name", "there is no value"),
        WrongFile("gateway:\n  name: \"\"\n", 2, "gateway.name", "the text is empty"),
        WrongFile("gateway:\n  name: [a]\n", 2, "gateway.name", "a list where one value belongs"),
        WrongFile("gateway:\n  name:\n    x: y\n", 3, "gateway.name", "a block of keys where one value belongs"),
        WrongFile("gateway:\n  name: |\n    two\n    lines\n", 2, "gateway.name", "line breaks"),
        WrongFile("gateway:\n  name: \(String(repeating: "x", count: 65))\n", 2, "gateway.name", "longer than 64"),
    ]

    static let values = [
        WrongFile("gateway:\n  region: XX\n", 2, "gateway.region", "there is no region 'XX'"),
        WrongFile("gateway:\n  state_dir: lib\n", 2, "gateway.state_dir", "'lib' is not an absolute path"),
        WrongFile(
            "gateway:\n  socket: /\(String(repeating: "x", count: 107))\n",
            2,
            "gateway.socket",
            "longer than 107"
        ),
        WrongFile("incoming:\n  - { line: o2 }\n", 2, "incoming[1].ring", "nobody is rung"),
        WrongFile(
            "incoming:\n  - { ring: [\"sip:a@example.net\"], audio: alsa }\n",
            2,
            "incoming[1].audio",
            "can't ring and be answered at once"
        ),
        WrongFile("incoming:\n  - { audio: \"modem:a/030123456\" }\n", 2, "incoming[1].audio", "a second call"),
        WrongFile("incoming:\n  - { audio: browser }\n", 2, "incoming[1].audio", "people are rung"),
        WrongFile("incoming:\n  - { audio: none }\n", 2, "incoming[1].audio", "nobody would hear him"),
        WrongFile("incoming:\n  - { audio: alsa, for: 20s }\n", 2, "incoming[1].for", "answered at once"),
        WrongFile("incoming:\n  - { audio: alsa, else: ask }\n", 2, "incoming[1].else", "answered at once"),
        WrongFile("disa:\n  from: [\"+491719990001\"]\n", 1, "disa.pin", "there is no PIN"),
        WrongFile(
            "modems:\n  o2: { match: { tty: /x } }\ndisa:\n  from: [\"+491719990001\"]\n  pin: { file: /p }\n  line: o3\n",
            6,
            "disa.line",
            "did you mean o2?"
        ),
        WrongFile("disa:\n  pin: { file: /p }\n", 1, "disa.from", "are missing"),
        WrongFile("policy:\n  allow: home\n", 2, "policy.allow", "not a list"),
        WrongFile("policy:\n  allow:\n", 2, "policy.allow", "[] for none"),
        WrongFile("policy:\n  allow:\n    - home\n    - premum\n", 4, "policy.allow[2]", "did you mean premium?"),
        WrongFile("policy:\n  deny: [abroad]\n", 2, "policy.deny[1]", "known are emergency, home"),
        WrongFile("policy:\n  deny: [premium, premium]\n", 2, "policy.deny[2]", "stands twice"),
        WrongFile("policy:\n  deny: [emergency]\n", 2, "policy.deny[1]", "always pass"),
        WrongFile("policy:\n  deny: [[premium]]\n", 2, "policy.deny[1]", "a list where one value belongs"),
        WrongFile("policy:\n  max_duration: 60\n", 2, "policy.max_duration", "has no unit; write 60s"),
        WrongFile("policy:\n  max_duration: soon\n", 2, "policy.max_duration", "'soon' is not a duration"),
        WrongFile("policy:\n  max_duration: -1s\n", 2, "policy.max_duration", "not a duration"),
        WrongFile("policy:\n  max_duration: 1 h\n", 2, "policy.max_duration", "not a duration"),
        WrongFile("policy:\n  max_duration: 0s\n", 2, "policy.max_duration", "from 1s to 24h"),
        WrongFile("policy:\n  max_duration: 25h\n", 2, "policy.max_duration", "from 1s to 24h"),
        WrongFile("policy:\n  max_calls_per_hour: many\n", 2, "policy.max_calls_per_hour", "not a whole number"),
        WrongFile("policy:\n  max_calls_per_hour: \"20\"\n", 2, "policy.max_calls_per_hour", "without quotes"),
        WrongFile("policy:\n  max_calls_per_hour: 2.5\n", 2, "policy.max_calls_per_hour", "not a whole number"),
        WrongFile("policy:\n  max_calls_per_hour: 0\n", 2, "policy.max_calls_per_hour", "out of range"),
        WrongFile(
            "policy:\n  max_calls_per_hour: 99999999999999999999\n",
            2,
            "policy.max_calls_per_hour",
            "out of range"
        ),
    ]

    static let modems = [
        WrongFile("modems:\n  a:\n", 2, "modems.a.match", "no match"),
        WrongFile("modems:\n  a: /dev/ttyUSB2\n", 2, "modems.a", "not a block of keys"),
        WrongFile("modems:\n  a/b: { match: { tty: /x } }\n", 2, "modems.a/b", "can't be a name"),
        WrongFile(
            "modems:\n  353535011111116: { match: { tty: /x } }\n",
            2,
            "modems.353535011111116",
            "looks like an IMEI"
        ),
        WrongFile(modem("match: {}"), 3, "modems.a.match", "it says nothing"),
        WrongFile(modem("match: { imie: \"1\" }"), 3, "modems.a.match.imie", "did you mean imei?"),
        WrongFile(modem("match: { imei: \"12345\" }"), 3, "modems.a.match.imei", "not an IMEI"),
        WrongFile(modem("match: { iccid: \"8949 0200\" }"), 3, "modems.a.match.iccid", "not the number of a SIM"),
        WrongFile(modem("match: { usb_path: \"1:4\" }"), 3, "modems.a.match.usb_path", "not a USB socket"),
        WrongFile(modem("match: { tty: ttyUSB2 }"), 3, "modems.a.match.tty", "not an absolute path"),
        WrongFile(
            modem("match:\n      tty: /x\n      imei: \"353535011111116\""),
            5,
            "modems.a.match",
            "more than one mark"
        ),
        WrongFile(tty("baud: 12345"), 4, "modems.a.baud", "no tty has the speed 12345"),
        WrongFile(tty("baud: fast"), 4, "modems.a.baud", "not a whole number"),
        WrongFile(tty("rtscts: yes"), 4, "modems.a.rtscts", "neither true nor false"),
        WrongFile(tty("pin: 1234"), 4, "modems.a.pin", "never stands in this file"),
        WrongFile(tty("pin: {}"), 4, "modems.a.pin", "it says nothing"),
        WrongFile(tty("pin:"), 4, "modems.a.pin", "it says nothing"),
        WrongFile(tty("pin: { credentials: a }"), 4, "modems.a.pin.credentials", "did you mean credential?"),
        WrongFile(tty("pin: { credential: ../a }"), 4, "modems.a.pin.credential", "can't be a credential's name"),
        WrongFile(tty("pin: { credential: .. }"), 4, "modems.a.pin.credential", "can't be a credential's name"),
        WrongFile(tty("pin: { credential: a, file: /b }"), 4, "modems.a.pin", "two places"),
        WrongFile(tty("pin: { file: b }"), 4, "modems.a.pin.file", "not an absolute path"),
        WrongFile(
            "modems:\n  a: { match: { tty: /x } }\n  b:\n    match: { tty: /x }\n",
            4,
            "modems.b.match",
            "the same modem as modems.a"
        ),
        WrongFile(
            "modems:\n  a: { match: { imei: \"35353501111111\" } }\n  b: { match: { imei: \"353535011111116\" } }\n",
            3,
            "modems.b.match",
            "the same modem as modems.a"
        ),
    ]

    static let pbx = [
        WrongFile("pbx:\n  a:\n", 2, "pbx.a", "nothing that it could be used for"),
        WrongFile(
            pbx("profile: asterisk\n    callthrough: { access_number: 030123456 }"),
            3,
            "pbx.a.profile",
            "not known"
        ),
        WrongFile(
            pbx("profile: fonail\n    callthrough: { access_number: 030123456 }"),
            3,
            "pbx.a.profile",
            "did you mean fonial?"
        ),
        WrongFile(pbx("url: https://h"), 3, "pbx.a.url", "dtmf has no HTTP interface"),
        WrongFile(generic("url: ftp://h/"), 4, "pbx.a.url", "neither with https://"),
        WrongFile(generic("url: \"https://\""), 4, "pbx.a.url", "names no host"),
        WrongFile(generic("url: \"https://h h/\""), 4, "pbx.a.url", "not a web address"),
        WrongFile(generic("url: https://u:p@h/"), 4, "pbx.a.url", "a user or a password"),
        WrongFile(generic("url: https://h/?a=b"), 4, "pbx.a.url", "a query or a fragment"),
        WrongFile(generic("url: https://h:99999/"), 4, "pbx.a.url", "port"),
        WrongFile(
            generic("callback:\n      ring_from: [\"+4922166966961\"]"),
            4,
            "pbx.a.callback",
            "there is no url"
        ),
        WrongFile(pbx("callthrough:"), 3, "pbx.a.callthrough.access_number", "is missing"),
        WrongFile(
            pbx("callthrough:\n      access_number: \"*100#\""),
            4,
            "pbx.a.callthrough.access_number",
            "service code"
        ),
        WrongFile(pbx("callthrough:\n      access_number: \"12\""), 4, "pbx.a.callthrough.access_number", "too short"),
        WrongFile(
            pbx("callthrough:\n      access_number: 00498912345678901234"),
            4,
            "pbx.a.callthrough.access_number",
            "too long"
        ),
        WrongFile(
            pbx("callthrough:\n      access_number: 0900112345678901"),
            4,
            "pbx.a.callthrough.access_number",
            "too long"
        ),
        WrongFile(
            pbx("callthrough:\n      access_number: \"+999123456789\""),
            4,
            "pbx.a.callthrough.access_number",
            "no country has this country code"
        ),
        WrongFile(
            pbx("callthrough:\n      access_number: 1 1 2"),
            4,
            "pbx.a.callthrough.access_number",
            "an emergency number"
        ),
        // A PBX would be told to call it, or to show it.
        WrongFile(asterisk("own_number: \"112\"\n    url: https://h"), 4, "pbx.a.own_number", "an emergency number"),
        WrongFile(
            asterisk("own_number: \"+49 110\"\n    url: https://h"),
            4,
            "pbx.a.own_number",
            "an emergency number"
        ),
        WrongFile(asterisk("caller_id: \"110\"\n    url: https://h"), 4, "pbx.a.caller_id", "an emergency number"),
        WrongFile(pbx("reverse: { ring_from: [\"112\"] }"), 3, "pbx.a.reverse.ring_from[1]", "an emergency number"),
        WrongFile(pbx("callback: { ring_from: [\"110\"] }"), 3, "pbx.a.callback.ring_from[1]", "an emergency number"),
        WrongFile(tty("number: \"112\""), 4, "modems.a.number", "an emergency number"),
        WrongFile(
            pbx("callthrough:\n      access_number: \"0221\u{200B}669\""),
            4,
            "pbx.a.callthrough.access_number",
            "U+200B (ZERO WIDTH SPACE)"
        ),
        WrongFile("gateway:\n  name: \"ca\u{AD}bin\"\n", 2, "gateway.name", "U+00AD, SOFT HYPHEN"),
        WrongFile("gateway:\n  name: \"ca\u{A0}bin\"\n", 2, "gateway.name", "U+00A0, NO-BREAK SPACE"),
        WrongFile("gateway:\n  \u{A0}name: a\n", 2, "gateway.U+00A0name", "NO-BREAK SPACE, in it; did you mean name?"),
        WrongFile(callthrough("settle: 61s"), 5, "pbx.a.callthrough.settle", "from 0s to 1m"),
        WrongFile(callthrough("tone: 20ms"), 5, "pbx.a.callthrough.tone", "from 50ms to 5s"),
        WrongFile(callthrough("gap: 6s"), 5, "pbx.a.callthrough.gap", "from 50ms to 5s"),
        WrongFile(
            callthrough("number_format: plus_e164"),
            5,
            "pbx.a.callthrough.number_format",
            "can't be sent as a tone"
        ),
        WrongFile(callthrough("number_format: e614"), 5, "pbx.a.callthrough.number_format", "did you mean e164?"),
        WrongFile(callthrough("script: \"{target}?\""), 5, "pbx.a.callthrough.script", "is not a tone"),
        WrongFile(callthrough("script: \"{traget}\""), 5, "pbx.a.callthrough.script", "no value called 'traget'"),
        WrongFile(callthrough("script: \"123#\""), 5, "pbx.a.callthrough.script", "never sends the target"),
        WrongFile(callthrough("script: \"{pin}#{target}#\""), 5, "pbx.a.callthrough.script", "needs a {pin}"),
        WrongFile(callthrough("pin: { credential: a }"), 5, "pbx.a.callthrough.pin", "never sends the pin"),
        WrongFile(pbx("reverse:\n      mode: answer"), 3, "pbx.a.reverse.ring_from", "are missing"),
        WrongFile(pbx("reverse:\n      ring_from: []"), 4, "pbx.a.reverse.ring_from", "the list is empty"),
        WrongFile(pbx("reverse:\n      ring_from: \"+4922166966960\""), 4, "pbx.a.reverse.ring_from", "not a list"),
        WrongFile(pbx("reverse:\n      ring_from:\n        - anna"), 5, "pbx.a.reverse.ring_from[1]", "is a letter"),
        WrongFile(
            pbx("reverse:\n      ring_from: [\"+4922166966960\"]\n      music: /a.wav"),
            5,
            "pbx.a.reverse.music",
            "itself holds its callers"
        ),
        WrongFile(
            callthrough("settle: 0s") + "    reverse: { mode: dial_back, hold: agent, confirm: \"1\" }\n"
                + "sip:\n  accounts:\n    t: { registrar: \"sip:a.example\", user: \"1\", password: { credential: c }, pbx: a }\n",
            6,
            "pbx.a.reverse.confirm",
            "can't answer it"
        ),
        WrongFile(
            callthrough("settle: 0s") + "    reverse: { mode: dial_back, hold: agent }\n",
            6,
            "pbx.a.reverse.hold",
            "no account is this PBX's"
        ),
        WrongFile(
            pbx("reverse:\n      ring_from: [\"+4922166966960\"]\n      mode: dialback"),
            5,
            "pbx.a.reverse.mode",
            "did you mean dial_back?"
        ),
        WrongFile(
            pbx("callback:\n      ring_from: [\"+4922166966960\"]\n      expect_within: 0s"),
            5,
            "pbx.a.callback.expect_within",
            "from 1s to 10m"
        ),
        WrongFile(
            "pbx:\n  a: { reverse: { ring_from: [\"+4922166966960\"] } }\n"
                + "  b: { reverse: { ring_from: [\"+4922166966960\"] } }\n",
            3,
            "pbx.b.reverse.ring_from",
            "pbx.a.reverse too"
        ),
        WrongFile(generic("url: http://pbx.lan/api"), 4, "pbx.a.url", "plain HTTP to pbx.lan would show secrets"),
        WrongFile(generic("app: cabin\n    url: https://a.example"), 4, "pbx.a.app", "no use for it"),
        WrongFile(
            asterisk("app: \"a b\"\n    callthrough: { access_number: \"+4930123456\" }"),
            4,
            "pbx.a.app",
            "letters, digits, - and _"
        ),
        WrongFile(
            asterisk(
                "app: a\n    callthrough: { access_number: \"+4930123456\" }\n"
                    + "    reverse: { ring_from: [\"+4930123457\"], mode: dial_back }"
            ),
            4,
            "pbx.a.app",
            "url, user and password"
        ),
        WrongFile(
            asterisk(
                "app: cabin\n    url: https://pbx.example.net/ari\n    user: a\n    password: { credential: b }\n"
                    + "    callthrough: { access_number: \"+4930123456\" }"
            ),
            4,
            "pbx.a.app",
            "fetched by a call"
        ),
    ]

    static let syntax = [
        WrongFile("gateway:\n\tname: a\n", 2, nil, "indent with spaces, not with tabs"),
        WrongFile("gateway:\n  name: a: b\n", 2, nil, "in quotes"),
        WrongFile("gateway:\n  name: \"a\n", 3, nil, "opened in line 2"),
        WrongFile("gateway:\n  name: @a\n", 2, nil, "in quotes"),
        WrongFile("gateway: { name: a\n", 2, nil, "close the bracket"),
        WrongFile("gateway:\n   name: a\n  region: DE\n", 3, nil, "indent"),
        WrongFile("gateway:\n  name: \"\\q\"\n", 2, nil, "single quotes"),
        WrongFile("pbx:\n  a:\n    callthrough:\n      script: *21#\n", 4, nil, "'*' or '&' in quotes"),
        WrongFile("pbx:\n  a:\n    user: *anna\n", 3, nil, "'*' or '&' in quotes"),
        WrongFile("gateway:\n  name: a\n---\npolicy: {}\n", 3, nil, "second YAML document"),
        WrongFile("gateway: {name: 1}\n}", 2, nil, "YAML syntax"),
        WrongFile(
            "gateway:\n  name: a\npolicy:\u{A0}\n  allow: [home]\n",
            3,
            nil,
            "U+00A0, NO-BREAK SPACE, stands in column 8"
        ),
        WrongFile("policy:\u{3000}{ allow: [home] }\n", 1, nil, "U+3000, IDEOGRAPHIC SPACE, stands in column 8"),
        WrongFile("gateway:\n  name:\u{2009}a\n", 2, "gateway", "U+2009, THIN SPACE, stands in column 8"),
        WrongFile("gateway:\u{202F}\n", 1, nil, "U+202F, NARROW NO-BREAK SPACE, stands in column 9"),
        // In quotes and comments they may stand.
        WrongFile("gateway:\n  name: \"a\u{A0}b\n", 3, nil, "opened in line 2"),
        WrongFile("gateway:\n  name: a: b # c\u{A0}d\n", 2, nil, "in quotes"),
    ]
}
