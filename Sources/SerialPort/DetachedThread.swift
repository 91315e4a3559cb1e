import CLinux
import NIOCore
import Synchronization

/// A thread that may block for ever in the kernel without holding up another.
///
/// One quality of cheap modems' drivers is that `open`, `close` and line-control calls can block for minutes, or until
/// the box is restarted, in a way that no signal ends. A thread pool would lose a worker each time.
enum DetachedThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Starts `body` on a thread of its own; returns 0, or a negative `errno` when there can be no more threads.
    static func start(named name: String, _ body: @escaping @Sendable () -> Void) -> Int32 {
        let context = Unmanaged.passRetained(Body(body))
        let status = clinux_detached_thread(
            name,
            { pointer in
                guard let pointer else { return }
                Unmanaged<Body>.fromOpaque(pointer).takeRetainedValue().run()
            },
            context.toOpaque()
        )
        if status < 0 { context.release() }
        return status
    }

    /// How a wait for a thread ended.
    enum Outcome<Value: Sendable>: Sendable {
        case finished(Value)
        case timedOut
        case cancelled
        case notStarted(errno: Int32)
    }

    /// Runs `body` on a thread of its own and waits for it no longer than `limit`.
    ///
    /// A value that comes after the wait has ended goes to `late`, on that thread.
    static func run<Value: Sendable>(
        named name: String,
        limit: Duration,
        on eventLoop: any EventLoop,
        body: @escaping @Sendable () -> Value,
        late: @escaping @Sendable (Value) -> Void
    ) async -> Outcome<Value> {
        let meeting = Meeting<Outcome<Value>>()
        return await withTaskCancellationHandler {
            let timer = eventLoop.scheduleTask(in: TimeAmount(limit)) { _ = meeting.settle(.timedOut) }
            // The timer fails when it is cancelled below, which changes nothing, and when the loop is gone, which is the end.
            timer.futureResult.whenFailure { _ in _ = meeting.settle(.timedOut) }
            let status = start(named: name) {
                let value = body()
                if !meeting.settle(.finished(value)) { late(value) }
            }
            if status < 0 { _ = meeting.settle(.notStarted(errno: -status)) }
            let outcome = await meeting.outcome()
            timer.cancel()
            return outcome
        } onCancel: {
            _ = meeting.settle(.cancelled)
        }
    }
}

/// A value that several sides race to provide and one side waits for.
private final class Meeting<Value: Sendable>: Sendable {
    private enum State {
        case open
        case awaited(CheckedContinuation<Value, Never>)
        case settled(Value)
        case over
    }

    private let state = Mutex<State>(.open)

    /// Provides the value; false when another one came first.
    func settle(_ value: Value) -> Bool {
        let (accepted, continuation) = self.state.withLock { state -> (Bool, CheckedContinuation<Value, Never>?) in
            switch state {
            case .open:
                state = .settled(value)
                return (true, nil)
            case .awaited(let continuation):
                state = .over
                return (true, continuation)
            case .settled, .over:
                return (false, nil)
            }
        }
        continuation?.resume(returning: value)
        return accepted
    }

    /// Waits for the first value; to be called once.
    func outcome() async -> Value {
        await withCheckedContinuation { continuation in
            let value = self.state.withLock { state -> Value? in
                guard case .settled(let value) = state else {
                    state = .awaited(continuation)
                    return nil
                }
                state = .over
                return value
            }
            if let value { continuation.resume(returning: value) }
        }
    }
}

/// A door that opens once and then stays open.
final class Latch: Sendable {
    private let state = Mutex<(isOpen: Bool, waiting: [CheckedContinuation<Void, Never>])>((false, []))

    /// Lets all waiters through, now and later.
    func open() {
        let waiting = self.state.withLock { state in
            state.isOpen = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Returns when the door is open.
    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = self.state.withLock { state in
                if !state.isOpen { state.waiting.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}
