import ConfigurationText
import TestSupport
import Testing
import TextCoding

@testable import Settings

@Suite("Control interface in the configuration")
struct ConfigurationControlTests {
    @Test("unless it says so, nothing listens on TCP")
    func absent() throws {
        #expect(try ConfigurationRig.read("gateway: { name: a }\n").control.remote == nil)
        #expect(try ConfigurationRig.read("control:\n  # nothing\n").control.remote == nil)
    }

    @Test(
        "an address of the machine itself needs a token and nothing else",
        arguments: [
            ("127.0.0.1:8080", "127.0.0.1", 8080), ("127.5.6.7:1", "127.5.6.7", 1), ("\"[::1]:65535\"", "::1", 65_535),
        ]
    )
    func loopback(written: String, host: String, port: Int) throws {
        let configuration = try ConfigurationRig.read(
            "control:\n  listen: \(written)\n  token: { credential: control-token }\n"
        )
        let remote = try #require(configuration.control.remote)
        #expect(remote.listen == Configuration.ListenAddress(host: host, port: port, isLoopback: true))
        #expect(remote.token.source == .credential("control-token"))
        #expect(configuration.secrets == [remote.token])
        let shown = configuration.settings.first { $0.key == "control.token" }
        #expect(shown?.value == .hidden(source: "credential control-token"))
    }

    @Test("an address that others reach is taken only with the key that says what that means")
    func exposed() throws {
        for host in ["0.0.0.0", "192.168.1.5", "\"[::]", "\"[fe80::1]"] {
            let quote = host.hasPrefix("\"") ? "]:80\"" : ":80"
            let listen = host.replacing("]", with: "") + quote
            let text = "control:\n  listen: \(listen)\n  token: { credential: t }\n"
            let problems = ConfigurationRig.problems(text)
            #expect(problems.map(\.key) == ["control.listen"], "\(listen)")
            #expect(problems.first?.remedy.contains("expose_unencrypted: true") == true)
            let configuration = try ConfigurationRig.read(text + "  expose_unencrypted: true\n")
            #expect(configuration.control.remote?.listen.isLoopback == false)
        }
    }

    @Test("the same port at other addresses, by UDP, or of a page that is off or not written down, is nobody's")
    func neighbours() throws {
        for text in [
            "web: { listen: 127.0.0.1:80 }\nwebhooks: { listen: 127.0.0.2:80 }\n",
            "web: { listen: \"[::1]:80\" }\nwebhooks: { listen: 127.0.0.1:80 }\n",
            "web: { enabled: false, listen: 127.0.0.1:80 }\nwebhooks: { listen: 127.0.0.1:80 }\n",
            "webhooks: { listen: 127.0.0.1:8470 }\n", "audiosocket: { listen: 127.0.0.1:5060 }\n",
            "sip: { listen: [\"udp:127.0.0.1:80\"] }\nweb: { listen: 127.0.0.1:80 }\n",
        ] {
            #expect(ConfigurationRig.problems(text) == [], "\(text)")
        }
    }

    private static func named(_ name: String) -> String {
        "control:\n  listen: 127.0.0.1:80\n  token: { credential: t }\n  names: [\(name)]\n"
    }

    @Test("a reverse proxy's names are taken as they are")
    func names() throws {
        let configuration = try ConfigurationRig.read(Self.named("Box.Example.net, gsm-1"))
        #expect(configuration.control.remote?.names == ["Box.Example.net", "gsm-1"])
    }

    @Test(
        "what can't be meant is refused with line, key and remedy",
        arguments: [
            WrongFile(
                "web: { listen: 127.0.0.1:80 }\ncontrol:\n  token: { credential: t }\n  listen: 127.0.0.1:80\n",
                1,
                "web.listen",
                "control.listen has the port 80"
            ),
            WrongFile(
                "webhooks: { listen: 127.0.0.1:80 }\nweb: { listen: 0.0.0.0:80, expose_unencrypted: true }\n",
                1,
                "webhooks.listen",
                "web.listen has the port 80"
            ),
            WrongFile(
                "sip: { listen: [\"udp:127.0.0.1:80\", \"tcp:127.0.0.1:80\"] }\naudiosocket:\n  listen: 127.0.0.1:80\n",
                1,
                "sip.listen",
                "audiosocket.listen has the port 80"
            ),
            WrongFile("control:\n  listen: 127.0.0.1:80\n", 2, "control.token", "there is no token"),
            WrongFile(
                "control:\n  listen: 127.0.0.1:80\n  token: { file: /x }\n  read_token: { file: /x }\n",
                4,
                "control.read_token",
                "the secret of control.token"
            ),
            WrongFile(
                "control: { listen: 127.0.0.1:80, token: { credential: t }, read_token: { credential: t } }\n",
                1,
                "control.read_token",
                "the secret of control.token"
            ),
            WrongFile("control:\n  token: { credential: t }\n", 2, "control.token", "nothing listens on TCP"),
            WrongFile("control:\n  expose_unencrypted: true\n", 2, "control.expose_unencrypted", "nothing listens"),
            WrongFile("control: { token: { credential: t }, listen: 8080 }\n", 1, "control.listen", "has no port"),
            WrongFile(
                "control: { token: { credential: t }, listen: localhost:80 }\n",
                1,
                "control.listen",
                "not an IP"
            ),
            WrongFile(
                "control: { token: { credential: t }, listen: 127.0.0.1:0 }\n",
                1,
                "control.listen",
                "1 to 65535"
            ),
            WrongFile("control: { token: { credential: t }, listen: \"::1:80\" }\n", 1, "control.listen", "not an IP"),
            WrongFile(
                "control: { token: { credential: t }, listen: \"[127.0.0.1]:80\" }\n",
                1,
                "control.listen",
                "not an IP"
            ),
            WrongFile(
                "control:\n  token: abcdefghijklmnop\n",
                2,
                "control.token",
                "a secret never stands in this file"
            ),
            WrongFile(
                named("box.example.net:443"),
                4,
                "control.names[1]",
                "has a port, and names are compared without; write box.example.net"
            ),
            WrongFile(named("\"box:\""), 4, "control.names[1]", "write box"),
            WrongFile(named("https://box.example.net"), 4, "control.names[1]", "write the name alone"),
            WrongFile(named("box.example.net/gsm"), 4, "control.names[1]", "not the name of a host"),
            WrongFile(named("\"*.example.net\""), 4, "control.names[1]", "not the name of a host"),
            WrongFile(named("\"[::1]:80\""), 4, "control.names[1]", "not the name of a host"),
            WrongFile("control:\n  lisen: 127.0.0.1:80\n", 2, "control.lisen", "did you mean listen?"),
        ]
    )
    func wrong(file: WrongFile) {
        let problems = ConfigurationRig.problems(file.text)
        #expect(
            problems.contains { problem in
                problem.line == file.line && problem.key == file.key
                    && "\(problem.message); \(problem.remedy)".contains(file.words)
            },
            "\(problems.map(\.description))"
        )
    }

    @Test(
        "a token has at least 16 characters, and none that a header can't hold",
        arguments: [("abcdefghijklmno", false), ("abcdefghijklmnop", true), ("abcdefgh ijklmnop", false), ("", false)]
    )
    func tokens(text: String, isToken: Bool) throws {
        let directory = try TemporaryDirectory()
        let file = try directory.write("token", text.utf8)
        let configuration = try ConfigurationRig.read(
            "control:\n  listen: 127.0.0.1:80\n  token: { file: \(file) }\n",
            ConfigurationEnvironment.current
        )
        let remote = try #require(configuration.control.remote)
        if isToken {
            #expect(try remote.token.read(in: .current).reveal() == text)
        } else {
            #expect(throws: SecretError.self) { try remote.token.read(in: .current) }
        }
    }
}
