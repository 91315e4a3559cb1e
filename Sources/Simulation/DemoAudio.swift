import CLinux
import CallAudio
import CallModel
import FoundationEssentials
import Glibc
import Logging
import Modem
import ModemSimulator
internal import NetworkSimulator
internal import SimulatedTerminals
import Synchronization

/// A call with sound on a simulated modem: digits go each way as tones, and each side has to hear the other's.
///
/// The far side is the simulator's network, which hears with filters of its own.
final class DemoAudio: Sendable {
    /// The digits that are said here, as sound, and those that the far side says.
    static let saidHere = "1590#"
    static let saidThere = "2648*"
    /// The number that is called.
    private static let number = "+493012345670"
    /// What hangs is given up in time to say so.
    private static let limit = Duration.seconds(25)

    /// What came of it.
    struct Verdict: Sendable, Encodable {
        let event = "demo.audio"
        let family: String
        /// Digits that the far side heard, and those that were heard here.
        var heardThere = ""
        var heardHere = ""
        /// The files to listen to.
        var files: [String] = []
        /// Why it went wrong; nil where nothing did.
        var failure: String?

        var isGood: Bool {
            failure == nil && heardThere == DemoAudio.saidHere && heardHere == DemoAudio.saidThere
        }

        private enum CodingKeys: String, CodingKey {
            case event
            case family
            case heardThere = "heard_there"
            case heardHere = "heard_here"
            case files
            case failure
        }
    }

    private struct Failure: Error {
        let reason: String
    }

    private let family: ModemFamily
    private let directory: String
    private let host: PseudoTerminalHost
    private let log: Logger
    private let stop = Mutex<(@Sendable () -> Void)?>(nil)

    /// Puts the modem on its terminals; throws what stands in the way of that.
    init(family: ModemFamily, directory: String, log: Logger) throws {
        self.family = family
        self.directory = directory
        var network = SimulatedNetwork.standard
        network.subscribers[Self.number] = .ordinary
        // Behind the moment in which the sound is switched on, which its beginning would miss.
        network.voices[Self.number] = .digits(Self.saidThere, after: .seconds(2))
        var world = SimulatedWorld(network: network)
        _ = world.addModem(ModemProfile(family))
        host = try PseudoTerminalHost(world: world)
        self.log = log
        try host.start()
    }

    /// Ends the call; ``run()`` returns when that is done.
    func interrupt() { stop.withLock { $0 }?() }

    /// Makes the call, and says what each side heard.
    func run() async -> Verdict {
        var verdict = Verdict(family: family.rawValue)
        let here = directory + "/demo-here.wav"
        let there = directory + "/demo-far-side.wav"
        do {
            try await call(recordingTo: here)
            verdict.heardHere = try Self.digits(in: Self.read(here))
            let (digits, samples) = host.withWorld { world, _ in
                (world.calls.first?.digits ?? "", world.heard(call: world.calls.first?.id ?? 0))
            }
            verdict.heardThere = digits
            try Data(Self.wave(samples)).write(to: URL(filePath: there))
            verdict.files = [here, there]
        } catch let error as Failure {
            verdict.failure = error.reason
        } catch {
            verdict.failure = "\(error)"
        }
        host.stop()
        return verdict
    }

    // MARK: The call

    private func call(recordingTo path: String) async throws {
        guard let voice = host.voicePaths[0] else {
            throw Failure(
                reason: "simulated modems of this family have no voice tty; huawei, quectel and simcom have one"
            )
        }
        let port = try await ModemPort.open(host.paths[0], log: log)
        let result: Result<Void, any Error>
        do { result = .success(try await call(on: port, voice: voice, recordingTo: path)) } catch {
            result = .failure(error)
        }
        _ = await port.session.ensureIdle()
        await port.close()
        try result.get()
    }

    private func call(on port: ModemPort, voice: String, recordingTo path: String) async throws {
        let session = port.session
        try await session.bringUp()
        try await session.prepareToDial()
        await session.findSound { SoundPlaces(choice: ModemSound(way: .tty, tty: voice)) }
        let (events, continuation) = AsyncStream.makeStream(of: Event.self)
        let leg = ModemLeg(session, port.loop)
        stop.withLock { $0 = { continuation.yield(.enough) } }
        let watchdog = Task {
            guard (try? await Task.sleep(for: Self.limit)) != nil else { return }
            continuation.yield(.tooLate)
        }
        defer { watchdog.cancel() }
        // The loop tells when all that is said here has gone, and that is followed by what the far side says.
        let audio = try AudioLoop { event in
            if event.kind == .played { continuation.yield(.allIsSaid) }
        }
        defer { audio.stop() }
        port.loop.start {
            leg.listen { continuation.yield(.leg($0)) }
            leg.perform(.dial(Self.number, blocksFor: .seconds(30)))
        }
        var failure: String?
        listening: for await event in events {
            switch event {
            case .leg(.answered):
                do throws(LegSoundError) {
                    try join(try await leg.openSound(), in: audio, recordingTo: path)
                } catch {
                    failure = error.description
                    break listening
                }
            case .leg(.released), .leg(.failed):
                failure = "the call ended before all was said"
                break listening
            case .allIsSaid: break listening
            case .enough:
                failure = "interrupted"
                break listening
            case .tooLate:
                failure = "it took longer than \(Self.limit)"
                break listening
            case .leg: continue
            }
        }
        _ = await audio.part(1)
        port.loop.start { leg.perform(.hangUp) }
        for await event in events {
            if case .leg(.hungUp) = event { break }
            if case .leg(.failed) = event { break }
            if case .tooLate = event { break }
        }
        if let failure { throw Failure(reason: failure) }
    }

    private enum Event: Sendable {
        case leg(LegEvent)
        case allIsSaid
        case enough
        case tooLate
    }

    private func join(_ sound: LegSound, in audio: AudioLoop, recordingTo path: String) throws(LegSoundError) {
        guard case .tty(let tty, _) = sound else { throw .unavailable("the sound lies at \(sound)") }
        let descriptor = open(tty, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0, clinux_tty_raw(descriptor, 115_200, 0) == 0 else {
            throw .unavailable("\(tty) can't be opened: \(String(cString: strerror(errno)))")
        }
        let recorder: WaveRecorder
        do { recorder = try WaveRecorder(path: path) } catch { throw .unavailable("\(error)") }
        let reader: WaveReader
        do { reader = try WaveReader(Self.spoken) } catch { throw .unavailable("\(error)") }
        let file = WavePort(id: 2, playing: reader, recording: recorder)
        guard audio.join(1, TTYPort(id: 1, tty: descriptor), file) else { throw .unavailable("the audio loop is busy") }
    }

    // MARK: What is said and heard

    /// A WAV file of the digits, with silence around them that is as long as what the far side says.
    private static var spoken: [UInt8] {
        var generator = DTMFGenerator()
        for digit in saidHere { _ = generator.append(digit) }
        var samples = [Int16](repeating: 0, count: AudioFrame.rate)
        while let frame = generator.next() { frame.withSamples { samples += $0 } }
        samples += [Int16](repeating: 0, count: 2 * AudioFrame.rate)
        return wave(samples)
    }

    private static func wave(_ samples: [Int16]) -> [UInt8] {
        WaveHeader.bytes(soundBytes: 2 * samples.count)
            + samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    }

    private static func read(_ path: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(filePath: path))) }

    /// The digits in a recording.
    private static func digits(in bytes: [UInt8]) throws -> String {
        guard let detector = DTMFDetector() else { throw Failure(reason: "no memory for the detector") }
        var reader = try WaveReader(bytes)
        var digits = ""
        while let frame = reader.next() {
            detector.listen(to: frame) { event in
                if case .began(let digit) = event { digits.append(digit) }
            }
        }
        return digits
    }
}
