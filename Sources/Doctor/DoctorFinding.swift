package import GatewayAPI
internal import TextCoding

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
    @OrNull package var remedy: String?

    package init(_ severity: Severity, _ check: String, _ subject: String, _ message: String, remedy: String? = nil) {
        self.severity = severity
        self.check = check
        self.subject = subject
        self.message = message
        self.remedy = remedy
    }

    /// One line, safe on a terminal also where a device has put control characters into its name.
    package var description: String {
        let parts = ["\(subject): \(message)", remedy.map { "do: \($0)" }].compactMap(\.self)
        return severity.rawValue + String(repeating: " ", count: 8 - severity.rawValue.count)
            + TerminalText.escaped(parts.joined(separator: "; "))
    }
}
