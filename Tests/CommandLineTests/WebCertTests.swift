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
            let odd = try await Program.run(
                [
                    "web", "cert", "--config", try Self.file(named: "cabin", in: files), "--directory", place, "--name",
                    "other.example.org",
                ]
            )
            #expect(odd.status != 0 && odd.errors.joined().contains("may not sign for other.example.org"))
        }

        @Test("whoever has the authority's key can be no other host to the devices that believe it")
        func constraints() async throws {
            let files = try TemporaryDirectory()
            let place = files.path + "/tls"
            let configuration = try Self.file(named: "cabin", in: files)
            let made = try await Program.run(["web", "cert", "--config", configuration, "--directory", place])
            #expect(made.status == 0, "\(made)")
            for (name, isGood) in [
                ("DNS:evil.example.com", false), ("IP:198.51.100.1", false), ("DNS:box.example.net", true),
                ("IP:192.168.1.9", true), ("IP:fd00::7", true), ("IP:2001:db8::1", false),
            ] {
                let new = [
                    "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1",
                    "-keyout", place + "/own.key", "-out", place + "/own.pem", "-subj", "/CN=x", "-addext",
                    "subjectAltName=\(name)", "-CA", place + "/ca.pem", "-CAkey", place + "/ca.key",
                ]
                let signed = try await Self.openssl(new)
                #expect(signed.status == 0, "\(signed)")
                let verdict = try await Self.openssl(["verify", "-CAfile", place + "/ca.pem", place + "/own.pem"])
                #expect((verdict.status == 0) == isGood, "\(name): \(verdict)")
            }
        }
    }
}
