import ConfigurationText
import DialPlan
import FoundationEssentials
import Glibc
import TestSupport
import Testing
import TextCoding

@testable import Settings

@Suite("Secrets of the configuration")
struct ConfigurationSecretTests {
    static let value = "9173"

    private var user: UInt32 { geteuid() }

    private func reference(
        _ source: SecretReference.Source,
        _ purpose: SecretReference.Purpose = .password
    ) -> SecretReference {
        SecretReference(
            source: source,
            purpose: purpose,
            key: "pbx.a.password",
            origin: .file("gsmbridge.yaml", line: 7)
        )
    }

    private func failure(_ reference: SecretReference, _ environment: ConfigurationEnvironment) -> SecretError? {
        do throws(SecretError) {
            _ = try reference.read(in: environment)
            return nil
        } catch {
            return error
        }
    }

    @Test(
        "a credential is a file in $CREDENTIALS_DIRECTORY, without its last line break",
        arguments: ["9173", "9173\n", "9173\r\n"]
    )
    func credential(contents: String) throws {
        let directory = try TemporaryDirectory()
        // Credentials of systemd may show a mask of the group in their mode; the directory is what protects them.
        _ = try directory.write("sim-pin", contents.utf8, mode: 0o440)
        let environment = ConfigurationRig.environment(["CREDENTIALS_DIRECTORY": directory.path], user: user)
        #expect(try reference(.credential("sim-pin"), .simPIN).read(in: environment).reveal() == Self.value)
    }

    @Test("a credential that can't be had names the reason and the remedy")
    func missingCredential() throws {
        let directory = try TemporaryDirectory()
        let outside = try #require(failure(reference(.credential("ari")), ConfigurationRig.environment()))
        #expect(outside.isOutsideService)
        let start = "gsmbridge.yaml:7: pbx.a.password: credential ari: $CREDENTIALS_DIRECTORY is not set"
        #expect(outside.description.hasPrefix(start))
        let environment = ConfigurationRig.environment(["CREDENTIALS_DIRECTORY": directory.path])
        let absent = try #require(failure(reference(.credential("ari")), environment))
        #expect(!absent.isOutsideService)
        #expect(absent.description.contains("LoadCredential=ari:"))
    }

    @Test("a private file is read when nobody else can get at it", arguments: [0o400, 0o600, 0o700] as [mode_t])
    func privateFile(mode: mode_t) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("secret", "geheim\n".utf8, mode: mode)
        let environment = ConfigurationRig.environment(user: user)
        #expect(try reference(.file(path)).read(in: environment).reveal() == "geheim")
    }

    @Test(
        "a file that others can get at is refused",
        arguments: [0o640, 0o604, 0o620, 0o601, 0o610, 0o666] as [mode_t]
    )
    func openFile(mode: mode_t) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("secret", "geheim".utf8, mode: mode)
        let error = try #require(failure(reference(.file(path)), ConfigurationRig.environment(user: user)))
        #expect(error.problem.message.contains("0\(String(mode, radix: 8))"))
        #expect(error.problem.remedy == "run: chmod 600 \(path)")
    }

    @Test("a file of another user is refused, one of root is not")
    func foreignFile() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("secret", "geheim".utf8)
        if user == 0 {
            // Only root can give a file away; elsewhere the second half has to do.
            let owner: UInt32 = 12_345
            let rootFile = try directory.write("root", "geheim".utf8)
            #expect(failure(reference(.file(rootFile)), ConfigurationRig.environment(user: owner)) == nil)
            try #require(chown(path, owner, gid_t.max) == 0)
            #expect(failure(reference(.file(path)), ConfigurationRig.environment(user: owner)) == nil)
        }
        let error = try #require(failure(reference(.file(path)), ConfigurationRig.environment(user: user + 1)))
        #expect(error.description.contains("belongs to another user"))
    }

    @Test("what is no private file is refused without waiting for it")
    func noFile() throws {
        let directory = try TemporaryDirectory()
        let pipe = directory.path + "/pipe"
        try #require(mkfifo(pipe, 0o600) == 0)
        let environment = ConfigurationRig.environment(user: user)
        let cases = [
            (directory.path, "not a regular file"), (pipe, "not a regular file"), ("/dev/null", "not a regular file"),
            (directory.path + "/absent", "there is no such file"),
        ]
        for (path, words) in cases {
            #expect(failure(reference(.file(path)), environment)?.description.contains(words) == true, "\(path)")
        }
    }

    @Test(
        "a secret that can't be what it is for is refused, and not shown",
        arguments: [
            (.simPIN, "123"), (.simPIN, "123456789"), (.simPIN, "12a4"), (.simPIN, "1234 "), (.simPIN, ""),
            (.tones, "12x"), (.tones, ""), (.tones, String(repeating: "1", count: 129)), (.tones, "1 2"),
            (.password, ""), (.password, "\n"), (.password, "one\ntwo"), (.password, "nul\u{0}"),
            (.password, String(repeating: "x", count: 5000)), (.webhooks(shortest: 16), "whsec_MfKQ9r8GKYqrTw!"),
            (.webhooks(shortest: 16), "whsec_abcdefghijklm"), (.webhooks(shortest: 16), "fifteen letters"),
            (.webhooks(shortest: 1), "whsec_="), (.webhooks(shortest: 1), "two words"),
        ] as [(SecretReference.Purpose, String)]
    )
    func unusable(purpose: SecretReference.Purpose, contents: String) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("secret", contents.utf8)
        let error = try #require(failure(reference(.file(path), purpose), ConfigurationRig.environment(user: user)))
        if contents.utf8.count > 2 { #expect(!"\(error)".contains(contents)) }
    }

    @Test(
        "an invisible character in a secret is named, and the secret is not",
        arguments: [
            ("\u{FEFF}geheim123456789012", "U+FEFF, BYTE ORDER MARK"),
            ("geheim123456789012\u{A0}", "U+00A0, NO-BREAK SPACE"),
            ("geheim\u{200B}123456789012", "U+200B, ZERO WIDTH SPACE"),
        ],
        [SecretReference.Purpose.password, .token, .simPIN, .tones, .privateKey]
    )
    func invisible(secret: (String, String), purpose: SecretReference.Purpose) throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("secret", secret.0.utf8)
        let error = try #require(failure(reference(.file(path), purpose), ConfigurationRig.environment(user: user)))
        #expect(error.description.contains("invisible character (\(secret.1))"), "\(error)")
        #expect(!error.description.contains("geheim"))
    }

    @Test("a secret that is not text is refused")
    func notText() throws {
        let directory = try TemporaryDirectory()
        let path = try directory.write("secret", [0xFF, 0xFE, 0x41])
        let error = failure(reference(.file(path)), ConfigurationRig.environment(user: user))
        #expect(error?.description.contains("not UTF-8") == true)
    }

    @Test("a secret is in no description, dump, mirror or encoding")
    func hidden() throws {
        struct Holder: Encodable {
            let name = "a"
            let secret: Secret
        }
        let secret = Secret(Self.value)
        var dumped = ""
        dump(Holder(secret: secret), to: &dumped)
        let encoded = String(decoding: try JSONEncoder().encode(Holder(secret: secret)), as: UTF8.self)
        let shown = [
            "\(secret)", String(describing: secret), String(reflecting: secret), "\(Holder(secret: secret))",
            String(reflecting: [secret]), "\(Optional(secret) as Any)", dumped, encoded,
        ]
        for text in shown { #expect(!text.contains(Self.value), "\(text)") }
        #expect(Mirror(reflecting: secret).children.isEmpty)
        #expect(encoded.contains("(hidden)"))
        #expect(secret.reveal() == Self.value)
    }

    @Test("reading the configuration reads no secret; the provider does, each time")
    func onlyWhenNeeded() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path + "/pin"
        let configuration = try ConfigurationRig.read(
            "modems: { a: { match: { tty: /dev/ttyS1 }, pin: { file: \(path) } } }"
        )
        let provider = try #require(configuration.modem("a")?.pinProvider(in: ConfigurationRig.environment(user: user)))
        #expect(throws: SecretError.self) { try provider() }
        _ = try directory.write("pin", "1234\n".utf8)
        #expect(try provider() == "1234")
        unlink(path)
        #expect(throws: SecretError.self) { try provider() }
    }

    @Test("a callthrough's pin goes into the way to the PBX only when it is asked for")
    func callthroughPIN() throws {
        let directory = try TemporaryDirectory()
        _ = try directory.write("office-pin", "4711#\n".utf8)
        let environment = ConfigurationRig.environment(["CREDENTIALS_DIRECTORY": directory.path], user: user)
        let pbx = try #require(try ConfigurationRig.read(ConfigurationRig.contract).pbx(nil))
        let pin = try pbx.callthrough?.readPIN(in: environment)
        #expect(pbx.access(pin: pin)?.pin == "4711#")
        #expect(pbx.access(pin: nil)?.pin == nil)
    }

    @Test("settings show where a secret comes from, and nothing else")
    func settings() throws {
        let configuration = try ConfigurationRig.read(ConfigurationRig.contract)
        let hidden = configuration.settings.compactMap { setting -> String? in
            guard case .hidden = setting.value else { return nil }
            return "\(setting.value)"
        }
        let expected = ["sim-pin", "ari-password", "office-pin"].map { "(hidden, from credential \($0))" }
        #expect(hidden == expected)
    }

    @Test(
        "a secret that was put into the file itself is not repeated by the error",
        arguments: [
            "password: hunter2", "password: { hunter2: }", "password: { credential: hunter2/x }",
            "password: { file: hunter2 }", "password: [hunter2]", "password: { credential: [hunter2] }",
            "password: { value: hunter2 }", "password: { hunter2: 1, hunter2: 2 }", "password: { hunter2 }",
            "url: \"https://me:hunter2@pbx.example.net\"", "url: \"https://pbx.example.net/?key=hunter2\"",
            "url: \"hunter2\"",
            "callthrough: { access_number: \"+4922166966966\", script: \"{pin}{target}\", pin: hunter2 }",
            "callthrough: { access_number: \"+4922166966966\", script: \"{pin}{target}\", pin: { hunter2 } }",
            "password: { credential: *hunter2 }", "password: \"hunter2", "password: {credential: hunter2\n",
        ]
    )
    func notRepeated(line: String) {
        let problems = ConfigurationRig.problems("pbx:\n  a:\n    profile: fonial\n    \(line)\n")
        #expect(!problems.isEmpty)
        for problem in problems { #expect(!problem.description.contains("hunter2"), "\(problem)") }
    }
}
