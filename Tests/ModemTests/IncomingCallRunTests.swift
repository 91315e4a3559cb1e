import CallFlows
import CallModel
import Calls
import Modem
import ModemSimulator
import ModemTestSupport
import Synchronization
import Testing

/// Whole calls that come in, run by the gateway.
@Suite struct IncomingCallRunTests {
    /// A rig whose watcher makes a run for each call.
    private final class Watched: Sendable {
        struct State: Sendable {
            var run: CallRun<IncomingCallMachine>?
            var leg: ModemLeg?
            var progress: [CallProgress] = []
            var end: CallEnd?
        }

        let rig: RingRig
        let state: Mutex<State>

        init?(
            _ family: SimulatedFamily,
            answersAtOnce: Bool,
            maxDuration: Duration = .seconds(3600)
        ) {
            guard let rig = RingRig(ModemProfile(family), decide: { _ in answersAtOnce ? .answer : .later }) else {
                return nil
            }
            self.rig = rig
            state = Mutex(State())
            let loop = rig.rig.loop
            let watch = rig.perform { [self] session in
                await session.watchIncoming { _ in
                    answersAtOnce ? .answer : .later
                } updates: { [self] update in
                    if case .ringing(let call) = update {
                        let plan = IncomingCallMachine.Plan(number: call.number, maxDuration: maxDuration)
                        let leg = ModemLeg(session, loop)
                        leg.follow(call)
                        let hooks = CallRun<IncomingCallMachine>
                            .Hooks { [self] step in
                                state.withLock { $0.progress.append(step) }
                            }
                        let run = CallRun(IncomingCallMachine(plan: plan), on: leg, loop: loop, hooks: hooks)
                        state.withLock { ($0.run, $0.leg) = (run, leg) }
                        run.assumeIsolated { run in
                            run.begin { $0.start(answersAtOnce ? .answering : .ask, at: $1) }
                        }
                        loop.start { [self] in
                            let end = await run.result()
                            state.withLock { $0.end = end }
                        }
                    } else {
                        state.withLock { $0.leg }?.take(update)
                    }
                }
                return true
            }
            guard watch == true else { return nil }
        }

        var end: CallEnd? { state.withLock { $0.end } }
        var run: CallRun<IncomingCallMachine>? { state.withLock { $0.run } }
        var steps: [String] {
            state.withLock {
                $0.progress.map { step in
                    switch step {
                    case .ringing: "ringing"
                    case .connected: "connected"
                    case .inProgress: "in progress"
                    case .ended(let end): "ended: \(end.outcome.rawValue)"
                    case .dialing, .alerting, .handover: "wrong"
                    }
                }
            }
        }
    }

    @Test("answered at once, ended by the caller", arguments: SimulatedFamily.allCases)
    func answered(_ family: SimulatedFamily) throws {
        let watched = try #require(Watched(family, answersAtOnce: true))
        let id = try #require(watched.rig.ring())
        watched.rig.pass(.seconds(30))
        watched.rig.hangUpFarSide(id)
        watched.rig.pass(.seconds(6))
        #expect(watched.steps == ["ringing", "connected", "in progress", "ended: completed"])
        #expect(watched.end?.by == .remote)
        #expect(watched.end.map { $0.seconds > .seconds(25) && $0.seconds < .seconds(36) } == true)
    }

    @Test("a person takes the call and hangs up", arguments: SimulatedFamily.allCases)
    func taken(_ family: SimulatedFamily) throws {
        let watched = try #require(Watched(family, answersAtOnce: false))
        watched.rig.ring(givesUpAfter: .seconds(60))
        watched.rig.pass(.seconds(9))
        let run = try #require(watched.run)
        _ = watched.rig.perform { _ in await run.take(.accept) }
        watched.rig.pass(.seconds(3))
        #expect(watched.steps == ["ringing", "connected", "in progress"])
        let digit = watched.rig.perform { await $0.sendDigit("1", tone: .milliseconds(120)) }
        if case .acknowledged = digit {} else { Issue.record("\(String(describing: digit))") }
        _ = watched.rig.perform { _ in await run.take(.hangUp) }
        watched.rig.pass(.seconds(8))
        #expect(watched.end?.outcome == .completed)
        #expect(watched.end?.by == .local)
        #expect(watched.end?.hangUpVerified == true)
        #expect(watched.rig.live == 0)
    }

    @Test("declined, interrupted, missed, and the limit", arguments: SimulatedFamily.allCases)
    func otherEnds(_ family: SimulatedFamily) throws {
        let declined = try #require(Watched(family, answersAtOnce: false))
        declined.rig.ring()
        declined.rig.pass(.seconds(2))
        let run = try #require(declined.run)
        _ = declined.rig.perform { _ in await run.take(.decline) }
        declined.rig.pass(.seconds(15))
        #expect(declined.steps == ["ringing", "ended: rejected"])
        #expect(declined.end?.hangUpVerified == true)

        let missed = try #require(Watched(family, answersAtOnce: false))
        missed.rig.ring(givesUpAfter: .seconds(8))
        missed.rig.pass(.seconds(20))
        #expect(missed.steps == ["ringing", "ended: no_answer"])
        #expect(missed.end?.by == .remote)

        let limited = try #require(Watched(family, answersAtOnce: true, maxDuration: .seconds(20)))
        limited.rig.ring()
        limited.rig.pass(.seconds(40))
        #expect(limited.steps.last == "ended: completed")
        #expect(limited.end?.by == .local)
        #expect(limited.rig.live == 0)

        let interrupted = try #require(Watched(family, answersAtOnce: true))
        interrupted.rig.ring()
        interrupted.rig.pass(.seconds(5))
        let running = try #require(interrupted.run)
        _ = interrupted.rig.perform { _ in await running.take(.interrupted) }
        interrupted.rig.pass(.seconds(15))
        #expect(interrupted.end?.outcome == .interrupted)
        #expect(interrupted.rig.live == 0)
    }
}
