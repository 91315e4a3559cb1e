import FoundationEssentials
import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Notifications as mail, by programs of others: msmtp brings them, over TLS, to an SMTP server (aiosmtpd).
    @Suite("mail", .serialized, .enabled(if: MailServer.isInstalled, "msmtp or aiosmtpd is not installed"))
    struct MailTests {
        @Test("a message comes to an SMTP server as a mail that says what it says")
        func taken() async throws {
            let server = try await MailServer()
            let bench = try Bench([ModemFamily.quectel])
            defer { bench.stop() }
            let service = try await ServiceUnderTest(
                bench,
                more: """
                    webhooks:
                      notify:
                        - url: "mailto:you@example.net"
                          format: email
                          from: box@example.net
                          program: \(server.sender)
                          events: [message.received]
                    """
            )
            try await service.modems(are: "ready", count: 1)
            let text = "Grüße aus Köln: 12 € 🙂"
            bench.host.withWorld { world, now in
                world.send(SimulatedMessage(from: "+491711112222", text: text), to: 0, at: now)
            }
            let mail = try await server.mail()
            func header(_ name: String) -> String? {
                mail.head.first { $0.hasPrefix(name + ": ") }.map { String($0.dropFirst(name.count + 2)) }
            }
            #expect(header("From") == "box@example.net" && header("To") == "you@example.net", "\(mail)")
            #expect(header("Subject")?.hasPrefix("=?UTF-8?B?") == true, "\(mail)")
            #expect(header("Date")?.hasSuffix(" +0000") == true, "\(mail)")
            #expect(header("Message-ID")?.hasSuffix("@gsmbridge.invalid>") == true, "\(mail)")
            let body = try #require(Data(base64Encoded: mail.body.joined()), "\(mail)")
            #expect(String(decoding: body, as: UTF8.self).contains(text), "\(mail)")
            _ = await service.stop()
        }
    }
}

/// aiosmtpd, which takes mail over TLS alone, and a program that hands mail to msmtp for it.
private final class MailServer {
    private static let path = Installed.program("aiosmtpd")
    private static let client = Installed.program("msmtp")
    static let isInstalled = path != nil && client != nil

    /// What sends mail, as `webhooks.notify.program`.
    let sender: String
    private let program: Program
    private let directory: TemporaryDirectory

    init() async throws {
        directory = try TemporaryDirectory()
        let (path, client) = (try #require(Self.path), try #require(Self.client))
        let host = Loopback.next()
        let certificate = try directory.write("certificate.pem", TestCertificate.first.certificate.utf8)
        let key = try directory.write("key.pem", TestCertificate.first.key.utf8)
        let authority = try directory.write("authority.pem", TestCertificate.first.authority.utf8)
        let settings = try directory.write(
            "msmtprc",
            """
            account default
            host \(host)
            port 2525
            tls on
            tls_starttls on
            tls_trust_file \(authority)
            tls_host_override localhost
            auth off
            from box@example.net

            """
            .utf8
        )
        chmod(settings, 0o600)
        sender = try directory.write("sender", "#!/bin/sh\nexec \(client) -C \(settings) \"$@\"\n".utf8)
        chmod(sender, 0o700)
        // It prints what it takes.
        let arguments = [
            "PYTHONUNBUFFERED=1", path, "-n", "-d", "-c", "aiosmtpd.handlers.Debugging", "stdout", "-l", "\(host):2525",
            "--tlscert", certificate, "--tlskey", key,
        ]
        program = try Program(arguments, path: "/usr/bin/env", limit: .seconds(300))
        try #require(await program.error { $0.contains("is listening on") } != nil, "aiosmtpd does not listen")
    }

    /// The next mail: the lines of its header, and those of its body.
    func mail() async throws -> (head: [String], body: [String]) {
        var lines: [String] = []
        _ = try #require(
            await program.output { line in
                lines.append(line)
                return line.contains("END MESSAGE")
            }
        )
        let mail = lines.drop { !$0.contains("MESSAGE FOLLOWS") }.dropFirst().dropLast()
        let head = Array(mail.prefix { !$0.isEmpty })
        return (head, Array(mail.dropFirst(head.count + 1)))
    }
}
