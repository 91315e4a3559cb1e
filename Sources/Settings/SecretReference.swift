package import ConfigurationText
internal import TextCoding

/// Where a secret is found; the secret itself is read when it is needed, each time anew.
package struct SecretReference: Sendable, Equatable {
    /// The two places for secrets.
    package enum Source: Sendable, Equatable, CustomStringConvertible {
        /// A file of this name in `$CREDENTIALS_DIRECTORY` (systemd.exec(5), `LoadCredential=`).
        case credential(String)
        /// A private file.
        case file(String)

        /// The source as it is shown to people.
        package var description: String {
            switch self {
            case .credential(let name): "credential \(name)"
            case .file(let path): "file \(Spelling.printable(path, limit: 4096))"
            }
        }
    }

    /// What the secret is for, which decides what it may consist of.
    package enum Purpose: Sendable, Equatable {
        /// A SIM's PIN: 4 to 8 digits.
        case simPIN
        /// Sent as DTMF: 1 to 128 tones.
        case tones
        /// A password or token: one line of text.
        case password
        /// A phone's password: one line of text, 8 characters at least, as scanners try the short ones first.
        case phonePassword
        /// Signs webhooks as Standard Webhooks want it: one line of visible characters, at least this many; behind `whsec_`
        /// base64.
        case webhooks(shortest: Int)
        /// What others must bring to steer the gateway: 16 to 512 visible characters.
        case token
        /// What a message has to bring before anything is done for it: 6 to 32 letters and digits.
        case arrivalCode
        /// The hash of a password, as `gsmbridge web password` makes it.
        case passwordHash
        /// A private key in PEM; many lines, at most 16 KiB.
        case privateKey
    }

    /// Where it is found.
    package let source: Source
    package let purpose: Purpose
    /// The key that refers to it, such as `modems.o2.pin`.
    package let key: String
    /// Where that key stands.
    package let origin: Configuration.Origin
}

/// Why a secret can't be had; never holds any of it.
package struct SecretError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The key, its place, what is wrong and what to do.
    package let problem: ConfigurationProblem
    /// Whether the reason is only that this process was not given the credentials that the service gets.
    package let isOutsideService: Bool

    /// One line for a person.
    package var description: String { problem.description }
}
