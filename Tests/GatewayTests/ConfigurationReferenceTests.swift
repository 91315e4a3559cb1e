import FoundationEssentials
import Testing

@testable import Settings

@Suite("Reference of the configuration")
struct ConfigurationReferenceTests {
    private static func reference() throws -> String {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return String(decoding: try Data(contentsOf: root.appending(path: "docs/configuration.md")), as: UTF8.self)
    }

    @Test("every example of the reference passes the check")
    func examples() throws {
        let blocks = try Self.reference().split(separator: "```yaml\n").dropFirst()
            .compactMap { $0.split(separator: "```").first }
        #expect(blocks.count == 9)
        for block in blocks {
            #expect(ConfigurationRig.problems(String(block)).map(\.description) == [])
        }
    }

    @Test("every key that can be set is in the reference")
    func keys() throws {
        let text = try Self.reference()
        let keys =
            ConfigurationKeys.gateway + ConfigurationKeys.modem + ConfigurationKeys.match.map { "match.\($0)" }
            + ConfigurationKeys.pbx + ConfigurationKeys.callthrough + ConfigurationKeys.reverse
            + ConfigurationKeys.callback + ConfigurationKeys.policy + ConfigurationKeys.tariff
            + ConfigurationKeys.price + ConfigurationKeys.bucket + ConfigurationKeys.calls + ConfigurationKeys.control
            + ConfigurationKeys.webhook + ConfigurationKeys.request + ConfigurationKeys.webhooks + ConfigurationKeys.tls
            + ConfigurationKeys.notify
        for key in keys { #expect(text.contains("| `\(key)` |"), "\(key) is missing") }
        for key in ConfigurationKeys.requests + ConfigurationKeys.reply { #expect(text.contains("`\(key)`"), "\(key)") }
        for profile in Configuration.PBX.Profile.allCases { #expect(text.contains("`\(profile.rawValue)`")) }
    }
}
