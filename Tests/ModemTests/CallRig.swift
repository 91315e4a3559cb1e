import CallFlows
import CallModel
import CallRecords
import Calls
import Logging
import Modem
import ModemSimulator
import ModemTestSupport
import Synchronization

/// A modem session on a simulated modem, both on a manual clock: the whole product without a thread, a tty or a wait.
final class CallRig: Sendable {
    /// What a run showed.
    struct Outcome: Sendable {
        var end: CallEnd?
        var bringUpError: ModemError?
        var progress: [CallProgress] = []
        var wasIdleAtTheEnd = false
        /// How long it took on the simulated clock.
        var took: Duration = .zero
    }

    private struct Link: ModemLink {
        let rig: CallRig
        func write(_ bytes: [UInt8]) { rig.written(bytes) }
        func dropLines() {}
    }

    let loop = ManualLoop()
    let session: ModemSession
    private let world: Mutex<SimulatedWorld>
    private let outcome = Mutex(Outcome())
    private let isDone = Mutex(false)
    private let farSide = Mutex<[FarSideEvent]>([])
    /// When something was last written that ends a call.
    private let hangUpWritten = Mutex<ContinuousClock.Instant?>(nil)
    private let late = Mutex(0)
    private let sound = Mutex<[UInt8]>([])

    /// What came over the voice tty so far.
    var soundBytes: [UInt8] { sound.withLock { $0 } }

    /// How many interruptions were not followed by a hang-up within 3 s, though the call was up all the time.
    var lateHangUps: Int { late.withLock { $0 } }

    init(
        _ profile: ModemProfile,
        seed: UInt64 = 1,
        log: Logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    ) {
        var world = SimulatedWorld(seed: seed)
        _ = world.addModem(profile)
        self.world = Mutex(world)
        session = ModemSession(loop: loop, log: log)
    }

    private func written(_ bytes: [UInt8]) {
        let now = loop.now
        let text = String(decoding: bytes, as: UTF8.self)
        if ["+CHUP", "ATH", "+CHLD=", "+QHUP", "^SHUP"].contains(where: text.contains) {
            hangUpWritten.withLock { $0 = now }
        }
        world.withLock { $0.receive(bytes, from: 0, at: now) }
    }

    /// Looks 3 s after an interruption whether a hang-up is out, if there is a call to hang up.
    private func expectHangUp() {
        let began = loop.now
        guard withWorld({ world, _ in world.liveCalls(of: 0) > 0 }) else { return }
        _ = loop.schedule(at: began + .seconds(3)) { [self] in
            guard withWorld({ world, _ in world.liveCalls(of: 0) > 0 && world.isPlugged(0) }) else { return }
            // One that is out already, and still waited for, will do.
            if hangUpWritten.withLock({ $0 }) == nil { late.withLock { $0 += 1 } }
        }
    }

    func withWorld<T: Sendable>(_ body: (inout SimulatedWorld, ContinuousClock.Instant) -> T) -> T {
        let now = loop.now
        return world.withLock { body(&$0, now) }
    }

    /// Makes a call from bring-up to the end.
    ///
    /// - Parameters:
    ///   - interruptAfter: when the user interrupts, counted from the dial command.
    ///   - when: looks at each step of progress and may do something to the world or the run.
    func call(
        _ number: String = "+4922166966966",
        script: String = "03012345678#",
        maxDuration: Duration = .seconds(3600),
        bringUp: ModemSession.BringUp = ModemSession.BringUp(),
        interruptAfter: Duration? = nil,
        journal: (any DialJournal)? = nil,
        when: @escaping @Sendable (CallProgress, CallRig, CallRun<OutgoingCallMachine>) -> Void = { _, _, _ in }
    ) -> Outcome {
        let steps = script.map { DTMFScript.Step.digit($0, secret: false) }
        let plan = OutgoingCallMachine.Plan(
            method: script.isEmpty ? .direct : .callthrough,
            number: number,
            steps: steps,
            settle: .milliseconds(1500),
            maxDuration: maxDuration,
            hangUpWithin: .seconds(120)
        )
        let started = loop.now
        let holder = Mutex<CallRun<OutgoingCallMachine>?>(nil)
        var hooks = CallRun<OutgoingCallMachine>
            .Hooks { [self] progress in
                outcome.withLock { $0.progress.append(progress) }
                if let run = holder.withLock({ $0 }) { when(progress, self, run) }
            }
        hooks.journal = journal
        let machine = OutgoingCallMachine(plan: plan)
        let run = CallRun(machine, on: ModemLeg(session, loop), loop: loop, hooks: hooks)
        holder.withLock { $0 = run }
        Task(executorPreference: loop) { [self] in
            await session.attach(Link(rig: self))
            do throws(ModemError) {
                try await session.bringUp(bringUp)
                try await session.prepareToDial()
                if let interruptAfter {
                    _ = loop.schedule(at: loop.now + interruptAfter) { [self] in
                        expectHangUp()
                        run.post(.interrupted)
                    }
                }
                var end = await run.run()
                let idle = await session.ensureIdle()
                // As the gateway takes it.
                if !idle, end.outcome != .modemFailed { end.hangUpVerified = false }
                outcome.withLock { [end] in
                    $0.end = end
                    $0.wasIdleAtTheEnd = idle
                }
            } catch {
                outcome.withLock { $0.bringUpError = error }
            }
            isDone.withLock { $0 = true }
        }
        drive(until: started + .seconds(4 * 3600)) { self.isDone.withLock { $0 } }
        outcome.withLock { $0.took = loop.now - started }
        return outcome.withLock { $0 }
    }

    /// Looks for calls that nobody follows, every 30 s, as the service does while nobody has the modem.
    func lookIdle(times: Int) {
        for _ in 0..<times {
            let isDone = Mutex(false)
            loop.start { [session] in
                _ = await session.endLeftBehindCalls()
                isDone.withLock { $0 = true }
            }
            drive(until: loop.now + .seconds(120)) { isDone.withLock { $0 } }
            drive(until: loop.now + .seconds(30))
        }
    }

    /// Runs something with the session, which is attached to its modem, on the loop; drive the rig to see it happen.
    func start(_ body: @escaping @Sendable (ModemSession) async -> Void) {
        Task(executorPreference: loop) { [self] in
            await session.attach(Link(rig: self))
            await body(session)
        }
    }

    /// Lets the world and the session go on, step by step, until a condition holds or a time has come.
    func drive(until limit: ContinuousClock.Instant, _ isEnough: () -> Bool = { false }) {
        loop.runJobs()
        while !isEnough() {
            let next = [loop.nextDeadline, world.withLock { $0.nextDeadline }].compactMap { $0 }.min() ?? limit
            guard next <= limit else { return loop.advance(to: limit) }
            loop.advance(to: max(next, loop.now))
            deliver(world.withLock { $0.advance(to: loop.now) })
            loop.runJobs()
            if next == limit { return }
        }
    }

    /// Lets the modem say a line of its own accord.
    func say(_ line: String) { deliver([.bytes(modem: 0, Array("\r\n\(line)\r\n".utf8))]) }

    private func deliver(_ outputs: [WorldOutput]) {
        for output in outputs {
            switch output {
            case .bytes(_, let bytes):
                bytes.withUnsafeBufferPointer { buffer in
                    nonisolated(unsafe) let buffer = buffer
                    session.assumeIsolated { $0.received(buffer) }
                }
            case .unplugged: session.assumeIsolated { $0.linkClosed() }
            case .sound(_, let bytes): sound.withLock { $0 += bytes }
            case .plugged, .voicePort: break
            case .farSide(let event): farSide.withLock { $0.append(event) }
            }
            loop.runJobs()
        }
    }
}

extension CallRig.Outcome {
    /// The names of what happened, handover reduced to one entry.
    var steps: [String] {
        var names: [String] = []
        for step in progress {
            let name: String =
                switch step {
                case .dialing: "dialing"
                case .alerting: "alerting"
                case .ringing: "ringing"
                case .connected: "connected"
                case .handover(_, let sent, let total): sent == total ? "handed over" : "digit"
                case .inProgress: "in progress"
                case .ended: "ended"
                }
            if name != "digit" { names.append(name) }
        }
        return names
    }
}
