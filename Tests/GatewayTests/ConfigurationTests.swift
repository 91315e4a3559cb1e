import CallFlows
import CallModel
import ConfigurationText
import DialPlan
import FoundationEssentials
import Glibc
import PBX
import SerialPort
import TestSupport
import Testing

@testable import Gateway
@testable import Settings

@Suite("Configuration")
struct ConfigurationTests {
    @Test("the contract's example is read as it is meant")
    func contract() throws {
        let configuration = try ConfigurationRig.read(ConfigurationRig.contract)
        #expect(configuration.gateway.name == "cabin")
        #expect(configuration.gateway.region.code == "DE")
        #expect(configuration.gateway.stateDirectory == "/var/lib/gsmbridge")
        #expect(configuration.gateway.socket == "/run/gsmbridge/control.sock")

        let modem = try #require(configuration.modem("o2"))
        #expect(modem.match.accepts(imei: "353535011111116"))
        #expect(modem.pin?.source == .credential("sim-pin"))
        #expect(modem.pin?.purpose == .simPIN)
        #expect(modem.tty == nil)

        let pbx = try #require(try configuration.pbx("office"))
        #expect(pbx.profile == .asteriskARI)
        #expect(pbx.url?.absoluteString == "https://pbx.example.net:8089/ari")
        #expect(pbx.user == "gsmbridge")
        #expect(pbx.password?.source == .credential("ari-password"))
        let callthrough = try #require(pbx.callthrough)
        #expect(callthrough.accessNumber.text == "+4922166966966")
        #expect(callthrough.settle == .milliseconds(1500))
        #expect(try callthrough.script == DTMFScript("{pin}# ,, {target}#"))
        #expect(callthrough.pin?.source == .credential("office-pin"))
        #expect(callthrough.numberFormat == .national)
        #expect(pbx.reverse?.ringFrom.map(\.typed.text) == ["+4922166966960"])
        #expect(pbx.reverse?.mode == .answer)
        #expect(pbx.callback?.ringFrom.map(\.typed.text) == ["+4922166966961"])
        #expect(pbx.callback?.expectWithin == .seconds(30))

        #expect(configuration.policy.dialPolicy == DialPolicy())
        #expect(configuration.policy.maxDuration == .seconds(3600))
        #expect(configuration.policy.maxCallsPerHour == 20)
        #expect(configuration.calls.detailDays == 7)
        let keys = configuration.secrets.map(\.key)
        #expect(keys == ["modems.o2.pin", "pbx.office.password", "pbx.office.callthrough.pin"])
    }

    @Test("without a file everything has the contract's default")
    func defaults() throws {
        let configuration = try Configuration.load(path: nil, environment: ConfigurationRig.environment())
        #expect(configuration.file == nil)
        #expect(configuration.gateway.name == "box")
        #expect(configuration.gateway.region.code == "DE")
        #expect(configuration.gateway.stateDirectory == "/var/lib/gsmbridge")
        #expect(configuration.gateway.socket == "/run/gsmbridge/control.sock")
        #expect(configuration.modems.isEmpty)
        #expect(configuration.pbx.isEmpty)
        #expect(configuration.policy.dialPolicy == DialPolicy())
        #expect(configuration.policy.maxDuration == .seconds(3600))
        #expect(configuration.policy.maxCallsPerHour == 20)
        #expect(configuration.calls.detailDays == 7)
        #expect(configuration.settings.allSatisfy { $0.origin == .standard })
        #expect(configuration.settings.count == 26)
    }

    @Test("what a callthrough leaves out has the defaults of --access-number alone")
    func callthroughDefaults() throws {
        let configuration = try ConfigurationRig.read(
            "pbx:\n  a:\n    callthrough: { access_number: +4922166966966 }\n"
        )
        let pbx = try #require(try configuration.pbx(nil))
        let callthrough = try #require(pbx.callthrough)
        #expect(pbx.profile == .dtmf)
        #expect(callthrough.settle == .milliseconds(1500))
        #expect(callthrough.script == .targetOnly)
        #expect(callthrough.numberFormat == .national)
        #expect(callthrough.tone == .milliseconds(120))
        #expect(callthrough.gap == .milliseconds(120))
        let access = try #require(pbx.access(pin: nil))
        #expect(access.number.text == "+4922166966966")
        #expect(access.pbx == "a")
    }

    @Test(
        "a plain user's data and socket lie where systemd or the XDG directories say",
        arguments: [
            ([:], "/home/anna/.local/state/gsmbridge", "/tmp/gsmbridge-4294967000/control.sock"),
            (["XDG_STATE_HOME": "/s", "XDG_RUNTIME_DIR": "/r/"], "/s/gsmbridge", "/r/gsmbridge/control.sock"),
            (
                ["XDG_STATE_HOME": "s", "XDG_RUNTIME_DIR": ""], "/home/anna/.local/state/gsmbridge",
                "/tmp/gsmbridge-4294967000/control.sock"
            ),
            (
                ["XDG_STATE_HOME": "/s", "STATE_DIRECTORY": "/var/lib/g", "RUNTIME_DIRECTORY": "/run/g"], "/var/lib/g",
                "/run/g/control.sock"
            ),
        ]
    )
    func userDirectories(variables: [String: String], state: String, socket: String) throws {
        let environment = ConfigurationRig.environment(variables, user: 4_294_967_000)
        let configuration = try Configuration.load(path: nil, environment: environment)
        #expect(configuration.gateway.stateDirectory == state)
        #expect(configuration.gateway.socket == socket)
    }

    @Test("the named file goes before $GSMBRIDGE_CONFIG, and that before the system's file")
    func lookup() throws {
        let directory = try TemporaryDirectory()
        let system = try directory.write("system", "gateway: { name: system }".utf8)
        let variable = try directory.write("variable", "gateway: { name: variable }".utf8)
        let named = try directory.write("named", "gateway: { name: named }".utf8)
        let both = ConfigurationRig.environment(["GSMBRIDGE_CONFIG": variable], systemFile: system)
        let empty = ConfigurationRig.environment(["GSMBRIDGE_CONFIG": ""], systemFile: system)
        #expect(try Configuration.load(path: named, environment: both).gateway.name == "named")
        #expect(try Configuration.load(path: nil, environment: both).gateway.name == "variable")
        #expect(try Configuration.load(path: nil, environment: empty).gateway.name == "system")
        #expect(try Configuration.load(path: nil, environment: empty).file == system)
    }

    @Test("a named file must be there and be a file")
    func unusableFiles() throws {
        let directory = try TemporaryDirectory()
        let absent = directory.path + "/absent"
        let cases = [
            (absent, "no such file"), (directory.path, "not a regular file"), ("/dev/zero", "not a regular file"),
        ]
        for (path, words) in cases {
            let error = #expect(throws: ConfigurationError.self) {
                try Configuration.load(path: path, environment: ConfigurationRig.environment())
            }
            #expect(error?.problems.count == 1)
            #expect(error?.problems.first?.file == path)
            #expect(error?.problems.first?.message.contains(words) == true)
        }
        let environment = ConfigurationRig.environment(["GSMBRIDGE_CONFIG": absent])
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(path: nil, environment: environment)
        }
        #expect(error?.description.contains("$GSMBRIDGE_CONFIG") == true)
        #expect(ConfigurationError.exitStatus == 78)
    }

    @Test("a file of more than 1 MiB is refused before it is parsed")
    func tooLarge() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("large", [UInt8](repeating: UInt8(ascii: "#"), count: (1 << 20) + 1))
        let error = #expect(throws: ConfigurationError.self) {
            try Configuration.load(path: path, environment: ConfigurationRig.environment())
        }
        #expect(error?.description.contains("larger than 1 MiB") == true)
    }

    @Test("values without quotes stay what they are: zeros, plus signs, and words that YAML takes for a no")
    func plainScalars() throws {
        let configuration = try ConfigurationRig.read(
            """
            gateway: { name: 007, region: AT }
            modems:
              no: { match: { imei: 353535011111116 } }
            pbx:
              a:
                callthrough: { access_number: 0221 669 669, number_format: 00 }
            """
        )
        #expect(configuration.gateway.name == "007")
        #expect(configuration.gateway.region.code == "AT")
        #expect(configuration.modem("no") != nil)
        #expect(try configuration.pbx("a")?.callthrough?.accessNumber.text == "0221669669")
        #expect(try configuration.pbx("a")?.callthrough?.numberFormat == .international00)
    }

    @Test("blocks whose lines are all commented out count as not there")
    func emptyBlocks() throws {
        let configuration = try ConfigurationRig.read("gateway:\nmodems:\npbx: ~\npolicy:\n  #allow: [home]\n")
        #expect(configuration.policy.dialPolicy == DialPolicy())
    }

    @Test("one block may be used for two PBXs by a reference")
    func references() throws {
        let configuration = try ConfigurationRig.read(
            """
            pbx:
              a:
                callthrough: &way { access_number: "+4922166966966", settle: 2s }
              b:
                callthrough: *way
            """
        )
        #expect(configuration.pbx.map { $0.callthrough?.settle } == [.seconds(2), .seconds(2)])
    }

    @Test("modems are found by name, IMEI and tty, and give their settings")
    func modemLookup() throws {
        let configuration = try ConfigurationRig.read(
            """
            modems:
              o2: { match: { imei: "353535011111116" } }
              wire: { match: { tty: /dev/ttyS1 }, baud: 9600, rtscts: true }
              card: { match: { iccid: "8949020000001234567" } }
              socket: { match: { usb_path: 1-1.4 } }
            """
        )
        #expect(configuration.modem("o2")?.name == "o2")
        // The last digits of an IMEI are a check digit or a version.
        #expect(configuration.modem("3535350111111199")?.name == "o2")
        #expect(configuration.modem("/dev/ttyS1")?.name == "wire")
        #expect(configuration.modem("wire")?.tty == "/dev/ttyS1")
        #expect(configuration.modem("wire")?.serialSettings == SerialSettings(baud: 9600, hardwareFlowControl: true))
        #expect(configuration.modem("o2")?.serialSettings == SerialSettings())
        #expect(configuration.modem("card")?.match.accepts(iccid: "8949020000001234567F") == true)
        #expect(configuration.modem("socket")?.match.accepts(usbPath: "1-1.4") == true)
        #expect(configuration.modem("socket")?.match.accepts(imei: "353535011111116", tty: "/dev/ttyS1") == false)
        #expect(configuration.modem("/dev/ttyS2") == nil)
    }

    @Test("a PBX is found by name; without one, the first with a callthrough")
    func pbxLookup() throws {
        let configuration = try ConfigurationRig.read(
            """
            pbx:
              api: { profile: fonial, url: https://api.example.net }
              tones: { callthrough: { access_number: "+4922166966966" } }
            """
        )
        #expect(try configuration.pbx(nil)?.name == "tones")
        #expect(try configuration.pbx("api")?.access(pin: nil) == nil)
        let error = #expect(throws: Configuration.UnknownName.self) { try configuration.pbx("tonse") }
        #expect(error?.description.contains("did you mean tones?") == true)
    }

    @Test("a command that only asks the service finds its socket, whatever else is wrong with the file")
    func socketPlace() throws {
        var environment = ConfigurationRig.environment()
        let file = "/tmp/gsmbridge-socket-\(getpid()).yaml"
        defer { unlink(file) }
        let place = { (text: String) throws -> Configuration.SocketPlace in
            try Data(text.utf8).write(to: URL(filePath: file))
            return Configuration.socketPlace(option: nil, file: file, environment: environment)
        }
        let right = try place("gateway: { socket: /c }\n")
        #expect(right.path == "/c" && right.problem == nil)
        let typo = try place("gateway: { socket: /c, regoin: DE }\nmodems: { o2: {} }\n")
        #expect(typo.path == "/c")
        #expect(typo.problem?.problems.count == 2)
        let standard = try place("gatewy: { socket: /c }\n").path
        #expect(standard == environment.defaultSocket)
        #expect(try place("gateway: [\n").path == standard)
        #expect(try place("gateway: { socket: relative }\n").path == standard)
        #expect(Configuration.socketPlace(option: nil, file: "/no/file", environment: environment).problem != nil)
        // The service of the system, where this user has none.
        environment.systemSocket = file
        #expect(try place("gateway: [\n").path == file)
        #expect(Configuration.socketPlace(option: "/o", file: "/no/file", environment: environment).problem == nil)
        environment.variables["GSMBRIDGE_SOCKET"] = "/v"
        let named = Configuration.socketPlace(option: nil, file: "/no/file", environment: environment)
        #expect(named.path == "/v" && named.problem == nil)
    }

    @Test("the control socket is that of the option, the variable, or the configuration")
    func controlSocket() throws {
        let configuration = try ConfigurationRig.read("gateway: { socket: /c }")
        let environment = ConfigurationRig.environment(["GSMBRIDGE_SOCKET": "/v"])
        #expect(configuration.controlSocket(option: "/o", environment: environment) == "/o")
        #expect(configuration.controlSocket(option: nil, environment: environment) == "/v")
        #expect(configuration.controlSocket(option: nil, environment: ConfigurationRig.environment()) == "/c")
    }

    @Test(
        "what somebody allows in so many words is not denied by default",
        arguments: [
            ("allow: [home, international]", [.home, .international], [.premium, .sharedCost, .satellite]),
            ("allow: [home, premium]\n  deny: [premium]", [.home, .premium], [.premium]),
            ("deny: []", [.home], []),
            ("allow: []", [], [.premium, .sharedCost, .satellite, .international]),
        ] as [(String, Set<NumberClass>, Set<NumberClass>)]
    )
    func policy(text: String, allow: Set<NumberClass>, deny: Set<NumberClass>) throws {
        let configuration = try ConfigurationRig.read("policy:\n  \(text)\n")
        #expect(configuration.policy.dialPolicy == DialPolicy(allow: allow, deny: deny))
    }

    @Test("every effective value has an origin, and defaults are told from the file")
    func origins() throws {
        let configuration = try ConfigurationRig.read(
            "policy:\n  max_calls_per_hour: 5\n  deny:\n    - premium\ngateway:\n  name: cabin\n"
        )
        let pairs = configuration.settings.map { ($0.key, "\($0.value) \($0.origin)") }
        let origins = Dictionary(pairs) { first, _ in first }
        #expect(origins.count == configuration.settings.count)
        #expect(origins["policy.max_calls_per_hour"] == "5 gsmbridge.yaml:2")
        #expect(origins["policy.deny"] == "[premium] gsmbridge.yaml:4")
        #expect(origins["policy.max_duration"] == "1h default")
        #expect(origins["gateway.name"] == "cabin gsmbridge.yaml:6")
        #expect(origins["gateway.region"] == "DE default")
    }

    @Test("the starting file passes the check, and changes no default")
    func template() throws {
        let configuration = try ConfigurationRig.read(ConfigurationTemplate.text)
        #expect(configuration.modems.isEmpty)
        #expect(configuration.pbx.isEmpty)
        #expect(configuration.policy.dialPolicy == DialPolicy())
        #expect(configuration.policy.maxDuration == .seconds(3600))
        #expect(configuration.policy.maxCallsPerHour == 20)
        #expect(configuration.calls.detailDays == 7)
    }

    @Test("the starting file passes the check with every setting uncommented, and shows every key")
    func uncommentedTemplate() throws {
        let lines = ConfigurationTemplate.text.split(separator: "\n", omittingEmptySubsequences: false)
            .map { line in
                let rest = line.drop { $0 == " " }
                guard rest.first == "#", let next = rest.dropFirst().first, next != " " else { return String(line) }
                return String(repeating: " ", count: line.count - rest.count) + rest.dropFirst()
            }
        let configuration = try ConfigurationRig.read(lines.joined(separator: "\n"))
        #expect(configuration.modems.map(\.name) == ["o2", "serial"])
        let pbx = try #require(configuration.pbx.first)
        #expect(pbx.callthrough != nil && pbx.reverse != nil && pbx.callback != nil)
        let blocks = SettingTable<Configuration>.root.descriptions.filter { $0.name != "tariffs" }
        let everyKey =
            blocks.flatMap { $0.keys().map(\.name) }
            + SettingTable<Configuration.Callthrough>.callthrough.keys
            + SettingTable<Configuration.Reverse>.reverse.keys
            + SettingTable<Configuration.Callback>.callback.keys
        for key in everyKey {
            #expect(ConfigurationTemplate.text.contains("\(key):"), "the starting file does not show \(key)")
        }
    }

    @Test(
        "durations are written with the largest unit that is whole",
        arguments: [
            (Duration.zero, "0s"), (.milliseconds(1500), "1500ms"), (.seconds(90), "90s"), (.seconds(1800), "30m"),
            (.seconds(7200), "2h"), (.milliseconds(120), "120ms"),
        ]
    )
    func durations(duration: Duration, text: String) {
        #expect(duration.configurationText == text)
        #expect(Duration(text: text) == duration)
    }
}
