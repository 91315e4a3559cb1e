import ConfigurationText
import FoundationEssentials
import PBX
import Testing

@testable import Settings

/// The tables of `docs/configuration.md`, which are written by the rows of the settings.
///
/// A line `<!-- keys of pbx.NAME.callthrough -->` stands before each.
private struct ReferencePage {
    static let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "docs/configuration.md")

    /// Every block of the file by its path.
    static var blocks: [String: [SettingDescription]] {
        blocks(SettingTable<Configuration>.root.descriptions, below: "")
    }

    let text: String

    init() throws { text = String(decoding: try Data(contentsOf: Self.file), as: UTF8.self) }

    private static func blocks(_ keys: [SettingDescription], below path: String) -> [String: [SettingDescription]] {
        var result: [String: [SettingDescription]] = [:]
        for key in keys {
            let inner = key.keys()
            guard !inner.isEmpty else { continue }
            let path = [path, key.name, key.place ?? ""].filter { !$0.isEmpty }.joined(separator: ".")
            result[path] = inner
            result.merge(blocks(inner, below: path)) { first, _ in first }
        }
        return result
    }

    static func row(of key: SettingDescription) -> String {
        "| `\(key.name)` | \(key.type) | \(key.standard ?? "none") | \(key.help) |"
    }

    /// The blocks that have a table.
    var shown: [String] {
        text.split(separator: "\n")
            .compactMap { line in
                guard line.hasPrefix("<!-- keys of "), line.hasSuffix(" -->") else { return nil }
                return String(line.dropFirst(13).dropLast(4))
            }
    }

    /// The page with every table made anew.
    var renewed: String {
        var lines: [Substring] = []
        var isInTable = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if isInTable, line.hasPrefix("|") { continue }
            isInTable = false
            lines.append(line)
            guard line.hasPrefix("<!-- keys of "), let keys = Self.blocks[String(line.dropFirst(13).dropLast(4))] else {
                continue
            }
            isInTable = true
            lines += ["| key | type | default | meaning |", "|---|---|---|---|"]
            lines += keys.map { Substring(Self.row(of: $0)) }
        }
        return lines.joined(separator: "\n")
    }
}

@Suite("Reference of the configuration")
struct ConfigurationReferenceTests {
    @Test("every example of the reference passes the check")
    func examples() throws {
        let blocks = try ReferencePage().text.split(separator: "```yaml\n").dropFirst()
            .compactMap { $0.split(separator: "```").first }
        #expect(blocks.count == 14)
        for block in blocks {
            #expect(ConfigurationRig.problems(String(block)).map(\.description) == [])
        }
    }

    /// With `GSMBRIDGE_WRITE_DOCS=1` the page is written instead.
    @Test("the tables of the reference are those of the settings")
    func tables() throws {
        let page = try ReferencePage()
        let renewed = page.renewed
        if ProcessInfo.processInfo.environment["GSMBRIDGE_WRITE_DOCS"] != nil {
            return try Data(renewed.utf8).write(to: ReferencePage.file)
        }
        let lines = (page.text.split(separator: "\n"), renewed.split(separator: "\n"))
        for (line, wanted) in zip(lines.0, lines.1) { #expect(line == wanted) }
        #expect(lines.0.count == lines.1.count)
    }

    @Test("every key that can be set is in one of the tables")
    func keys() throws {
        let page = try ReferencePage()
        let shown = page.shown.map { Set(ReferencePage.blocks[$0]?.map(\.name) ?? []) }
        #expect(!shown.contains([]))
        for (path, keys) in ReferencePage.blocks {
            let names = Set(keys.map(\.name))
            #expect(shown.contains { names.isSubset(of: $0) }, "the keys of \(path) are missing")
        }
        for profile in PBXProfile.all { #expect(page.text.contains("`\(profile.name)`")) }
    }
}
