import FoundationEssentials
import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

extension CommandLineTests {
    /// Calls over an account at Debian's Kamailio, whose calls go on to Debian's baresip, which says back what is said.
    @Suite(
        "calls over the Internet",
        .serialized,
        .enabled(
            if: Kamailio.path != nil && Baresip.path != nil && Sipp.path != nil,
            "kamailio, baresip or sipp is not installed"
        )
    )
    struct InternetCallTests {
        /// A service with an account, and whom it reaches.
        private final class Rig {
            let kamailio: Kamailio
            let echo: Baresip
            let house: PhoneHouse
            private let secrets: TemporaryDirectory

            init(
                modems: Int = 0,
                more: String = "",
                srtp: String = "off",
                echo words: String = "",
                policy: String = ""
            ) async throws {
                let own = Loopback.next()
                kamailio = try await Kamailio(peer: own)
                let users = ["0305551", "200"]
                echo = try Baresip(answersAs: users, own: own, more: words, modules: words.isEmpty ? [] : ["srtp"])
                secrets = try TemporaryDirectory()
                let file = try secrets.write("password", "secret".utf8)
                let accounts = """
                      accounts:
                        office: { registrar: "sip:\(kamailio.host)", user: "10", password: { file: \(file) }, srtp: \(srtp) }

                    """
                house = try await PhoneHouse(modems: modems, sip: accounts, more: more, policy: policy)
                try await registers()
            }

            private func registers() async throws {
                let watch = try house.service.start(["accounts", "--watch", "--format", "json"])
                let line = await watch.output { (try? Document($0))?["state"]?.text == "registered" }
                watch.send(SIGKILL)
                _ = await watch.end()
                try #require(line != nil, "the account never was registered")
            }

            func stop() async {
                _ = await house.service.stop()
                await echo.stop()
                kamailio.stop()
            }
        }

        @Test(
            "dial --via internet: proved, answered, heard at both ends, hung up, and in the log",
            arguments: ["off", "required"]
        )
        func out(srtp: String) async throws {
            let rig = try await Rig(srtp: srtp, echo: srtp == "off" ? "" : ";mediaenc=srtp-mand")
            let directory = try TemporaryDirectory()
            let said = try directory.write("said.wav", Sound.tone(1000, seconds: 4))
            let heard = directory.path + "/heard.wav"
            let call = try rig.house.service.start([
                "dial", "0305551", "--via", "internet", "--audio", "wav:\(said),\(heard)", "--max-duration", "5s",
                "--format", "json",
            ])
            let result = await call.end()
            #expect(result.status == 0, "\(result)")
            let events = try result.output.map { try Document($0) }
            let requested = try #require(events.first { $0.event == "call.requested" })
            #expect(requested["method"]?.text == "internet" && requested["line"]?.text == "office", "\(requested)")
            #expect(requested["origin"]?.text == "cli")
            #expect(events.first { $0.event == "call.dialing" }?["number"]?.text == "0305551")
            #expect(
                events.contains { $0.event == "call.in_progress" } && events.contains { $0.event == "call.quality" }
            )
            let samples = try Sound.samples(heard)
            #expect(Sound.power(1000, in: samples) > 20 * Sound.power(1600, in: samples), "the tone did not come back")
            let invites = await rig.kamailio.program.error { $0.contains("seen INVITE of 10 to 0305551 auth=") }
            #expect(invites != nil)
            let log = try await rig.house.service.run(["calls", "list", "--format", "json"])
            #expect(
                log.output.contains { $0.contains("\"method\":\"internet\"") && $0.contains("\"payer\":\"pbx\"") },
                "\(log)"
            )
            await rig.stop()
        }

        @Test(
            "what the PBX says is the outcome",
            arguments: [("486", 10), ("404", 12), ("603", 12), ("403", 41), ("503", 40)]
        )
        func outcomes(number: String, status: Int) async throws {
            let rig = try await Rig()
            let result = try await rig.house.service.run(["dial", "030555\(number)", "--via", "internet"])
            #expect(result.status == Int32(status), "\(result)")
            await rig.stop()
        }

        @Test(
            "by a rule of routes the Internet is taken, explained by --dry-run; where it fails the call goes on over GSM"
        )
        func routes() async throws {
            let rig = try await Rig(
                modems: 1,
                more: "routes:\n  - { number: \"+49*\", when: { internet: good }, via: [internet, callthrough] }\n"
            )
            let dry = try await rig.house.service.run(["dial", "030555503", "--dry-run"])
            #expect(dry.status == 0, "\(dry)")
            #expect(
                dry.output.contains { $0.hasPrefix("method") && $0.contains("internet") && $0.contains("routes[1]") },
                "\(dry)"
            )
            #expect(dry.output.contains { $0.hasPrefix("then") && $0.contains("callthrough") }, "\(dry)")
            let call = try rig.house.service.start(["dial", "030555503", "--format", "json"])
            #expect(await call.output(where: isEvent("call.in_progress")) != nil)
            #expect(rig.house.bench.calls(of: 0).count == 1)
            call.send(SIGINT)
            let result = await call.end()
            let lines = try result.output.map { try Document($0) }
            #expect(lines.last?["outcome"]?.text == "interrupted", "\(result)")
            #expect(rig.house.bench.calls(of: 0).allSatisfy { !$0.isLive })
            let log = try await rig.house.service.run(["calls", "list", "--format", "json"])
            #expect(log.output.contains { $0.contains("\"method\":\"callthrough\"") }, "\(log)")
            await rig.stop()
        }

        @Test("a phone's call goes over the Internet, and BYE ends it there")
        func fromPhone() async throws {
            let rig = try await Rig()
            let watch = try await rig.house.watch()
            let phone = try Sipp(rig.house, number: "0305551", .talk(milliseconds: 3000))
            let requested = await watch.output(where: isEvent("call.requested", ["origin": .text("phone:desk")]))
            #expect(requested?.contains("\"method\":\"internet\"") == true, "\(requested ?? "never")")
            let end = await phone.program.end()
            #expect(end.status == 0, "\(end)")
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            #expect(try Document(ended)["outcome"]?.text == "completed", "\(ended)")
            watch.send(SIGKILL)
            _ = await watch.end()
            await rig.stop()
        }

        @Test("a call to the account rings phones by the rules, and is answered when one of them is")
        func comesIn() async throws {
            let rig = try await Rig(more: "incoming:\n  - { line: office, ring: [\"phone:desk\"] }\n")
            let desk = try Baresip("desk", at: rig.house.host, answers: true)
            try await rig.house.registers("desk")
            let watch = try await rig.house.watch()
            let caller = try Sipp(
                rig.house,
                number: "10",
                .talk(milliseconds: 300),
                isTrunk: true,
                to: rig.kamailio.host
            )
            let requested = try #require(
                await watch.output(where: isEvent("call.requested", ["origin": .text("account:office")]))
            )
            #expect(try Document(requested)["direction"]?.text == "incoming", "\(requested)")
            #expect(await watch.output(where: isEvent("call.in_progress")) != nil)
            let end = await caller.program.end()
            #expect(end.status == 0, "\(end)")
            #expect(await watch.output(where: isEvent("call.ended")) != nil)
            await desk.stop()
            watch.send(SIGKILL)
            _ = await watch.end()
            await rig.stop()
        }

        @Test("a call that rings on a modem rings a number over the account, and who answers there has it")
        func ringsAccount() async throws {
            let rig = try await Rig(modems: 1, more: "incoming:\n  - { ring: [\"account:office/200\"] }\n")
            let watch = try await rig.house.watch()
            rig.house.bench.host.withWorld { world, now in
                _ = world.ring(modem: 0, from: "+4930555123", at: now, givesUpAfter: .seconds(90))
            }
            #expect(await watch.output(where: isEvent("call.in_progress")) != nil)
            await rig.echo.stop()
            let ended = try #require(await watch.output(where: isEvent("call.ended")))
            // The telephone may leave before its sound is joined, which is no talk.
            #expect(["completed", "lost"].contains(try Document(ended)["outcome"]?.text), "\(ended)")
            watch.send(SIGKILL)
            _ = await watch.end()
            await rig.stop()
        }

        @Test("a number that a rule rings over the account is a call like every other: limited, counted, written down")
        func ringsPaid() async throws {
            let rules = """
                incoming:
                  - { ring: ["account:office/0305551", "account:office/11880", "account:office/09001234567"] }

                """
            let rig = try await Rig(modems: 1, more: rules, policy: "  max_calls_per_day: 1\n")
            let watch = try await rig.house.watch()
            func ring() {
                rig.house.bench.host.withWorld { world, now in
                    _ = world.ring(modem: 0, from: "+4930555123", at: now, givesUpAfter: .seconds(90))
                }
            }
            ring()
            let started = await watch.output(
                where: isEvent("call.audio", ["endpoint": .text("account:office/0305551")])
            )
            #expect(started != nil, "who has taken the call is not told")
            await rig.echo.stop()
            #expect(await watch.output(where: isEvent("call.ended")) != nil)
            let log = try await rig.house.service.run(["calls", "export", "--json"])
            let text = log.output.joined()
            #expect(text.contains("0305551") && text.contains("\"account\":\"office\""), "\(log)")
            // The one call of the day is used up: nobody is rung.
            ring()
            let second = try #require(await watch.output(where: isEvent("call.ringing")))
            let call = try #require(try Document(second)["call"]?.text)
            #expect(
                await rig.house.service.program.error {
                    $0.contains("account of a rule is not rung") && $0.contains("day")
                }
                    != nil
            )
            _ = try await rig.house.service.run(["hangup", call])
            #expect(await watch.output(where: isEvent("call.ended")) != nil)
            watch.send(SIGKILL)
            _ = await watch.end()
            _ = await rig.house.service.stop()
            rig.kamailio.stop()
            let seen = await rig.kamailio.program.end().errors.filter { $0.contains("seen INVITE of 10 to ") }
            #expect(!seen.contains { $0.contains("11880") || $0.contains("0900") }, "\(seen)")
        }

        @Test("dial --audio phone: the phone is rung first, and its end is the call's")
        func phoneFirst() async throws {
            let rig = try await Rig(modems: 1)
            let missing = try await rig.house.service.run([
                "dial", "0305551", "--via", "internet", "--audio", "phone:desk",
            ])
            #expect(missing.status == 11, "\(missing)")
            let desk = try Baresip("desk", at: rig.house.host, answers: true)
            try await rig.house.registers("desk")
            let call = try rig.house.service.start([
                "dial", "03012345678", "--via", "callthrough", "--audio", "phone:desk", "--format", "json",
            ])
            #expect(await call.output(where: isEvent("call.in_progress")) != nil)
            await desk.stop()
            let result = await call.end()
            #expect(result.status == 0, "\(result)")
            rig.house.bench.expectClean(0)
            await rig.stop()
        }
    }
}

/// Sound in files, made and looked at here.
enum Sound {
    /// A WAV file, 8 kHz, with a tone.
    static func tone(_ frequency: Double, seconds: Int) -> [UInt8] {
        let count = 8000 * seconds
        var bytes = Array("RIFF".utf8) + word(36 + count * 2) + Array("WAVEfmt ".utf8) + word(16)
        bytes += [1, 0, 1, 0] + word(8000) + word(16_000) + [2, 0, 16, 0] + Array("data".utf8) + word(count * 2)
        for index in 0..<count {
            let sample = Int16(8000 * sin(2 * Double.pi * frequency * Double(index) / 8000))
            bytes += [UInt8(truncatingIfNeeded: sample), UInt8(truncatingIfNeeded: sample >> 8)]
        }
        return bytes
    }

    private static func word(_ value: Int) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    }

    /// The samples of a WAV file.
    static func samples(_ path: String) throws -> [Double] {
        let bytes = Array(try Data(contentsOf: URL(filePath: path)).dropFirst(44))
        return stride(from: 0, to: bytes.count - 1, by: 2)
            .map { Double(Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8)) }
    }

    /// How much of a frequency is in it (Goertzel).
    static func power(_ frequency: Double, in samples: [Double]) -> Double {
        let factor = 2 * cos(2 * Double.pi * frequency / 8000)
        var (one, two) = (0.0, 0.0)
        for sample in samples { (one, two) = (sample + factor * one - two, one) }
        return one * one + two * two - factor * one * two
    }
}
