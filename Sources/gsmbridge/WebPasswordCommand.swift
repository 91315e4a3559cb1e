import ArgumentParser
internal import Console
internal import GatewayAPI
import Glibc
internal import HTTP
internal import Settings
internal import WebAccess

/// `gsmbridge web password`: what is kept of a person's password for the page.
struct WebPasswordCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "password",
        abstract: "Turn a password for the page into what is kept of it.",
        discussion: """
            Asks for the password twice, without showing it, or reads one line where standard input is no terminal. Prints \
            its hash (scrypt), for the credential or file that web.users names; the password itself is kept nowhere. It has \
            \(PasswordHash.shortest) characters or more: a phrase of a few words. After a reload of the service (SIGHUP) \
            sessions that were begun with the old one are over.

            EXAMPLES
              gsmbridge web password > anna-page
              pass show box | gsmbridge web password
            """
    )

    func run() throws {
        let password = try isatty(STDIN_FILENO) == 1 ? asked() : piped()
        guard password.count >= PasswordHash.shortest else {
            throw ValidationError("a password has \(PasswordHash.shortest) characters or more; take a few words")
        }
        guard password.utf8.count <= PasswordHash.longest else {
            throw ValidationError("a password has at most \(PasswordHash.longest) bytes")
        }
        guard password.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
            throw ValidationError("there are control characters in it, such as those of arrow keys")
        }
        do {
            Terminal.standardOutput(try PasswordHash(of: password).text)
        } catch {
            Terminal.standardError("gsmbridge: the password can't be worked through: \(error)")
            throw ExitCode(CallExit.internalFailure)
        }
    }

    private func asked() throws -> String {
        let first = try Self.ask("Password: ")
        guard try Self.ask("The same again: ") == first else {
            throw ValidationError("these were two different ones; nothing was made")
        }
        return first
    }

    /// Asks on the terminal without an echo, which is on again afterwards (getpass(3)).
    private static func ask(_ prompt: String) throws -> String {
        guard let text = getpass(prompt) else {
            throw ValidationError("the terminal can't be asked: \(String(cString: strerror(errno)))")
        }
        return String(cString: text)
    }

    private func piped() throws -> String {
        guard let line = readLine() else { throw ValidationError("there is no line on standard input") }
        return line
    }
}
