import CallFlows
import CallModel
import Modem
import ModemTestSupport
import Synchronization
import Testing

@testable import Calls

/// The runner of every call, on a leg that does what the test says.
@Suite struct CallRunTests {
    private final class Bench<Machine: CallMachine>: Sendable {
        let loop = ManualLoop()
        let leg = ManualLeg()
        let run: CallRun<Machine>
        private let outcome = Mutex<CallEnd?>(nil)

        var end: CallEnd? { outcome.withLock { $0 } }

        init(_ machine: Machine, beforeDial: (@Sendable (String) async -> String?)? = nil) {
            var hooks = CallRun<Machine>.Hooks { _ in }
            hooks.beforeDial = beforeDial
            run = CallRun(machine, on: leg, loop: loop, hooks: hooks)
        }

        func take(_ event: Machine.Event) {
            run.assumeIsolated { $0.take(event) }
            loop.runJobs()
        }

        func follow() {
            loop.start { [self] in
                let end = await run.result()
                outcome.withLock { $0 = end }
            }
            loop.runJobs()
        }
    }

    private static let plan = OutgoingCallMachine.Plan(method: .direct, number: "+4930123456")
    private static let dial = LegCommand.dial("+4930123456", blocksFor: .seconds(60))

    @Test("a hang-up that comes before an adopted call has begun is not lost")
    func early() {
        let bench = Bench(IncomingCallMachine(plan: IncomingCallMachine.Plan(number: nil)))
        bench.take(.hangUp)
        bench.run.assumeIsolated { run in run.begin { $0.adopt(answeredFor: .seconds(5), at: $1) } }
        #expect(bench.leg.commands == [.hangUp])
        bench.follow()
        bench.leg.tell(.hungUp(verified: true))
        bench.loop.runJobs()
        #expect(bench.end?.outcome == .completed)
    }

    @Test("a call that is interrupted before it has begun dials nothing")
    func neverBegun() {
        let bench = Bench(OutgoingCallMachine(plan: Self.plan))
        bench.take(.interrupted)
        bench.run.assumeIsolated { run in run.begin { $0.start(at: $1) } }
        bench.follow()
        #expect(bench.leg.commands == [])
        #expect(bench.end?.outcome == .interrupted)
    }

    @Test("nothing is dialled before it is prepared, nor behind a hang-up, nor where that is refused", arguments: 0..<3)
    func prepared(_ row: Int) {
        let answer = Later<String?>()
        let bench = Bench(OutgoingCallMachine(plan: Self.plan)) { _ in await answer.value() }
        bench.run.assumeIsolated { run in run.begin { $0.start(at: $1) } }
        bench.follow()
        #expect(bench.leg.commands == [])
        if row == 1 { bench.take(.interrupted) }
        answer.arrives(row == 2 ? "the disk is full" : nil)
        bench.loop.runJobs()
        #expect(bench.leg.commands == [[Self.dial], [.hangUp], []][row])
        #expect(bench.end?.detail == (row == 2 ? "the disk is full" : nil))
    }

    @Test("a line that is gone ends the call when its next limit comes")
    func gone() {
        let bench = Bench(OutgoingCallMachine(plan: Self.plan))
        bench.run.assumeIsolated { run in run.begin { $0.start(at: $1) } }
        bench.follow()
        bench.leg.vanish()
        bench.loop.advance(to: bench.loop.now + .seconds(61))
        bench.loop.runJobs()
        #expect(bench.end?.outcome == .modemFailed)
        #expect(bench.leg.commands == [Self.dial], "nothing can be hung up there")
    }
}
