import ConfigurationText
import FoundationEssentials
import Testing

@testable import Settings

@Suite("Webhooks in the configuration")
struct ConfigurationWebhookTests {
    @Test("unless it says so, nothing listens and nothing is sent")
    func absent() throws {
        let configuration = try ConfigurationRig.read("gateway: { name: a }\n")
        #expect(configuration.webhooks.listener == nil)
        #expect(configuration.webhooks.notify.isEmpty)
    }

    @Test("everything that can be set is read as it is meant, and its secrets are known")
    func complete() throws {
        let configuration = try ConfigurationRig.read(
            """
            pbx:
              cloud:
                profile: sipgate
                url: https://api.sipgate.com/v2
                webhook: { incoming: pass }
            webhooks:
              listen: "[::]:8443"
              public_url: https://box.example.net
              tls: { certificate: /etc/box.pem, key: { credential: box-key } }
              notify:
                - url: https://ops.example.net/hook/
                  secret: { credential: ops }
                  previous_secret: { credential: ops-before }
                  events: [call.ended, modem.*]
                - { url: http://10.0.0.2/x, secret: { credential: lan }, plain_http: true, ca_file: /etc/ca.pem }
            """
        )
        let listener = try #require(configuration.webhooks.listener)
        #expect(listener.listen.description == "[::]:8443")
        #expect(listener.tls?.certificate == "/etc/box.pem")
        #expect(listener.tls?.key.purpose == .privateKey)
        #expect(
            configuration.webhooks.notify.map(\.url.absoluteString) == [
                "https://ops.example.net/hook/", "http://10.0.0.2/x",
            ]
        )
        #expect(configuration.webhooks.notify.first?.events == ["call.ended", "modem.*"])
        #expect(configuration.webhooks.notify.last?.allowsPlainHTTP == true)
        let url = try configuration.pbx("cloud")?.webhook?.publicURL?.absoluteString
        #expect(url == "https://box.example.net/pbx/cloud")
        #expect(
            configuration.secrets.map(\.key) == [
                "webhooks.tls.key", "webhooks.notify[1].secret", "webhooks.notify[1].previous_secret",
                "webhooks.notify[2].secret",
            ]
        )
    }

    @Test(
        "what can't be meant is refused with line, key and remedy",
        arguments: [
            WrongFile("webhooks:\n  listen: 0.0.0.0:80\n", 2, "webhooks.listen", "expose_unencrypted: true"),
            WrongFile("webhooks:\n  expose_unencrypted: true\n", 2, "webhooks.expose_unencrypted", "nothing listens"),
            WrongFile("webhooks:\n  lisen: 127.0.0.1:80\n", 2, "webhooks.lisen", "did you mean listen?"),
            WrongFile(
                "webhooks:\n  listen: 127.0.0.1:80\n  tls: { certificate: /a.pem }\n",
                3,
                "webhooks.tls.key",
                "TLS needs a certificate and its key"
            ),
            WrongFile("webhooks:\n  notify: https://a.example\n", 2, "webhooks.notify", "this is not a list"),
            WrongFile(
                "webhooks:\n  notify:\n    - url: https://a.example\n",
                3,
                "webhooks.notify[1].secret",
                "can't tell who sent"
            ),
            WrongFile("webhooks:\n  notify:\n    - secret: { credential: a }\n", 3, "webhooks.notify[1].url", "no url"),
            WrongFile(
                "webhooks:\n  notify:\n    - { url: https://a.example, secret: { credential: a }, events: [call.end] }\n",
                3,
                "webhooks.notify[1].events[1]",
                "did you mean call.ended?"
            ),
            WrongFile(
                "webhooks:\n  notify:\n    - { url: https://a.example, secret: abcdefghijklmnop }\n",
                3,
                "webhooks.notify[1].secret",
                "a secret never stands in this file"
            ),
            WrongFile(
                "webhooks:\n  notify:\n    - { url: https://a.example/x, secret: { credential: a } }\n"
                    + "    - { url: https://a.example/x, secret: { credential: b } }\n",
                4,
                "webhooks.notify[2].url",
                "stands above already"
            ),
            WrongFile(
                "webhooks:\n  notify:\n    - { url: https://ntfy.sh/, format: ntfy }\n",
                3,
                "webhooks.notify[1].url",
                "no topic"
            ),
            WrongFile(
                "webhooks:\n  notify:\n"
                    + "    - { url: https://t.example, format: telegram, chat: \"1\", token: { credential: a } }\n"
                    + "    - { url: https://t.example, format: telegram, chat: \"1\", token: { credential: a } }\n",
                4,
                "webhooks.notify[2].url",
                "the same chat and token"
            ),
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

    @Test("two chats of a bot are two receivers, each with a queue of its own")
    func chats() throws {
        let file =
            "webhooks:\n  notify:\n"
            + "    - { url: https://t.example, format: telegram, chat: \"1\", token: { credential: a } }\n"
            + "    - { url: https://t.example, format: telegram, chat: \"2\", token: { credential: a } }\n"
            + "    - { url: https://ntfy.sh/topic, format: ntfy }\n"
        let marks = try ConfigurationRig.read(file).webhooks.notify.map(\.mark)
        #expect(marks.count == 3 && marks[0] != marks[1] && !marks.contains(nil))
    }

    @Test("an address that others reach is taken with TLS, or with the key that says what plain HTTP means")
    func exposed() throws {
        let tls = "webhooks: { listen: 0.0.0.0:80, tls: { certificate: /a.pem, key: { credential: k } } }\n"
        #expect(try ConfigurationRig.read(tls).webhooks.listener?.listen.isLoopback == false)
        let plain = "webhooks: { listen: 0.0.0.0:80, expose_unencrypted: true }\n"
        #expect(try ConfigurationRig.read(plain).webhooks.listener?.tls == nil)
    }
}
