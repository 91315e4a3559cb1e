import Glibc
import ModemSimulator
import TestSupport
import Testing

extension CommandLineTests {
    /// Phones that others wrote, at the box's registrar.
    @Suite("phones", .serialized) struct PhoneTests {
        static let sipsak = Installed.program("sipsak")

        /// A service that phones may come to, and what belongs to it.
        private struct House {
            let service: ServiceUnderTest
            let host = Loopback.next()
            let directory: TemporaryDirectory

            init() async throws {
                directory = try TemporaryDirectory()
                let file = try directory.write("password", "correct horse".utf8)
                let text = """
                    sip:
                      listen: ["udp:\(host):5060", "tcp:\(host):5060"]
                      phones:
                        desk: { password: { file: \(file) }, name: Desk }
                        hall: { password: { file: \(file) } }

                    """
                service = try await ServiceUnderTest(try Bench([ModemFamily]()), more: text)
            }

            /// Waits for a phone to be registered, or not.
            func phone(_ name: String, isRegistered: Bool) async throws -> Document {
                let watch = try service.start(["phones", "--watch", "--format", "json"])
                let line = await watch.output { line in
                    let phone = try? Document(line)
                    return phone?["name"]?.text == name && phone?["registered"] == .flag(isRegistered)
                }
                watch.send(SIGKILL)
                _ = await watch.end()
                return try Document(try #require(line, "\(name) never was registered: \(isRegistered)"))
            }
        }

        @Test(
            "baresip registers over UDP, is shown with its place, and takes it back",
            .enabled(if: Baresip.path != nil, "baresip is not installed"),
            arguments: ["udp", "tcp"]
        )
        func registers(transport: String) async throws {
            let house = try await House()
            let phone = try Baresip("desk", at: house.host, transport: transport)
            let desk = try await house.phone("desk", isRegistered: true)
            #expect(desk["kind"]?.text == "phone")
            #expect(desk["contact"]?.text?.contains("@127.") == true, "\(desk)")
            #expect((1...120).contains(desk["expires_s"]?.number.map { Int($0) } ?? 0), "\(desk)")
            #expect(desk["user_agent"]?.text?.contains("baresip") == true, "\(desk)")
            await phone.stop()
            _ = try await house.phone("desk", isRegistered: false)
            _ = await house.service.stop()
        }

        @Test(
            "five wrong passwords lock the address out for that phone, and that is told once",
            .enabled(if: sipsak != nil, "sipsak is not installed")
        )
        func locked() async throws {
            let house = try await House()
            let watch = try house.service.start(["status", "--watch", "--format", "json"])
            // Once it shows the status it hears every event.
            #expect(await watch.output { $0.contains("\"modems\"") } != nil)
            func register(_ phone: String, _ password: String) async throws -> Int32 {
                let arguments = [
                    "-U", "-s", "sip:\(phone)@\(house.host):5060", "-u", phone, "-a", password, "-C",
                    "sip:\(phone)@127.0.0.1:5999",
                    "-x", "60",
                ]
                let path = try #require(Self.sipsak)
                return await (try Program(arguments, path: path, limit: .seconds(30))).end().status
            }
            for _ in 0..<5 { #expect(try await register("desk", "wrong") != 0) }
            let told = await watch.output(
                where: isEvent("phone.locked", ["phone": .text("desk"), "source": .text("127.0.0.1")])
            )
            #expect(told != nil)
            #expect(try await register("desk", "correct horse") != 0, "it is not locked")
            #expect(try await register("hall", "correct horse") == 0, "another phone is locked too")
            watch.send(SIGKILL)
            _ = await watch.end()
            let end = await house.service.stop()
            #expect(end.errors.count { $0.contains("sip: locked out 127.0.0.1") } == 1, "\(end)")
        }

        @Test(
            "messages are shown as they come and go, without proofs of passwords, and with numbers masked",
            .enabled(if: Baresip.path != nil && sipsak != nil, "baresip or sipsak is not installed"),
            arguments: ["text", "json"]
        )
        func traced(format: String) async throws {
            let house = try await House()
            let trace = try house.service.start(["sip", "trace", "--format", format])
            #expect(await trace.error { $0.contains("listening") } != nil)
            let phone = try Baresip("desk", at: house.host, transport: "tcp")
            _ = try await house.phone("desk", isRegistered: true)
            let path = try #require(Self.sipsak)
            _ = await (try Program(["-s", "sip:030123456789@\(house.host):5060"], path: path, limit: .seconds(30)))
                .end()
            #expect(await trace.output { $0.contains("OPTIONS sip:030123456") } != nil)
            await phone.stop()
            trace.send(SIGINT)
            let shown = await trace.end().output.joined(separator: "\n")
            #expect(shown.contains("REGISTER sip:") && shown.contains("SIP/2.0 401") && shown.contains("SIP/2.0 200"))
            #expect(shown.contains("Authorization: •") && !shown.contains("response="), "\(shown)")
            #expect(!shown.contains("030123456789"), "\(shown)")
            _ = await house.service.stop()
        }
    }
}
