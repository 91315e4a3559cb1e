import FoundationEssentials
import TestSupport
import Testing

extension CommandLineTests {
    @Suite(
        "certificate of the page",
        .enabled(if: Installed.program("openssl") != nil, "openssl is not installed")
    )
    struct WebCertTests {
        private static func openssl(_ arguments: [String]) async throws -> Program.Result {
            try await Program(arguments, path: try #require(Installed.program("openssl"))).end()
        }

        private static func file(named box: String, in directory: TemporaryDirectory) throws -> String {
            let path = directory.path + "/\(box).yaml"
            try ServiceUnderTest.write("gateway: { name: \(box) }\nweb: { names: [box.example.net] }\n", to: path)
            return path
        }

        @Test("the chain holds for the box's names and addresses, and still does when it is renewed under another name")
        func chain() async throws {
            let files = try TemporaryDirectory()
            let place = files.path + "/tls"
            var authority: Data?
            for box in ["cabin", "cellar"] {
                let configuration = try Self.file(named: box, in: files)
                let made = try await Program.run(
                    ["web", "cert", "--config", configuration, "--directory", place, "--name", "192.0.2.7"]
                )
                #expect(made.status == 0, "\(made)")
                let now = try Data(contentsOf: URL(filePath: place + "/ca.pem"))
                #expect(authority == nil || authority == now, "the authority stays")
                authority = now
                for check in [
                    ["-verify_hostname", "box.example.net"], ["-verify_hostname", "localhost"],
                    ["-verify_ip", "127.0.0.1"], ["-verify_ip", "::1"], ["-verify_ip", "192.0.2.7"],
                ] {
                    let chain = ["verify", "-x509_strict", "-CAfile", place + "/ca.pem"] + check + [place + "/box.pem"]
                    let verdict = try await Self.openssl(chain)
                    #expect(verdict.status == 0, "\(verdict)")
                }
                let stranger = ["verify", "-CAfile", place + "/ca.pem", "-verify_hostname", "evil.example.com"]
                #expect(try await Self.openssl(stranger + [place + "/box.pem"]).status != 0)
            }
        }
    }
}
