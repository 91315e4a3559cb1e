import CallModel
import FoundationEssentials
import GatewayAPI
import Glibc
import ModemSimulator
import NetworkSimulator
import SimulatedTerminals
import TestSupport
import Testing

@testable import Gateway

/// Whole calls with sound, on a modem whose voice tty is a terminal of the test's.
@Suite("Calls with sound", .timeLimit(.minutes(10)), .serialized)
struct SoundTests {
    private static let talks = "+4930123456"

    /// A WAV file of 8 kHz with these samples.
    private static func wave(_ samples: [Int16], at path: String) throws {
        func bytes(_ number: Int, _ count: Int) -> [UInt8] {
            (0..<count).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
        }
        var file = Array("RIFF".utf8) + bytes(36 + 2 * samples.count, 4) + Array("WAVEfmt ".utf8) + bytes(16, 4)
        file += bytes(1, 2) + bytes(1, 2) + bytes(8000, 4) + bytes(16_000, 4) + bytes(2, 2) + bytes(16, 2)
        file += Array("data".utf8) + bytes(2 * samples.count, 4) + samples.flatMap { bytes(Int($0), 2) }
        try Data(file).write(to: URL(filePath: path))
    }

    private static func request(_ audio: String) -> DialRequest {
        var request = DialRequest(number: talks)
        request.via = .direct
        request.audio = audio
        return request
    }

    private static func reports(_ rig: ServiceRig) -> [SoundReport] {
        rig.events.compactMap { event in if case .audio(let report) = event.kind { report } else { nil } }
    }

    private static func quality(_ rig: ServiceRig) -> [SoundQuality] {
        rig.events.compactMap { event in if case .quality(let quality) = event.kind { quality } else { nil } }
    }

    @Test("a file is heard at the far side sample by sample, and what the far side says is in another")
    func files() async throws {
        let directory = try TemporaryDirectory()
        let voice = try VoiceTTY()
        voice.serve()
        defer { voice.stop() }
        let rig = try await ServiceRig(modem: ["audio: { tty: \(voice.path) }"])
        let samples = (0..<4000).map { Int16($0 + 1) }
        let (played, recorded) = (directory.path + "/a.wav", directory.path + "/b.wav")
        try Self.wave(samples, at: played)
        let id = UUID()
        _ = try await rig.service.dial(Self.request("wav:\(played),\(recorded)"), id: id, origin: .local)
        #expect(await waits { voice.heard.contains(4000) })
        // It stays in the call when its file is over.
        #expect(rig.ends.isEmpty)
        let levels = await rig.service.calls().first?.audio
        #expect(levels?.endpoint.hasPrefix("wav:") == true)
        try await rig.service.hangUp(id)
        #expect(await rig.waitsForEnds())
        let heard = voice.heard
        let start = try #require(heard.firstIndex(of: 1))
        #expect(Array(heard[start...].prefix(4000)) == samples)
        let file = Array(try Data(contentsOf: URL(filePath: recorded)))
        #expect(file.count > 44 + 2 * 2000 && file[44...].allSatisfy { $0 == 5 || $0 == 0 })
        let length = (0..<4).reduce(0) { $0 | Int(file[40 + $1]) << (8 * $1) }
        #expect(length == file.count - 44)
        #expect(
            rig.story().suffix(4) == ["audio", "audio", "quality", "ended"]
                && rig.story().contains("in_progress")
        )
        #expect(Self.reports(rig).map(\.state) == [.started, .ended])
        let quality = try #require(Self.quality(rig).first)
        #expect(quality.leg == "m0" && quality.frames > 25 && quality.levelIn > -40 && quality.levelOut > -80)
        #expect(quality.underruns == 0)
        await rig.stop()
    }

    @Test("a file that is played ends the call, which counts as completed")
    func playing() async throws {
        let directory = try TemporaryDirectory()
        let voice = try VoiceTTY()
        voice.serve()
        defer { voice.stop() }
        let rig = try await ServiceRig(modem: ["audio: { way: tty, tty: \(voice.path) }"])
        let played = directory.path + "/a.wav"
        try Self.wave((0..<800).map { Int16($0 + 1) }, at: played)
        _ = try await rig.service.dial(Self.request("play:\(played)"), id: UUID(), origin: .local)
        #expect(await rig.waitsForEnds())
        #expect(rig.ends.map(\.outcome) == [.completed] && rig.ends.first?.by == .local)
        #expect(await waits { voice.heard.contains(800) })
        #expect(rig.isIdle)
        await rig.stop()
    }

    @Test("a modem without sound is told of once, and the call goes on")
    func none() async throws {
        let directory = try TemporaryDirectory()
        let rig = try await ServiceRig(modem: ["audio: { way: none }"])
        let id = UUID()
        let request = Self.request("record:\(directory.path)/b.wav")
        _ = try await rig.service.dial(request, id: id, origin: .local)
        #expect(await waits { Self.reports(rig).contains { $0.state == .ended } })
        #expect(rig.ends.isEmpty)
        try await rig.service.hangUp(id)
        #expect(await rig.waitsForEnds())
        #expect(Self.reports(rig).count == 1 && Self.quality(rig).isEmpty)
        await rig.stop()
    }

    @Test("a stick that falls silent is told of, and so is its return; the call goes on")
    func stall() async throws {
        let directory = try TemporaryDirectory()
        let voice = try VoiceTTY()
        voice.serve()
        defer { voice.stop() }
        let rig = try await ServiceRig(modem: ["audio: { tty: \(voice.path) }"])
        let id = UUID()
        let request = Self.request("record:\(directory.path)/b.wav")
        _ = try await rig.service.dial(request, id: id, origin: .local)
        #expect(await waits { Self.reports(rig).contains { $0.state == .started } })
        voice.setSilent(true)
        #expect(await waits { Self.reports(rig).contains { $0.state == .stalled && $0.endpoint == "modem" } })
        voice.setSilent(false)
        #expect(await waits { Self.reports(rig).contains { $0.state == .resumed && $0.endpoint == "modem" } })
        #expect(rig.ends.isEmpty)
        try await rig.service.hangUp(id)
        #expect(await rig.waitsForEnds())
        await rig.stop()
    }

    @Test("what is wrong with an endpoint is said before anybody is called")
    func refused() async throws {
        let rig = try await ServiceRig()
        for (audio, origin) in [
            ("wav:/does/not/exist.wav", RequestOrigin.local), ("wav:", .local), ("tape:x", .local),
            ("record:relative.wav", .local), ("record:/dev/null", .local), ("wav:/etc/passwd", .remote),
            ("modem:m0/112", .remote), ("phone:desk", .local),
        ] {
            await #expect(throws: ControlError.self, "\(audio)") {
                _ = try await rig.service.dial(Self.request(audio), id: UUID(), origin: origin)
            }
        }
        #expect(rig.events.isEmpty && rig.calls().isEmpty)
        await rig.stop()
    }

    @Test("two modems are joined, each with a call of its own; the end of one ends the other")
    func joined() async throws {
        let voice = try VoiceTTY()
        voice.serve()
        defer { voice.stop() }
        // Both say that their sound lies there; what matters here is whose call ends whose.
        let rig = try await ServiceRig(modems: 2, modem: ["audio: { tty: \(voice.path) }"])
        var request = Self.request("modem:m1/+4930123456")
        request.modem = "m0"
        let id = UUID()
        _ = try await rig.service.dial(request, id: id, origin: .local)
        #expect(await waits { rig.story(of: id).contains("joined") })
        #expect(rig.calls(of: 0).count == 1 && rig.calls(of: 1).count == 1)
        rig.hangUp(rig.calls(of: 1).first?.id)
        #expect(await rig.waitsForEnds(2))
        #expect(rig.ends.map(\.outcome) == [.completed, .completed])
        #expect(rig.isIdle)
        await rig.stop()
    }

    @Test("a modem that the second call needs is not taken by the first, however either is named")
    func keptFree() async throws {
        let voice = try VoiceTTY()
        voice.serve()
        defer { voice.stop() }
        let rig = try await ServiceRig(modems: 2, modem: ["audio: { tty: \(voice.path) }"])
        var same = Self.request("modem:m0/+4930123456")
        same.modem = rig.host.paths[0]
        await #expect(throws: ControlError.self) {
            _ = try await rig.service.dial(same, id: UUID(), origin: .local)
        }
        // Of two that are alike the first is taken, where nothing is said against it.
        let id = UUID()
        _ = try await rig.service.dial(Self.request("modem:m0/+4930123456"), id: id, origin: .local)
        #expect(await waits { rig.story(of: id).contains("joined") || !rig.ends.isEmpty })
        #expect(rig.calls(of: 0).count == 1 && rig.calls(of: 1).count == 1)
        #expect(await rig.service.calls().first { $0.call == id }?.modem == "m1")
        try await rig.service.hangUp(id)
        #expect(await rig.waitsForEnds(2))
        await rig.stop()
        #expect(rig.isIdle)
    }

    @Test("a second call that is answered and has no sound is hung up, and the first one's modem has no blame in it")
    func deafSecond() async throws {
        let directory = try TemporaryDirectory()
        let voice = try VoiceTTY()
        voice.serve()
        defer { voice.stop() }
        try FileManager.default.createSymbolicLink(
            atPath: directory.path + "/voice0",
            withDestinationPath: voice.path
        )
        let rig = try await ServiceRig(modems: 2, modem: ["audio: { tty: \(directory.path)/voice{n} }"])
        var request = Self.request("modem:m1/+4930123456")
        request.modem = "m0"
        _ = try await rig.service.dial(request, id: UUID(), origin: .local)
        #expect(await rig.waitsForEnds(2))
        #expect(rig.ends.last?.outcome == .modemFailed || rig.ends.first?.outcome == .modemFailed)
        #expect(await rig.service.modems().first { $0.name == "m0" }?.state == .ready)
        #expect(rig.isIdle)
        await rig.stop()
    }

    @Test("a rule for the number names who hears; what the call names goes before it")
    func byRule() async throws {
        let directory = try TemporaryDirectory()
        let voice = try VoiceTTY()
        voice.serve()
        defer { voice.stop() }
        let rule = "  - { number: \"+4930*\", via: [direct], audio: \"record:\(directory.path)/{call}.wav\" }"
        let rig = try await ServiceRig(more: ["routes:", rule], modem: ["audio: { tty: \(voice.path) }"])
        let id = UUID()
        _ = try await rig.service.dial(DialRequest(number: Self.talks), id: id, origin: .local)
        let path = "\(directory.path)/\(id.uuidString.lowercased()).wav"
        #expect(await waits { Self.reports(rig).first?.endpoint == "record:\(path)" })
        try await rig.service.hangUp(id)
        #expect(await rig.waitsForEnds())
        _ = try await rig.service.dial(Self.request("none"), id: UUID(), origin: .local)
        #expect(await waits { rig.calls().last?.state == .answered && rig.calls().count == 2 })
        for call in await rig.service.calls() { try await rig.service.hangUp(call.call) }
        #expect(await rig.waitsForEnds(2))
        #expect(Self.reports(rig).allSatisfy { $0.endpoint == "record:\(path)" })
        await rig.stop()
    }
}
