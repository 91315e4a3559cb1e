internal import TextCoding

/// One thing that is wrong with the configuration: where, what, and what to do about it.
package struct ConfigurationProblem: Sendable, Equatable, CustomStringConvertible {
    /// The file; nil when no file is to blame.
    package let file: String?
    /// The line, counted from 1; nil when the file as a whole is meant.
    package let line: Int?
    /// The key with its sections, such as `pbx.office.url`; nil when no key is meant.
    package let key: String?
    /// What is wrong.
    package let message: String
    /// What to do.
    package let remedy: String

    package init(file: String?, line: Int? = nil, key: String? = nil, message: String, remedy: String) {
        self.file = file
        self.line = line
        self.key = key
        self.message = message
        self.remedy = remedy
    }

    /// `file:line: key: what is wrong; remedy`, in one line that is safe on a terminal.
    package var description: String {
        var text = ""
        if let file { text += Spelling.printable(file, limit: 4096) + (line.map { ":\($0)" } ?? "") + ": " }
        if let key { text += key + ": " }
        return text + message + "; " + remedy
    }
}

/// Why there is no configuration to work with: everything that was found wrong, in the order of the file.
package struct ConfigurationError: Error, Sendable, CustomStringConvertible {
    /// What is wrong; never empty.
    package let problems: [ConfigurationProblem]

    package init(problems: [ConfigurationProblem]) { self.problems = problems }

    /// The exit status for a wrong configuration (contract, section 1; `EX_CONFIG` of sysexits.h).
    package static let exitStatus: Int32 = 78

    /// One line for each problem.
    package var description: String { problems.map(\.description).joined(separator: "\n") }
}
