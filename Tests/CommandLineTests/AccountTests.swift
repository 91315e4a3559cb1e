import Glibc
import ModemSimulator
import TestSupport
import Testing

extension CommandLineTests {
    /// Accounts at a registrar that others wrote.
    @Suite(
        "accounts, at kamailio",
        .serialized,
        .enabled(if: Kamailio.path != nil, "kamailio is not installed")
    )
    struct AccountTests {
        /// A service with accounts.
        ///
        /// - Parameter hosts: what it reads in `/etc/hosts`, which takes root; nil for the machine's own.
        private func service(
            _ accounts: String,
            password: String = "secret",
            hosts: String? = nil
        ) async throws -> ServiceUnderTest {
            let bench = try Bench([ModemFamily]())
            let secrets = try TemporaryDirectory()
            let known = try hosts.map { try secrets.write("hosts", $0.utf8) }
            let file = try secrets.write("password", password.utf8)
            let text = accounts.replacing("PASSWORD", with: "password: { file: \(file) }")
            let service = try await ServiceUnderTest(bench, more: "sip:\n  accounts:\n" + text, hosts: known)
            kept.append(secrets)
            return service
        }

        /// What lives as long as the test.
        private final class Kept {
            var all: [AnyObject] = []
            func append(_ object: AnyObject) { all.append(object) }
        }

        private let kept = Kept()

        private func account(_ service: ServiceUnderTest, _ name: String, is state: String) async throws -> Document {
            let watch = try service.start(["accounts", "--watch", "--format", "json"])
            let line = await watch.output { line in
                let account = try? Document(line)
                return account?["name"]?.text == name && account?["state"]?.text == state
            }
            watch.send(SIGKILL)
            _ = await watch.end()
            return try Document(try #require(line, "\(name) never was \(state)"))
        }

        @Test("one is registered over UDP and one over TCP, both are refreshed, and taken back at the end")
        func registers() async throws {
            let kamailio = try await Kamailio()
            defer { kamailio.stop() }
            let service = try await service(
                """
                    office: { registrar: "sip:\(kamailio.host)", user: "10", PASSWORD, pbx: office }
                    other: { registrar: "sip:\(kamailio.host);transport=tcp", user: "11", PASSWORD }

                """
            )
            let office = try await account(service, "office", is: "registered")
            #expect(office["pbx"]?.text == "office")
            // The registrar grants 20 s of the 300 s that were asked for.
            #expect((1...20).contains(office["expires_s"]?.number.map { Int($0) } ?? 0), "\(office)")
            _ = try await account(service, "other", is: "registered")
            let status = try await service.run(["status"])
            #expect(status.output.contains("account office: registered"), "\(status)")

            // The first without credentials, the second with; then a refresh of each, with the ones that are known.
            let first = await kamailio.register(of: "10") { $0.contains("expires=300 auth= over udp") }
            #expect(first != nil)
            #expect(await kamailio.register(of: "10") { !$0.contains("auth= over") } != nil)
            #expect(await kamailio.register(of: "10") { !$0.contains("expires=0") } != nil, "no refresh")
            _ = await service.stop()
            #expect(await kamailio.register(of: "10") { $0.contains("expires=0") } != nil, "it was not taken back")
        }

        @Test("a wrong password is sent once, a ban is believed, and both are told with the reason")
        func refused() async throws {
            let kamailio = try await Kamailio()
            defer { kamailio.stop() }
            let service = try await service(
                """
                    office: { registrar: "sip:\(kamailio.host)", user: "10", PASSWORD }
                    gone: { registrar: "sip:\(kamailio.host)", user: "banned", PASSWORD }

                """,
                password: "wrong"
            )
            let office = try await account(service, "office", is: "refused")
            #expect(office["reason"]?.text == "the user or the password is wrong (401)")
            let gone = try await account(service, "gone", is: "refused")
            #expect(gone["reason"]?.text == "the registrar refuses: 403 Forbidden")
            let status = try await service.run(["status"])
            #expect(status.output.contains("! account office: the user or the password is wrong (401)"), "\(status)")
            _ = await service.stop()
            kamailio.stop()
            // What UDP has sent twice, because the answer took its time, is one request.
            let seen = Set(await kamailio.program.end().errors.filter { $0.contains("seen REGISTER of ") })
            #expect(seen.count { $0.contains("of 10 ") } == 2, "\(seen)")
            #expect(seen.count { $0.contains("of banned ") } == 1, "\(seen)")
        }

        @Test(
            "a registrar that has no address is found by SRV, at its port and by its transport (RFC 3263 §4.2)",
            .enabled(if: Self.dnsmasq != nil && geteuid() == 0, "dnsmasq is not installed, or this is not root")
        )
        func found() async throws {
            let kamailio = try await Kamailio()
            defer { kamailio.stop() }
            let host = Loopback.next()
            let words = [
                "-k", "-C", "/dev/null", "-u", "root", "--listen-address=\(host)", "--bind-interfaces", "--no-resolv",
                "--no-hosts",
                "--pid-file=", "--log-facility=-", "--log-queries", "--local=/test/",
                "--host-record=box.pbx.test,\(kamailio.host)",
                "--srv-host=_sip._udp.pbx.test,box.pbx.test,5060", "--srv-host=_sips._tcp.pbx.test,box.pbx.test,5061",
            ]
            let names = try Program(words, path: try #require(Self.dnsmasq), limit: .seconds(300))
            defer { names.send(SIGTERM) }
            try #require(await waits { Loopback.isTaken(53, at: host) }, "dnsmasq does not listen")
            let secrets = try TemporaryDirectory()
            let file = try secrets.write("password", "secret".utf8)
            let service = try await ServiceUnderTest(
                try Bench([ModemFamily]()),
                more: """
                    sip:
                      accounts:
                        office: { registrar: "sip:pbx.test", user: "10", password: { file: \(file) } }

                    """,
                resolver: try secrets.write("resolv.conf", "nameserver \(host)\n".utf8)
            )
            _ = try await account(service, "office", is: "registered")
            #expect(await kamailio.register(of: "10") { $0.contains("over udp") } != nil)
            #expect(await names.error { $0.contains("query[SRV] _sip._udp.pbx.test") } != nil)
            _ = await service.stop()
        }

        private static let dnsmasq = Installed.program("dnsmasq")

        @Test("TLS wants a known authority, and the right name unless told otherwise")
        func secure() async throws {
            let kamailio = try await Kamailio()
            defer { kamailio.stop() }
            let address = "registrar: \"sip:\(kamailio.host):5061;transport=tls\", verify: authority, PASSWORD"
            let service = try await service(
                """
                    right: { \(address), user: "10", ca: \(kamailio.authority) }
                    stranger: { \(address), user: "11" }

                """
            )
            _ = try await account(service, "right", is: "registered")
            #expect(try await fails(service, "stranger"))
            _ = await service.stop()
            kamailio.stop()
            let seen = await kamailio.program.end().errors.filter { $0.contains("seen REGISTER of 1") }
            #expect(seen.contains { $0.contains("over tls") } && !seen.contains { $0.contains("of 11 ") })
        }

        @Test(
            "a name that this machine alone knows is looked for in the certificate as any other",
            .enabled(if: geteuid() == 0, "this is not root")
        )
        func local() async throws {
            let kamailio = try await Kamailio()
            defer { kamailio.stop() }
            let service = try await service(
                """
                    right: { registrar: "sip:localhost:5061;transport=tls", user: "10", PASSWORD, ca: \(kamailio.authority) }
                    other: { registrar: "sip:pbx.test:5061;transport=tls", user: "11", PASSWORD, ca: \(kamailio.authority) }
                    stranger: { registrar: "sip:localhost:5061;transport=tls", user: "12", PASSWORD }

                """,
                hosts: "\(kamailio.host) localhost pbx.test\n"
            )
            _ = try await account(service, "right", is: "registered")
            // It is there, and its certificate is for another name.
            #expect(try await fails(service, "other"))
            // It has the name, of an authority that nobody has named.
            #expect(try await fails(service, "stranger"))
            _ = await service.stop()
            kamailio.stop()
            let seen = await kamailio.program.end().errors.filter { $0.contains("seen REGISTER of 1") }
            #expect(
                seen.contains { $0.contains("of 10 ") && $0.contains("over tls") }
                    && !seen.contains { $0.contains("of 11 ") || $0.contains("of 12 ") }
            )
        }

        /// Whether an account was tried in vain.
        private func fails(_ service: ServiceUnderTest, _ name: String) async throws -> Bool {
            let watch = try service.start(["accounts", "--watch", "--format", "json"])
            let line = await watch.output { line in
                let account = try? Document(line)
                return account?["name"]?.text == name && account?["reason"]?.text != nil
            }
            watch.send(SIGKILL)
            _ = await watch.end()
            return line?.contains("\"state\":\"trying\"") == true
        }

        @Test("a registrar that is not there is tried again, and what is wrong is said")
        func absent() async throws {
            let service = try await service(
                "    office: { registrar: \"sip:\(Loopback.next());transport=tcp\", user: \"10\", PASSWORD }\n"
            )
            let watch = try service.start(["accounts", "--watch", "--format", "json"])
            let line = await watch.output { line in
                guard let account = try? Document(line) else { return false }
                return account["state"]?.text == "trying" && account["reason"]?.text != nil
            }
            #expect(line?.contains("can't be reached") == true, "\(line ?? "never")")
            // It holds for no time; the next try is none of its.
            #expect(try Document(line ?? "")["expires_s"] == .null, "\(line ?? "never")")
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await service.stop()
        }
    }
}
