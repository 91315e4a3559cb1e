import ConfigurationText
import DialPlan
import FoundationEssentials
import PBX
import PBXLinks
import Testing

@testable import Calls
@testable import Settings

private func pbx(_ profile: String, _ lines: String...) -> String {
    (["pbx:", "  office:", "    profile: \(profile)", "    url: https://pbx.example.net"] + lines.map { "    " + $0 })
        .joined(separator: "\n") + "\n"
}

@Suite("Configuration of a PBX's profile")
struct ConfigurationPBXProfileTests {
    @Test(
        "what can't be meant is refused at its own key",
        arguments: [
            (pbx("fritzbox", "endpoint: PJSIP/{number}@t"), "pbx.office.endpoint"),
            (pbx("asterisk_ari", "endpoint: PJSIP/trunk"), "pbx.office.endpoint"),
            (pbx("asterisk_ari", "device: x"), "pbx.office.device"),
            (pbx("asterisk_ari", "number_prefix: \"*\""), "pbx.office.number_prefix"),
            (pbx("asterisk_ari", "ca_file: ca.pem"), "pbx.office.ca_file"),
            (pbx("asterisk_ari", "plain_http: yes"), "pbx.office.plain_http"),
            (pbx("fonial", "callback_body: '{\"a\": '"), "pbx.office.callback_body"),
            (pbx("fonial", "callback_body: '{\"a\": \"{tarmac}\"}'"), "pbx.office.callback_body"),
            (pbx("placetel", "webhook: {}"), "pbx.office.webhook.secret"),
            (pbx("sipgate", "webhook: {}"), "pbx.office.webhook.public_url"),
            (pbx("placetel", "webhook: { secret: { credential: a }, incoming: hold }"), "pbx.office.webhook.incoming"),
            (
                pbx("placetel", "webhook: { secret: { credential: a }, incoming: forward }"),
                "pbx.office.webhook.forward_to"
            ),
            (
                pbx("placetel", "webhook: { secret: { credential: a }, incoming: forward, forward_to: [\"112\"] }"),
                "pbx.office.webhook.forward_to[1]"
            ),
            (pbx("generic", "requests: { health: { method: GET } }"), "pbx.office.requests.health.path"),
            (pbx("generic", "requests: { health: { path: x } }"), "pbx.office.requests.health.path"),
            (pbx("generic", "requests: { health: { path: '/?p={password}' } }"), "pbx.office.requests.health.path"),
            (pbx("generic", "requests: { health: { path: /a, method: PATCH } }"), "pbx.office.requests.health.method"),
            (
                pbx("generic", "requests: { health: { path: /a, method: GET, body: '{}' } }"),
                "pbx.office.requests.health.body"
            ),
            (
                pbx("generic", "requests: { health: { path: /a, headers: ['Host: a'] } }"),
                "pbx.office.requests.health.headers[1]"
            ),
            (
                pbx("generic", "requests: { health: { path: /a, reply: { version: v } } }"),
                "pbx.office.requests.health.reply.version"
            ),
        ]
    )
    func refused(_ text: String, _ key: String) {
        #expect(ConfigurationRig.problems(text).map(\.key) == [key])
    }

    @Test("a configured PBX becomes an account of its profile")
    func account() throws {
        let text = pbx(
            "generic",
            "own_number: 0151 12345678",
            "request_format: national",
            "number_prefix: \"0\"",
            "requests:",
            "  authorization: none",
            "  request_callback: { method: PUT, path: '/dial/{target}', idempotent: true, reply: { reference: /id } }"
        )
        let configuration = try ConfigurationRig.read(text)
        let office = try #require(configuration.pbx.first)
        let account = try PBXAccount(office, region: configuration.gateway.region, environment: .current)
        #expect(account.profile.name == "generic")
        #expect(account.ownNumber?.e164 == "4915112345678")
        #expect(account.numberFormat == .national)
        #expect(account.options.requests?.callback?.isIdempotent == true)
        let capabilities = account.profile.capabilities(account)
        #expect(capabilities.callsBack && capabilities.idempotentOriginate && capabilities.returnsReference)
        #expect(capabilities.reverse == .none && !capabilities.announcesCallthrough)
    }

    @Test(
        "every example of the operators' pages passes the check",
        arguments: ["asterisk", "freepbx", "generic", "dtmf", "twilio", "sipgate", "placetel", "fonial", "fritzbox"]
    )
    func examples(_ page: String) throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let text = String(decoding: try Data(contentsOf: root.appending(path: "docs/pbx/\(page).md")), as: UTF8.self)
        let blocks = text.split(separator: "```yaml\n").dropFirst().compactMap { $0.split(separator: "```").first }
            .filter { $0.hasPrefix("pbx:") }
        #expect(!blocks.isEmpty)
        for block in blocks { #expect(ConfigurationRig.problems(String(block)).map(\.description) == []) }
    }

    @Test("every profile can be chosen, and none declares a key of all or a key twice")
    func profiles() throws {
        let common = Set(SettingTable<Configuration.PBX>.pbx.keys)
        for profile in PBXProfile.all {
            let text = "pbx: { a: { profile: \(profile.name), reverse: { ring_from: [\"+4930123456\"] } } }"
            #expect(try ConfigurationRig.read(text).pbx.first?.profile == profile)
            let names = profile.keys.map(\.name)
            #expect(Set(names).count == names.count && common.isSuperset(of: names))
        }
        #expect(common.count == SettingTable<Configuration.PBX>.pbx.keys.count)
    }

    @Test("a key that a profile declares is read, and is refused for others")
    func ownKeys() throws {
        for profile in PBXProfile.all {
            for key in PBXProfile.all.flatMap(\.keys) {
                let problems = ConfigurationRig.problems(pbx(profile.name, "\(key.name): \(key.example)"))
                let isOwn = profile.keys.contains { $0.name == key.name }
                #expect(
                    problems.contains { $0.message.contains("has no use for it") && $0.key == "pbx.office.\(key.name)" }
                        == !isOwn
                )
            }
        }
    }
}
