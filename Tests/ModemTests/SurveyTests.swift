import ATProtocol
import Logging
import Modem
import ModemSimulator
import ModemTestSupport
import Synchronization
import Testing

/// A session that asks a simulated modem how it stands, on a manual clock.
private final class SurveyRig: Sendable {
    enum Result: Sendable {
        case survey(ModemSurvey)
        case failure(ModemError)
        case silent
    }

    private struct Link: ModemLink {
        let rig: SurveyRig
        func write(_ bytes: [UInt8]) {
            let now = rig.loop.now
            rig.sent.withLock { $0 += String(decoding: bytes, as: UTF8.self).split(separator: "\r").map(String.init) }
            rig.world.withLock { $0?.receive(bytes, from: 0, at: now) }
        }
        func dropLines() {}
    }

    let loop = ManualLoop()
    let session: ModemSession
    let world: Mutex<SimulatedWorld?>
    let sent = Mutex<[String]>([])
    private let result = Mutex<Result?>(nil)

    /// - Parameter profile: the modem; nil for a port behind which nothing is.
    init(_ profile: ModemProfile?) {
        var world = profile.map { _ in SimulatedWorld(seed: 1) }
        if let profile { _ = world?.addModem(profile) }
        self.world = Mutex(world)
        session = ModemSession(loop: loop, log: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Asks, and returns the answer with the time that it took.
    func run(answersWithin: Duration = .milliseconds(2500), within: Duration = .seconds(8)) -> (Result?, Duration) {
        // The card and the registration of a simulated modem need a moment, as a real one does.
        advance(to: loop.now + .seconds(5)) { false }
        let started = loop.now
        Task(executorPreference: loop) { [self] in
            await session.attach(Link(rig: self))
            guard await session.answers(within: answersWithin) else {
                result.withLock { $0 = .silent }
                return
            }
            do throws(ModemError) {
                let survey = try await session.survey(within: within)
                result.withLock { $0 = .survey(survey) }
            } catch {
                result.withLock { $0 = .failure(error) }
            }
        }
        advance(to: started + .seconds(120)) { self.result.withLock { $0 != nil } }
        return (result.withLock { $0 }, loop.now - started)
    }

    private func advance(to limit: ContinuousClock.Instant, until isEnough: () -> Bool) {
        loop.runJobs()
        while !isEnough() {
            let next = [loop.nextDeadline, world.withLock { $0?.nextDeadline }].compactMap { $0 }.min() ?? limit
            loop.advance(to: max(min(next, limit), loop.now))
            for case .bytes(_, let bytes) in world.withLock({ $0?.advance(to: loop.now) ?? [] }) {
                bytes.withUnsafeBufferPointer { buffer in
                    nonisolated(unsafe) let buffer = buffer
                    session.assumeIsolated { $0.received(buffer) }
                }
                loop.runJobs()
            }
            loop.runJobs()
            if loop.now >= limit { return }
        }
    }
}

@Suite("A survey of a modem")
struct SurveyTests {
    private func survey(_ profile: ModemProfile) throws -> ModemSurvey {
        let (result, _) = SurveyRig(profile).run()
        guard case .survey(let survey) = result else {
            Issue.record("no survey: \(String(describing: result))")
            throw ModemError.deaf
        }
        return survey
    }

    @Test("tells what every family says of itself", arguments: ModemFamily.allCases)
    func families(family: ModemFamily) throws {
        let profile = ModemProfile(family, number: 7)
        let survey = try survey(profile)
        #expect(survey.identity.imei == profile.imei)
        #expect(survey.family == family.rawValue)
        #expect(survey.identity.iccid == profile.iccid)
        #expect(survey.sim == .ready)
        #expect(survey.operatorName == profile.operatorName)
        #expect(survey.signal == -73)
        #expect(survey.registration.verdict == .registered(roaming: false))
        #expect(survey.voice != .no)
        #expect(survey.isComplete)
        #expect(survey.obstacle == nil)
    }

    @Test("changes nothing that matters: no PIN, no call, no settings of the family")
    func harmless() {
        let rig = SurveyRig(ModemProfile(.quectel))
        _ = rig.run()
        let sent = rig.sent.withLock { $0 }
        #expect(!sent.isEmpty)
        let setting = sent.filter { $0.contains("=") && !["AT+CMEE=1", "AT+COPS=3,0"].contains($0) }
        #expect(setting == [])
        #expect(
            !sent.contains { $0.hasPrefix("ATD") || $0.hasPrefix("ATH") || $0.contains("CHUP") || $0.contains("Z") }
        )
    }

    @Test(
        "tells what is in the way of a call",
        arguments: [
            (SIMCondition.absent, NetworkRegistration.home, ModemError.simAbsent),
            (.pin(code: "1234", tries: 3), .home, .pinMissing),
            (.puk, .home, .puk),
        ]
    )
    func cards(sim: SIMCondition, registration: NetworkRegistration, obstacle: ModemError) throws {
        var profile = ModemProfile(.quectel)
        profile.sim = sim
        profile.registration = registration
        #expect(try survey(profile).obstacle == obstacle)
    }

    @Test(
        "tells where the modem is registered",
        arguments: [
            (NetworkRegistration.roaming, RegistrationStatus.Verdict.registered(roaming: true), true),
            (.searching, .searching, false), (.denied, .denied, false), (.none, .none, false),
            (.emergencyOnly, .emergencyOnly, false), (.evolvedOnly, .dataOnly(roaming: false), true),
        ]
    )
    func registration(state: NetworkRegistration, verdict: RegistrationStatus.Verdict, callsMayWork: Bool) throws {
        var profile = ModemProfile(.quectel)
        profile.registration = state
        let survey = try survey(profile)
        #expect(survey.registration.verdict == verdict)
        #expect((survey.obstacle == nil) == callsMayWork)
    }

    @Test("knows a voice stick by its own word")
    func voice() throws {
        #expect(try survey(ModemProfile(.huawei)).voice == .yes)
        #expect(try survey(ModemProfile(.generic)).voice == .unknown)
    }

    @Test("gives a port up after its limit when nothing is behind it")
    func nothing() {
        let (result, took) = SurveyRig(nil).run()
        guard case .silent = result else {
            Issue.record("nobody is there: \(String(describing: result))")
            return
        }
        #expect(took == .milliseconds(2500))
    }

    @Test(
        "reaches a modem whose first answer is lost or late",
        arguments: [
            SimulatedFault.lostReply(command: "AT", .first(1)),
            .lateReply(command: "AT", delay: .milliseconds(1200), .first(1)),
            .numericResults, .echoReturns, .splitWrites, .garbage,
        ]
    )
    func badStart(fault: SimulatedFault) throws {
        var profile = ModemProfile(.huawei)
        profile.faults = [fault]
        if case .numericResults = fault { profile.startsNumeric = true }
        #expect(try survey(profile).identity.imei == profile.imei)
    }

    @Test("returns what it knows when the modem is too slow")
    func slow() throws {
        var profile = ModemProfile(.quectel)
        profile.faults = [.lateReply(command: "AT+CSQ", delay: .seconds(60), .always)]
        let (result, took) = SurveyRig(profile).run(within: .seconds(3))
        guard case .survey(let survey) = result else {
            Issue.record("no survey: \(String(describing: result))")
            return
        }
        #expect(survey.identity.imei == profile.imei)
        #expect(survey.signal == nil)
        #expect(!survey.isComplete)
        #expect(took < .seconds(4))
    }
}
