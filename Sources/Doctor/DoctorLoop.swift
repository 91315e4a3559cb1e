internal import CallAudio
internal import CallLog
internal import CallModel
internal import CallPlanning
internal import CallRecords
internal import Calls
internal import Console
internal import DeviceDiscovery
internal import DialPlan
internal import FoundationEssentials
internal import Gateway
package import GatewayAPI
import Glibc
internal import Lines
package import Logging
package import Settings
internal import Synchronization

/// Calls from one modem of this box to another, has each say digits, and measures at the other what comes of them, how loud and how late.
///
/// It is a call like every other: permitted by the policy, counted, written down, hung up and verified.
package struct DoctorLoop {
    let from: String
    let to: String
    let configuration: Configuration
    let environment: ConfigurationEnvironment
    let log: Logger

    /// What stands in the way of a measurement.
    private struct Obstacle: Error {
        var reason: String
        var remedy: String?
    }

    /// How long both may take to become usable, and to be joined.
    private static let (readyWithin, joinedWithin) = (Duration.seconds(120), Duration.seconds(60))
    /// How long both talk.
    private static let talks = Duration.seconds(10)
    /// How long the hang-up may take.
    private static let endsWithin = Duration.seconds(60)

    package init(
        from: String,
        to: String,
        configuration: Configuration,
        environment: ConfigurationEnvironment,
        log: Logger
    ) {
        (self.from, self.to) = (from, to)
        (self.configuration, self.environment, self.log) = (configuration, environment, log)
    }

    package func findings() async -> [DoctorFinding] {
        do { return try await measure() } catch {
            let obstacle = error as? Obstacle
            return [finding(.error, "\(from) -> \(to)", obstacle?.reason ?? "\(error)", remedy: obstacle?.remedy)]
        }
    }

    private func measure() async throws -> [DoctorFinding] {
        let (caller, called) = (try entry(from), try entry(to))
        guard caller.name != called.name else { throw Obstacle(reason: "that is one modem, and the loop needs two") }
        guard let own = caller.number else {
            // Without it the second modem would answer strangers.
            throw Obstacle(
                reason: "the number of \(caller.name) is not known",
                remedy: "set modems.\(caller.name).number"
            )
        }
        guard let number = called.number else {
            throw Obstacle(
                reason: "the number of \(called.name) is not known",
                remedy: "set modems.\(called.name).number"
            )
        }
        let place = try Self.place()
        defer { try? FileManager.default.removeItem(atPath: place) }
        let sides = [LoopSide(caller.name, says: "1590#", in: place), LoopSide(called.name, says: "2648*", in: place)]
        for side in sides { try side.write() }
        let service = GatewayService(parts(caller, called, sides), log: log)
        let watch = LoopWatch(service.events)
        // Ctrl-C hangs up and looks whether that came about, as it does for every call.
        let signals = StopSignals { watch.stop() }
        defer { withExtendedLifetime(signals) {} }
        let life = Task { try await service.run() }
        let outcome: Result<Void, any Error>
        do {
            try await call(number.description, from: caller.name, own.description, sides, service, watch)
            outcome = .success(())
        } catch { outcome = .failure(error) }
        service.stop(grace: .zero)
        do { try await life.value } catch { log.error("\(error)") }
        try outcome.get()
        return zip(sides, sides.reversed())
            .map { said, heard in
                judge(said, at: heard, isCaller: said.name == caller.name, watch)
            }
    }

    /// The service for this one call: two modems, and a rule by which the second one answers the first.
    private func parts(
        _ caller: Configuration.Modem,
        _ called: Configuration.Modem,
        _ sides: [LoopSide]
    ) -> GatewayService.Parts {
        var own = configuration
        own.modems = [caller, called]
        // Orders by message stay known, so that their codes are covered; a stranger's ring is sent no message.
        (own.pbx, own.routes, own.disa, own.messages.missedCall) = ([], [], nil, nil)
        (own.sip.listen, own.sip.accounts, own.sip.phones, own.sip.trunks) = ([], [], [], [])
        own.audioSocket.listen = nil
        own.gateway.unknownCallers = .ignore
        var rule = Configuration.IncomingRule()
        // Nobody but the first one is answered, however the network writes its number.
        let digits = (caller.number?.description ?? "").filter(\.isNumber).suffix(6)
        (rule.line, rule.from, rule.audio) = (called.name, [.number("*\(digits)")], sides[1].spec)
        own.incoming = [rule]
        let writer = CallLogWriter(directory: own.gateway.stateDirectory, opensAtOnce: true)
        var parts = GatewayService.Parts(
            configuration: own,
            environment: environment,
            version: Version.current,
            recorder: CallRecorder(writer: writer),
            usage: StoredUsageLedger(writer: writer)
        )
        if own.modems.allSatisfy({ $0.tty != nil }) { parts.devices = { AsyncStream { _ in } } }
        return parts
    }

    private func call(
        _ number: String,
        from caller: String,
        _ own: String,
        _ sides: [LoopSide],
        _ service: GatewayService,
        _ watch: LoopWatch
    ) async throws {
        let names = sides.map(\.name)
        let areReady = await Self.waits(Self.readyWithin) {
            if watch.isOver { return true }
            let ready = await service.modems().filter { $0.state == .ready }.compactMap(\.name)
            return names.allSatisfy { ready.contains($0) }
        }
        guard !watch.isOver else { throw Obstacle(reason: "interrupted before anything was dialled") }
        guard areReady else {
            throw Obstacle(reason: "the two modems are not both ready to call", remedy: "gsmbridge doctor")
        }
        var request = DialRequest(number: number)
        (request.via, request.modem, request.audio) = (.direct, caller, sides[0].spec.description)
        request.maxSeconds = 90
        await Self.tellCost(of: request, service)
        let id = UUID()
        watch.follow(id)
        do throws(ControlError) { _ = try await service.dial(request, id: id, origin: .local) } catch {
            throw Obstacle(reason: "the call is not made: \(error)")
        }
        let isJoined = await Self.waits(Self.joinedWithin) {
            await Self.turnAway(strangersTo: own, service)
            return watch.isJoined || watch.isOver
        }
        if isJoined, !watch.isOver { _ = await Self.waits(Self.talks) { watch.isOver } }
        for call in await service.calls() { try? await service.hangUp(call.call) }
        guard await Self.waits(Self.endsWithin, { watch.areBothOver }) else {
            throw Obstacle(reason: "the hang-up was not told in time", remedy: "look at both modems: gsmbridge modems")
        }
        guard !watch.isStopped else { throw Obstacle(reason: "interrupted; both modems have hung up") }
        guard watch.isJoined else {
            throw Obstacle(
                reason: "the call had no sound at both ends: \(watch.reasons.joined(separator: "; "))",
                remedy: "see docs/audio.md for the sticks that have it"
            )
        }
    }

    /// Says what the call costs, before it is made.
    private static func tellCost(of request: DialRequest, _ service: GatewayService) async {
        do throws(ControlError) {
            Terminal.standardError("gsmbridge: \(cost(of: try await service.preview(request, origin: .local)))")
        } catch {
            // What is wrong with it is said by the call itself.
            Terminal.standardError("gsmbridge: what the call costs is not known: \(error)")
        }
    }

    /// What a call costs, in a line.
    package static func cost(of preview: RoutePreview) -> String {
        let most =
            preview.maxCost.map { "costs \($0) \(preview.currency) at most" }
            ?? "costs what the tariff of its SIM says, which is not in the configuration"
        return "a call to \(preview.number) (\(preview.policyClass)) is made, of 90 s at most; it \(most)"
    }

    /// Hangs up a call that came in from another number than the first modem's: it is not the one that is measured.
    private static func turnAway(strangersTo number: String, _ service: GatewayService) async {
        for call in await service.calls() where call.direction == .incoming {
            let caller = (call.target ?? "").filter(\.isNumber)
            if caller.suffix(6) != number.filter(\.isNumber).suffix(6) {
                // One that is over by itself is as good.
                try? await service.hangUp(call.call)
            }
        }
    }

    /// - Parameter isCaller: whether the one that said it has made the call, by whatever it was named.
    private func judge(
        _ said: LoopSide,
        at heard: LoopSide,
        isCaller: Bool,
        _ watch: LoopWatch
    ) -> DoctorFinding {
        let subject = "\(said.name) -> \(heard.name)"
        let starts = watch.starts
        let (first, second) = isCaller ? (starts.own, starts.other) : (starts.other, starts.own)
        guard let sound = try? heard.sound(), let first, let second else {
            return finding(.error, subject, "what was heard can't be read")
        }
        guard let level = sound.level else {
            let remedy = "one half of a stick is dead: see docs/audio.md, “When it does not sound right”"
            return finding(.error, subject, "nothing of what one says is heard at the other", remedy: remedy)
        }
        let delay = sound.delay(heardFrom: second, saidFrom: first).map { ", \($0) ms late" } ?? ""
        let measured = "at \(Int(level.rounded())) dBFS\(delay)"
        guard sound.digits.contains(said.digits) else {
            return finding(.warning, subject, "sound comes \(measured), but the digits in it are not whole: it is torn")
        }
        return finding(.ok, subject, "all digits are heard, \(measured)")
    }

    private func entry(_ reference: String) throws -> Configuration.Modem {
        if let found = configuration.modem(reference) { return found }
        throw Obstacle(
            reason: "there is no modem \(reference) in the configuration",
            remedy: "describe it below modems"
        )
    }

    private static func place() throws -> String {
        var name = Array("/tmp/gsmbridge-doctor-XXXXXX".utf8CString)
        guard mkdtemp(&name) != nil else { throw Obstacle(reason: "no directory can be made in /tmp") }
        return String(decoding: name.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    }

    private static func waits(_ limit: Duration, _ isSo: () async -> Bool) async -> Bool {
        let end = ContinuousClock.now + limit
        while await !isSo() {
            guard ContinuousClock.now < end else { return false }
            do { try await Task.sleep(for: .milliseconds(100)) } catch { return false }
        }
        return true
    }

    private func finding(
        _ severity: DoctorFinding.Severity,
        _ subject: String,
        _ message: String,
        remedy: String? = nil
    ) -> DoctorFinding { DoctorFinding(severity, "audio", subject, message, remedy: remedy) }
}

/// What is told of the two calls.
private final class LoopWatch: Sendable {
    private struct State: Sendable {
        var own: UUID?
        var isStopped = false
        var starts: (own: ContinuousClock.Instant?, other: ContinuousClock.Instant?) = (nil, nil)
        var ended: Set<UUID> = []
        var began: Set<UUID> = []
        var reasons: [String] = []
    }

    private let state = Mutex(State())

    init(_ events: EventHub) {
        _ = events.listen(from: nil) { [weak self] entry in
            if let event = entry.event as? CallEvent { self?.take(event) }
            return true
        } ended: {
        }
    }

    func follow(_ call: UUID) { state.withLock { $0.own = call } }

    /// Has it end now.
    func stop() { state.withLock { $0.isStopped = true } }

    private func take(_ event: CallEvent) {
        state.withLock { state in
            switch event.kind {
            case .requested: state.began.insert(event.call)
            case .audio(let report):
                if let reason = report.reason { state.reasons.append("\(report.endpoint): \(reason)") }
                guard report.state == .started else { return }
                if event.call == state.own { state.starts.own = .now } else { state.starts.other = .now }
            case .progress(.ended(let end)):
                state.ended.insert(event.call)
                if let detail = end.detail { state.reasons.append(detail) }
            default: return
            }
        }
    }

    /// When each of the two began to play and to hear.
    var starts: (own: ContinuousClock.Instant?, other: ContinuousClock.Instant?) { state.withLock { $0.starts } }
    var isJoined: Bool { state.withLock { $0.starts.own != nil && $0.starts.other != nil } }
    /// Whether the call that was dialled is over, or is to end now.
    var isOver: Bool {
        state.withLock { state in state.isStopped || state.own.map { state.ended.contains($0) } ?? false }
    }
    /// Whether a person has ended it.
    var isStopped: Bool { state.withLock { $0.isStopped } }
    var areBothOver: Bool { state.withLock { $0.began == $0.ended } }
    var reasons: [String] { state.withLock { $0.reasons } }
}

/// One end of the loop: what it says again and again, and what it hears.
private struct LoopSide {
    /// The silence in front of the digits, and how often they are said, each time so long after the last.
    static let (lead, period, times) = (12_000, 24_000, 10)

    let name: String
    let digits: String
    private let said: String
    private let heard: String

    init(_ name: String, says digits: String, in place: String) {
        (self.name, self.digits) = (name, digits)
        (said, heard) = ("\(place)/\(digits.first ?? "0")-said.wav", "\(place)/\(digits.first ?? "0")-heard.wav")
    }

    var spec: AudioSpec { .wave(playing: said, recording: heard) }

    func write() throws {
        var generator = DTMFGenerator()
        for digit in digits { _ = generator.append(digit) }
        var once: [Int16] = []
        while let frame = generator.next() { frame.withSamples { once += $0 } }
        once += [Int16](repeating: 0, count: max(0, Self.period - once.count))
        let samples = [Int16](repeating: 0, count: Self.lead) + Array(repeatElement(once, count: Self.times).joined())
        let bytes = samples.flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
        try Data(WaveHeader.bytes(soundBytes: bytes.count) + bytes).write(to: URL(filePath: said))
    }

    func sound() throws -> LoopSound { try LoopSound(Array(try Data(contentsOf: URL(filePath: heard)))) }
}

/// What was heard at one end.
private struct LoopSound {
    /// What is louder is no noise of the line.
    private static let threshold = -45.0
    /// So much silence stands before the digits, and never between them: 500 ms.
    private static let pause = 25

    /// The digits in it.
    private(set) var digits = ""
    /// How loud the digits were, in dBFS; nil where none came.
    private(set) var level: Double?
    /// The frames with which digits begin behind a pause.
    private var onsets: [Int] = []

    init(_ file: [UInt8]) throws {
        var reader = try WaveReader(file)
        guard let detector = DTMFDetector() else { return }
        var (index, silence, loud) = (0, Self.pause, [Double]())
        while let frame = reader.next() {
            detector.listen(to: frame) { event in
                if case .began(let digit) = event { digits.append(digit) }
            }
            let decibels = AudioLevel(frame).decibels
            if decibels > Self.threshold {
                if silence >= Self.pause { onsets.append(index) }
                silence = 0
                loud.append(decibels)
            } else {
                silence += 1
            }
            index += 1
        }
        // A click is no sound.
        if loud.count >= 10 { level = loud.sorted()[loud.count / 2] }
    }

    /// How long the digits were under way, in ms: the median; to 20 ms, and as exactly as both beginnings are known.
    func delay(heardFrom: ContinuousClock.Instant, saidFrom: ContinuousClock.Instant) -> Int? {
        let ahead = Int((heardFrom - saidFrom) / .milliseconds(1))
        let period = LoopSide.period / 8
        let delays = onsets.map { onset in
            let late = (ahead + onset * 20 - LoopSide.lead / 8) % period
            let delay = late < 0 ? late + period : late
            return delay > period - 500 ? 0 : delay
        }
        return delays.isEmpty ? nil : delays.sorted()[delays.count / 2]
    }
}
