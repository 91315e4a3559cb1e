import DialPlan
import Glibc
import Testing

@Suite("The page of attempts at fraud")
struct FraudPageTests {
    private static let root = "/" + #filePath.split(separator: "/").dropLast(3).joined(separator: "/")

    private static func lines(of file: String) throws -> [String] {
        let descriptor = open("\(root)/\(file)", O_RDONLY | O_CLOEXEC)
        try #require(descriptor >= 0, "\(file) can't be read")
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 { bytes += buffer[..<count] }
        return String(decoding: bytes, as: UTF8.self)
            .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    }

    /// What the page has to say of an attempt.
    private static func row(_ attempt: Attempt) throws -> String {
        let typed = attempt.typed.unicodeScalars
            .map { scalar in
                (0x20..<0x7F).contains(scalar.value)
                    ? String(scalar) : "\\u{\(String(scalar.value, radix: 16, uppercase: true))}"
            }
            .joined()
        let head = "| `\(typed)` | \(attempt.region) |"
        let region = try Region(code: attempt.region)
        do throws(NumberError) {
            let number = try PhoneNumber(typed: attempt.typed, region: region)
            let verdict = DialPolicy().verdict(on: number, as: .plusE164)
            return "\(head) \(verdict.isAllowed ? "allowed" : "refused") | \(verdict.reason) |"
        } catch {
            return "\(head) no number | \(error) |"
        }
    }

    @Test("docs/fraud.md says of every attempt what the program says, and knows no other")
    func attempts() throws {
        let written = try Self.lines(of: "docs/fraud.md").filter { $0.hasPrefix("| `") }
        let rows = try (FraudTests.money + FraudTests.help).map(Self.row)
        let missing = rows.filter { !written.contains($0) }
        #expect(missing.isEmpty, "\(missing.joined(separator: "\n"))")
        let strange = written.filter { !rows.contains($0) }
        #expect(strange.isEmpty, "\(strange.joined(separator: "\n"))")
    }

    @Test("each test that docs/fraud.md names is there")
    func tests() throws {
        // `| attempt | what comes of it | Folder/File.swift: title |`
        let named = try Self.lines(of: "docs/fraud.md").filter { $0.contains("Tests.swift: ") }
        #expect(named.count > 10)
        for line in named {
            let cell = try #require(line.split(separator: "|").last { $0.contains(".swift: ") })
            let parts = cell.split(separator: ": ", maxSplits: 1)
            let file = parts[0].filter { $0 != " " }
            var title = String(try #require(parts.last))
            while title.hasSuffix(" ") { title.removeLast() }
            let source = try Self.lines(of: "Tests/\(file)").joined(separator: "\n")
            #expect(source.contains("\"\(title)\""), "\(file): \(title)")
        }
    }
}
