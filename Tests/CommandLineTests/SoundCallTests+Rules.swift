import FoundationEssentials
import Glibc
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

@testable import ModemSimulator

// What rules and PBXs say of the sound of a call.
extension CommandLineTests.SoundCallTests {
    @Test("audio at a rule: the call is answered, and who calls is heard where the rule says")
    func rule() async throws {
        let peer = try AudioSocketPeer()
        let more = "incoming:\n  - { line: m0, from: known, audio: \"audiosocket:\(peer.address)\" }\n"
        let (bench, service) = try await Self.service(more: more) { network in
            network.voices[Self.caller] = Self.saying("4213")
        }
        defer { bench.stop() }
        let ring = bench.host.withWorld { world, now in world.ring(modem: 0, from: Self.caller, at: now) }
        peer.say(Array(repeatElement(Self.sound("26485*"), count: 40).joined()))
        #expect(await waits { Self.digits(in: peer.heard).contains("4213") })
        #expect(await waits { bench.calls(of: 0).first?.digits.contains("26485*") == true })
        bench.host.withWorld { world, now in if let ring { world.hangUpFarSide(call: ring, at: now) } }
        #expect(await waits { peer.isOver })
        _ = await service.stop()
    }

    @Test("confirm at a rule: nobody is joined with a caller who presses nothing; the key joins him")
    func confirmAtRule() async throws {
        let peer = try AudioSocketPeer()
        let more =
            "incoming:\n  - { line: m0, from: known, confirm: \"1\", audio: \"audiosocket:\(peer.address)\" }\n"
        let silent = "+491719990002"
        let (bench, service) = try await Self.service(more: more) { network in
            network.voices[Self.caller] = Self.saying("1")
            network.voices[silent] = .silent
        }
        defer { bench.stop() }
        let watch = try service.start(["status", "--watch", "--format", "json"])
        _ = await watch.output { $0.contains("\"modems\"") }
        let first = bench.host.withWorld { world, now in world.ring(modem: 0, from: silent, at: now) }
        #expect(await watch.output(where: isEvent("call.connected")) != nil)
        #expect(
            await waits {
                first.map { id in bench.host.withWorld { world, _ in !world.heard(call: id).isEmpty } } == true
            }
        )
        bench.host.withWorld { world, now in if let first { world.hangUpFarSide(call: first, at: now) } }
        let ended = try Document(try #require(await watch.output(where: isEvent("call.ended"))))
        #expect(
            ended["outcome"]?.text == "no_answer" && ended["detail"]?.text?.contains("not pressed") == true,
            "\(ended)"
        )
        #expect(peer.kinds.isEmpty)
        let ring = bench.host.withWorld { world, now in world.ring(modem: 0, from: Self.caller, at: now) }
        #expect(await watch.output(where: isEvent("call.dtmf", ["digit": .text("1")])) != nil)
        #expect(await watch.output(where: isEvent("call.in_progress")) != nil)
        peer.say(Array(repeatElement(Self.sound("26485*"), count: 40).joined()))
        #expect(await waits { bench.calls(of: 0).last?.digits.contains("26485*") == true })
        bench.host.withWorld { world, now in if let ring { world.hangUpFarSide(call: ring, at: now) } }
        #expect(await waits { peer.isOver })
        watch.send(SIGKILL)
        _ = await watch.end()
        _ = await service.stop()
    }

    @Test("confirm at a PBX: a call through it that nobody confirms was not reached")
    func confirmAtPBX() async throws {
        let bench = try Bench([ModemProfile(.huawei)]) { network in
            network.voices[Bench.target] = .silent
        }
        defer { bench.stop() }
        let pbx =
            "  other:\n    profile: dtmf\n    callthrough: { access_number: \"+4922166966968\", confirm: \"1\" }\n"
        let service = try await ServiceUnderTest(bench, pbx: pbx)
        try await service.modems(are: "ready", count: 1)
        let result = try await service.run(["dial", Bench.target, "--pbx", "other", "--format", "json"])
        #expect(result.status == 11, "\(result)")
        #expect(result.output.contains { isEvent("call.handover", ["sent": .number(11)])($0) }, "\(result)")
        #expect(!result.output.contains { $0.contains("call.in_progress") })
        _ = await service.stop()
    }

    @Test(
        "a second call that is not reached ends the first with its outcome; a modem that is not there costs no call"
    )
    func secondFails() async throws {
        let (bench, service) = try await Self.service(modems: 2)
        defer { bench.stop() }
        let wrong = try await service.run(Self.direct(Self.talker, "--audio", "modem:m9/\(Self.second)"))
        #expect(wrong.status == 64, "\(wrong)")
        let alone = try await service.run(
            Self.direct(Self.talker, "--audio", "modem:m1/\(Self.second)", "--standalone")
        )
        #expect(alone.status == 64, "\(alone)")
        #expect(bench.calls(of: 0).isEmpty && bench.calls(of: 1).isEmpty)
        let busy = try await service.run(Self.direct(Self.talker, "--audio", "modem:m1/+493023125001"))
        #expect(busy.status == 10, "\(busy)")
        // The second modem has a call already.
        let other = try service.start(["dial", Self.second, "--via", "direct", "--modem", "m1", "--format", "json"])
        #expect(await other.output(where: isEvent("call.in_progress")) != nil)
        let taken = try await service.run(Self.direct(Self.talker, "--audio", "modem:m1/+4930123457"))
        #expect(taken.status == 20, "\(taken)")
        other.send(SIGINT)
        _ = await other.end()
        _ = await service.stop()
    }
}
