internal import CLinux
internal import CSofiaSIP
internal import Glibc
internal import Synchronization

/// The thread of SIP: the executor of its actor, and the loop that the stack calls back on, so that neither waits for the other.
///
/// The thread lives as long as the loop is referred to.
final class SIPLoop: SerialExecutor {
    /// What the thread and the executor share.
    final class Core: Sendable {
        // The pointer is used by the thread alone, but for `csip_loop_wake`, which any thread may call.
        nonisolated(unsafe) let loop: OpaquePointer
        let jobs = Mutex<[UnownedJob]>([])
        let owner = Mutex<SIPLoop.Weak>(Weak())
        let thread = Atomic<UInt>(0)
        let isOver = Atomic<Bool>(false)
        let alarm = Mutex<@Sendable () -> Void>({})
        /// What is done behind the present turn; used by the thread alone.
        nonisolated(unsafe) var afterwards: [() -> Void] = []
        /// Who says whether requests are heard; used by the thread alone.
        nonisolated(unsafe) var gate: ((String, Bool, Bool) -> Bool)?
        /// Who hears what the stack logs of messages; used by the thread alone.
        nonisolated(unsafe) var pieces: ((String) -> Void)?

        init(_ loop: OpaquePointer) { self.loop = loop }

        deinit { csip_loop_destroy(loop) }

        /// Runs what was handed over.
        func turn() {
            if isOver.load(ordering: .acquiring) { return csip_loop_stop(loop) }
            let waiting = jobs.withLock { jobs in
                defer { jobs = [] }
                return jobs
            }
            let rest = afterwards
            afterwards = []
            for body in rest { body() }
            guard !waiting.isEmpty, let executor = owner.withLock({ $0.loop }) else { return }
            for job in waiting { job.runSynchronously(on: executor.asUnownedSerialExecutor()) }
        }
    }

    /// Holds the executor for the thread, which must not keep it alive.
    struct Weak {
        weak var loop: SIPLoop?
    }

    private let core: Core

    /// Starts the thread; nil where the system has no more descriptors or threads.
    init?() {
        let context = UnsafeMutablePointer<Unmanaged<Core>>.allocate(capacity: 1)
        let made = csip_loop_create(
            { $0?.assumingMemoryBound(to: Unmanaged<Core>.self).pointee.takeUnretainedValue().turn() },
            {
                guard let core = $0?.assumingMemoryBound(to: Unmanaged<Core>.self).pointee.takeUnretainedValue() else {
                    return
                }
                core.alarm.withLock({ $0 })()
            },
            context
        )
        guard let made else {
            context.deallocate()
            return nil
        }
        core = Core(made)
        context.initialize(to: Unmanaged.passRetained(core))
        let status = clinux_detached_thread(
            "sip",
            { pointer in
                guard let context = pointer?.assumingMemoryBound(to: Unmanaged<Core>.self) else { return }
                let core = context.pointee.takeUnretainedValue()
                core.thread.store(UInt(bitPattern: Int(pthread_self())), ordering: .releasing)
                _ = csip_loop_run(core.loop)
                context.pointee.release()
                context.deallocate()
            },
            context
        )
        guard status >= 0 else {
            context.pointee.release()
            context.deallocate()
            return nil
        }
        core.owner.withLock { $0.loop = self }
        // Without descriptors it can't run, and nothing that is handed to it would ever be done.
        guard csip_loop_has_begun(core.loop) else { return nil }
    }

    deinit {
        core.isOver.store(true, ordering: .releasing)
        csip_loop_wake(core.loop)
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        core.jobs.withLock { $0.append(job) }
        csip_loop_wake(core.loop)
    }

    // Without these two, `assumeIsolated` in a callback of the stack would trap.

    func checkIsolated() { precondition(isCurrent, "this is not the thread of SIP") }

    func isIsolatingCurrentContext() -> Bool? { isCurrent }

    private var isCurrent: Bool {
        core.thread.load(ordering: .acquiring) == UInt(bitPattern: Int(pthread_self()))
    }

    // MARK: On the loop

    /// The loop of the stack.
    var pointer: OpaquePointer { core.loop }

    /// Has it asked of each request from an address to a registrar whether that is heard; on the loop.
    func guardRequests(by gate: @escaping (String, _ isStream: Bool, _ isCounted: Bool) -> Bool) {
        core.gate = gate
        csip_guard(
            { context, source, isStream, isCounted in
                guard let context, let source else { return true }
                let core = Unmanaged<Core>.fromOpaque(context).takeUnretainedValue()
                return core.gate?(String(cString: source), isStream, isCounted) ?? true
            },
            Unmanaged.passUnretained(core).toOpaque()
        )
    }

    /// Has what the stack logs of messages told, in pieces; nil ends that.
    func listen(to pieces: ((String) -> Void)?) {
        core.pieces = pieces
        guard pieces != nil else { return csip_trace(nil, nil) }
        csip_trace(
            { context, text in
                guard let context, let text else { return }
                let core = Unmanaged<Core>.fromOpaque(context).takeUnretainedValue()
                core.pieces?(String(cString: text))
            },
            Unmanaged.passUnretained(core).toOpaque()
        )
    }

    /// Does something when the stack has returned.
    func afterwards(_ body: @escaping () -> Void) {
        core.afterwards.append(body)
        csip_loop_wake(core.loop)
    }

    /// What is done when the alarm goes.
    func listen(_ alarm: @escaping @Sendable () -> Void) { core.alarm.withLock { $0 = alarm } }

    /// Sets the alarm, in the place of an earlier one.
    func setAlarm(in time: Duration) {
        let milliseconds = max(1, min(time / .milliseconds(1), 3_600_000))
        csip_loop_alarm(core.loop, UInt32(milliseconds.rounded(.up)))
    }
}
