internal import CallModel
internal import ConfigurationText
internal import Glibc
internal import PBX
internal import SmallFiles
package import TextCoding
internal import WebRequests

extension SecretReference {
    /// The most bytes that a secret may have.
    static let longest = 4096
    /// The most bytes that a private key may have; one of 16384 bits has about 12,000 in PEM.
    static let longestKey = 16_384

    private var limit: Int { purpose == .privateKey ? Self.longestKey : Self.longest }

    /// Reads the secret; throws what is wrong with its place, its permissions or its form, without showing it.
    package func read(in environment: ConfigurationEnvironment) throws(SecretError) -> Secret {
        let bytes: [UInt8]
        switch source {
        case .credential(let name): bytes = try readCredential(name, environment)
        case .file(let path): bytes = try readPrivateFile(path, environment)
        }
        return try check(bytes)
    }

    private func readCredential(_ name: String, _ environment: ConfigurationEnvironment) throws(SecretError) -> [UInt8]
    {
        guard let directory = environment.variable("CREDENTIALS_DIRECTORY") else {
            throw error(
                "$CREDENTIALS_DIRECTORY is not set, so there are no credentials",
                "start the service by systemd with LoadCredential=\(name):PATH, set the variable, or use 'file: PATH'",
                isOutsideService: true
            )
        }
        let path = directory + "/" + name
        do throws(FileError) {
            return try SmallFile.read(path, limit: limit)
        } catch {
            switch error {
            case .absent:
                throw self.error("there is no such credential", "add LoadCredential=\(name):PATH to the service's unit")
            default: throw self.error(error.words, "see that this user can read it")
            }
        }
    }

    private func readPrivateFile(_ path: String, _ environment: ConfigurationEnvironment) throws(SecretError) -> [UInt8]
    {
        do throws(FileError) {
            return try SmallFile.read(path, limit: limit) { status throws(FileError) in
                guard status.owner == environment.userID || status.owner == 0 else {
                    throw .foreign(owner: status.owner)
                }
                guard status.mode & 0o077 == 0 else { throw .open(mode: status.mode & 0o777) }
            }
        } catch {
            let quoted = Spelling.printable(path, limit: 4096)
            switch error {
            case .absent: throw self.error("there is no such file", "create it with mode 0600, or correct the path")
            case .open: throw self.error(error.words, "run: chmod 600 \(quoted)")
            case .foreign: throw self.error(error.words, "give it to the user that gsmbridge runs as, or to root")
            default: throw self.error(error.words, "see that this user can read it, or correct the path")
            }
        }
    }

    private func check(_ bytes: [UInt8]) throws(SecretError) -> Secret {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\n") { bytes.removeLast() }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard !bytes.isEmpty else { throw error("it is empty", "put the secret into it, in one line") }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw error("it is not UTF-8 text", "put the secret into it as text, in one line")
        }
        if let character = Spelling.invisible(in: text) {
            throw error("it holds an invisible character (\(character))", "write the secret anew, without it")
        }
        if purpose == .privateKey {
            guard text.contains("-----BEGIN "), text.contains("PRIVATE KEY-----") else {
                throw error("it is no private key in PEM", "put the key's file there, '-----BEGIN PRIVATE KEY-----'")
            }
            return Secret(text)
        }
        guard !bytes.contains(where: { $0 < 0x20 || $0 == 0x7F }) else {
            throw error(
                "it has more than one line, or control characters",
                "leave nothing but the secret in it, in one line"
            )
        }
        switch purpose {
        case .password, .privateKey: break
        case .passwordHash:
            guard PasswordHash(text) != nil else {
                throw error(
                    "it is no hash of a password",
                    "put one line into it that 'gsmbridge web password' made; the password itself is kept nowhere"
                )
            }
        case .phonePassword:
            guard (8...128).contains(bytes.count) else {
                throw error("it is too short or too long", "put 8 to 128 characters into it: openssl rand -hex 12")
            }
        case .token:
            // 16 random bytes can't be guessed; fewer, or words, leave the phone bill to luck.
            guard (16...512).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw error("it is no token", "put 16 to 512 visible characters into it: openssl rand -hex 32")
            }
        case .webhooks(let shortest):
            guard (shortest...512).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
                throw error(
                    "it is no secret for webhooks",
                    "put \(shortest) to 512 visible characters into it: openssl rand -hex 32"
                )
            }
            guard StandardWebhook.key(text) != nil else {
                throw error("behind whsec_ it is not base64", "copy it anew, from 'whsec_' to its end")
            }
        case .arrivalCode:
            let isCode = bytes.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
            }
            guard (6...32).contains(bytes.count), isCode else {
                throw error("it is no code for messages", "put 6 to 32 letters and digits into it, and nothing else")
            }
        case .simPIN:
            guard (4...8).contains(bytes.count), bytes.allSatisfy({ (0x30...0x39).contains($0) }) else {
                throw error("it is no SIM PIN", "put 4 to 8 digits into it, and nothing else")
            }
        case .tones:
            guard text.count <= DTMFScript.longest, text.allSatisfy(DTMFScript.isTone) else {
                throw error(
                    "it can't be sent as tones",
                    "put at most \(DTMFScript.longest) of 0-9 * # A-D into it, and nothing else"
                )
            }
        }
        return Secret(text)
    }

    private func error(_ message: String, _ remedy: String, isOutsideService: Bool = false) -> SecretError {
        var file: String?
        var line: Int?
        if case .file(let path, let number) = origin { (file, line) = (path, number) }
        let problem = ConfigurationProblem(
            file: file,
            line: line,
            key: key,
            message: "\(source): \(message)",
            remedy: remedy
        )
        return SecretError(problem: problem, isOutsideService: isOutsideService)
    }
}
