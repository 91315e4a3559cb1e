import Testing

@testable import Doctor

/// A row of a table: what is the case, and what the doctor says about it.
struct DoctorRow: Sendable, CustomTestStringConvertible {
    let name: String
    let facts: DoctorFacts
    /// Severity, check, and a part of the line; nil when nothing is to be said.
    let expected: (DoctorFinding.Severity, String, String)?

    typealias Change = @Sendable (inout DoctorFacts) -> Void

    init(_ name: String, _ expected: (DoctorFinding.Severity, String, String)?, _ change: Change) {
        self.name = name
        self.expected = expected
        var facts = DoctorFacts(user: DoctorFacts.User(name: "anna", id: 1000))
        change(&facts)
        self.facts = facts
    }

    var testDescription: String { name }

    /// Judges the facts by one check, and compares what it says.
    func expect(in check: DoctorCheck, _ location: SourceLocation = #_sourceLocation) {
        let findings = check.findings(facts)
        guard let (severity, name, part) = expected else {
            #expect(findings == [], sourceLocation: location)
            return
        }
        guard let finding = findings.first, findings.count == 1 else {
            Issue.record("findings: \(findings)", sourceLocation: location)
            return
        }
        #expect(finding.severity == severity, sourceLocation: location)
        #expect(finding.check == name, sourceLocation: location)
        #expect("\(finding)".contains(part), "\(finding)", sourceLocation: location)
        // What is wrong has a way out.
        #expect(severity == .ok || finding.remedy != nil, sourceLocation: location)
    }
}
