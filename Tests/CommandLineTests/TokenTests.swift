import Glibc
import TestSupport
import Testing

extension CommandLineTests {
    /// `gsmbridge token new`.
    @Suite("tokens", .serialized) struct TokenTests {
        private static func text(_ path: String) -> String? {
            let descriptor = open(path, O_RDONLY)
            guard descriptor >= 0 else { return nil }
            defer { close(descriptor) }
            var bytes = [UInt8](repeating: 0, count: 256)
            let count = read(descriptor, &bytes, bytes.count)
            return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
        }

        @Test("a token is made for its owner alone, shown to nobody, and not replaced by mistake")
        func new() async throws {
            let files = try TemporaryDirectory()
            let path = files.path + "/control-token"
            let result = try await Program.run(["token", "new", "--directory", files.path])
            #expect(result.status == 0 && result.output == [path], "\(result)")
            let token = try #require(Self.text(path))
            #expect(token.utf8.count == 65 && token.dropLast().allSatisfy { $0.isHexDigit && !$0.isUppercase })
            #expect(!"\(result)".contains(token.dropLast()))
            #expect(result.errors.contains { $0.contains("LoadCredential=control-token:\(path)") }, "\(result)")
            var status = stat()
            #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600)

            let again = try await Program.run(["token", "new", "--directory", files.path])
            #expect(again.status == 64 && Self.text(path) == token, "\(again)")
            let forced = try await Program.run(["token", "new", "--directory", files.path, "--force"])
            #expect(forced.status == 0 && Self.text(path) != token, "\(forced)")
            let reader = try await Program.run(["token", "new", "--directory", files.path, "--name", "read-token"])
            #expect(reader.errors.contains { $0.contains("read_token: { credential: read-token }") }, "\(reader)")
            for wrong in ["", "../x", "a b", ".x"] {
                let refused = try await Program.run(["token", "new", "--directory", files.path, "--name", wrong])
                #expect(refused.status == 64, "\(refused)")
            }
            let nowhere = try await Program.run(["token", "new", "--directory", path + "/none"])
            #expect(nowhere.status == 1 && nowhere.errors.count == 1, "\(nowhere)")
        }

        @Test("a directory that is missing is made, and nobody else gets in")
        func directory() async throws {
            let files = try TemporaryDirectory()
            let place = files.path + "/.config/gsmbridge"
            let result = try await Program.run(["token", "new", "--directory", place])
            #expect(result.status == 0 && result.output == [place + "/control-token"], "\(result)")
            var status = stat()
            #expect(stat(place, &status) == 0 && status.st_mode & 0o777 == 0o700)
            let other = files.path + "/.local/gsmbridge"
            let slashed = try await Program.run(["token", "new", "--directory", other + "/"])
            #expect(slashed.output == [other + "/control-token"], "\(slashed)")
            #expect(stat(other, &status) == 0 && status.st_mode & 0o777 == 0o700)
            #expect(stat(files.path + "/.local", &status) == 0 && status.st_mode & 0o077 != 0, "others may not read it")
        }

        @Test(
            "where it can't be made the remedy is a directory of this user's own",
            .enabled(if: getuid() != 0, "root may write everywhere")
        )
        func forbidden() async throws {
            let result = try await Program.run(["token", "new", "--directory", "/etc/gsmbridge-test/own"])
            #expect(result.status == 1 && result.errors.count == 1, "\(result)")
            #expect(result.errors.first?.contains("sudo install -d -o \"$USER\" -m 700 /etc/") == true, "\(result)")
        }

        @Test("without a directory it goes where the unit and the pages look for credentials")
        func place() async throws {
            let help = try await Program.run(["token", "new", "--help"])
            #expect(help.output.joined().contains("(default: /etc/gsmbridge/credentials)"), "\(help)")
        }
    }
}
