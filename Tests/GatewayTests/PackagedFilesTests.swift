import DialPlan
import FoundationEssentials
import GatewayAPI
import Testing
import Yams

@testable import Settings

/// The files beside the program that people copy from.
@Suite("Packaged files") struct PackagedFilesTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let deployments = ["asterisk", "cloud-pbx", "fritzbox", "many-sims", "one-stick"]

    private static func text(_ path: String) throws -> String {
        String(decoding: try Data(contentsOf: root.appending(path: path)), as: UTF8.self)
    }

    @Test("each sample configuration is right, and finds the packaged service", arguments: deployments)
    func samples(_ name: String) throws {
        let text = try Self.text("packaging/examples/\(name).yaml")
        let configuration = try ConfigurationRig.read(text)
        #expect(configuration.gateway.socket == "/run/gsmbridge/control.sock")
        #expect(configuration.gateway.stateDirectory == "/var/lib/gsmbridge")
        #expect(!configuration.pbx.isEmpty)
        #expect(!configuration.policy.dialPolicy.allow.contains(.premium))
        #expect(text.hasPrefix("# "))
    }

    @Test("the sample that has monitors gives them a token that can only look")
    func monitors() throws {
        let remote = try ConfigurationRig.read(try Self.text("packaging/examples/many-sims.yaml")).control.remote
        #expect(remote?.readToken?.source == .credential("control-read-token"))
    }

    @Test("every sample is tested")
    func allSamples() throws {
        let files = try FileManager.default
            .contentsOfDirectory(atPath: Self.root.appending(path: "packaging/examples").path)
        #expect(files.sorted() == Self.deployments.map { "\($0).yaml" })
    }

    /// The figures that the service really has, by the source of its text.
    private static func figures() throws -> Set<String> {
        var names: Set<String> = []
        for file in ["ServiceMetrics+Text", "WebhookFigures+Text"] {
            let source = try text("Sources/ServiceFigures/\(file).swift")
            names.formUnion(source.matches(of: /"(gsmbridge_[a-z_]+)"/).map { String($0.1) })
        }
        return names
    }

    private static func figures(namedIn text: String) -> Set<String> {
        Set(text.matches(of: /gsmbridge_[a-z_]+/).map { String($0.0) })
    }

    @Test("board and alerts ask for figures that there are, and every alert says what to do")
    func monitoring() throws {
        let known = try Self.figures()
        #expect(known.count > 20)
        let alerts = try Self.text("packaging/monitoring/alerts.yaml")
        let board = try Self.text("packaging/monitoring/grafana.json")
        for text in [alerts, board] {
            let named = Self.figures(namedIn: text)
            #expect(named.count > 5)
            #expect(named.subtracting(known) == [])
        }
        struct Rules: Decodable {
            struct Group: Decodable { let rules: [Rule] }
            struct Rule: Decodable {
                let alert: String
                let expr: String
                let labels: [String: String]
                let annotations: [String: String]
            }
            let groups: [Group]
        }
        let rules = try YAMLDecoder().decode(Rules.self, from: alerts).groups.flatMap(\.rules)
        #expect(rules.count == Set(rules.map(\.alert)).count)
        for rule in rules {
            #expect(rule.labels["severity"] != nil && rule.annotations["remedy"] != nil, "\(rule.alert)")
        }
        struct Board: Decodable {
            struct Panel: Decodable { let title: String }
            let panels: [Panel]
        }
        #expect(try JSONDecoder().decode(Board.self, from: Data(board.utf8)).panels.count > 8)
    }

    @Test("the page for Home Assistant configures what there is, and asks for fields that there are")
    func homeAssistant() throws {
        let page = try Self.text("docs/home-assistant.md")
        let blocks = page.components(separatedBy: "```yaml\n").dropFirst().map { $0.components(separatedBy: "```")[0] }
        #expect(blocks.count == 4)
        let configuration = try ConfigurationRig.read(try #require(blocks.first))
        #expect(configuration.control.remote?.readToken != nil)
        // What only looks has the token that can only look.
        let sensors = blocks.dropFirst()
        #expect(sensors.first?.contains("gsmbridge_read_token") == true)
        #expect(sensors.first?.contains("gsmbridge_token") == false)
        #expect(sensors.dropFirst().first?.contains("!secret gsmbridge_token") == true)
        #expect(configuration.webhooks.notify.first?.events.isEmpty == false)
        for path in ["/v1/status", "/v1/calls", "/v1/calls/{{ call }}/hangup"] { #expect(page.contains(path)) }
        var status = GatewayStatus(name: "x", version: "1", pid: 1, startedAt: Date())
        status.modems = [ModemStatus(name: "o2", state: .ready)]
        let json = String(decoding: try JSONEncoder().encode(status), as: UTF8.self)
        for field in page.matches(of: /value_json\.([a-z_]+)/) { #expect(json.contains("\"\(field.1)\"")) }
        #expect(json.contains("\"signal_dbm\""))
    }
}
