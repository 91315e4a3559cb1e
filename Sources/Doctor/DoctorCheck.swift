/// One rule of the doctor: facts in, findings out, nothing else.
///
/// A rule finds nothing where its facts were not gathered.
struct DoctorCheck: Sendable {
    /// A word for it, the same in every release.
    let name: String

    private let judge: @Sendable (DoctorFacts) -> [Verdict]

    /// A finding that does not know its check yet.
    struct Verdict: Sendable {
        var severity: DoctorFinding.Severity
        var subject: String
        var message: String
        var remedy: String?

        static func ok(_ subject: String, _ message: String) -> Verdict {
            Verdict(severity: .ok, subject: subject, message: message)
        }

        static func warning(_ subject: String, _ message: String, do remedy: String?) -> Verdict {
            Verdict(severity: .warning, subject: subject, message: message, remedy: remedy)
        }

        static func error(_ subject: String, _ message: String, do remedy: String?) -> Verdict {
            Verdict(severity: .error, subject: subject, message: message, remedy: remedy)
        }
    }

    init(_ name: String, _ judge: @escaping @Sendable (DoctorFacts) -> [Verdict]) {
        self.name = name
        self.judge = judge
    }

    /// Judges the facts.
    func findings(_ facts: DoctorFacts) -> [DoctorFinding] {
        judge(facts).map { DoctorFinding($0.severity, name, $0.subject, $0.message, remedy: $0.remedy) }
    }

    /// Every check, in the order in which they are shown: from the box outwards to the network.
    static let all: [DoctorCheck] = box + sip + usb + modem

    /// Judges the facts by every check.
    static func findings(_ facts: DoctorFacts) -> [DoctorFinding] { all.flatMap { $0.findings(facts) } }
}
