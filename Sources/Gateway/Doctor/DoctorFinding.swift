/// One thing that the doctor has looked at: how it stands, and what to do about it.
package struct DoctorFinding: Sendable, Hashable, Encodable, CustomStringConvertible {
    /// How bad it is.
    package enum Severity: String, Sendable, Hashable, Encodable, CaseIterable, Comparable {
        /// As it should be.
        case ok
        /// Calls may work, but not well or not always.
        case warning
        /// Calls can't work, or will fail soon.
        case error

        /// Errors are the greatest.
        package static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }

        private var rank: Int {
            switch self {
            case .ok: 0
            case .warning: 1
            case .error: 2
            }
        }
    }

    /// How bad it is.
    package var severity: Severity
    /// The check that found it: a word such as `permissions`, the same in every release.
    package var check: String
    /// What it is about: a stick, a tty, a file.
    package var subject: String
    /// What was found, as one clause.
    package var message: String
    /// What to do, a command to type where there is one; nil where nothing has to be done.
    package var remedy: String?

    /// Creates a finding.
    package init(_ severity: Severity, _ check: String, _ subject: String, _ message: String, remedy: String? = nil) {
        self.severity = severity
        self.check = check
        self.subject = subject
        self.message = message
        self.remedy = remedy
    }

    /// One line, safe on a terminal whatever a device has put into its name.
    package var description: String {
        let parts = ["\(subject): \(message)", remedy.map { "do: \($0)" }].compactMap(\.self)
        return severity.rawValue + String(repeating: " ", count: 8 - severity.rawValue.count)
            + JournalLogHandler.escaped(parts.joined(separator: "; "))
    }

    private enum CodingKeys: String, CodingKey {
        case severity
        case check
        case subject
        case message
        case remedy
    }

    /// Encodes all five keys; a finding without a remedy has `null` there.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(severity, forKey: .severity)
        try container.encode(check, forKey: .check)
        try container.encode(subject, forKey: .subject)
        try container.encode(message, forKey: .message)
        try container.encode(remedy, forKey: .remedy)
    }
}
