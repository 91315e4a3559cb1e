import FoundationEssentials
import Testing

@testable import Doctor

@Suite struct DoctorTests {
    @Test("nothing looked at, nothing found")
    func nothing() {
        #expect(DoctorCheck.findings(DoctorFacts(user: DoctorFacts.User(name: "anna", id: 1000))) == [])
    }

    @Test("every check has a name of its own")
    func names() {
        let names = DoctorCheck.all.map(\.name)
        #expect(Set(names).count == names.count)
    }

    @Test("every check is explained in docs/troubleshooting.md")
    func documented() throws {
        let page = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "docs/troubleshooting.md")
        let text = String(decoding: try Data(contentsOf: page), as: UTF8.self)
        for check in DoctorCheck.all { #expect(text.contains("`\(check.name)`"), "\(check.name)") }
    }

    @Test("a finding is one line, whatever a stick calls itself")
    func oneLine() {
        let finding = DoctorFinding(.error, "sticks", "1-1 Ev\u{1B}il\nok", "gone", remedy: "lsusb")
        #expect(finding.description == #"error   1-1 Ev\u{1b}il\nok: gone; do: lsusb"#)
    }

    @Test("a finding as JSON has every key")
    func json() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let bytes = try encoder.encode(DoctorFinding(.ok, "clock", "clock", "synchronised"))
        #expect(
            String(decoding: bytes, as: UTF8.self)
                == #"{"check":"clock","message":"synchronised","remedy":null,"severity":"ok","subject":"clock"}"#
        )
    }
}
