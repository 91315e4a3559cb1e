import CallAudio
import CallModel
internal import Console
import FoundationEssentials
import Gateway
internal import GatewayAPI
import Glibc
import Logging
import ModemSimulator
internal import NetworkSimulator
import SIP
import Settings
internal import SimulatedTerminals
import Synchronization

/// A telephone's call through the box: it registers at a service in this process over SIP, dials, keys digits, and listens.
///
/// Digits go each way: those that are keyed at the telephone have to reach the far side as tones of the modem, and those that the far
/// side says have to be heard at the telephone.
final class DemoPhone: Sendable {
    /// What is keyed at the telephone, and what the far side says.
    static let keyed = "1590#"
    static let said = "2648*"
    private static let number = "+493012345670"
    private static let password = "only for this demo"
    /// How long each step may take.
    private static let limit = Duration.seconds(45)

    /// What came of it.
    struct Outcome: Sendable, Encodable {
        let event = "demo.phone"
        /// The digits that the far side heard, and those that the telephone did.
        var heardThere = ""
        var heardHere = ""
        /// What is not as it must be; empty when all is well.
        var differences: [String] = []

        var isGood: Bool { differences.isEmpty }

        private enum CodingKeys: String, CodingKey {
            case event
            case heardThere = "heard_there"
            case heardHere = "heard_here"
            case differences
        }
    }

    private struct Failure: Error {
        let reason: String
    }

    private let directory: String
    private let host: PseudoTerminalHost
    private let verbose: Bool
    private let address = "127.88.\(getpid() >> 8 & 0xFF).\(getpid() & 0xFF)"
    private let heard = Mutex("")
    private let news = Mutex<[LineNews]>([])
    private let isRegistered = Mutex(false)

    /// Puts a modem on its terminals; throws what stands in the way of that.
    init(verbose: Bool) throws {
        self.verbose = verbose
        directory = try TemporaryPlace.make()
        var network = SimulatedNetwork.standard
        network.subscribers[Self.number] = .ordinary
        // Behind the moment in which the sound is there, which its beginning would miss.
        network.voices[Self.number] = .digits(Self.said, after: .seconds(3))
        var world = SimulatedWorld(network: network)
        _ = world.addModem(ModemProfile(.quectel))
        host = try PseudoTerminalHost(world: world)
        try host.start()
    }

    /// Makes the call, and says what each side heard.
    func run() async -> Outcome {
        defer {
            host.stop()
            TemporaryPlace.remove(directory)
        }
        var outcome = Outcome()
        do {
            let service = try service()
            let life = Task { try await service.run() }
            do { try await call(service) } catch { outcome.differences.append(error.reason) }
            service.stop(grace: .zero)
            try await life.value
        } catch { outcome.differences.append("the service could not be started: \(error)") }
        outcome.heardHere = heard.withLock { $0 }
        let isUp: Bool
        (outcome.heardThere, isUp) = host.withWorld { world, _ in
            (Self.tones(world), world.calls.contains { $0.isLive })
        }
        if outcome.heardThere != Self.keyed { outcome.differences.append("keyed was \(Self.keyed)") }
        if outcome.heardHere != Self.said { outcome.differences.append("the far side said \(Self.said)") }
        if isUp { outcome.differences.append("a call is still up") }
        return outcome
    }

    private static func tones(_ world: SimulatedWorld) -> String {
        String((world.calls.first?.tones ?? []).map(\.digit))
    }

    // MARK: The telephone

    private func call(_ service: GatewayService) async throws(Failure) {
        guard await waits(until: { await service.modems().contains { $0.state == .ready } }) else {
            throw Failure(reason: "the modem was not ready in time")
        }
        let made = SIPAgent(directory: directory + "/phone", log: log) { [self] event in
            if case .account(let report) = event, report.state == .registered { isRegistered.withLock { $0 = true } }
        }
        guard let phone = made else { throw Failure(reason: "the system has no descriptors or threads left") }
        var settings = SIPSettings(directory: directory + "/phone")
        let box = SIPAddress(host: address, port: 5060)
        settings.accounts = [SIPSettings.Account(name: "box", registrar: box, user: "desk") { Self.password }]
        await phone.configure(settings)
        let call = await phone.nameCall()
        let failure = await talk(phone, call)
        await phone.hangUp(line: call)
        _ = await waits { await service.calls().isEmpty }
        await phone.stop()
        if let failure { throw failure }
    }

    private func talk(_ phone: SIPAgent, _ call: UInt64) async -> Failure? {
        guard await waits(until: { self.isRegistered.withLock { $0 } }) else {
            return Failure(reason: "the telephone was not registered in time")
        }
        await phone.call(call, over: "box", to: Self.number) { [self] event in news.withLock { $0.append(event) } }
        guard await waits(until: { self.news.withLock { $0.contains(.answered) } }) else {
            return Failure(reason: "the call was not answered in time")
        }
        do {
            guard let sound = await phone.sound(ofLine: call) else { return Failure(reason: "the call has no sound") }
            let audio = try AudioLoop { [self] event in
                if event.port == 1, case .digit(let digit) = event.kind { heard.withLock { $0.append(digit) } }
            }
            defer { audio.stop() }
            let port = try RTPPort.open(sound, id: 1)
            guard audio.join(1, port, SilentPort(id: 2), detectsDigits: true) else {
                return Failure(reason: "the audio loop is busy")
            }
            for digit in Self.keyed { _ = audio.send(digit, to: 1) }
            _ = await waits {
                let there = self.host.withWorld { world, _ in Self.tones(world) }
                return there.count >= Self.keyed.count && self.heard.withLock { $0.count >= Self.said.count }
            }
            _ = await audio.part(1)
            return nil
        } catch { return Failure(reason: "\(error)") }
    }

    private func waits(until holds: () async -> Bool) async -> Bool {
        let end = ContinuousClock.now + Self.limit
        while ContinuousClock.now < end {
            if await holds() { return true }
            do { try await Task.sleep(for: .milliseconds(20)) } catch { return false }
        }
        return false
    }

    // MARK: The service

    private var log: Logger { Logging.logger(level: verbose ? .debug : .error) }

    private func service() throws -> GatewayService {
        guard let voice = host.voicePaths[0] else { throw Failure(reason: "the simulated modem has no voice tty") }
        let (path, secret) = (directory + "/gsmbridge.yaml", directory + "/password")
        try Data(Self.password.utf8).write(to: URL(filePath: secret))
        chmod(secret, 0o600)
        // The telephone comes from this machine's own address, which may be one of the Internet; the box listens on a loopback alone.
        let text = """
            gateway: { state_dir: \(directory)/state, socket: \(directory)/control.sock }
            modems:
              m0: { match: { tty: \(host.paths[0]) }, audio: { way: tty, tty: \(voice) } }
            policy: { prefer: [direct] }
            sip:
              listen: ["udp:\(address):5060"]
              allow_public: true
              phones: { desk: { password: { file: \(secret) } } }
            """
        try Data(text.utf8).write(to: URL(filePath: path))
        return try .demonstration(path, log: log)
    }
}
